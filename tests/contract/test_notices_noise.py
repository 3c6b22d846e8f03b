"""The newer notices are told once, when they are of use, and stand in nobody's way."""

from __future__ import annotations

from typing import Any

import pytest

from proactive_notify import (
    CustomerAnswered,
    CustomerAsked,
    OrderAccepted,
    OrderCancelled,
    OrderDelivered,
    OrderEdited,
    OrderPacked,
    OrderPaid,
    OrderReadyForPickup,
    OrderReturnReceived,
    OrderReturnRequested,
    OrderShipped,
    TrackingUpdated,
    default_notices,
)
from proactive_notify.notices import ArrivingTomorrow
from proactive_notify.testing import Simulation

from .telling import after, fact, heard, january, placed, plain, play, when

MONEY = {"amount": "40.00", "currency": "EUR"}
UPS = {"carrier": "UPS", "tracking_code": "1Z9"}
SHIPPED = fact(OrderShipped, 1, deliver_by=january(14), **UPS)


def scan(days: float, status: str = "in_transit", **data: Any) -> Any:
    return fact(TrackingUpdated, days, status=status, **{**UPS, **data})


async def test_what_is_off_by_default_is_not_told(sim: Simulation) -> None:
    """A shop that names no notices tells neither that it prepares, nor that it packed, nor what comes tomorrow."""
    steps = [fact(OrderAccepted, 0.5), fact(OrderPacked, 1), fact(OrderShipped, 1.5, deliver_by=january(9), **UPS)]
    await play(sim, placed(ship_by=january(9)), *steps, until=3.9)

    assert ["order-received", "shipped"] == heard(sim)


# Trouble on the way


@pytest.mark.parametrize("status", ["attempt_failed", "action_required", "damaged", "available_for_pickup"])
async def test_a_carrier_that_repeats_itself_is_heard_once(status: str, sim: Simulation) -> None:
    """The same word three times a day is one mail."""
    again = [scan(2 + hours / 24, status, detail="ring twice", location="Lisbon") for hours in (0, 2, 5)]
    await play(sim, placed(), SHIPPED, *again, until=2.5)

    assert 3 == len(heard(sim))


async def test_another_attempt_is_another_word(sim: Simulation) -> None:
    """A second day on which nobody opened is told, and another thing to do as well."""
    attempts = [scan(2, "attempt_failed"), scan(3, "attempt_failed")]
    asks = [scan(4, "action_required", detail="pay duty"), scan(5, "action_required", detail="send papers")]
    await play(sim, placed(), SHIPPED, *attempts, *asks, until=5.1)

    assert (2, 2) == (len(sim.messages("attempt-failed")), len(sim.messages("action-required")))


async def test_the_last_of_a_burst_is_told(sim: Simulation) -> None:
    """Nobody opened, and a minute later it waits at the shop: one mail, the newest truth."""
    waits = fact(OrderReadyForPickup, 2 + 1 / 1440, place="Main Street 5", **UPS)
    await play(sim, placed(), SHIPPED, scan(2, "attempt_failed"), waits, until=2.5)

    assert ["order-received", "shipped", "ready-for-pickup"] == heard(sim)


async def test_trouble_that_has_passed_is_not_told(sim: Simulation) -> None:
    """A parcel that moves on before the mail leaves was in no trouble."""
    await play(sim, placed(), SHIPPED, scan(2, "exception"), scan(2 + 1 / 1440), until=2.5)

    assert ["order-received", "shipped"] == heard(sim)


async def test_what_the_customer_sends_back_is_no_trouble(sim: Simulation) -> None:
    """A parcel that comes back is told as trouble, but not where it was called off or asked back."""
    await play(sim, placed(), SHIPPED, fact(OrderCancelled, 2), scan(3, "return_to_sender"), until=3.1)

    sim.assert_not_sent("trouble")


