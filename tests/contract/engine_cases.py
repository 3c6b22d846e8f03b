"""What the tests of the sending engine share: stores that are listened to and that fail, a clock, a quiet moment."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator, Iterable
from typing import Any

from proactive_notify import Notifier, StoreUnusable
from proactive_notify._store.sqlite import InlineSqlite, ThreadedSqlite
from proactive_notify._store.units import Statement, Unit
from proactive_notify.testing import VirtualClock

#: Long enough for any machine; what waits in vain ends here.
PATIENCE = 20
#: So often the loop turns, through the store as well, before it is believed that nothing happens.
TURNS = 25


class Ear:
    """
    Hears what is asked of a store, unit by unit, and makes units fail.

    ``fails_at`` names a statement: the unit that comes to it fails, and all it wrote is taken back.
    """

    def __init__(self) -> None:
        self.units: list[list[Statement]] = []
        self.fails_at = ""
        #: What a unit raises; made anew each time.
        self.failure: Callable[[], Exception] = lambda: StoreUnusable("the disk is full")
        self.failed = 0

    def listen(self, unit: Callable[[], Unit[Any]]) -> Callable[[], Unit[Any]]:
        return lambda: self._heard(unit())

    def _heard(self, unit: Unit[Any]) -> Generator[Statement, Any, Any]:
        said: list[Statement] = []
        self.units.append(said)
        answer: Any = None
        while True:
            try:
                statement = unit.send(answer)
            except StopIteration as stop:
                return stop.value
            said.append(statement)
            if statement.name == self.fails_at:
                self.failed += 1
                raise self.failure()
            answer = yield statement

    def heard(self, name: str) -> list[Statement]:
        """All statements of this name."""
        return [each for said in self.units for each in said if each.name == name]

    def count(self, name: str) -> int:
        """How many units had such a statement."""
        return sum(any(each.name == name for each in said) for said in self.units)


class ListeningInline(InlineSqlite):
    """The inline carrier, listened to."""

    def __init__(self, path: str = ":memory:") -> None:
        super().__init__(path)
        self.ear = Ear()

    def run_sync(self, unit: Any) -> Any:
        return super().run_sync(self.ear.listen(unit))


class ListeningThreaded(ThreadedSqlite):
    """The threaded carrier, listened to."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.ear = Ear()

    async def run(self, unit: Any, **how: Any) -> Any:
        return await super().run(self.ear.listen(unit), **how)

    def run_sync(self, unit: Any) -> Any:
        return super().run_sync(self.ear.listen(unit))


class Gate:
    """Holds the writer thread until it is opened: what is asked of the store meanwhile waits."""

    def __init__(self, store: ThreadedSqlite) -> None:
        self._store = store
        self._reached, self._opens = threading.Event(), threading.Event()

    async def __aenter__(self) -> Gate:
        self._task = asyncio.create_task(self._store.run(self._unit))
        await asyncio.to_thread(self._reached.wait, PATIENCE)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.open()
        await asyncio.wait_for(self._task, PATIENCE)

    def open(self) -> None:
        self._opens.set()

    def _unit(self) -> Unit[None]:
        self._reached.set()
        assert self._opens.wait(PATIENCE)
        yield Statement("worker_last", {"shop": "shop"})


class Turning(VirtualClock):
    """A clock that moves while somebody sleeps, and lets the others have their turn."""

    def __init__(self, *values: Any) -> None:
        super().__init__(*values)
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)
        await super().sleep(seconds)


def _nothing() -> Unit[None]:
    yield Statement("worker_last", {"shop": "shop"})


async def quiet(notifier: Notifier, turns: int = TURNS) -> None:
    """Give everything that could happen now the time to happen: many turns of the loop and of who writes the store."""
    for _ in range(turns):
        await notifier._store.run(_nothing)
        await asyncio.sleep(0)


def of(kind: Any, heard: Iterable[object]) -> list[Any]:
    """Those of the happenings that are of a kind."""
    return [each for each in heard if isinstance(each, kind)]
