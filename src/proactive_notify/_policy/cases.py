"""
All that is known about one order at one moment: what every decision is made from.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import Any

from ..domain.customers import Shop
from ..domain.decisions import Decision, StaffWord
from ..domain.event import Event
from ..domain.events import OrderClosed
from ..domain.folding import fold
from ..domain.lazy import lazy
from ..domain.messages import MessageState
from ..domain.notices import Moment, Notice, NoticeState, Telling
from ..domain.options import LegalClock
from ..domain.orders import Fact, Order
from ..domain.promises import OpenedPromise
from .calendar import Calendar
from .law.laws import Law, law_of
from .policy import Policy
from .quiet_hours import Territory
from .zones import ZonesOfCountry, zone_of


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedNotice:
    """The intent to tell a notice, as it stands in the store."""

    row: int
    notice: str
    occasion: str
    state: NoticeState
    #: The key of the event that caused it.
    cause: str
    queued_at: datetime
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedMessage:
    """One try to tell a notice on one channel to one address, as it stands in the store."""

    row: int
    notice_row: int
    id: str
    channel: str
    address: str
    state: MessageState
    due_at: datetime
    expires_at: datetime | None = None
    #: After it the law is broken, so it goes by the next channel rather than wait.
    leave_by: datetime | None = None
    attempts: int = 0
    #: What was perhaps sent already, while nobody knows.
    wire: str | None = None
    #: The due time of the promise whose day the message named.
    next_word: datetime | None = None
    #: What the provider said last of it.
    receipt: str = ""

    @property
    def is_live(self) -> bool:
        """It may still be sent, or is perhaps being sent."""
        return self.state <= MessageState.UNCERTAIN

    def is_too_late(self, at: datetime) -> bool:
        """Whether it must not wait until ``at``. At the deadline it may still leave; what expires then may not."""
        if self.expires_at is not None and self.expires_at <= at:
            return True
        return self.leave_by is not None and self.leave_by < at


@dataclass(kw_only=True)
class Case:
    """An order with everything that was promised, told and queued about it."""

    order_id: str
    facts: list[Fact] = field(default_factory=list)
    promises: list[OpenedPromise] = field(default_factory=list)
    notices: list[QueuedNotice] = field(default_factory=list)
    messages: list[QueuedMessage] = field(default_factory=list)
    #: The customer's order before this one went wrong.
    is_watched: bool = False

    @lazy
    def order(self) -> Order:
        return fold(self.order_id, self.facts)

    def event(self, key: str) -> Event | None:
        """Return the event with this key."""
        return next((fact.event for fact in self.facts if fact.event.key == key), None)

    def after(self, plan: "Plan", queued: Sequence[QueuedNotice], now: datetime) -> "Case":
        """Return the case as it is when ``plan`` has been written and its notices stand in the store as ``queued``."""
        changed, dropped = {each.row: each for each in plan.changed}, set(plan.dropped)
        notices = [replace(n, state=NoticeState.DROPPED) if n.row in dropped else n for n in self.notices]
        case = Case(
            order_id=self.order_id,
            facts=[*self.facts, *(Fact(event, now) for event in plan.facts)],
            promises=[*(changed.get(each.row, each) for each in self.promises), *plan.opened],
            notices=[*notices, *queued],
            messages=self.messages,
            is_watched=self.is_watched,
        )
        if not plan.facts:
            case.__dict__["order"] = self.order
        return case

    @property
    def tellings(self) -> tuple[Telling, ...]:
        return tuple(
            Telling(notice=n.notice, occasion=n.occasion, state=n.state, at=n.told_at or n.queued_at, cause=n.cause)
            for n in self.notices
        )


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """What a shop decided once for all its orders."""

    shop: Shop
    policy: Policy
    notices: tuple[type[Notice[Any]], ...]
    #: Channel → how to find the address of an order's customer on it.
    addresses: Mapping[str, Callable[[Order], str | None]]
    zones_of_country: ZonesOfCountry
    #: Channel → what an address on it tells about where somebody is.
    territories: Mapping[str, Callable[[str], Territory]] = field(default_factory=dict)

    @lazy
    def by_key(self) -> dict[str, type[Notice[Any]]]:
        return {each.key: each for each in self.notices}

    def zone(self, order: Order) -> tzinfo:
        return zone_of(order, self.shop, self.zones_of_country)

    def law(self, order: Order) -> Law | None:
        """Return the law of the place that the order goes to, else of the shop's."""
        place = order.destination
        country = place.country if place is not None and place.country else self.shop.country
        return law_of(country, without=self.policy.without_rules)

    def calendar(self, order: Order) -> Calendar:
        """Return the policy's days and hours in the order's zone, under its law."""
        return self._calendar_of(self.zone(order), self.law(order))

    @lazy
    def _calendar_of(self) -> Callable[[tzinfo, Law | None], Calendar]:
        return lru_cache(maxsize=64)(lambda zone, law: Calendar(self.policy, zone, law))

    def address(self, channel: str, order: Order) -> str | None:
        """Return where the order's customer is reached on this channel; ``None``: nowhere."""
        find = self.addresses.get(channel)
        return find(order) if find else None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message to queue."""

    channel: str
    address: str
    due_at: datetime
    expires_at: datetime | None
    leave_by: datetime | None = None
    #: It waits for something newer, and blocks nothing meanwhile.
    is_patient: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNotice:
    """A notice to queue, with its first messages; none where nobody can be reached."""

    notice: str
    occasion: str
    cause: str
    messages: tuple[NewMessage, ...]
    #: Where the notice is in the store already and only gets messages.
    row: int = 0


@dataclass(kw_only=True)
class Plan:
    """What follows from a case: rows to write, and why."""

    #: Promises that were born broken, as events.
    facts: list[Event] = field(default_factory=list)
    opened: list[OpenedPromise] = field(default_factory=list)
    changed: list[OpenedPromise] = field(default_factory=list)
    notices: list[NewNotice] = field(default_factory=list)
    #: Rows of notices that will not be told; their waiting messages are cancelled.
    dropped: list[int] = field(default_factory=list)
    #: Rows of messages that are replaced by one to another address.
    readdressed: list[int] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    #: Orders that are handed to people although the customer cannot be told.
    closes: list[OrderClosed] = field(default_factory=list)
    staff: list[StaffWord] = field(default_factory=list)


def moment_of(
    case: Case,
    rules: Rulebook,
    now: datetime,
    *,
    closes_at: datetime | None,
    offers_choice: bool,
    next_word: Any = None,
    clock: LegalClock | None = None,
) -> Moment:
    """Return what notices may know at ``now``."""
    return Moment(
        now=now,
        shop=rules.shop,
        zone=rules.zone(case.order),
        tellings=case.tellings,
        closes_at=closes_at,
        offers_choice=offers_choice and (clock is None or clock.must_cancel is None),
        clock=clock,
        resolution=rules.policy.resolution,
        next_word=next_word,
        promises=tuple(case.promises),
    )
