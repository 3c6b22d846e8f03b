"""
Finds promises past due and records that. It sends nothing.
"""

from .._policy.cases import Rulebook
from .._store.sqlite import Store
from .._store.watching import watch
from ..clock import Clock
from .telemetry import Observers

#: At most so many at a time: a unit holds the write lock.
BITE = 100


class Watchdog:
    def __init__(self, store: Store, rules: Rulebook, clock: Clock, observers: Observers) -> None:
        self._store, self._rules, self._clock, self._observers = store, rules, clock, observers

    async def run_once(self) -> int:
        """Record what is due, until fewer came than were asked for; return how many."""
        total = found = await self._bite()
        while found == BITE:
            found = await self._bite()
            total += found
        return total

    async def _bite(self) -> int:
        now = self._clock.now()
        found, words = await self._store.run(lambda: watch(now=now, rules=self._rules, limit=BITE))
        self._observers.tell_staff(words)
        return found
