"""
Takes events in. Calls that come while the store is busy are recorded together with the next ones.
"""

import asyncio
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from .._policy.cases import Rulebook
from .._store.claims import Handoff
from .._store.recording import Recorded, Recording, record, record_together
from .._store.sqlite import Store
from ..clock import Clock
from ..domain.event import Event
from ..domain.wire import kept
from ..errors import StoreUnusable
from .sender import Sender
from .telemetry import EventsRecorded, Observers

#: At most so many events at a time: a unit holds the write lock.
_BITE = 32
#: One is being committed while the next one is gathered.
_WRITERS = 2


@dataclass(slots=True, eq=False)
class _Call:
    events: Sequence[Event]
    future: asyncio.Future[Recorded]
    began: float


class Recorder:
    """
    Fills in what an event left out, and records it.

    Args:
        sender: gives the sender of this process that has room now; ``None`` if there is none.
    """

    def __init__(
        self,
        store: Store,
        rules: Rulebook,
        clock: Clock,
        observers: Observers,
        *,
        sender: Callable[[], Sender | None] = lambda: None,
    ) -> None:
        self._store, self._rules, self._clock, self._observers = store, rules, clock, observers
        self._sender = sender
        self._waiting: deque[_Call] = deque()
        self._writers: set[asyncio.Task[None]] = set()
        #: The orders of what is being recorded.
        self._under_way: set[str] = set()

    async def record(self, events: Sequence[Event]) -> Recorded:
        call = _Call(self._filled(events), asyncio.get_running_loop().create_future(), self._clock.monotonic())
        self._waiting.append(call)
        if len(self._writers) < _WRITERS:
            self._writers.add(asyncio.create_task(self._write()))
        return await call.future

    def record_sync(self, events: Sequence[Event]) -> Recorded:
        filled, began, clock = self._filled(events), self._clock.monotonic(), self._clock
        recorded = self._store.run_sync(lambda: record(filled, now=clock.now(), rules=self._rules))
        return self._told(recorded, count=len(filled), began=began)

    def _filled(self, events: Sequence[Event]) -> list[Event]:
        now, source = self._clock.now(), self._rules.shop.key
        return [kept(event.filled(id=uuid.uuid4().hex, source=source, at=now)) for event in events]

    def _told(self, recorded: Recorded, *, count: int, began: float) -> Recorded:
        took = timedelta(seconds=max(0.0, self._clock.monotonic() - began))
        self._observers.tell_staff(recorded.staff)
        self._observers.tell(EventsRecorded(new=recorded.new, known=count - recorded.new, took=took))
        return recorded

    async def drain(self) -> None:
        """Return when nothing is being recorded."""
        while self._writers:
            await asyncio.wait(self._writers)

    # -- together -----------------------------------------------------------------------------------------------------

    async def _write(self) -> None:
        try:
            await self._write_all()
        finally:
            # At once: a call that comes now has to see that nobody writes any more.
            self._writers -= {task for task in self._writers if task is asyncio.current_task()}

    async def _write_all(self) -> None:
        while calls := self._next():
            try:
                await self._write_together(calls)
            finally:
                self._under_way -= _orders(calls)

    async def _write_together(self, calls: Sequence[_Call]) -> None:
        sender = self._sender()
        handoff = sender.handoff() if sender else None
        recording: Recording | Exception | None = None
        try:
            recording = await self._attempt(calls, handoff)
        finally:
            if sender and handoff:
                sender.take(recording.claimed if isinstance(recording, Recording) else (), handoff)
        if isinstance(recording, (Recording, StoreUnusable)) or len(calls) == 1:
            self._answer(calls, recording)
            return
        for call in calls:  # one of them is wrong: it must not take the others with it
            self._answer([call], await self._attempt([call], None))

    def _next(self) -> list[_Call]:
        """Take what waits, up to the first call about an order that another call under way is about."""
        calls: list[_Call] = []
        orders = set(self._under_way)
        count = 0
        while self._waiting and count < _BITE:
            call = self._waiting[0]
            its = {event.order_id for event in call.events}
            if its & orders:
                break
            orders |= its
            count += len(call.events)
            calls.append(self._waiting.popleft())
        self._under_way |= _orders(calls)
        return calls

    async def _attempt(self, calls: Sequence[_Call], handoff: Handoff | None) -> Recording | Exception:
        events, rules, clock = [call.events for call in calls], self._rules, self._clock
        try:
            return await self._store.run(lambda: record_together(events, now=clock.now(), rules=rules, handoff=handoff))
        except Exception as error:
            return error

    def _answer(self, calls: Sequence[_Call], recording: Recording | Exception) -> None:
        if isinstance(recording, Exception):
            for call in calls:
                if not call.future.done():
                    call.future.set_exception(recording)
            return
        if recording.waiting and (sender := self._sender()):
            sender.look(recording.waiting)
        for call, recorded in zip(calls, recording.answers, strict=True):
            self._told(recorded, count=len(call.events), began=call.began)
            if not call.future.done():
                call.future.set_result(recorded)


def _orders(calls: Sequence[_Call]) -> set[str]:
    return {event.order_id for call in calls for event in call.events}
