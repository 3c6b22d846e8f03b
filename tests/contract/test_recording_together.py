"""Calls that record at the same time share units of work, and each gets the answer that it would have got alone."""

from __future__ import annotations

import asyncio
import json
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from proactive_notify import (
    CustomerAsked,
    Email,
    Event,
    EventInvalid,
    EventsRecorded,
    Notifier,
    NotifierNotOpen,
    OrderCancelled,
    OrderDelivered,
    OrderPaid,
    OrderShipped,
    OrderSourcing,
    Recorded,
    StaffAsked,
    StoreUnusable,
)
from proactive_notify._store.sqlite import InlineSqlite, ThreadedSqlite
from proactive_notify.testing import VirtualClock
from tests.contract.engine_cases import Gate, ListeningInline, ListeningThreaded, of
from tests.contract.test_store import commits
from tests.contract.test_worker import NEVER, Counting, before_long, soon, until
from tests.contract.wires import MONDAY, Stage, Wire, everything, look, placed

Listening = ListeningInline | ListeningThreaded
Answer = Recorded | type[Exception]
PATIENCE = 20


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def shop(store: Any, **arguments: Any) -> Notifier:
    """A notifier with one channel whose clock stands still."""
    email = Email(Wire(), sender="Acme <orders@acme.example>")
    return Notifier(store=store, channels=[email], clock=VirtualClock(MONDAY), **arguments)


async def at_once(notifier: Notifier, calls: Sequence[Sequence[Event]]) -> list[Answer]:
    """Record calls at the same time, begun in their order; an answer is what was recorded or the kind of the error."""
    answers = await asyncio.gather(*(notifier.record(call) for call in calls), return_exceptions=True)
    return [each if isinstance(each, Recorded) else type(each) for each in answers]  # type: ignore[misc]


async def one_by_one(notifier: Notifier, calls: Sequence[Sequence[Event]]) -> list[Answer]:
    """Record calls each alone, in their order."""
    answers: list[Answer] = []
    for call in calls:
        try:
            answers.append(await notifier.record(call))
        except EventInvalid as error:
            answers.append(type(error))
    return answers


# What calls may say

KINDS: dict[str, type[Event]] = {
    "placed": placed,  # type: ignore[dict-item]
    "paid": OrderPaid,
    "sourcing": OrderSourcing,
    "shipped": OrderShipped,
    "delivered": OrderDelivered,
    "cancelled": OrderCancelled,
    "asked": CustomerAsked,
}
SAID: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "placed": ({}, {"item_count": 7}),
    "paid": ({}, {"statement_name": "ACME"}),
    "sourcing": ({"note": "in Rome"}, {"note": "in Paris"}),
    "shipped": ({}, {"carrier": "dhl"}),
    "delivered": ({}, {"place": "the porch"}),
    "cancelled": ({}, {"reason": "no stock"}),
    "asked": ({}, {"text": "where is it?"}),
}


def fact(kind: str, order_id: str, number: int = 0, *, other: bool = False) -> Event:
    """An event; with ``other`` content under the same id it cannot be right beside the first."""
    usual = {"id": f"{order_id}:{kind}:{number}", "source": "shop", "at": MONDAY}
    return KINDS[kind](order_id=order_id, **usual, **SAID[kind][other])


def facts(*, orders: Sequence[str] = "ABC", others: st.SearchStrategy[bool]) -> st.SearchStrategy[Event]:
    return st.builds(fact, st.sampled_from(list(KINDS)), st.sampled_from(orders), st.integers(0, 1), other=others)


def calls(each: st.SearchStrategy[Event]) -> st.SearchStrategy[list[list[Event]]]:
    return st.lists(st.lists(each, max_size=4), min_size=2, max_size=8)


right = facts(others=st.just(False))


