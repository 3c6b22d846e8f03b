"""What becomes of a queued message: who may take it, in which order, and what each answer of a provider leads to."""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from proactive_notify import (
    ChannelPaused,
    ChannelRefused,
    Customer,
    CustomerUpdated,
    MessageFailed,
    MessageState,
    Notice,
    Notifier,
    OrderDelivered,
    OrderPaid,
    OrderShipped,
    OrderSourcing,
    Permanent,
    Policy,
    Retry,
    Transient,
    Uncertain,
    all_of,
)
from proactive_notify._store.claims import Room
from proactive_notify._store.sending import claim
from proactive_notify._store.sqlite import InlineSqlite, ThreadedSqlite
from proactive_notify.testing import VirtualClock
from tests.contract.wires import MONDAY, Stage, Wire, placed, short

LEASE = timedelta(seconds=60)
QUEUED, CLAIMED, UNCERTAIN, SENT = (int(MessageState[name]) for name in ("QUEUED", "CLAIMED", "UNCERTAIN", "SENT"))
SUPPRESSED, CANCELLED, EXPIRED, FAILED = (
    int(MessageState[name]) for name in ("SUPPRESSED", "CANCELLED", "EXPIRED", "FAILED")
)
BUSY, UNKNOWN_USER, LOST = Transient(code="451"), Permanent(code="550"), Uncertain(code="timeout")


class Paid(Notice[OrderPaid]):
    """Your money is here: by push, else by pager."""

    key = "paid"
    channels = ("push", "pager")
    family = "paid"

    def still_true(self) -> bool:
        return self.order.is_live


class Coupon(Notice[OrderPaid]):
    """Something that may wait."""

    key = "coupon"
    channels = ("push",)
    forced = False
    family = "coupon"


class Survey(Coupon):
    """Something else that may wait."""

    key = "survey"
    family = "survey"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    for key in ("paid", "coupon", "survey"):
        for channel in ("push", "pager"):
            stage.template(f"{key}/{channel}.text", f"{key} by {channel}")
    return stage


def reachable(order_id: str = "A-1") -> Customer:
    return Customer(name="Ada", extra={"push": f"push:{order_id}", "pager": f"pager:{order_id}"})


def paid(order_id: str = "A-1", number: int = 1) -> OrderPaid:
    return OrderPaid(order_id=order_id, id=f"{order_id}:paid:{number}", source="shop", at=MONDAY)


def shipped(order_id: str = "A-1") -> OrderShipped:
    return OrderShipped(order_id=order_id, id=f"{order_id}:shipped", source="shop", at=MONDAY)


def delivered(order_id: str = "A-1") -> OrderDelivered:
    return OrderDelivered(order_id=order_id, id=f"{order_id}:delivered", source="shop", at=MONDAY)


def pushing(stage: Stage, push: Wire, pager: Wire | None = None, **arguments: Any) -> Notifier:
    """A notifier of small notices on channels of the shop's own."""
    channels = [short("push", push), short("pager", pager or Wire())]
    return stage.notifier(**{"channels": channels, "notices": [Paid], **arguments})


def only(order_id: str, error: BaseException) -> Any:
    """An answer for a wire: this error for all messages of one order."""
    return lambda message: error if message.order_id == order_id else None


def due_in(stage: Stage, order_id: str = "A-1") -> timedelta:
    """How long the order's last message still waits."""
    at = stage.messages("due_at", order_id)[-1]
    return datetime.fromtimestamp(at / 1e6, UTC) - stage.clock.now()


def open_promises(stage: Stage, order_id: str = "A-1") -> dict[str, int]:
    found = stage.look("select kind, due_at from pn_promise where order_id = ? and state = 0", order_id)
    return {row["kind"]: row["due_at"] for row in found}


async def die_holding(stage: Stage, *, at: datetime | None = None, shop: str = "shop") -> int:
    """Claim all that is due, as a process does that is then killed; return how many messages that were."""
    store = InlineSqlite(str(stage.path))
    await store.open()
    now = at or stage.clock.now()
    claims = await store.run(
        lambda: claim(now=now, token="dead", lease=LEASE, rooms={}, other=Room(limit=100), shop=shop)
    )
    await store.close()
    return len(claims.found)


# Claim


async def test_a_claim_is_a_lease_with_a_fence(stage: Stage) -> None:
    """A claimed message belongs to its token until the lease ends; nobody else can take it meanwhile."""
    async with stage.notifier() as notifier:
        await notifier.record(placed())

        assert 1 == await die_holding(stage)
        assert 0 == await die_holding(stage)

    until = int((stage.clock.now() + LEASE).timestamp() * 1e6)
    assert [(CLAIMED, "dead", until, 1)] == stage.messages("state, token, lease_until, attempts")


async def test_a_claim_takes_no_more_than_it_was_asked_for(stage: Stage) -> None:
    """A claim is at most as large as its limit, and takes what has been due longest."""
    async with stage.notifier() as notifier:
        for number in range(5):
            await notifier.record(placed(f"A-{number}"))
            stage.move(seconds=1)
        store, now = InlineSqlite(str(stage.path)), stage.clock.now()
        await store.open()
        rooms = {"email": Room(limit=3)}
        claims = await store.run(
            lambda: claim(now=now, token="one", lease=LEASE, rooms=rooms, other=Room(limit=0), shop="shop")
        )
        await store.close()

    assert ["A-0", "A-1", "A-2"] == [each.case.order_id for each in claims.found]


