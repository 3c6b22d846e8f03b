"""
What is counted and measured, as one table that Prometheus and OpenTelemetry share.

Names and units are those of OpenTelemetry; Prometheus' names follow from them as OpenTelemetry's own compatibility
rules say. A label takes few values: the name of a channel or of a notice, or a word of ours. Never an order, never a
provider's answer.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from .._engine.telemetry import (
    AddressSuppressed,
    BreakerClosed,
    BreakerOpened,
    ChannelPaused,
    EventsRecorded,
    LeaseLost,
    LeaseRescued,
    MessageFailed,
    MessageReopened,
    MessageSent,
    StaffAsked,
    StoreFailed,
)


class Sort(Enum):
    """How an instrument adds up what it is told."""

    COUNTER = "counter"
    HISTOGRAM = "histogram"
    GAUGE = "gauge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """
    One counter, histogram or gauge.

    Args:
        name: with dots, as OpenTelemetry writes it.
        unit: in UCUM, as OpenTelemetry writes it: ``s``, ``{message}``; empty for a state that is 0 or 1.
        labels: the names of its labels.
        buckets: the upper bounds of a histogram's buckets, in its unit.
    """

    name: str
    sort: Sort
    unit: str
    about: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()

    @property
    def prometheus_name(self) -> str:
        """The name as Prometheus writes it, without the ``_total`` that its client adds to a counter."""
        return self.name.replace(".", "_") + ("_seconds" if self.unit == "s" else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One number for one instrument."""

    instrument: Instrument
    value: float
    labels: dict[str, str]


#: A provider answers in milliseconds, and has 10 minutes for the final dot (RFC 5321 section 4.5.3.2.6).
_PROVIDER = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600)
#: From a hot handoff to an outage of a day.
_WAIT = (0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 21_600, 86_400)
#: A commit.
_COMMIT = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

SENT = Instrument(
    name="proactive_notify.messages.sent",
    sort=Sort.COUNTER,
    unit="{message}",
    about="Messages that a provider took.",
    labels=("channel", "notice"),
)
SEND_DURATION = Instrument(
    name="proactive_notify.send.duration",
    sort=Sort.HISTOGRAM,
    unit="s",
    about="How long the provider took to take a message.",
    labels=("channel",),
    buckets=_PROVIDER,
)
WAIT_DURATION = Instrument(
    name="proactive_notify.wait.duration",
    sort=Sort.HISTOGRAM,
    unit="s",
    about="How long after it was due a message was taken.",
    labels=("channel",),
    buckets=_WAIT,
)
FAILED = Instrument(
    name="proactive_notify.messages.failed",
    sort=Sort.COUNTER,
    unit="{message}",
    about="Tries after which a message had not left; `again` says whether it is tried again.",
    labels=("channel", "notice", "reason", "again"),
)
REOPENED = Instrument(
    name="proactive_notify.messages.reopened",
    sort=Sort.COUNTER,
    unit="{message}",
    about="Messages that a provider had taken and that came back.",
    labels=("channel", "notice"),
)
SUPPRESSED = Instrument(
    name="proactive_notify.addresses.suppressed",
    sort=Sort.COUNTER,
    unit="{address}",
    about="Addresses that are not used again on a channel.",
    labels=("channel", "cause"),
)
RECORDED = Instrument(
    name="proactive_notify.events.recorded",
    sort=Sort.COUNTER,
    unit="{event}",
    about="New events that were committed.",
)
REPEATED = Instrument(
    name="proactive_notify.events.repeated",
    sort=Sort.COUNTER,
    unit="{event}",
    about="Events that had been known and changed nothing.",
)
RECORD_DURATION = Instrument(
    name="proactive_notify.record.duration",
    sort=Sort.HISTOGRAM,
    unit="s",
    about="How long whoever recorded events waited for the commit.",
    buckets=_COMMIT,
)
RESCUED = Instrument(
    name="proactive_notify.leases.rescued",
    sort=Sort.COUNTER,
    unit="{message}",
    about="Messages that were put back because their sender had died.",
)
LOST = Instrument(
    name="proactive_notify.leases.lost",
    sort=Sort.COUNTER,
    unit="{message}",
    about="Messages whose outcome could not be written because another sender had taken them over.",
)
STORE_FAILURES = Instrument(
    name="proactive_notify.store.failures",
    sort=Sort.COUNTER,
    unit="{failure}",
    about="Times that the store could not be written.",
    labels=("work", "error"),
)
BREAKER_OPENED = Instrument(
    name="proactive_notify.breaker.opened",
    sort=Sort.COUNTER,
    unit="{opening}",
    about="Times that a provider was found to be away.",
    labels=("channel",),
)
BREAKER_OPEN = Instrument(
    name="proactive_notify.breaker.open",
    sort=Sort.GAUGE,
    unit="",
    about="1 while a provider is away, 0 when it is back.",
    labels=("channel",),
)
PAUSES = Instrument(
    name="proactive_notify.channel.pauses",
    sort=Sort.COUNTER,
    unit="{pause}",
    about="Times that a provider refused us.",
    labels=("channel",),
)
PAUSED_UNTIL = Instrument(
    name="proactive_notify.channel.paused_until.timestamp",
    sort=Sort.GAUGE,
    unit="s",
    about="Until when a channel rests after its provider refused us, in seconds since 1970. It may have passed.",
    labels=("channel",),
)
STAFF = Instrument(
    name="proactive_notify.staff.words",
    sort=Sort.COUNTER,
    unit="{word}",
    about="Words to the shop's people.",
    labels=("subject",),
)

