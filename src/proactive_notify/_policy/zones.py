"""
In which zone an order lives: the customer's, else the destination's, else the shop's, else UTC.
"""

from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.core import get_global

from ..domain.customers import Shop
from ..domain.orders import Order


def zone_of(order: Order, shop: Shop) -> tzinfo:
    """Return the order's zone. A name that no zone has is passed over."""
    country = order.destination.country if order.destination else None
    year = order.placed_at.year if order.placed_at else 0
    return (
        _named(order.customer.time_zone) or (_of_country(country, year) if year else None) or _named(shop.time_zone) or UTC
    )


@lru_cache(maxsize=512)
def _of_country(country: str | None, year: int) -> tzinfo | None:
    """
    Return the zone of a country whose zones all show the same time, in winter and in summer of that year.

    The zones of a country are CLDR's, through Babel. Germany has two that agree, the United States many that do not.
    """
    names = get_global("territory_zones").get((country or "").upper(), ())
    zones = [zone for name in names if (zone := _named(name)) is not None]
    days = [datetime(year, month, 15, tzinfo=UTC) for month in (1, 7)]
    shown = {tuple(day.astimezone(zone).utcoffset() for day in days) for zone in zones}
    return zones[0] if len(shown) == 1 else None


def _named(name: str | None) -> tzinfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
