"""
What one order's customer lived through: the times in which they waited and heard nothing.

A customer waits from the placing of the order until it has arrived, came back, was called off or was handed to people;
beyond that while a question of theirs is open, while money is owed to them, and while nobody told them that the order
was called off. Each word to them ends a silence, and begins the next one if they still wait.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from enum import StrEnum

from .._engine.territories import zones_of_country
from .._policy.calendar import business_days_between
from .._policy.history import customer_digest
from .._policy.zones import zone_of
from ..domain.customers import Shop
from ..domain.dates import due_instant
from ..domain.event import Event
from ..domain.events import (
    CustomerAnswered,
    CustomerAsked,
    CustomerDecided,
    CustomerUpdated,
    OrderCancelled,
    OrderClosed,
    OrderDelivered,
    OrderPickedUp,
    OrderPlaced,
    OrderReadyForPickup,
    OrderRefunded,
    OrderShipped,
    PromiseEvent,
)
from ..domain.folding import fold
from ..domain.orders import Fact, Order
from ..domain.promises import PromiseKind

#: What the customer says, and what only a watchdog says, is no word to the customer.
_NO_WORDS = (CustomerAsked, CustomerDecided, CustomerUpdated, PromiseEvent)
#: Of what shop systems write by themselves, and of a person's answer.
_MILESTONES = (
    OrderPlaced,
    OrderShipped,
    OrderReadyForPickup,
    OrderDelivered,
    OrderPickedUp,
    OrderCancelled,
    OrderRefunded,
    OrderClosed,
    CustomerAnswered,
)


class Told(StrEnum):
    """What we take the customer to have been told."""

    #: Each fact, at the moment of it. No shop tells more, so nobody was silent for a shorter time.
    FACTS = "facts"
    #: Placed, shipped, ready, delivered, cancelled, refunded, and what a person answered.
    MILESTONES = "milestones"
    #: What stands in the log of the messages that were sent, and what a person answered.
    SENT = "sent"

    def has(self, event: Event) -> bool:
        """Return whether this fact is a word to the customer."""
        if isinstance(event, CustomerAnswered):
            return True
        if self is Told.SENT or not event.notify:
            return False
        return isinstance(event, _MILESTONES) if self is Told.MILESTONES else not isinstance(event, _NO_WORDS)


class Phase(StrEnum):
    """What the customer was waiting for; of several, the first of these."""

    QUESTION = "after a question"
    CANCELLED = "after cancelling"
    PAST_DATE = "past the promised day"
    UNDER_WAY = "under way"
    BEFORE_SHIPPING = "before shipping"


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A time in which a customer waited and heard nothing."""

    since: datetime
    until: datetime
    business_days: int
    phase: Phase
    #: The last word before it; empty if there was none.
    heard: str
    #: The word or the fact that ended it; empty if it goes on when the log ends.
    ended_by: str
    #: The told date that had passed when it ended, if one had.
    promised: date | datetime | None

    @property
    def seconds(self) -> float:
        return (self.until - self.since).total_seconds()


@dataclass(kw_only=True)
class Lived:
    """What the customer of one order lived through."""

    order_id: str
    is_placed: bool = False
    #: A keyed hash of who ordered; empty where that is not known.
    customer: str = ""
    #: Country and region of the destination, as far as they are known.
    region: str = "unknown"
    time_zone: str = "UTC"
    silences: list[Silence] = field(default_factory=list)
    #: A day on which it should have arrived passed while the customer waited …
    is_late: bool = False
    #: … and they heard something between that day and the order's end.
    is_told_late: bool = False


@dataclass(frozen=True, kw_only=True)
class Listening:
    """How to listen to the orders of one log."""

    told: Told
    shop: Shop
    #: When the log ends.
    until: datetime
    #: The log says when money went back; where it never does, nobody is taken to wait for it.
    has_refunds: bool

    def to(self, order_id: str, events: Iterable[Event], sent: Iterable[tuple[datetime, str]] = ()) -> Lived:
        """
        Return what the customer of one order lived through.

        Args:
            events: the order's, in any order.
            sent: when a message was sent, and which.
        """
        moments: dict[datetime, tuple[list[Event], list[str]]] = defaultdict(lambda: ([], []))
        for event in sorted(events, key=lambda each: (each.rank, each.key)):
            moments[event.happened_at][0].append(event)
            if self.told.has(event):
                moments[event.happened_at][1].append(event.type)
        for at, what in sent:
            moments[at][1].append(what)
        ear = _Ear(self, order_id)
        for at in sorted(moments):
            ear.hear(at, *moments[at])
        return ear.end()


