"""
The real planner, the real SQL and the real templates, in virtual time.
"""

import os
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from .._policy.policy import Policy
from .._store.recording import Recorded
from .._store.sqlite import InlineSqlite, Store
from .._store.watching import next_due
from ..channels.channel import Channel
from ..channels.email import Email
from ..channels.staff import Staff
from ..domain.customers import Shop
from ..domain.event import Event
from ..domain.messages import EmailMessage, Message
from ..domain.notices import Notice
from ..domain.orders import Order
from ..notices import default_notices
from ..notifier import Notifier
from ..ports import Observer
from .asserting import Expectations
from .clock import VirtualClock
from .recording import RecordingTransport


class Simulation(Expectations):
    """
    A notifier in virtual time. Nothing sleeps: a week takes milliseconds.

    Args:
        notices, policy, shop, staff, templates, observers: as for ``Notifier``.
        channels: beside email, which is always there and recorded in :attr:`email`.
        start: where the clock stands first; the default is Monday 2026-01-05 09:00 UTC.
        store: the default is SQLite in memory.
    """

    def __init__(
        self,
        *,
        notices: Sequence[type[Notice[Any]]] = default_notices,
        policy: Policy | None = None,
        staff: Staff | None = None,
        shop: Shop | None = None,
        templates: Sequence[str | os.PathLike[str]] = (),
        channels: Sequence[Channel] = (),
        start: datetime | None = None,
        store: Store | None = None,
        observers: Iterable[Observer] = (),
        email: RecordingTransport[EmailMessage] | None = None,
    ) -> None:
        super().__init__()
        self.clock = VirtualClock(start) if start else VirtualClock()
        self.email: RecordingTransport[EmailMessage] = email or RecordingTransport()
        shop = shop or Shop(name="Acme", reply_to="help@acme.example")
        self._store = store or InlineSqlite()
        self.notifier = Notifier(
            shop,
            store=self._store,
            channels=[Email(self.email, sender=f"{shop.name} <orders@acme.example>"), *channels],
            notices=notices,
            templates=templates,
            policy=policy,
            staff=staff,
            clock=self.clock,
            observers=observers,
        )

    async def __aenter__(self) -> Self:
        await self.notifier.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.notifier.__aexit__(kind, error, trace)

    @property
    def now(self) -> datetime:
        """Where the clock stands; aware UTC."""
        return self.clock.now()

    @property
    def sent(self) -> list[Message]:
        """Every message that was sent, on whatever channel, in order of time."""
        recorded = [c.transport.sent for c in self.notifier.channels.values() if hasattr(c.transport, "sent")]
        return sorted((message for sent in recorded for message in sent), key=lambda message: message.at)

    def after(self, **duration: float) -> datetime:
        """Return the instant so long after now: ``sim.after(days=2)``."""
        return self.now + timedelta(**duration)

    async def record(self, *events: Event | Iterable[Event]) -> Recorded:
        """Record facts now and do what is due at this instant."""
        recorded = await self.notifier.record(*events)
        await self.notifier.run_due()
        return recorded

    async def record_at(self, moment: datetime, *events: Event) -> Recorded:
        """
        Record facts when the clock reaches ``moment``: timers before it, then the facts as one batch, then timers at
        it, then the sender. A fact at the very moment at which a promise breaks keeps it.
        """
        await self._run_timers(moment, inclusive=False)
        self.clock.move_to(moment)
        return await self.record(*events)

    async def advance(self, **duration: float) -> None:
        """Move the clock from one due moment to the next: ``await sim.advance(days=3)``."""
        await self.run_until(self.after(**duration))

    async def run_until(self, moment: datetime) -> None:
        """Move the clock to ``moment``; what is due then still goes."""
        await self._run_timers(moment, inclusive=True)
        self.clock.move_to(moment)

    async def order(self, order_id: str) -> Order | None:
        """Return the present truth about an order."""
        return await self.notifier.order(order_id)

    async def _run_timers(self, end: datetime, *, inclusive: bool) -> None:
        while True:
            due = await self._next_due()
            if due is None or due > end or (due == end and not inclusive):
                return
            self.clock.move_to(due)
            await self.notifier.run_due()

    async def _next_due(self) -> datetime | None:
        now, shop = self.now, self.notifier.shop.key
        due = await self._store.read(lambda: next_due(now=now, shop=shop))
        staffing = self.notifier._staffing
        told_at = await staffing.next_due() if staffing else None
        return min((each for each in (due, told_at) if each is not None), default=None)
