"""What is handed to a sender in memory: what leaves unread, what does not, and that nothing is lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from proactive_notify import (
    BreakerOpened,
    Channel,
    ChannelRefused,
    Customer,
    CustomerUpdated,
    EventsRecorded,
    Message,
    MessageSent,
    MessageState,
    Notifier,
    OrderPaid,
    OrderShipped,
    Pace,
    Permanent,
    StoreUnusable,
    TrackingUpdated,
    Transient,
    all_of,
)
from proactive_notify._policy.cases import Case
from proactive_notify._store.memory import Memory
from proactive_notify._store.sqlite import InlineSqlite
from proactive_notify.testing import VirtualClock
from tests.contract.engine_cases import PATIENCE, Gate, ListeningInline, ListeningThreaded, of, quiet
from tests.contract.test_sending import Coupon, Paid, Survey, delivered, paid, pushing, reachable, shipped
from tests.contract.test_worker import NEVER, Counting, soon, until
from tests.contract.wires import MONDAY, Short, Stage, Wire, placed, short

QUEUED, CLAIMED, SENT, SUPPRESSED, CANCELLED, FAILED = (
    int(MessageState[name]) for name in ("QUEUED", "CLAIMED", "SENT", "SUPPRESSED", "CANCELLED", "FAILED")
)
LEASE = timedelta(seconds=60)
Listening = ListeningInline | ListeningThreaded


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    for channel in ("push", "pager"):
        stage.template(f"paid/{channel}.text", f"paid by {channel}, {{{{ customer.name }}}}")
        for key in ("coupon", "survey"):
            stage.template(f"{key}/{channel}.text", key)
    return stage


@pytest.fixture(params=[ListeningInline, ListeningThreaded], ids=["inline", "threaded"])
def store(request: pytest.FixtureRequest, stage: Stage) -> Listening:
    """A store that is listened to, of each kind in turn."""
    made: Listening = request.param(str(stage.path))
    return made


class Slow(Wire):
    """A wire on which the messages of some orders stay until they are let go; it knows how many it had at once."""

    def __init__(self, *order_ids: str, answer: Callable[[Message], BaseException | None] = lambda _: None) -> None:
        super().__init__(answer, meanwhile=self._wait)
        self.slow, self.now, self.most = set(order_ids), 0, 0
        self.reached, self.goes_on = asyncio.Event(), asyncio.Event()

    async def _wait(self, message: Message) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        if message.order_id in self.slow:
            self.reached.set()
            await soon(self.goes_on)
        self.now -= 1


@asynccontextmanager
async def resting(notifier: Notifier, **arguments: Any) -> AsyncIterator[Any]:
    """A worker that has looked at the table, found nothing, and would look again in an hour."""
    async with asyncio.timeout(2 * PATIENCE), notifier.worker(**{"poll": NEVER, **arguments}) as worker:
        await quiet(notifier)
        await until(lambda: not worker.sender.has_backlog)
        yield worker


def handed_over(store: Listening) -> list[str]:
    """The orders whose messages were inserted as claimed."""
    rows = [row for each in store.ear.heard("message_insert") for row in json.loads(str(each.values["rows"]))]
    return [row[2] for row in rows if row[-1]]


async def placed_alone(notifier: Notifier, *names: str) -> None:
    """Orders of which nothing is to be told."""
    for name in names:
        await notifier.record(placed(name, customer=reachable(name)))


# It leaves


async def test_a_due_message_leaves_without_a_look_at_the_table(stage: Stage, store: Listening) -> None:
    """What is recorded while a worker rests is inserted as claimed, sent and settled; the table is not claimed."""
    heard: list[object] = []
    wire = Counting()
    async with stage.notifier(wire, store=store, observers=[heard.append]) as notifier, resting(notifier):
        looks = store.ear.count("message_channels")
        await notifier.record(placed())
        await soon(wire.enough)
        await quiet(notifier)

        assert looks == store.ear.count("message_channels")

    assert [("A-1", "order-received")] == wire.told
    assert ["A-1"] == handed_over(store)
    assert [(SENT, 1, None)] == stage.messages("state, attempts, token")
    assert [1] == [each.attempts for each in of(MessageSent, heard)]
    assert [("queued", "order.placed"), ("sent", "email")] == stage.decisions()
    assert [{"state": "told"}] == stage.look("select state from pn_notice")


async def test_what_is_handed_over_is_under_a_lease(stage: Stage, store: Listening) -> None:
    """From its commit on a message that was handed over belongs to its sender; another process leaves it alone."""
    wire, second = Slow("A-1"), Wire()
    async with stage.notifier(wire, store=store) as notifier, stage.notifier(second) as other, resting(notifier):
        await notifier.record(placed())
        (row,) = stage.messages("state, attempts, lease_until, token")
        await soon(wire.reached)
        await other.run_until_idle()
        wire.goes_on.set()
        await until(lambda: [SENT] == stage.messages("state"))

    assert (CLAIMED, 1, int((MONDAY + LEASE).timestamp() * 1e6)) == row[:3]
    assert row[3]
    assert ([("A-1", "order-received")], []) == (wire.told, second.tried)


async def test_a_lease_begins_when_the_store_lets_us(stage: Stage) -> None:
    """Who waits long for the store does not hold a lease then that has ended before it began."""
    store, wire = ListeningThreaded(str(stage.path)), Slow("A-1")
    async with stage.notifier(wire, store=store) as notifier, resting(notifier):
        async with Gate(store):
            recording = asyncio.create_task(notifier.record(placed()))
            await until(lambda: bool(notifier._recorder._under_way))
            stage.move(minutes=3)
        await recording
        await soon(wire.reached)
        ends = stage.messages("lease_until")
        wire.goes_on.set()

    assert [int((MONDAY + 4 * LEASE).timestamp() * 1e6)] == ends


async def test_a_message_that_was_handed_over_is_rendered_from_its_order(stage: Stage, store: Listening) -> None:
    """The mail says what the record that caused it said, also where it corrected what was known."""
    push = Wire()
    async with pushing(stage, push, store=store) as notifier, resting(notifier):
        await placed_alone(notifier, "A-1")
        await notifier.record(CustomerUpdated(order_id="A-1", name="Grace"), paid())
        await until(lambda: push.taken)

    assert ["paid by push, Grace\n"] == [message.text for message in push.taken]


async def test_a_hundred_messages_leave_once_each(stage: Stage, store: Listening) -> None:
    """However many are recorded at once, by however many callers, each leaves once and all leave."""
    wire = Counting(wanted=100)
    async with stage.notifier(wire, store=store) as notifier, resting(notifier):
        await asyncio.gather(*(notifier.record(placed(f"A-{number}")) for number in range(100)))
        await soon(wire.enough)
        await quiet(notifier)

    assert sorted(f"A-{number}" for number in range(100)) == sorted(name for name, _ in wire.told)
    assert [{"state": SENT, "attempts": 1}] == stage.look("select distinct state, attempts from pn_message")


async def test_all_channels_of_a_notice_are_handed_over(stage: Stage, store: Listening) -> None:
    """A notice for several channels leaves by all of them at once."""

    class Loud(Paid):
        key = "paid"
        channels = all_of("push", "pager")

    push, pager = Wire(), Wire()
    async with pushing(stage, push, pager, store=store, notices=[Loud]) as notifier, resting(notifier):
        await placed_alone(notifier, "A-1")
        await notifier.record(paid())
        await until(lambda: push.taken and pager.taken)

    assert ["A-1", "A-1"] == handed_over(store)


async def test_a_refusal_of_what_was_handed_over_is_a_row_that_waits(stage: Stage, store: Listening) -> None:
    """A message that was handed over and not taken waits in the table as any other, with one try counted."""
    wire = Counting()
    wire.refuse(Transient(code="451"))
    async with stage.notifier(wire, store=store) as notifier, resting(notifier) as worker:
        await notifier.record(placed())
        await until(lambda: [(QUEUED, 1, "transient:451")] == stage.messages("state, attempts, waits_for"))
        stage.move(minutes=1)
        worker.wake()
        await soon(wire.enough)
        await until(lambda: [(SENT, 2)] == stage.messages("state, attempts"))

    assert ["A-1"] == handed_over(store)


@pytest.mark.parametrize("answer", [Permanent(code="gone"), Permanent(code="gone", suppress=True)])
async def test_the_next_channel_takes_at_once_what_was_handed_over_in_vain(
    stage: Stage, store: Listening, answer: Exception
) -> None:
    """A message that was handed over and refused for good goes by the next channel, before the worker's next poll."""
    push, pager = Wire(lambda _: answer), Wire()
    async with pushing(stage, push, pager, store=store) as notifier, resting(notifier):
        await placed_alone(notifier, "A-1")
        await notifier.record(paid())
        await until(lambda: 2 == len(stage.messages()))
        await quiet(notifier)

    assert [("A-1", "paid")] == pager.told


