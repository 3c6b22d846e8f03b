"""
Turns queued messages into sent ones: claim with a lease, gate, render, send, settle.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from .._policy.cases import Case, Rulebook
from .._store.claims import Claimed, Claims, Handoff, Room
from .._store.memory import Memory
from .._store.sending import Outcome, claim, renew
from .._store.sqlite import Store
from ..channels.channel import Channel
from ..clock import Clock
from ..domain.messages import MessageState
from .delivery import Delivery
from .settling import Settler
from .telemetry import Observers, log

#: What was handed over and waited longer than this is read again: the order may have moved on.
_STALE = timedelta(seconds=1)


class Sender:
    """
    Args:
        delivery: what is done with one message.
        lease: how long a claim is ours.
        concurrency: how many messages of a channel are under way at once.
    """

    def __init__(
        self,
        store: Store,
        rules: Rulebook,
        clock: Clock,
        observers: Observers,
        *,
        channels: Mapping[str, Channel],
        delivery: Delivery,
        lease: timedelta,
        concurrency: int = 32,
    ) -> None:
        self._store, self._rules, self._clock = store, rules, clock
        self._channels, self._delivery = channels, delivery
        self._settler = Settler(store, rules, clock, observers)
        self._lease, self._concurrency = lease, concurrency
        self._slots = {name: asyncio.Semaphore(concurrency) for name in channels}
        self._memory = Memory(clock)
        #: Channel → how many messages are under way, or promised to be handed over.
        self._busy: Counter[str] = Counter()
        #: Token → how many messages are held with it.
        self._held: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        #: Token → what is to be handed over.
        self._promised: dict[str, asyncio.Future[None]] = {}
        #: Something may be due that is not under way here.
        self.has_backlog = True
        self._is_done = asyncio.Event()
        #: Called when a message is done and there is a backlog.
        self.wake: Callable[[], None] = lambda: None

    # -- one pass, side by side ---------------------------------------------------------------------------------------

    async def send_some(self) -> int:
        """
        Claim what there is room for, send it side by side, and settle it; return how many were claimed.

        A pass that is cancelled settles what it knows: what was sent is sent, what was under way is uncertain.
        """
        claims = await self._claim()
        if not claims.found:
            return 0
        tries = [asyncio.ensure_future(self._delivery.deliver(each)) for each in claims.found]
        try:
            await asyncio.wait(tries)
        except asyncio.CancelledError:
            for each in tries:
                each.cancel()
            await asyncio.wait(tries)
            await asyncio.shield(self._settle_all([each.result() for each in tries]))
            raise
        await self._settle_all([each.result() for each in tries])
        return len(claims.found)

    async def _settle_all(self, outcomes: Sequence[Outcome]) -> None:
        try:
            await self._settler.settle(outcomes)
        finally:
            for each in outcomes:
                self._let_go(each.claimed)

    # -- a stream, each by itself -------------------------------------------------------------------------------------

    async def start_some(self) -> Claims:
        """Claim what there is room for and leave it under way; each message is settled by itself."""
        sees_all = all(self._left(name) and self._delivery.breakers[name].is_closed for name in self._channels)
        claims = await self._claim()
        if claims.found or sees_all:
            self.has_backlog = bool(claims.found)
        for each in claims.found:
            self._start(each)
        return claims

    def handoff(self) -> Handoff | None:
        """Return how much can be handed over at once; what is promised here is given back by :meth:`take`."""
        rooms = {name: self._left(name) for name in self._channels if self._is_open(name)}
        rooms = {name: room for name, room in rooms.items() if room > 0}
        if not rooms:
            return None
        self._busy.update(rooms)
        handoff = Handoff(token=secrets.token_hex(8), lease=self._lease, rooms=rooms)
        self._promised[handoff.token] = asyncio.get_running_loop().create_future()
        return handoff

    def take(self, claimed: Sequence[Claimed], handoff: Handoff) -> None:
        """Take what was handed over."""
        self._busy.subtract(handoff.rooms)
        for each in claimed:
            self._hold(each)
            self._start(each, since=self._clock.now())
        self._promised.pop(handoff.token).set_result(None)
        self._is_done.set()
        if self.has_backlog:
            self.wake()

    def look(self, waiting: Mapping[str, tuple[int, Case]] | None = None) -> None:
        """
        Something is due that was not handed over.

        Args:
            waiting: the orders with their versions and cases, if they are known.
        """
        for order_id, (version, case) in (waiting or {}).items():
            self._memory.put(order_id, version, case)
        self.has_backlog = True
        self.wake()

    def _is_open(self, name: str) -> bool:
        return self._delivery.breakers[name].is_closed and self._channels[name].pace is None

    def _left(self, name: str) -> int:
        return max(0, self._concurrency - self._busy[name])

    async def has_room(self) -> None:
        """Return when there is room on a channel: for half of what may be under way, so that claims are few."""
        enough = self._concurrency // 2
        while self._tasks and all(self._busy[name] > enough for name in self._channels):
            self._is_done.clear()
            await self._is_done.wait()

    async def drain(self) -> None:
        """Return when nothing is under way. What cannot be written down now is given up soon."""
        self._settler.is_last_chance = True
        while pending := {*self._tasks, *self._promised.values()}:
            await asyncio.wait(pending)

    def _start(self, claimed: Claimed, since: datetime | None = None) -> None:
        task = asyncio.create_task(self._alone(claimed, since))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _alone(self, claimed: Claimed, since: datetime | None) -> None:
        slot = self._slots.get(claimed.message.channel)
        try:
            if slot is None:
                outcome = await self._delivery.deliver(claimed)
            else:
                async with slot:
                    is_late = since is not None and self._clock.now() - since > _STALE
                    outcome = self._delivery.untouched(claimed) if is_late else await self._delivery.deliver(claimed)
            await self._settler.settle_with_others(outcome)
            self.has_backlog = self.has_backlog or self._goes_on(outcome)
        except Exception as error:
            log.error("order %s: what was sent could not be settled: %s", claimed.case.order_id, type(error).__name__)
        finally:
            self._let_go(claimed)
            self._is_done.set()
            if self.has_backlog:
                self.wake()

    def _goes_on(self, outcome: Outcome) -> bool:
        """Whether something may be due now: the next channel's try, what was handed back, the order's next message."""
        if outcome.fallback is not None or (outcome.state is MessageState.QUEUED and outcome.due_at is None):
            return True
        case, message = outcome.claimed.case, outcome.claimed.message
        followers = (each for each in case.messages if each.notice_row > message.notice_row and each.is_live)
        return case.order_id in self._memory or any(followers)

    # -- leases -------------------------------------------------------------------------------------------------------

    async def _claim(self) -> Claims:
        token, now, shop = secrets.token_hex(8), self._clock.now(), self._rules.shop.key
        rooms, other = {name: self._room(name, now) for name in self._channels}, Room(limit=self._concurrency)
        taken = {name: room.limit for name, room in rooms.items()}
        self._busy.update(taken)  # or what is handed over meanwhile would take the same room
        try:
            claims = await self._store.run(
                lambda: claim(
                    now=self._clock.now(),  # when the store lets us: a lease that began earlier may have ended
                    token=token,
                    lease=self._lease,
                    rooms=rooms,
                    other=other,
                    shop=shop,
                    memory=self._memory,
                )
            )
        finally:
            self._busy.subtract(taken)
        for each in claims.found:
            self._hold(each)
        return claims

    def _room(self, name: str, now: datetime) -> Room:
        breaker, wanted = self._delivery.breakers[name], self._left(name)
        room = breaker.room(now, wanted)
        if wanted and breaker.until is not None and breaker.until > now:
            return Room(limit=wanted, before=breaker.until)
        return Room(limit=room, pace=self._channels[name].pace)

    async def hold_on(self) -> None:
        """Renew the leases of what is under way: a slow provider must not make somebody else send it too."""
        tokens, shop, clock = list(self._held), self._rules.shop.key, self._clock
        if tokens:
            await self._store.run(lambda: renew(tokens=tokens, now=clock.now(), lease=self._lease, shop=shop))

    def _hold(self, claimed: Claimed) -> None:
        self._busy[claimed.message.channel] += 1
        self._held[claimed.token] += 1

    def _let_go(self, claimed: Claimed) -> None:
        self._busy[claimed.message.channel] -= 1
        self._held[claimed.token] -= 1
        if not self._held[claimed.token]:
            del self._held[claimed.token]
