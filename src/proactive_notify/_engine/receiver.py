"""
Takes in what providers say of messages that they had taken: delivered, come back, complained of.
"""

from collections.abc import Sequence

from .._policy.cases import Rulebook
from .._store.sqlite import Store
from ..clock import Clock
from ..domain.receipts import Receipt
from .hearing import hear, tell
from .telemetry import Observers


class Receiver:
    def __init__(self, store: Store, rules: Rulebook, clock: Clock, observers: Observers) -> None:
        self._store, self._rules, self._clock, self._observers = store, rules, clock, observers

    async def receive(self, receipts: Sequence[Receipt]) -> int:
        """Take receipts in; return how many were about messages of this shop. The same one twice changes nothing."""
        now = self._clock.now()
        heard = await self._store.run(lambda: hear(receipts, now=now, rules=self._rules))
        tell(heard, self._observers)
        return len(heard)
