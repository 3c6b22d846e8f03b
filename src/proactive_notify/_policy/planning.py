"""
What follows from an order's facts: which notices are news, which promises open and close, and why.

The planner reconciles. Its argument is the whole case; there is no code per transition, and it is pure.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ..domain.dates import due_instant
from ..domain.decisions import Decision, StaffWord, Verdict
from ..domain.event import Event
from ..domain.events import (
    CustomerAsked,
    CustomerDecided,
    CustomerUpdated,
    OrderClosed,
    OrderEdited,
    OrderPlaced,
    PromiseAtRisk,
    PromiseBroken,
    TrackingUpdated,
)
from ..domain.lazy import lazy
from ..domain.messages import MessageState
from ..domain.notices import Moment, Notice, NoticeState, all_of
from ..domain.orders import Fact
from ..domain.promises import PromiseKind
from .breaking import closed_event
from .cases import Case, NewMessage, NewNotice, Plan, QueuedNotice, Rulebook, moment_of
from .lawful import words_of_the_law
from .options import closes_at
from .promising import closing_time, offers_choice, standing_dates
from .reconciling import Reconciler

#: The notice that ends silence.
RESOLUTION = "resolution"
#: The notice that answers where the order is, so that no person has to.
ORDER_STATUS = "order-status"
#: Broken promises that people must act on: subject and text of the word to the staff.
_FOR_THE_STAFF: Mapping[PromiseKind, tuple[str, str]] = {
    PromiseKind.KNOWN_BY: ("unknown-order", "facts came about an order that nobody placed"),
    PromiseKind.REFUND_BY: ("refund", "the customer's money should be back and no refund has been recorded"),
    PromiseKind.DECIDE_BY: ("undecided", "the customer was offered to wait or to cancel and has not chosen"),
}
_WATCHDOGS = (PromiseAtRisk, PromiseBroken, OrderClosed)


def plan(case: Case, fresh: Collection[str], now: datetime, rules: Rulebook) -> Plan:
    """
    Return what follows from the facts whose keys are in ``fresh``.

    When ``order.placed`` is among them everything is planned over all facts: before it there was nobody to tell.
    """
    return _Planner(case, now, rules).run(fresh)


class _Planner:
    def __init__(self, case: Case, now: datetime, rules: Rulebook) -> None:
        self.case, self.now, self.rules = case, now, rules
        self.plan = Plan()
        #: Intents that are not told yet: those in the store and those of this plan.
        self.waiting = [each for each in case.notices if each.state is NoticeState.OPEN]
        #: Rows of those that have a message which may still leave.
        self.alive = {each.notice_row for each in case.messages if each.is_live}
        #: Occasions of this plan that somebody can be told of.
        self.sendable: set[str] = set()
        self.known = {(each.notice, each.occasion) for each in case.notices}

    def run(self, fresh: Collection[str]) -> Plan:
        case, reconciler = self.case, Reconciler(self.case, self.plan, self.rules, self.now)
        events = self._in_order(fresh)
        for event in events:
            if isinstance(event, PromiseBroken):
                reconciler.broken(event)
        born_broken = reconciler.reconcile()
        self.plan.facts += born_broken
        self.case = replace_facts(case, [*case.facts, *(Fact(each, self.now) for each in born_broken)])
        self.order, self.promises = self.case.order, reconciler.promises
        self.calendar, self.clock = reconciler.calendar, reconciler.clock
        if self.order.is_placed:
            if any(isinstance(event, OrderPlaced) for event in events):
                events = [fact.event for fact in case.facts if not isinstance(fact.event, _WATCHDOGS)]
            for event in sorted([*events, *born_broken], key=self._in_turn):
                self._consider(event)
            self._readdress(events)
        self._tell_staff(events)
        return self.plan

    def _in_order(self, fresh: Collection[str]) -> list[Event]:
        facts = [fact for fact in self.case.facts if fact.event.key in fresh]
        return [fact.event for fact in sorted(facts, key=lambda fact: fact.order_of_folding)]

    def _in_turn(self, event: Event) -> tuple[bool, datetime, int, str, str]:
        """The confirmation comes first, whatever is dated before it; then facts in order of time."""
        return event.key != self.order.placed_by, event.happened_at, event.rank, event.source, event.id

    # -- notices ------------------------------------------------------------------------------------------------------

    def _consider(self, event: Event) -> None:
        """Queue what ``event`` is news of."""
        if isinstance(event, OrderClosed):
            self._decide(Verdict.CLOSED, event.reason, event)
            return
        for kind in self.rules.notices:
            if type(event) in kind.events:
                notice = kind(event, self.order, self._moment)
                if notice.applies() and (kind.key, notice.occasion()) not in self.known:
                    self._weigh(notice)

    def _weigh(self, notice: Notice[Event]) -> None:
        against = self._reason_against(notice)
        if against:
            self._decide(Verdict.DROPPED, against, notice.event, notice)
            return
        worse = [each for each in self.waiting if self._gives_way(notice, each)]
        said_by = next((each for each in worse if self._will_be_said(each)), None)
        if said_by is not None:
            self._decide(Verdict.MERGED, f"said-by:{said_by.notice}", notice.event, notice)
        elif worse and not self._messages(notice):
            self._unreachable(notice)
        else:
            for each in [each for each in self.waiting if self._family(each.notice) == notice.family]:
                if each not in worse:
                    self._supersede(each, notice)
            self._queue(notice)

    def _reason_against(self, notice: Notice[Event]) -> str:
        event, order = notice.event, self.order
        if not event.notify:
            return "notify-false"
        if not isinstance(event, PromiseBroken):
            placed = self.case.event(order.placed_by)
            if order.imported and placed is not None and event.happened_at <= self._arrival_of(placed):
                return "import"
            age, useful = self.now - event.happened_at, self._useful(notice)
            if age > self.rules.policy.too_old:
                return "too-old"
            if useful is not None and age > useful:
                return "expired"
        return "" if notice.still_true() else "no-longer-true"

    def _arrival_of(self, event: Event) -> datetime:
        return next(fact.recorded_at for fact in self.case.facts if fact.event.key == event.key)

    def _gives_way(self, notice: Notice[Event], waiting: QueuedNotice) -> bool:
        """What the clock caused, or is unforced, gives way to a worse word that waits and is still true."""
        other = self.rules.by_key.get(waiting.notice)
        if other is None or other.family != notice.family:
            return False
        yields = isinstance(notice.event, PromiseBroken) or not notice.forced
        cause = self.case.event(waiting.cause)
        if not yields or notice.severity >= other.severity or cause is None:
            return False
        return other(cause, self.order, self._moment).still_true()

    def _will_be_said(self, waiting: QueuedNotice) -> bool:
        return waiting.row in self.alive if waiting.row else waiting.occasion in self.sendable

    def _family(self, key: str) -> str:
        kind = self.rules.by_key.get(key)
        return kind.family if kind else ""

    def _supersede(self, old: QueuedNotice, notice: Notice[Event]) -> None:
        in_flight = (MessageState.CLAIMED, MessageState.SENDING, MessageState.UNCERTAIN)
        if any(m.notice_row == old.row and m.state in in_flight for m in self.case.messages if old.row):
            return
        self.waiting.remove(old)
        if old.row:
            self.plan.dropped.append(old.row)
        self.plan.notices = [n for n in self.plan.notices if (n.notice, n.occasion) != (old.notice, old.occasion)]
        self._decide(Verdict.MERGED, f"said-by:{notice.key}", notice.event, old)

    def _queue(self, notice: Notice[Event]) -> None:
        occasion = notice.occasion()
        messages = self._messages(notice)
        self.known.add((notice.key, occasion))
        self.waiting.append(
            QueuedNotice(
                row=0,
                notice=notice.key,
                occasion=occasion,
                state=NoticeState.OPEN,
                cause=notice.event.key,
                queued_at=self.now,
            )
        )
        self.plan.notices.append(
            NewNotice(notice=notice.key, occasion=occasion, cause=notice.event.key, messages=messages)
        )
        if messages:
            self.sendable.add(occasion)
            self._decide(Verdict.QUEUED, notice.event.type, notice.event, notice)
        else:
            self._unreachable(notice)

    def _unreachable(self, notice: Notice[Event]) -> None:
        self._decide(Verdict.DROPPED, "unreachable", notice.event, notice)
        tried = ", ".join(notice.channels)
        self._word("undelivered", f"the customer cannot be told {notice.key}: no address for {tried}")
        if notice.key == RESOLUTION:
            self.plan.closes.append(closed_event(self.order.order_id, notice.occasion(), at=self.now))

    def _messages(self, notice: Notice[Event]) -> tuple[NewMessage, ...]:
        found = [(c, a) for c in notice.channels if (a := self.rules.address(c, self.order))]
        wanted = found if isinstance(notice.channels, all_of) else found[:1]
        useful, since = self._useful(notice), min(notice.event.happened_at, self.now)
        return tuple(
            NewMessage(
                channel=channel,
                address=address,
                due_at=self.now + notice.patience(),
                expires_at=since + useful if useful else None,
                leave_by=self._leave_by(notice),
                is_patient=bool(notice.patience()),
            )
            for channel, address in wanted
        )

    def _leave_by(self, notice: Notice[Event]) -> datetime | None:
        """The law wants a delay told before the date that is missed (16 CFR 435.2(b)(1))."""
        if not notice.legal:
            return None
        if isinstance(notice.event, PromiseBroken):
            return notice.event.due_at
        standing = [p.due_at for p in self.case.promises if p.kind is PromiseKind.SHIP_BY and p.is_open]
        if self.clock is not None and self.clock.deadline is not None:
            standing.append(self.clock.deadline)
        if not standing:  # the date came with the order, and moved before it was stored
            told = [each for each in self.order.dates if each.set_by == notice.event.key and each.replaces is not None]
            standing = [due_instant(each.replaces, self.calendar.zone) for each in told if each.replaces]
        return min(standing, default=None)

    def _useful(self, notice: Notice[Event]) -> timedelta | None:
        return self.rules.policy.expires.get(notice.key, notice.expires)

    def _readdress(self, events: Iterable[Event]) -> None:
        """A new address: what waits goes there, and what could reach nobody is tried again."""
        if not any(isinstance(event, CustomerUpdated | OrderEdited) for event in events):
            return
        dropped = set(self.plan.dropped)
        for each in self.case.notices:
            cause = self.case.event(each.cause)
            kind = self.rules.by_key.get(each.notice)
            if each.state is not NoticeState.OPEN or each.row in dropped or cause is None or kind is None:
                continue
            notice = kind(cause, self.order, self._moment)
            live = [m for m in self.case.messages if m.notice_row == each.row and m.is_live]
            stale = [m for m in live if m.state is MessageState.QUEUED and not self._is_current(m.channel, m.address)]
            tried = {m.address for m in self.case.messages if m.notice_row == each.row}
            new = tuple(m for m in self._messages(notice) if m.address not in tried)
            if len(stale) == len(live) and new and notice.still_true():
                self.plan.readdressed += [m.row for m in stale]
                self.plan.notices.append(
                    NewNotice(notice=each.notice, occasion=each.occasion, cause=each.cause, messages=new, row=each.row)
                )
                self._decide(Verdict.QUEUED, "new-address", cause, notice)

    def _is_current(self, channel: str, address: str) -> bool:
        return self.rules.address(channel, self.order) == address

    # -- staff --------------------------------------------------------------------------------------------------------

    def _tell_staff(self, events: Sequence[Event]) -> None:
        order = self.order if self.order.is_placed else self.case.order
        said, about = words_of_the_law(self.case, self.clock, events)
        for subject, text in said:
            self._word(subject, text)
        for event in events:
            if event.key in about:
                continue
            if isinstance(event, PromiseBroken) and event.promise in _FOR_THE_STAFF:
                self._word(*_FOR_THE_STAFF[PromiseKind(event.promise)])
            elif event.key in order.contradictions and any(each.shipped_by == event.key for each in order.parcels):
                self._word("contradiction", "the order was cancelled and its parcel has left: please look into it")
            elif event.key in order.contradictions and isinstance(event, TrackingUpdated):
                self._decide(Verdict.DROPPED, "contradiction", event)
                self._word("contradiction", f"{event.type} contradicts what was known and changed nothing")
            elif event.key in order.contradictions:
                self._word("contradiction", f"{event.type} contradicts what was known: please look into it")
            elif isinstance(event, OrderPlaced) and order.imported and event.key == order.placed_by:
                self._word("import", self._past_dates())
            elif isinstance(event, CustomerAsked) and not self._is_answered(event):
                self._word("question", "the customer asked something and waits for a person")
            elif isinstance(event, CustomerDecided) and event.decision == "cancel":
                self._word("cancel", "the customer wants to cancel the order")

    def _is_answered(self, question: CustomerAsked) -> bool:
        """The answer is queued, and somebody can be told it."""
        queued = (each for each in self.plan.notices if each.notice == ORDER_STATUS and each.messages)
        return any(each.cause == question.key for each in queued)

    def _past_dates(self) -> str:
        dates = () if self.order.is_ended else standing_dates(self.order, self.calendar)
        past = [f"{each.kind} {each.due}" for each in dates if due_instant(each.due, self.calendar.zone) <= self.now]
        missed = f"; these dates have passed: {', '.join(past)}" if past else ""
        return f"an old order was imported and nothing past is told to the customer{missed}"

    def _word(self, subject: str, text: str) -> None:
        self.plan.staff.append(StaffWord(order_id=self.case.order_id, at=self.now, subject=subject, text=text))

    # -- what both need -----------------------------------------------------------------------------------------------

    @lazy
    def _moment(self) -> Moment:
        return moment_of(
            self.case,
            self.rules,
            self.now,
            closes_at=closes_at(closing_time(self.order, self.calendar), self.clock, self.rules.policy.close_after),
            offers_choice=offers_choice(self.order, self.promises, self.calendar, self.now),
            clock=self.clock,
        )

    def _decide(
        self, verdict: Verdict, rule: str, event: Event, about: Notice[Event] | QueuedNotice | None = None
    ) -> None:
        notice, occasion = "", ""
        if isinstance(about, QueuedNotice):
            notice, occasion = about.notice, about.occasion
        elif about is not None:
            notice, occasion = about.key, about.occasion()
        self.plan.decisions.append(
            Decision(
                order_id=self.case.order_id,
                decision=verdict,
                rule=rule,
                at=self.now,
                notice=notice,
                occasion=occasion,
                cause=event.key,
            )
        )


def replace_facts(case: Case, facts: list[Fact]) -> Case:
    """Return the case with other facts, its order folded anew."""
    if len(facts) == len(case.facts):
        return case
    return replace(case, facts=facts)
