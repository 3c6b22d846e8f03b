"""
The one object of a shop: the wiring, nothing else.
"""

import os
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ._content.rendering import Content
from ._engine.delivery import Delivery
from ._engine.foresight import Foresight
from ._engine.health import LATE, Health, examine
from ._engine.janitor import Janitor
from ._engine.outbox import Outbox
from ._engine.receiver import Receiver
from ._engine.recorder import Recorder
from ._engine.replying import Replies, Understood
from ._engine.sender import Sender
from ._engine.staffing import Staffing
from ._engine.suppressions import Suppressions
from ._engine.telemetry import Observers, log
from ._engine.territories import zones_of_country
from ._engine.watchdog import Watchdog
from ._engine.worker import DEAD_AFTER, Worker, unattended
from ._policy.cases import Rulebook
from ._policy.policy import Policy
from ._store.loading import load
from ._store.reading import History, orders_of_parcel
from ._store.recording import Recorded
from ._store.sqlite import Store, store_of
from ._store.units import Unit
from .channels.channel import Channel
from .channels.email import Email
from .channels.staff import Staff
from .clock import Clock, SystemClock
from .domain.customers import Shop
from .domain.event import Event
from .domain.notices import Notice
from .domain.orders import Order
from .domain.outlook import Outlook
from .domain.receipts import Receipt
from .domain.replies import Reply
from .errors import NoticeInvalid, NotifierNotOpen, SimulationStuck, TemplateInvalid, UsageError
from .notices import default_notices
from .ports import Closable, Observer
from .transports import ConsoleTransport

#: Channels that notices may name although a shop has none of them yet.
_WELL_KNOWN = frozenset({"email", "sms", "whatsapp", "push"})
_LATE = timedelta(minutes=1)
#: How many messages one pass has under way at once.
_BITE = 32
#: More bites than this at one instant mean that something re-arms itself without end.
_STEPS = 10_000