class _Ear:
    """Goes through one order's moments, in order of time."""

    def __init__(self, listening: Listening, order_id: str) -> None:
        self._listening = listening
        self._facts: list[Fact] = []
        self._order = Order(order_id=order_id)
        self._zone: tzinfo = zone_of(self._order, listening.shop, zones_of_country)
        self._since: datetime | None = None
        self._heard = ""
        self._heard_at: datetime | None = None
        self._asked_at: datetime | None = None
        self._cancelled_at: datetime | None = None
        self._late_at: datetime | None = None
        self._lived = Lived(order_id=order_id)

    def hear(self, at: datetime, happened: Sequence[Event], said: Sequence[str]) -> None:
        """Something happened, or was said, or both."""
        self._pass_date(at)
        before = self._order
        after = self._learn(happened) if happened else before
        asked_before = self._asked_at
        if said:
            self._asked_at, self._heard_at = None, at
        if any(isinstance(each, CustomerAsked) for each in happened):
            self._asked_at = self._asked_at or at
        if after.is_cancelled:
            self._cancelled_at = self._cancelled_at or at
        waits = self._waits(after)
        if self._since is not None and (said or not waits):
            ended_by = said[-1] if said else happened[-1].type
            self._fall(self._since, at, before, ended_by=ended_by, asked=asked_before is not None)
            self._since = None
        if said:
            self._heard = said[-1]
            self._lived.is_told_late |= self._late_at is not None and after.is_live
        if waits and self._since is None:
            self._since = at
        self._order = after

    def end(self) -> Lived:
        """The log ends."""
        until, order, lived = self._listening.until, self._order, self._lived
        self._pass_date(until)
        if self._since is not None and self._since < until:
            self._fall(self._since, until, order, ended_by="", asked=self._asked_at is not None)
        place = order.destination
        known = (place.country, place.region) if place else ()
        lived.is_placed = order.is_placed
        lived.customer = customer_digest(order.customer, "audit")
        lived.region = " ".join(each for each in known if each) or "unknown"
        lived.time_zone = str(self._zone)
        lived.is_late = self._late_at is not None
        return lived

    def _learn(self, happened: Iterable[Event]) -> Order:
        self._facts += [Fact(each, each.happened_at) for each in happened]
        order = fold(self._order.order_id, self._facts)
        self._zone = zone_of(order, self._listening.shop, zones_of_country)
        return order

    def _waits(self, order: Order) -> bool:
        if not order.is_placed:
            return False
        is_owed = self._listening.has_refunds and order.is_cancelled and order.is_charged
        return order.is_live or self._asked_at is not None or is_owed or self._is_left_to_believe()

    def _is_left_to_believe(self) -> bool:
        """The order was called off, and no message says so."""
        if self._listening.told is not Told.SENT or self._cancelled_at is None:
            return False
        return self._heard_at is None or self._heard_at < self._cancelled_at

    def _fall(self, since: datetime, until: datetime, order: Order, *, ended_by: str, asked: bool) -> None:
        promised = self._passed(order, until)
        if asked:
            phase = Phase.QUESTION
        elif order.is_cancelled:
            phase = Phase.CANCELLED
        elif promised is not None:
            phase = Phase.PAST_DATE
        else:
            phase = Phase.UNDER_WAY if order.is_under_way else Phase.BEFORE_SHIPPING
        days = business_days_between(since, until, self._zone)
        self._lived.silences.append(
            Silence(
                since=since,
                until=until,
                business_days=days,
                phase=phase,
                heard=self._heard,
                ended_by=ended_by,
                promised=promised,
            )
        )

    def _passed(self, order: Order, now: datetime) -> date | datetime | None:
        """The told date that has passed; the day of shipping counts until something is shipped."""
        for kind in (PromiseKind.DELIVER_BY, PromiseKind.SHIP_BY):
            told = order.date_of(kind)
            is_awaited = kind is PromiseKind.DELIVER_BY or not order.shipped_parcels
            if told is not None and is_awaited and due_instant(told.due, self._zone) < now:
                return told.due
        return None

    def _pass_date(self, now: datetime) -> None:
        told = self._order.date_of(PromiseKind.DELIVER_BY)
        if self._late_at is None and told is not None and self._order.is_live:
            passed = max(due_instant(told.due, self._zone), told.set_at)
            self._late_at = passed if passed < now else None
