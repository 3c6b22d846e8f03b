"""What an order's events add up to."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest

from proactive_notify.domain.customers import Customer
from proactive_notify.domain.events import (
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
    OrderReadyForPickup,
    OrderRefunded,
    OrderReturnReceived,
    OrderReturnRequested,
    OrderShipped,
    OrderSourcing,
    PromiseBroken,
    TrackingUpdated,
)
from proactive_notify.domain.folding import fold
from proactive_notify.domain.items import Item, Payment
from proactive_notify.domain.orders import Fact, Order, OrderState
from proactive_notify.domain.promises import PromiseKind
from proactive_notify.domain.tracking import TrackingStatus

from .order_cases import after, order_of, placed, told

BAG, HAT = Item(name="Bag"), Item(name="Hat", quantity=2)
MONEY = {"amount": "40.00", "currency": "EUR"}


def shipped(days: float = 1, **data: Any) -> Any:
    return told(OrderShipped, days, **{"id": f"shipped {data.get('shipment_id')}", **data})


def tracked(status: str, days: float, **data: Any) -> Any:
    return told(TrackingUpdated, days, status=status, **data)


def summary(order: Order) -> tuple[str, bool, bool]:
    """The state, whether the customer is still waiting, and whether the order has ended."""
    return order.state.value, order.is_live, order.is_ended


WAITS, OVER, HANDED_OVER = (True, False), (False, True), (False, False)


@pytest.mark.parametrize(
    ("events", "state", "waits"),
    [
        pytest.param([shipped()], OrderState.UNKNOWN, HANDED_OVER, id="nobody placed it"),
        pytest.param([placed()], OrderState.PLACED, WAITS, id="placed"),
        pytest.param([placed(), told(OrderAccepted, 1)], OrderState.ACCEPTED, WAITS, id="accepted"),
        pytest.param([placed(), told(OrderPaid, 1)], OrderState.PLACED, WAITS, id="paid"),
        pytest.param([placed(), told(OrderPacked, 1)], OrderState.PLACED, WAITS, id="packed"),
        pytest.param([placed(), shipped()], OrderState.SHIPPED, WAITS, id="shipped"),
        pytest.param([placed(2), shipped(1)], OrderState.SHIPPED, WAITS, id="shipped before it was placed"),
        pytest.param([placed(items=[BAG, HAT]), shipped(items=[BAG])], OrderState.PART_SHIPPED, WAITS, id="a part"),
        pytest.param(
            [placed(items=[BAG, HAT]), shipped(1, shipment_id="1", items=[BAG]), shipped(2, shipment_id="2")],
            OrderState.SHIPPED,
            WAITS,
            id="a part and the rest",
        ),
        pytest.param(
            [placed(items=[BAG, HAT]), shipped(items=[BAG]), told(OrderCancelled, 2, items=[HAT])],
            OrderState.SHIPPED,
            WAITS,
            id="a part, and the rest will not come",
        ),
        pytest.param([placed(item_count=3), shipped(items=[HAT])], OrderState.PART_SHIPPED, WAITS, id="two of three"),
        pytest.param([placed(), tracked("in_transit", 1)], OrderState.SHIPPED, WAITS, id="the carrier has it"),
        pytest.param([placed(), tracked("pre_transit", 1)], OrderState.PLACED, WAITS, id="a label"),
        pytest.param([placed(), shipped(), told(OrderDelivered, 2)], OrderState.DELIVERED, OVER, id="delivered"),
        pytest.param([placed(), told(OrderDelivered, 2)], OrderState.DELIVERED, OVER, id="delivered unseen"),
        pytest.param([placed(), shipped(3), told(OrderDelivered, 2)], OrderState.DELIVERED, OVER, id="before shipping"),
        pytest.param([placed(), shipped(), tracked("delivered", 2)], OrderState.DELIVERED, OVER, id="by the carrier"),
        pytest.param([placed(), shipped(), told(OrderPickedUp, 2)], OrderState.DELIVERED, OVER, id="picked up"),
        pytest.param(
            [placed(), told(OrderReadyForPickup, 1, place="Shop")], OrderState.SHIPPED, WAITS, id="waits for pickup"
        ),
        pytest.param(
            [placed(items=[BAG, HAT]), shipped(items=[BAG]), told(OrderDelivered, 2)],
            OrderState.PART_SHIPPED,
            WAITS,
            id="a part has arrived",
        ),
        pytest.param(
            [
                placed(),
                shipped(1, shipment_id="1"),
                shipped(1, shipment_id="2"),
                told(OrderDelivered, 2, shipment_id="1"),
            ],
            OrderState.SHIPPED,
            WAITS,
            id="one of two has arrived",
        ),
        pytest.param(
            [placed(), shipped(1, shipment_id="1"), shipped(1, shipment_id="2"), told(OrderDelivered, 2)],
            OrderState.DELIVERED,
            OVER,
            id="delivered without a name is all",
        ),
        pytest.param([placed(), told(OrderCancelled, 1)], OrderState.CANCELLED, OVER, id="cancelled"),
        pytest.param(
            [placed(items=[BAG, HAT]), told(OrderCancelled, 1, items=[BAG])], OrderState.PLACED, WAITS, id="in part"
        ),
        pytest.param(
            [placed(items=[BAG, HAT]), told(OrderCancelled, 1, items=[BAG]), told(OrderCancelled, 2, items=[HAT])],
            OrderState.CANCELLED,
            OVER,
            id="cancelled part by part",
        ),
        pytest.param([placed(), shipped(), told(OrderCancelled, 2)], OrderState.CANCELLED, WAITS, id="under way"),
        pytest.param(
            [placed(), shipped(), told(OrderCancelled, 2), told(OrderDelivered, 3)],
            OrderState.DELIVERED,
            OVER,
            id="cancelled too late",
        ),
        pytest.param(
            [placed(), shipped(), told(OrderCancelled, 2), tracked("returned", 3)],
            OrderState.RETURNED,
            OVER,
            id="cancelled and back",
        ),
        pytest.param(
            [placed(), shipped(), told(OrderDelivered, 2), told(OrderCancelled, 2, id="c")],
            OrderState.CANCELLED,
            OVER,
            id="delivered and cancelled in one second",
        ),
        pytest.param([placed(), shipped(), tracked("returned", 5)], OrderState.RETURNED, OVER, id="came back"),
        pytest.param(
            [placed(), shipped(), told(OrderDelivered, 2), tracked("return_to_sender", 4)],
            OrderState.SHIPPED,
            WAITS,
            id="a return reopens a delivered order",
        ),
        pytest.param(
            [placed(), shipped(), told(OrderDelivered, 2), told(OrderReturnReceived, 9)],
            OrderState.RETURNED,
            OVER,
            id="returned by the customer",
        ),
        pytest.param(
            [placed(items=[BAG, HAT]), told(OrderDelivered, 2), told(OrderReturnReceived, 9, items=[HAT])],
            OrderState.DELIVERED,
            OVER,
            id="a part is returned by the customer",
        ),
        pytest.param(
            [
                placed(items=[BAG, HAT]),
                told(OrderDelivered, 2),
                told(OrderReturnReceived, 9, items=[HAT]),
                told(OrderReturnReceived, 10, items=[BAG]),
            ],
            OrderState.RETURNED,
            OVER,
            id="returned part by part",
        ),
        pytest.param(
            [
                placed(items=[BAG, HAT]),
                shipped(1, shipment_id="1", items=[BAG]),
                shipped(1.1, shipment_id="2"),
                told(OrderDelivered, 2, shipment_id="1"),
                tracked("lost", 5, shipment_id="2"),
            ],
            OrderState.SHIPPED,
            WAITS,
            id="a part is lost",
        ),
        pytest.param(
            [
                placed(items=[BAG, HAT]),
                shipped(1, shipment_id="1", items=[BAG]),
                shipped(1.1, shipment_id="2"),
                told(OrderDelivered, 2, shipment_id="1"),
                tracked("lost", 5, shipment_id="2"),
                told(OrderCancelled, 6, items=[HAT]),
            ],
            OrderState.DELIVERED,
            OVER,
            id="what is lost is called off",
        ),
        pytest.param(
            [placed(), shipped(), told(OrderDelivered, 2), told(OrderReturnRequested, 4)],
            OrderState.DELIVERED,
            OVER,
            id="only asked to return it",
        ),
        pytest.param(
            [placed(), told(OrderClosed, 40, reason="r")], OrderState.CLOSED, HANDED_OVER, id="handed to people"
        ),
        pytest.param(
            [placed(), shipped(), told(OrderClosed, 40, reason="r"), told(OrderDelivered, 30)],
            OrderState.DELIVERED,
            OVER,
            id="a terminal fact beats closed",
        ),
        pytest.param(
            [placed(), told(OrderClosed, 40, reason="r"), told(CustomerAsked, 41)],
            OrderState.PLACED,
            WAITS,
            id="woken by a fact",
        ),
        pytest.param(
            [placed(), told(OrderClosed, 40, reason="r"), told(CustomerAsked, 39)],
            OrderState.CLOSED,
            HANDED_OVER,
            id="not woken by an older fact",
        ),
    ],
)
def test_the_state_is_the_rank_of_progress(events: list[Any], state: OrderState, waits: tuple[bool, bool]) -> None:
    """The state of an order, and whether somebody waits, is the same for every order of arrival."""
    found = {summary(fold("A-1", [Fact(each, each.happened_at) for each in order])) for order in permutations(events)}

    assert {(state.value, *waits)} == found


def test_a_repeated_fact_counts_once() -> None:
    """An event that comes twice adds nothing."""
    facts = [placed(), shipped(), told(OrderRefunded, 3, amount=MONEY)]

    assert order_of(*facts) == order_of(*facts, *facts)


def test_a_fact_of_the_future_does_not_win_for_ever() -> None:
    """A scan dated into next year counts from ten minutes after it was recorded."""
    far = tracked("out_for_delivery", 365)
    order = fold(
        "A-1",
        [
            Fact(placed(), after()),
            Fact(far, after(2)),
            Fact(tracked("delayed", 3), after(3)),
        ],
    )

    assert TrackingStatus.DELAYED is order.parcels[0].status
    assert after(2) + timedelta(minutes=10) == order.parcels[0].shipped_at


def dates(order: Order) -> dict[PromiseKind, date]:
    return {each.kind: each.due for each in order.dates}


def test_the_newest_date_stands() -> None:
    """Each date that is told replaces the one before it, and says so."""
    order = order_of(
        placed(ship_by=date(2026, 1, 9), deliver_by=date(2026, 1, 14)),
        told(OrderDelayed, 2, id="late", ship_by="2026-01-12", deliver_by="2026-01-20"),
        shipped(4, deliver_by="2026-01-21"),
        tracked("in_transit", 5, deliver_by="2026-01-19"),
    )
    ship_by = order.date_of(PromiseKind.SHIP_BY)

    assert {PromiseKind.SHIP_BY: date(2026, 1, 12), PromiseKind.DELIVER_BY: date(2026, 1, 19)} == dates(order)
    assert ship_by is not None
    assert ("shop late", after(2), date(2026, 1, 9)) == (ship_by.set_by, ship_by.set_at, ship_by.replaces)
    assert order.last_told == order.date_of(PromiseKind.DELIVER_BY)


def test_the_same_date_again_changes_nothing() -> None:
    """Who told a date first has set it; repeating it is no news."""
    order = order_of(placed(ship_by=date(2026, 1, 9)), told(OrderDelayed, 2, ship_by="2026-01-09"))

    assert ["shop order.placed@0"] == [each.set_by for each in order.dates]


def test_a_date_that_returns_is_a_new_one() -> None:
    """A day that was given up and is told again is set by the later event."""
    order = order_of(
        placed(ship_by=date(2026, 1, 9)),
        told(OrderDelayed, 1, ship_by="2026-01-12"),
        told(OrderEdited, 2, id="back", promises={"ship_by": "2026-01-09"}),
    )

    assert [("shop back", date(2026, 1, 12))] == [(each.set_by, each.replaces) for each in order.dates]


def test_a_delay_without_a_date_takes_the_dates_away() -> None:
    """Nobody knows until when: no date stands, and the last one that was told is remembered."""
    order = order_of(placed(ship_by=date(2026, 1, 9)), told(OrderDelayed, 2, reason="flood"))

    assert {} == dates(order)
    assert order.last_told is not None
    assert date(2026, 1, 9) == order.last_told.due
    assert ["flood"] == [each.reason for each in order.delays]


def test_the_last_hold_is_known() -> None:
    """Of sourcing, backordered and delayed the last says what the shop is busy with."""
    sourcing = told(OrderSourcing, 1, note="looking")
    backordered = told(OrderBackordered, 2, items=["Bag"])

    assert sourcing == order_of(placed(), sourcing).hold
    assert backordered == order_of(placed(), sourcing, backordered).hold


@pytest.mark.parametrize(
    ("events", "payment", "doubt"),
    [
        ([placed()], None, False),
        ([placed(payment="authorized")], Payment.AUTHORIZED, False),
        ([placed(payment="authorized"), told(OrderPaid, 1)], Payment.CAPTURED, False),
        ([placed(payment="pending"), told(OrderPaid, 1)], Payment.CAPTURED, True),
        ([placed(), told(OrderPaymentFailed, 1)], Payment.FAILED, False),
        ([placed(), told(OrderPaymentFailed, 1), told(OrderPaid, 2)], Payment.CAPTURED, True),
        ([placed(1), told(OrderPaid, 0)], Payment.CAPTURED, False),
        ([placed(1, payment="pending"), told(OrderPaid, 0)], Payment.CAPTURED, False),
    ],
)
def test_what_has_become_of_the_money(events: list[Any], payment: Payment | None, doubt: bool) -> None:
    """Pending, authorised, taken or failed; and whether it had been in doubt before it came."""
    found = {
        (order.payment, order.payment_was_in_doubt)
        for each in permutations(events)
        for order in [fold("A-1", [Fact(event, event.happened_at) for event in each])]
    }

    assert {(payment, doubt)} == found


@pytest.mark.parametrize(
    ("refunds", "whole"), [([], False), (["39.99"], False), (["40"], True), (["15", "25"], True), (["50"], True)]
)
def test_money_may_go_back_in_parts(refunds: list[str], whole: bool) -> None:
    """What was paid has gone back when the refunds add up to it."""
    back = [
        told(OrderRefunded, 3 + number, amount={"amount": amount, "currency": "EUR"})
        for number, amount in enumerate(refunds)
    ]
    order = order_of(placed(total=MONEY), told(OrderPaid, 1), *back)

    assert (whole, not whole) == (order.is_refunded, order.is_charged)


def test_the_first_question_waits_until_a_person_speaks() -> None:
    """A second question while one is open changes nothing; one after the answer is new."""
    first, again, later = (told(CustomerAsked, days, id=f"q{days}") for days in (1, 2, 5))
    answer = told(CustomerAnswered, 3)

    assert "shop q1" == order_of(placed(), first, again).asked_by
    assert "shop q5" == order_of(placed(), first, again, answer, later).asked_by
    assert after(3) == order_of(placed(), first, answer).spoken_at


def test_what_a_customer_changes_is_merged() -> None:
    """Only what is given changes; the name stays."""
    order = order_of(placed(), told(CustomerUpdated, 1, email="new@example.org", sms_consent=True))

    assert ("Ada", "new@example.org", True) == (order.customer.name, order.customer.email, order.customer.sms_consent)


def test_a_customers_id_changes_only_when_it_is_given() -> None:
    """An update without a customer id leaves the id as it was."""
    known = placed(customer=Customer(id="C-1", email="ada@example.org"))

    assert "C-2" == order_of(known, told(CustomerUpdated, 1, customer_id="C-2")).customer.id
    assert "C-1" == order_of(known, told(CustomerUpdated, 1, email="new@example.org")).customer.id


def test_an_edit_changes_what_it_gives() -> None:
    """Items may change; the customer and the place where it goes stay."""
    order = order_of(
        placed(items=[BAG], destination={"city": "Berlin"}),
        told(OrderEdited, 1, items=[BAG, HAT], customer={"email": "new@example.org"}),
    )

    assert (BAG, HAT) == order.items
    assert "Berlin" == (order.destination and order.destination.city)
    assert ("Ada", "new@example.org") == (order.customer.name, order.customer.email)


def test_the_last_decision_counts() -> None:
    """A customer who waits may still cancel."""
    order = order_of(placed(), told(CustomerDecided, 1, decision="wait"), told(CustomerDecided, 2, decision="cancel"))

    assert ("cancel", after(2)) == (order.decision, order.decided_at)


def test_a_carrier_that_contradicts_changes_nothing() -> None:
    """A parcel that arrived is not moved again by a later scan, and the scan is remembered as a contradiction."""
    scan = tracked("in_transit", 4, id="scan")
    order = order_of(placed(), shipped(), told(OrderDelivered, 3), scan)

    assert OrderState.DELIVERED is order.state
    assert ("shop scan",) == order.contradictions
    assert () == order_of(placed(), shipped(), told(OrderDelivered, 5), scan).contradictions


def test_a_carrier_that_has_what_was_cancelled_contradicts() -> None:
    """The first scan of a cancelled order's parcel is remembered as a contradiction; the ones after it are not."""
    scans = (tracked("in_transit", 4, id="scan"), tracked("out_for_delivery", 5, id="again"))
    order = order_of(placed(), told(OrderPacked, 1), told(OrderCancelled, 2), *scans)

    assert ("shop scan",) == order.contradictions


def test_a_correction_of_the_same_parcel_keeps_its_first_time() -> None:
    """A second `shipped` with the same key corrects what is in it, and does not ship it again."""
    order = order_of(
        placed(items=[BAG, HAT]),
        shipped(1, id="one", shipment_id="S", items=[BAG]),
        shipped(2, id="two", shipment_id="S", items=[BAG, HAT], tracking_url="https://ups.example/1"),
    )
    (parcel,) = order.parcels

    assert (after(1), "shop one") == (parcel.shipped_at, parcel.shipped_by)
    assert ((BAG, HAT), "https://ups.example/1") == (parcel.items, parcel.tracking_url)


def test_promises_are_no_part_of_the_order() -> None:
    """What the clock broke leaves the order as it was."""
    broken = told(PromiseBroken, 5, promise="news_by", due_at=after(5))

    assert order_of(placed(), shipped()) == order_of(placed(), shipped(), broken)


def test_an_old_order_is_an_import() -> None:
    """An order that arrives more than seven days after it was placed is imported; seven days are not more."""
    event = placed()

    assert not fold("A-1", [Fact(event, after(7))]).imported
    assert fold("A-1", [Fact(event, after(7, seconds=1))]).imported