@st.composite
def with_contradictions(draw: st.DrawFn) -> list[list[list[Event]]]:
    """Facts that are known, and then calls, each about orders of its own, of which some contradict them."""
    known, later = [], []
    for number in range(draw(st.integers(2, 7))):
        its = f"A{number}"
        known.append(draw(st.lists(facts(orders=[its], others=st.just(False)), max_size=3)))
        later.append(draw(st.lists(facts(orders=[its, f"B{number}"], others=st.booleans()), max_size=3)))
    return [known, later]


def plain(path: Path) -> dict[str, list[Any]]:
    """All rows of all tables but for what numbers them, each order's in their sequence."""
    numbers = ("pk", "seq", "batch", "notice_pk")
    return {
        table: sorted(
            [{key: value for key, value in row.items() if key not in numbers} for row in rows],
            key=lambda row: str(row.get("order_id", "")),
        )
        for table, rows in everything(path).items()
    }


async def both_ways(*moments: Sequence[Sequence[Event]]) -> None:
    """Record the calls of each moment together, and on another file one by one; all that can be seen is the same."""
    with tempfile.TemporaryDirectory() as folder:
        together, alone = Path(folder, "together.db"), Path(folder, "alone.db")
        async with shop(ThreadedSqlite(str(together))) as one, shop(InlineSqlite(str(alone))) as other:
            for calls in moments:
                answers = await asyncio.wait_for(at_once(one, calls), PATIENCE)

                assert await one_by_one(other, calls) == answers

        assert plain(alone) == plain(together)


# Each gets its own answer


@given(calls(right))
@settings(max_examples=30)
def test_each_call_gets_the_answer_that_it_would_have_got_alone(calls: list[list[Event]]) -> None:
    """Whatever is recorded at the same time, orders, notices, decisions, words to the staff and counts are the same."""
    asyncio.run(both_ways(calls))


@given(calls(right), calls(right), calls(right))
@example(
    [[fact("placed", "A")]],
    [[fact("shipped", "A")], [fact("placed", "B")]],
    [[fact("placed", "A")], [fact("placed", "B")]],
)
@settings(max_examples=25)
def test_what_is_repeated_together_is_answered_like_the_first_time(
    first: list[list[Event]], second: list[list[Event]], third: list[list[Event]]
) -> None:
    """Calls that repeat at the same time what came at different times get each what they got the first time."""
    asyncio.run(both_ways(first, second, third))


async def test_a_call_that_repeats_what_came_in_two_calls_is_answered_like_the_first_time(stage: Stage) -> None:
    """A batch of repeated events answers what was decided when each of them came, and nothing else."""
    async with stage.notifier() as notifier:
        first = await notifier.record(fact("placed", "A"))
        second = await notifier.record(fact("shipped", "A"), fact("placed", "B"))
        again = await notifier.record(fact("placed", "A"), fact("placed", "B"))

    of_b = tuple(each for each in second.decisions if each.order_id == "B")
    assert first.decisions + of_b == again.decisions


@given(with_contradictions())
@settings(max_examples=30)
def test_a_malformed_call_fails_alone(moments: list[list[list[Event]]]) -> None:
    """A known id with other content fails the call that says it, wholly, and changes nothing for the others."""
    asyncio.run(both_ways(*moments))


async def test_calls_about_an_order_keep_their_sequence_beside_a_malformed_one() -> None:
    """Of two calls about one order the first is the first, also if somebody else's call at the same time is wrong."""
    wrong = [fact("placed", "B"), fact("placed", "B", other=True)]
    await both_ways([[fact("placed", "A")], wrong, [fact("shipped", "A")], [fact("placed", "A")]])


async def test_calls_about_one_order_keep_their_sequence() -> None:
    """Twenty calls about one order at the same time are recorded in the order in which they were made."""
    kinds = ["placed", "paid", "sourcing", "shipped", "delivered"]
    await both_ways([[fact(kind, "A", number), fact("asked", f"B{number}")] for number in range(4) for kind in kinds])


