"""
In which zone an order lives: the customer's, else the destination's, else the shop's, else UTC.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from ..domain.customers import Shop
from ..domain.orders import Order

#: Country, as ISO 3166-1 alpha-2 → the IANA names of its zones.
ZonesOfCountry = Callable[[str], Sequence[str]]


def zone_of(order: Order, shop: Shop, zones_of_country: ZonesOfCountry) -> tzinfo:
    """Return the order's zone. A name that no zone has is passed over."""
    country = order.destination.country if order.destination else None
    year = order.placed_at.year if order.placed_at else None
    return _found(order.customer.time_zone, country, year, shop.time_zone, zones_of_country)


@lru_cache(maxsize=512)
def _found(
    customers: str | None, country: str | None, year: int | None, shops: str, zones_of_country: ZonesOfCountry
) -> tzinfo:
    there = _agreed(tuple(zones_of_country(country)), year) if country and year else None
    return zone_named(customers) or there or zone_named(shops) or UTC


@lru_cache(maxsize=512)
def _agreed(names: tuple[str, ...], year: int) -> tzinfo | None:
    """
    Return the first of some zones if all show the same time, in winter and in summer of that year.

    Germany has two zones that agree, the United States many that do not.
    """
    zones = [zone for name in names if (zone := zone_named(name)) is not None]
    days = [datetime(year, month, 15, tzinfo=UTC) for month in (1, 7)]
    shown = {tuple(day.astimezone(zone).utcoffset() for day in days) for zone in zones}
    return zones[0] if len(shown) == 1 else None


def zone_named(name: str | None) -> tzinfo | None:
    """Return a zone by its IANA name; ``None`` for no name and for one that no zone has."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