# It does not


async def recorded_in(situation: str, notifier: Notifier, stage: Stage, wire: Slow) -> None:
    """Make a situation in which nothing may be handed over on the first channel."""
    name = "X-1"
    match situation:
        case "paused":
            wire.refuse(ChannelRefused(code="535"))
        case "breaker":
            wire.answer = lambda _: Transient(code="421", is_outage=True, retry_after=timedelta(days=1))
            for number in range(5):
                await notifier.record(placed(f"X-{number}", customer=reachable(f"X-{number}")), paid(f"X-{number}"))
        case "no room":
            wire.slow = {"X-1"}
    if situation != "breaker":
        await notifier.record(placed(name, customer=reachable(name)), paid(name))
    await until(lambda: wire.tried)
    await quiet(notifier)


@pytest.mark.parametrize("situation", ["paused", "breaker", "no room"])
async def test_nothing_is_handed_over_where_nothing_may_leave(stage: Stage, store: Listening, situation: str) -> None:
    """A channel that rests, whose provider is away or that has all it may carry gets nothing; the row waits."""
    heard: list[object] = []
    push = Slow()
    async with (
        pushing(stage, push, store=store, observers=[heard.append]) as notifier,
        resting(notifier, concurrency=1 if situation == "no room" else 32) as worker,
    ):
        await recorded_in(situation, notifier, stage, push)
        before = handed_over(store)
        push.tried.clear()
        await notifier.record(placed(customer=reachable()), paid())
        await quiet(notifier)
        handed, waiting, tried = handed_over(store), stage.messages("state, attempts, token"), list(push.tried)
        push.answer = lambda _: None
        push.goes_on.set()
        stage.move(minutes=6)
        worker.wake()
        await until(lambda: [SENT] == stage.messages("state"))

    assert before == handed
    assert [(QUEUED, 0, None)] == waiting
    assert [] == tried
    assert (situation == "breaker") == bool(of(BreakerOpened, heard))


