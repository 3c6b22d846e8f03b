"""Facts about an order, in Python."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from proactive_notify import domain
from proactive_notify.domain import events
from proactive_notify.domain.customers import Customer, Shop
from proactive_notify.domain.event import Event
from proactive_notify.domain.events import EVENT_TYPES, CustomerAsked, OrderPaid, OrderPlaced, OrderShipped
from proactive_notify.domain.promises import Promise, PromiseKind
from proactive_notify.domain.tracking import TrackingStatus

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)

#: Every type on the wire, and its class.
TYPES = {
    "order.placed": "OrderPlaced",
    "order.accepted": "OrderAccepted",
    "order.edited": "OrderEdited",
    "order.paid": "OrderPaid",
    "order.payment_failed": "OrderPaymentFailed",
    "order.sourcing": "OrderSourcing",
    "order.backordered": "OrderBackordered",
    "order.delayed": "OrderDelayed",
    "order.packed": "OrderPacked",
    "order.shipped": "OrderShipped",
    "tracking.updated": "TrackingUpdated",
    "order.delivered": "OrderDelivered",
    "order.ready_for_pickup": "OrderReadyForPickup",
    "order.picked_up": "OrderPickedUp",
    "order.cancelled": "OrderCancelled",
    "order.refunded": "OrderRefunded",
    "order.return_requested": "OrderReturnRequested",
    "order.return_received": "OrderReturnReceived",
    "customer.asked": "CustomerAsked",
    "customer.answered": "CustomerAnswered",
    "customer.decided": "CustomerDecided",
    "customer.updated": "CustomerUpdated",
    "promise.at_risk": "PromiseAtRisk",
    "promise.broken": "PromiseBroken",
    "order.closed": "OrderClosed",
}


def test_every_type_has_its_class() -> None:
    """The types on the wire and the classes' names are what users hold on to."""
    assert {name: kind.__name__ for name, kind in EVENT_TYPES.items()} == TYPES
    assert all(getattr(events, name).type == type_ for type_, name in TYPES.items())
    assert domain.__doc__


def test_the_rank_decides_within_a_second() -> None:
    """Placed, accepted, paid, packed, shipped, tracked, delivered, cancelled, returned: in this order."""
    names = "placed accepted paid packed shipped".split()
    order = [EVENT_TYPES[f"order.{name}"] for name in names] + [EVENT_TYPES["tracking.updated"]]
    order += [EVENT_TYPES[f"order.{name}"] for name in ("delivered", "cancelled", "return_received")]
    ranks = [kind.rank for kind in order]

    assert sorted(set(ranks)) == ranks


def test_what_was_left_out_is_filled_in() -> None:
    """Id, source and time may be left out, and what was given stays."""
    bare = CustomerAsked(order_id="A-1").filled(id="1", source="shop", at=NOW)
    given = CustomerAsked(order_id="A-1", id="mine", source="desk", at=NOW - timedelta(days=1))

    assert ("shop 1", NOW) == (bare.key, bare.happened_at)
    assert given is given.filled(id="1", source="shop", at=NOW)


def test_an_event_that_was_not_recorded_has_no_time() -> None:
    """Asking when it happened is an error until somebody said."""
    with pytest.raises(ValueError, match="not recorded"):
        _ = CustomerAsked(order_id="A-1").happened_at


@pytest.mark.parametrize("order_id", ["", "A\n1", "A\x001", "A\u20281", "A" * 201, None])
def test_an_order_id_is_one_short_line(order_id: Any) -> None:
    """An id that could forge a header or a log line is refused."""
    with pytest.raises(ValidationError):
        CustomerAsked(order_id=order_id)


@pytest.mark.parametrize("source", ["two words", "line\nbreak", "x" * 201])
def test_a_source_is_a_reference(source: str) -> None:
    """Source and id make one key, so a source holds no blanks."""
    with pytest.raises(ValidationError):
        CustomerAsked(order_id="A-1", source=source)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "//shop.example", "shop.example"])