async def test_the_same_event_from_many_callers_is_recorded_once(stage: Stage) -> None:
    """Callers that say the same at the same moment get the same answer, and one of them that it was new."""
    async with stage.notifier(store=ThreadedSqlite(str(stage.path))) as notifier:
        answers = await asyncio.gather(*(notifier.record(placed()) for _ in range(20)))

    assert [1] + [0] * 19 == sorted((each.new for each in answers), reverse=True)
    assert {("order-received",)} == {each.notices for each in answers}
    assert 1 == len(stage.look("select 1 from pn_event"))


async def test_one_id_with_two_contents_in_two_calls_is_the_first_ones(stage: Stage) -> None:
    """Two calls that use one id for different orders at the same moment: the first one has it."""
    async with stage.notifier(store=ThreadedSqlite(str(stage.path))) as notifier:
        same = {"id": "1", "source": "shop", "at": MONDAY}
        calls = [[OrderPaid(order_id="A", **same)], [OrderPaid(order_id="B", **same)], [placed("C")]]
        answers = await at_once(notifier, calls)

    assert [Recorded, type, Recorded] == [type(each) for each in answers]
    assert EventInvalid is answers[1]
    assert ["A", "C"] == [row["order_id"] for row in stage.look("select order_id from pn_event order by seq")]


async def test_a_malformed_call_records_nothing_of_itself(stage: Stage) -> None:
    """A call with one event that cannot be is refused as a whole, and the calls beside it stand."""
    async with stage.notifier(store=ThreadedSqlite(str(stage.path))) as notifier:
        await notifier.record(fact("placed", "A"))
        calls = [[fact("placed", "B")], [fact("placed", "C"), fact("placed", "A", other=True)], [fact("placed", "D")]]
        answers = await at_once(notifier, calls)

    assert [1, EventInvalid, 1] == [each.new if isinstance(each, Recorded) else each for each in answers]
    assert ["A", "B", "D"] == [row["order_id"] for row in stage.look("select order_id from pn_order order by 1")]
    assert ["A", "B", "D"] == [row["order_id"] for row in stage.look("select order_id from pn_event order by seq")]


async def test_observers_hear_of_each_call(stage: Stage) -> None:
    """Of calls that were recorded together observers hear one by one: what was new, what was known, what staff hear."""
    heard: list[object] = []
    async with stage.notifier(store=ThreadedSqlite(str(stage.path)), observers=[heard.append]) as notifier:
        await notifier.record(fact("placed", "A"))
        heard.clear()
        await at_once(
            notifier, [[fact("placed", "A")], [fact("asked", "B")], [fact("asked", "C"), fact("placed", "C")]]
        )

    assert {(0, 1), (1, 0), (2, 0)} == {(each.new, each.known) for each in of(EventsRecorded, heard)}
    assert ["B", "C"] == sorted(each.word.order_id for each in of(StaffAsked, heard))


# They share


@pytest.mark.parametrize("kind", [ListeningInline, ListeningThreaded])
async def test_calls_that_come_together_share_units(stage: Stage, kind: type[Listening]) -> None:
    """A hundred calls of one moment are a few units of work; a hundred one after the other are a hundred."""
    store = kind(str(stage.path))
    async with stage.notifier(store=store) as notifier:
        await asyncio.gather(*(notifier.record(placed(f"A-{number}")) for number in range(100)))
        together = store.ear.count("event_insert")
        for number in range(100):
            await notifier.record(placed(f"B-{number}"))
        alone = store.ear.count("event_insert") - together

    assert (True, 100) == (together <= 4, alone)
    assert 200 == len(stage.look("select 1 from pn_message"))


async def test_calls_that_come_while_the_store_is_busy_share_a_commit(stage: Stage) -> None:
    """What is recorded while the writer is busy is committed at once when it is free."""
    store = ThreadedSqlite(str(stage.path))
    async with stage.notifier(store=store) as notifier:
        async with Gate(store):
            before = commits(stage.path)
            recording = []
            for number in range(60):
                recording.append(asyncio.create_task(notifier.record(placed(f"A-{number}"))))
                await asyncio.sleep(0)
        answers = await asyncio.gather(*recording)
        needed = commits(stage.path) - before

    assert [1] * 60 == [each.new for each in answers]
    assert needed <= 4


