"""
Reading a log of the messages that a shop really sent: one JSON object a line, with ``order_id`` and ``at`` at least.

``notice``, ``channel`` and ``subject`` are used if they are there. What a replay writes as ``messages.jsonl`` is such a
log.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..domain.dates import parse_instant
from .event_log import EventLog, Rejected

#: What a message is called in whose line nothing says more.
_MESSAGE = "message"
_LONGEST_ID = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SentLine:
    """A message that was sent."""

    line: int
    order_id: str
    at: datetime
    #: The notice, else the subject, else the channel.
    what: str


def read_sent(name: str) -> Iterator[SentLine | Rejected]:
    """
    Yield each message that was sent; one whose ``message_state`` says that it was not is left out.

    Raises:
        UsageError: the file is not there or cannot be read.
    """
    for number, line in EventLog([name]).lines(name):
        found = _parse(name, number, line)
        if found is not None:
            yield found


def _parse(name: str, number: int, line: bytes | None) -> SentLine | Rejected | None:
    try:
        raw = json.loads((line or b"").decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return Rejected(file=name, line=number, reason="not JSON in UTF-8, or longer than 1 MiB")
    if not isinstance(raw, dict):
        return Rejected(file=name, line=number, reason="a sent message is a JSON object with order_id and at")
    order_id = raw.get("order_id")
    if not isinstance(order_id, str) or not 0 < len(order_id) <= _LONGEST_ID or _whole(order_id) != order_id:
        return Rejected(file=name, line=number, reason="order_id must be a text of 1 to 200 characters")
    try:
        at = parse_instant(raw.get("at"))
    except ValueError as error:
        return Rejected(file=name, line=number, reason=f"at: {error}")
    if raw.get("message_state", "sent") != "sent":
        return None
    return SentLine(line=number, order_id=order_id, at=at, what=_what(raw))


def _what(raw: dict[str, Any]) -> str:
    named = (raw.get(each) for each in ("notice", "subject", "channel"))
    return next((_whole(each[:200]) for each in named if isinstance(each, str) and each.strip()), _MESSAGE)


def _whole(value: str) -> str:
    """Return a text with a question mark for each half of a character, which no database takes."""
    return value.encode("utf-8", "replace").decode()
