"""An order as it was known at each moment of the replay: a fold over what had arrived by then."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from typing import Any

from tests.outside import days
from tests.outside.arrivals import Event
from tests.outside.parcels_seen import ENDED, UNSURE, Parcels, fold_parcels

IMPLIED_DAYS = 30
IMPORT_AGE = timedelta(days=7)
WAKING = frozenset(
    f"order.{word}" for word in "accepted sourcing backordered delayed packed shipped ready_for_pickup".split()
) | {"tracking.updated"}
TROUBLED = frozenset({"ready_for_pickup", "return_requested", "return_received"})
BAD_STATUS = frozenset(
    {"lost", "damaged", "exception", "return_to_sender", "returned", "cancelled", "available_for_pickup"}
    | {"action_required"}
)
RANK = {
    name: rank
    for rank, name in enumerate(
        "placed edited accepted paid packed shipped updated delayed ready_for_pickup delivered picked_up"
        " cancelled return_requested return_received".split()
    )
}


@dataclass(frozen=True, slots=True)
class Told:
    """A date the customer was told: as it stood on the wire, and when it is over."""

    raw: str
    due: datetime
    sure: bool = True  # False: two good readers may differ on whether it stands
    implied: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """What was known about an order from one arrival to the next."""

    since: datetime
    zone: tzinfo
    email: str
    phone: str
    ship: Told | None
    deliver: Told | None
    expected: datetime | None
    parcels: Parcels
    types: frozenset[str]
    statuses: frozenset[str]
    life: str

    @property
    def troubled(self) -> bool:
        """Whether something other than lateness is the news about this order."""
        short = {name.partition(".")[2] for name in self.types}
        return bool(TROUBLED & short or BAD_STATUS & self.statuses) or self.parcels.cancelled

    @property
    def dates(self) -> list[datetime]:
        """When the dates that the customer was really told are over."""
        told = [told.due for told in (self.ship, self.deliver) if told is not None and not told.implied]
        return told + ([self.expected] if self.expected is not None else [])

    @property
    def reachable(self) -> bool:
        """Whether there is any address."""
        return bool(self.email or self.phone)


@dataclass(frozen=True)
class OrderSeen:
    """One order: its events in order of arrival, its states, and when people took it over."""

    id: str
    events: Sequence[Event]
    closed: Sequence[datetime] = ()

    @cached_property
    def placed(self) -> Event | None:
        """The event that began it, or None where it never came."""
        return next((event for event in self.events if event.type == "order.placed"), None)

    @cached_property
    def is_import(self) -> bool:
        """Whether it was old when it came."""
        return self.placed is not None and self.placed.arrival - self.placed.time > IMPORT_AGE

    @cached_property
    def states(self) -> list[State]:
        """The states in order of time, from the arrival of `order.placed` on."""
        if self.placed is None:
            return []
        moments = sorted({max(event.arrival, self.placed.arrival) for event in self.events})
        moments = sorted({*moments, *(at for at in self.closed if at > self.placed.arrival)})
        return [self._known(at) for at in moments]

    @cached_property
    def _since(self) -> list[datetime]:
        return [state.since for state in self.states]

    def at(self, moment: datetime) -> State | None:
        """What was known at that moment, events of that very moment included."""
        index = bisect_right(self._since, moment)
        return self.states[index - 1] if index else None

    def _known(self, at: datetime) -> State:
        known = [event for event in self.events if event.arrival <= at]
        facts = sorted(known, key=_effective)
        customer, country = _customer(facts)
        zone = days.zone_of(time_zone=customer.get("time_zone"), country=country)
        parcels = fold_parcels(facts)
        ship, deliver, expected = _dates(facts, zone, lone=len(parcels.by_key) < 2)
        return State(
            since=at,
            zone=zone,
            email=str(customer.get("email") or ""),
            phone=str(customer.get("phone") or ""),
            ship=ship,
            deliver=deliver,
            expected=expected,
            parcels=parcels,
            types=frozenset(event.type for event in known),
            statuses=frozenset(str(e.data.get("status")) for e in known if e.type == "tracking.updated"),
            life=self._life(parcels.life, known, at),
        )

    def _life(self, life: str, known: Sequence[Event], at: datetime) -> str:
        """Closed orders are at their end until something arrives that wakes them."""
        last = max((closed for closed in self.closed if closed <= at), default=None)
        if last is None or life == ENDED:
            return life
        after = [event for event in known if event.arrival > last]
        if not after:
            return ENDED
        return life if any(event.type in WAKING for event in after) else UNSURE

    def spans(self, life: str, until: datetime) -> list[tuple[datetime, datetime]]:
        """The longest stretches of time in which the order was surely `open`, or surely `ended`."""
        spans: list[tuple[datetime, datetime]] = []
        for index, state in enumerate(self.states):
            end = self.states[index + 1].since if index + 1 < len(self.states) else until
            if state.life != life:
                continue
            if spans and spans[-1][1] == state.since:
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((state.since, end))
        return spans


def _effective(event: Event) -> tuple[datetime, int, str, str]:
    return event.time, RANK.get(event.type.partition(".")[2], len(RANK)), event.source, event.id


def _customer(facts: Sequence[Event]) -> tuple[dict[str, Any], object]:
    """The customer's fields and the country of the destination, the newest fact of each."""
    customer: dict[str, Any] = {}
    country: object = None
    for fact in facts:
        if fact.type in {"order.placed", "order.edited"}:
            customer |= fact.data.get("customer") or {}
            country = (fact.data.get("destination") or {}).get("country", country)
        elif fact.type == "customer.updated":
            customer |= fact.data
    return customer, country


