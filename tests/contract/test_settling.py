"""What became of messages is written down together, and again until it is written; nothing goes out twice for it."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from proactive_notify import (
    LeaseLost,
    Message,
    MessageFailed,
    MessageSent,
    MessageState,
    StoreFailed,
    StoreUnusable,
    Transient,
)
from proactive_notify.testing import VirtualClock
from tests.contract.engine_cases import ListeningInline, ListeningThreaded, Turning, of, quiet
from tests.contract.test_worker import NEVER, before_long, soon, until
from tests.contract.wires import MONDAY, Stage, Wire, placed

CLAIMED, SENT, QUEUED = (int(MessageState[name]) for name in ("CLAIMED", "SENT", "QUEUED"))
PATIENCE = 20
Listening = ListeningInline | ListeningThreaded


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.clock = Turning(MONDAY)
    return stage


@pytest.fixture(params=[ListeningInline, ListeningThreaded], ids=["inline", "threaded"])
def store(request: pytest.FixtureRequest, stage: Stage) -> Listening:
    """A store that is listened to, of each kind in turn."""
    made: Listening = request.param(str(stage.path))
    return made


class Stepped(VirtualClock):
    """A clock whose sleepers wait until they are told that their time is over."""

    def __init__(self) -> None:
        super().__init__(MONDAY)
        self.sleepers, self._over = 0, asyncio.Semaphore(0)

    async def sleep(self, seconds: float) -> None:
        self.sleepers += 1
        await asyncio.wait_for(self._over.acquire(), PATIENCE)

    def step(self) -> None:
        self._over.release()


class Together(Wire):
    """A wire that answers nobody before so many wait for it."""

    def __init__(self, wanted: int, **arguments: Any) -> None:
        super().__init__(**arguments, meanwhile=self._wait)
        self._wanted, self._all_there = wanted, asyncio.Event()

    async def _wait(self, _: Message) -> None:
        if len(self.tried) >= self._wanted:
            self._all_there.set()
        await soon(self._all_there)


# Again until it is written


async def test_what_could_not_be_written_is_written_later(
    stage: Stage, store: Listening, caplog: pytest.LogCaptureFixture
) -> None:
    """A store that fails seven times costs seven seconds: the message is sent once, settled once and told once."""
    heard: list[object] = []
    wire = Wire()
    store.ear.failure = _fails(7, store)
    async with stage.notifier(wire, store=store, observers=[heard.append]) as notifier:
        store.ear.fails_at = "message_settle"
        async with notifier.worker(poll=NEVER):
            await notifier.record(placed())
            await until(lambda: [SENT] == stage.messages("state"))

    assert [("A-1", "order-received")] == wire.asked
    assert [StoreFailed(work="settle", error="StoreUnusable")] * 7 == of(StoreFailed, heard)
    assert [1] == [each.attempts for each in of(MessageSent, heard)]
    assert [1.0] * 7 == stage.clock.slept  # type: ignore[attr-defined]
    assert [("queued", "order.placed"), ("sent", "email")] == stage.decisions()
    said = [record for record in caplog.records if "could not be settled" in record.getMessage()]
    assert [(logging.ERROR, "1 messages could not be settled, and are tried again: the disk is full")] * 7 == [
        (record.levelno, record.getMessage()) for record in said
    ]


def _fails(times: int, store: Listening) -> Any:
    """A failure that comes so many times and not again."""

    def failure() -> Exception:
        if store.ear.failed == times:
            store.ear.fails_at = ""
        return StoreUnusable("the disk is full")

    return failure


async def test_a_refusal_that_could_not_be_written_is_written_later(stage: Stage, store: Listening) -> None:
    """What a provider refused for now is not asked again before its time, although the store failed meanwhile."""
    heard: list[object] = []
    wire = Wire()
    wire.refuse(Transient(code="451"))
    store.ear.failure = _fails(3, store)
    async with stage.notifier(wire, store=store, observers=[heard.append]) as notifier:
        store.ear.fails_at = "message_settle"
        async with notifier.worker(poll=NEVER):
            await notifier.record(placed())
            await until(lambda: [(QUEUED, 1)] == stage.messages("state, attempts"))
            await quiet(notifier)

    assert 1 == len(wire.tried)
    assert ["transient:451"] == [each.rule for each in of(MessageFailed, heard)]


async def test_while_the_store_fails_nobody_else_takes_the_message(stage: Stage, store: Listening) -> None:
    """The lease of what was sent and is not yet written is renewed for as long as that takes."""
    clock = stage.clock = Stepped()
    wire, second = Wire(), Wire()
    async with stage.notifier(wire, store=store) as notifier, stage.notifier(second) as other:
        store.ear.fails_at = "message_settle"
        async with notifier.worker(poll=0.001):
            await notifier.record(placed())
            for number in range(1, 6):
                await until(lambda number=number: number == clock.sleepers)
                stage.move(seconds=40)
                now = int(clock.now().timestamp() * 1e6)
                await until(lambda now=now: stage.messages("lease_until")[0] > now + 50_000_000)
                await other.run_until_idle()
                clock.step()
            await until(lambda: 6 == clock.sleepers)
            store.ear.fails_at = ""
            clock.step()
            await until(lambda: [(SENT, 1)] == stage.messages("state, attempts"))

    assert ([("A-1", "order-received")], []) == (wire.asked, second.tried)


async def test_other_orders_go_on_while_one_outcome_waits_for_the_store(stage: Stage, store: Listening) -> None:
    """What is recorded while outcomes cannot be written is recorded and sent; all of it is settled afterwards."""
    clock = stage.clock = Stepped()
    wire = Wire()
    async with stage.notifier(wire, store=store) as notifier:
        store.ear.fails_at = "message_settle"
        async with notifier.worker(poll=0.001):
            await notifier.record(placed())
            await until(lambda: 1 == clock.sleepers)
            await notifier.record(placed("B-1"))
            await until(lambda: 2 == len(wire.taken))
            store.ear.fails_at = ""
            clock.step()
            await until(lambda: [SENT] == stage.messages("state") == stage.messages("state", "B-1"))

    assert [("A-1", "order-received"), ("B-1", "order-received")] == wire.asked


async def test_an_unforeseen_error_of_the_store_is_not_the_end(stage: Stage, store: Listening) -> None:
    """Whatever a unit that settles raises, its messages do not stay under way for ever, and the worker can stop."""
    wire = Wire()
    store.ear.failure = lambda: LookupError("this unit fails")
    async with stage.notifier(wire, store=store) as notifier:
        store.ear.fails_at = "message_settle"
        worker = notifier.worker(poll=NEVER)
        made = await worker.__aenter__()
        await notifier.record(placed())
        await until(lambda: store.ear.failed)
        store.ear.fails_at = ""
        leaving = asyncio.create_task(worker.__aexit__(None, None, None))
        left = await before_long(leaving.done)
        for task in made.sender._tasks:
            task.cancel()
        await asyncio.wait_for(leaving, PATIENCE)

    assert left


# Who lost the lease


async def test_who_was_too_slow_says_so(stage: Stage, store: Listening, caplog: pytest.LogCaptureFixture) -> None:
    """A message that another worker took over is that worker's to settle; observers and the log hear of it."""
    heard: list[object] = []
    wire, second, goes_on = Wire(), Wire(), asyncio.Event()
    wire.meanwhile = lambda _: soon(goes_on)
    async with (
        stage.notifier(wire, store=store, observers=[heard.append]) as notifier,
        stage.notifier(second) as other,
        notifier.worker(poll=NEVER),
    ):
        await notifier.record(placed())
        await until(lambda: wire.tried)
        stage.move(seconds=61)
        await other.run_due()
        goes_on.set()
        await until(lambda: of(LeaseLost, heard))

    assert [LeaseLost(count=1)] == of(LeaseLost, heard)
    assert [] == of(MessageSent, heard)
    assert [(SENT, 2, "wire-1")] == stage.messages("state, attempts, reference")
    assert [("queued", "order.placed"), ("sent", "email")] == stage.decisions()
    assert any(
        r.levelno == logging.WARNING and "taken over by another worker" in r.getMessage() for r in caplog.records
    )


