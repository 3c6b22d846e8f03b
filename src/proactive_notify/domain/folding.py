"""
Adds events up to an order. The result depends on the facts alone, not on their order of arrival.

Facts are taken by (effective time, rank of the type, source, id). Progress is kept by rank: a parcel that was handed
over stays handed over whatever its dates say, and a delivered one only comes back by a return.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from .customers import Customer
from .dates import DayOrInstant
from .event import Event
from .events import (
    CustomerAnswered,
    CustomerAsked,
    CustomerDecided,
    CustomerUpdated,
    OrderAccepted,
    OrderBackordered,
    OrderCancelled,
    OrderClosed,
    OrderDelayed,
    OrderDelivered,
    OrderEdited,
    OrderPacked,
    OrderPaid,
    OrderPaymentFailed,
    OrderPickedUp,
    OrderPlaced,
    OrderReadyForPickup,
    OrderRefunded,
    OrderReturnReceived,
    OrderReturnRequested,
    OrderShipped,
    OrderSourcing,
    ParcelEvent,
    PromiseAtRisk,
    PromiseBroken,
    TrackingUpdated,
)
from .items import Payment
from .orders import Delay, Edit, Fact, Order, Refund, ToldDate
from .parcels import Parcel, ParcelKeys, left_over, not_replaced, own_key, second_life
from .promises import PromiseKind
from .tracking import TrackingStatus

#: An order whose ``order.placed`` is older than this on arrival is an import.
IMPORT_AGE = timedelta(days=7)
_OWN = (PromiseAtRisk, PromiseBroken, OrderClosed)
#: What wakes nobody: a new address, or a STOP, does not either.
_WAKES_NOTHING = (*_OWN, CustomerUpdated)
#: What the customer and we say to each other is no fact about where the order stands.
_NO_PROGRESS = (*_WAKES_NOTHING, CustomerAsked, CustomerAnswered, CustomerDecided)


@dataclass
class _Sum:
    """What has been added up so far."""

    order_id: str
    keys: ParcelKeys
    said: dict[str, Any] = field(default_factory=dict)
    dates: dict[PromiseKind, ToldDate] = field(default_factory=dict)
    parcels: dict[str, Parcel] = field(default_factory=dict)
    #: Name of a parcel that came back and was sent again → its key since then.
    lives: dict[str, str] = field(default_factory=dict)
    delivered_unseen: OrderDelivered | OrderPickedUp | None = None

    def get(self, name: str, default: Any = None) -> Any:
        return self.said.get(name, default)

    def add(self, name: str, value: Any) -> None:
        self.said[name] = (*self.said.get(name, ()), value)

    def tell_date(self, kind: PromiseKind, due: DayOrInstant, event: Event, grace: timedelta | None = None) -> None:
        """A date is set; the same date told again changes nothing."""
        standing = self.dates.get(kind)
        if standing is None or standing.due != due:
            before = standing.due if standing else None
            told = ToldDate(
                kind=kind, due=due, set_by=event.key, set_at=event.happened_at, grace=grace, replaces=before
            )
            self.dates[kind] = self.said["last_told"] = told

    def parcel_of(self, event: ParcelEvent) -> Parcel:
        name = self.keys.key_of(event)
        key = self.lives.get(name, name)
        known = self.parcels.get(key) or Parcel(key=key)
        if known.is_returned and isinstance(event, (OrderPacked, OrderShipped)):
            del self.parcels[key]
            self.lives[name] = second_life(key)
            return self.parcel_of(event)
        if event.tracking_code not in (None, known.tracking_code):
            known = replace(known, former_code=known.tracking_code, code_by=event.key)
        return replace(
            known,
            keys=known.keys | ({key} if name in self.lives else {key, own_key(event)}),
            carrier=event.carrier or known.carrier,
            tracking_code=event.tracking_code or known.tracking_code,
        )


def fold(order_id: str, facts: Iterable[Fact]) -> Order:
    """
    Return the order that ``facts`` add up to. Repeated facts count once.
    """
    once = {fact.event.key: fact for fact in facts}
    ordered = sorted(once.values(), key=lambda fact: fact.order_of_folding)
    total = _Sum(order_id, ParcelKeys(fact.event for fact in ordered))
    for fact in ordered:
        if not isinstance(fact.event, _WAKES_NOTHING):
            _wake(total, fact)
        if not isinstance(fact.event, _NO_PROGRESS):
            total.said["last_fact"], total.said["last_fact_at"] = fact.event, fact.effective_at
        _ADD[type(fact.event)](total, fact.event, fact)
    _deliver_what_came_later(total)
    return Order(
        order_id=order_id,
        dates=tuple(total.dates[kind] for kind in sorted(total.dates)),
        parcels=not_replaced(total.parcels),
        **total.said,
    )


def _wake(total: _Sum, fact: Fact) -> None:
    if total.get("closed_at") is not None:
        total.said |= {"closed_at": None, "woken_by": fact.event.key, "woken_at": fact.effective_at}


def _placed(total: _Sum, event: OrderPlaced, fact: Fact) -> None:
    if total.get("placed_at") is None:
        late = fact.recorded_at - event.happened_at > IMPORT_AGE
        total.said |= {"placed_at": event.happened_at, "placed_by": event.key, "imported": late}
        total.said["payment"] = total.get("payment") or event.payment
    if isinstance(event, OrderEdited) and event.customer is not None:
        changed = event.customer.model_dump(exclude_unset=True)
        total.said["customer"] = total.get("customer", Customer()).model_copy(update=changed)
    elif not isinstance(event, OrderEdited):
        total.said["customer"] = event.customer
    given = {name: getattr(event, name) for name in ("items", "item_count", "total", "destination", "order_url")}
    total.said |= {name: value for name, value in given.items() if value not in (None, ())}
    for promise in event.promises:
        total.tell_date(promise.kind, promise.due, event, promise.grace)


def _edited(total: _Sum, event: OrderEdited, fact: Fact) -> None:
    if total.get("placed_at") is not None:
        total.add("edits", Edit.of(event, total.said))
        return _placed(total, event, fact)
    given = {name: getattr(event, name) for name in ("items", "item_count", "total", "destination", "order_url")}
    total.said |= {name: value for name, value in given.items() if value not in (None, ())}
    return None


def _accepted(total: _Sum, _: OrderAccepted, fact: Fact) -> None:
    total.said.setdefault("accepted_at", fact.effective_at)


def _paid(total: _Sum, event: OrderPaid, fact: Fact) -> None:
    before = total.get("payment")
    if before is not Payment.CAPTURED:
        doubt = before in (Payment.PENDING, Payment.FAILED)
        total.said |= {"paid_by": event.key, "paid_at": fact.effective_at, "payment_was_in_doubt": doubt}
    total.said["payment"] = Payment.CAPTURED
    total.said["paid"] = event.amount or total.get("paid")
    total.said["payment_methods"] = event.methods or total.get("payment_methods", ())
    total.said["statement_name"] = event.statement_name or total.get("statement_name")


def _payment_failed(total: _Sum, _: OrderPaymentFailed, __: Fact) -> None:
    total.said["payment"] = Payment.FAILED


def _held(total: _Sum, event: OrderSourcing | OrderBackordered, fact: Fact) -> None:
    total.said |= {"hold": event, "hold_at": fact.effective_at}


def _delayed(total: _Sum, event: OrderDelayed, fact: Fact) -> None:
    total.said |= {"hold": event, "hold_at": fact.effective_at}
    total.add("delays", Delay(by=event.key, at=fact.effective_at, reason=event.reason))
    told = {PromiseKind.SHIP_BY: event.ship_by, PromiseKind.DELIVER_BY: event.deliver_by}
    for kind, due in told.items():
        if due is not None:
            total.tell_date(kind, due, event)
        else:
            total.dates.pop(kind, None)


def _packed(total: _Sum, event: OrderPacked, fact: Fact) -> None:
    parcel = total.parcel_of(event)
    total.parcels[parcel.key] = replace(parcel, packed_at=parcel.packed_at or fact.effective_at)


def _shipped(total: _Sum, event: OrderShipped, fact: Fact) -> None:
    parcel = total.parcel_of(event)
    if total.get("cancelled_at") is not None:
        total.add("contradictions", event.key)
    first = parcel.shipped_at is None
    total.parcels[parcel.key] = replace(
        parcel,
        shipped_at=fact.effective_at if first else parcel.shipped_at,
        shipped_by=event.key if first else parcel.shipped_by,
        tracking_url=event.tracking_url or parcel.tracking_url,
        items=event.items or parcel.items,
    )
    if event.deliver_by is not None:
        total.tell_date(PromiseKind.DELIVER_BY, event.deliver_by, event)


def _tracked(total: _Sum, event: TrackingUpdated, fact: Fact) -> None:
    parcel = total.parcel_of(event)
    status, at = event.status, fact.effective_at
    arrived = parcel.delivered_at is not None and not parcel.status.is_coming_back
    if arrived and status not in (TrackingStatus.DELIVERED, TrackingStatus.UNKNOWN) and not status.is_coming_back:
        total.add("contradictions", event.key)
        total.parcels[parcel.key] = parcel
        return
    if status is not TrackingStatus.UNKNOWN:
        returned_at = at if status is TrackingStatus.RETURNED else None
        parcel = replace(parcel, status=status, status_by=event.key, unknown_since=None, returned_at=returned_at)
    elif parcel.status is TrackingStatus.UNKNOWN and not event.raw_status:
        parcel = replace(parcel, unknown_since=parcel.unknown_since or at)
    if status.is_handed_over:
        if parcel.shipped_at is None and total.get("cancelled_at") is not None:
            total.add("contradictions", event.key)
        parcel = replace(parcel, scanned_at=at, shipped_at=parcel.shipped_at or at)
        parcel = replace(parcel, shipped_by=parcel.shipped_by or event.key)
    if status is TrackingStatus.DELIVERED and parcel.delivered_at is None:
        parcel = replace(parcel, delivered_at=at, delivered_by=event.key)
    total.parcels[parcel.key] = replace(
        parcel, location=event.location or parcel.location, detail=event.detail or parcel.detail
    )
    if event.deliver_by is not None and parcel.delivered_at is None:
        total.tell_date(PromiseKind.DELIVER_BY, event.deliver_by, event)


def _delivered(total: _Sum, event: OrderDelivered | OrderPickedUp, fact: Fact) -> None:
    if own_key(event):
        parcel = total.parcel_of(event)
        total.parcels[parcel.key] = _arrive(parcel, event, fact)
    elif total.parcels:
        total.parcels = {key: _arrive(_told_of(parcel, event), event, fact) for key, parcel in total.parcels.items()}
    else:
        total.parcels[""] = _arrive(Parcel(key="", keys=frozenset({""})), event, fact)
        total.delivered_unseen = event


def _told_of(parcel: Parcel, event: Event) -> Parcel:
    return replace(parcel, arrived_with=parcel.arrived_with | {event.key})


def _arrive(parcel: Parcel, event: OrderDelivered | OrderPickedUp, fact: Fact) -> Parcel:
    if parcel.is_delivered or parcel.is_returned:
        return parcel
    return replace(
        parcel,
        shipped_at=parcel.shipped_at or fact.effective_at,
        shipped_by=parcel.shipped_by or event.key,
        delivered_at=fact.effective_at,
        delivered_by=event.key,
        status=TrackingStatus.DELIVERED,
        status_by=event.key,
        received_by=getattr(event, "received_by", None),
        place=getattr(event, "place", None),
    )


def _deliver_what_came_later(total: _Sum) -> None:
    """
    ``delivered`` before any parcel was known means the parcels that are known now.

    Real orders have a delivery that is dated before the handing over.
    """
    event = total.delivered_unseen
    if event is None or len(total.parcels) == 1:
        return
    stand_in = total.parcels.pop("")
    if any(parcel.is_shipped for parcel in total.parcels.values()):
        for key, parcel in total.parcels.items():
            if parcel.delivered_at is None and not parcel.status.is_coming_back:
                total.parcels[key] = replace(
                    _told_of(parcel, event),
                    shipped_at=parcel.shipped_at or stand_in.shipped_at,
                    shipped_by=parcel.shipped_by or stand_in.shipped_by,
                    delivered_at=stand_in.delivered_at,
                    delivered_by=stand_in.delivered_by,
                    status=TrackingStatus.DELIVERED,
                    keys=parcel.keys | {""},
                )
    else:
        total.parcels[""] = stand_in


def _waits(total: _Sum, event: OrderReadyForPickup, fact: Fact) -> None:
    parcel = total.parcel_of(event)
    if parcel.delivered_at is None:
        parcel = replace(
            parcel,
            status=TrackingStatus.AVAILABLE_FOR_PICKUP,
            status_by=event.key,
            waits_at=event.place,
            collect_until=event.until,
            shipped_at=parcel.shipped_at or fact.effective_at,
        )
    total.parcels[parcel.key] = parcel


def _cancelled(total: _Sum, event: OrderCancelled, fact: Fact) -> None:
    if event.items:
        total.said["cancelled_items"] = (*total.get("cancelled_items", ()), *event.items)
        everything = bool(total.get("items")) and not left_over(total.get("items"), total.get("cancelled_items"))
        if not everything:
            return
    if total.parcels and all(parcel.is_delivered for parcel in total.parcels.values()):
        total.add("contradictions", event.key)
    total.said.setdefault("cancelled_at", fact.effective_at)
    total.said["cancel_reason"] = event.reason or total.get("cancel_reason")


def _refunded(total: _Sum, event: OrderRefunded, fact: Fact) -> None:
    total.add("refunds", Refund(amount=event.amount, at=fact.effective_at, reason=event.reason))


def _return_requested(total: _Sum, _: OrderReturnRequested, fact: Fact) -> None:
    total.said["return_requested_at"] = fact.effective_at


def _return_received(total: _Sum, event: OrderReturnReceived, fact: Fact) -> None:
    """Some of the goods are back, or all of them: those that it names, else everything."""
    total.said["returned_items"] = (*total.get("returned_items", ()), *event.items)
    gone = (*total.get("cancelled_items", ()), *total.get("returned_items", ()))
    if event.items and left_over(total.get("items", ()), gone):
        total.said["part_returned_at"] = fact.effective_at
    else:
        total.said["returned_at"] = fact.effective_at


def _asked(total: _Sum, event: CustomerAsked, fact: Fact) -> None:
    spoken = total.get("spoken_at")
    answered = spoken is not None and spoken >= (total.get("asked_at") or spoken)
    if total.get("asked_at") is None or answered:
        total.said |= {"asked_at": fact.effective_at, "asked_by": event.key}


def _answered(total: _Sum, _: CustomerAnswered, fact: Fact) -> None:
    total.said["spoken_at"] = fact.effective_at


def _decided(total: _Sum, event: CustomerDecided, fact: Fact) -> None:
    total.said |= {"decision": event.decision, "decided_at": fact.effective_at}


def _customer_updated(total: _Sum, event: CustomerUpdated, _: Fact) -> None:
    given = event.model_dump(exclude_unset=True, include=set(Customer.model_fields) - {"id"})
    if event.customer_id:
        given["id"] = event.customer_id
    customer = total.get("customer", Customer())
    total.said["customer"] = customer.model_copy(update={k: v for k, v in given.items() if v is not None})


def _closed(total: _Sum, _: OrderClosed, fact: Fact) -> None:
    total.said["closed_at"] = fact.effective_at


def _nothing(_: _Sum, __: Event, ___: Fact) -> None:
    """Promises live by the clock and are no part of the order."""


_ADD: Mapping[type[Event], Callable[[_Sum, Any, Fact], None]] = {
    OrderPlaced: _placed,
    OrderAccepted: _accepted,
    OrderEdited: _edited,
    OrderPaid: _paid,
    OrderPaymentFailed: _payment_failed,
    OrderSourcing: _held,
    OrderBackordered: _held,
    OrderDelayed: _delayed,
    OrderPacked: _packed,
    OrderShipped: _shipped,
    TrackingUpdated: _tracked,
    OrderDelivered: _delivered,
    OrderPickedUp: _delivered,
    OrderReadyForPickup: _waits,
    OrderCancelled: _cancelled,
    OrderRefunded: _refunded,
    OrderReturnRequested: _return_requested,
    OrderReturnReceived: _return_received,
    CustomerAsked: _asked,
    CustomerAnswered: _answered,
    CustomerDecided: _decided,
    CustomerUpdated: _customer_updated,
    PromiseAtRisk: _nothing,
    PromiseBroken: _nothing,
    OrderClosed: _closed,
}
