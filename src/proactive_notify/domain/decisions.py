"""
One line of *why*: what was decided about a notice, and by which rule.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """What was decided."""

    QUEUED = "queued"
    #: A newer or a worse word says it too.
    MERGED = "merged"
    #: Not now: the rule says when it is asked again.
    HELD = "held"
    DROPPED = "dropped"
    SENT = "sent"
    #: The order was handed to people.
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision about one order."""

    order_id: str
    decision: Verdict
    #: Which rule, in a few words joined by hyphens; after a colon what it was about.
    rule: str
    at: datetime
    notice: str = ""
    occasion: str = ""
    #: The key of the event that caused it.
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffWord:
    """Something the shop's own people should know or do about an order."""

    #: Empty where it is about none: somebody asked who has no order here.
    order_id: str
    at: datetime
    #: ``going-quiet``, ``undelivered``, ``provider``, ``contradiction``, ``import`` or ``unknown-order``.
    subject: str
    #: One sentence, without addresses.
    text: str
    #: The promise that is at risk, as ``<kind>:<ordinal>``; empty where it is about none.
    promise: str = ""
    #: When the shop's people were told; ``None``: not yet, or nobody tells them.
    told_at: datetime | None = None