async def test_nothing_is_handed_over_to_a_channel_that_keeps_a_pace(stage: Stage, store: Listening) -> None:
    """What goes at a pace is claimed at its pace, so that all workers keep it together."""
    push = Wire()
    channel = Channel(
        "push",
        message=Short,
        transport=push,
        address=lambda customer: customer.extra.get("push"),
        pace=Pace(per_second=1),
    )
    async with (
        stage.notifier(channels=[channel, short("pager", Wire())], notices=[Paid], store=store) as notifier,
        notifier.worker(poll=0.001),
    ):
        for number in range(3):
            await notifier.record(placed(f"A-{number}", customer=reachable()), paid(f"A-{number}"))
        await until(lambda: push.taken)
        await quiet(notifier)

    assert (1, []) == (len(push.taken), handed_over(store))


async def test_a_suppressed_address_gets_nothing(stage: Stage, store: Listening) -> None:
    """An address that must not be used gets nothing although its message is due at once."""
    push = Wire()
    customer = Customer(name="Ada", extra={"push": "push:A-1"})
    async with pushing(stage, push, store=store) as notifier, resting(notifier):
        await notifier.suppressions.add("push", "PUSH:a-1")
        await notifier.record(placed(customer=customer))
        await notifier.record(paid())
        await until(lambda: [SUPPRESSED] == stage.messages("state"))

    assert [] == push.tried
    assert ["undelivered"] == stage.staff()


async def test_what_is_no_longer_true_is_not_sent(stage: Stage, store: Listening) -> None:
    """The gate is asked of what was handed over as of anything else."""
    push = Wire()
    async with pushing(stage, push, store=store, notices=[NeverTrue]) as notifier, resting(notifier):
        await placed_alone(notifier, "A-1")
        await notifier.record(paid())
        await until(lambda: [CANCELLED] == stage.messages("state"))

    assert ["A-1"] == handed_over(store)
    assert ([], ("dropped", "no-longer-true")) == (push.tried, stage.decisions()[-1])


class NeverTrue(Paid):
    """It is news, and when it would be sent it is not true."""

    key = "paid"

    def still_true(self) -> bool:
        return self.moment.next_word is None


