"""
In which zone an order lives: the customer's, else the destination's, else the shop's, else UTC.
"""

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from babel.core import get_global

from ..domain.customers import Shop
from ..domain.orders import Order


def zone_of(order: Order, shop: Shop) -> tzinfo:
    """Return the order's zone. A name that no zone has is passed over."""
    for name in (order.customer.time_zone, _only_zone_of(order), shop.time_zone):
        zone = _named(name)
        if zone is not None:
            return zone
    return UTC


def _only_zone_of(order: Order) -> str | None:
    """The zone of the destination's country, if it has just one (CLDR, through Babel)."""
    country = order.destination.country if order.destination else None
    zones = get_global("territory_zones").get((country or "").upper(), ())
    return zones[0] if len(zones) == 1 else None


def _named(name: str | None) -> tzinfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
