"""
The choices that a customer was given, derived from the facts and from what was really sent, and the law's clock.

Nothing of it is stored. Only a notice that was told, and did not come back, counts as an offer.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo

from ..domain.dates import due_instant, last_day
from ..domain.events import CustomerDecided, OrderCancelled, OrderDelayed, OrderPlaced
from ..domain.items import Payment
from ..domain.notices import NoticeState
from ..domain.options import DelayOption, LegalClock, OptionState, Silence
from ..domain.orders import Fact, Order
from ..domain.promises import PromiseKind
from .cases import Case, QueuedNotice, Rulebook
from .law import us
from .law.laws import Law

#: The notices that offer to wait or to cancel because a date is not kept.
OFFERING = frozenset({"delayed", "delayed-again"})
_CANCEL = "cancel"
_NO_OFFER = frozenset({OptionState.UNSENT, OptionState.LATE})


def legal_clock(case: Case, rules: Rulebook, now: datetime) -> LegalClock | None:
    """
    Return where the order stands under a law with options; ``None`` where there is none, or its clock has not begun.

    It begins with a complete order, money or authorisation included, and again when a payment that failed comes after
    all (16 CFR 435.1(d)). An old order that was imported after its day is left to people.
    """
    order, law = case.order, rules.law(case.order)
    if law is None or us.SHIP_IN_TIME not in law.keys:
        return None
    zone, begins = rules.zone(order), _complete_at(order)
    if begins is None:
        return None
    ship_by, is_implied = _applicable(case, law, begins, zone)
    ends = due_instant(ship_by, zone)
    if order.imported and ends <= _arrived_at(case):
        return None
    if not law.has_options:
        return LegalClock(ship_by=ship_by, is_implied=is_implied, deadline=None)
    tally = _Tally(case, law, zone, now, ship_by=ship_by)
    tally.run()
    return LegalClock(
        ship_by=ship_by,
        is_implied=is_implied,
        deadline=tally.deadline,
        options=tuple(tally.options),
        must_cancel=tally.must_cancel,
    )


def options_of(case: Case, rules: Rulebook, now: datetime) -> tuple[DelayOption, ...]:
    """Return every option that an order's customer had, or should have had, in order of time."""
    clock = legal_clock(case, rules, now)
    if clock is None or (clock.deadline is None and not clock.options):
        tally = _Tally(case, None, rules.zone(case.order), now)
        tally.run()
        return tuple(tally.options)
    ended = clock.must_cancel
    return clock.options if ended is None or ended in clock.options else (*clock.options, ended)


def _complete_at(order: Order) -> datetime | None:
    if order.payment in (Payment.PENDING, Payment.FAILED):
        return None
    return order.paid_at if order.payment_was_in_doubt else order.placed_at


def _arrived_at(case: Case) -> datetime:
    placed = case.order.placed_by
    return next(fact.recorded_at for fact in case.facts if fact.event.key == placed)


def _applicable(case: Case, law: Law, begins: datetime, zone: tzinfo) -> tuple[date | datetime, bool]:
    """
    Return the day or instant by which the order was to ship first, and whether it is the law's own.

    What the customer was told when ordering, or agreed to by an edit, is the first; a delay moves nothing.
    """
    events = [fact.event for fact in sorted(case.facts, key=lambda fact: fact.order_of_folding)]
    placed = [event for event in events if isinstance(event, OrderPlaced)]
    told = [each.due for event in placed for each in event.promises if each.kind is PromiseKind.SHIP_BY]
    if told and due_instant(told[-1], zone) > begins:
        return told[-1], False
    on_credit = us.CREDIT in law.keys and any(event.shop_credit for event in placed)
    return us.applicable_day(begins.astimezone(zone).date(), on_credit=on_credit), True