async def test_only_what_was_lost_is_lost(stage: Stage, store: Listening) -> None:
    """Of messages that are settled together those that are still ours are written."""
    heard: list[object] = []
    names = ["A-1", "B-1", "C-1"]

    async def lose(message: Message) -> None:
        if len(wire.tried) == len(names):
            take_over(stage, "B-1")
        await together(message)

    wire = Together(len(names))
    together, wire.meanwhile = wire._wait, lose
    async with stage.notifier(wire, store=store, observers=[heard.append]) as notifier:
        await notifier.record(*(placed(name) for name in names))
        async with notifier.worker(poll=NEVER):
            await until(lambda: 2 == len(of(MessageSent, heard)) and of(LeaseLost, heard))

    assert {"A-1", "C-1"} == {each.order_id for each in of(MessageSent, heard)}
    assert [1] == [each.count for each in of(LeaseLost, heard)]
    assert [[SENT], [CLAIMED], [SENT]] == [stage.messages("state", name) for name in names]


def take_over(stage: Stage, order_id: str) -> None:
    """Give a message to somebody else, as if its lease had ended."""
    with closing(sqlite3.connect(stage.path, isolation_level=None)) as db:
        db.execute("update pn_message set token = 'other' where order_id = ?", (order_id,))


# A worker that stops


