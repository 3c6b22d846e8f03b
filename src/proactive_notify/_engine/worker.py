"""
The loops: watch, send, clean. All workers are alike, none is a leader.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from .._store import rows
from .._store.sending import waiting
from .._store.sqlite import Store
from .._store.units import Statement, Unit
from ..clock import Clock
from ..errors import StoreUnusable
from .janitor import Janitor
from .sender import Sender
from .staffing import Staffing
from .telemetry import Observers, StoreFailed, log
from .watchdog import Watchdog

#: A worker that was not seen for so long is dead.
DEAD_AFTER = timedelta(minutes=1)
_HOUR = 3600.0
#: A lease is renewed so often, so that who was held up for a moment loses nothing.
_BEATS = 4


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
        observers: Observers,
        *,
        shop: str,
        watchdog: Watchdog,
        sender: Sender,
        janitor: Janitor,
        staffing: Staffing | None = None,
        poll: float,
    ) -> None:
        self._store, self._clock, self._observers, self._poll = store, clock, observers, poll
        self._watchdog, self.sender, self._janitor = watchdog, sender, janitor
        self._staffing = staffing
        self._shop = shop
        self._id = secrets.token_hex(8)
        self._stopping = asyncio.Event()
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def wake(self) -> None:
        """Something is due: look at once."""
        self._news.set()

    def wake_from_thread(self) -> None:
        """Do what :meth:`wake` does, from another thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.sender.look)

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.sender.wake = self.wake
        await self._beat()
        end = self._stopping
        others = (self._watch, self._heartbeat, self._clean, self._staff)
        loops = ((self._send, self._news), *((each, end) for each in others))
        self._tasks = [asyncio.create_task(self._guarded(loop, until)) for loop, until in loops]

    async def stop(self) -> None:
        """Take nothing new, finish what is in flight, and say goodbye."""
        self._stopping.set()
        self._news.set()
        await asyncio.gather(*self._tasks)
        self._tasks = []
        await self.sender.drain()
        await self._store.run(lambda: _gone(self._id, rows.micros(self._clock.now() - 10 * DEAD_AFTER)))

    async def _guarded(self, loop: Callable[[], Awaitable[float]], until: asyncio.Event) -> None:
        """The outermost loop reports and goes on; it rests as long as it says, or until the event."""
        while not self._stopping.is_set():
            seconds = self._poll
            try:
                seconds = await loop()
            except Exception as error:
                said = f": {error}" if isinstance(error, StoreUnusable) else ""
                log.error("the worker's loop failed with %s and goes on%s", type(error).__name__, said)
                self._observers.tell(StoreFailed(work=loop.__name__.strip("_"), error=type(error).__name__))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(until.wait(), seconds)

    async def _watch(self) -> float:
        if await self._watchdog.run_once():
            self.sender.look()
        return self._poll

    async def _send(self) -> float:
        self._news.clear()
        while not self.is_stopping:
            claims = await self.sender.start_some()
            if not claims.found:
                return self._until(claims.again_at)
            await self.sender.has_room()
        return self._poll

    def _until(self, again_at: datetime | None) -> float:
        """Return the seconds to rest: a channel that keeps a pace may have room earlier."""
        if again_at is None:
            return self._poll
        return min(self._poll, max(0.0, (again_at - self._clock.now()).total_seconds()))

    async def _heartbeat(self) -> float:
        began = self._clock.now()  # whoever waited for the store as we did could not renew what it holds since
        await self._beat()
        await self.sender.hold_on()
        if await self._janitor.run_once(now=began, is_patient=True):
            self.sender.look()
        return min(self._poll, self._janitor.lease.total_seconds() / _BEATS)

    async def _clean(self) -> float:
        await self._janitor.delete_old()
        return _HOUR

    async def _staff(self) -> float:
        if self._staffing is None:
            return _HOUR
        await self._staffing.run_once()
        return self._poll

    async def _beat(self) -> None:
        now = rows.micros(self._clock.now())
        await self._store.run(lambda: _seen(self._id, self._shop, now))


def _seen(worker: str, shop: str, now: int) -> Unit[None]:
    yield Statement("worker_seen", {"id": worker, "shop": shop, "now": now})


def _gone(worker: str, long_ago: int) -> Unit[None]:
    yield Statement("worker_gone", {"id": worker, "long_ago": long_ago})


def unattended(*, since: datetime, dead_before: datetime, shop: str) -> Unit[int]:
    """Return how many messages have been due since ``since`` while no worker lives."""
    ((seen_at,),) = yield Statement("worker_last", {"shop": shop})
    if seen_at is not None and seen_at >= rows.micros(dead_before):
        return 0
    return (yield from waiting(now=since, shop=shop))
