"""
Short ways to make events in tests. What is not given is left out; every field of the event may be given.
"""

from datetime import date, datetime
from typing import Any

from ..domain.customers import Customer
from ..domain.events import (
    OrderCancelled,
    OrderDelayed,
    OrderDelivered,
    OrderPaid,
    OrderPlaced,
    OrderShipped,
    TrackingUpdated,
)
from ..domain.promises import Promise
from ..domain.tracking import TrackingStatus


def order_placed(
    order_id: str = "A-1",
    *,
    email: str | None = "ada@example.org",
    ship_by: date | datetime | None = None,
    deliver_by: date | datetime | None = None,
    customer: Customer | None = None,
    **fields: Any,
) -> OrderPlaced:
    """Make an ``OrderPlaced``. ``email=None`` makes a customer whom nobody can reach."""
    promises = [
        *([Promise.ship_by(ship_by)] if ship_by else []),
        *([Promise.deliver_by(deliver_by)] if deliver_by else []),
    ]
    who = customer or Customer(name="Ada", email=email)
    return OrderPlaced(order_id=order_id, customer=who, promises=tuple(promises), **fields)


def order_paid(order_id: str = "A-1", **fields: Any) -> OrderPaid:
    """Make an ``OrderPaid``."""
    return OrderPaid(order_id=order_id, **fields)


def order_shipped(order_id: str = "A-1", **fields: Any) -> OrderShipped:
    """Make an ``OrderShipped``."""
    return OrderShipped(order_id=order_id, **fields)


def order_delayed(order_id: str = "A-1", **fields: Any) -> OrderDelayed:
    """Make an ``OrderDelayed``; without dates: nobody knows until when."""
    return OrderDelayed(order_id=order_id, **fields)


def order_delivered(order_id: str = "A-1", **fields: Any) -> OrderDelivered:
    """Make an ``OrderDelivered``."""
    return OrderDelivered(order_id=order_id, **fields)


def order_cancelled(order_id: str = "A-1", **fields: Any) -> OrderCancelled:
    """Make an ``OrderCancelled``."""
    return OrderCancelled(order_id=order_id, **fields)


def tracking_updated(order_id: str = "A-1", *, status: TrackingStatus | str, **fields: Any) -> TrackingUpdated:
    """Make a ``TrackingUpdated``."""
    return TrackingUpdated(order_id=order_id, status=TrackingStatus(status), **fields)