async def test_a_claim_takes_one_message_of_an_order(stage: Stage) -> None:
    """Of an order with several messages only the head of the lane is claimed; the rest waits behind it."""
    async with stage.notifier() as notifier:
        await notifier.record(placed(), shipped(), placed("B-1"), shipped("B-1"))

        assert 2 == await die_holding(stage)

    assert [CLAIMED, QUEUED] == stage.messages("state") == stage.messages("state", "B-1")


# Sequence


async def test_messages_of_an_order_leave_in_the_order_of_their_notices(stage: Stage) -> None:
    """The confirmation leaves before the shipping notice that was recorded with it."""
    wire = Wire()
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed(), shipped())
        await notifier.run_until_idle()

    assert [("A-1", "order-received"), ("A-1", "shipped")] == wire.told


async def test_a_head_that_waits_for_its_retry_blocks_its_followers(stage: Stage) -> None:
    """Nothing overtakes a confirmation that was not taken yet; when it has left, the rest follows at once."""
    wire = Wire(only("A-1", BUSY))
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed(), shipped())
        await notifier.run_until_idle()
        await notifier.record(delivered())
        await notifier.run_until_idle()

        assert [("A-1", "order-received")] == wire.asked

        wire.answer = lambda _: None
        stage.move(minutes=1)
        await notifier.run_until_idle()

    assert [("A-1", "order-received"), ("A-1", "delivered")] == wire.told


async def test_different_orders_never_wait_for_each_other(stage: Stage) -> None:
    """While one order's messages cannot leave, another's do."""
    wire = Wire(only("A-1", BUSY))
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed(), shipped(), placed("B-1"), shipped("B-1"))
        await notifier.run_until_idle()

    assert [("B-1", "order-received"), ("B-1", "shipped")] == wire.told


async def test_a_message_that_a_policy_holds_blocks_nobody(stage: Stage) -> None:
    """The second unforced notice of a day waits until the next morning, and a forced one passes it."""
    push = Wire()
    async with pushing(stage, push, notices=[Coupon, Survey, Paid]) as notifier:
        await notifier.record(placed(customer=reachable()), paid())
        await notifier.run_until_idle()

    assert [("A-1", "coupon"), ("A-1", "paid")] == push.told
    assert [(SENT, 0, ""), (QUEUED, 1, "one-unforced-a-day"), (SENT, 0, "")] == [
        (state, held, rule if held else "") for state, held, rule in stage.messages("state, held, waits_for")
    ]
    assert int((MONDAY + timedelta(days=1)).timestamp() * 1e6) == stage.messages("due_at")[1]


async def test_held_messages_leave_one_a_day(stage: Stage) -> None:
    """Two unforced notices that wait for the same morning do not both leave on it."""
    push = Wire()
    async with pushing(stage, push, notices=[Coupon, Survey]) as notifier:
        await notifier.record(placed(customer=reachable()), paid())
        await notifier.run_until_idle()
        await notifier.record(paid(number=2))
        await notifier.run_until_idle()

        assert 1 == len(push.told)

        for day in (2, 3):
            stage.move(days=1)
            await notifier.run_until_idle()

            assert day == len(push.told)


async def test_a_try_that_a_policy_held_back_is_no_try(stage: Stage) -> None:
    """A message that was held and not tried waits after its first failure as long as any other."""
    push = Wire()
    async with pushing(stage, push, notices=[Coupon, Survey]) as notifier:
        await notifier.record(placed(customer=reachable()), paid())
        await notifier.run_until_idle()
        push.refuse(BUSY)
        stage.move(days=1)
        await notifier.run_until_idle()

    assert ("A-1", "survey") == push.asked[-1]
    assert timedelta(minutes=1) >= due_in(stage)


# Settle


async def test_who_lost_the_lease_writes_nothing(stage: Stage) -> None:
    """A sender whose lease ended while it was sending leaves the row to the one who took it over."""
    second = Wire(lambda _: BUSY)
    async with stage.notifier(second) as other:

        async def taken_over(_: object) -> None:
            stage.move(seconds=61)
            await other.run_due()

        first = Wire(meanwhile=taken_over)
        async with stage.notifier(first) as notifier:
            await notifier.record(placed())
            before = open_promises(stage)
            await notifier.run_until_idle()

    assert (1, 1) == (len(first.taken), len(second.tried))
    assert [(QUEUED, "transient:451", 2)] == stage.messages("state, waits_for, attempts")
    assert [("queued", "order.placed")] == stage.decisions()
    assert before == open_promises(stage)
    assert [{"state": "open", "told_at": None}] == stage.look("select state, told_at from pn_notice")


async def test_a_dead_senders_messages_are_put_back_when_the_lease_ends(stage: Stage) -> None:
    """What a killed process held is left alone until its lease ends, and then sent by another."""
    wire = Wire()
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        await die_holding(stage)
        stage.move(seconds=59)

        assert 0 == await notifier.run_due()

        stage.move(seconds=2)
        await notifier.run_due()

    assert [("A-1", "order-received")] == wire.told
    assert [SENT] == stage.messages("state")


