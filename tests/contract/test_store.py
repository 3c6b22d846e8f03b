"""What each carrier of the units of work promises: one suite for the inline and for the threaded one."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest

from proactive_notify import Event, EventInvalid, Notifier, OrderPaid, OrderShipped, Recorded, StoreUnusable
from proactive_notify._store.loading import load
from proactive_notify._store.reading import history
from proactive_notify._store.recording import record
from proactive_notify._store.sqlite import InlineSqlite, Store, ThreadedSqlite, connect, store_of
from proactive_notify._store.units import Statement, Unit
from proactive_notify.testing import VirtualClock
from tests.contract.wires import MONDAY, everything, look, placed, rules

RULES = rules()
REPOSITORY = Path(__file__).resolve().parents[2]
#: Long enough for any machine; a test that hangs ends here.
PATIENCE = 30

CARRIERS: dict[str, Callable[[Path], Store]] = {
    "inline": lambda path: InlineSqlite(str(path)),
    "threaded": lambda path: ThreadedSqlite(str(path)),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "orders.db"


@pytest.fixture(params=CARRIERS)
def carrier(request: pytest.FixtureRequest) -> Callable[[Path], Store]:
    """Each carrier in turn, on a file."""
    return CARRIERS[request.param]


class opened:  # noqa: N801  it reads as a word: async with opened(store)
    """A store that is open inside a block."""

    def __init__(self, store: Any) -> None:
        self.store = store

    async def __aenter__(self) -> Any:
        await self.store.open()
        return self.store

    async def __aexit__(self, *_: object) -> None:
        await self.store.close()


def recording(*events: Event) -> Callable[[], Unit[Recorded]]:
    """The unit that takes events in, as a factory."""
    return lambda: record(events, now=MONDAY, rules=RULES)


async def taken_in(store: Store, *events: Event) -> Recorded:
    return await store.run(recording(*events))


def failing(*events: Event) -> Unit[None]:
    """A unit that has written when it fails."""
    yield from record(events, now=MONDAY, rules=RULES)
    raise LookupError("this unit fails")


def shipped(order_id: str = "A-1", **fields: Any) -> OrderShipped:
    usual: dict[str, Any] = {"id": f"{order_id}:shipped", "source": "shop", "at": MONDAY}
    return OrderShipped(order_id=order_id, **{**usual, **fields})


def paid(order_id: str = "A-1", **fields: Any) -> OrderPaid:
    usual: dict[str, Any] = {"id": f"{order_id}:paid", "source": "shop", "at": MONDAY}
    return OrderPaid(order_id=order_id, **{**usual, **fields})


def order_ids(path: Path) -> list[str]:
    return [row["order_id"] for row in look(path, "select order_id from pn_order order by order_id")]


# Record and read back


async def test_what_is_recorded_is_read_back(carrier: Callable[[Path], Store], path: Path) -> None:
    """An order that was recorded is read as it was told, with its events, promises, message and decisions."""
    async with opened(carrier(path)) as store:
        recorded = await taken_in(store, placed())
        cases = await store.read(lambda: load("shop", ["A-1"]))
        why, _ = await store.read(lambda: history("shop", "A-1"))

    assert ("order-received",) == recorded.notices
    assert recorded.orders[0] == cases["A-1"].order == why.order
    assert [placed()] == [fact.event for fact in why.facts]
    assert [MONDAY] == [fact.recorded_at for fact in why.facts]
    assert ["order-received"] == [message.notice for message in why.messages]
    assert list(recorded.decisions) == list(why.decisions)
    assert any(promise.is_open for promise in why.promises)


async def test_nothing_is_known_of_an_order_that_never_was(carrier: Callable[[Path], Store], path: Path) -> None:
    """Asking for an order that nobody recorded answers that there is none."""
    async with opened(carrier(path)) as store:
        assert await store.read(lambda: history("shop", "A-1")) is None


async def test_an_instant_keeps_its_microseconds(carrier: Callable[[Path], Store], path: Path) -> None:
    """The time of an event comes back as it went in, to the microsecond."""
    at = MONDAY.replace(microsecond=123457)
    async with opened(carrier(path)) as store:
        await taken_in(store, placed(at=at))
        why, _ = await store.read(lambda: history("shop", "A-1"))

    assert at == why.facts[0].event.at


async def test_a_batch_of_many_orders_is_one_unit(carrier: Callable[[Path], Store], path: Path) -> None:
    """A batch may hold events of many orders, and each is answered."""
    async with opened(carrier(path)) as store:
        recorded = await taken_in(store, *(placed(f"A-{number}") for number in range(40)))

    assert 40 == recorded.new == len(recorded.orders) == len(recorded.notices)
    assert 40 == len(order_ids(path))


async def test_a_batch_is_all_or_nothing(carrier: Callable[[Path], Store], path: Path) -> None:
    """A batch with one event that is refused leaves no row of the others."""
    async with opened(carrier(path)) as store:
        await taken_in(store, placed())
        before = everything(path)
        with pytest.raises(EventInvalid):
            await taken_in(store, placed("B-1"), placed("A-1", item_count=7), placed("C-1"))

        assert before == everything(path)


async def test_one_batch_cannot_say_two_things_under_one_id(carrier: Callable[[Path], Store], path: Path) -> None:
    """Two events of a batch with one source and id and other content are refused."""
    async with opened(carrier(path)) as store:
        with pytest.raises(EventInvalid):
            await taken_in(store, placed(), placed(item_count=7))

        assert [] == order_ids(path)


async def test_one_event_twice_in_a_batch_is_one_event(carrier: Callable[[Path], Store], path: Path) -> None:
    """The same event twice in one batch is recorded once and told once."""
    async with opened(carrier(path)) as store:
        recorded = await taken_in(store, placed(), placed())

    assert (1, ("order-received",)) == (recorded.new, recorded.notices)
    assert 1 == len(look(path, "select 1 from pn_event"))


# Known events


async def test_a_known_event_is_a_no_op(carrier: Callable[[Path], Store], path: Path) -> None:
    """Recording an event again changes no row and answers like the first time."""
    async with opened(carrier(path)) as store:
        first = await taken_in(store, placed(), shipped())
        before = everything(path)
        again = await taken_in(store, placed(), shipped())

        assert before == everything(path)
        assert (first.orders, first.notices, first.decisions) == (again.orders, again.notices, again.decisions)
        assert (2, 0) == (first.new, again.new)


async def test_a_known_event_in_a_batch_with_a_new_one(carrier: Callable[[Path], Store], path: Path) -> None:
    """A batch may hold what is known beside what is new; only the new event has consequences."""
    async with opened(carrier(path)) as store:
        await taken_in(store, placed())
        recorded = await taken_in(store, placed(), shipped())

    assert 1 == recorded.new
    assert ("order-received", "shipped") == recorded.notices
    assert 2 == len(look(path, "select 1 from pn_notice"))


async def test_other_content_under_a_known_id_is_refused(carrier: Callable[[Path], Store], path: Path) -> None:
    """A known source and id with other content raises, names both and quotes no address; nothing changes."""
    async with opened(carrier(path)) as store:
        await taken_in(store, placed())
        before = everything(path)
        with pytest.raises(EventInvalid, match="'A-1:placed'") as caught:
            await taken_in(store, placed(customer={"email": "eve@example.org"}))

        assert before == everything(path)
        assert "example.org" not in str(caught.value)


async def test_a_known_id_of_another_order_is_refused(carrier: Callable[[Path], Store], path: Path) -> None:
    """One source and id cannot stand for facts about two orders."""
    async with opened(carrier(path)) as store:
        await taken_in(store, placed())
        with pytest.raises(EventInvalid):
            await taken_in(store, placed("B-1", id="A-1:placed"))

    assert ["A-1"] == order_ids(path)


async def test_the_same_id_from_another_source_is_another_event(carrier: Callable[[Path], Store], path: Path) -> None:
    """Only source and id together make an event known."""
    async with opened(carrier(path)) as store:
        await taken_in(store, placed(), paid(id="1", source="shop"))
        recorded = await taken_in(store, shipped(id="1", source="carrier"))

    assert 1 == recorded.new


async def test_shops_that_share_a_store_do_not_meet(carrier: Callable[[Path], Store], path: Path) -> None:
    """The same source, id and order of another shop is another event of another order."""
    other = rules()
    other = type(other)(**{**vars(other), "shop": other.shop.model_copy(update={"key": "other"})})
    async with opened(carrier(path)) as store:
        await taken_in(store, placed())
        recorded = await store.run(lambda: record([placed(item_count=7)], now=MONDAY, rules=other))
        case = (await store.read(lambda: load("shop", ["A-1"])))["A-1"]

    assert 1 == recorded.new
    assert [placed()] == [fact.event for fact in case.facts]


# Async and sync


async def test_record_and_record_sync_write_the_same_rows(carrier: Callable[[Path], Store], tmp_path: Path) -> None:
    """`record()` and `record_sync()` answer the same and leave the same rows."""
    events = [placed(), placed("B-1"), shipped(), paid("B-1")]
    async with Notifier(store=carrier(tmp_path / "async.db"), clock=VirtualClock(MONDAY)) as notifier:
        answers = [await notifier.record(events[:2]), await notifier.record(*events)]
    async with Notifier(store=carrier(tmp_path / "sync.db"), clock=VirtualClock(MONDAY)) as notifier:
        answers_sync = [notifier.record_sync(events[:2]), notifier.record_sync(*events)]

    assert answers == answers_sync
    assert everything(tmp_path / "async.db") == everything(tmp_path / "sync.db")


async def test_record_sync_from_many_threads(path: Path) -> None:
    """Threads of a shop that is not async may record at once while the loop records too."""
    async with Notifier(store=ThreadedSqlite(str(path)), clock=VirtualClock(MONDAY)) as notifier:
        threads = [asyncio.to_thread(notifier.record_sync, placed(f"T-{number}")) for number in range(8)]
        await asyncio.gather(*threads, *(notifier.record(placed(f"A-{number}")) for number in range(8)))

    assert 16 == len(order_ids(path))


# What goes wrong in a unit


async def test_an_exception_of_a_unit_reaches_its_caller(carrier: Callable[[Path], Store], path: Path) -> None:
    """What a unit raises its caller gets, what it wrote is gone, and the store goes on."""
    async with opened(carrier(path)) as store:
        with pytest.raises(LookupError, match="this unit fails"):
            await store.run(lambda: failing(placed()))
        with pytest.raises(LookupError, match="this unit fails"):
            store.run_sync(lambda: failing(placed()))
        with pytest.raises(KeyError, match="no_such_statement"):
            await store.run(lambda: nonsense("no_such_statement"))

        assert [] == order_ids(path)
        assert 1 == (await taken_in(store, placed())).new


def nonsense(name: str) -> Unit[None]:
    yield Statement(name, {})


async def test_a_statement_that_fails_reaches_its_caller(carrier: Callable[[Path], Store], path: Path) -> None:
    """A statement that SQLite refuses fails its unit, and the store goes on."""
    async with opened(carrier(path)) as store:
        with pytest.raises(sqlite3.Error):
            await store.run(lambda: nonsense("worker_seen"))

        assert 1 == (await taken_in(store, placed())).new


async def test_a_store_that_is_not_open_says_so(carrier: Callable[[Path], Store], path: Path) -> None:
    """A store that was not opened, or was closed, refuses with a sentence."""
    store = carrier(path)
    with pytest.raises(StoreUnusable, match="not open"):
        await taken_in(store, placed())
    async with opened(store):
        await taken_in(store, placed())
    for ask in (store.run, store.read):
        with pytest.raises(StoreUnusable, match="not open"):
            await ask(recording(placed()))
    with pytest.raises(StoreUnusable, match="not open"):
        store.run_sync(recording(placed()))


async def test_closing_twice_is_closing_once(carrier: Callable[[Path], Store], path: Path) -> None:
    """A store that is closed already can be closed again, and one that was never opened too."""
    store = carrier(path)
    await store.close()
    async with opened(store):
        pass
    await store.close()


async def test_reopening_keeps_all(carrier: Callable[[Path], Store], path: Path) -> None:
    """What was recorded is there when the file is opened again, by the same object or by another."""
    store = carrier(path)
    async with opened(store):
        await taken_in(store, placed())
        before = everything(path)
    async with opened(store):
        assert 0 == (await taken_in(store, placed())).new
    async with opened(carrier(path)) as other:
        assert 0 == (await taken_in(other, placed())).new

    assert before == everything(path)


# Group commit


class Gate:
    """A unit that holds the writer until it is told to go on: what is submitted meanwhile waits together."""

    def __init__(self) -> None:
        self.reached, self.opens = threading.Event(), threading.Event()

    def unit(self) -> Unit[None]:
        self.reached.set()
        assert self.opens.wait(PATIENCE)
        yield Statement("message_next", {"shop": "shop", "now": 0})


async def behind_a_gate(store: ThreadedSqlite, units: list[Callable[[], Unit[Any]]]) -> list[Any]:
    """Run units that all wait while the writer is busy; return their results or exceptions."""
    gate = Gate()
    first = asyncio.create_task(store.run(gate.unit))
    await asyncio.to_thread(gate.reached.wait, PATIENCE)
    waiting = [asyncio.create_task(store.run(unit)) for unit in units]
    await asyncio.sleep(0)
    gate.opens.set()
    await first
    return await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), PATIENCE)


def commits(path: Path) -> int:
    """
    How many transactions are in a write-ahead log since it began: its frames that say how large the file is now.

    Source: https://www.sqlite.org/fileformat2.html#walformat
    """
    log = path.with_name(f"{path.name}-wal").read_bytes()
    page = int.from_bytes(log[8:12], "big")
    frames = [log[start : start + 24] for start in range(32, len(log), 24 + page)]
    return sum(frame[8:16] == log[16:24] and frame[4:8] != bytes(4) for frame in frames)


async def test_units_that_wait_together_share_a_commit(path: Path) -> None:
    """Twenty records that wait for the writer are one commit; one after the other they are twenty."""
    async with opened(ThreadedSqlite(str(path))) as store:
        before = commits(path)
        recorded = await behind_a_gate(store, [recording(placed(f"A-{number}")) for number in range(20)])
        together = commits(path) - before
        for number in range(20):
            await taken_in(store, placed(f"B-{number}"))
        alone = commits(path) - before - together

    assert [1] * 20 == [each.new for each in recorded]
    assert (1, 20) == (together, alone)
    assert 40 == len(order_ids(path))


async def test_records_of_one_moment_share_commits(path: Path) -> None:
    """A hundred concurrent `record()` need far fewer commits than a hundred."""
    async with Notifier(store=ThreadedSqlite(str(path)), clock=VirtualClock(MONDAY)) as notifier:
        before = commits(path)
        await asyncio.gather(*(notifier.record(placed(f"A-{number}")) for number in range(100)))
        needed = commits(path) - before

    assert 100 == len(order_ids(path))
    assert 50 > needed


async def test_one_failing_unit_sinks_nobody(path: Path) -> None:
    """A unit that fails in a shared commit takes nobody with it, and leaves nothing behind."""
    units = [
        recording(placed("A-1")),
        lambda: failing(placed("B-1")),
        recording(placed("C-1")),
        lambda: nonsense("worker_seen"),
        recording(placed("C-1", item_count=7)),
        recording(placed("D-1")),
    ]
    async with opened(ThreadedSqlite(str(path))) as store:
        before = commits(path)
        answers = await behind_a_gate(store, units)
        needed = commits(path) - before

    kinds = [type(each) for each in answers]
    assert [Recorded, LookupError, Recorded, sqlite3.ProgrammingError, EventInvalid, Recorded] == kinds
    assert ["A-1", "C-1", "D-1"] == order_ids(path)
    assert 1 == needed


async def test_the_same_event_from_many_callers_at_once(path: Path) -> None:
    """Callers that record one event at the same moment get the same answer, and it is recorded once."""
    async with opened(ThreadedSqlite(str(path))) as store:
        answers = await behind_a_gate(store, [recording(placed())] * 10)

    assert [1, *[0] * 9] == [each.new for each in answers]
    assert [("order-received",)] * 10 == [each.notices for each in answers]


async def test_a_caller_that_gives_up_takes_nobody_with_it(path: Path) -> None:
    """A `record()` that is cancelled while it waits harms no other one."""
    gate = Gate()
    async with opened(ThreadedSqlite(str(path))) as store:
        first = asyncio.create_task(store.run(gate.unit))
        await asyncio.to_thread(gate.reached.wait, PATIENCE)
        impatient, patient = (asyncio.create_task(taken_in(store, placed(order_id))) for order_id in ("A-1", "B-1"))
        await asyncio.sleep(0)
        impatient.cancel()
        gate.opens.set()
        await first
        recorded = await asyncio.wait_for(patient, PATIENCE)

        assert 1 == recorded.new
        assert impatient.cancelled()
        assert 1 == (await taken_in(store, placed("C-1"))).new


LEAVES_EARLY = """
import asyncio, os, sys, threading
from proactive_notify._store.sqlite import ThreadedSqlite
from tests.contract.test_store import Gate, placed, recording

