"""Which parcel a fact is about, and what is left to ship."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from proactive_notify.domain.events import (
    OrderDelivered,
    OrderPacked,
    OrderReadyForPickup,
    OrderShipped,
    TrackingUpdated,
)
from proactive_notify.domain.items import Item
from proactive_notify.domain.parcels import Parcel, ParcelKeys, left_over
from proactive_notify.domain.tracking import TrackingStatus

from .order_cases import MONDAY, told

UPS = {"carrier": "UPS", "tracking_code": "1Z9"}


def shipped(**data: Any) -> Any:
    return told(OrderShipped, **data)


def scanned(**data: Any) -> Any:
    return told(TrackingUpdated, status="in_transit", **data)


@pytest.mark.parametrize(
    ("known", "about", "key"),
    [
        pytest.param([shipped()], shipped(), "", id="no name"),
        pytest.param([shipped(**UPS)], scanned(), "ups:1Z9", id="the only one"),
        pytest.param([shipped(**UPS), shipped(shipment_id="S")], scanned(), "", id="one of two"),
        pytest.param([told(OrderPacked, shipment_id="S")], shipped(), "S", id="what was packed is shipped"),
        pytest.param([shipped(**UPS)], told(OrderPacked), "ups:1Z9", id="what is shipped was packed"),
        pytest.param([shipped(shipment_id="S")], shipped(), "", id="what is shipped besides"),
        pytest.param([shipped(shipment_id="S")], scanned(shipment_id="S"), "S", id="by shipment"),
        pytest.param([shipped(**UPS)], scanned(**UPS), "ups:1Z9", id="by carrier and code"),
        pytest.param(
            [shipped(carrier="ups", tracking_code="1Z9")], scanned(**UPS), "ups:1Z9", id="carriers have no case"
        ),
        pytest.param([shipped(shipment_id="S", **UPS)], scanned(**UPS), "S", id="a code that was joined to a shipment"),
        pytest.param(
            [shipped(shipment_id="S"), scanned(shipment_id="S", **UPS)], scanned(**UPS), "S", id="joined by the carrier"
        ),
        pytest.param([shipped(tracking_code="1Z9")], scanned(**UPS), ":1Z9", id="the shop did not name the carrier"),
        pytest.param([shipped(**UPS)], scanned(tracking_code="1Z9"), "ups:1Z9", id="the scan does not"),
        pytest.param(
            [shipped(carrier="dhl", tracking_code="1Z9")], scanned(**UPS), "ups:1Z9", id="another carrier's code"
        ),
        pytest.param([shipped()], scanned(**UPS), "", id="the unnamed parcel's code"),
        pytest.param(
            [shipped()], told(OrderReadyForPickup, place="Locker", **UPS), "", id="the unnamed parcel's locker"
        ),
        pytest.param([shipped()], told(OrderPacked, shipment_id="S"), "S", id="another parcel, named by the shop"),
        pytest.param([shipped()], told(OrderDelivered, **UPS), "ups:1Z9", id="the shop says another code"),
        pytest.param([], scanned(**UPS), "ups:1Z9", id="nobody else spoke of it"),
    ],
)
def test_a_fact_finds_its_parcel(known: list[Any], about: Any, key: str) -> None:
    """By shipment id, else carrier and code, else the one unnamed parcel; the same for every order of the facts."""
    found = {ParcelKeys(order).key_of(about) for order in permutations([*known, about])}

    assert {key} == found


def item(name: str, quantity: int = 1, **data: Any) -> Item:
    return Item(name=name, quantity=quantity, **data)


@pytest.mark.parametrize(
    ("items", "taken", "left"),
    [
        ([], [], []),
        ([item("Bag", 2)], [], [("Bag", 2)]),
        ([item("Bag", 2), item("Hat")], [item("Bag")], [("Bag", 1), ("Hat", 1)]),
        ([item("Bag", 2), item("Hat")], [item("Hat"), item("Bag", 2)], []),
        ([item("Bag", 1)], [item("Bag", 5)], []),
        ([item("Bag", 1), item("Bag", 2)], [item("Bag", 2)], [("Bag", 1)]),
        ([item("Bag", sku="B")], [item("Leather bag", sku="B")], []),
        ([item("Bag", sku="B")], [item("Bag", sku="C")], [("Bag", 1)]),
        ([item("Bag")], [item("Unheard of")], [("Bag", 1)]),
    ],
)
def test_what_is_left_over(items: list[Item], taken: list[Item], left: list[tuple[str, int]]) -> None:
    """Things are counted off by stock number, else by name."""
    assert left == [(each.name, each.quantity) for each in left_over(items, taken)]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, ""),
        ({"shipped_at": MONDAY}, "shipped under-way"),
        ({"shipped_at": MONDAY, "status": TrackingStatus.LOST}, "shipped lost"),
        ({"shipped_at": MONDAY, "delivered_at": MONDAY, "status": TrackingStatus.DELIVERED}, "shipped delivered"),
        ({"shipped_at": MONDAY, "delivered_at": MONDAY, "status": TrackingStatus.LOST}, "shipped delivered"),
        (
            {"shipped_at": MONDAY, "delivered_at": MONDAY, "status": TrackingStatus.RETURN_TO_SENDER},
            "shipped under-way",
        ),
        ({"shipped_at": MONDAY, "status": TrackingStatus.RETURNED}, "shipped returned"),
    ],
)
def test_how_far_a_parcel_is(said: dict[str, Any], expected: str) -> None:
    """A parcel is on its way until it arrives, is back or is lost; one that comes back is on its way again."""
    parcel = Parcel(key="S", **said)
    words = {
        "shipped": parcel.is_shipped,
        "under-way": parcel.is_under_way,
        "delivered": parcel.is_delivered,
        "returned": parcel.is_returned,
        "lost": parcel.is_lost,
    }

    assert expected == " ".join(word for word, holds in words.items() if holds)