async def test_a_lease_from_a_clock_that_was_set_back_has_ended(stage: Stage) -> None:
    """A lease that ends further ahead than it can be long does not hold a message for hours."""
    wire = Wire()
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        await die_holding(stage, at=MONDAY + timedelta(hours=2))
        await notifier.run_due()

    assert [("A-1", "order-received")] == wire.told


async def test_what_was_due_when_the_clock_was_set_back_is_due(stage: Stage) -> None:
    """Nobody waits twice for the same hour: what was to leave leaves, what was to wait waits as long as before."""
    wire = Wire()
    stage.move(hours=1)
    async with stage.notifier(wire) as notifier:
        await notifier.record([placed("A-1"), placed("B-1")])
    with sqlite3.connect(stage.path) as db:
        db.execute("update pn_message set due_at = due_at + 60000000 where order_id = 'B-1'")
    db.close()
    stage.clock = VirtualClock(MONDAY)
    async with stage.notifier(wire) as notifier:
        await notifier.run_due()
        first = list(wire.told)
        stage.move(minutes=1)
        await notifier.run_due()

    assert [("A-1", "order-received")] == first
    assert [("A-1", "order-received"), ("B-1", "order-received")] == wire.told


@pytest.mark.parametrize("ahead", [timedelta(milliseconds=1), timedelta(seconds=2)])
async def test_a_lease_that_was_just_taken_has_not_ended(stage: Stage, ahead: timedelta) -> None:
    """Who looked at the clock a moment before another process claimed does not take that claim away."""
    wire = Wire()
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        await die_holding(stage, at=MONDAY + ahead)
        await notifier.run_due()

    assert [] == wire.tried


async def test_after_a_crash_the_gate_is_asked_again(stage: Stage) -> None:
    """A message whose sender died unseen is rendered anew, or not sent if it is no longer true."""
    push = Wire()
    async with pushing(stage, push) as notifier:
        await notifier.record(placed(customer=reachable()), paid())
        await die_holding(stage)
        await notifier.record(shipped(), delivered())
        stage.move(minutes=2)
        await notifier.run_due()

    assert [] == push.tried
    assert [CANCELLED] == stage.messages("state")
    assert ("dropped", "no-longer-true") in stage.decisions()


async def test_a_crash_does_not_forget_what_was_perhaps_sent(stage: Stage) -> None:
    """A sender that dies while it repeats an uncertain message leaves it uncertain, as the same message."""
    push = Wire()
    push.refuse(LOST)
    async with pushing(stage, push) as notifier:
        await notifier.record(placed(customer=reachable()), paid())
        await notifier.run_until_idle()
        stage.move(minutes=2)
        await die_holding(stage)
        stage.move(minutes=2)
        await notifier.run_due()

    assert push.tried[0] == push.tried[1]
    assert [(SENT, None)] == stage.messages("state, wire")


async def test_running_until_idle_takes_over_from_the_dead(stage: Stage) -> None:
    """A program that only ever runs until it is idle sends what it held when it was killed the last time."""
    wire = Wire()
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        await die_holding(stage)
        stage.move(minutes=2)
        await notifier.run_until_idle()

    assert [("A-1", "order-received")] == wire.told


@pytest.mark.parametrize("carrier", [InlineSqlite, ThreadedSqlite])
async def test_what_is_recorded_while_a_message_leaves_is_not_undone(stage: Stage, carrier: Any) -> None:
    """An order that is delivered between claim and settle has no open promise afterwards, and hears so."""

    async def arrives(message: Any) -> None:
        if message.notice == "shipped":
            await notifier.record(delivered())

    wire = Wire(meanwhile=arrives)
    async with stage.notifier(wire, store=carrier(str(stage.path))) as notifier:
        await notifier.record(placed(), shipped())
        await notifier.run_until_idle()
        order = await notifier.order("A-1")

    assert order.is_delivered
    assert {} == open_promises(stage)
    assert ["order-received", "shipped", "delivered"] == [notice for _, notice in wire.told]


async def test_a_sender_that_is_cancelled_keeps_what_it_knows(stage: Stage) -> None:
    """A pass that is cancelled settles what was sent; what was under way is uncertain and not simply free again."""
    under_way = asyncio.Event()

    async def hangs(message: Any) -> None:
        if message.order_id == "B-1":
            under_way.set()
            await asyncio.Event().wait()

    wire = Wire(meanwhile=hangs)
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed(), placed("B-1"))
        passing = asyncio.create_task(notifier.run_due())
        await asyncio.wait_for(under_way.wait(), 10)
        passing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await passing

        assert [SENT] == stage.messages("state")
        assert [UNCERTAIN] == stage.messages("state", "B-1")


# Transient


async def test_a_transient_refusal_waits_as_a_row(stage: Stage) -> None:
    """A message that was not taken waits in the table, each time longer, up to an hour."""
    wire = Wire(lambda _: BUSY)
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        for minutes in (1, 4, 16, 60, 60):
            await notifier.run_until_idle()
            wait = due_in(stage)

            assert timedelta(minutes=minutes) / 2 <= wait <= timedelta(minutes=minutes)
            stage.clock.move_to(stage.clock.now() + wait)

    assert [(QUEUED, "transient:451", 5)] == stage.messages("state, waits_for, attempts")
    assert 5 == len(wire.tried)