_Value = Callable[[Any], float | timedelta]


def _one(_: object) -> float:
    return 1


#: What each happening adds to which instrument.
_MEASURES: Mapping[type, tuple[tuple[Instrument, _Value], ...]] = {
    MessageSent: ((SENT, _one), (SEND_DURATION, lambda it: it.took), (WAIT_DURATION, lambda it: it.waited)),
    MessageFailed: ((FAILED, _one),),
    MessageReopened: ((REOPENED, _one),),
    AddressSuppressed: ((SUPPRESSED, _one),),
    EventsRecorded: (
        (RECORDED, lambda it: it.new),
        (REPEATED, lambda it: it.known),
        (RECORD_DURATION, lambda it: it.took),
    ),
    LeaseRescued: ((RESCUED, lambda it: it.count),),
    LeaseLost: ((LOST, lambda it: it.count),),
    StoreFailed: ((STORE_FAILURES, _one),),
    BreakerOpened: ((BREAKER_OPENED, _one), (BREAKER_OPEN, _one)),
    BreakerClosed: ((BREAKER_OPEN, lambda _: 0),),
    ChannelPaused: ((PAUSES, _one), (PAUSED_UNTIL, lambda it: it.until.timestamp())),
    StaffAsked: ((STAFF, _one),),
}

#: Every instrument that there is, each once.
INSTRUMENTS = tuple(dict.fromkeys(instrument for measures in _MEASURES.values() for instrument, _ in measures))

#: Where a label's value comes from, if it is not the field of its name.
_LABELS: Mapping[str, Callable[[Any], str]] = {
    "reason": lambda it: head(it.rule),
    "again": lambda it: "true" if it.again_at is not None else "false",
    "cause": lambda it: head(it.cause),
    "error": lambda it: head(it.error),
    "subject": lambda it: head(it.word.subject),
}
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]{0,63}")


def measured(happening: object) -> Iterator[Measured]:
    """Yield what a happening adds to the instruments; nothing for what is not in the table."""
    for instrument, value in _MEASURES.get(type(happening), ()):
        number = value(happening)
        labels = {name: _label(name, happening) for name in instrument.labels}
        seconds = number.total_seconds() if isinstance(number, timedelta) else number
        yield Measured(instrument=instrument, value=seconds, labels=labels)


def _label(name: str, happening: object) -> str:
    return _LABELS[name](happening) if name in _LABELS else str(getattr(happening, name))


def head(rule: str) -> str:
    """Return the word before the colon: what follows is a provider's or a person's, and has no end of values."""
    word = rule.partition(":")[0].strip()
    return word if _WORD.fullmatch(word) else "other"
