"""
An order: what its events add up to, whatever their order of arrival (``folding.py`` does the adding).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from .customers import Customer, Place
from .event import Event
from .events import OrderEdited
from .items import Item, Payment
from .lazy import lazy
from .money import Money
from .parcels import Parcel, left_over
from .promises import PromiseKind
from .tracking import TrackingStatus


class OrderState(StrEnum):
    """How far an order has come."""

    #: Facts came, but not ``order.placed``.
    UNKNOWN = "unknown"
    PLACED = "placed"
    ACCEPTED = "accepted"
    #: Some parcels are under way, something is still to come.
    PART_SHIPPED = "part_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RETURNED = "returned"
    #: Handed to people.
    CLOSED = "closed"


@dataclass(frozen=True)
class Fact:
    """An event as it was recorded."""

    event: Event
    recorded_at: datetime

    @lazy
    def effective_at(self) -> datetime:
        """
        When it counts as having happened: not later than ten minutes after it was recorded.

        Otherwise a scan dated into the future would win for ever.
        """
        return min(self.event.happened_at, self.recorded_at + timedelta(minutes=10))

    @lazy
    def order_of_folding(self) -> tuple[datetime, int, str, str]:
        return self.effective_at, self.event.rank, self.event.source, self.event.id


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldDate:
    """A date that stands for the order."""

    kind: PromiseKind
    #: A day, which ends in the customer's zone, or an instant.
    due: date | datetime
    #: The event that set it.
    set_by: str
    set_at: datetime
    grace: timedelta | None = None
    #: The date that stood before.
    replaces: date | datetime | None = None
    #: Nobody told the customer this date; it is what the law or custom expects.
    implied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """Somebody said that the order will be late."""

    by: str
    at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    amount: Money
    at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What the customer bought was changed."""

    by: str
    #: What was changed: ``items``, ``total``, ``destination``.
    changed: tuple[str, ...]
    #: What stood before.
    items: tuple[Item, ...] = ()
    total: Money | None = None

    @classmethod
    def of(cls, event: OrderEdited, before: Mapping[str, Any]) -> Self:
        """Return what ``event`` changes of what was known ``before``."""
        given = {name: getattr(event, name) for name in ("items", "total", "destination")}
        changed = tuple(n for n, value in given.items() if value not in (None, ()) and value != before.get(n))
        return cls(by=event.key, changed=changed, items=before.get("items", ()), total=before.get("total"))


