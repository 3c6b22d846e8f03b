"""
Facts about an order, in the past tense; CloudEvents 1.0 on the wire (``wire.py``).

Every event takes ``notify`` (``False``: record it, tell nobody). In Python ``id``, ``source`` and ``at`` may be left
out: the recorder fills them in. Fields that are not known are kept and ignored.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from .customers import Customer, Optional, Place, PlainText
from .dates import DayOrInstant, Instant
from .event import Event, Link
from .items import Items, Payment
from .money import Money
from .promises import Promise, promises_from_wire
from .tracking import TrackingStatus

#: Every text but one with halves of characters, which no database takes.
_ANY_TEXT = r"^[\s\S]*$"


class OrderPlaced(Event):
    """The customer ordered."""

    type = "order.placed"
    rank = 0

    customer: Customer = Customer()
    items: Items = ()
    item_count: int | None = Field(default=None, ge=0, le=1_000_000)
    total: Money | None = None
    destination: Place | None = None
    promises: Annotated[tuple[Promise, ...], BeforeValidator(promises_from_wire)] = ()
    order_url: Link = None
    payment: Payment | None = None
    #: The customer applied for the shop's own credit when ordering (16 CFR 435.2(a)(1): 20 days more).
    shop_credit: bool = False


class OrderAccepted(Event):
    """The shop took the order on."""

    type = "order.accepted"
    rank = 5


class OrderEdited(OrderPlaced):
    """Fields of the order changed; only those that are given."""

    type = "order.edited"
    rank = 6

    customer: Customer | None = None  # type: ignore[assignment]  # here a missing customer means: unchanged


class OrderPaid(Event):
    """The money was taken."""

    type = "order.paid"
    rank = 10

    amount: Money | None = None
    methods: tuple[PlainText, ...] = ()
    #: What the customer's card statement will say.
    statement_name: Optional = None


class OrderPaymentFailed(Event):
    """The money could not be taken."""

    type = "order.payment_failed"
    rank = 9

    reason: Optional = None
    pay_by: DayOrInstant | None = None


class OrderSourcing(Event):
    """Somebody is looking for the goods, for example in another store."""

    type = "order.sourcing"
    rank = 12

    note: PlainText
    expected_by: DayOrInstant | None = None


class OrderBackordered(Event):
    """Something is out of stock."""

    type = "order.backordered"
    rank = 13

    items: Items
    expected_by: DayOrInstant | None = None
    reason: Optional = None


class OrderDelayed(Event):
    """The order will be late. A date that is absent is not known."""

    type = "order.delayed"
    rank = 14

    reason: Optional = None
    ship_by: DayOrInstant | None = None
    deliver_by: DayOrInstant | None = None
    items: Items = ()


class ParcelEvent(Event):
    """A fact about one parcel, or about the only one."""

    shipment_id: Optional = None
    carrier: Optional = None
    tracking_code: Optional = None


class OrderPacked(ParcelEvent):
    """The label is made; the carrier does not have the parcel."""

    type = "order.packed"
    rank = 20


class OrderShipped(ParcelEvent):
    """A parcel was handed over. Without items: all that was left."""

    type = "order.shipped"
    rank = 30

    tracking_url: Link = None
    items: Items = ()
    deliver_by: DayOrInstant | None = None


class TrackingUpdated(ParcelEvent):
    """The carrier said something about a parcel."""

    type = "tracking.updated"
    rank = 40

    status: TrackingStatus
    #: The carrier's own word, where it is not one of ours.
    raw_status: Optional = None
    detail: Optional = None
    location: Optional = None
    deliver_by: DayOrInstant | None = None
    #: What the customer shows where the parcel waits.
    pickup_code: Optional = None

    @model_validator(mode="before")
    @classmethod
    def _keep_a_word_we_do_not_know(cls, values: Any) -> Any:
        word = values.get("status", "") if isinstance(values, dict) else ""
        if not isinstance(word, str):
            raise ValueError("status must be a text")
        if word not in ("", "unknown") and TrackingStatus(word) is TrackingStatus.UNKNOWN:
            return {"raw_status": word[:200], **values}
        return values


class OrderDelivered(ParcelEvent):
    """A parcel arrived. Without a parcel: all that are known."""

    type = "order.delivered"
    rank = 60

    received_by: Optional = None
    place: Optional = None


class OrderReadyForPickup(ParcelEvent):
    """The goods wait for the customer."""

    type = "order.ready_for_pickup"
    rank = 45

    place: PlainText
    until: DayOrInstant | None = None


class OrderPickedUp(ParcelEvent):
    """The customer fetched the goods."""

    type = "order.picked_up"
    rank = 61


class OrderCancelled(Event):
    """The order, or some items of it, will not come."""

    type = "order.cancelled"
    rank = 70

    reason: Optional = None
    by: Optional = None
    items: Items = ()


class OrderRefunded(Event):
    """Money went back."""

    type = "order.refunded"
    rank = 75

    amount: Money
    reason: Optional = None


class OrderReturnRequested(Event):
    """The customer wants to send something back."""

    type = "order.return_requested"
    rank = 80

    items: Items = ()


class OrderReturnReceived(Event):
    """Something came back."""

    type = "order.return_received"
    rank = 85

    items: Items = ()


class CustomerAsked(Event):
    """The customer asked something."""

    type = "customer.asked"
    rank = 90

    text: str | None = Field(default=None, max_length=100_000, pattern=_ANY_TEXT)
    channel: Optional = None


class CustomerAnswered(Event):
    """A person spoke to the customer."""

    type = "customer.answered"
    rank = 91

    by: Optional = None


class CustomerDecided(Event):
    """The customer chose to wait or to cancel."""

    type = "customer.decided"
    rank = 92

    decision: Literal["wait", "cancel"]
    message_id: Optional = None


class CustomerUpdated(Event):
    """Something about the customer changed; only what is given."""

    type = "customer.updated"
    rank = 2

    customer_id: Optional = None
    name: Optional = None
    email: Optional = None
    phone: Optional = None
    locale: Optional = None
    time_zone: Optional = None
    sms_consent: bool | None = None
    extra: dict[str, Any] | None = None


class PromiseEvent(Event):
    promise: PlainText
    #: The parcel's key, where the promise is about one parcel.
    parcel: str | None = Field(default=None, pattern=_ANY_TEXT)
    due_at: Instant


class PromiseAtRisk(PromiseEvent):
    """Nothing came yet: the staff are asked. Written by the watchdog."""

    type = "promise.at_risk"
    rank = 94


class PromiseBroken(PromiseEvent):
    """Nothing came in time: the customer hears. Written by the watchdog."""

    type = "promise.broken"
    rank = 95


class OrderClosed(Event):
    """The order was handed to people. Written by the engine."""

    type = "order.closed"
    rank = 99

    reason: PlainText


#: Every type on the wire and its class.
EVENT_TYPES: Mapping[str, type[Event]] = {
    each.type: each
    for each in (
        OrderPlaced,
        OrderAccepted,
        OrderEdited,
        OrderPaid,
        OrderPaymentFailed,
        OrderSourcing,
        OrderBackordered,
        OrderDelayed,
        OrderPacked,
        OrderShipped,
        TrackingUpdated,
        OrderDelivered,
        OrderReadyForPickup,
        OrderPickedUp,
        OrderCancelled,
        OrderRefunded,
        OrderReturnRequested,
        OrderReturnReceived,
        CustomerAsked,
        CustomerAnswered,
        CustomerDecided,
        CustomerUpdated,
        PromiseAtRisk,
        PromiseBroken,
        OrderClosed,
    )
}
