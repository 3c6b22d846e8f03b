"""
A plain count of the silences in a log of placed, paid, shipped, delivered and cancelled orders.

Written from the definition: a customer waits from the placing until the parcel has arrived, or until the order is
cancelled with nothing under way; each recorded fact is a word to her; between two words is silence. A log's last fact
ends what is still open. More than n business days means that the same local time on the nth Monday to Friday after the
silence began has passed.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.outside import days
from tests.outside.arrivals import lines_of

TYPES = {"order.placed", "order.paid", "order.shipped", "order.delivered", "order.cancelled"}


@dataclass
class Count:
    """What was counted."""

    orders: int = 0
    over: dict[int, int] = field(default_factory=lambda: dict.fromkeys((5, 10, 20), 0))
    late: int = 0
    late_untold: int = 0
    longest: tuple[timedelta, str] = (timedelta(), "")


def count(path: Path) -> Count:
    """Count the silences in a log, whatever the order of its lines."""
    orders: dict[str, list[dict[str, Any]]] = defaultdict(list)
    last = None
    for line in lines_of(path):
        event = json.loads(line)
        assert event["type"] in TYPES
        event["at"] = days.instant(event["time"])
        orders[event["subject"]].append(event)
        last = max(last or event["at"], event["at"])
    counted = Count()
    for order, events in orders.items():
        placed = next((event for event in events if event["type"] == "order.placed"), None)
        if placed is not None and last is not None:
            _add(counted, order, events, placed, last)
    return counted


def _add(counted: Count, order: str, events: list[dict[str, Any]], placed: dict[str, Any], last: datetime) -> None:
    zone = days.zone_of(time_zone=placed["data"]["customer"].get("time_zone"))
    words = list(_words(events, placed["at"]))
    is_over = _ends(events, words[-1]) if words else True
    points = words if is_over else [*words, last]
    silences = list(pairwise(points))
    counted.orders += 1
    for number in counted.over:
        counted.over[number] += any(end > days.business_days_after(begin, number, zone) for begin, end in silences)
    for begin, end in silences:
        counted.longest = max(counted.longest, (end - begin, order))
    deliver_by = placed["data"].get("promises", {}).get("deliver_by")
    if deliver_by and points:
        passed = max(days.due(deliver_by, zone), placed["at"])
        still_open = words[:-1] if is_over else words
        counted.late += passed < points[-1]
        counted.late_untold += passed < points[-1] and not any(at > passed for at in still_open)


def _words(events: list[dict[str, Any]], placed: datetime) -> Iterator[datetime]:
    """When the customer heard, from the placing to the end of her order; nothing if it had ended before."""
    for at in sorted({event["at"] for event in events if event["at"] >= placed}):
        ended = _ends(events, at)
        if ended and at == placed:
            return
        yield at
        if ended:
            return


def _ends(events: list[dict[str, Any]], at: datetime) -> bool:
    known = {event["type"] for event in events if event["at"] <= at}
    return "order.delivered" in known or ("order.cancelled" in known and "order.shipped" not in known)
