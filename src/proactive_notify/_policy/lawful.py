"""
The promises that a law with options adds to those of every order.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from ..domain.dates import due_instant
from ..domain.event import Event
from ..domain.events import CustomerDecided, OrderShipped, PromiseBroken
from ..domain.options import DelayOption, LegalClock
from ..domain.orders import Order
from ..domain.promises import PromiseKind
from .calendar import Calendar
from .cases import Case
from .promising import BY_LAW, Wanted, standing_dates

#: The notice, and the word to the staff, that the law calls an order off.
MUST_CANCEL = "must-cancel"


def with_law(
    wanted: tuple[Wanted, ...], order: Order, calendar: Calendar, clock: LegalClock | None, *, now: datetime
) -> tuple[Wanted, ...]:
    """
    Return the promises that an order should carry, with those of the law.

    While an offer is open the customer decides until silence to it ends. Else, where the ordinary word about the day
    is said already, the day's very end is watched, at which the law calls off what was not offered. Then the money is
    owed.
    """
    if clock is None or not order.is_placed:
        return wanted
    if clock.must_cancel is not None:
        others = tuple(each for each in wanted if each.kind is not PromiseKind.REFUND_BY)
        return (*others, *_refund(order, calendar, clock))
    if not order.is_live or clock.deadline is None or clock.deadline <= now or order.is_wholly_shipped:
        return wanted
    return (*wanted, *(_choice(calendar, clock) or _guard(order, calendar, clock, now)))


def _refund(order: Order, calendar: Calendar, clock: LegalClock) -> tuple[Wanted, ...]:
    ended = clock.must_cancel
    if ended is None or ended.ended_at is None or not order.is_charged:
        return ()
    if order.shipped_parcels and any(each.at >= ended.ended_at for each in order.refunds):
        return ()  # what has shipped is paid for, and what has not is back
    since = max(ended.ended_at, order.paid_at or ended.ended_at)
    due = due_instant(ended.refund_by, calendar.zone) if ended.refund_by else calendar.refund_due(since)
    if since > ended.ended_at:
        due = max(due, calendar.refund_due(since))
    ask, name = calendar.business_days(due, -2), f"{BY_LAW}{ended.ended_at.isoformat()}"
    return (Wanted(kind=PromiseKind.REFUND_BY, set_by=name, due_at=due, speak_at=calendar.in_office(due), ask_at=ask),)


def _choice(calendar: Calendar, clock: LegalClock) -> tuple[Wanted, ...]:
    """The newest offer, while it has not been answered."""
    last = clock.open_option
    if last is None or last.until is None or last.offered_at is None:
        return ()
    name, ask = f"offered {last.offered_at.isoformat()}", calendar.business_days(last.until, -1)
    return (Wanted(kind=PromiseKind.DECIDE_BY, set_by=name, due_at=last.until, speak_at=last.until, ask_at=ask),)


def _guard(order: Order, calendar: Calendar, clock: LegalClock, now: datetime) -> tuple[Wanted, ...]:
    """The end of the day itself, once the word that goes out before it is not waited for any more."""
    end = clock.deadline
    if end is None:
        return ()
    for told in standing_dates(order, calendar, clock):
        times = calendar.times_of(told.kind, told.due, told.grace)
        if told.kind is PromiseKind.SHIP_BY and times.due_at <= end and times.speak_at > now:
            return ()
    return (Wanted(kind=PromiseKind.SHIP_BY, set_by=f"{BY_LAW}{end.isoformat()}", due_at=end, speak_at=end),)


def words_of_the_law(
    case: Case, clock: LegalClock | None, events: Sequence[Event]
) -> tuple[list[tuple[str, str]], set[str]]:
    """
    Return what the staff hear when the law calls the order off: subject and text; and the keys of the events that say
    nothing more to them.
    """
    if clock is None:
        return [], set()
    ended = clock.must_cancel
    if ended is None:
        return _shipped_all_the_same(case, events), set()
    causes = {event.key for event in events if _calls_off(event, ended, case)}
    waits = {event.key for event in events if isinstance(event, CustomerDecided) and event.decision == "wait"} - causes
    day = f", and the money is back by {ended.refund_by}" if ended.refund_by and case.order.is_charged else ""
    if causes:
        text = f"the law calls this order off, since {_WHY[ended.case]}: cancel it now{day}"
        return [(MUST_CANCEL, text)], causes | waits
    text = "the customer wants to wait, and the law has called the order off: agree on a new one"
    return [(MUST_CANCEL, text)] if waits else [], waits


def _calls_off(event: Event, ended: DelayOption, case: Case) -> bool:
    """Whether this is the event with which it ended, or with which we heard of an order that had ended before."""
    if isinstance(event, PromiseBroken):
        return event.promise in _DEADLINES and event.due_at == ended.ended_at
    if isinstance(event, CustomerDecided):
        return event.decision == "cancel" and ended.answered_at is not None and ended.answered_at == ended.ended_at
    return event.key == case.order.placed_by


def _shipped_all_the_same(case: Case, events: Sequence[Event]) -> list[tuple[str, str]]:
    was_called_off = any(each.notice == MUST_CANCEL for each in case.notices)
    if was_called_off and case.order.is_wholly_shipped and any(isinstance(each, OrderShipped) for each in events):
        text = "it was shipped although the law had called it off: ask the customer, also about the money"
        return [("contradiction", text)]
    return []


#: What ends it, where nobody says anything.
_DEADLINES = frozenset({PromiseKind.SHIP_BY, PromiseKind.DECIDE_BY})
_WHY: Mapping[str, str] = {
    "A": "it did not ship by the new day, and the customer agreed to no other",
    "B": "the customer did not agree to wait any longer",
    "C": "the customer did not agree to wait any longer",
    "D": "its day has passed and the customer was not asked in time",
    "F": "the customer wants to cancel it",
}