store, gate = ThreadedSqlite(sys.argv[1]), Gate()

async def leave_early():
    await store.open()
    task = asyncio.create_task(store.run(gate.unit))
    await asyncio.to_thread(gate.reached.wait)

def record_late():
    print(store.run_sync(recording(placed())).new)

asyncio.run(leave_early())
gate.opens.set()
late = threading.Thread(target=record_late, daemon=True)
late.start()
late.join(5)
sys.stdout.flush()
os._exit(int(late.is_alive()))
"""


def test_a_loop_that_ended_does_not_stop_the_writer(path: Path) -> None:
    """A caller whose event loop is gone when the answer comes harms no later caller."""
    found = subprocess.run(
        [sys.executable, "-c", LEAVES_EARLY, str(path)], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )

    assert (0, "1\n", "") == (found.returncode, found.stdout, found.stderr)


# Closing


async def test_closing_finishes_what_waits(path: Path) -> None:
    """What was submitted before the store closes is committed and answered, however much waits."""
    gate, store = Gate(), ThreadedSqlite(str(path))
    await store.open()
    first = asyncio.create_task(store.run(gate.unit))
    await asyncio.to_thread(gate.reached.wait, PATIENCE)
    waiting = [asyncio.create_task(taken_in(store, placed(f"A-{number}"))) for number in range(150)]
    await asyncio.sleep(0)
    closing = asyncio.create_task(store.close())
    await asyncio.sleep(0)
    gate.opens.set()
    recorded = await asyncio.wait_for(asyncio.gather(*waiting), PATIENCE)
    await asyncio.wait_for(asyncio.gather(first, closing), PATIENCE)

    assert 150 == sum(each.new for each in recorded) == len(order_ids(path))


async def test_who_comes_while_the_store_closes_is_answered(path: Path) -> None:
    """A caller that comes while the store is closing is served or refused; it does not wait for ever."""
    gate, store = Gate(), ThreadedSqlite(str(path))
    await store.open()
    first = asyncio.create_task(store.run(gate.unit))
    await asyncio.to_thread(gate.reached.wait, PATIENCE)
    closing = asyncio.create_task(store.close())
    await asyncio.sleep(0)
    late = asyncio.create_task(taken_in(store, placed()))
    await asyncio.sleep(0)
    gate.opens.set()
    await asyncio.wait_for(asyncio.gather(first, closing), PATIENCE)
    done, _ = await asyncio.wait([late], timeout=2)
    late.cancel()

    assert {late} == done
    assert late.exception() is None or isinstance(late.exception(), StoreUnusable)


# The file


async def test_a_durable_file_is_synced_at_every_commit(path: Path) -> None:
    """The threaded carrier runs in WAL mode with `synchronous=FULL` and foreign keys on."""
    async with opened(ThreadedSqlite(str(path))) as store:
        # A pragma is a connection's own, so only the store's connection can tell.
        found = [store._db.execute(f"pragma {name}").fetchone()[0] for name in ("synchronous", "foreign_keys")]

    assert [2, 1] == found
    assert [{"journal_mode": "wal"}] == look(path, "pragma journal_mode")


async def test_an_inline_file_is_never_synced(path: Path) -> None:
    """What the inline carrier holds need not survive, so it does not wait for the disk."""
    async with opened(InlineSqlite(str(path))) as store:
        assert (0,) == store._db.execute("pragma synchronous").fetchone()


async def test_the_schema_says_its_version(carrier: Callable[[Path], Store], path: Path) -> None:
    """A new file holds one version row, and opening it again leaves it alone."""
    for _ in range(2):
        async with opened(carrier(path)):
            pass

    assert [{"version": 1}] == look(path, "select version from pn_meta")


async def test_every_table_is_ours_by_its_name(carrier: Callable[[Path], Store], path: Path) -> None:
    """All tables and indexes begin with `pn_`, so they can live beside a shop's own."""
    async with opened(carrier(path)):
        pass
    names = [row["name"] for row in look(path, "select name from sqlite_master where name not like 'sqlite_%'")]

    assert [] == [name for name in names if not name.startswith("pn_")]


