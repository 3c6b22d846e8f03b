"""
The table of messages, for those who operate a shop: look at it, and let go again what has ended.
"""

from collections.abc import Callable

from .._policy.cases import Rulebook
from .._store.operating import MessageHistory, OutboxMessage, message_history, outbox, requeue
from .._store.sqlite import Store
from ..clock import Clock
from ..domain.messages import MessageState
from ..errors import UsageError

#: At most so many at a time: a listing holds up those who write.
MOST = 10_000


class Outbox:
    """``notifier.outbox``. Its values hold addresses; they leave them out where they are printed."""

    def __init__(self, store: Store, rules: Rulebook, clock: Clock, *, require_open: Callable[[], None]) -> None:
        self._store, self._rules, self._clock = store, rules, clock
        self._require_open = require_open

    async def list(
        self, *, state: MessageState | None = None, order_id: str | None = None, limit: int = 100
    ) -> tuple[OutboxMessage, ...]:
        """
        Return messages: the newest first, but what waits or is under way by the time at which that ends.

        Args:
            state: only those in this state.
            order_id: only those of this order.
            limit: at most so many, from 1 to 10,000.

        Raises:
            UsageError: the limit is none.
        """
        self._require_open()
        shop, most = self._rules.shop.key, checked(limit)
        return await self._store.read(lambda: outbox(shop, state=state, order_id=order_id, limit=most))

    async def show(self, message_id: str) -> MessageHistory | None:
        """
        Return a message with its siblings, its decisions, and why it may not be requeued; ``None`` if there is none.

        Args:
            message_id: the message's id, its first characters (6 or more), or a mail's ``Message-ID``.

        Raises:
            UsageError: several messages have an id that begins so, or it is too short.
        """
        self._require_open()
        return await self._store.read(lambda: message_history(message_id, rules=self._rules))

    async def requeue(self, message_id: str) -> OutboxMessage:
        """
        Let a message go again that failed, expired, was suppressed or cancelled, or waits for another try: now, with
        its tries counted from nothing. The gate is asked again when it is sent.

        Args:
            message_id: as for :meth:`show`.

        Raises:
            RequeueRefused: somebody would be told twice, or what is no longer so; nothing has changed.
            UsageError: there is no such message, or several.
        """
        self._require_open()
        now = self._clock.now()
        return await self._store.run(lambda: requeue(message_id, now=now, rules=self._rules))


def checked(limit: int) -> int:
    """Return the limit of a listing if it is one."""
    if not 1 <= limit <= MOST:
        raise UsageError(f"a limit is a number from 1 to {MOST:,}, not {limit}")
    return limit