@pytest.mark.parametrize("status", ["action_required", "damaged", "exception"])
async def test_trouble_that_ends_is_told_once(status: str, sim: Simulation) -> None:
    """The first scan after bad news tells that it moves again; the next ones tell nothing."""
    await play(sim, placed(), SHIPPED, scan(2, status), scan(3), scan(3.5), scan(4.2), until=4.5)

    assert [after(3, minutes=2)] == when(sim, "moving-again")


async def test_a_parcel_without_trouble_does_not_move_again(sim: Simulation) -> None:
    """Scans of a parcel that stood nowhere are no news."""
    await play(sim, placed(), SHIPPED, scan(2), scan(3), until=3.5)

    assert ["order-received", "shipped"] == heard(sim)


# Questions


async def test_questions_before_an_answer_are_received_once(sim: Simulation) -> None:
    """Three questions in an hour are one mail; after a person's answer the next one is received anew."""
    asked = [fact(CustomerAsked, 1 + hours / 24, text="Where is it?") for hours in (0, 0.5, 1)]
    later = [fact(CustomerAnswered, 1.2), fact(CustomerAsked, 2, text="Thanks, and when?")]
    await play(sim, placed(), *asked, *later)

    assert [after(1), after(2)] == when(sim, "question-received")


async def test_a_question_about_an_ended_order_is_received(sim: Simulation) -> None:
    """Who asks about what has arrived is told that a person answers, and by when."""
    asked = fact(CustomerAsked, 4, text="One handle is loose.")
    await play(sim, placed(), SHIPPED, fact(OrderDelivered, 3), asked)
    text = plain(sim.assert_sent("question-received"))

    assert "a person will answer you by Monday, 12 January" in text
    assert "arrived on Thursday, 8 January" in text


# Money


async def test_a_payment_that_comes_in_time_is_not_asked_for(sim: Simulation) -> None:
    """A pending payment is asked for after a day, and not if it came before."""
    await play(sim, placed(payment="pending"), fact(OrderPaid, 0.9), until=2)

    sim.assert_not_sent("payment-pending")


async def test_waiting_for_a_payment_holds_nothing_back(sim: Simulation) -> None:
    """What happens before the day is over is told at once, and the payment is asked for all the same."""
    edited = fact(OrderEdited, 0.2, items=["Hat"])
    await play(sim, placed(payment="pending", items=["Bag"]), edited, until=1.5)

    assert [after(0.2)] == when(sim, "order-changed")
    assert [after(1)] == when(sim, "payment-pending")


# Changes and returns


@pytest.mark.parametrize(
    "edited", [{"items": ["Bag"]}, {"total": MONEY}, {"order_url": "https://a.example"}, {"customer": {"name": "Eve"}}]
)
async def test_an_edit_that_changes_nothing_is_not_told(edited: dict[str, Any], sim: Simulation) -> None:
    """The same goods and the same total, and what the customer did not buy, are no news."""
    await play(sim, placed(items=["Bag"], total=MONEY), fact(OrderEdited, 1, **edited), until=1.1)

    assert ["order-received"] == heard(sim)


async def test_a_return_is_told_when_asked_for_and_when_received(sim: Simulation) -> None:
    """Shop and carrier both tell that all is back: the customer hears once."""
    back = [fact(OrderReturnRequested, 4), fact(OrderReturnReceived, 9), fact(OrderReturnReceived, 10)]
    await play(sim, placed(), SHIPPED, fact(OrderDelivered, 3), *back, scan(10.5, "returned"), until=11)

    assert [after(4), after(9)] == when(sim, "return")


# Tomorrow


async def test_tomorrow_follows_the_last_date() -> None:
    """A date that moves takes the word about tomorrow with it, which goes out on the morning before."""
    async with Simulation(notices=[*default_notices, ArrivingTomorrow]) as sim:
        await play(sim, placed(), SHIPPED, scan(2, deliver_by=january(12)), scan(5, deliver_by=january(15)), until=12)

    assert [after(9, hours=1)] == when(sim, "arriving-tomorrow")
