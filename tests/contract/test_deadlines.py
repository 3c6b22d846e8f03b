"""What must not wait: limits of tries, deadlines of the law and ends of use, and what changes channel for them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from proactive_notify import (
    AddressSuppressed,
    ChannelRefused,
    Customer,
    Email,
    MessageState,
    Notifier,
    OrderDelayed,
    Permanent,
    Policy,
    Promise,
    Retry,
    Transient,
    Uncertain,
    default_notices,
)
from proactive_notify.notices import Delayed
from tests.contract.engine_cases import of
from tests.contract.test_sending import due_in, paid, pushing, reachable
from tests.contract.wires import MONDAY, Stage, Wire, placed, short

QUEUED, UNCERTAIN, SENT, SUPPRESSED, EXPIRED, FAILED = (
    int(MessageState[name]) for name in ("QUEUED", "UNCERTAIN", "SENT", "SUPPRESSED", "EXPIRED", "FAILED")
)
BUSY, UNKNOWN_USER, LOST = Transient(code="451"), Permanent(code="550"), Uncertain(code="timeout")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    for channel in ("push", "pager"):
        stage.template(f"paid/{channel}.text", f"paid by {channel}")
    return stage


async def recorded(notifier: Notifier, order_id: str = "A-1", customer: Customer | None = None) -> None:
    """An order with one message that is due."""
    await notifier.record(placed(order_id, customer=customer or reachable(order_id)), paid(order_id))


def busy_for(**duration: float) -> Transient:
    """A refusal that names a time."""
    return Transient(code="451", retry_after=timedelta(**duration))


def of_use_for(**duration: float) -> Policy:
    """A policy under which the small notice is of use for so long."""
    return Policy(expires={"paid": timedelta(**duration)})


# Tries


async def test_a_refusal_with_a_limit_of_tries_ends_with_the_next_channel(stage: Stage) -> None:
    """Three tries are made, each after a longer wait, and then the notice goes by the next channel."""
    push, pager = Wire(lambda _: Transient(code="452", tries=3)), Wire()
    async with pushing(stage, push, pager) as notifier:
        await recorded(notifier)
        for tries in (1, 2):
            await notifier.run_until_idle()

            assert (tries, [QUEUED], []) == (len(push.tried), stage.messages(), pager.tried)

            stage.clock.move_to(stage.clock.now() + due_in(stage))
        await notifier.run_until_idle()

    assert (3, [FAILED, SENT]) == (len(push.tried), stage.messages())
    assert [("A-1", "paid")] == pager.told
    assert ("queued", "instead-of-push:given-up:transient:452") in stage.decisions()
    assert [] == stage.staff()


async def test_a_refusal_with_a_limit_of_tries_ends_with_the_staff(stage: Stage) -> None:
    """Where there is no other channel the third refusal ends the message, and the staff hear once."""
    wire = Wire(lambda _: Transient(code="452", tries=3))
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        for _ in range(6):
            await notifier.run_until_idle()
            stage.move(hours=1)

    assert (3, [FAILED]) == (len(wire.tried), stage.messages())
    assert ("dropped", "given-up:transient:452") in stage.decisions()
    assert ["undelivered"] == stage.staff()


async def test_a_limit_of_tries_counts_all_tries_of_the_message(stage: Stage) -> None:
    """A message that was busy twice is given up at once by a refusal that allows two tries."""
    push, pager = Wire(), Wire()
    push.refuse(BUSY, BUSY, Transient(code="452", tries=2))
    async with pushing(stage, push, pager) as notifier:
        await recorded(notifier)
        for _ in range(3):
            await notifier.run_until_idle()
            stage.move(minutes=5)

    assert (3, 1) == (len(push.tried), len(pager.taken))


async def test_a_refusal_without_a_limit_is_tried_until_the_notice_is_of_no_use(stage: Stage) -> None:
    """Greylisting alone never ends a message."""
    wire = Wire(lambda _: BUSY)
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        for _ in range(48):
            await notifier.run_until_idle()
            stage.move(hours=1)

    assert [("A-1", "order-received")] * 48 == wire.asked
    assert QUEUED == stage.messages()[0]


# Strikes


async def test_the_second_refusal_suppresses_an_address_in_whatever_capitals(stage: Stage) -> None:
    """Where it takes two refusals the first changes nothing for the address; the second, in capitals, ends its use."""
    wire = Wire(lambda _: Permanent(code="5.2.1", suppress=True, suppress_after=2))
    async with stage.notifier(wire) as notifier:
        for name, email in (("A-1", "ada@example.org"), ("B-1", "Ada@EXAMPLE.org"), ("C-1", "ADA@example.ORG")):
            await notifier.record(placed(name, customer=Customer(email=email)))
            await notifier.run_until_idle()

    assert ["A-1", "B-1"] == [name for name, _ in wire.asked]
    assert [SUPPRESSED] == stage.messages("state", "C-1")
    assert [(2, 2)] == [
        (row["strikes"], row["needed"]) for row in stage.look("select strikes, needed from pn_suppression")
    ]


async def test_one_refusal_of_an_address_for_good_is_enough(stage: Stage) -> None:
    """A refusal that needs no second one suppresses at once, also where an earlier one would have needed more."""
    wire = Wire()
    wire.refuse(
        Permanent(code="5.2.1", suppress=True, suppress_after=3), Permanent(code="5.1.1", suppress=True), UNKNOWN_USER
    )
    customer = Customer(email="ada@example.org")
    async with stage.notifier(wire) as notifier:
        for name in ("A-1", "B-1", "C-1"):
            await notifier.record(placed(name, customer=customer))
            await notifier.run_until_idle()

    assert ["A-1", "B-1"] == [name for name, _ in wire.asked]
    assert [SUPPRESSED] == stage.messages("state", "C-1")


async def test_strikes_are_one_channels_and_one_shops_own(stage: Stage) -> None:
    """The same text as an address on another channel, or at another shop, has no strike."""
    refuses = Permanent(code="gone", suppress=True, suppress_after=2)
    push, pager, elsewhere = Wire(lambda _: refuses), Wire(lambda _: refuses), Wire(lambda _: refuses)
    same = Customer(extra={"push": "same", "pager": "same"})
    shop = stage.notifier().shop.model_copy(update={"key": "elsewhere"})
    async with pushing(stage, push, pager) as notifier, pushing(stage, elsewhere, shop=shop) as other:
        await recorded(notifier, "A-1", same)
        await notifier.run_until_idle()
        await recorded(other, "B-1", same)
        await other.run_until_idle()

    assert [] == stage.look("select * from pn_suppression where strikes >= needed")


async def test_observers_hear_of_a_suppression_at_the_second_refusal(stage: Stage) -> None:
    """Observers are told that an address is suppressed when it is, and not before."""
    heard: list[object] = []
    wire = Wire(lambda _: Permanent(code="5.2.1", suppress=True, suppress_after=2))
    customer = Customer(email="ada@example.org")
    async with stage.notifier(wire, observers=[heard.append]) as notifier:
        for name in ("A-1", "B-1"):
            await notifier.record(placed(name, customer=customer))
            await notifier.run_until_idle()

    assert ["B-1"] == [each.order_id for each in of(AddressSuppressed, heard)]


async def test_a_suppression_is_one_channels_and_one_shops_own(stage: Stage) -> None:
    """What must not be used on one channel of one shop may be used on another channel, and by another shop."""
    push, pager, elsewhere = Wire(lambda _: Permanent(code="gone", suppress=True)), Wire(), Wire()
    same = Customer(extra={"push": "same", "pager": "same"})
    shop = stage.notifier().shop.model_copy(update={"key": "elsewhere"})
    async with pushing(stage, push, pager) as notifier, pushing(stage, elsewhere, shop=shop) as other:
        await recorded(notifier, "A-1", same)
        await notifier.run_until_idle()
        await recorded(other, "B-1", same)
        await other.run_until_idle()

    assert ([("A-1", "paid")], [("B-1", "paid")]) == (pager.told, elsewhere.told)


# The law's deadline


class DelayedOnOne(Delayed):
    """The delay, by SMS only where email cannot tell it in time."""

    key = "delayed"
    channels = ("email", "sms")


def telling(stage: Stage, wire: Wire, sms: Wire, **arguments: Any) -> Notifier:
    """A notifier of all shipped notices by email, else by SMS."""
    email = Email(wire, sender="Acme <orders@acme.example>")
    notices = [DelayedOnOne if kind is Delayed else kind for kind in default_notices]
    return stage.notifier(channels=[email, short("sms", sms)], notices=notices, **arguments)


def bought(*, ship_by: Any, order_id: str = "A-1") -> Any:
    """An order with a promised day, whose customer can be reached by email and by SMS."""
    customer = Customer(name="Ada", email=f"{order_id.lower()}@example.org", extra={"sms": "sms:A-1"})
    return placed(order_id, customer=customer, promises=(Promise.ship_by(ship_by),))


def delayed(**fields: Any) -> OrderDelayed:
    return OrderDelayed(order_id="A-1", id="A-1:delayed", source="shop", reason="the mill is late", **fields)


async def test_a_legal_notice_changes_channel_rather_than_miss_its_deadline(stage: Stage) -> None:
    """A delay must be told before the missed date (16 CFR 435.2(b)(1)): if the next try is later, SMS goes now."""
    wire, sms = Wire(), Wire()
    async with telling(stage, wire, sms) as notifier:
        await notifier.record(bought(ship_by=MONDAY + timedelta(hours=6)))
        await notifier.run_until_idle()
        wire.answer = lambda _: busy_for(hours=7)
        await notifier.record(delayed(ship_by=date(2026, 2, 2)))
        await notifier.run_until_idle()

    assert [("A-1", "delayed")] == sms.told
    assert [FAILED, SENT] == stage.messages()[1:]
    assert ("queued", "instead-of-email:cannot-wait:transient:451") in stage.decisions()
    assert [] == [word for word in stage.staff() if word == "undelivered"]


async def test_a_legal_notice_waits_while_its_deadline_is_later(stage: Stage) -> None:
    """When the next try is before the deadline the mail is tried again, and SMS is not used."""
    wire, sms = Wire(), Wire()
    async with telling(stage, wire, sms) as notifier:
        await notifier.record(bought(ship_by=MONDAY + timedelta(hours=6)))
        await notifier.run_until_idle()
        wire.refuse(busy_for(hours=5))
        await notifier.record(delayed(ship_by=date(2026, 2, 2)))
        await notifier.run_until_idle()

        assert ([QUEUED], []) == (stage.messages()[1:], sms.tried)

        stage.move(hours=5)
        await notifier.run_until_idle()

    assert ["order-received", "delayed"] == [notice for _, notice in wire.told]
    assert [] == sms.tried


async def test_the_watchdogs_delay_is_told_before_the_day_ends(stage: Stage) -> None:
    """A delay that the clock found is tried by email all day; before the promised day is over it goes by SMS."""
    wire, sms = Wire(), Wire()
    async with telling(stage, wire, sms, policy=Policy(speak_before_ship_by=True)) as notifier:
        await notifier.record(bought(ship_by=date(2026, 1, 7)))
        await notifier.run_until_idle()
        wire.answer = lambda _: BUSY
        ends = datetime(2026, 1, 8, tzinfo=UTC)
        while not sms.taken and stage.clock.now() < ends + timedelta(days=1):
            stage.move(minutes=1)
            await notifier.run_until_idle()

    assert [("A-1", "delayed")] == sms.told
    assert ends - timedelta(hours=2) < sms.taken[0].at < ends
    assert 3 < len([notice for _, notice in wire.asked if notice == "delayed"])


async def test_a_delay_that_is_late_already_does_not_wait(stage: Stage) -> None:
    """A delay that is told after the promised day goes by SMS when the first try by email fails."""
    wire, sms = Wire(), Wire()
    async with telling(stage, wire, sms) as notifier:
        await notifier.record(bought(ship_by=date(2026, 1, 7)))
        await notifier.run_until_idle()
        wire.answer = lambda message: BUSY if message.notice == "delayed" else None
        for _ in range(3 * 24):
            stage.move(hours=1)
            await notifier.run_until_idle()

    assert [("A-1", "delayed")] == [each for each in wire.asked if each[1] == "delayed"] == sms.told


async def test_a_legal_notice_without_another_channel_waits(stage: Stage) -> None:
    """Where the customer has no other address the mail waits: late is better than never."""
    wire, sms = Wire(), Wire()
    async with telling(stage, wire, sms) as notifier:
        await notifier.record(placed(promises=(Promise.ship_by(MONDAY + timedelta(hours=6)),)))
        await notifier.run_until_idle()
        wire.refuse(busy_for(hours=7))
        await notifier.record(delayed(ship_by=date(2026, 2, 2)))
        await notifier.run_until_idle()

        assert [QUEUED] == stage.messages()[1:]

        stage.move(hours=7)
        await notifier.run_until_idle()

    assert ["order-received", "delayed"] == [notice for _, notice in wire.told][:2]


async def test_what_the_law_does_not_ask_for_has_no_deadline(stage: Stage) -> None:
    """Another notice of the same order waits for its channel beyond the promised day."""
    push, pager = Wire(), Wire()
    push.refuse(busy_for(hours=7))
    async with pushing(stage, push, pager) as notifier:
        promise = Promise.ship_by(MONDAY + timedelta(hours=6))
        await notifier.record(placed(customer=reachable(), promises=(promise,)))
        await notifier.record(paid())
        await notifier.run_until_idle()
        stage.move(hours=7)
        await notifier.run_until_idle()

    assert ([("A-1", "paid")], []) == (push.told, pager.tried)


async def test_the_confirmation_waits_for_its_channel(stage: Stage) -> None:
    """The confirmation is a mail: however long it cannot be sent, it goes by no other channel."""
    wire, sms = Wire(), Wire()
    wire.refuse(busy_for(days=3))
    async with telling(stage, wire, sms) as notifier:
        await notifier.record(bought(ship_by=MONDAY + timedelta(days=30)))
        await notifier.run_until_idle()

        assert ([QUEUED], []) == (stage.messages(), sms.tried)

        stage.move(days=3)
        await notifier.run_until_idle()

    assert ("A-1", "order-received") == wire.told[0]
    assert [] == sms.tried


async def test_a_delay_that_comes_with_its_order_has_its_deadline_too(stage: Stage) -> None:
    """A shop that records an order and its delay in one call tells the delay in time as any other."""
    wire, sms = Wire(), Wire()
    wire.answer = lambda message: busy_for(hours=7) if message.notice == "delayed" else None
    async with telling(stage, wire, sms) as notifier:
        await notifier.record(bought(ship_by=MONDAY + timedelta(hours=6)), delayed(ship_by=date(2026, 2, 2), at=MONDAY))
        await notifier.run_until_idle()

    assert [("A-1", "delayed")] == sms.told


# The end of use


async def test_what_would_be_too_late_goes_by_the_next_channel(stage: Stage) -> None:
    """A message whose next try comes after it is of use goes by the next channel at once, and a decision says so."""
    push, pager = Wire(lambda _: busy_for(hours=3)), Wire()
    async with pushing(stage, push, pager, policy=of_use_for(hours=2)) as notifier:
        await recorded(notifier)
        await notifier.run_until_idle()

    assert ([FAILED, SENT], [("A-1", "paid")]) == (stage.messages(), pager.told)
    assert ("queued", "instead-of-push:cannot-wait:transient:451") in stage.decisions()
    assert [] == stage.staff()


async def test_what_is_in_time_waits_for_its_channel(stage: Stage) -> None:
    """A message whose next try comes while it is of use waits for it."""
    push, pager = Wire(), Wire()
    push.refuse(busy_for(minutes=119))
    async with pushing(stage, push, pager, policy=of_use_for(hours=2)) as notifier:
        await recorded(notifier)
        await notifier.run_until_idle()
        stage.move(minutes=119)
        await notifier.run_until_idle()

    assert ([("A-1", "paid")], []) == (push.told, pager.tried)


async def test_what_would_be_tried_as_it_expires_goes_by_the_next_channel(stage: Stage) -> None:
    """A next try at the very moment at which a message is of no more use is too late."""
    push, pager = Wire(lambda _: busy_for(hours=2)), Wire()
    async with pushing(stage, push, pager, policy=of_use_for(hours=2)) as notifier:
        await recorded(notifier)
        await notifier.run_until_idle()
        stage.move(hours=2)
        await notifier.run_until_idle()

    assert [("A-1", "paid")] == pager.told


async def test_what_is_too_late_for_every_channel_ends(stage: Stage) -> None:
    """On the last channel a message waits, expires, and the staff hear once; its deadline is that of the first try."""
    push, pager = Wire(lambda _: busy_for(hours=3)), Wire(lambda _: busy_for(hours=3))
    async with pushing(stage, push, pager, policy=of_use_for(hours=2)) as notifier:
        await recorded(notifier)
        await notifier.run_until_idle()

        assert [FAILED, QUEUED] == stage.messages()
        assert 1 == len(set(stage.messages("expires_at")))

        stage.move(hours=3)
        await notifier.run_until_idle()

    assert ([FAILED, EXPIRED], ["undelivered"]) == (stage.messages(), [w for w in stage.staff() if w == "undelivered"])
    assert (1, 1) == (len(push.tried), len(pager.tried))


async def test_a_channel_that_refuses_us_does_not_hold_what_cannot_wait(stage: Stage) -> None:
    """The message whose credentials were refused goes by the next channel if the pause is too long for it."""
    push, pager = Wire(lambda _: ChannelRefused(code="535")), Wire()
    async with pushing(stage, push, pager, policy=of_use_for(minutes=4)) as notifier:
        await recorded(notifier)
        await notifier.run_until_idle()

    assert ([FAILED, SENT], [("A-1", "paid")]) == (stage.messages(), pager.told)
    assert ("queued", "instead-of-push:cannot-wait:paused:535") in stage.decisions()


async def test_what_is_recorded_in_a_pause_and_cannot_wait_goes_by_the_next_channel(stage: Stage) -> None:
    """While a channel rests a message that would be too late after its pause goes by the next channel."""
    push, pager = Wire(lambda _: ChannelRefused(code="535")), Wire()
    async with pushing(stage, push, pager, policy=of_use_for(minutes=4)) as notifier:
        await recorded(notifier)
        await notifier.run_until_idle()
        await recorded(notifier, "B-1")
        await notifier.run_until_idle()
        stage.move(minutes=6)
        await notifier.run_until_idle()

    assert [("A-1", "paid"), ("B-1", "paid")] == pager.told


# What was perhaps read


@pytest.mark.parametrize(
    "then",
    [
        pytest.param(LOST, id="uncertain again"),
        pytest.param(busy_for(hours=3), id="busy"),
        pytest.param(Transient(code="452", tries=1), id="given up"),
        pytest.param(ChannelRefused(code="535"), id="refused us"),
        pytest.param(ValueError("no"), id="a foreign error"),
        pytest.param(Transient(code="421", is_outage=True, retry_after=timedelta(hours=3)), id="away"),
    ],
)
async def test_what_was_perhaps_read_never_changes_channel(stage: Stage, then: Exception) -> None:
    """However a message goes on of which nobody knows whether it was taken, it is told on no other channel."""
    push, pager = Wire(), Wire()
    push.refuse(LOST, then)
    async with pushing(stage, push, pager, policy=of_use_for(hours=2)) as notifier:
        await recorded(notifier)
        for _ in range(10):
            await notifier.run_until_idle()
            stage.move(minutes=30)

    assert [] == pager.tried
    assert push.tried[0] == push.tried[1]


async def test_what_was_perhaps_read_and_is_then_refused_is_the_staffs(stage: Stage) -> None:
    """A refusal of the second try says nothing of the first: the customer may have it, so the staff hear."""
    push, pager = Wire(), Wire()
    push.refuse(LOST, Permanent(code="5.7.1"))
    async with pushing(stage, push, pager) as notifier:
        await recorded(notifier)
        await notifier.run_until_idle()
        stage.move(minutes=1)
        await notifier.run_until_idle()

    assert [] == pager.tried
    assert ["undelivered"] == stage.staff()


async def test_what_was_perhaps_read_ends_when_it_is_of_no_use(stage: Stage) -> None:
    """An uncertain message that waited past its use is not sent again and not told elsewhere; the staff hear."""
    push, pager = Wire(lambda _: LOST), Wire()
    slow = Policy(expires={"paid": timedelta(minutes=5)}, retry=Retry(first=timedelta(hours=1)))
    async with pushing(stage, push, pager, policy=slow) as notifier:
        await recorded(notifier)
        await notifier.run_until_idle()

        assert [UNCERTAIN] == stage.messages()

        stage.move(hours=1)
        await notifier.run_until_idle()

    assert ([EXPIRED], 1, []) == (stage.messages(), len(push.tried), pager.tried)
    assert "undelivered" in stage.staff()
