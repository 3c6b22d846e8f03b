"""In which zone an order lives."""

from __future__ import annotations

from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from proactive_notify._policy.zones import zone_of
from proactive_notify.domain.customers import Customer, Place, Shop

from .order_cases import order_of, placed

COUNTRIES = {
    "BR": ("America/Sao_Paulo", "America/Manaus"),
    "DE": ("Europe/Berlin", "Europe/Busingen"),
    "NP": ("Asia/Kathmandu",),
    "XX": ("No/Where",),
}


def zone(*, customer: str | None = None, country: str | None = None, shop: str = "UTC") -> Any:
    order = order_of(placed(customer=Customer(time_zone=customer), destination=Place(country=country)))
    return zone_of(order, Shop(time_zone=shop), lambda name: COUNTRIES.get(name, ()))


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"customer": "America/New_York", "country": "NP", "shop": "Europe/Rome"}, "America/New_York"),
        ({"country": "NP", "shop": "Europe/Rome"}, "Asia/Kathmandu"),
        ({"shop": "Europe/Rome"}, "Europe/Rome"),
        ({"customer": "Mars/Olympus", "country": "NP"}, "Asia/Kathmandu"),
        ({"customer": "../etc/passwd", "shop": "Europe/Rome"}, "Europe/Rome"),
        ({"country": "DE"}, "Europe/Berlin"),
        ({"country": "BR", "shop": "Europe/Rome"}, "Europe/Rome"),
        ({"country": "ZZ", "shop": "Europe/Rome"}, "Europe/Rome"),
        ({"country": "XX", "shop": "Europe/Rome"}, "Europe/Rome"),
    ],
)
def test_the_zone_is_the_nearest_that_is_known(known: dict[str, str], expected: str) -> None:
    """The customer's own, else the destination's if its zones agree, else the shop's; unknown names are passed over."""
    assert ZoneInfo(expected) == zone(**known)


def test_without_any_zone_it_is_utc() -> None:
    """Where nobody's zone is known, days end in UTC."""
    assert zone(shop="Nowhere/AtAll") is UTC