async def test_what_a_provider_asks_for_is_heeded(stage: Stage) -> None:
    """A refusal that names a time is not repeated before it."""
    wire = Wire()
    wire.refuse(Transient(code="421", retry_after=timedelta(hours=3)))
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()

    assert timedelta(hours=3) == due_in(stage)


async def test_a_retry_survives_the_process(stage: Stage) -> None:
    """Another process goes on where the first one stopped: the same try count, the same time."""
    first, second = Wire(lambda _: BUSY), Wire(lambda _: BUSY)
    async with stage.notifier(first) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
    async with stage.notifier(second) as notifier:
        await notifier.run_until_idle()

        assert [] == second.tried

        stage.move(minutes=1)
        await notifier.run_until_idle()

    assert [(QUEUED, 2)] == stage.messages("state, attempts")
    assert timedelta(minutes=2) <= due_in(stage)


async def test_a_message_is_given_up_after_as_many_tries_as_the_policy_says(stage: Stage) -> None:
    """With a limit of tries the last one ends the message, and the staff hear."""
    wire = Wire(lambda _: BUSY)
    async with stage.notifier(wire, policy=Policy(retry=Retry(attempts=3))) as notifier:
        await notifier.record(placed())
        for _ in range(5):
            await notifier.run_until_idle()
            stage.move(hours=1)

    assert 3 == len(wire.tried)
    assert [FAILED] == stage.messages("state")
    assert ("dropped", "given-up:transient:451") in stage.decisions()
    assert ["undelivered"] == stage.staff()


async def test_a_message_may_be_tried_a_hundred_times(stage: Stage) -> None:
    """However often a message was tried, and however long the policy waits, the next try has a time."""
    wire = Wire(lambda _: BUSY)
    async with stage.notifier(wire, policy=Policy(retry=Retry(first=timedelta(minutes=5)))) as notifier:
        await notifier.record(placed())
        for _ in range(100):
            await notifier.run_until_idle()
            stage.move(hours=1)

    assert (QUEUED, 100) == stage.messages("state, attempts")[0]


async def test_failures_are_told_to_observers(stage: Stage) -> None:
    """An observer hears of each failure, why, and when it is tried again."""
    heard: list[object] = []
    wire = Wire()
    wire.refuse(BUSY, UNKNOWN_USER)
    async with stage.notifier(wire, observers=[heard.append]) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        stage.move(minutes=1)
        await notifier.run_until_idle()

    first, second = [each for each in heard if isinstance(each, MessageFailed)]
    assert ("A-1", "order-received", "email", "transient:451") == (
        first.order_id,
        first.notice,
        first.channel,
        first.rule,
    )
    assert first.again_at is not None
    assert ("refused:550", None) == (second.rule, second.again_at)


# Permanent


async def test_what_will_never_be_taken_is_a_decision_and_a_word_to_the_staff(stage: Stage) -> None:
    """A refusal for good, where there is no other channel, ends the message and is not tried again."""
    wire = Wire(lambda _: UNKNOWN_USER)
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        stage.move(hours=2)
        await notifier.run_until_idle()

    assert 1 == len(wire.tried)
    assert [FAILED] == stage.messages("state")
    assert ("dropped", "refused:550") in stage.decisions()
    assert ["undelivered"] == stage.staff()
    assert [] == stage.look("select * from pn_suppression")


async def test_a_message_that_was_refused_keeps_no_other_back(stage: Stage) -> None:
    """The next notice of the order goes to the same address, which was not refused itself."""
    wire = Wire()
    wire.refuse(UNKNOWN_USER)
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed(), shipped())
        await notifier.run_until_idle()

    assert [("A-1", "shipped")] == wire.told


async def test_a_refused_address_is_not_used_again(stage: Stage) -> None:
    """Once the address itself was refused nothing goes to it, for no order; each time the staff hear."""
    wire = Wire()
    wire.refuse(Permanent(code="550", suppress=True))
    customer = Customer(email="ada@example.org")
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed(customer=customer))
        await notifier.run_until_idle()
        await notifier.record(placed("B-1", customer=customer), placed("C-1"))
        await notifier.run_until_idle()

    assert [("A-1", "order-received"), ("C-1", "order-received")] == sorted(set(wire.asked))
    assert [SUPPRESSED] == stage.messages("state", "B-1")
    assert ("dropped", "suppressed") in stage.decisions("B-1")
    assert ["undelivered"] == stage.staff("A-1") == stage.staff("B-1")
    assert [("email", "refused:550")] == [
        (row["channel"], row["cause"]) for row in stage.look("select channel, cause from pn_suppression")
    ]


async def test_a_corrected_address_gets_what_could_not_be_told(stage: Stage) -> None:
    """When the customer's address is corrected, the notice that failed goes to the new one."""
    wire = Wire(lambda message: Permanent(code="550", suppress=True) if message.to == "a-1@example.org" else None)
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        await notifier.record(CustomerUpdated(order_id="A-1", email="ada@example.net"))
        await notifier.run_until_idle()

    assert ["ada@example.net"] == [message.to for message in wire.taken]
    assert [FAILED, SENT] == stage.messages("state")


