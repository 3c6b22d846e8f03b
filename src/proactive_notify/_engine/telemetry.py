"""
What the engine tells its observers, one frozen value at a time. None holds an address or a body.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..domain.decisions import StaffWord
from ..ports import Observer

log = logging.getLogger("proactive_notify")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSent:
    """A provider took a message, and that is written down."""

    order_id: str
    notice: str
    channel: str
    attempts: int
    #: How long after it was due.
    waited: timedelta = timedelta()
    #: How long the provider took.
    took: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFailed:
    """A message did not leave. ``again_at`` says when it is tried again; ``None``: never."""

    order_id: str
    notice: str
    channel: str
    rule: str
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReopened:
    """A message that had been taken came back. It goes by the next channel, or the staff hear of it."""

    order_id: str
    notice: str
    channel: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressSuppressed:
    """An address is not used again on this channel. It is not named here."""

    channel: str
    cause: str
    order_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsRecorded:
    """Events were committed: so many new ones, and so many that had been known."""

    new: int
    known: int
    #: How long their callers waited.
    took: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseRescued:
    """A sender died, and what it held was put back."""

    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseLost:
    """What became of messages could not be written, because somebody else had taken them over."""

    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFailed:
    """The store could not be written. What was to be written is kept in memory and tried again."""

    #: What was being done: ``claim``, ``settle``, ``renew`` …
    work: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerOpened:
    """A provider is away: nothing more is tried on this channel until ``until``, then one message."""

    channel: str
    code: str
    failures: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerClosed:
    """A provider is back."""

    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPaused:
    """A provider refused us. Nothing is lost; the channel is tried again at ``until``."""

    channel: str
    code: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffAsked:
    """The shop's people should know or do something about an order."""

    word: StaffWord


class Observers:
    """
    Tells every observer. One that raises is logged and counted; it cannot stop a message.
    """

    def __init__(self, observers: Iterable[Observer] = ()) -> None:
        self._observers = tuple(observers)
        self.failures = 0

    def tell(self, happening: object) -> None:
        for observer in self._observers:
            try:
                observer(happening)
            except Exception as error:
                self.failures += 1
                log.error("an observer failed with %s", type(error).__name__)

    def tell_staff(self, words: Iterable[StaffWord]) -> None:
        """Tell of words to the staff, and log them: they must reach somebody."""
        for word in words:
            about = f"order {word.order_id}" if word.order_id else "no order"
            log.warning("%s: %s (%s)", about, word.text, word.subject)
            self.tell(StaffAsked(word=word))