class Notifier:
    """
    Makes sure that no customer is left in silence about an order. The arguments are the configuration.

    Args:
        shop: in whose name messages go out.
        store: ``sqlite:///orders.db`` (relative to the working directory), ``sqlite://`` (memory).
        channels: on which media, each on a wire.
        notices: what is worth telling; ``[*default_notices, YourNotice]`` adds one.
        templates: folders that are looked through before the shipped templates.
        policy: how long silence may last.
        staff: how the shop's own people hear what they should know or do; ``None``: by the log and the observers.
        observers: called with each happening of the engine, for example ``MessageSent``.
        retention: how long after its last fact an ended order is kept; ``None``: for ever.
        lease: how long a worker that died holds its messages. One that lives renews what it holds.

    Raises:
        NoticeInvalid: two notices have one key, or one names a channel that does not exist.
        TemplateInvalid: a template part is missing.
    """

    def __init__(
        self,
        shop: Shop | None = None,
        *,
        store: str | Store = "sqlite:///proactive_notify.db",
        channels: Sequence[Channel] = (),
        notices: Sequence[type[Notice[Any]]] = default_notices,
        templates: Sequence[str | os.PathLike[str]] = (),
        policy: Policy | None = None,
        staff: Staff | None = None,
        observers: Iterable[Observer] = (),
        clock: Clock | None = None,
        retention: timedelta | None = None,
        lease: timedelta = timedelta(seconds=60),
    ) -> None:
        self.shop = shop or Shop()
        self.channels = {channel.name: channel for channel in channels}
        if len(self.channels) < len(channels):
            raise UsageError("two channels have one name; each name may be used once")
        self.notices = tuple(notices)
        self.policy = policy or Policy()
        self.clock = clock or SystemClock()
        self.content = Content(templates)
        _check_notices(self.notices, self.channels, self.content)
        self._rules = Rulebook(
            shop=self.shop,
            policy=self.policy,
            notices=self.notices,
            addresses={name: partial(each.address_of, shop=self.shop) for name, each in self.channels.items()},
            zones_of_country=zones_of_country,
            territories={name: each.territory for name, each in self.channels.items()},
        )
        #: As it was given; empty for a store that was passed as an object.
        self.store_url = store if isinstance(store, str) else ""
        self._store = store_of(store) if isinstance(store, str) else store
        self._open = False
        self._observers = Observers(observers)
        wires = (self._store, self._rules, self.clock, self._observers)
        self._recorder = Recorder(*wires, sender=self._sender_with_room)
        self._watchdog = Watchdog(*wires)
        self._receiver = Receiver(*wires)
        self._replies = Replies(*wires, channels=self.channels, content=self.content)
        self._janitor = Janitor(*wires, lease=lease, retention=retention)
        delivery = Delivery(*wires, channels=self.channels, content=self.content)
        self._foresight = Foresight(self._store, self._rules, self.clock, channels=self.channels, content=self.content)
        self._make_sender = partial(Sender, *wires, channels=self.channels, delivery=delivery, lease=lease)
        self._sender = self._make_sender(concurrency=_BITE)
        self.staff = staff
        self._staffing = self._make_staffing(staff, wires)
        self.outbox = Outbox(self._store, self._rules, self.clock, require_open=self._require_open)
        self.suppressions = Suppressions(
            *wires, channels={*self.channels, *_WELL_KNOWN}, require_open=self._require_open
        )
        self._workers: list[Worker] = []
        self._warned_at = self.clock.now()

    @classmethod
    def local(cls, path: str | os.PathLike[str] = "proactive_notify.db", **arguments: Any) -> Self:
        """Return a notifier on a SQLite file that prints its messages: for first steps and for development."""
        email = Email(ConsoleTransport(), sender="Your shop <orders@shop.example>")
        return cls(**{"store": f"sqlite:///{Path(path)}", "channels": [email], **arguments})

    # -- life ---------------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        await self._store.open()
        self._open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        await self._recorder.drain()
        async with AsyncExitStack() as closing:
            closing.push_async_callback(self._store.close)
            to_staff = self.staff.transport if self.staff else None
            for transport in (*(each.transport for each in self.channels.values()), to_staff):
                if isinstance(transport, Closable):
                    closing.push_async_callback(transport.aclose)

    @asynccontextmanager
    async def worker(self, *, concurrency: int = 32, poll: float = 1.0) -> AsyncIterator[Worker]:
        """
        Run the loops inside ``async with notifier.worker():``. On leaving, what is in flight is finished first.

        Args:
            concurrency: how many messages of a channel are under way at once.
            poll: seconds between two looks at the table, where nothing wakes the worker earlier.
        """
        self._require_open()
        worker = Worker(
            self._store,
            self.clock,
            self._observers,
            shop=self.shop.key,
            watchdog=self._watchdog,
            sender=self._make_sender(concurrency=concurrency),
            janitor=self._janitor,
            staffing=self._staffing,
            poll=poll,
        )
        await worker.start()
        self._workers.append(worker)
        try:
            yield worker
        finally:
            self._workers.remove(worker)
            await worker.stop()

    # -- what a shop says ---------------------------------------------------------------------------------------------

    async def record(self, *events: Event | Iterable[Event]) -> Recorded:
        """
        Record facts, one or many: all of them or none. Everything that follows from them is in the same transaction.

        Recording the same source and id again is a no-op that answers like the first time.

        Raises:
            EventInvalid: a known source and id came with other content.
            NotifierNotOpen: used outside ``async with``.
        """
        self._require_open()
        recorded = await self._recorder.record(_flat(events))
        look = None if self._workers else self._look_for_a_worker()
        if look is not None:
            _warn(await self._store.read(look))
        return recorded

    def record_sync(self, *events: Event | Iterable[Event]) -> Recorded:
        """Do what :meth:`record` does, for a shop that is not async. Call it from a thread without a running loop."""
        self._require_open()
        recorded = self._recorder.record_sync(_flat(events))
        for worker in self._workers:
            worker.wake_from_thread()
        look = None if self._workers else self._look_for_a_worker()
        if look is not None:
            _warn(self._store.run_sync(look))
        return recorded

    async def receive(self, *receipts: Receipt | Iterable[Receipt]) -> int:
        """
        Take in what providers say of messages that they had taken; return how many were about messages of this shop.

        A message that came back goes by the next channel its notice allows, else the staff hear of it; where the
        address is to blame it is suppressed. The same receipt twice changes nothing.
        """
        self._require_open()
        flat = [each for given in receipts for each in ((given,) if isinstance(given, Receipt) else given)]
        heard = await self._receiver.receive(flat)
        for worker in self._workers:
            worker.sender.look()
        return heard

    async def receive_reply(self, reply: Reply) -> Understood:
        """
        Take in what a customer wrote back, and answer it; return what it meant and which orders it was about.

        STOP: nothing more goes to this address on this channel, what waits goes by the next one, and one text confirms
        it. START undoes that. HELP is answered, and so is the question where the order is. Any other text is a
        question to the staff. The same reply twice changes nothing, and what the provider answered is not answered.
        """
        self._require_open()
        understood = await self._replies.receive(reply)
        for worker in self._workers:
            worker.sender.look()
        return understood

    # -- what the engine does -----------------------------------------------------------------------------------------

    async def run_due(self) -> int:
        """
        Do everything that is due, and return how much it was. Call it from whatever schedules work today.

        A promise never opens at a time that has passed, so what is sent here wakes no watchdog.

        Raises:
            SimulationStuck: it does not come to an end.
        """
        self._require_open()
        done = await self._janitor.run_once() + await self._watchdog.run_once()
        for _ in range(_STEPS):
            sent = await self._sender.send_some()
            done += sent
            if not sent:
                return done + (await self._staffing.run_once() if self._staffing else 0)
        raise SimulationStuck

    async def run_until_idle(self) -> None:
        """Do what is due until nothing is due now."""
        while await self.run_due():
            pass

    # -- what one may ask ---------------------------------------------------------------------------------------------

    async def order(self, order_id: str) -> Order | None:
        """Return the present truth about an order; ``None`` if nothing is known of it."""
        self._require_open()
        cases = await self._store.read(lambda: load(self.shop.key, [order_id]))
        return cases[order_id].order if cases[order_id].facts else None

    async def orders_of_parcel(self, tracking_code: str, *, carrier: str = "") -> tuple[str, ...]:
        """
        Return the ids of the orders with a parcel of this tracking code; carriers know no others.

        Codes come again over the years, and one parcel may hold several orders: those that are still open come first,
        then the newest, at most a hundred.

        Args:
            carrier: as the shop recorded it, in whatever capitals; parcels recorded without one are found too.
        """
        self._require_open()
        return await self._store.read(lambda: orders_of_parcel(self.shop.key, tracking_code, carrier=carrier))

    async def why(self, order_id: str) -> History | None:
        """
        Return an order with its events, promises, messages, choices and every decision about it, and what is said next.

        ``None`` if nothing is known of it.
        """
        self._require_open()
        return await self._foresight.why(order_id)

    async def at_risk(self, *, limit: int = 20, within: timedelta | None = None) -> tuple[Outlook, ...]:
        """
        Return whose silence ends next, soonest first, an order once: the promise, when it breaks, and what is said.

        Nothing is written: the planner is asked what would follow if nobody recorded anything before.

        Args:
            limit: at most so many orders.
            within: only what breaks until then; ``None``: whenever it does.
        """
        self._require_open()
        return await self._foresight.at_risk(limit=limit, within=within)

    async def health(self, *, late: timedelta = LATE) -> Health:
        """
        Return whether all is well with the shop's messages, whoever sends them, and if not what to do.

        Args:
            late: a message that could leave and did not for so long is a problem.
        """
        self._require_open()
        return await examine(self._store, shop=self.shop.key, now=self.clock.now(), late=late)

    # -----------------------------------------------------------------------------------------------------------------

    def _make_staffing(self, staff: Staff | None, wires: tuple[Store, Rulebook, Clock, Observers]) -> Staffing | None:
        email = self.channels.get("email")
        if staff is not None and staff.transport is None and email is None:
            raise UsageError("Staff() with a mail address needs a channel email; pass one, or give Staff() a transport")
        return Staffing(*wires, staff=staff, email=email, content=self.content) if staff else None

    def _sender_with_room(self) -> Sender | None:
        return next((each.sender for each in self._workers if not each.is_stopping), None)

    def _require_open(self) -> None:
        if not self._open:
            raise NotifierNotOpen

    def _look_for_a_worker(self) -> Callable[[], Unit[int]] | None:
        """Return a unit that counts what is due while no worker lives; ``None`` if that was asked a moment ago."""
        now, shop = self.clock.now(), self.shop.key
        if now - self._warned_at < _LATE:
            return None
        self._warned_at = now
        since, dead = now - _LATE, now - DEAD_AFTER
        return lambda: unattended(since=since, dead_before=dead, shop=shop)