class _Dates:
    """The two told dates, as the facts set and withdraw them one after the other."""

    def __init__(self) -> None:
        self.raw: dict[str, str | None] = {"ship_by": None, "deliver_by": None}
        self.sure = {"ship_by": True, "deliver_by": True}
        self.expected: str | None = None
        self.withdrawn = False

    def take(self, fact: Event, *, lone: bool, early: bool) -> None:
        """Take one fact in; `early`: it happened before the order was placed, `lone`: there is one parcel."""
        if fact.type == "order.placed":
            self._set(fact.data.get("promises") or {}, sure=True)
        elif fact.type == "order.edited":
            self._replace(fact.data.get("promises") or {})
        elif fact.type == "order.delayed":
            self._delayed({name: fact.data[name] for name in self.raw if fact.data.get(name)})
        elif fact.type in {"order.shipped", "tracking.updated"} and fact.data.get("deliver_by"):
            self._set({"deliver_by": fact.data["deliver_by"]}, sure=lone and not early)
        elif fact.type in {"order.backordered", "order.sourcing"} and fact.data.get("expected_by"):
            self.expected = str(fact.data["expected_by"])
            self.sure = {"ship_by": False, "deliver_by": False}

    def _set(self, promises: dict[str, Any], *, sure: bool) -> None:
        for name, value in promises.items():
            if name in self.raw and value:
                self.raw[name], self.sure[name] = str(value), sure
                self.withdrawn = False

    def _replace(self, promises: dict[str, Any]) -> None:
        self._set(promises, sure=True)
        for name in self.raw:
            self.sure[name] &= not promises or name in promises

    def _delayed(self, promises: dict[str, Any]) -> None:
        self._replace(promises)
        if not promises:
            self.raw = {"ship_by": None, "deliver_by": None}
            self.withdrawn = True


def _dates(facts: Sequence[Event], zone: tzinfo, *, lone: bool) -> tuple[Told | None, Told | None, datetime | None]:
    dates = _Dates()
    placed = next((fact for fact in facts if fact.type == "order.placed"), None)
    for fact in facts:
        dates.take(fact, lone=lone, early=placed is not None and fact.time <= placed.time)
    ship, deliver = (
        Told(raw, days.due(raw, zone), sure=dates.sure[name]) if raw else None for name, raw in dates.raw.items()
    )
    if ship is None and deliver is None and placed is not None:
        day = days.local_date(placed.time, zone) + timedelta(days=IMPLIED_DAYS)
        deliver = Told(day.isoformat(), days.due(day.isoformat(), zone), sure=not dates.withdrawn, implied=True)
    expected = days.due(dates.expected, zone) if dates.expected else None
    return ship, deliver, expected
