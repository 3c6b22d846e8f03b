"""
What a sender holds under a lease, and how it comes by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .._policy.cases import Case, QueuedMessage, QueuedNotice
from .._policy.pace import Pace


@dataclass(slots=True, kw_only=True)
class Claimed:
    """A message that is ours for the length of the lease, with its case."""

    message: QueuedMessage
    notice: QueuedNotice
    case: Case
    suppressed: bool
    #: The fence: who has taken it over since has another one.
    token: str
    #: The channel rests until then; it was claimed because it cannot wait.
    rests_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much a sender may take of one channel."""

    limit: int
    #: Only what would be too late at this instant: the provider is away until then.
    before: datetime | None = None
    pace: Pace | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What was claimed."""

    found: list[Claimed] = field(default_factory=list)
    #: When a channel that keeps a pace has room again; ``None``: none is waited for.
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    """
    A sender of this process that takes what is recorded at once: it is inserted as claimed.

    Args:
        rooms: channel → how many.
    """

    token: str
    lease: timedelta
    rooms: Mapping[str, int]