def _warn(waiting: int) -> None:
    if waiting:
        log.warning(
            "%s messages are due and no worker runs: start one with `async with notifier.worker():` "
            "or call `await notifier.run_due()`",
            waiting,
        )


def _flat(events: Iterable[Event | Iterable[Event]]) -> list[Event]:
    return [event for each in events for event in ((each,) if isinstance(each, Event) else each)]


def _check_notices(notices: Sequence[type[Notice[Any]]], channels: dict[str, Channel], content: Content) -> None:
    keys = [each.key for each in notices]
    for notice in notices:
        if keys.count(notice.key) > 1:
            raise NoticeInvalid(f"two notices have the key {notice.key!r}; pass only one of them")
        for name in notice.channels:
            if name not in channels and name not in _WELL_KNOWN:
                known = ", ".join(sorted({*channels, *_WELL_KNOWN}))
                raise NoticeInvalid(f"{notice.__name__} names the channel {name!r}; there are {known}")
        if channels and not any(name in channels for name in notice.channels):
            raise NoticeInvalid(
                f"{notice.__name__} goes by {', '.join(notice.channels)}, and the notifier has {', '.join(channels)}; "
                "pass such a channel, or leave the notice out of notices="
            )
        for name in notice.channels:
            for part in channels[name].parts if name in channels else ():
                if not content.has(notice.key, name, part):
                    raise TemplateInvalid(f"{notice.__name__} has no template {notice.key}/{name}.{part}")