@pytest.mark.parametrize("size", [1, 4])
async def test_a_unit_is_no_larger_than_a_bite(stage: Stage, size: int) -> None:
    """Many calls at once do not hold the write lock as one: a unit with 32 events takes no further call."""
    store = ListeningInline(str(stage.path))
    calls = [[placed(f"A-{call}-{number}", notify=False) for number in range(size)] for call in range(200)]
    async with stage.notifier(store=store) as notifier:
        await at_once(notifier, calls)
    sizes = [len(json.loads(str(each.values["rows"]))) for each in store.ear.heard("event_insert")]

    assert (200 * size, 32) == (sum(sizes), max(sizes))


# Who gives up, who closes


async def test_a_caller_that_gives_up_is_recorded_wholly_or_not_at_all(stage: Stage) -> None:
    """A cancelled `record()` harms no call beside it and leaves no half of itself."""
    store = ThreadedSqlite(str(stage.path))
    async with stage.notifier(store=store) as notifier:
        async with Gate(store):
            tasks = [
                asyncio.create_task(notifier.record(placed(f"A-{n}"), OrderShipped(order_id=f"A-{n}")))
                for n in range(20)
            ]
            await asyncio.sleep(0)
            for each in tasks[::3]:
                each.cancel()
            await asyncio.sleep(0)
        answers = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), PATIENCE)
        after = await notifier.record(placed("B-1"))

    assert [0, 3, 6, 9, 12, 15, 18] == [n for n, each in enumerate(answers) if isinstance(each, asyncio.CancelledError)]
    assert [2] * 13 == [each.new for each in answers if isinstance(each, Recorded)]
    assert 1 == after.new
    counts = {
        row["n"] for row in stage.look("select count(*) n from pn_event where order_id <> 'B-1' group by order_id")
    }
    assert {2} == counts


async def test_closing_waits_for_what_is_being_recorded(stage: Stage) -> None:
    """Calls that were made before the notifier closes are recorded and answered, however many; later ones are not."""
    store = ThreadedSqlite(str(stage.path))
    notifier = stage.notifier(store=store)
    await notifier.__aenter__()
    async with Gate(store):
        tasks = [asyncio.create_task(notifier.record(placed(f"A-{number}"))) for number in range(150)]
        await asyncio.sleep(0)
        closing = asyncio.create_task(notifier.__aexit__(None, None, None))
        await asyncio.sleep(0)
        with pytest.raises(NotifierNotOpen):
            await notifier.record(placed("B-1"))
    answers = await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE)
    await asyncio.wait_for(closing, PATIENCE)

    assert [1] * 150 == [each.new for each in answers]
    assert 150 == len(look(stage.path, "select 1 from pn_order"))


async def test_a_store_that_fails_is_told_to_every_caller(stage: Stage) -> None:
    """When the disk is full every call of the moment hears so, nothing is recorded, and afterwards all goes on."""
    store = ListeningThreaded(str(stage.path))
    async with stage.notifier(store=store) as notifier:
        store.ear.fails_at = "promise_insert"
        answers = await asyncio.wait_for(at_once(notifier, [[placed(f"A-{n}")] for n in range(10)]), PATIENCE)
        store.ear.fails_at = ""
        after = await at_once(notifier, [[placed(f"A-{n}")] for n in range(10)])

    assert [StoreUnusable] * 10 == answers
    assert [1] * 10 == [each.new if isinstance(each, Recorded) else each for each in after]


