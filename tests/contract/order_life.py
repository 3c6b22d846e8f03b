"""A whole life of one order in the real engine, step by step, and what must hold after each: see test_invariants."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from proactive_notify import (
    ChannelRefused,
    Customer,
    Event,
    Message,
    MessageState,
    OrderClosed,
    OrderPlaced,
    Permanent,
    PromiseAtRisk,
    PromiseBroken,
    SendError,
    Shop,
    Sms,
    Transient,
    Uncertain,
    default_notices,
)
from proactive_notify._policy.cases import moment_of
from proactive_notify._store.loading import load
from proactive_notify.domain.folding import fold
from proactive_notify.domain.orders import Order
from proactive_notify.testing import RecordingTransport, Simulation

from .telling import MONDAY, ORDER, essence
from .test_any_order import KINDS, placings

#: Five business days are seven; what may be said once a day waits for the next morning.
LONGEST = timedelta(days=8)
#: What is owed although the order has ended.
OWED = frozenset({"answer_by", "refund_by"})
#: Promises that only the staff hear of.
FOR_THE_STAFF = frozenset({"refund_by", "decide_by", "known_by"})
WATCHDOG = (PromiseAtRisk, PromiseBroken, OrderClosed)
#: How a message ends that told nobody anything.
LOST = frozenset({MessageState.SUPPRESSED, MessageState.EXPIRED, MessageState.FAILED})

#: A whole server that is away is tried every minute, which would make long lives here: the breaker has its own tests.
TROUBLES: tuple[SendError, ...] = (Transient("later"), Uncertain("no answer"), ChannelRefused("who are you?"))

TROUBLED = frozenset({"damaged", "lost", "return_to_sender", "exception", "delayed"})
#: Notice → what is so of an order of which it is told, whatever the notice itself thinks.
TRUTHS: Mapping[str, Callable[[Order], bool]] = {
    "shipped": lambda order: bool(order.shipped_parcels) and not order.is_delivered,
    "out-for-delivery": lambda order: order.is_under_way,
    "delivered": lambda order: any(each.delivered_at for each in order.parcels),
    "cancelled": lambda order: order.cancelled_at is not None or bool(order.cancelled_items),
    "refunded": lambda order: bool(order.refunds),
    "payment-received": lambda order: order.payment == "captured",
    "payment-failed": lambda order: order.payment == "failed" and order.is_live,
    "sourcing": lambda order: order.is_live and not order.is_wholly_shipped,
    "backordered": lambda order: order.is_live and not order.is_wholly_shipped,
    "delayed": lambda order: order.is_live,
    "late": lambda order: order.is_live and not order.is_delivered,
    "no-movement": lambda order: order.is_under_way,
    "still-no-movement": lambda order: order.is_under_way,
    "moving-again": lambda order: order.is_under_way,
    "arriving-tomorrow": lambda order: order.is_under_way,
    "attempt-failed": lambda order: order.is_under_way,
    "action-required": lambda order: order.is_under_way,
    "trouble": lambda order: any(each.status in TROUBLED and not each.is_delivered for each in order.parcels),
    "not-picked-up": lambda order: order.is_live and any(not each.is_shipped for each in order.parcels),
    "preparing": lambda order: order.is_live and not order.is_wholly_shipped,
    "payment-pending": lambda order: order.is_live and order.payment == "pending",
    "ready-for-pickup": lambda order: not order.is_delivered,
    "question-received": lambda order: order.asked_at is not None,
    "resolution": lambda order: order.is_live,
}


class Wire(RecordingTransport[Any]):
    """Asks of each message that is handed over whether it is true of the order as it is at this moment."""

    def __init__(self) -> None:
        super().__init__()
        self.sim: Simulation | None = None
        self.lies: list[str] = []
        #: Messages that were perhaps taken: they go again as they are.
        self._doubted: set[str] = set()

    async def send(self, message: Message) -> Any:
        if message.message_id not in self._doubted:
            await self._look_at(message)
        try:
            return await super().send(message)
        except Uncertain:
            self._doubted.add(message.message_id)
            raise

    async def _look_at(self, message: Message) -> None:
        sim = self.sim
        assert sim is not None
        notifier, now = sim.notifier, sim.now
        case = (await notifier._store.read(lambda: load(notifier.shop.key, [ORDER], sending=True)))[ORDER]
        (queued,) = (n for n in case.notices if (n.notice, n.occasion) == (message.notice, message.occasion))
        order, cause = fold(ORDER, case.facts), case.event(queued.cause)
        kind = notifier._rules.by_key[message.notice]
        notice = kind(cause, order, moment_of(case, notifier._rules, now, closes_at=None, offers_choice=False))
        if not notice.still_true():
            self.lies.append(f"{message.notice} is no longer true")
        if not TRUTHS.get(message.notice, lambda _: True)(order):
            self.lies.append(f"{message.notice} of an order that is {order.state}")
        is_silence = isinstance(cause, PromiseBroken) and cause.promise not in OWED
        if is_silence and not order.is_live:
            self.lies.append(f"{message.notice} because of silence, of an order that is {order.state}")


class OrderLife(RuleBasedStateMachine):
    """Anything may happen to an order, in any order, late and more than once, while the wires fail."""

    #: Templates that say only which notice it is.
    templates: Path

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.told: list[Event] = []
        self.is_in_trouble = False
        #: Since when the customer has waited without a word; moves on while nobody waits.
        self.waits_since = MONDAY

    # -- how it begins ------------------------------------------------------------------------------------------------

    @initialize(
        by_text_too=st.booleans(),
        placing=placings,
        phone=st.sampled_from([None, "+4917612345678"]),
        is_placed=st.sampled_from([True, True, True, False]),
    )
    def begin(self, by_text_too: bool, placing: dict[str, Any], phone: str | None, is_placed: bool) -> None:
        self.email, self.sms = Wire(), Wire()
        customer = placing.get("customer", Customer())
        self.placing = {**placing, "customer": customer.model_copy(update={"phone": phone, "sms_consent": True})}
        notices = [_by_text_too(each) for each in default_notices] if by_text_too else default_notices
        self.sim = Simulation(
            notices=notices,
            shop=Shop(name="Acme", reply_to="help@acme.example", country="DE"),
            templates=[self.templates],
            channels=[Sms(self.sms, sender="+4915112345678")],
            email=self.email,
        )
        self.email.sim = self.sms.sim = self.sim
        self.leave_nothing_to_chance()
        self.run(self.sim.__aenter__())
        if is_placed:
            self.place()

    # -- what may happen ----------------------------------------------------------------------------------------------

    @precondition(lambda self: not any(isinstance(each, OrderPlaced) for each in self.told))
    @rule()
    def place(self) -> None:
        self.tell(OrderPlaced, self.placing, late=0, notify=True)

    @rule(
        data=st.data(),
        kind=st.sampled_from(list(KINDS)),
        late=st.sampled_from([0, 0, 0, 1, 30, 100, 200]),
        notify=st.sampled_from([True, True, True, False]),
    )
    def happen(self, data: st.DataObject, kind: type[Event], late: int, notify: bool) -> None:
        self.tell(kind, data.draw(KINDS[kind]), late=late, notify=notify)

    @precondition(lambda self: self.told)
    @rule(data=st.data())
    def come_again(self, data: st.DataObject) -> None:
        self.run(self.sim.record(data.draw(st.sampled_from(self.told))))

    @rule(hours=st.sampled_from([0.1, 1, 7, 24, 50, 100, 300, 1000]))
    def wait(self, hours: float) -> None:
        self.run(self.sim.advance(hours=min(hours, 50) if self.is_in_trouble else hours))

    @rule(on=st.sampled_from(["email", "sms"]), trouble=st.sampled_from(TROUBLES))
    def fail(self, on: str, trouble: SendError) -> None:
        getattr(self, on).fail_until_told(trouble)
        self.is_in_trouble = True

    @rule(on=st.sampled_from(["email", "sms"]), suppress=st.booleans())
    def refuse_once(self, on: str, suppress: bool) -> None:
        getattr(self, on).fail_next(Permanent("no such mailbox", suppress=suppress))

    @rule()
    def work_again(self) -> None:
        self.email.recover()
        self.sms.recover()
        self.is_in_trouble = False

    # -- what always holds --------------------------------------------------------------------------------------------

    @invariant()
    def all_holds(self) -> None:
        self.nothing_untrue_was_sent()
        self.nobody_is_told_twice()
        found = self.look()
        if found is not None:
            self.a_live_order_has_an_open_promise(found)
            self.every_notice_came_to_something(found)
            self.every_broken_promise_has_a_consequence(found)
        self.every_silence_is_spoken_for(found)

    def a_live_order_has_an_open_promise(self, found: Any) -> None:
        opened = [each for each in found.promises if each.is_open]

        assert opened or not found.order.is_live
        assert [] == [each for each in opened if each.speak_at <= self.sim.now]

    def nothing_untrue_was_sent(self) -> None:
        lies = self.email.lies + self.sms.lies

        assert [] == lies, lies

    def nobody_is_told_twice(self) -> None:
        sent = Counter((each.notice, each.occasion, type(each)) for each in self.sim.sent)

        assert [] == [reason for reason, count in sent.items() if count > 1]

    def every_silence_is_spoken_for(self, found: Any) -> None:
        if found is None or not found.order.is_live:
            self.waits_since = self.sim.now
            return
        sent = [each for each in found.messages if each.state is MessageState.SENT and each.next_word]
        last = max(reversed(sent), key=lambda each: each.settled_at, default=None)  # of one instant the last one
        since = max(self.waits_since, last.settled_at if last else MONDAY, found.order.spoken_at or MONDAY)
        is_named = last is not None and last.settled_at == since
        until = last.next_word if is_named else since + LONGEST

        assert self.sim.now <= until or self.is_excused(found, since), f"silent since {since}\n{self.sim.describe()}"

    def every_notice_came_to_something(self, found: Any) -> None:
        ends = {(each.notice, each.occasion) for each in found.decisions if each.decision in ("merged", "dropped")}
        sent = {(each.notice, each.occasion) for each in found.decisions if each.decision == "sent"}
        waiting = [each for each in found.messages if each.state <= MessageState.UNCERTAIN]
        overdue = [each for each in waiting if each.due_at <= self.sim.now and not each.attempts]
        stuck = [each for each in overdue if not each.waits_for and not any(_is_failing(other) for other in waiting)]
        lost = {(m.notice, m.occasion) for m in found.messages if m.state in LOST} - sent
        words = [word for word in found.staff if word.subject == "undelivered"]

        assert [] == stuck
        assert lost - {(m.notice, m.occasion) for m in waiting} <= ends
        assert words or not any(rule == "unreachable" for rule in (each.rule for each in found.decisions))

    def every_broken_promise_has_a_consequence(self, found: Any) -> None:
        """A date that came twice is told once."""
        causes = {each.cause for each in found.decisions}
        words = {word.at for word in found.staff}
        broken = [fact for fact in found.facts if isinstance(fact.event, PromiseBroken)]
        spoken_of = {_about(fact.event) for fact in broken if fact.event.key in causes}

        silent = [each for each in broken if each.event.promise not in FOR_THE_STAFF]
        assert [] == [each.event for each in silent if _about(each.event) not in spoken_of]
        assert [] == [each.event for each in broken if each not in silent and each.recorded_at not in words]

    def teardown(self) -> None:
        if not hasattr(self, "sim"):
            self.loop.close()
            return
        try:
            self.the_same_events_give_the_same_order()
        finally:
            self.run(self.sim.__aexit__(None, None, None))
            self.loop.close()

    def the_same_events_give_the_same_order(self) -> None:
        found = self.look()
        if found is None:
            return
        backwards = list(reversed(found.facts))

        assert essence(found.order) == essence(fold(ORDER, [*backwards, *backwards[::2]]))
        assert essence(found.order) == essence(self.run(self._at_once()))

    async def _at_once(self) -> Order:
        async with Simulation(templates=[self.templates], start=self.sim.now) as sim:
            await sim.record(list(reversed(self.told)))
            order = await sim.order(ORDER)
            assert order is not None
            return order

    def leave_nothing_to_chance(self) -> None:
        """The engine spreads its retries; here every run is alike."""
        delivery = self.sim.notifier._sender._delivery
        delivery._chance = Random(0)
        for breaker in delivery.breakers.values():
            breaker._chance = delivery._chance

    # -- short ways ---------------------------------------------------------------------------------------------------

    def run(self, coroutine: Any) -> Any:
        return self.loop.run_until_complete(coroutine)

    def look(self) -> Any:
        return self.run(self.sim.notifier.why(ORDER))

    def tell(self, kind: type[Event], data: dict[str, Any], *, late: int, notify: bool) -> None:
        at = self.sim.now - timedelta(hours=late)
        event = kind(order_id=ORDER, id=str(len(self.told)), source="shop", at=at, **{**data, "notify": notify})
        self.told.append(event)
        self.run(self.sim.record(event))

    def is_excused(self, found: Any, since: datetime) -> bool:
        """The failing transport is on record, or that nobody can be reached, with a word to the staff."""
        failing = any(_is_failing(each) for each in found.messages)
        unheard = [each for each in found.decisions if each.decision == "dropped" and each.at >= since]
        words = any(word.subject == "undelivered" and word.at >= since for word in found.staff)
        return failing or (words and any(each.rule not in ("no-longer-true", "import") for each in unheard))


def _is_failing(message: Any) -> bool:
    """It may still leave, and why it has not is on record."""
    return message.state <= MessageState.UNCERTAIN and bool(message.attempts or message.waits_for)


def _about(broken: PromiseBroken) -> tuple[str, str | None, datetime]:
    return broken.promise, broken.parcel, broken.due_at


def _by_text_too(kind: type[Any]) -> type[Any]:
    """The notice as a shop would have it that texts where mail fails."""
    channels = kind.channels if len(kind.channels) > 1 else ("email", "sms")
    return type(kind.__name__, (kind,), {"channels": channels})


def write_templates(folder: Path) -> Path:
    """Write templates that say only which notice it is: what stands in the mails is looked at elsewhere."""
    for notice in default_notices:
        (folder / notice.key).mkdir(parents=True)
        for part in ("email.subject", "email.text", "email.html", "sms.text"):
            (folder / notice.key / part).write_text(f"{notice.key} {{{{ order.id }}}}", encoding="utf-8")
    return folder
