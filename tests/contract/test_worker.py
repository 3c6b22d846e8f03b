"""The loops: they start, wake, finish what is in flight and stop; and what a shop's own scheduler may call instead."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from proactive_notify import (
    ChannelRefused,
    Customer,
    Email,
    EventsRecorded,
    LeaseRescued,
    Message,
    MessageSent,
    MessageState,
    OrderCancelled,
    OrderDelivered,
    OrderPaid,
    OrderShipped,
    Permanent,
    Shop,
    StaffAsked,
    StoreUnusable,
    Transient,
    Uncertain,
)
from proactive_notify._store.claims import Room
from proactive_notify._store.sending import claim
from proactive_notify._store.sqlite import InlineSqlite, ThreadedSqlite
from tests.contract.wires import MONDAY, Stage, Wire, placed

#: Long enough for any machine; what waits in vain ends here.
PATIENCE = 20
#: No test waits for the next poll: what happens in time happened because somebody woke the worker.
NEVER = 3600.0
QUEUED, CLAIMED, SENT = (int(MessageState[name]) for name in ("QUEUED", "CLAIMED", "SENT"))


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


class Slow(Wire):
    """A wire on which the messages of some orders stay until they are let go."""

    def __init__(self, *order_ids: str) -> None:
        super().__init__(meanwhile=self._wait)
        self.slow = set(order_ids)
        self.reached, self.goes_on = asyncio.Event(), asyncio.Event()

    async def _wait(self, message: Message) -> None:
        if message.order_id in self.slow:
            self.reached.set()
            await self.goes_on.wait()


class Counting(Wire):
    """A wire that says when it has taken so many messages."""

    def __init__(self, *, wanted: int = 1) -> None:
        super().__init__()
        self.wanted, self.enough = wanted, asyncio.Event()

    async def send(self, message: Message) -> Any:
        accepted = await super().send(message)
        if len(self.taken) >= self.wanted:
            self.enough.set()
        return accepted


async def soon(event: asyncio.Event) -> None:
    await asyncio.wait_for(event.wait(), PATIENCE)


async def until(happened: Callable[[], Any]) -> None:
    """Let the loop turn until something has happened."""

    async def turn() -> None:
        while not happened():  # noqa: ASYNC110  there is no event: what happened stands in the tables
            await asyncio.sleep(0)

    await asyncio.wait_for(turn(), PATIENCE)


async def before_long(happened: Callable[[], Any]) -> bool:
    """Whether something happens while others are kept waiting; the answer no takes two seconds."""
    turning = asyncio.create_task(until(happened))
    done, _ = await asyncio.wait([turning], timeout=2)
    turning.cancel()
    return bool(done)


class Faulty(InlineSqlite):
    """A store that fails while it is told to."""

    fails = False

    def run_sync(self, unit: Any) -> Any:
        if self.fails:
            raise StoreUnusable("the disk is full")
        return super().run_sync(unit)


# Start, wake, stop


async def test_a_worker_sends_what_is_due_when_it_starts(stage: Stage) -> None:
    """What was recorded before the worker started leaves at once."""
    wire = Counting()
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        async with notifier.worker(poll=NEVER):
            await soon(wire.enough)

    assert [("A-1", "order-received")] == wire.told


async def test_a_record_wakes_the_worker(stage: Stage) -> None:
    """What is recorded while the worker rests leaves at once and not at the next poll."""
    wire = Counting()
    async with stage.notifier(wire, store=ThreadedSqlite(str(stage.path))) as notifier, notifier.worker(poll=NEVER):
        for order_id in ("A-1", "B-1", "C-1"):
            await notifier.record(placed(order_id))
            await soon(wire.enough)
            wire.enough.clear()

    assert ["A-1", "B-1", "C-1"] == [order_id for order_id, _ in wire.told]


async def test_a_worker_polls_for_what_others_recorded(stage: Stage) -> None:
    """What another process records is found by the poll."""
    wire = Counting()
    async with stage.notifier(wire) as notifier, stage.notifier() as other, notifier.worker(poll=0.01):
        await other.record(placed())
        await soon(wire.enough)

    assert [("A-1", "order-received")] == wire.told


async def test_a_worker_watches_promises(stage: Stage) -> None:
    """A promise that comes due while a worker runs is broken by it, and the customer hears."""
    wire = Counting(wanted=2)
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        stage.move(days=3)
        async with notifier.worker(poll=NEVER):
            await soon(wire.enough)

    assert ["order-received", "holding"] == [notice for _, notice in wire.told]


async def test_a_worker_that_stops_finishes_what_is_in_flight(stage: Stage) -> None:
    """On leaving, the message that is under way is sent and settled; the worker says goodbye after it."""
    wire = Slow("A-1")
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        worker = notifier.worker(poll=NEVER)
        await worker.__aenter__()
        await soon(wire.reached)
        leaving = asyncio.create_task(worker.__aexit__(None, None, None))
        for _ in range(10):
            await asyncio.sleep(0)

        assert not leaving.done()
        assert [CLAIMED] == stage.messages("state")

        wire.goes_on.set()
        await asyncio.wait_for(leaving, PATIENCE)

    assert [SENT] == stage.messages("state")
    assert [] == stage.look("select * from pn_worker")


async def test_a_worker_that_stops_takes_nothing_new(stage: Stage) -> None:
    """What is not in flight when the worker is told to stop stays queued, free for the next one."""
    wire = Slow("A-1")
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed("A-1"))
        await notifier.record(placed("B-1"), placed("C-1"))
        worker = notifier.worker(poll=NEVER, concurrency=1)
        await worker.__aenter__()
        await soon(wire.reached)
        leaving = asyncio.create_task(worker.__aexit__(None, None, None))
        await asyncio.sleep(0)
        wire.goes_on.set()
        await asyncio.wait_for(leaving, PATIENCE)

        assert [("A-1", "order-received")] == wire.told
        assert [(QUEUED, None, 0)] == stage.messages("state, token, attempts", "B-1")

        await notifier.run_until_idle()

    assert 3 == len(wire.taken)


async def test_a_worker_ends_with_the_block_that_fails(stage: Stage) -> None:
    """An exception inside the block stops the worker cleanly and is not lost."""
    wire = Counting()
    async with stage.notifier(wire) as notifier:

        async def fail() -> None:
            async with notifier.worker(poll=NEVER):
                await notifier.record(placed())
                await soon(wire.enough)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fail()

    assert [SENT] == stage.messages("state")
    assert 1 == len(asyncio.all_tasks())


async def test_a_worker_that_stopped_is_not_woken(stage: Stage) -> None:
    """After the worker has gone, records are kept until something runs again."""
    wire = Wire()
    async with stage.notifier(wire) as notifier:
        async with notifier.worker(poll=NEVER):
            pass
        await notifier.record(placed())

        assert [] == wire.tried

        await notifier.run_due()

    assert 1 == len(wire.taken)


async def test_two_workers_share_the_work(stage: Stage) -> None:
    """Two workers on one file send each message once."""
    wires = [Counting(), Counting()]
    one, other = (stage.notifier(wire) for wire in wires)
    async with one, other, one.worker(poll=0.01, concurrency=2), other.worker(poll=0.01, concurrency=2):
        for number in range(30):
            await one.record(placed(f"A-{number}"))
        await until(lambda: len(wires[0].taken) + len(wires[1].taken) >= 30)
    sent = [order_id for wire in wires for order_id, _ in wire.told]

    assert sorted(f"A-{number}" for number in range(30)) == sorted(sent)


async def test_a_slow_message_holds_up_no_other_order(stage: Stage) -> None:
    """While one message is under way for long, what is recorded about other orders leaves."""
    wire = Slow("A-1")
    async with stage.notifier(wire) as notifier, notifier.worker(poll=0.01):
        await notifier.record(placed("A-1"))
        await soon(wire.reached)
        await notifier.record(placed("B-1"))
        left = await before_long(lambda: wire.taken)
        wire.goes_on.set()

    assert left


async def test_a_slow_message_does_not_keep_others_from_being_settled(stage: Stage) -> None:
    """What was sent is settled although another message of the same claim is still under way."""
    wire = Slow("A-1")
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed("A-1"), placed("B-1"))
        async with notifier.worker(poll=NEVER):
            await soon(wire.reached)
            settled = await before_long(lambda: [SENT] == stage.messages("state", "B-1"))
            wire.goes_on.set()

    assert settled


async def test_a_worker_has_no_more_under_way_than_it_was_told(stage: Stage) -> None:
    """As many messages are under way as the worker's concurrency says, and not one more; the rest waits unclaimed."""
    slow = [f"A-{number}" for number in range(5)]
    wire = Slow(*slow)
    async with stage.notifier(wire) as notifier:
        await notifier.record(*(placed(order_id) for order_id in slow))
        async with notifier.worker(poll=0.01, concurrency=2):
            await until(lambda: 2 == len(wire.tried))
            await notifier.record(placed("B-1"))
            more = await before_long(lambda: len(wire.tried) > 2)
            claimed = stage.look("select 1 from pn_message where state = ?", CLAIMED)
            wire.goes_on.set()
            await until(lambda: 6 == len(wire.taken))

    assert (False, 2) == (more, len(claimed))


