"""
Takes events in.
"""

import uuid
from collections.abc import Sequence

from .._policy.cases import Rulebook
from .._store.recording import Recorded, record
from .._store.sqlite import Store
from ..clock import Clock
from ..domain.event import Event
from .telemetry import Observers


class Recorder:
    """Fills in what an event left out, and records it."""

    def __init__(self, store: Store, rules: Rulebook, clock: Clock, observers: Observers) -> None:
        self._store, self._rules, self._clock, self._observers = store, rules, clock, observers

    async def record(self, events: Sequence[Event]) -> Recorded:
        filled, now = self._filled(events), self._clock.now()
        return self._told(await self._store.run(lambda: record(filled, now=now, rules=self._rules)))

    def record_sync(self, events: Sequence[Event]) -> Recorded:
        filled, now = self._filled(events), self._clock.now()
        return self._told(self._store.run_sync(lambda: record(filled, now=now, rules=self._rules)))

    def _filled(self, events: Sequence[Event]) -> list[Event]:
        now, source = self._clock.now(), self._rules.shop.key
        return [event.filled(id=uuid.uuid4().hex, source=source, at=now) for event in events]

    def _told(self, recorded: Recorded) -> Recorded:
        self._observers.tell_staff(recorded.staff)
        return recorded