async def test_the_next_channel_is_tried_at_once(stage: Stage) -> None:
    """A notice that allows another channel goes by that when the first one refuses for good; it is told once."""
    push, pager = Wire(lambda _: UNKNOWN_USER), Wire()
    async with pushing(stage, push, pager) as notifier:
        await notifier.record(placed(customer=reachable()), paid())
        await notifier.run_until_idle()

    assert ["pager:A-1"] == [message.to for message in pager.taken]
    assert ["paid by pager\n"] == [message.text for message in pager.taken]
    assert [FAILED, SENT] == stage.messages("state")
    assert [] == stage.staff()
    assert ("queued", "instead-of-push:refused:550") in stage.decisions()
    assert [{"state": "told"}] == stage.look("select state from pn_notice")


async def test_a_suppressed_address_leads_to_the_next_channel(stage: Stage) -> None:
    """Where the first channel's address must not be used the notice goes by the next."""
    push, pager = Wire(lambda _: Permanent(code="gone", suppress=True)), Wire()
    async with pushing(stage, push, pager) as notifier:
        await notifier.record(placed(customer=reachable()), paid())
        await notifier.run_until_idle()
        await notifier.record(paid(number=2))
        await notifier.run_until_idle()

    assert (1, 2) == (len(push.tried), len(pager.taken))
    assert [FAILED, SENT, SUPPRESSED, SENT] == stage.messages("state")


async def test_after_the_last_channel_the_staff_hear(stage: Stage) -> None:
    """When every channel has refused, or the customer has no address on the rest, the staff hear once."""
    push, pager = Wire(lambda _: UNKNOWN_USER), Wire(lambda _: UNKNOWN_USER)
    async with pushing(stage, push, pager) as notifier:
        await notifier.record(placed(customer=reachable()), paid())
        await notifier.record(placed("B-1", customer=Customer(extra={"push": "push:B-1"})), paid("B-1"))
        await notifier.run_until_idle()

    assert [FAILED, FAILED] == stage.messages("state")
    assert [FAILED] == stage.messages("state", "B-1")
    assert ["undelivered"] == stage.staff("A-1") == stage.staff("B-1")


async def test_a_notice_for_all_channels_goes_by_all(stage: Stage) -> None:
    """`all_of(...)` sends on each channel, and a channel that refuses changes nothing for the other."""

    class Loud(Paid):
        key = "loud"
        channels = all_of("push", "pager")

    for channel in ("push", "pager"):
        stage.template(f"loud/{channel}.text", "loud")
    push, pager = Wire(lambda _: UNKNOWN_USER), Wire()
    async with pushing(stage, push, pager, notices=[Loud]) as notifier:
        await notifier.record(placed(customer=reachable()), paid())
        await notifier.run_until_idle()

    assert (1, 1) == (len(push.tried), len(pager.taken))
    assert [FAILED, SENT] == stage.messages("state")


async def test_a_channel_that_waits_does_not_hold_up_the_other(stage: Stage) -> None:
    """Of one notice on two channels the second leaves although the first one has to be tried again."""

    class Loud(Paid):
        key = "loud"
        channels = all_of("push", "pager")

    for channel in ("push", "pager"):
        stage.template(f"loud/{channel}.text", "loud")
    push, pager = Wire(lambda _: BUSY), Wire()
    async with pushing(stage, push, pager, notices=[Loud]) as notifier:
        await notifier.record(placed(customer=reachable()), paid())
        await notifier.run_until_idle()

    assert 1 == len(pager.taken)


# Uncertain


@pytest.mark.parametrize("error", [LOST, ValueError("ada@example.org"), TimeoutError(), ConnectionResetError()])
async def test_what_was_perhaps_sent_goes_again_as_the_same_message(stage: Stage, error: Exception) -> None:
    """When nobody knows whether a mail was taken, by our error or a foreign one, it goes again just as it was."""
    wire = Wire()
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        wire.refuse(error)
        await notifier.run_until_idle()

        assert [UNCERTAIN] == stage.messages("state")

        stage.move(minutes=1)
        await notifier.run_until_idle()

    assert wire.tried[0] == wire.tried[1]
    assert [(SENT, None)] == stage.messages("state, wire")


async def test_an_uncertain_message_goes_again_even_if_it_is_no_longer_true(stage: Stage) -> None:
    """What the customer has perhaps read already is sent again, not dropped; what follows waits for it."""
    push = Wire()
    push.refuse(LOST)
    async with pushing(stage, push) as notifier:
        await notifier.record(placed(customer=reachable()), paid())
        await notifier.run_until_idle()
        await notifier.record(shipped(), delivered())
        stage.move(minutes=1)
        await notifier.run_until_idle()

    assert [("A-1", "paid")] == push.told
    assert push.tried[0] == push.tried[1]


async def test_an_uncertain_message_is_not_overtaken(stage: Stage) -> None:
    """The notices that follow an uncertain one wait behind it, and are told after it."""
    wire = Wire()
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        wire.refuse(LOST)
        await notifier.record(shipped())
        await notifier.run_until_idle()
        await notifier.record(delivered())
        await notifier.run_until_idle()
        stage.move(minutes=1)
        await notifier.run_until_idle()

    assert ["order-received", "shipped", "shipped", "delivered"] == [notice for _, notice in wire.asked]