class _Tally:
    """
    Goes through the offers in order of time.

    Args:
        law: ``None`` where silence means nothing.
        ship_by: by when it was to ship first, under a law.
    """

    def __init__(
        self, case: Case, law: Law | None, zone: tzinfo, now: datetime, *, ship_by: date | datetime | None = None
    ) -> None:
        self.case, self.order, self.law, self.zone, self.now = case, case.order, law, zone, now
        self.ship_by = ship_by
        #: Until when something must have happened.
        self.deadline = due_instant(ship_by, zone) if ship_by is not None else None
        self.options: list[DelayOption] = []
        self.must_cancel: DelayOption | None = None

    def run(self) -> None:
        notices = sorted((each for each in self.case.notices if each.notice in OFFERING), key=_in_turn)
        notices = [each for each in notices if each.state is not NoticeState.DROPPED and self._is_one(each)]
        sent = [each for each in notices if each.told_at is not None]
        for number, notice in enumerate(notices):
            option = self._offer(notice, min(number, len(sent)))
            following = sent[number + 1].told_at if number + 1 < len(sent) else None
            self.options.append(self._answered(option, following) if option.offered_at is not None else option)
            if self.must_cancel is not None:
                return
        self._end()

    def _is_one(self, notice: QueuedNotice) -> bool:
        """A day that the first one leaves time for is no delay in the eyes of the law."""
        revised = self._revised(notice)
        if self.ship_by is None or revised is None:
            return True
        return due_instant(revised, self.zone) > due_instant(self.ship_by, self.zone) or self._is_renewal(notice)

    def _is_renewal(self, notice: QueuedNotice) -> bool:
        before = (each for each in self.case.notices if each.notice in OFFERING and each is not notice)
        at = notice.told_at or self.now
        return any(each.told_at is not None and each.told_at < at for each in before)

    def _revised(self, notice: QueuedNotice) -> date | datetime | None:
        event = self.case.event(notice.cause)
        return (event.ship_by or event.deliver_by) if isinstance(event, OrderDelayed) else None

    # -- one offer ----------------------------------------------------------------------------------------------------

    def _offer(self, notice: QueuedNotice, number: int) -> DelayOption:
        revised = self._revised(notice)
        case, silence, until = self._terms(revised, is_renewal=number > 0)
        return DelayOption(
            order_id=self.order.order_id,
            notice=notice.notice,
            occasion=notice.occasion,
            renewal=number,
            case=case,
            revised=revised,
            offered_at=notice.told_at,
            silence=silence,
            until=until,
        )

    def _terms(
        self, revised: date | datetime | None, *, is_renewal: bool
    ) -> tuple[str, Silence | None, datetime | None]:
        """The case of the law, what silence means, and until when."""
        if self.law is None or self.ship_by is None:
            return "", None, None
        if is_renewal:
            counts = us.RENEWAL in self.law.keys and us.CANCEL in self.law.keys and self.deadline is not None
            return ("C", Silence.CANCELLED, self.deadline) if counts else ("C", None, None)
        first = last_day(self.ship_by, self.zone)
        case, silence, day = us.first_option(first, last_day(revised, self.zone) if revised is not None else None)
        if case == "A" and us.SHORT_DELAY not in self.law.keys:
            case, silence, day = us.first_option(first, None)
        if case == "B" and not {us.LONG_DELAY, us.CANCEL} <= self.law.keys:
            return case, None, None
        until = revised if isinstance(revised, datetime) and case == "A" else due_instant(day, self.zone)
        return case, silence, until

    def _answered(self, option: DelayOption, following: datetime | None) -> DelayOption:
        """Take in an offer that was sent: what was answered to it before the next one, and what that leaves."""
        if self._is_too_late(option.offered_at):
            return replace(option, case="", silence=None, until=None, state=OptionState.LATE)
        self.deadline = option.until
        for fact in self._decisions(option, following):
            at = fact.effective_at
            if self._is_too_late(at):
                break
            option = replace(option, answer=_said(fact), answered_at=at, state=OptionState.AGREED)
            if option.answer == _CANCEL:
                option = replace(option, state=OptionState.REFUSED)
                return self._cancels(option, at, case="F") if self._may_cancel(at) else option
            self.deadline = due_instant(option.revised, self.zone) if option.revised is not None else None
        if option.state is OptionState.AGREED:
            return option
        if following is not None and not self._is_too_late(following):
            is_yes = option.silence is Silence.CONSENT
            return replace(option, state=OptionState.CONSENTED if is_yes else OptionState.REPLACED)
        return replace(option, state=OptionState.OPEN)

    def _decisions(self, option: DelayOption, following: datetime | None) -> Iterator[Fact]:
        """What the customer decided while this was the newest offer, in order of time."""
        for fact in sorted(self.case.facts, key=lambda fact: fact.order_of_folding):
            if isinstance(fact.event, CustomerDecided) and option.offered_at is not None:
                at = fact.effective_at
                if option.offered_at <= at and (following is None or at < following):
                    yield fact

    def _is_too_late(self, at: datetime | None) -> bool:
        return at is not None and self.deadline is not None and at > self.deadline

    # -- the end ------------------------------------------------------------------------------------------------------

    def _end(self) -> None:
        """What becomes of the last offer when the goods leave, the order is called off, or its time runs out."""
        ended = _first(self.order.cancelled_at, self.order.closed_at)
        last = next((each for each in reversed(self.options) if each.state not in _NO_OFFER), None)
        over = self.deadline is not None and self.now >= self.deadline and (ended is None or ended > self.deadline)
        if self.deadline is not None and over and self._may_cancel(self.deadline, was_asked=last is not None):
            self._run_out(last, self.deadline)
        elif last is not None and last.state is OptionState.OPEN:
            self._close(last)

    def _run_out(self, last: DelayOption | None, at: datetime) -> None:
        if last is None:
            nothing = DelayOption(order_id=self.order.order_id, state=OptionState.ENDED)
            self.must_cancel = self._cancels(nothing, at, case="D")
        else:
            self.options[self.options.index(last)] = self._cancels(replace(last, state=OptionState.ENDED), at)

    def _close(self, last: DelayOption) -> None:
        state = OptionState.OPEN
        if self.order.is_wholly_shipped and self.order.shipped_parcels:
            state = OptionState.CONSENTED if last.silence is Silence.CONSENT else OptionState.SHIPPED
        elif self.order.is_cancelled:
            state = OptionState.CANCELLED
        self.options[self.options.index(last)] = replace(last, state=state)

    def _cancels(self, option: DelayOption, at: datetime, *, case: str = "") -> DelayOption:
        """The order is to be cancelled and refunded."""
        day = last_day(at, self.zone)
        refund_by = self.law.refund_day(day) if self.law is not None and self.law.refund_day is not None else None
        self.deadline = at
        self.must_cancel = replace(option, case=case or option.case, ended_at=at, refund_by=refund_by)
        return self.must_cancel

    def _may_cancel(self, at: datetime, *, was_asked: bool = True) -> bool:
        """Whether the law calls the order off then; what has been handed over since is under way all the same."""
        needed = {us.CANCEL} if was_asked else {us.CANCEL, us.NEVER_ASKED}
        if self.law is None or not needed <= self.law.keys:
            return False
        cancelled = (fact for fact in self.case.facts if isinstance(fact.event, OrderCancelled))
        if self.order.is_wholly_shipped and not any(fact.effective_at > at for fact in cancelled):
            return False
        return us.PART in self.law.keys or not self.order.shipped_parcels


def _said(fact: Fact) -> str:
    return fact.event.decision if isinstance(fact.event, CustomerDecided) else ""


def _first(*moments: datetime | None) -> datetime | None:
    return min((each for each in moments if each is not None), default=None)


def _in_turn(notice: QueuedNotice) -> tuple[bool, datetime, int]:
    """Those that were told, in order of time; then those that wait."""
    return notice.told_at is None, notice.told_at or notice.queued_at, notice.row


def closes_at(usual: datetime | None, clock: LegalClock | None, after: timedelta) -> datetime | None:
    """Return when silence ends with the resolution: not while the law's clock still runs."""
    if usual is None or clock is None or clock.deadline is None:
        return usual
    return max(usual, clock.deadline + after)