async def test_a_newer_schema_is_refused(carrier: Callable[[Path], Store], path: Path) -> None:
    """A file that a newer library wrote is left alone, with a sentence that says what to do."""
    async with opened(carrier(path)) as store:
        await taken_in(store, placed())
    db = sqlite3.connect(path)
    with db:
        db.execute("update pn_meta set version = 99")
    db.close()
    before = everything(path)
    with pytest.raises(StoreUnusable, match="version 99, this library knows 1: install a newer proactive-notify"):
        await carrier(path).open()

    assert before == everything(path)


async def test_a_shop_may_have_tables_in_the_file(carrier: Callable[[Path], Store], path: Path) -> None:
    """A file that holds a shop's own tables gets ours beside them."""
    db = sqlite3.connect(path)
    with db:
        db.execute("create table orders (id text primary key)")
        db.execute("insert into orders values ('A-1')")
    db.close()
    async with opened(carrier(path)) as store:
        await taken_in(store, placed())

    assert [{"id": "A-1"}] == look(path, "select id from orders")


async def test_a_file_that_is_no_database_is_refused(carrier: Callable[[Path], Store], tmp_path: Path) -> None:
    """What is no SQLite file, or a folder, is refused with its name and left as it is."""
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Ada,\n" * 500)
    for wrong in (letter, tmp_path):
        with pytest.raises(StoreUnusable, match=re.escape(repr(str(wrong)))):
            await carrier(wrong).open()

    assert "Dear Ada,\n" * 500 == letter.read_text()