async def test_what_a_customer_perhaps_read_is_told_on_no_other_channel(stage: Stage) -> None:
    """An uncertain message that is given up is not told again on the next channel; the staff hear."""
    push, pager = Wire(lambda _: LOST), Wire()
    async with pushing(stage, push, pager, policy=Policy(retry=Retry(attempts=1))) as notifier:
        await notifier.record(placed(customer=reachable()), paid())
        await notifier.run_until_idle()

    assert [] == pager.tried
    assert ["undelivered"] == stage.staff()


async def test_an_uncertain_message_does_not_go_again_for_ever(stage: Stage) -> None:
    """A message that stays uncertain ends when its notice expires, and the staff hear; its lane goes on."""
    push = Wire(lambda _: LOST)
    daily = Policy(retry=Retry(first=timedelta(hours=6), limit=timedelta(days=1)))
    async with pushing(stage, push, policy=daily) as notifier:
        await notifier.record(placed(customer=reachable()), paid())
        for _ in range(12):
            await notifier.run_until_idle()
            stage.move(days=1)

    assert 9 > len(push.tried)
    assert "undelivered" in stage.staff()


async def test_a_channel_that_is_refused_does_not_forget_what_was_perhaps_sent(stage: Stage) -> None:
    """An uncertain message whose channel then refuses us stays uncertain, and goes again as the same message."""
    push = Wire()
    push.refuse(LOST, ChannelRefused(code="401"))
    async with pushing(stage, push) as notifier:
        await notifier.record(placed(customer=reachable()), paid())
        await notifier.run_until_idle()
        stage.move(minutes=1)
        await notifier.run_until_idle()
        await notifier.record(shipped(), delivered())

        assert [UNCERTAIN] == stage.messages("state")

        stage.move(minutes=10)
        await notifier.run_until_idle()

    assert push.tried[0] == push.tried[1] == push.tried[2]


async def test_a_transport_that_cancels_itself_is_uncertain(stage: Stage) -> None:
    """A transport in whose depths something was cancelled fails like any other, and harms no other message."""
    wire = Wire(only("A-1", asyncio.CancelledError()))
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed(), placed("B-1"))
        await notifier.run_until_idle()

    assert [UNCERTAIN] == stage.messages("state")
    assert [SENT] == stage.messages("state", "B-1")


# The channel refuses us


