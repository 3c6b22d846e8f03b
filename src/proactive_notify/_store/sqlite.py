"""
SQLite by the standard library: two carriers of the same units.

``InlineSqlite`` runs them on its own connection, for simulation, replay and tests. ``ThreadedSqlite`` runs them on one
writer thread with group commit, for life: callers that arrive together share a COMMIT.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Protocol, TypeVar

from tenacity import Retrying, retry_if_exception_message, stop_after_delay, wait_fixed

from ..errors import StoreUnusable
from .catalogue import migrations, statements
from .units import Row, Statement, Unit

T = TypeVar("T")
#: What is handed over is a factory, so that the unit can run again after a rollback.
Factory = Callable[[], Unit[T]]
#: ``->>`` came with 3.38.
_OLDEST = (3, 38, 0)
#: How many seconds to wait for a lock.
_PATIENCE = 30.0
#: How many waiting units share a COMMIT.
_GROUP = 64


class Store(Protocol):
    """What carries units of work."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def run(self, unit: Factory[T], *, is_urgent: bool = False) -> T:
        """
        Run a unit in a transaction of its own.

        Args:
            is_urgent: before all that waits: what was sent and is not written down would go again after a crash.
        """
        ...

    def run_sync(self, unit: Factory[T]) -> T:
        """Do what :meth:`run` does, for a caller that is not async."""
        ...

    async def read(self, unit: Factory[T]) -> T:
        """Run a unit that changes nothing."""
        ...


def store_of(url: str, *, inline: bool = False) -> Store:
    """
    Return the store of a URL: ``sqlite:///orders.db`` (relative), ``sqlite:////var/orders.db``, ``sqlite://``.

    Raises:
        StoreUnusable: the URL names no store that there is.
    """
    if not url.startswith("sqlite://"):
        raise StoreUnusable(f"no store is known for {url.split(':', maxsplit=1)[0]!r}; write sqlite:///orders.db")
    path = url.removeprefix("sqlite://").removeprefix("/") or ":memory:"
    return InlineSqlite(path) if inline else ThreadedSqlite(path)


def connect(path: str, *, durable: bool) -> sqlite3.Connection:
    """
    Open a connection and bring its schema up to date.

    Raises:
        StoreUnusable: SQLite is too old, the file cannot be opened, or its schema is newer than this library.
    """
    if sqlite3.sqlite_version_info < _OLDEST:
        raise StoreUnusable(f"SQLite {sqlite3.sqlite_version} is too old; 3.38 or newer is needed")
    try:
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(
            path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        if path != ":memory:":
            _switch_to_wal(db)
        db.execute(f"pragma synchronous = {'full' if durable else 'off'}")
        for pragma in ("foreign_keys = on", "temp_store = memory", "cache_size = -65536"):
            db.execute(f"pragma {pragma}")
        _migrate(db)
    except (sqlite3.Error, OSError) as error:
        raise StoreUnusable(f"cannot open the SQLite file {path!r}: {error}") from None
    return db


def _reader(path: str) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False, cached_statements=256)
    db.execute("pragma query_only = on")
    return db


def _switch_to_wal(db: sqlite3.Connection) -> None:
    """Somebody else may be opening the same file: SQLite does not wait here by itself."""
    patient = Retrying(
        retry=retry_if_exception_message(match=".*locked.*"),
        stop=stop_after_delay(_PATIENCE),
        wait=wait_fixed(0.05),
        reraise=True,
    )
    patient(db.execute, "pragma journal_mode = wal")


def _migrate(db: sqlite3.Connection) -> None:
    steps = migrations("sqlite")
    if _version(db) == max(steps):
        return  # without waiting for whoever writes just now
    with _transaction(db):
        version = _version(db)
        if version > max(steps):
            raise StoreUnusable(
                f"the schema has version {version}, this library knows {max(steps)}: install a newer proactive-notify"
            )
        for number, script in steps.items():
            if number > version:
                for statement in _split(script):
                    db.execute(statement)
                db.execute("delete from pn_meta")
                db.execute("insert into pn_meta (version) values (?)", (number,))


def _version(db: sqlite3.Connection) -> int:
    there = db.execute("select 1 from sqlite_master where name = 'pn_meta'").fetchone()
    return int(db.execute("select max(version) from pn_meta").fetchone()[0]) if there else 0


@contextmanager
def _transaction(db: sqlite3.Connection, *, begins_late: bool = False) -> Iterator[None]:
    """Commit if all goes well, else roll back. One that begins late begins with the first statement that writes."""
    if not begins_late:
        db.execute("begin immediate")
    went_well = False
    try:
        yield
        went_well = True
    finally:
        if db.in_transaction:
            db.execute("commit" if went_well else "rollback")


def _split(script: str) -> list[str]:
    found, text = [], ""
    for line in script.splitlines(keepends=True):
        text += line
        if sqlite3.complete_statement(text):
            found.append(text)
            text = ""
    return found


def drive(db: sqlite3.Connection, unit: Unit[T], *, begins_late: bool = False) -> T:
    """Run a unit to its end on a connection; the transaction is the caller's, or begins with what writes."""
    texts = statements("sqlite")
    try:
        statement: Statement = next(unit)
        while True:
            text = texts[statement.name]
            if begins_late and not db.in_transaction and not text.startswith("select"):
                db.execute("begin immediate")
            statement = unit.send(_run(db, text, statement.values))
    except StopIteration as stop:
        result: T = stop.value
        return result


def _run(db: sqlite3.Connection, text: str, values: Any) -> list[Row]:
    if isinstance(values, dict):
        return db.execute(text, values).fetchall()
    db.executemany(text, values)
    return []