async def test_the_folder_of_the_file_is_made(carrier: Callable[[Path], Store], tmp_path: Path) -> None:
    """A store in a folder that is not there yet makes the folder."""
    path = tmp_path / "var" / "shop" / "orders.db"
    async with opened(carrier(path)):
        pass

    assert path.is_file()


@pytest.mark.parametrize(
    ("url", "file"),
    [
        pytest.param("sqlite:///orders.db", "orders.db", id="relative"),
        pytest.param("sqlite:///var/orders.db", "var/orders.db", id="relative-folder"),
        pytest.param("sqlite:///{folder}/absolute.db", "absolute.db", id="absolute"),
        pytest.param("sqlite:///a shop's orders?.db", "a shop's orders?.db", id="odd-characters"),
    ],
)
async def test_a_url_names_a_file(url: str, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three slashes are relative to the working directory, four are absolute."""
    monkeypatch.chdir(tmp_path)
    for inline in (False, True):
        async with opened(store_of(url.format(folder=tmp_path), inline=inline)):
            pass

        assert (tmp_path / file).is_file()
        (tmp_path / file).unlink()


async def test_a_url_without_a_path_is_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`sqlite://` keeps all in memory and writes no file."""
    monkeypatch.chdir(tmp_path)
    async with opened(store_of("sqlite://")) as store:
        assert 1 == (await taken_in(store, placed())).new

    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("url", ["oracle://db", "orders.db", ""])
def test_a_url_of_no_store_is_refused(url: str) -> None:
    """A URL that names no store is refused with an example of one that does."""
    with pytest.raises(StoreUnusable, match=re.escape("write sqlite:///orders.db")):
        store_of(url)


def test_a_refused_url_shows_no_password() -> None:
    """The sentence about an unknown URL does not repeat what may hold a password."""
    with pytest.raises(StoreUnusable) as caught:
        store_of("mysql://shop:hunter2@db.example/orders")

    assert "hunter2" not in str(caught.value)


# Several on one file


async def test_two_carriers_share_a_file(carrier: Callable[[Path], Store], path: Path) -> None:
    """Two carriers on one file see what the other has recorded, and an event is new to one of them only."""
    async with opened(carrier(path)) as one, opened(ThreadedSqlite(str(path))) as other:
        for number in range(10):
            first, second = await asyncio.gather(
                taken_in(one, placed(f"A-{number}")), taken_in(other, placed(f"A-{number}"))
            )

            assert {0, 1} == {first.new, second.new}
            assert first.notices == second.notices

    assert 10 == len(order_ids(path)) == len(look(path, "select 1 from pn_message"))


ANOTHER_PROCESS = """
import asyncio, sys
from proactive_notify._store.recording import record
from proactive_notify._store.sqlite import ThreadedSqlite
from tests.contract.wires import MONDAY, placed, rules

async def main(path, name):
    store = ThreadedSqlite(path)
    await store.open()
    print("open", flush=True)
    sys.stdin.readline()
    for order_id in [f"{name}-{number}" for number in range(15)] + [f"both-{number}" for number in range(15)]:
        await store.run(lambda: record([placed(order_id)], now=MONDAY, rules=rules()))
    await store.close()

asyncio.run(main(*sys.argv[1:]))
"""


def test_two_processes_share_a_file(path: Path) -> None:
    """Two processes that record at the same time, some events both, lose nothing and record nothing twice."""
    command = [sys.executable, "-c", ANOTHER_PROCESS, str(path)]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    running = [subprocess.Popen([*command, name], cwd=REPOSITORY, **pipes) for name in ("one", "two")]
    for process in running:
        assert "open\n" == process.stdout.readline()
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    outputs = [process.communicate(timeout=60) for process in running]

    assert [("", ""), ("", "")] == outputs
    assert 45 == len(order_ids(path)) == len(look(path, "select 1 from pn_event"))
    assert 45 == len(look(path, "select 1 from pn_message"))


def test_many_may_make_the_schema_at_once(path: Path) -> None:
    """Several that open a file without tables at the same time all find the schema; it is made once."""
    look(path, "pragma journal_mode = wal")
    start = threading.Barrier(8)

    async def open_and_close() -> None:
        start.wait(PATIENCE)
        async with opened(ThreadedSqlite(str(path))):
            pass

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: asyncio.run(open_and_close()), range(8)))

    assert [{"version": 1}] == look(path, "select version from pn_meta")