def test_a_link_is_a_web_address(link: str) -> None:
    """Nothing but http and https becomes a link in a mail."""
    with pytest.raises(ValidationError, match="https://"):
        OrderShipped(order_id="A-1", tracking_url=link)


def test_events_are_frozen() -> None:
    """A fact does not change."""
    event = OrderPaid(order_id="A-1")
    with pytest.raises(ValidationError):
        event.amount = None


def test_fields_that_are_not_known_are_kept() -> None:
    """What a shop says beyond our fields stays with the event."""
    event: Event = OrderPaid(order_id="A-1", terminal="T-7")

    assert {"terminal": "T-7"} == event.model_extra


@pytest.mark.parametrize("word", ["in_transit", "unknown", "IN HUB 7", "beamed_up"])
def test_a_carriers_own_word_is_kept(word: str) -> None:
    """A status that is not ours reads as unknown and keeps its word."""
    event: Any = EVENT_TYPES["tracking.updated"](order_id="A-1", status=word)
    ours = word in set(TrackingStatus)

    assert (TrackingStatus(word), None if ours else word) == (event.status, event.raw_status)


def test_what_carriers_say_falls_in_three() -> None:
    """A status is before, on the way, or after; the parcel that comes back is a case of its own."""
    back = {each for each in TrackingStatus if each.is_coming_back}
    moving = {each for each in TrackingStatus if each.is_moving}

    assert {TrackingStatus.RETURN_TO_SENDER, TrackingStatus.RETURNED} == back
    assert {
        TrackingStatus.IN_TRANSIT,
        TrackingStatus.OUT_FOR_DELIVERY,
        TrackingStatus.AVAILABLE_FOR_PICKUP,
        TrackingStatus.ATTEMPT_FAILED,
        TrackingStatus.ACTION_REQUIRED,
        TrackingStatus.DELAYED,
        TrackingStatus.EXCEPTION,
        TrackingStatus.DAMAGED,
    } == moving


def test_dates_may_be_days_or_instants() -> None:
    """A promise is made with a day or a time, from Python and as the wire has it."""
    day, instant = Promise.ship_by(date(2026, 1, 9)), Promise.deliver_by(NOW, grace=timedelta(hours=1))
    placed = OrderPlaced(order_id="A-1", promises={"ship_by": "2026-01-09", "deliver_by": "2026-01-14"})

    assert (PromiseKind.SHIP_BY, date(2026, 1, 9), None) == (day.kind, day.due, day.grace)
    assert (PromiseKind.DELIVER_BY, NOW, timedelta(hours=1)) == (instant.kind, instant.due, instant.grace)
    assert (day, Promise.deliver_by(date(2026, 1, 14))) == placed.promises


@pytest.mark.parametrize(
    ("email", "usable"),
    [
        ("ada@example.org", True),
        (" ada@example.org ", True),
        ("ada+bags@sub.example.org", True),
        ("ada@", False),
        ("@example.org", False),
        ("ada", False),
        ("ada@example.org, bob@example.org", False),
        ("Ada <ada@example.org>", False),
        ("", False),
        (None, False),
        ("a" * 250 + "@example.org", False),
    ],
)
def test_a_mailbox_is_one_usable_address(email: str | None, usable: bool) -> None:
    """What can be no single address is none, and the order is taken all the same."""
    mailbox = Customer(email=email).mailbox

    assert ((email or "").strip() if usable else None) == mailbox


def test_blank_is_left_out() -> None:
    """An empty text says as little as none."""
    assert Customer() == Customer(name=" ", email="", locale="\t")


@pytest.mark.parametrize("key", ["", "Shop", "a shop", "-shop", "x" * 64])
def test_a_shops_key_leads_every_row(key: str) -> None:
    """A shop's key is a short word in lower case."""
    with pytest.raises(ValidationError):
        Shop(key=key)