class InlineSqlite:
    """
    Runs units at once, on the calling thread. What it holds need not survive: no sync to disk.
    """

    def __init__(self, path: str = ":memory:") -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None

    async def open(self) -> None:
        self._db = connect(self._path, durable=False)

    async def close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    async def run(self, unit: Factory[T], *, is_urgent: bool = False) -> T:
        return self.run_sync(unit)

    async def read(self, unit: Factory[T]) -> T:
        return drive(_opened(self._db), unit())

    def run_sync(self, unit: Factory[T]) -> T:
        """Run a unit; nobody else is on this connection, so what only reads needs no transaction."""
        db = _opened(self._db)
        with _transaction(db, begins_late=True):
            return drive(db, unit(), begins_late=True)


class _Job:
    """A unit that waits for the writer, and where its answer goes."""

    __slots__ = ("answer", "error", "future", "is_urgent", "loop", "unit")

    def __init__(
        self, unit: Factory[Any], future: Any, loop: asyncio.AbstractEventLoop | None, *, is_urgent: bool = False
    ) -> None:
        self.unit, self.future, self.loop, self.is_urgent = unit, future, loop, is_urgent
        self.answer: Any = None
        self.error: BaseException | None = None

    def resolve(self) -> None:
        if self.loop is None or not self.future.cancelled():
            if self.error is not None:
                self.future.set_exception(self.error)
            else:
                self.future.set_result(self.answer)


class ThreadedSqlite:
    """
    Runs units on one writer thread. Each waits for its COMMIT; those that wait together share one.

    What only reads has a connection of its own, and never waits for whoever writes.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._db: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self._reading = threading.Lock()

    async def open(self) -> None:
        self._db = connect(self._path, durable=True)
        self._reader = _reader(self._path) if self._path != ":memory:" else None
        self._thread = threading.Thread(
            target=self._write, args=(self._db,), name="proactive_notify writer", daemon=True
        )
        self._thread.start()

    async def close(self) -> None:
        db, self._db = self._db, None
        if self._thread is not None:
            self._queue.put(None)
            await asyncio.to_thread(self._thread.join)
            self._thread = None
        _answer(self._left_over())
        with self._reading:
            for each in (self._reader, db):
                if each is not None:
                    each.close()
            self._reader = None

    def _left_over(self) -> list[_Job]:
        """Those who came while the store closed: they are refused, not forgotten."""
        jobs = []
        while not self._queue.empty():
            job = self._queue.get()
            if job is not None:
                job.error = StoreUnusable("the store is closed")
                jobs.append(job)
        return jobs

    async def run(self, unit: Factory[T], *, is_urgent: bool = False) -> T:
        _opened(self._db)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._queue.put(_Job(unit, future, loop, is_urgent=is_urgent))
        return await future

    async def read(self, unit: Factory[T]) -> T:
        _opened(self._db)
        return await (self.run(unit) if self._reader is None else asyncio.to_thread(self._read, unit))

    def _read(self, unit: Factory[T]) -> T:
        with self._reading:
            db = _opened(self._reader)
            try:
                db.execute("begin")
                return drive(db, unit())
            except sqlite3.Error as error:
                failed = StoreUnusable(f"SQLite could not read: {error}")
            finally:
                if db.in_transaction:
                    db.execute("rollback")
        raise failed

    def run_sync(self, unit: Factory[T]) -> T:
        _opened(self._db)
        future: Future[T] = Future()
        self._queue.put(_Job(unit, future, None))
        return future.result()

    def _write(self, db: sqlite3.Connection) -> None:
        """The thread: take what waits, run it in one transaction, commit, answer."""
        while True:
            jobs, go_on = self._take()
            urgent, others = [job for job in jobs if job.is_urgent], [job for job in jobs if not job.is_urgent]
            for group in (urgent, others):
                if group:
                    _commit_together(db, group)
                    _answer(group)
            if not go_on:
                return

    def _take(self) -> tuple[list[_Job], bool]:
        first = self._queue.get()
        if first is None:
            return [], False
        jobs = [first]
        while len(jobs) < _GROUP and not self._queue.empty():
            job = self._queue.get()
            if job is None:
                return jobs, False
            jobs.append(job)
        return jobs, True


def _commit_together(db: sqlite3.Connection, jobs: list[_Job]) -> None:
    """Run units in one transaction, a savepoint each: one that fails takes nobody with it."""
    try:
        db.execute("begin immediate")
        for job in jobs:
            _run_in_savepoint(db, job)
        db.execute("commit")
    except sqlite3.Error as error:
        if db.in_transaction:
            db.execute("rollback")
        failed = StoreUnusable(f"SQLite could not commit: {error}")
        for job in jobs:
            job.error = job.error or failed


def _run_in_savepoint(db: sqlite3.Connection, job: _Job) -> None:
    db.execute("savepoint unit")
    try:
        job.answer = drive(db, job.unit())
    except sqlite3.OperationalError as error:  # no space, no lock, no file: of no unit's making
        job.error = StoreUnusable(f"SQLite could not write: {error}")
    except Exception as error:  # one unit's failure is its caller's; the thread goes on
        job.error = error
    if job.error is not None and not db.in_transaction:
        raise sqlite3.OperationalError("the transaction was rolled back")
    db.execute("rollback to unit" if job.error is not None else "release unit")
    if job.error is not None:
        db.execute("release unit")


def _answer(jobs: list[_Job]) -> None:
    for job in jobs:
        if job.loop is None:
            job.resolve()
        elif not job.loop.is_closed():
            with suppress(RuntimeError):  # the loop closed between the two: nobody waits any more
                job.loop.call_soon_threadsafe(job.resolve)


def _opened(db: sqlite3.Connection | None) -> sqlite3.Connection:
    if db is None:
        raise StoreUnusable("the store is not open")
    return db
