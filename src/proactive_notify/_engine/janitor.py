"""
Puts back what dead senders held, and deletes what is past its retention.
"""

from datetime import datetime, timedelta

from .._policy.cases import Rulebook
from .._store import rows
from .._store.replying import forget
from .._store.sending import Reaped, make_due, reap
from .._store.sqlite import Store
from .._store.units import Statement, Unit
from ..clock import Clock
from .hearing import Heard, hear_early, tell
from .telemetry import LeaseRescued, Observers

#: How many ended orders are deleted at a time.
BITE = 100
#: A clock that is set back by fewer seconds makes nobody wait long.
_STEP_BACK = 1.0
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
        self.lease, self._retention = lease, retention
        #: When a lease was first seen that ends too far ahead.
        self._far_since: float | None = None
        #: How far the clock was ahead of the seconds that passed.
        self._ahead: float | None = None

    async def run_once(self, *, now: datetime | None = None, is_patient: bool = False) -> int:
        """
        Put back expired leases; return how many.

        Args:
            now: when whoever holds them could last have renewed them.
            is_patient: wait for the length of a lease before one that ends too far ahead is put back.
        """
        at, since = now or self._clock.now(), self._clock.monotonic()
        waited = 0.0 if self._far_since is None else since - self._far_since
        and_far = not is_patient or waited >= self.lease.total_seconds()
        reaped, heard = await self._store.run(
            lambda: _rescue(now=at, lease=self.lease, and_far=and_far, rules=self._rules)
        )
        self._far_since = (self._far_since or since) if reaped.is_far else None
        if reaped.early:
            self._observers.tell(LeaseRescued(count=len(reaped.early)))
        tell(heard, self._observers)
        await self._look_at_the_clock()
        return len(reaped.early)

    async def _look_at_the_clock(self) -> None:
        """What was queued before the clock was set back is due; so it is asked at first, and when it was set back."""
        now, shop = self._clock.now(), self._rules.shop.key
        ahead = now.timestamp() - self._clock.monotonic()
        if self._ahead is None or ahead < self._ahead - _STEP_BACK:
            await self._store.run(lambda: make_due(now=now, shop=shop))
        self._ahead = ahead

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


def _rescue(*, now: datetime, lease: timedelta, and_far: bool, rules: Rulebook) -> Unit[tuple[Reaped, list[Heard]]]:
    """Put back expired leases; what a provider has spoken of was sent."""
    reaped = yield from reap(now=now, lease=lease, shop=rules.shop.key, and_far=and_far)
    return reaped, (yield from hear_early(reaped.early, now=now, rules=rules))


def _delete(before: int, shop: str) -> Unit[int]:
    found = yield Statement("ended_orders", {"before": before, "shop": shop, "limit": BITE})
    orders = rows.as_json([order_id for (order_id,) in found])
    for what in ("messages", "notices", "promises", "decisions", "staff_words", "parcels", "events", "orders"):
        yield Statement(f"erase_{what}", {"shop": shop, "orders": orders})
    return len(found)