async def test_nothing_overtakes_an_older_message_of_its_order(stage: Stage, store: Listening) -> None:
    """While an older message of the order is under way a new one waits; it leaves when that one was taken."""
    wire = Slow("A-1")
    async with stage.notifier(wire, store=store) as notifier, resting(notifier):
        await notifier.record(placed())
        await soon(wire.reached)
        await notifier.record(shipped())
        await quiet(notifier)
        tried = list(wire.asked)
        wire.goes_on.set()
        await until(lambda: 2 == len(wire.taken))

    assert [("A-1", "order-received")] == tried
    assert ["A-1"] == handed_over(store)
    assert ["order-received", "shipped"] == [notice for _, notice in wire.told]


async def test_nothing_overtakes_an_older_message_that_waits_for_its_retry(stage: Stage, store: Listening) -> None:
    """Behind a message that is tried again later a new one of the order waits in the table."""
    wire = Wire(lambda _: Transient(code="451"))
    async with stage.notifier(wire, store=store) as notifier, resting(notifier):
        await notifier.record(placed())
        await until(lambda: [QUEUED] == stage.messages("state"))
        wire.answer = lambda _: None
        await notifier.record(shipped())
        await quiet(notifier)

    assert [(QUEUED, 1), (QUEUED, 0)] == stage.messages("state, attempts")
    assert (1, []) == (len(wire.tried), wire.taken)


async def test_of_what_is_recorded_together_the_first_is_handed_over(stage: Stage, store: Listening) -> None:
    """Of an order's messages of one record the first leaves at once and the others behind it, in their sequence."""
    wire = Slow("A-1")
    async with stage.notifier(wire, store=store) as notifier, resting(notifier):
        await notifier.record(placed(), shipped(), delivered(), placed("B-1"))
        await soon(wire.reached)
        handed = handed_over(store)
        wire.goes_on.set()
        await until(lambda: 4 <= len(wire.taken) or [] == stage.look("select 1 from pn_message where state < 4"))

    told = [notice for name, notice in wire.told if name == "A-1"]
    assert ["A-1", "B-1"] == sorted(handed)
    assert "order-received" == told[0]
    assert told == [n for n in ("order-received", "shipped", "delivered") if n in told]


async def test_what_has_patience_is_not_handed_over(stage: Stage, store: Listening) -> None:
    """A carrier's word waits its two minutes for something newer."""
    wire = Counting(wanted=3)
    async with stage.notifier(wire, store=store) as notifier, resting(notifier) as worker:
        await notifier.record(placed(), OrderShipped(order_id="A-1", shipment_id="P", id="1", source="shop"))
        await until(lambda: 2 == len(wire.taken))
        out = TrackingUpdated(order_id="A-1", shipment_id="P", status="out_for_delivery", id="2", source="carrier")
        await notifier.record(out)
        await quiet(notifier)
        early = [notice for _, notice in wire.told]
        stage.move(minutes=2)
        worker.wake()
        await soon(wire.enough)

    assert ["order-received", "shipped"] == early
    assert ("A-1", "out-for-delivery") == wire.told[2]
    assert ["A-1"] == handed_over(store)


async def test_nothing_is_handed_over_where_no_worker_runs(stage: Stage, store: Listening) -> None:
    """A process that only records, or whose worker has stopped, queues."""
    async with stage.notifier(store=store) as notifier:
        await notifier.record(placed())
        async with resting(notifier):
            pass
        await notifier.record(placed("B-1"))

    assert [] == handed_over(store)
    assert [(QUEUED, None)] == stage.messages("state, token", "B-1")


# No more at once than was said


@pytest.mark.parametrize("concurrency", [1, 3])
async def test_no_more_are_under_way_than_the_worker_was_told(stage: Stage, store: Listening, concurrency: int) -> None:
    """What is handed over and what is claimed together is never more than the concurrency; the rest follows."""
    names = [f"A-{number}" for number in range(12)]
    wire = Slow(*names)
    async with stage.notifier(wire, store=store) as notifier, resting(notifier, concurrency=concurrency):
        await notifier.record(placed(names[0]))
        await asyncio.gather(*(notifier.record(placed(name)) for name in names[1:6]))
        await notifier.record(*(placed(name) for name in names[6:]))
        await until(lambda: concurrency == wire.now)
        await quiet(notifier)
        claimed = len(stage.look("select 1 from pn_message where state = ?", CLAIMED))
        wire.goes_on.set()
        await until(lambda: 12 == len(wire.taken))

    assert (concurrency, concurrency) == (claimed, wire.most)
    assert sorted(names) == sorted(name for name, _ in wire.told)


