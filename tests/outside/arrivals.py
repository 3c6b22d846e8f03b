"""The input log as it arrives: lines in their order, a clock that never goes back, repeated events once."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.outside.days import instant

EVENT_TYPES = frozenset(
    f"order.{word}"
    for word in (
        "placed accepted edited paid payment_failed sourcing backordered delayed packed shipped delivered"
        " ready_for_pickup picked_up cancelled refunded return_requested return_received"
    ).split()
) | frozenset({"tracking.updated", "customer.asked", "customer.answered", "customer.decided", "customer.updated"})


@dataclass(frozen=True, slots=True)
class Event:
    """One fact: when it happened (`time`) and when the replay learnt of it (`arrival`)."""

    order: str
    type: str
    time: datetime
    arrival: datetime
    source: str
    id: str
    data: dict[str, Any]

    @property
    def notify(self) -> bool:
        """Whether somebody may be told of it."""
        return self.data.get("notify") is not False


@dataclass(slots=True)
class Log:
    """The distinct events by order, each order's in order of arrival, and what was counted on the way."""

    orders: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))
    events: int = 0
    rejected: int = 0
    until: datetime = datetime.min.replace(tzinfo=UTC)


def lines_of(path: Path) -> Iterator[str]:
    """The lines of a plain or gzipped file that hold something."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        yield from (line for line in file if line.strip())


def read_log(path: Path) -> Log:
    """Read an event log as a replay does."""
    log = Log()
    seen: dict[tuple[str, str], object] = {}
    for line in lines_of(path):
        raw = _valid(line)
        if raw is None:
            log.rejected += 1
            continue
        key = (raw["source"], raw["id"])
        if key in seen:
            log.rejected += seen[key] != raw
            continue
        seen[key] = raw
        _arrive(log, raw)
    return log


def _valid(line: str) -> dict[str, Any] | None:
    """The event on that line, or None where it is none."""
    try:
        raw = json.loads(line)
        words = [raw[name] for name in ("id", "source", "type", "subject")]
        instant(raw["time"])
        raw.setdefault("data", {})
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    good = all(isinstance(word, str) and word for word in words) and isinstance(raw["data"], dict)
    return raw if good and raw["type"] in EVENT_TYPES else None


def _arrive(log: Log, raw: dict[str, Any]) -> None:
    """Take one event in at the virtual time of its line."""
    time = instant(raw["time"])
    log.until = max(log.until, time)
    log.events += 1
    event = Event(raw["subject"], raw["type"], time, log.until, raw["source"], raw["id"], raw["data"])
    log.orders[event.order].append(event)
