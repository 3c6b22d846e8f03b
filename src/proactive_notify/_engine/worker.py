"""
The loops: watch, send, clean. All workers are alike, none is a leader.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta

from .._store import rows
from .._store.sqlite import Store
from .._store.units import Statement, Unit
from ..clock import Clock
from .janitor import Janitor
from .sender import Sender
from .telemetry import log
from .watchdog import Watchdog

#: A worker that was not seen for so long is dead.
DEAD_AFTER = timedelta(minutes=1)
_HOUR = 3600.0


class Worker:
    """
    Runs until it is stopped. It stops cleanly: what is in flight is finished, the rest is handed back.

    Args:
        poll: seconds between two looks at the table, where nothing wakes it earlier.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        shop: str,
        watchdog: Watchdog,
        sender: Sender,
        janitor: Janitor,
        concurrency: int,
        poll: float,
    ) -> None:
        self._store, self._clock, self._poll = store, clock, poll
        self._watchdog, self._sender, self._janitor = watchdog, sender, janitor
        self._shop, self._concurrency = shop, concurrency
        self._id = secrets.token_hex(8)
        self._stopping = asyncio.Event()
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._under_way: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Something was recorded: look at once."""
        self._news.set()

    async def start(self) -> None:
        await self._beat()
        loops = ((self._send_and_watch, self._news), (self._heartbeat, self._stopping), (self._clean, self._stopping))
        self._tasks = [asyncio.create_task(self._guarded(loop, until)) for loop, until in loops]

    async def stop(self) -> None:
        """Take nothing new, finish what is in flight, and say goodbye."""
        self._stopping.set()
        self._news.set()
        await asyncio.gather(*self._tasks)
        self._tasks = []
        while self._under_way:
            await asyncio.wait(self._under_way)
        await self._store.run(lambda: _gone(self._id, rows.micros(self._clock.now() - 10 * DEAD_AFTER)))

    async def _guarded(self, loop: Callable[[], Awaitable[float]], until: asyncio.Event) -> None:
        """The outermost loop reports and goes on; it rests as long as it says, or until the event."""
        while not self._stopping.is_set():
            seconds = self._poll
            try:
                seconds = await loop()
            except Exception as error:
                log.error("the worker's loop failed with %s and goes on", type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(until.wait(), seconds)

    async def _send_and_watch(self) -> float:
        self._news.clear()
        await self._watchdog.run_once()
        while not self._stopping.is_set() and (room := self._concurrency - len(self._under_way)):
            started = await self._sender.start_some(room)
            if not started:
                break
            for task in started:
                self._under_way.add(task)
                task.add_done_callback(self._done)
        return self._poll

    def _done(self, task: asyncio.Task[None]) -> None:
        """There is room again, and what waited behind this message may be free."""
        self._under_way.discard(task)
        self.wake()

    async def _heartbeat(self) -> float:
        await self._beat()
        await self._sender.hold_on()
        await self._janitor.run_once()
        return self._poll

    async def _clean(self) -> float:
        await self._janitor.delete_old()
        return _HOUR

    async def _beat(self) -> None:
        now = rows.micros(self._clock.now())
        await self._store.run(lambda: _seen(self._id, self._shop, now))


def _seen(worker: str, shop: str, now: int) -> Unit[None]:
    yield Statement("worker_seen", {"id": worker, "shop": shop, "now": now})


def _gone(worker: str, long_ago: int) -> Unit[None]:
    yield Statement("worker_gone", {"id": worker, "long_ago": long_ago})


def unattended(*, since: int, dead_before: int, shop: str) -> Unit[int]:
    """Return how many messages have been due since ``since`` while no worker lives."""
    ((seen_at,),) = yield Statement("worker_last", {"shop": shop})
    if seen_at is not None and seen_at >= dead_before:
        return 0
    ((count,),) = yield Statement("message_waiting", {"since": since, "shop": shop})
    return int(count)