async def test_messages_of_an_order_wait_for_each_other_in_a_worker(stage: Stage) -> None:
    """Also where messages leave side by side, an order's second one leaves when its first one was taken."""
    wire = Slow("A-1")
    async with stage.notifier(wire) as notifier, notifier.worker(poll=NEVER):
        await notifier.record(placed(), OrderShipped(order_id="A-1"))
        await soon(wire.reached)
        overtaken = await before_long(lambda: len(wire.tried) > 1)
        wire.goes_on.set()
        await until(lambda: 2 == len(wire.taken))

    assert not overtaken
    assert ["order-received", "shipped"] == [notice for _, notice in wire.told]


async def test_a_worker_holds_on_to_what_is_under_way(stage: Stage) -> None:
    """The lease of a message that takes long is renewed, so nobody else sends it too."""
    wire, second = Slow("A-1"), Wire()
    async with stage.notifier(wire) as notifier, stage.notifier(second) as other:
        await notifier.record(placed())
        async with notifier.worker(poll=0.01):
            await soon(wire.reached)
            for _ in range(4):
                stage.move(seconds=40)
                now = int(stage.clock.now().timestamp() * 1e6)
                await until(lambda now=now: stage.messages("lease_until")[0] > now + 50_000_000)
                await other.run_due()
            wire.goes_on.set()

    assert [] == second.tried
    assert [(SENT, 1)] == stage.messages("state, attempts")


