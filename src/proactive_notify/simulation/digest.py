"""
What the files of a replay hold, as its report tells it.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from ..domain.dates import instant_text, parse_instant
from .event_log import Arrival, EventLog

#: How many messages the story of an order has, where there is a choice.
_GOOD_LENGTH = 7
#: Of more of the same message in a row only some are shown.
_RUN = 5
#: An event that arrives later than this after it happened is said to be late.
_LATE = timedelta(hours=1)
#: Decisions that are told, in words.
_DECIDED = {"closed": "handed to people", "dropped": "{} was not said", "held": "{} had to wait"}
#: What of an event is told beside its type.
_TELLING = ("status", "carrier", "reason", "note")


@dataclass(frozen=True, kw_only=True)
class Moment:
    """Something that happened to an order, or that its customer heard."""

    at: datetime
    #: ``event``, ``message``, ``decision``, or ``more`` where several of the same were left out.
    kind: str
    what: str
    detail: str = ""
    #: Whole days since the customer last heard something; only of messages.
    days: int = 0


@dataclass(kw_only=True)
class Row:
    """What happened at one instant, and what the customer heard of it."""

    at: datetime
    happened: Moment | None = None
    heard: Moment | None = None
    decided: Moment | None = None


@dataclass(frozen=True, kw_only=True)
class Story:
    """One telling order."""

    order_id: str
    title: str
    rows: tuple[Row, ...]


@dataclass(kw_only=True)
class Digest:
    """What a look through ``messages.jsonl`` and ``decisions.jsonl`` found."""

    #: Order → how many messages.
    messages: Counter[str] = field(default_factory=Counter)
    #: Notice → the orders that were told it.
    told: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    unreachable: set[str] = field(default_factory=set)
    #: The first and the last message.
    first_at: str = ""
    last_at: str = ""

    @classmethod
    def of(cls, folder: Path) -> "Digest":
        """Look through the files of a replay."""
        found = cls()
        for each in lines(folder / "messages.jsonl"):
            found.messages[each["order_id"]] += 1
            found.told[each["notice"]].add(each["order_id"])
            found.first_at = found.first_at or each["at"]
            found.last_at = each["at"]
        for line in _raw_lines(folder / "decisions.jsonl"):
            if '"unreachable"' in line:
                found.unreachable.add(json.loads(line)["order_id"])
        return found

    def spread(self, orders: int) -> tuple[int, int]:
        """Return how many messages the median order got, and how many 95 of 100 orders got at most."""
        counts = sorted([*self.messages.values(), *[0] * (orders - len(self.messages))])
        if not counts:
            return 0, 0
        return counts[(len(counts) - 1) // 2], counts[min(len(counts) - 1, -(-95 * len(counts) // 100) - 1)]

    def orders_by_count(self, orders: int) -> dict[int, int]:
        """Return how many orders got one message, two, and so on."""
        counted = Counter(self.messages.values())
        if orders > len(self.messages):
            counted[0] = orders - len(self.messages)
        return dict(sorted(counted.items()))

    def telling(self, longest_silence: str, median: int) -> dict[str, str]:
        """Return orders that are worth looking at, each with why; the same for the same files."""
        chosen: dict[str, str] = {}
        most = max(self.messages.items(), key=lambda each: (each[1], each[0]), default=("", 0))[0]
        quick = {order for order in self.told["delivered"] - self.told["holding"] if self.messages[order] == median}
        wanted: list[tuple[str, Collection[str]]] = [
            ("The longest silence", {longest_silence} if longest_silence else ()),
            ("Late, and delivered in the end", (self.told["late"] & self.told["delivered"]) - self.told["resolution"]),
            ("Delayed", self.told["delayed"] - self.told["cancelled"] - self.told["resolution"]),
            ("Cancelled", self.told["cancelled"]),
            ("Handed to people", self.told["resolution"]),
            ("Nobody could be reached", self.unreachable),
            ("The most messages", {most} if most else ()),
            ("Nothing special", quick),
        ]
        for title, orders in wanted:
            found = self._readable(set(orders) - chosen.keys())
            if found is not None:
                chosen[found] = title
        return chosen

    def _readable(self, orders: Collection[str]) -> str | None:
        """The order whose story has a length that is good to read."""
        return min(orders, key=lambda order: (abs(self.messages[order] - _GOOD_LENGTH), order), default=None)


def stories(folder: Path, chosen: Mapping[str, str], log: EventLog) -> list[Story]:
    """
    Return what happened to some orders, and what their customers heard.

    Args:
        chosen: order → why it is worth looking at.
        log: where their events are; one that can be read only once gives none.
    """
    found: dict[str, list[Moment]] = {order_id: [] for order_id in chosen}
    for arrival in _arrivals(log, chosen):
        found[arrival.event.order_id].append(_event(arrival))
    heard: dict[str, datetime] = {}
    for each in _of(folder / "messages.jsonl", chosen):
        order_id, at = each["order_id"], parse_instant(each["at"])
        days = (at - heard.get(order_id, at)).days
        heard[order_id] = at
        subject = each["subject"].replace(order_id, "…")
        found[order_id].append(Moment(at=at, kind="message", what=each["notice"], detail=subject, days=days))
    for each in _of(folder / "decisions.jsonl", chosen):
        if each["decision"] in _DECIDED:
            what = _DECIDED[each["decision"]].format(each["notice"])
            at = parse_instant(each["at"])
            found[each["order_id"]].append(Moment(at=at, kind="decision", what=what, detail=each["rule"]))
    return [
        Story(order_id=order_id, title=title, rows=_rows(_shortened(sorted(found[order_id], key=_in_turn))))
        for order_id, title in chosen.items()
    ]


def _in_turn(moment: Moment) -> tuple[datetime, int]:
    return moment.at, ("event", "message", "decision").index(moment.kind)


def _rows(moments: Sequence[Moment]) -> tuple[Row, ...]:
    """An event and what was said of it at once stand side by side."""
    told: list[Row] = []
    for each in moments:
        if each.kind == "event":
            told.append(Row(at=each.at, happened=each))
        elif each.kind == "decision":
            told.append(Row(at=each.at, decided=each))
        elif told and told[-1].at == each.at and told[-1].happened and not told[-1].heard:
            told[-1].heard = each
        else:
            told.append(Row(at=each.at, heard=each))
    return tuple(told)


def _arrivals(log: EventLog, orders: Collection[str]) -> Iterator[Arrival]:
    """Yield the first arrival of each event of some orders."""
    seen: set[str] = set()
    for each in () if log.is_read_once else log.read():
        if isinstance(each, Arrival) and each.event.order_id in orders and each.event.key not in seen:
            seen.add(each.event.key)
            yield each


def _event(arrival: Arrival) -> Moment:
    event = arrival.event
    told = [str(value) for name in _TELLING if (value := getattr(event, name, None))]
    for promise in getattr(event, "promises", ()):
        told.append(f"{promise.kind.value} {_day(promise.due)}")
    told += [f"{name} {_day(due)}" for name in ("ship_by", "deliver_by") if (due := getattr(event, name, None))]
    if arrival.at - event.happened_at > _LATE:
        told.append(f"arrived late: it happened {event.happened_at:%Y-%m-%d %H:%M}")
    return Moment(at=arrival.at, kind="event", what=event.type, detail=", ".join(told))


def _shortened(moments: Sequence[Moment]) -> tuple[Moment, ...]:
    """A long run of the same message is told by its beginning and its end."""
    told: list[Moment] = []
    for _, group in groupby(moments, key=lambda each: (each.kind, each.what)):
        run = list(group)
        if run[0].kind == "message" and len(run) > _RUN:
            left_out = run[2:-1]
            what = f"{len(left_out)} more of the same, until {left_out[-1].at:%Y-%m-%d}"
            run = [*run[:2], Moment(at=left_out[0].at, kind="more", what=what), run[-1]]
        told += run
    return tuple(told)


def _day(due: object) -> str:
    return instant_text(due)[:10] if isinstance(due, datetime) else str(due)


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects in a file of JSON lines."""
    return map(json.loads, _raw_lines(path))


def _of(path: Path, orders: Collection[str]) -> Iterator[dict[str, Any]]:
    """Yield the lines about some orders."""
    marks = [json.dumps(order, ensure_ascii=False) for order in orders]
    for line in _raw_lines(path):
        if any(mark in line for mark in marks):
            found = json.loads(line)
            if found["order_id"] in orders:
                yield found


def _raw_lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as file:
        yield from file
