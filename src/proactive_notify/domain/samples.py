"""
Made-up orders for previews and checks: nobody's data.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from .customers import Customer, Place
from .event import Event
from .events import OrderDelivered, OrderPaid, OrderPickedUp, OrderPlaced, OrderShipped, TrackingUpdated
from .items import Item, Payment
from .money import Money
from .promises import Promise

_PLACED_AT = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
#: The end of the day by which the made-up order was promised.
SAMPLE_DAY = "2026-03-12T04:00:00Z"
#: The end of the day by which it was to be shipped.
SAMPLE_SHIPPED_BY = "2026-03-07T05:00:00Z"
_MONEY = {"amount": "395.00", "currency": "USD"}
#: What each type needs beyond the envelope, on the wire's terms.
_DATA: dict[str, dict[str, object]] = {
    "order.payment_failed": {"reason": "the bank declined the card", "pay_by": "2026-03-09"},
    "order.paid": {"amount": _MONEY, "methods": ["Visa"], "statement_name": "ACME SHOP"},
    "order.sourcing": {"note": "a colleague is looking for your bag in our other stores", "expected_by": "2026-03-05"},
    "order.backordered": {"items": ["Leather bag"], "expected_by": "2026-03-20", "reason": "it sold out this morning"},
    "order.delayed": {"reason": "the bag was not where our list said", "ship_by": "2026-03-12"},
    "order.shipped": {"carrier": "UPS", "tracking_code": "1Z999AA10123456784", "tracking_url": "https://ups.example/t"},
    "tracking.updated": {"status": "in_transit", "location": "Louisville, KY", "deliver_by": "2026-03-13"},
    "order.delivered": {"place": "front door"},
    "order.ready_for_pickup": {"place": "Main Street 5", "until": "2026-03-20"},
    "order.cancelled": {"reason": "we could not find the bag in any store"},
    "order.refunded": {"amount": _MONEY},
    "customer.asked": {"text": "Where is my bag?"},
    "customer.decided": {"decision": "wait"},
    "promise.at_risk": {"promise": "news_by", "due_at": "2026-03-06T14:30:00Z"},
    "promise.broken": {"promise": "news_by", "due_at": "2026-03-06T14:30:00Z"},
    "order.closed": {"reason": "handed to people"},
}


def sample_placed() -> OrderPlaced:
    """Return the placing of a made-up order of two things."""
    return OrderPlaced(
        order_id="A-1001",
        id="placed",
        source="sample",
        at=_PLACED_AT,
        customer=Customer(name="Ada Lovelace", email="ada@example.org", time_zone="America/New_York"),
        items=(
            Item(name="Leather bag", quantity=1, price=Money(amount="350.00", currency="USD")),
            Item(name="Brass candlestick", quantity=2, price=Money(amount="22.50", currency="USD")),
        ),
        total=Money(**_MONEY),
        destination=Place(name="Ada Lovelace", city="Brooklyn", region="NY", postal_code="11201", country="US"),
        promises=(Promise.ship_by(date(2026, 3, 6)), Promise.deliver_by(date(2026, 3, 11))),
        order_url="https://shop.example/orders/A-1001",
        payment=Payment.AUTHORIZED,
    )


def sample_event(event_type: type[Event], *, after: timedelta = timedelta(days=4), **data: Any) -> Event:
    """Return a made-up event of this type, ``after`` the order was placed; ``data`` wins over what is made up."""
    envelope = {"order_id": "A-1001", "id": event_type.type, "source": "sample", "at": _PLACED_AT + after}
    return event_type(**{**envelope, **_DATA.get(event_type.type, {}), **data})


def sample_order(event_type: type[Event], **data: Any) -> tuple[Event, ...]:
    """Return a made-up order whose last event is of this type."""
    placed = sample_placed()
    if event_type is OrderPlaced:
        return (placed,)
    paid = sample_event(OrderPaid, after=timedelta(minutes=20))
    before: tuple[Event, ...] = (placed,) if event_type is OrderPaid else (placed, paid)
    if event_type in (TrackingUpdated, OrderDelivered, OrderPickedUp):
        before = (*before, sample_event(OrderShipped, after=timedelta(days=3)))
    return (*before, sample_event(event_type, **data))