async def test_a_store_that_fails_is_not_asked_again_for_each_call(stage: Stage) -> None:
    """Only a malformed call is looked for one by one; a store that cannot be written fails all calls of the unit."""
    store = ListeningThreaded(str(stage.path))
    async with stage.notifier(store=store) as notifier:
        store.ear.fails_at = "promise_insert"
        await asyncio.wait_for(at_once(notifier, [[placed(f"A-{n}")] for n in range(50)]), PATIENCE)

    assert store.ear.failed <= 4


# Without a loop


async def test_threads_may_record_while_the_loop_records(stage: Stage) -> None:
    """Threads and tasks that record at the same time, some of it the same, are all answered and nothing is twice."""
    store = ThreadedSqlite(str(stage.path))
    async with stage.notifier(store=store) as notifier:
        names = [f"A-{number}" for number in range(20)]
        async with Gate(store):
            threads = [
                asyncio.create_task(asyncio.to_thread(notifier.record_sync, placed(name))) for name in names[:15]
            ]
            tasks = [asyncio.create_task(notifier.record(placed(name))) for name in names[5:]]
            await asyncio.sleep(0)
        answers = await asyncio.wait_for(asyncio.gather(*threads, *tasks), PATIENCE)

    assert 20 == sum(each.new for each in answers)
    assert {("order-received",)} == {each.notices for each in answers}
    assert 20 == len(stage.look("select 1 from pn_event")) == len(stage.look("select 1 from pn_message"))


async def test_a_thread_that_records_wakes_the_worker(stage: Stage) -> None:
    """What a thread records leaves at once, although the worker would rest for an hour."""
    wire = Counting()
    store = ThreadedSqlite(str(stage.path))
    async with stage.notifier(wire, store=store) as notifier, notifier.worker(poll=NEVER):
        for name in ("A-1", "B-1"):
            await asyncio.to_thread(notifier.record_sync, placed(name))
            await soon(wire.enough)
            wire.enough.clear()

    assert [("A-1", "order-received"), ("B-1", "order-received")] == wire.told


async def test_observers_hear_of_what_a_thread_records(stage: Stage) -> None:
    """`record_sync()` is counted as `record()` is."""
    heard: list[object] = []
    async with stage.notifier(observers=[heard.append]) as notifier:
        notifier.record_sync(placed())
        notifier.record_sync(placed())

    assert [(1, 0), (0, 1)] == [(each.new, each.known) for each in of(EventsRecorded, heard)]


async def test_threads_that_record_while_the_notifier_closes_are_answered(stage: Stage) -> None:
    """A thread that records while the notifier closes is served or refused; it does not wait for ever."""
    store = ThreadedSqlite(str(stage.path))
    notifier = stage.notifier(store=store)
    await notifier.__aenter__()
    outcomes: list[object] = []

    def keep_recording() -> None:
        with suppress(NotifierNotOpen, StoreUnusable):
            for number in range(10_000):
                notifier.record_sync(placed(f"A-{number}"))
                outcomes.append(number)

    thread = threading.Thread(target=keep_recording, daemon=True)
    thread.start()
    await until(lambda: outcomes)
    await notifier.__aexit__(None, None, None)
    await asyncio.to_thread(thread.join, PATIENCE)

    assert not thread.is_alive()
    assert len(outcomes) <= len(look(stage.path, "select 1 from pn_order"))


async def test_a_recording_that_was_cancelled_holds_up_nobody(stage: Stage) -> None:
    """When the task that records is cancelled from outside, later calls about the same order are recorded."""
    store = ThreadedSqlite(str(stage.path))
    async with stage.notifier(store=store) as notifier:
        async with Gate(store):
            cancelled = asyncio.create_task(notifier.record(placed()))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            writers = list(notifier._recorder._writers)
            for each in [*writers, cancelled]:
                each.cancel()
            await asyncio.wait([*writers, cancelled])
        later = [asyncio.create_task(notifier.record(placed(name))) for name in ("A-1", "B-1")]
        answered = await before_long(lambda: all(each.done() for each in later))
        for each in later:
            each.cancel()

    assert answered