async def test_room_that_is_promised_to_a_record_keeps_nobody_waiting(stage: Stage) -> None:
    """A message that found no room because other records were under way leaves before the worker's next poll."""
    wire, store = Wire(), ListeningThreaded(str(stage.path))
    async with stage.notifier(wire, store=store) as notifier, resting(notifier):
        for name in ("N-1", "N-2"):
            await notifier.record(placed(name, notify=False))
        async with Gate(store):
            records = []
            for event in (OrderPaid(order_id="N-1"), placed("A-1"), OrderPaid(order_id="N-2")):
                records.append(asyncio.create_task(notifier.record(event)))
                await asyncio.sleep(0)
                await asyncio.sleep(0)
        await asyncio.gather(*records)
        await quiet(notifier, turns=100)

    assert [("A-1", "order-received")] == wire.told


# The order moves on meanwhile


class Late:
    """
    An observer that lets time pass, and others act, between the commit of a record and the sending of its message.
    """

    def __init__(self, stage: Stage, meanwhile: Callable[[], object] = lambda: None, **passes: float) -> None:
        self._stage, self._meanwhile, self._passes = stage, meanwhile, passes
        self.is_on = False

    def __call__(self, happening: object) -> None:
        if self.is_on and isinstance(happening, EventsRecorded):
            self.is_on = False
            self._stage.move(**self._passes)
            self._meanwhile()


async def test_what_waited_long_in_memory_is_read_again(stage: Stage, store: Listening) -> None:
    """When more than a second passes before a message's turn, the gate sees the order as it is by then."""
    push = Wire()
    async with stage.notifier(channels=[], store=InlineSqlite(str(stage.path)), notices=[]) as other:
        late = Late(stage, lambda: other.record_sync(shipped(), delivered()), seconds=1.5)
        async with (
            pushing(stage, push, store=store, observers=[late]) as notifier,
            resting(notifier),
        ):
            await placed_alone(notifier, "A-1")
            await quiet(notifier)
            late.is_on = True
            await notifier.record(paid())
            await until(lambda: [CANCELLED] == stage.messages("state"))

    assert [] == push.tried
    assert ["A-1"] == handed_over(store)
    assert ("dropped", "no-longer-true") == stage.decisions()[-1]


async def test_what_waited_long_in_memory_is_no_try(stage: Stage, store: Listening) -> None:
    """A message that was handed back unread leaves with its first try, as the order then is."""
    push = Wire()
    async with stage.notifier(channels=[], store=InlineSqlite(str(stage.path)), notices=[]) as other:
        update = CustomerUpdated(order_id="A-1", name="Grace")
        late = Late(stage, lambda: other.record_sync(update), seconds=1.5)
        async with (
            pushing(stage, push, store=store, observers=[late]) as notifier,
            resting(notifier),
        ):
            await placed_alone(notifier, "A-1")
            late.is_on = True
            await notifier.record(paid())
            await until(lambda: [(SENT, 1)] == stage.messages("state, attempts"))

    assert ["paid by push, Grace\n"] == [message.text for message in push.taken]


async def test_what_waited_long_in_memory_does_not_wait_for_the_next_poll(stage: Stage, store: Listening) -> None:
    """A message that was handed back because it waited too long is claimed at once."""
    push = Wire()
    late = Late(stage, seconds=1.5)
    async with pushing(stage, push, store=store, observers=[late]) as notifier, resting(notifier):
        await placed_alone(notifier, "A-1")
        late.is_on = True
        await notifier.record(paid())
        await quiet(notifier, turns=100)

    assert [("A-1", "paid")] == push.told


# Nothing is lost


@pytest.mark.parametrize("at", ["order_lock", "message_insert", "decision_insert"])
async def test_a_record_that_fails_gives_back_its_room(stage: Stage, store: Listening, at: str) -> None:
    """When the unit fails after room was promised, nothing was recorded, and the next message has the room."""
    wire = Wire()
    async with stage.notifier(wire, store=store) as notifier, resting(notifier, concurrency=1):
        store.ear.fails_at = at
        for _ in range(3):
            with pytest.raises(StoreUnusable):
                await notifier.record(placed("A-1"))
        store.ear.fails_at = ""
        await notifier.record(placed("A-1"))
        await until(lambda: 1 == len(wire.taken))
        await quiet(notifier)
        await notifier.record(placed("B-1"))
        await until(lambda: 2 == len(wire.taken))

    assert "B-1" in handed_over(store)
    assert [("A-1", "order-received"), ("B-1", "order-received")] == wire.told