async def test_a_channel_that_refuses_us_rests_and_loses_nothing(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """Refused credentials pause the channel, loudly; after the pause all that waited leaves, in its order."""
    heard: list[object] = []
    wire = Wire(lambda _: ChannelRefused(code="535"))
    async with stage.notifier(wire, observers=[heard.append]) as notifier:
        await notifier.record(placed(), shipped())
        await notifier.run_until_idle()
        await notifier.record(placed("B-1"))
        stage.move(minutes=4)
        await notifier.run_until_idle()

        assert 1 == len(wire.tried)
        assert [("email", "535")] == [(p.channel, p.code) for p in heard if isinstance(p, ChannelPaused)]
        assert any(r.levelno == logging.ERROR and "535" in r.getMessage() for r in caplog.records)
        assert [("email", "535")] == [
            (row["channel"], row["cause"]) for row in stage.look("select channel, cause from pn_pause")
        ]

        wire.answer = lambda _: None
        stage.move(minutes=2)
        await notifier.run_until_idle()

    assert {("A-1", "order-received"), ("A-1", "shipped"), ("B-1", "order-received")} == set(wire.told)
    assert [SENT, SENT] == stage.messages("state")
    assert [] == stage.staff()


async def test_a_pause_holds_for_every_process(stage: Stage) -> None:
    """Another process with the same channel does not try either while it rests."""
    first, second = Wire(lambda _: ChannelRefused(code="535")), Wire()
    async with stage.notifier(first) as notifier, stage.notifier(second) as other:
        await notifier.record(placed())
        await notifier.run_until_idle()
        await notifier.record(placed("B-1"))
        await other.run_until_idle()

        assert [] == second.tried

        stage.move(minutes=6)
        await other.run_until_idle()

    assert 2 == len(second.taken)


async def test_a_pause_is_one_channels_own(stage: Stage) -> None:
    """While one channel rests the others go on."""
    push, pager = Wire(lambda _: ChannelRefused(code="401")), Wire()
    async with pushing(stage, push, pager) as notifier:
        await notifier.record(placed(customer=reachable()), paid())
        await notifier.record(placed("B-1", customer=Customer(extra={"pager": "pager:B-1"})), paid("B-1"))
        await notifier.run_until_idle()

    assert [("B-1", "paid")] == pager.told
    assert [QUEUED] == stage.messages("state")


async def test_a_refused_channel_is_no_try_of_its_messages(stage: Stage) -> None:
    """Pauses do not count against a limit of tries: nothing is lost to wrong credentials."""
    wire = Wire(lambda _: ChannelRefused(code="535"))
    async with stage.notifier(wire, policy=Policy(retry=Retry(attempts=3))) as notifier:
        await notifier.record(placed())
        for _ in range(5):
            await notifier.run_until_idle()
            stage.move(minutes=6)
        wire.refuse(BUSY)
        await notifier.run_until_idle()

    assert [QUEUED] == stage.messages("state")


# Words that cannot be made


async def test_a_template_that_fails_is_one_message_that_fails(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """A message that cannot be rendered is failed and the staff hear; the others of the same claim leave."""
    stage.template("paid/push.text", "{% if order.id == 'A-1' %}{{ order.nothing.at_all }}{% endif %}paid")
    push = Wire()
    async with pushing(stage, push) as notifier:
        for order_id in ("A-1", "B-1"):
            await notifier.record(placed(order_id, customer=Customer(extra={"push": order_id})), paid(order_id))
        await notifier.run_until_idle()

    assert [("B-1", "paid")] == push.told
    assert [FAILED] == stage.messages("state")
    assert ["undelivered"] == stage.staff()
    assert ("dropped", "cannot-render") in stage.decisions()
    assert "paid/push.text, line 1" in caplog.text


async def test_a_notice_whose_own_code_fails_is_one_message_that_fails(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """An exception in a notice's own method fails that message; its text is not logged, for it may hold an address."""

    class Broken(Paid):
        key = "paid"

        def context(self) -> Mapping[str, object]:
            if self.order.order_id == "A-1":
                raise ValueError("ada@example.org")
            return {}

    push = Wire()
    async with pushing(stage, push, notices=[Broken]) as notifier:
        await notifier.record(placed(customer=Customer(extra={"push": "p"})), paid())
        await notifier.record(placed("B-1", customer=reachable("B-1")), paid("B-1"))
        await notifier.run_until_idle()

    assert [("B-1", "paid")] == push.told
    assert [FAILED] == stage.messages("state")
    assert "ada@example.org" not in caplog.text
    assert "ValueError" in caplog.text


@pytest.mark.parametrize("hook", ["__init__", "still_true", "next_word"])
async def test_no_hook_of_a_notice_can_hold_up_others(stage: Stage, hook: str) -> None:
    """Whatever a notice's own code raises at the moment of sending stays with its message."""
    sending = False

    class Moody(Notice[OrderPaid]):
        key = "paid"
        channels = ("push",)

        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            self._maybe("__init__")

        def still_true(self) -> bool:
            return self._maybe("still_true")

        def next_word(self) -> bool:
            return self._maybe("next_word")

        def _maybe(self, name: str) -> bool:
            if sending and hook == name and self.order.order_id == "A-1":
                raise ValueError("no")
            return True

    push = Wire()
    async with pushing(stage, push, notices=[Moody]) as notifier:
        for order_id in ("A-1", "B-1"):
            await notifier.record(placed(order_id, customer=reachable(order_id)), paid(order_id))
        sending = True
        await notifier.run_until_idle()

    assert [("B-1", "paid")] == push.told
    assert [FAILED] == stage.messages("state")
    assert ["undelivered"] == stage.staff()


async def test_a_notice_that_is_no_longer_there_is_not_told(stage: Stage) -> None:
    """A message whose notice the shop has taken out meanwhile is cancelled, with a decision."""
    push = Wire()
    async with pushing(stage, push, notices=[Paid, Coupon]) as notifier:
        await notifier.record(placed(customer=reachable()), paid())
    async with pushing(stage, push, notices=[Coupon]) as notifier:
        await notifier.run_until_idle()

    assert [("A-1", "coupon")] == push.told
    assert ("dropped", "unknown-notice") in stage.decisions()


async def test_a_channel_that_is_no_longer_there_fails_its_messages(stage: Stage) -> None:
    """A message on a channel that the shop has taken out meanwhile goes by the next one, and holds up nobody."""
    pager = Wire()
    async with pushing(stage, Wire()) as notifier:
        await notifier.record(placed(customer=reachable()), paid())
    async with stage.notifier(channels=[short("pager", pager)], notices=[Paid]) as notifier:
        await notifier.run_until_idle()

    assert [("A-1", "paid")] == pager.told


async def test_a_notice_that_changed_its_channels_fails_alone(stage: Stage) -> None:
    """A message on a channel that its notice no longer names is told or failed; it holds up nobody."""

    class Moved(Paid):
        channels = ("pager",)

    push, pager = Wire(only("A-1", UNKNOWN_USER)), Wire()
    async with pushing(stage, push) as notifier:
        for order_id in ("A-1", "B-1"):
            await notifier.record(placed(order_id, customer=reachable(order_id)), paid(order_id))
    async with pushing(stage, push, pager, notices=[Moved]) as notifier:
        await notifier.run_until_idle()

    assert [("B-1", "paid")] == push.told
    assert FAILED == stage.messages("state")[0]


# Expiry


async def test_a_message_that_is_too_late_to_be_of_use_is_not_sent(stage: Stage) -> None:
    """A message that expired is a decision and a word to the staff, and the silence budget begins anew."""
    wire = Wire()
    async with stage.notifier(wire, policy=Policy(expires={"shipped": timedelta(hours=2)})) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        wire.answer = lambda _: BUSY
        await notifier.record(shipped())
        await notifier.run_until_idle()
        stage.move(hours=3)
        wire.answer = lambda _: None
        await notifier.run_until_idle()

    assert ["order-received", "shipped"] == [notice for _, notice in wire.asked]
    assert [SENT, EXPIRED] == stage.messages("state")
    assert ("dropped", "expired") in stage.decisions()
    assert ["undelivered"] == stage.staff()
    assert stage.clock.now() < datetime.fromtimestamp(open_promises(stage)["news_by"] / 1e6, UTC)


async def test_a_confirmation_does_not_expire(stage: Stage) -> None:
    """A confirmation that could not leave for a month still leaves."""
    wire = Wire(lambda _: BUSY)
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        stage.move(days=30)
        wire.answer = lambda _: None
        await notifier.run_until_idle()

    assert ("A-1", "order-received") == wire.told[0]


# What stays the same


async def test_a_messages_id_is_the_same_for_ever(stage: Stage, tmp_path: Path) -> None:
    """The id is the same for each try, in each process, and on another machine that got the same events."""
    wire = Wire()
    wire.refuse(BUSY, LOST)
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        stage.move(minutes=1)
        await notifier.run_until_idle()
    async with stage.notifier(wire) as notifier:
        stage.move(minutes=4)
        await notifier.run_until_idle()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    other = Wire()
    async with Stage(elsewhere).notifier(other) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()

    assert (3, 1) == (len(wire.tried), len(other.tried))
    assert 1 == len({message.message_id for message in [*wire.tried, *other.tried]})


async def test_each_message_has_an_id_of_its_own(stage: Stage) -> None:
    """Orders, notices, occasions and channels do not share ids."""
    push, pager = Wire(), Wire()

    class Loud(Paid):
        key = "loud"
        channels = all_of("push", "pager")
        family = "loud"

    for channel in ("push", "pager"):
        stage.template(f"loud/{channel}.text", "loud")
    async with pushing(stage, push, pager, notices=[Paid, Loud]) as notifier:
        for order_id in ("A-1", "B-1"):
            await notifier.record(placed(order_id, customer=reachable(order_id)))
            for number in (1, 2):
                await notifier.record(paid(order_id, number))
                await notifier.run_until_idle()
    ids = [message.message_id for message in [*push.taken, *pager.taken]]

    assert 12 == len(ids) == len(set(ids))
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in ids)


# The silence budget


def looking_for_it(order_id: str = "A-1") -> OrderSourcing:
    return OrderSourcing(order_id=order_id, id=f"{order_id}:sourcing", source="shop", at=MONDAY, note="in Rome")


def news_by(stage: Stage) -> datetime:
    return datetime.fromtimestamp(open_promises(stage)["news_by"] / 1e6, UTC)


async def test_only_a_message_that_left_moves_the_silence_budget(stage: Stage) -> None:
    """A refusal leaves the promise of news where it is; sending moves it to the day that stands in the mail."""
    wire = Wire()
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        before = news_by(stage)
        wire.refuse(BUSY)
        stage.move(hours=1)
        await notifier.record(looking_for_it())
        await notifier.run_until_idle()

        assert datetime(2026, 1, 7, 9, tzinfo=UTC) == before == news_by(stage)

        stage.clock.move_to(MONDAY + timedelta(days=1))
        await notifier.run_until_idle()
        why = await notifier.why("A-1")

    assert datetime(2026, 1, 8, 9, tzinfo=UTC) == news_by(stage) == why.messages[1].next_word
    assert "by Thursday, 8 January at the latest" in wire.taken[1].text


async def test_the_silence_budget_is_the_day_that_the_mail_named(stage: Stage) -> None:
    """A mail that goes again as it was names the day that it named, and that day is the promise."""
    wire = Wire()
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        wire.refuse(LOST)
        await notifier.record(looking_for_it())
        await notifier.run_until_idle()
        stage.clock.move_to(MONDAY + timedelta(hours=22))
        await notifier.run_until_idle()
        why = await notifier.why("A-1")

    assert "by Wednesday, 7 January at the latest" in wire.taken[1].text
    assert datetime(2026, 1, 7, 9, tzinfo=UTC) == news_by(stage) == why.messages[1].next_word


async def test_a_message_that_goes_again_keeps_its_locale(stage: Stage) -> None:
    """The row of a mail that went twice says in which language it was, as that of any other."""
    wire = Wire()
    wire.refuse(LOST)
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed(customer=Customer(email="joao@example.org", locale="pt-BR")))
        await notifier.run_until_idle()
        stage.move(minutes=1)
        await notifier.run_until_idle()

    assert [(SENT, "pt-BR")] == stage.messages("state, locale")


async def test_what_was_sent_is_on_the_row(stage: Stage) -> None:
    """A message's row keeps its subject, its locale, the provider's reference and when it was settled."""
    wire = Wire()
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()

    found = stage.messages("subject, locale, reference, settled_at, token, lease_until")
    assert [(wire.taken[0].subject, "en", "wire-1", int(MONDAY.timestamp() * 1e6), None, None)] == found
    assert [("queued", "order.placed"), ("sent", "email")] == stage.decisions()


async def test_the_clock_of_a_sender_is_the_one_it_was_given(stage: Stage) -> None:
    """A mail carries the instant at which it was rendered, by the notifier's own clock."""
    wire, clock = Wire(), VirtualClock(MONDAY + timedelta(days=3))
    async with stage.notifier(wire, clock=clock) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()

    assert MONDAY + timedelta(days=3) == wire.taken[0].at
