"""
Puts back what dead senders held, and deletes what is past its retention.
"""

from datetime import datetime, timedelta

from .._policy.cases import Rulebook
from .._store import rows
from .._store.replying import forget
from .._store.sending import reap
from .._store.sqlite import Store
from .._store.units import Statement, Unit
from ..clock import Clock
from .hearing import Heard, hear_early, tell
from .telemetry import LeaseRescued, Observers

#: How many ended orders are deleted at a time.
BITE = 100
#: So long a reply is known again; providers call again for some hours.
_REPLIES = timedelta(days=30)


class Janitor:
    """
    Args:
        lease: how long a sender holds what it claimed.
        retention: how long after its last fact an ended order is kept; ``None``: for ever.
    """

    def __init__(
        self,
        store: Store,
        rules: Rulebook,
        clock: Clock,
        observers: Observers,
        *,
        lease: timedelta,
        retention: timedelta | None,
    ) -> None:
        self._store, self._rules, self._clock, self._observers = store, rules, clock, observers
        self._lease, self._retention = lease, retention

    async def run_once(self) -> int:
        """Put back expired leases; return how many."""
        now = self._clock.now()
        count, heard = await self._store.run(lambda: _rescue(now=now, lease=self._lease, rules=self._rules))
        if count:
            self._observers.tell(LeaseRescued(count=count))
        tell(heard, self._observers)
        return count

    async def delete_old(self) -> int:
        """Delete ended orders past their retention, with all that belongs to them; return how many."""
        await self._forget_replies()
        if self._retention is None:
            return 0
        before, shop, total = self._clock.now() - self._retention, self._rules.shop.key, 0
        while True:
            found = await self._store.run(lambda: _delete(rows.micros(before), shop))
            total += found
            if found < BITE:
                return total

    async def _forget_replies(self) -> None:
        before, shop, found = self._clock.now() - _REPLIES, self._rules.shop.key, BITE
        while found == BITE:
            found = await self._store.run(lambda: forget(before=before, shop=shop, limit=BITE))


def _rescue(*, now: datetime, lease: timedelta, rules: Rulebook) -> Unit[tuple[int, list[Heard]]]:
    """Put back expired leases; what a provider has spoken of was sent."""
    early = yield from reap(now=now, lease=lease, shop=rules.shop.key)
    return len(early), (yield from hear_early(early, now=now, rules=rules))


def _delete(before: int, shop: str) -> Unit[int]:
    found = yield Statement("ended_orders", {"before": before, "shop": shop, "limit": BITE})
    orders = rows.as_json([order_id for (order_id,) in found])
    for what in ("messages", "notices", "promises", "decisions", "staff_words", "parcels", "events", "orders"):
        yield Statement(f"erase_{what}", {"shop": shop, "orders": orders})
    return len(found)