async def test_a_worker_that_stops_gives_up_after_five_tries_and_says_so(
    stage: Stage, store: Listening, caplog: pytest.LogCaptureFixture
) -> None:
    """A store that never works again does not keep a worker from stopping; the log says what was not written."""
    wire = Wire()
    async with stage.notifier(wire, store=store) as notifier:
        worker = notifier.worker(poll=NEVER)
        made = await worker.__aenter__()
        made.sender._settler.is_last_chance = True
        store.ear.fails_at = "message_settle"
        await notifier.record(placed())
        await until(lambda: wire.taken)
        await asyncio.wait_for(worker.__aexit__(None, None, None), PATIENCE)

    assert 5 == store.ear.failed
    assert [CLAIMED] == stage.messages("state")
    errors = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert "order A-1: what was sent could not be settled: StoreUnusable" == errors[-1]


async def test_what_was_given_up_goes_again_as_the_same_message(stage: Stage, store: Listening) -> None:
    """A message whose outcome was given up is sent again when its lease has ended: once more, under the same id."""
    wire = Wire()
    async with stage.notifier(wire, store=store) as notifier:
        store.ear.fails_at = "message_settle"
        async with notifier.worker(poll=NEVER):
            await notifier.record(placed())
            await until(lambda: wire.taken)
        store.ear.fails_at = ""
        stage.move(seconds=61)
        await notifier.run_until_idle()

    assert 2 == len(wire.taken)
    assert wire.taken[0].message_id == wire.taken[1].message_id
    assert [SENT] == stage.messages("state")


async def test_a_worker_that_stops_waits_for_a_store_that_comes_back(stage: Stage, store: Listening) -> None:
    """A store that works again while the worker stops gets all outcomes, and the worker has gone after that."""
    clock = stage.clock = Stepped()
    wire = Wire()
    async with stage.notifier(wire, store=store) as notifier:
        store.ear.fails_at = "message_settle"
        worker = notifier.worker(poll=NEVER)
        await worker.__aenter__()
        await notifier.record(placed())
        await until(lambda: 1 == clock.sleepers)
        leaving = asyncio.create_task(worker.__aexit__(None, None, None))
        clock.step()
        await until(lambda: 2 == clock.sleepers)

        assert not leaving.done()

        store.ear.fails_at = ""
        clock.step()
        await asyncio.wait_for(leaving, PATIENCE)

        assert [SENT] == stage.messages("state")

    assert 1 == len(wire.tried)


# Without a worker


async def test_a_pass_whose_outcomes_cannot_be_written_says_so(stage: Stage, store: Listening) -> None:
    """`run_due()` raises when it cannot settle; when the lease has ended the message goes again, under the same id."""
    wire = Wire()
    async with stage.notifier(wire, store=store) as notifier:
        await notifier.record(placed())
        store.ear.fails_at = "message_settle"
        with pytest.raises(StoreUnusable, match="the disk is full"):
            await notifier.run_due()
        store.ear.fails_at = ""

        assert 0 == await notifier.run_due()

        stage.move(seconds=61)
        await notifier.run_until_idle()

    assert 1 == len({message.message_id for message in wire.taken})
    assert [SENT] == stage.messages("state")


async def test_passes_that_failed_keep_no_room(stage: Stage, store: Listening) -> None:
    """After passes that could not settle there is room for as many messages as before."""
    wire = Wire()
    async with stage.notifier(wire, store=store) as notifier:
        for number in range(5):
            await notifier.record(*(placed(f"A{number}-{n}") for n in range(20)))
            store.ear.fails_at = "message_settle"
            with pytest.raises(StoreUnusable):
                await notifier.run_due()
            store.ear.fails_at = ""
        stage.move(seconds=61)
        await notifier.run_until_idle()

    assert [{"state": SENT, "n": 100}] == stage.look("select state, count(*) n from pn_message group by state")


# Together


async def test_outcomes_of_one_moment_share_a_unit(stage: Stage, store: Listening) -> None:
    """Thirty messages that are taken at the same moment are settled in a unit or two."""
    wire = Together(30)
    async with stage.notifier(wire, store=store) as notifier:
        await notifier.record(*(placed(f"A-{number}") for number in range(30)))
        before = store.ear.count("message_settle")
        async with notifier.worker(poll=NEVER):
            await until(lambda: [{"state": SENT}] == stage.look("select distinct state from pn_message"))
        units = store.ear.count("message_settle") - before

    assert 30 == len(wire.taken)
    assert 1 <= units <= 3


async def test_one_message_is_settled_by_itself_at_once(stage: Stage, store: Listening) -> None:
    """An outcome does not wait for company: while others are still under way it is written."""
    wire, goes_on = Wire(), asyncio.Event()

    async def wait(message: Message) -> None:
        if message.order_id != "A-1":
            await soon(goes_on)

    wire.meanwhile = wait
    async with stage.notifier(wire, store=store) as notifier:
        await notifier.record(*(placed(name) for name in ("A-1", "B-1", "C-1")))
        async with notifier.worker(poll=NEVER):
            await until(lambda: [SENT] == stage.messages("state"))
            others = {*stage.messages("state", "B-1"), *stage.messages("state", "C-1")}
            goes_on.set()
            await until(lambda: 3 == len(wire.taken))

    assert {CLAIMED} == others