# What goes wrong


async def test_a_loop_that_fails_is_logged_and_goes_on(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """A store that fails for a while stops no loop; afterwards all leaves."""
    wire, store = Counting(), Faulty(str(stage.path))
    async with stage.notifier(wire, store=store) as notifier:
        await notifier.record(placed())
        async with notifier.worker(poll=0.01):
            await soon(wire.enough)
            store.fails = True
            await until(lambda: "the worker's loop failed with StoreUnusable" in caplog.text)
            store.fails = False
            wire.enough.clear()
            await notifier.record(placed("B-1"))
            await soon(wire.enough)

    assert ["A-1", "B-1"] == [order_id for order_id, _ in wire.told]


async def test_a_transport_that_cancels_itself_does_not_end_the_worker(stage: Stage) -> None:
    """A worker whose transport raises CancelledError of its own goes on."""
    wire = Counting()
    cancelled = [asyncio.CancelledError()]
    wire.answer = lambda message: cancelled.pop() if cancelled and message.order_id == "A-1" else None
    async with stage.notifier(wire) as notifier, notifier.worker(poll=0.01):
        await notifier.record(placed())
        await until(lambda: wire.tried)
        await notifier.record(placed("B-1"))

        assert await before_long(wire.enough.is_set)


async def test_an_observer_that_raises_stops_nothing(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """An observer that fails is logged and counted, and neither messages nor other observers notice."""
    heard: list[object] = []

    def broken(_: object) -> None:
        raise RuntimeError("a-1@example.org")

    wire = Wire()
    async with stage.notifier(wire, observers=[broken, heard.append]) as notifier:
        await notifier.record(placed(), placed("B-1"))
        await notifier.run_until_idle()

    assert 2 == len(wire.taken)
    assert [EventsRecorded, MessageSent, MessageSent] == [type(each) for each in heard]
    assert 3 == sum("an observer failed with RuntimeError" in record.getMessage() for record in caplog.records)
    assert 3 == notifier._observers.failures
    assert "example.org" not in caplog.text


async def test_observers_hear_what_happened(stage: Stage) -> None:
    """An observer hears of messages that were sent, of words to the staff and of rescued leases."""
    heard: list[Any] = []
    wire = Wire()
    async with stage.notifier(wire, observers=[heard.append]) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        await notifier.record(placed("B-1", customer=Customer(name="Bob")))
        await notifier.record(OrderShipped(order_id="A-1"))
        store = InlineSqlite(str(stage.path))
        await store.open()
        lease, other = timedelta(seconds=60), Room(limit=9)
        await store.run(lambda: claim(now=MONDAY, token="dead", lease=lease, rooms={}, other=other, shop="shop"))
        await store.close()
        stage.move(minutes=2)
        await notifier.run_due()

    assert EventsRecorded(new=1, known=0, took=timedelta()) == heard[0]
    assert MessageSent(order_id="A-1", notice="order-received", channel="email", attempts=1) == heard[1]
    assert (StaffAsked, "B-1", "undelivered") == (type(heard[2]), heard[2].word.order_id, heard[2].word.subject)
    assert LeaseRescued(count=1) == heard[5]
    late = timedelta(minutes=2)
    assert MessageSent(order_id="A-1", notice="shipped", channel="email", attempts=2, waited=late) == heard[6]


@pytest.mark.says_too_much(reason="the errors are the test's own: a transport that talks")
async def test_nothing_is_logged_that_names_a_customer(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever goes wrong, no log line and no word to an observer holds an address, a name or a text."""
    caplog.set_level(logging.DEBUG)
    heard: list[object] = []
    secrets = ("secret@example.org", "+15550123456", "Rumpelstiltskin", "Glass slipper", "Castle Street")
    customer = Customer(name=secrets[2], email=secrets[0], phone=secrets[1])
    answers: list[Exception | None] = [
        Transient(f"451 {secrets[0]}", code="451"),
        Permanent(f"550 no such user {secrets[0]}", code="550", suppress=True),
        Uncertain(f"lost {secrets[0]}", code="timeout"),
        ChannelRefused(f"535 {secrets[0]}", code="535"),
        RuntimeError(secrets[0]),
        None,
    ]
    wire = Wire(lambda message: answers[int(message.order_id.removeprefix("A-")) % len(answers)])
    async with stage.notifier(wire, observers=[heard.append]) as notifier, notifier.worker(poll=0.01):
        for number in range(12):
            order_id = f"A-{number}"
            items = [{"name": secrets[3], "quantity": 1}]
            destination = {"street": secrets[4], "country": "DE"}
            await notifier.record(placed(order_id, customer=customer, items=items, destination=destination))
            await notifier.record(OrderPaid(order_id=order_id), OrderShipped(order_id=order_id))
            stage.move(hours=1)
            await notifier.run_due()
        await notifier.record(OrderDelivered(order_id="A-0"), OrderCancelled(order_id="A-0"))
        stage.move(days=40)
        await notifier.run_until_idle()

    text = caplog.text + repr(heard)
    assert [] == [secret for secret in secrets if secret in text]
    assert "A-1" in caplog.text


# Without a worker


async def test_run_due_is_one_pass_over_what_is_due(stage: Stage) -> None:
    """One pass breaks what is due, sends what is due, and says how much that was; nothing due is nothing done."""
    wire = Wire()
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed(), placed("B-1"))

        assert 2 == await notifier.run_due()
        assert 0 == await notifier.run_due()

        stage.move(days=3)
        done = await notifier.run_due()

    assert 0 < done
    assert {("A-1", "holding"), ("B-1", "holding")} == set(wire.told[2:])


async def test_run_due_does_all_that_is_due(stage: Stage) -> None:
    """A shop whose scheduler calls it now and then gets everything sent that is due, however much that is."""
    wire = Wire()
    async with stage.notifier(wire) as notifier:
        await notifier.record(*(placed(f"A-{number}") for number in range(150)))
        await notifier.run_due()

    assert 150 == len(wire.taken)


async def test_run_until_idle_goes_on_until_nothing_is_due(stage: Stage) -> None:
    """All that is due leaves, in many bites, and what waits for a later time stays."""
    wire = Wire(lambda message: Transient(code="451") if message.order_id == "A-7" else None)
    async with stage.notifier(wire) as notifier:
        await notifier.record(*(placed(f"A-{number}") for number in range(150)))
        await notifier.record(*(OrderShipped(order_id=f"A-{number}") for number in range(150)))
        await notifier.run_until_idle()

    assert 2 * 149 == len(wire.taken)
    assert [QUEUED, QUEUED] == stage.messages("state", "A-7")


async def test_passes_at_the_same_time_send_nothing_twice(stage: Stage) -> None:
    """Several passes that run at once, in one process or two, share the messages."""
    wire = Wire()
    async with stage.notifier(wire) as notifier, stage.notifier(wire) as other:
        await notifier.record(*(placed(f"A-{number}") for number in range(80)))
        await asyncio.gather(notifier.run_until_idle(), other.run_until_idle(), notifier.run_due())

    assert 80 == len(wire.taken) == len({message.order_id for message in wire.taken})


# The heartbeat and the warning


async def test_a_worker_is_seen_while_it_lives(stage: Stage) -> None:
    """A worker's row says when it was seen last, moves with its heartbeat, and is gone when it stops."""
    query = "select seen_at from pn_worker"
    async with stage.notifier() as notifier:
        async with notifier.worker(poll=0.01):
            assert [{"seen_at": int(MONDAY.timestamp() * 1e6)}] == stage.look(query)

            stage.move(minutes=5)
            await until(lambda: stage.look(query)[0]["seen_at"] == int(stage.clock.now().timestamp() * 1e6))

        assert [] == stage.look(query)


WARNING = "messages are due and no worker runs"


async def test_messages_that_nobody_sends_are_a_loud_warning(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """A shop that records and never runs a worker is told so, how many messages wait, and what to do."""
    async with stage.notifier() as notifier:
        await notifier.record(placed(), placed("B-1"))

        assert WARNING not in caplog.text

        stage.move(minutes=5)
        await notifier.record(placed("C-1"))

    (warning,) = [record for record in caplog.records if WARNING in record.getMessage()]
    assert logging.WARNING == warning.levelno
    assert "2 messages are due" in warning.getMessage()
    assert "notifier.worker()" in warning.getMessage()


async def test_the_warning_is_not_repeated_at_every_record(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """The warning comes at most once a minute."""
    async with stage.notifier() as notifier:
        await notifier.record(placed())
        stage.move(minutes=5)
        for number in range(5):
            await notifier.record(placed(f"B-{number}"))
            stage.move(seconds=1)

    assert 1 == caplog.text.count(WARNING)


async def test_a_worker_elsewhere_is_reason_enough_not_to_warn(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """A process that only records does not warn while a worker lives in another one, even if that one is busy."""
    async with stage.notifier() as notifier, stage.notifier(Slow("A-1")) as other:
        await notifier.record(placed())
        worker = other.worker(poll=0.01)
        await worker.__aenter__()
        stage.move(minutes=5)
        await until(lambda: stage.look("select seen_at from pn_worker")[0]["seen_at"] > MONDAY.timestamp() * 1e6)
        await notifier.record(placed("B-1"))

        assert WARNING not in caplog.text

        other.channels["email"].transport.goes_on.set()
        await worker.__aexit__(None, None, None)


async def test_a_worker_that_died_is_none(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """A worker that ended without a goodbye leaves its row behind; a minute later it counts no more."""
    store = Faulty(str(stage.path))
    async with stage.notifier() as notifier, stage.notifier(store=store) as other:
        worker = other.worker(poll=NEVER)
        await worker.__aenter__()
        store.fails = True
        with pytest.raises(StoreUnusable):
            await worker.__aexit__(None, None, None)
        await notifier.record(placed())
        stage.move(minutes=5)
        await notifier.record(placed("B-1"))

    assert 1 == len(stage.look("select * from pn_worker"))
    assert WARNING in caplog.text


async def test_a_worker_of_another_shop_is_no_reason_not_to_warn(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """Two shops share a file: the one without a worker is warned although the other has one."""
    async with (
        stage.notifier(shop=Shop(key="one")) as one,
        stage.notifier(shop=Shop(key="other")) as other,
        other.worker(poll=0.01),
    ):
        await one.record(placed())
        stage.move(minutes=5)
        await until(lambda: stage.look("select seen_at from pn_worker")[0]["seen_at"] > MONDAY.timestamp() * 1e6)
        await one.record(placed("B-1"))

    assert WARNING in caplog.text


async def test_a_shop_that_calls_run_due_is_not_warned(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """Who runs what is due now and then has nothing waiting, and hears no warning."""
    async with stage.notifier() as notifier:
        for number in range(5):
            await notifier.record(placed(f"A-{number}"))
            stage.move(minutes=5)
            await notifier.run_due()

    assert WARNING not in caplog.text


async def test_who_records_without_a_loop_is_warned_too(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """A shop that is not async and forgot the worker is told so as well."""
    async with stage.notifier() as notifier:
        notifier.record_sync(placed())
        stage.move(minutes=5)
        notifier.record_sync(placed("B-1"))

    assert WARNING in caplog.text


# Two in one process


async def test_two_notifiers_live_in_one_process(tmp_path: Path) -> None:
    """Two shops with files, wires and workers of their own do not meet."""
    stages, wires = [], [Counting(), Counting()]
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        stages.append(Stage(tmp_path / name))
    one, other = (stage.notifier(wire) for stage, wire in zip(stages, wires, strict=True))
    async with one, other, one.worker(poll=NEVER), other.worker(poll=NEVER):
        await asyncio.gather(one.record(placed("A-1")), other.record(placed("B-1")))
        await asyncio.gather(*(soon(wire.enough) for wire in wires))

    assert [("A-1", "order-received")] == wires[0].told
    assert [("B-1", "order-received")] == wires[1].told


async def test_two_shops_share_a_file(stage: Stage) -> None:
    """Two shops on one file each send only their own messages, in their own name, also about the same order id."""
    wires = [Wire(), Wire()]
    shops = [Shop(key="one", name="One"), Shop(key="other", name="Other")]
    one, other = (
        stage.notifier(shop=shop, channels=[Email(wire, sender=f"{shop.name} <orders@shop.example>")])
        for shop, wire in zip(shops, wires, strict=True)
    )
    async with one, other:
        await one.record(placed())
        await other.record(placed(item_count=3))
        await one.run_until_idle()

        assert (1, 0) == (len(wires[0].taken), len(wires[1].taken))

        await other.run_until_idle()
        orders = [await notifier.order("A-1") for notifier in (one, other)]

    assert ["One <orders@shop.example>", "Other <orders@shop.example>"] == [wire.taken[0].sender for wire in wires]
    assert wires[0].taken[0].message_id != wires[1].taken[0].message_id
    assert orders[0] != orders[1]


# Retention


async def test_what_is_past_its_retention_is_deleted(stage: Stage) -> None:
    """Ended orders are deleted with all that belongs to them; what is still open, or young, stays."""
    async with stage.notifier(retention=timedelta(days=90)) as notifier:
        await notifier.record(placed("A-1"), placed("B-1"))
        await notifier.record(OrderShipped(order_id="A-1", carrier="dhl", tracking_code="JD1"))
        await notifier.record(OrderDelivered(order_id="A-1"))
        await notifier.run_until_idle()
        stage.move(days=91)
        await notifier.record(placed("C-1", at=None), OrderCancelled(order_id="C-1"))
        await notifier.run_until_idle()
        async with notifier.worker(poll=NEVER):
            await until(lambda: not stage.look("select 1 from pn_order where order_id = 'A-1'"))
    tables = ("event", "promise", "notice", "message", "decision", "staff_word", "parcel")
    left = {
        name: {row["order_id"] for row in stage.look(f"select order_id from pn_{name} where shop = 'shop'")}
        for name in ("order", *tables)
    }

    assert {"B-1", "C-1"} == left["order"] == left["event"]
    assert [] == [name for name, found in left.items() if "A-1" in found]
