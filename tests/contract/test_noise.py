"""What is not sent, what waits, and in which order things leave."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from proactive_notify import (
    Customer,
    CustomerUpdated,
    OrderBackordered,
    OrderCancelled,
    OrderDelayed,
    OrderDelivered,
    OrderEdited,
    OrderPaid,
    OrderPaymentFailed,
    OrderRefunded,
    OrderShipped,
    OrderSourcing,
    Permanent,
    TrackingUpdated,
    Transient,
    Uncertain,
)
from proactive_notify.testing import Simulation

from .telling import after, decisions, fact, heard, history, january, placed, plain, play, staff, when

MONEY = {"amount": "40.00", "currency": "EUR"}
UPS = {"carrier": "UPS", "tracking_code": "1Z9"}
SHIPPED = fact(OrderShipped, 1, **UPS)
DELIVERED = fact(OrderDelivered, 3)
SOURCING = fact(OrderSourcing, 0.5, note="we look in our other stores")
DOWN = Transient("the server is away")
#: Nobody can be reached at this.
NOBODY = Customer(name="Ada")


def scan(days: float, status: str = "in_transit", **data: Any) -> Any:
    return fact(TrackingUpdated, days, status=status, **{**UPS, **data})


# First, latest, worse


async def test_only_the_first_occurrence_is_told(sim: Simulation) -> None:
    """The same event again, and the same thing under another id, are told once."""
    again = SHIPPED.model_copy(update={"id": "another"})
    await play(sim, placed(), SHIPPED, SHIPPED, again, placed(), until=2)

    assert ["order-received", "shipped"] == heard(sim)


async def test_the_latest_of_a_burst_is_told(sim: Simulation) -> None:
    """What comes together is one mail beside the confirmation: the newest."""
    burst = [SOURCING, fact(OrderBackordered, 0.6, items=["Bag"]), fact(OrderShipped, 0.7), fact(OrderDelivered, 0.8)]
    await sim.record_at(after(1), placed(), *burst)

    assert ["order-received", "delivered"] == heard(sim)
    assert [("dropped", "no-longer-true")] == await decisions(sim, "shipped")


async def test_carriers_report_in_bursts(sim: Simulation) -> None:
    """What the carrier says waits for two minutes, and only the last of it is told."""
    await play(sim, placed(), SHIPPED)
    await sim.record_at(after(2), scan(2, "out_for_delivery"))
    at_once = heard(sim)
    await sim.record_at(after(2, minutes=1, seconds=59), scan(2.001, "delivered"))
    await sim.advance(hours=1)

    assert ["order-received", "shipped"] == at_once
    assert ["order-received", "shipped", "delivered"] == heard(sim)
    assert [after(2, minutes=3, seconds=59)] == when(sim, "delivered")


async def test_two_minutes_are_enough(sim: Simulation) -> None:
    """After two minutes of patience the notice leaves; what comes later is told by itself."""
    await play(sim, placed(), SHIPPED, scan(2, "out_for_delivery"))
    await sim.record_at(after(2, minutes=2, seconds=1), fact(OrderDelivered, 2.001))

    assert ([after(2, minutes=2)], [after(2, minutes=2, seconds=1)]) == (
        when(sim, "out-for-delivery"),
        when(sim, "delivered"),
    )


async def test_the_shop_is_told_at_once(sim: Simulation) -> None:
    """What the shop itself says has no patience."""
    await play(sim, placed(), SHIPPED, DELIVERED)

    assert ([after(1)], [after(3)]) == (when(sim, "shipped"), when(sim, "delivered"))


async def test_worse_suppresses_milder(sim: Simulation) -> None:
    """While a delay waits to be told, silence adds no milder word to it."""
    await play(sim, placed(), SOURCING)
    sim.email.fail_until_told(DOWN)
    await play(sim, fact(OrderDelayed, 1, reason="flood"), until=3)
    sim.email.recover()
    await sim.advance(hours=1)

    assert ["order-received", "sourcing", "delayed"] == heard(sim)
    assert ("merged", "said-by:delayed") in await decisions(sim, "holding")


async def test_a_milder_word_of_the_shop_is_still_the_newest(sim: Simulation) -> None:
    """What people say replaces what waits, however bad that was: the newest truth is told."""
    await play(sim, placed(ship_by=january(9)))
    sim.email.fail_until_told(DOWN)
    await play(sim, fact(OrderDelayed, 1, ship_by=january(19)), fact(OrderShipped, 1.1))
    sim.email.recover()
    await sim.advance(hours=2)

    assert ["order-received", "shipped"] == heard(sim)


# Too old, backwards, silent


@pytest.mark.parametrize(("days", "told"), [(6.9, True), (7.1, False)])
async def test_too_old_is_recorded_and_not_sent(days: float, told: bool, sim: Simulation) -> None:
    """A fact that is more than seven days old when it comes changes the order and tells nobody."""
    await play(sim, placed(deliver_by=january(30)))
    await sim.record_at(after(1 + days), SHIPPED)
    order = await sim.order("A-1")

    assert told == ("shipped" in heard(sim))
    assert told == (("dropped", "too-old") not in await decisions(sim, "shipped"))
    assert order is not None
    assert order.is_wholly_shipped


async def test_never_a_step_back(sim: Simulation) -> None:
    """What comes late about an earlier step is kept, and not told."""
    await play(sim, placed(deliver_by=january(30)), DELIVERED)
    for late in (SHIPPED, scan(2, "out_for_delivery"), SOURCING, fact(OrderDelayed, 2, reason="flood"), scan(2.5)):
        await sim.record(late)
    await sim.advance(days=2)

    assert ["order-received", "delivered"] == heard(sim)


async def test_an_older_hold_does_not_replace_a_newer_one(sim: Simulation) -> None:
    """The last word on why it waits stands, whenever an older one arrives."""
    await play(sim, placed(), fact(OrderBackordered, 1, items=["Bag"]))
    await sim.record(SOURCING)

    assert ["order-received", "backordered"] == heard(sim)


@pytest.mark.parametrize(
    "event",
    [
        fact(OrderPaid, 1),
        fact(OrderPaymentFailed, 1),
        fact(OrderSourcing, 1, note="we look"),
        fact(OrderDelayed, 1),
        fact(OrderShipped, 1),
        fact(OrderDelivered, 1),
        fact(OrderCancelled, 1),
        fact(OrderRefunded, 1, amount=MONEY),
    ],
    ids=lambda event: event.type,
)
async def test_a_silent_fact_tells_nobody(event: Any, sim: Simulation) -> None:
    """`notify=False`: recorded, and nobody told."""
    silent = event.model_copy(update={"notify": False})
    await play(sim, placed(), silent, until=1.2)

    assert ["order-received"] == heard(sim)
    assert any(rule == "notify-false" for _, rule in await decisions(sim))


async def test_a_silent_order_is_not_confirmed(sim: Simulation) -> None:
    """An order that was placed silently is watched all the same."""
    await play(sim, placed(notify=False), until=2)

    assert ["holding"] == heard(sim)


# One unforced notice a day


async def test_one_unforced_notice_a_day(sim: Simulation) -> None:
    """The second one waits until nine the next morning, and is sent then if it is still true."""
    order = placed(deliver_by=january(14), payment="pending")
    await play(sim, order, fact(OrderPaid, 1), fact(OrderEdited, 1.1, promises={"deliver_by": "2026-01-16"}))
    first = heard(sim)
    await sim.run_until(after(3))

    assert ["order-received", "payment-received"] == first
    assert [after(2)] == when(sim, "date-changed")
    assert ("held", "one-unforced-a-day") in await decisions(sim, "date-changed")


async def test_what_was_held_is_asked_again(sim: Simulation) -> None:
    """A notice that waited for the morning is dropped if it is no longer true then."""
    edits = [
        fact(OrderEdited, 1.1, promises={"deliver_by": "2026-01-16"}),
        fact(OrderEdited, 1.2, promises={"deliver_by": "2026-01-14"}, notify=False),
    ]
    order = placed(deliver_by=january(14), payment="pending")
    await play(sim, order, fact(OrderPaid, 1), *edits, until=3)

    sim.assert_not_sent("date-changed")
    assert ("dropped", "no-longer-true") in await decisions(sim, "date-changed")


async def test_what_was_held_merges_into_what_goes_first(sim: Simulation) -> None:
    """A forced notice does not wait for it, and says it too."""
    edit = fact(OrderEdited, 1.1, promises={"deliver_by": "2026-01-16"})
    order = placed(deliver_by=january(14), payment="pending")
    await play(sim, order, fact(OrderPaid, 1), edit, fact(OrderShipped, 1.2), until=3)

    assert ["order-received", "payment-received", "shipped"] == heard(sim)
    assert [after(1.2)] == when(sim, "shipped")
    assert "Friday, 16 January" in plain(sim.assert_sent("shipped"))


async def test_the_day_is_the_customers() -> None:
    """Nine in the morning and midnight are where the customer lives."""
    zone = ZoneInfo("America/Sao_Paulo")
    customer = Customer(email="ada@example.org", time_zone="America/Sao_Paulo")
    order = placed(deliver_by=january(14), payment="pending", customer=customer)
    async with Simulation() as sim:
        evening = datetime(2026, 1, 6, 23, 30, tzinfo=zone)
        await play(sim, order)
        await sim.record_at(evening, fact(OrderPaid, 0.5))
        await sim.record_at(
            evening + timedelta(minutes=10), fact(OrderEdited, 1, promises={"deliver_by": "2026-01-16"})
        )
        await sim.advance(days=1)

        assert [datetime(2026, 1, 7, 9, tzinfo=zone)] == when(sim, "date-changed")


async def test_after_midnight_is_another_day(sim: Simulation) -> None:
    """An unforced notice of the evening does not hold one of the morning."""
    edit = fact(OrderEdited, 1.7, promises={"deliver_by": "2026-01-16"})
    await play(sim, placed(deliver_by=january(14), payment="pending"), fact(OrderPaid, 1), edit)

    assert [after(1.7)] == when(sim, "date-changed")


# The confirmation


@pytest.mark.parametrize("hour", [0, 3, 12, 22])
async def test_the_confirmation_is_never_held_back(hour: int) -> None:
    """At whatever hour the order is placed, it is confirmed at once."""
    start = datetime(2026, 1, 10, hour, 30, tzinfo=UTC)
    async with Simulation(start=start) as sim:
        await sim.record(placed().model_copy(update={"at": start}))

        assert [start] == when(sim, "order-received")


async def test_a_fact_dated_before_the_order_does_not_go_first(sim: Simulation) -> None:
    """A parcel that left before the order was placed, as some clocks have it, is told after the confirmation."""
    await sim.record_at(after(1), placed(1), fact(OrderShipped, 0.9))

    assert ["order-received", "shipped"] == heard(sim)


async def test_a_fact_that_arrives_before_the_order_does_not_go_first(sim: Simulation) -> None:
    """What came before anybody placed the order is told after its confirmation."""
    await play(sim, SHIPPED)
    await sim.record_at(after(1, hours=2), placed())

    assert ["order-received", "shipped"] == heard(sim)


async def test_an_order_that_is_over_is_confirmed(sim: Simulation) -> None:
    """An order that was delivered before it became known is confirmed all the same, and first."""
    await sim.record_at(after(3), DELIVERED)
    await sim.record(placed())

    assert ["order-received", "delivered"] == heard(sim)


async def test_no_retry_lets_another_go_first(sim: Simulation) -> None:
    """While the confirmation waits for its next try, what comes later waits behind it."""
    sim.email.fail_next(DOWN, times=3)
    await play(sim, placed(), fact(OrderShipped, 0.002), until=1)

    assert ["order-received", "shipped"] == heard(sim)


async def test_another_order_does_not_wait(sim: Simulation) -> None:
    """One customer's trouble is not another's."""
    sim.email.fail_next(DOWN)
    await sim.record(placed())
    other = placed().model_copy(update={"order_id": "A-2", "id": "other"})
    await sim.record(other)

    assert ["A-2"] == [mail.order_id for mail in sim.sent]


# A transport that is down


async def test_after_an_outage_there_is_one_newest_truth(sim: Simulation) -> None:
    """Whoever was told of the order hears one thing when mail works again: the last."""
    await play(sim, placed(deliver_by=january(9)))
    sim.email.fail_until_told(DOWN)
    await play(sim, SOURCING, fact(OrderDelayed, 1, ship_by=january(8)), fact(OrderShipped, 1.5), until=5)
    sim.email.recover()
    await sim.advance(hours=2)

    assert ["order-received", "shipped"] == heard(sim)


async def test_the_confirmation_waits_out_an_outage(sim: Simulation) -> None:
    """An order that was placed and delivered while mail was down gets its confirmation and what is true now."""
    sim.email.fail_until_told(DOWN)
    await play(sim, placed(), SHIPPED, DELIVERED, until=5)
    sim.email.recover()
    await sim.advance(hours=2)

    assert ["order-received", "delivered"] == heard(sim)


async def test_what_is_no_longer_true_is_not_sent_after_an_outage(sim: Simulation) -> None:
    """A payment that failed and came after all is not told as failed."""
    await play(sim, placed())
    sim.email.fail_until_told(DOWN)
    await play(sim, fact(OrderPaymentFailed, 0.1), fact(OrderPaid, 0.2))
    sim.email.recover()
    await sim.advance(hours=1)

    assert ["order-received", "payment-received"] == heard(sim)


@pytest.mark.parametrize("days", [8, 20])
async def test_what_expired_leaves_nobody_in_silence(days: float, sim: Simulation) -> None:
    """After an outage that outlives its notices the customer hears how things are, and the staff what was lost."""
    await play(sim, placed(deliver_by=january(30)), SOURCING)
    sim.email.fail_until_told(DOWN)
    await play(sim, fact(OrderBackordered, 1, items=["Bag"]), until=1 + days)
    sim.email.recover()
    await sim.advance(days=8)

    assert "backordered" not in heard(sim)
    assert "holding" in heard(sim)
    assert ("dropped", "expired") in await decisions(sim, "backordered")
    assert "undelivered" in [subject for subject, _ in await staff(sim)]


async def test_a_mail_that_is_refused_for_good_leaves_nobody_in_silence(sim: Simulation) -> None:
    """One mail that the provider will never take does not swallow those after it."""
    await play(sim, placed())
    sim.email.fail_next(Permanent("no", code="554"))
    await play(sim, fact(OrderDelayed, 1, reason="flood"), until=4)

    assert ["order-received", "holding"] == heard(sim)
    assert "undelivered" in [subject for subject, _ in await staff(sim)]


async def test_an_uncertain_mail_goes_again_as_it_was(sim: Simulation) -> None:
    """What was perhaps handed over goes again under the same id, and is not replaced by something newer."""
    await play(sim, placed())
    sim.email.fail_next(Uncertain("the line broke"))
    await play(sim, SOURCING, fact(OrderShipped, 0.5001), until=1)
    (perhaps,) = sim.email.refused

    assert ["order-received", "sourcing", "shipped"] == heard(sim)
    assert perhaps == sim.assert_sent("sourcing")


# Somebody who cannot be reached


async def test_nobody_to_reach_is_a_decision_and_a_word(sim: Simulation) -> None:
    """A customer without an address is a decision about each notice, and a word to the staff."""
    await play(sim, placed(customer=NOBODY), SHIPPED)

    assert [] == heard(sim)
    assert [("dropped", "unreachable")] == await decisions(sim, "order-received")
    assert [("dropped", "unreachable")] == await decisions(sim, "shipped")
    assert 2 == [subject for subject, _ in await staff(sim)].count("undelivered")


async def test_a_new_address_gets_what_is_still_true(sim: Simulation) -> None:
    """When the customer can be reached, the confirmation and the newest truth are sent, and nothing older."""
    await play(sim, placed(customer=NOBODY), SOURCING, SHIPPED, fact(CustomerUpdated, 2, email="ada@example.org"))

    assert ["order-received", "shipped"] == heard(sim)


async def test_a_new_address_gets_nothing_that_is_past(sim: Simulation) -> None:
    """A reason to wait that is over is not told to whoever can be reached now."""
    await play(sim, placed(customer=NOBODY), fact(OrderPaymentFailed, 1))
    silent = fact(OrderPaid, 1.5, notify=False)
    await play(sim, silent, fact(CustomerUpdated, 2, email="ada@example.org"))

    assert ["order-received"] == heard(sim)


async def test_a_corrected_address_gets_what_bounced(sim: Simulation) -> None:
    """An address that the provider refused is not used again; the new one gets the mail, once."""
    sim.email.fail_next(Permanent("no such user", code="550", suppress=True))
    await play(sim, placed(), SHIPPED)
    refused = heard(sim)
    await play(sim, fact(CustomerUpdated, 1.5, email="new@example.org"), until=1.6)

    assert [] == refused
    assert ["order-received", "shipped"] == heard(sim)
    assert {"new@example.org"} == {mail.to for mail in sim.sent}


async def test_what_waits_goes_to_the_new_address(sim: Simulation) -> None:
    """A mail that has not left yet goes where the customer is now."""
    sim.email.fail_until_told(DOWN)
    await play(sim, placed(), fact(CustomerUpdated, 0.1, email="new@example.org"))
    sim.email.recover()
    await sim.advance(hours=2)

    assert [("order-received", "new@example.org")] == [(mail.notice, mail.to) for mail in sim.sent]


async def test_what_was_told_is_not_told_again_at_the_new_address(sim: Simulation) -> None:
    """A change of address is no reason to repeat anything."""
    await play(sim, placed(), SHIPPED, fact(CustomerUpdated, 2, email="new@example.org"), DELIVERED)

    assert [
        ("order-received", "ada@example.org"),
        ("shipped", "ada@example.org"),
        ("delivered", "new@example.org"),
    ] == [(mail.notice, mail.to) for mail in sim.sent]


async def test_a_customer_who_cannot_be_reached_is_handed_to_people(sim: Simulation) -> None:
    """Nobody hears of the order, so the staff do, and the silence comes to its end all the same."""
    await play(sim, placed(customer=NOBODY, deliver_by=january(9)), until=120)
    found = await history(sim)

    assert "closed" == found.order.state.value
    assert [] == [each for each in found.promises if each.is_open]


# Contradictions


@pytest.mark.parametrize("late", [scan(4), scan(4, "out_for_delivery"), scan(4, "lost")], ids=lambda e: e.status)
async def test_a_contradiction_is_a_decision_and_a_word(late: Any, sim: Simulation) -> None:
    """A scan of a parcel that has arrived is kept, changes nothing, and somebody hears of it."""
    await play(sim, placed(), SHIPPED, DELIVERED)
    await sim.record_at(after(4), late)

    assert ["order-received", "shipped", "delivered"] == heard(sim)
    assert [after(4)] == [at for subject, at in await staff(sim) if subject == "contradiction"]
    assert ("dropped", "contradiction") in await decisions(sim)


@pytest.mark.parametrize(
    "events",
    [
        [fact(OrderCancelled, 1), fact(OrderShipped, 2)],
        [fact(OrderShipped, 1), fact(OrderDelivered, 2), fact(OrderCancelled, 3)],
    ],
    ids=["shipped after it was cancelled", "cancelled after it was delivered"],
)
async def test_the_shops_own_contradictions_reach_somebody(events: list[Any], sim: Simulation) -> None:
    """An order that is shipped although it was cancelled, or cancelled although it arrived, is looked into."""
    await play(sim, placed(), *events)

    assert "contradiction" in [subject for subject, _ in await staff(sim)]


# Recording


async def test_recording_again_answers_like_the_first_time(sim: Simulation) -> None:
    """The same source and id is a no-op with the same answer."""
    for event in (placed(ship_by=january(9)), SOURCING, fact(OrderDelayed, 0.6), SHIPPED):
        first = await sim.record_at(event.happened_at, event)
        again = await sim.record(event)

        assert (first.notices, first.decisions, first.orders) == (again.notices, again.decisions, again.orders)
        assert (1, 0) == (first.new, again.new)


async def test_recording_again_answers_like_the_first_time_later_too(sim: Simulation) -> None:
    """What became of a notice afterwards is not part of the answer."""
    edit = fact(OrderEdited, 1.1, promises={"deliver_by": "2026-01-16"})
    await play(sim, placed(deliver_by=january(14), payment="pending"), fact(OrderPaid, 1))
    first = await sim.record_at(edit.happened_at, edit)
    await sim.run_until(after(3))
    again = await sim.record(edit)

    assert (first.notices, first.decisions) == (again.notices, again.decisions)


async def test_recording_again_after_a_new_address_answers_like_the_first_time(sim: Simulation) -> None:
    """A confirmation that nobody could get was not queued, and the repeated answer says no more."""
    order = placed(customer=NOBODY)
    first = await sim.record(order)
    await play(sim, fact(CustomerUpdated, 1, email="ada@example.org"))
    again = await sim.record(order)

    assert (first.notices, first.decisions) == (again.notices, again.decisions)