async def test_a_worker_that_stops_waits_for_what_is_being_handed_over(stage: Stage) -> None:
    """A record that had room before the worker was told to stop is sent before the worker has gone."""
    wire, store = Wire(), ListeningThreaded(str(stage.path))
    async with stage.notifier(wire, store=store) as notifier:
        worker = notifier.worker(poll=NEVER)
        await worker.__aenter__()
        await quiet(notifier)
        async with Gate(store):
            recording = asyncio.create_task(notifier.record(placed()))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            leaving = asyncio.create_task(worker.__aexit__(None, None, None))
            for _ in range(10):
                await asyncio.sleep(0)

            assert not leaving.done()

        await asyncio.wait_for(leaving, 20)

        assert [("A-1", "order-received")] == wire.told
        assert [SENT] == stage.messages("state")
        assert 1 == (await recording).new

    assert ["A-1"] == handed_over(store)


async def test_a_caller_that_gives_up_takes_nothing_with_it(stage: Stage) -> None:
    """A `record()` that is cancelled while its message is being handed over loses neither message nor room."""
    wire, store = Wire(), ListeningThreaded(str(stage.path))
    async with stage.notifier(wire, store=store) as notifier, resting(notifier, concurrency=1):
        async with Gate(store):
            impatient = asyncio.create_task(notifier.record(placed()))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            impatient.cancel()
            with pytest.raises(asyncio.CancelledError):
                await impatient
        await until(lambda: [SENT] == stage.messages("state"))
        await notifier.record(placed("B-1"))
        await until(lambda: 2 == len(wire.taken))

    assert [("A-1", "order-received"), ("B-1", "order-received")] == wire.told


async def test_a_program_that_is_torn_down_leaves_what_it_held_to_the_next_one(stage: Stage) -> None:
    """When all tasks are cancelled while a record is committed, its message is sent when its lease has ended."""
    wire, store = Wire(), ListeningThreaded(str(stage.path))
    async with stage.notifier(wire, store=store) as notifier, resting(notifier):
        async with Gate(store):
            recording = asyncio.create_task(notifier.record(placed()))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            writers = asyncio.all_tasks() - {asyncio.current_task()}
            torn_down = [each for each in writers if each is recording or "Recorder" in repr(each.get_coro())]
            for each in torn_down:
                each.cancel()
            await asyncio.wait(torn_down)
        await quiet(notifier)

    assert 2 == len(torn_down)
    assert ([], [CLAIMED]) == (wire.tried, stage.messages("state"))

    async with stage.notifier(wire) as another:
        stage.move(seconds=61)
        await another.run_until_idle()

    assert [("A-1", "order-received")] == wire.told
    assert [SENT] == stage.messages("state")


# What is remembered is never out of date


async def behind(notifier: Notifier, wire: Slow) -> None:
    """Fill a worker that has one place: what is recorded now waits, and is remembered."""
    wire.slow = {"X-1"}
    await notifier.record(placed("X-1"))
    await soon(wire.reached)


async def test_what_waits_need_not_be_read_again(stage: Stage, store: Listening) -> None:
    """What was recorded by this process, and not changed since, is sent without reading its events again."""
    wire = Slow()
    async with stage.notifier(wire, store=store) as notifier, resting(notifier, concurrency=1):
        await behind(notifier, wire)
        await notifier.record(*(placed(f"A-{number}") for number in range(5)))
        reads = store.ear.count("event_load")
        wire.goes_on.set()
        await until(lambda: 6 == len(wire.taken))

        assert reads == store.ear.count("event_load")


@pytest.mark.parametrize("who", ["another process", "this process"])
async def test_a_mail_says_what_was_recorded_last(stage: Stage, store: Listening, who: str) -> None:
    """What is recorded between a message's queueing and its claim, by whomever, is in the mail."""
    wire = Slow()
    async with (
        stage.notifier(wire, store=store) as notifier,
        stage.notifier() as other,
        resting(notifier, concurrency=1),
    ):
        await behind(notifier, wire)
        await notifier.record(placed("A-1"))
        somebody = other if who == "another process" else notifier
        await somebody.record(CustomerUpdated(order_id="A-1", name="Grace"))
        wire.goes_on.set()
        await until(lambda: 2 == len(wire.taken))

    assert "Hello Grace" in wire.taken[1].text


