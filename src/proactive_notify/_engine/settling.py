"""
Writes down what became of messages: together, and again until it is written.
"""

import asyncio
import itertools
from collections.abc import Sequence

from .._policy.cases import Rulebook
from .._store.sending import Outcome
from .._store.sqlite import Store
from ..clock import Clock
from ..domain.messages import MessageState
from ..errors import StoreUnusable
from .hearing import settle_and_hear, tell
from .telemetry import AddressSuppressed, LeaseLost, MessageFailed, MessageSent, Observers, StoreFailed, log

#: Seconds between two tries to write.
_PAUSE = 1.0
#: So many tries where a worker stops.
_LAST_TRIES = 5
#: At most so many at a time: a unit holds the write lock.
_BITE = 100


class Settler:
    """
    What was sent and is not written down would go again, so it is kept in memory and tried until the store takes it.

    Those who settle at the same time share a unit.
    """

    def __init__(self, store: Store, rules: Rulebook, clock: Clock, observers: Observers) -> None:
        self._store, self._rules, self._clock, self._observers = store, rules, clock, observers
        self._waiting: list[tuple[Outcome, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        #: Set it where nobody can wait for ever.
        self.is_last_chance = False

    async def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Write outcomes as one unit."""
        now, rules = self._clock.now(), self._rules
        ours, heard = await self._store.run(lambda: settle_and_hear(outcomes, now=now, rules=rules), is_urgent=True)
        self._tell(outcomes, ours)
        tell(heard, self._observers)

    async def settle_with_others(self, outcome: Outcome) -> None:
        """Return when the outcome is written; it shares a unit with what comes meanwhile."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((outcome, future))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        await future

    async def _write(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:_BITE], self._waiting[_BITE:]
                failure: Exception | None = None
                try:
                    await self._until_written([outcome for outcome, _ in batch])
                except Exception as error:
                    failure = error
                for _, future in batch:
                    if not future.done():
                        future.set_exception(failure) if failure else future.set_result(None)
        finally:
            self._writer = None

    async def _until_written(self, outcomes: Sequence[Outcome]) -> None:
        for number in itertools.count(1):
            try:
                await self.settle(outcomes)
            except StoreUnusable as error:
                if self.is_last_chance and number >= _LAST_TRIES:
                    raise
                failure = str(error)
            else:
                return
            log.error("%s messages could not be settled, and are tried again: %s", len(outcomes), failure)
            self._observers.tell(StoreFailed(work="settle", error="StoreUnusable"))
            await self._clock.sleep(_PAUSE)

    def _tell(self, outcomes: Sequence[Outcome], ours: Sequence[Outcome]) -> None:
        """Tell the observers, and the staff, what became of messages."""
        for each in ours:
            self._tell_of(each)
        if len(ours) < len(outcomes):
            lost = len(outcomes) - len(ours)
            log.warning("%s messages had been taken over by another worker before they were settled", lost)
            self._observers.tell(LeaseLost(count=lost))

    def _tell_of(self, outcome: Outcome) -> None:
        message, order_id = outcome.claimed.message, outcome.claimed.case.order_id
        notice, channel = outcome.claimed.notice.notice, message.channel
        if outcome.state is MessageState.SENT:
            sent = MessageSent(
                order_id=order_id,
                notice=notice,
                channel=channel,
                attempts=message.attempts,
                waited=outcome.waited,
                took=outcome.took,
            )
            self._observers.tell(sent)
        elif outcome.rule and not (outcome.held and outcome.is_no_try) and outcome.state is not MessageState.CANCELLED:
            failed = MessageFailed(
                order_id=order_id, notice=notice, channel=channel, rule=outcome.rule, again_at=outcome.due_at
            )
            self._observers.tell(failed)
        if outcome.is_suppressed:
            self._observers.tell(AddressSuppressed(channel=channel, cause=outcome.rule, order_id=order_id))
        if outcome.staff is not None:
            self._observers.tell_staff([outcome.staff])