@dataclass(frozen=True, kw_only=True)
class Order:
    """
    The present truth about one order. Made by :func:`proactive_notify.domain.folding.fold`.
    """

    order_id: str
    placed_at: datetime | None = None
    #: The event that placed it.
    placed_by: str = ""
    #: ``order.placed`` came more than seven days late.
    imported: bool = False
    accepted_at: datetime | None = None
    customer: Customer = Customer()
    items: tuple[Item, ...] = ()
    item_count: int | None = None
    total: Money | None = None
    destination: Place | None = None
    order_url: str | None = None
    edits: tuple[Edit, ...] = ()
    #: The dates that stand now, one a kind at most.
    dates: tuple[ToldDate, ...] = ()
    #: The last date that the shop ever told, standing or not.
    last_told: ToldDate | None = None
    delays: tuple[Delay, ...] = ()
    payment: Payment | None = None
    paid: Money | None = None
    paid_at: datetime | None = None
    #: The event that said that the money was taken.
    paid_by: str = ""
    payment_methods: tuple[str, ...] = ()
    statement_name: str | None = None
    #: The payment had been pending or had failed before it came.
    payment_was_in_doubt: bool = False
    refunds: tuple[Refund, ...] = ()
    #: What the shop is busy with: the last of sourcing, backordered and delayed.
    hold: Event | None = None
    hold_at: datetime | None = None
    parcels: tuple[Parcel, ...] = ()
    cancelled_at: datetime | None = None
    cancelled_items: tuple[Item, ...] = ()
    cancel_reason: str | None = None
    return_requested_at: datetime | None = None
    returned_at: datetime | None = None
    #: Some of it came back, and some was kept.
    part_returned_at: datetime | None = None
    returned_items: tuple[Item, ...] = ()
    closed_at: datetime | None = None
    #: The event that last woke the order after it was closed.
    woken_by: str = ""
    woken_at: datetime | None = None
    asked_at: datetime | None = None
    asked_by: str = ""
    #: When a person last spoke to the customer.
    spoken_at: datetime | None = None
    decision: str | None = None
    decided_at: datetime | None = None
    #: The last fact about the order itself: not our own watchdog's, and not what the customer and we said.
    last_fact: Event | None = None
    last_fact_at: datetime | None = None
    #: Facts that contradict what was known.
    contradictions: tuple[str, ...] = ()

    @property
    def is_placed(self) -> bool:
        return self.placed_at is not None

    def date_of(self, kind: PromiseKind) -> ToldDate | None:
        """Return the date of this kind that stands."""
        return next((each for each in self.dates if each.kind is kind), None)

    def parcel(self, key: str | None) -> Parcel | None:
        """Return the parcel with this key, under whichever of its keys."""
        for each in self.parcels:
            if key == each.key:
                return each
        return next((each for each in self.parcels if key in each.keys), None)

    @lazy
    def shipped_parcels(self) -> tuple[Parcel, ...]:
        return tuple(each for each in self.parcels if each.is_shipped or each.delivered_at)

    @lazy
    def still_to_ship(self) -> tuple[Item, ...]:
        """The lines that are neither cancelled nor in a parcel; needs the order's items to be known."""
        if any(each.items is None for each in self.shipped_parcels):
            return ()
        taken = [item for each in self.shipped_parcels for item in each.items or ()]
        return left_over(self.items, [*self.cancelled_items, *taken])

    @lazy
    def is_wholly_shipped(self) -> bool:
        """Nothing is left to hand over."""
        shipped = self.shipped_parcels
        if not shipped:
            return False
        if self.items or any(each.items is None for each in shipped):
            return not self.still_to_ship
        taken = sum(item.quantity for each in shipped for item in each.items or ())
        return self.item_count is None or taken >= self.item_count

    @lazy
    def is_delivered(self) -> bool:
        """All that is still wanted has arrived."""
        shipped = self.shipped_parcels
        arrived = [each for each in shipped if each.is_delivered]
        over = all(each.is_delivered or self._is_called_off(each) for each in shipped)
        return bool(arrived) and self.is_wholly_shipped and over

    def _is_called_off(self, parcel: Parcel) -> bool:
        """It is lost or has come back, and what was in it was cancelled."""
        if not (parcel.is_lost or parcel.is_returned):
            return False
        others = [item for each in self.shipped_parcels if each is not parcel for item in each.items or ()]
        inside = left_over(self.items, others) if parcel.items is None else parcel.items
        return bool(inside) and not left_over(inside, self.cancelled_items)

    @lazy
    def is_under_way(self) -> bool:
        """Some parcel was handed over and has not come to an end."""
        return any(each.is_under_way for each in self.parcels)

    @lazy
    def is_returned(self) -> bool:
        if self.returned_at is not None:
            return True
        shipped = self.shipped_parcels
        return bool(shipped) and self.is_wholly_shipped and all(each.is_returned for each in shipped)

    @lazy
    def is_cancelled(self) -> bool:
        """The whole order was called off."""
        everything = bool(self.items) and not self.shipped_parcels and not left_over(self.items, self.cancelled_items)
        return self.cancelled_at is not None or everything

    @property
    def is_lost(self) -> bool:
        shipped = self.shipped_parcels
        return bool(shipped) and all(each.is_lost for each in shipped)

    @lazy
    def is_ended(self) -> bool:
        """A terminal fact has come. Such a fact beats ``closed``."""
        if self.is_returned or self.is_delivered:
            return True
        return self.is_cancelled and not self.is_under_way

    @lazy
    def is_closed(self) -> bool:
        """The order was handed to people, and nothing has woken it since."""
        return self.closed_at is not None and not self.is_ended

    @lazy
    def is_live(self) -> bool:
        """The customer is waiting for something to happen."""
        return self.is_placed and not self.is_ended and not self.is_closed

    @property
    def state(self) -> OrderState:
        """The order's state, by rank of progress and not by the last fact."""
        ladder = (
            (not self.is_placed, OrderState.UNKNOWN),
            (self.is_returned, OrderState.RETURNED),
            (self.is_cancelled and not self.is_delivered_after_cancelling, OrderState.CANCELLED),
            (self.is_delivered, OrderState.DELIVERED),
            (self.is_closed, OrderState.CLOSED),
            (self.is_wholly_shipped, OrderState.SHIPPED),
            (bool(self.shipped_parcels), OrderState.PART_SHIPPED),
            (self.accepted_at is not None, OrderState.ACCEPTED),
        )
        return next((state for holds, state in ladder if holds), OrderState.PLACED)

    @property
    def is_delivered_after_cancelling(self) -> bool:
        """It was called off too late: the parcel arrived all the same."""
        if not (self.cancelled_at and self.is_delivered):
            return False
        return any((each.delivered_at or self.cancelled_at) > self.cancelled_at for each in self.shipped_parcels)

    @lazy
    def is_charged(self) -> bool:
        """The customer's money was taken and has not gone back whole."""
        return self.payment is Payment.CAPTURED and not self.is_refunded

    @property
    def is_refunded(self) -> bool:
        """What was paid has gone back."""
        if not self.refunds:
            return False
        owed = self.paid or self.total
        return owed is None or sum(each.amount.amount for each in self.refunds) >= owed.amount

    @property
    def is_tracked(self) -> bool:
        """A carrier tells us where a parcel is."""
        return any(each.scanned_at for each in self.parcels)

    @property
    def needs_attention(self) -> tuple[Parcel, ...]:
        """Parcels that are damaged, lost or coming back."""
        bad = (TrackingStatus.DAMAGED, TrackingStatus.LOST, TrackingStatus.RETURN_TO_SENDER, TrackingStatus.RETURNED)
        return tuple(each for each in self.parcels if each.status in bad and not each.is_delivered)