def test_who_opens_a_new_file_waits_for_who_writes_it(path: Path) -> None:
    """A process that opens a new file while another one makes it waits its turn."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    other.execute("create table orders (id text primary key)")
    with ThreadPoolExecutor(1) as pool:
        opening = pool.submit(connect, str(path), durable=True)
        done, _ = wait([opening], timeout=0.3)
        other.execute("commit")
        other.close()
        opening.result(PATIENCE).close()

    assert set() == done


async def test_what_reads_does_not_wait_for_who_writes(path: Path) -> None:
    """While another process writes, a store opens, reads what was committed, and says nothing of the rest."""
    async with opened(ThreadedSqlite(str(path))) as store:
        await taken_in(store, placed())
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("begin immediate")
        other.execute("delete from pn_event")
        async with asyncio.timeout(PATIENCE), opened(ThreadedSqlite(str(path))) as store:
            cases = await store.read(lambda: load("shop", ["A-1"]))
    finally:
        other.close()

    assert 1 == len(cases["A-1"].facts)


async def test_what_reads_cannot_write(path: Path) -> None:
    """A unit that is said to read only, and writes, is refused and changes nothing."""

    def writes() -> Unit[None]:
        yield Statement("worker_seen", {"id": "w", "shop": "shop", "now": 1})

    async with opened(ThreadedSqlite(str(path))) as store:
        with pytest.raises(StoreUnusable, match="could not read"):
            await store.read(writes)

    assert [] == look(path, "select 1 from pn_worker")
