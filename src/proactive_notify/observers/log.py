"""
Log lines that a person and a program can read.
"""

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from datetime import datetime, timedelta
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
from ..domain.decisions import StaffWord
from .instruments import head


def _as(level: int) -> Callable[[Any], int]:
    return lambda _: level


#: The name of each happening, and its level: an error wants a person now, a warning soon, the rest nobody.
_LINES: Mapping[type, tuple[str, Callable[[Any], int]]] = {
    MessageSent: ("message.sent", _as(logging.INFO)),
    MessageFailed: ("message.failed", lambda it: logging.INFO if it.again_at else logging.WARNING),
    MessageReopened: ("message.reopened", _as(logging.WARNING)),
    AddressSuppressed: ("address.suppressed", _as(logging.INFO)),
    EventsRecorded: ("events.recorded", _as(logging.DEBUG)),
    LeaseRescued: ("lease.rescued", _as(logging.WARNING)),
    LeaseLost: ("lease.lost", _as(logging.WARNING)),
    StoreFailed: ("store.failed", _as(logging.ERROR)),
    BreakerOpened: ("breaker.opened", _as(logging.WARNING)),
    BreakerClosed: ("breaker.closed", _as(logging.INFO)),
    ChannelPaused: ("channel.paused", _as(logging.ERROR)),
    StaffAsked: ("staff.asked", _as(logging.WARNING)),
}
#: What stands for itself; everything else is quoted, so that no value can forge a field or a line.
_PLAIN = re.compile(r"[A-Za-z0-9_.:+*/-]+")


class LogObserver:
    """
    Writes one line a happening: its name, then ``key=value`` for each field that holds something.

    ::

        message.sent order_id=A-1001 notice=shipped channel=email attempts=1 waited_seconds=0.002 took_seconds=0.031

    The same keys, and ``happening`` for the name, are attributes of the log record, where a formatter that writes JSON
    finds them. Durations are seconds and their keys end so; instants are ISO 8601. Ids only: no address, no words.

    Args:
        logger: where to; ``None``: the logger ``proactive_notify.telemetry``.
    """

    def __init__(self, logger: logging.Logger | None = None) -> None:
        self._logger = logger or logging.getLogger("proactive_notify.telemetry")

    def __call__(self, happening: object, /) -> None:
        if type(happening) not in _LINES:
            return
        name, level_of = _LINES[type(happening)]
        level = level_of(happening)
        if not self._logger.isEnabledFor(level):
            return
        said = dict(_said(happening))
        line = " ".join([name, *(f"{key}={_quoted(value)}" for key, value in said.items())])
        self._logger.log(level, "%s", line, extra={"happening": name, **said})


def _said(happening: Any) -> Iterator[tuple[str, str | int | float]]:
    for field in fields(happening):
        value = getattr(happening, field.name)
        match value:
            case None | "":
                continue
            case timedelta():
                yield f"{field.name}_seconds", round(value.total_seconds(), 6)
            case datetime():
                yield field.name, value.isoformat()
            case StaffWord():
                yield "order_id", value.order_id
                yield "subject", value.subject
            case int() | float():
                yield field.name, value
            case str() if field.name == "cause":
                yield field.name, head(value)  # a person may have written it, and named somebody
            case _:
                yield field.name, str(value)


def _quoted(value: str | float) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text)