async def test_what_another_process_made_untrue_is_not_sent(stage: Stage, store: Listening) -> None:
    """A message that waits is dropped when another process records what makes it untrue."""
    push = Slow("X-1")
    async with (
        pushing(stage, push, store=store) as notifier,
        stage.notifier(channels=[], notices=[]) as other,
        resting(notifier, concurrency=1),
    ):
        await notifier.record(placed("X-1", customer=reachable("X-1")))
        await notifier.record(paid("X-1"))
        await soon(push.reached)
        await notifier.record(placed(customer=reachable()))
        await notifier.record(paid())
        await other.record(shipped(), delivered())
        push.goes_on.set()
        await until(lambda: [CANCELLED] == stage.messages("state"))

    assert [("X-1", "paid")] == push.told


async def test_what_another_process_sent_is_known(stage: Stage, store: Listening) -> None:
    """A second unforced notice waits for the next day also when another process has just sent the first one."""
    push, second = Slow("X-1"), Wire()
    arguments: dict[str, Any] = {"notices": [Paid, Coupon, Survey]}
    async with (
        pushing(stage, push, store=store, **arguments) as notifier,
        pushing(stage, second, **arguments) as other,
        resting(notifier, concurrency=1),
    ):
        await placed_alone(notifier, "X-1", "A-1")
        await notifier.record(OrderPaid(order_id="X-1"))
        await soon(push.reached)
        await notifier.record(OrderPaid(order_id="A-1"))
        for _ in range(2):
            await other._sender.send_some()
        push.goes_on.set()
        await until(lambda: stage.messages("held")[2])

    assert [("A-1", "paid"), ("A-1", "coupon")] == second.told
    assert {"X-1"} == {name for name, _ in push.told}
    assert "one-unforced-a-day" == stage.messages("waits_for")[2]


def test_a_full_memory_keeps_what_is_sent_first() -> None:
    """Beyond its size the memory takes nothing more; what is a minute old makes room."""
    clock = VirtualClock(MONDAY)
    memory = Memory(clock)
    cases = {f"A-{number}": Case(order_id=f"A-{number}") for number in range(5000)}
    for name, case in cases.items():
        memory.put(name, 1, case)
    kept = [name for name, case in cases.items() if memory.take(name, 1) is case]

    assert list(cases)[: len(kept)] == kept
    assert 4096 == len(kept)

    for name, case in cases.items():
        memory.put(name, 1, case)
    clock.move_to(MONDAY + timedelta(seconds=61))
    memory.put("B-1", 1, Case(order_id="B-1"))

    assert memory.take("B-1", 1) is not None
    assert memory.take("A-0", 1) is None
    assert memory.take("A-4000", 1) is cases["A-4000"]


def test_memory_gives_only_what_is_up_to_date_and_gives_it_once() -> None:
    """A case of another version is not given, and none is given twice."""
    memory = Memory(VirtualClock(MONDAY))
    case = Case(order_id="A-1")
    memory.put("A-1", 7, case)

    assert memory.take("A-1", 8) is None
    assert memory.take("A-1", 7) is None

    memory.put("A-1", 7, case)
    memory.put("A-1", 9, case)

    assert memory.take("A-1", 9) is case
    assert memory.take("A-1", 9) is None


async def test_a_full_memory_loses_no_message(stage: Stage, store: Listening) -> None:
    """What the memory has no room for is read when it is sent."""
    wire = Slow()
    async with stage.notifier(wire, store=store) as notifier, resting(notifier, concurrency=1) as worker:
        await behind(notifier, wire)
        for number in range(5000):
            worker.sender._memory.put(f"Y-{number}", 1, Case(order_id=f"Y-{number}"))
        await notifier.record(*(placed(f"A-{number}") for number in range(5)))
        reads = store.ear.count("event_load")
        wire.goes_on.set()
        await until(lambda: 6 == len(wire.taken))

        assert reads < store.ear.count("event_load")

    assert [f"A-{number}" for number in range(5)] == [name for name, _ in wire.told[1:]]
