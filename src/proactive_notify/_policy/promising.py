"""
Which promises an order should carry, and when each one wakes the watchdog.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from ..domain.dates import due_instant
from ..domain.options import LegalClock
from ..domain.orders import Order, ToldDate
from ..domain.parcels import Parcel
from ..domain.promises import OpenedPromise, PromiseKind, PromiseState
from ..domain.tracking import TrackingStatus
from .calendar import Calendar

#: "At once" for the staff: soon enough, and still ahead of the moment in which it is decided.
_AT_ONCE = timedelta(minutes=1)
#: The staff are asked after half of a silence, and after a third where the customer is watched more closely.
_HALF, _WATCHED = 2, 3
#: What the second promise after a scan is called, behind the name of the first.
_STILL = " still"
#: How the names of promises begin that the law sets.
BY_LAW = "law "


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A promise that an order should carry."""

    kind: PromiseKind
    set_by: str
    due_at: datetime
    speak_at: datetime
    ask_at: datetime | None = None
    parcel: str = ""


def standing_dates(order: Order, calendar: Calendar, clock: LegalClock | None = None) -> tuple[ToldDate, ...]:
    """
    Return the dates that still bind: ``ship_by`` until all is handed over, and ``deliver_by``.

    An order to which no date was ever told has an implied one; one that was called off, also by the law, has none.
    """
    if order.is_cancelled or (clock is not None and clock.must_cancel is not None):
        return ()
    told = tuple(d for d in order.dates if d.kind is PromiseKind.DELIVER_BY or not order.is_wholly_shipped)
    if order.placed_at is None:
        return told
    if order.last_told is not None:
        return (*told, *_day_of_the_law(order, order.placed_at, clock))
    if clock is not None and clock.is_implied and not _in_time(order, clock, calendar):
        is_past = clock.is_offered or order.is_wholly_shipped
        return () if is_past else (_shipped_by_law(clock, order.placed_at, order.placed_by),)
    return (_implied(order.placed_at, order.placed_by, calendar),)


def _day_of_the_law(order: Order, placed_at: datetime, clock: LegalClock | None) -> tuple[ToldDate, ...]:
    """The law's day of shipping for an order to which only a day of arrival was told, until the choice was offered."""
    if clock is None or not clock.is_implied or clock.is_offered or order.is_wholly_shipped:
        return ()
    is_told = order.date_of(PromiseKind.SHIP_BY) is not None
    return () if is_told else (_shipped_by_law(clock, placed_at, order.placed_by),)


def _in_time(order: Order, clock: LegalClock, calendar: Calendar) -> bool:
    """Whether all was handed over by the law's day; then the order arrives when any other would."""
    ends = due_instant(clock.ship_by, calendar.zone)
    return order.is_wholly_shipped and all((each.shipped_at or ends) <= ends for each in order.shipped_parcels)


def _shipped_by_law(clock: LegalClock, placed_at: datetime, placed_by: str) -> ToldDate:
    kind = PromiseKind.SHIP_BY
    return ToldDate(kind=kind, due=clock.ship_by, set_by=placed_by, set_at=placed_at, implied=True)


@lru_cache(maxsize=1024)
def _implied(placed_at: datetime, placed_by: str, calendar: Calendar) -> ToldDate:
    day = placed_at.astimezone(calendar.zone).date() + timedelta(days=calendar.implied_days)
    return ToldDate(kind=PromiseKind.DELIVER_BY, due=day, set_by=placed_by, set_at=placed_at, implied=True)


def closing_time(order: Order, calendar: Calendar) -> datetime | None:
    """Return the instant from which on silence ends with the resolution."""
    if order.placed_at is None:
        return None
    last = order.last_told or _implied(order.placed_at, order.placed_by, calendar)
    return due_instant(last.due, calendar.zone) + calendar.policy.close_after


def _date_passed(order: Order, calendar: Calendar, now: datetime) -> datetime | None:
    """Return when the customer hears of the last date that passed; ``None`` while none has passed."""
    standing = (calendar.times_of(each.kind, each.due, each.grace) for each in standing_dates(order, calendar))
    return max((each.speak_at for each in standing if each.due_at <= now), default=None)


def _silences_since(spoken_of: datetime, promises: Iterable[OpenedPromise]) -> int:
    """
    Return how often ``news_by`` came due since then.

    One that comes due in the moment in which the customer hears of the date is said by that word.
    """
    came_due = (p for p in promises if p.kind is PromiseKind.NEWS_BY and p.state is PromiseState.BROKEN)
    return sum(p.speak_at > spoken_of for p in came_due)


def offers_choice(order: Order, promises: Iterable[OpenedPromise], calendar: Calendar, now: datetime) -> bool:
    """Return whether the customer is offered to wait or to cancel: the date has passed and silence came due twice."""
    spoken_of = _date_passed(order, calendar, now)
    return spoken_of is not None and _silences_since(spoken_of, promises) >= calendar.policy.news_past_date_times


def news_promise(
    order: Order, promises: Sequence[OpenedPromise], calendar: Calendar, since: datetime, *, is_watched: bool = False
) -> Wanted:
    """
    Return the silence budget that begins at ``since``, the last word.

    It wakes in the last office hour before it is due, so that the word comes in time.

    Args:
        is_watched: the customer's order before this one went wrong.

    Once a date has passed the staff are asked at once, unless they have recorded something since then.
    """
    policy = calendar.policy
    spoken_of = _date_passed(order, calendar, since)
    if spoken_of is not None:
        count = _silences_since(spoken_of, promises)
        days = policy.news_past_date if count < policy.news_past_date_times else policy.news_with_date
    elif order.is_wholly_shipped or order.dates:
        days = policy.news_with_date
    else:
        days = policy.news_without_date
    if is_paid_for_nothing(order) and policy.halve_when_charged and not _heard_of_silence(promises):
        days = (days + 1) // 2
    if is_watched:
        days = min(days, policy.news_watched)
    is_told_why = spoken_of is not None and order.last_fact_at is not None and order.last_fact_at > spoken_of
    asks_at_once = spoken_of is not None and not is_told_why
    return _budget(calendar, since, days, asks_at_once, _WATCHED if is_watched else _HALF)


def _heard_of_silence(promises: Iterable[OpenedPromise]) -> bool:
    """Whether the customer was told before that there is no news: the same words do not come day after day."""
    return any(each.kind is PromiseKind.NEWS_BY and each.state is PromiseState.BROKEN for each in promises)


def is_paid_for_nothing(order: Order) -> bool:
    """Return whether the customer's money was taken while no parcel was handed over."""
    return order.is_charged and not order.shipped_parcels


@lru_cache(maxsize=256)
def _budget(calendar: Calendar, since: datetime, days: int, asks_at_once: bool, part: int) -> Wanted:
    """Orders that are recorded together have the same."""
    due = calendar.business_days(since, days)
    ask = since + _AT_ONCE if asks_at_once else _part_way(since, due, days, calendar, part)
    return _silence(calendar, since, due, ask)


def _silence(calendar: Calendar, since: datetime, due: datetime, ask: datetime) -> Wanted:
    speak = calendar.before(due)
    speak = speak if speak > since else due
    return Wanted(
        kind=PromiseKind.NEWS_BY, set_by="", due_at=due, speak_at=speak, ask_at=ask if since < ask < speak else None
    )


def news_until(due: datetime, calendar: Calendar, *, since: datetime, is_watched: bool = False) -> Wanted:
    """Return the silence budget that ends at ``due``, the day that a message named."""
    part = _WATCHED if is_watched else _HALF
    return _silence(calendar, since, due, calendar.in_office(since + (due - since) / part))


def _part_way(since: datetime, due: datetime, days: int, calendar: Calendar, part: int = _HALF) -> datetime:
    """Return when the staff are asked: after this part of the business days, while the office is open."""
    then = calendar.business_days(since, days // part) if days >= part else since + (due - since) / part
    open_then = calendar.in_office(then)
    return open_then if open_then < due else calendar.before(then)


def wanted_promises(
    order: Order,
    promises: Sequence[OpenedPromise],
    calendar: Calendar,
    *,
    now: datetime,
    country: str | None,
    clock: LegalClock | None = None,
) -> tuple[Wanted, ...]:
    """Return the promises that the order should carry, all but ``news_by``."""
    if not order.is_placed:
        return (_known_by(now),)
    wanted = [*_money_and_words(order, calendar)]
    if order.is_live:
        wanted += [_dated(each, calendar) for each in standing_dates(order, calendar, clock)]
        for parcel in order.parcels:
            wanted += _of_parcel(parcel, order, promises, calendar, country)
        wanted += _choice(order, promises, calendar, now) if clock is None or not clock.is_offered else []
    return tuple(wanted)


def _known_by(now: datetime) -> Wanted:
    """Somebody places the order within a day from the first fact about it, or the staff hear."""
    due = now + timedelta(days=1)
    return Wanted(kind=PromiseKind.KNOWN_BY, set_by="first", due_at=due, speak_at=due)


def _dated(told: ToldDate, calendar: Calendar) -> Wanted:
    times = calendar.times_of(told.kind, told.due, told.grace)
    return Wanted(kind=told.kind, set_by=told.set_by, due_at=times.due_at, speak_at=times.speak_at, ask_at=times.ask_at)


def _of_parcel(
    parcel: Parcel, order: Order, promises: Sequence[OpenedPromise], calendar: Calendar, country: str | None
) -> list[Wanted]:
    policy, key, found = calendar.policy, parcel.key, []
    if parcel.packed_at is not None and not parcel.is_shipped:
        due = calendar.business_days(parcel.packed_at, policy.scan_within)
        ask = calendar.business_days(parcel.packed_at, max(1, policy.scan_within // 2))
        found.append(_clocked(PromiseKind.SCAN_BY, f"packed {key}", due, calendar, ask=ask, parcel=key))
    if _should_move(parcel):
        abroad = bool(country and order.destination and order.destination.country not in (None, country))
        days = policy.move_within_international if abroad else policy.move_within_domestic
        found += _moves(parcel, promises, calendar, days)
    waits = parcel.status is TrackingStatus.AVAILABLE_FOR_PICKUP
    if waits and isinstance(parcel.collect_until, date):
        due = due_instant(parcel.collect_until, calendar.zone)
        ask = calendar.business_days(due, -1)
        found.append(_clocked(PromiseKind.COLLECT_BY, f"until {due.isoformat()}", due, calendar, ask=ask, parcel=key))
    return found


def _should_move(parcel: Parcel) -> bool:
    """It is on its way to the customer; one that is lost, waits at a counter or comes back is not."""
    rests = (TrackingStatus.AVAILABLE_FOR_PICKUP, TrackingStatus.LOST)
    return parcel.is_under_way and parcel.status not in rests and not parcel.status.is_coming_back


def _moves(parcel: Parcel, promises: Sequence[OpenedPromise], calendar: Calendar, days: int) -> list[Wanted]:
    """
    The next scan comes within ``days``; if it does not, within :attr:`Policy.still_after` of that word.

    A number that the carrier does not know is asked of the staff first.
    """
    scanned_at, unknown_since, key = parcel.scanned_at, parcel.unknown_since, parcel.key
    if scanned_at is None:
        if unknown_since is None:
            return []  # nobody tracks it
        due = calendar.business_days(unknown_since, days)
        ask = calendar.business_days(unknown_since, calendar.policy.unknown_number_after)
        return [_clocked(PromiseKind.MOVE_BY, "unknown number", due, calendar, ask=ask, parcel=key)]
    name = scan_name(scanned_at)
    found = [_clocked(PromiseKind.MOVE_BY, name, calendar.business_days(scanned_at, days), calendar, parcel=key)]
    told = next((p for p in promises if (p.kind, p.parcel, p.set_by) == (PromiseKind.MOVE_BY, key, name)), None)
    if told is not None and told.state is PromiseState.BROKEN:
        due = calendar.business_days(told.speak_at, calendar.policy.still_after)
        found.append(_clocked(PromiseKind.MOVE_BY, f"{name}{_STILL}", due, calendar, parcel=key))
    return found


def _money_and_words(order: Order, calendar: Calendar) -> list[Wanted]:
    """What is owed even when the order has ended: an answer, and the money."""
    found = []
    if order.asked_at is not None and (order.spoken_at is None or order.spoken_at < order.asked_at):
        due = calendar.business_days(order.asked_at, calendar.policy.answer_within)
        ask = _part_way(order.asked_at, due, calendar.policy.answer_within, calendar)
        found.append(_clocked(PromiseKind.ANSWER_BY, order.asked_by, due, calendar, ask=ask))
    owed_since = _owed_since(order)
    if owed_since is not None:
        since = max(owed_since, order.paid_at or owed_since)
        due = calendar.refund_due(since)
        ask = calendar.business_days(since, max(1, calendar.policy.refund_within - 2))
        found.append(_clocked(PromiseKind.REFUND_BY, f"owed {since.isoformat()}", due, calendar, ask=ask))
    return found


def _choice(order: Order, promises: Sequence[OpenedPromise], calendar: Calendar, now: datetime) -> list[Wanted]:
    if not offers_choice(order, promises, calendar, now) or order.is_wholly_shipped:
        return []
    offered = [p for p in promises if p.kind is PromiseKind.NEWS_BY and p.state is PromiseState.BROKEN]
    first = next((p for p in promises if p.kind is PromiseKind.DECIDE_BY), None)
    since = _offered_at(first) if first else offered[-1].speak_at
    if order.decided_at is not None and order.decided_at >= since:
        return []
    due = calendar.business_days(since, calendar.policy.news_with_date)
    return [_clocked(PromiseKind.DECIDE_BY, f"offered {since.isoformat()}", due, calendar)]


def _offered_at(choice: OpenedPromise) -> datetime:
    return datetime.fromisoformat(choice.set_by.removeprefix("offered "))


def _clocked(
    kind: PromiseKind, set_by: str, due: datetime, calendar: Calendar, *, ask: datetime | None = None, parcel: str = ""
) -> Wanted:
    """A promise that a clock started: the customer hears when it is due, in office hours."""
    speak = calendar.in_office(due)
    ask = ask if ask is not None and ask < speak else None
    return Wanted(kind=kind, set_by=set_by, due_at=due, speak_at=speak, ask_at=ask, parcel=parcel)


def kept_at(promise: OpenedPromise, order: Order) -> datetime | None:
    """Return when the fact came that keeps ``promise``; ``None`` if none has come."""
    return _KEPT[promise.kind](promise, order)


def _shipped_at(_: OpenedPromise, order: Order) -> datetime | None:
    handed_over = [each.shipped_at for each in order.shipped_parcels if each.shipped_at]
    return max(handed_over) if handed_over and order.is_wholly_shipped else None


def _delivered_at(_: OpenedPromise, order: Order) -> datetime | None:
    arrived = [each.delivered_at for each in order.parcels if each.delivered_at]
    return max(arrived) if arrived and order.is_delivered else None


def _scanned_at(promise: OpenedPromise, order: Order) -> datetime | None:
    parcel = order.parcel(promise.parcel)
    return parcel.shipped_at if parcel else None


def _moved_at(promise: OpenedPromise, order: Order) -> datetime | None:
    parcel = order.parcel(promise.parcel)
    if parcel is None or parcel.scanned_at is None or promise.set_by.startswith(scan_name(parcel.scanned_at)):
        return parcel.delivered_at if parcel else None
    return parcel.scanned_at


def _collected_at(promise: OpenedPromise, order: Order) -> datetime | None:
    parcel = order.parcel(promise.parcel)
    return parcel.delivered_at if parcel else None


def _owed_since(order: Order) -> datetime | None:
    """Return since when the customer's money, or a part of it, is to go back; ``None`` where it is not, or has gone."""
    whole, last = order.cancelled_at or order.returned_at, order.refunds[-1].at if order.refunds else None
    if not (order.is_ended and order.is_charged):
        return None
    if whole is None and last is not None and order.part_returned_at is not None and last >= order.part_returned_at:
        return None
    return whole or order.part_returned_at


def _refunded_at(promise: OpenedPromise, order: Order) -> datetime | None:
    """All is back; or, of an order that the law called off when a part was shipped, something since then."""
    since = promise.set_by.removeprefix(BY_LAW)
    if since == promise.set_by or order.is_refunded:
        return order.refunds[-1].at if order.refunds and _owed_since(order) is None else None
    if not order.shipped_parcels:
        return None
    return next((each.at for each in order.refunds if each.at >= datetime.fromisoformat(since)), None)


def _not_before(start: datetime | None, moment: datetime | None) -> datetime | None:
    """What was said before the question is no answer to it."""
    return moment if start is not None and moment is not None and moment >= start else None


def scan_name(scanned_at: datetime) -> str:
    """Return by what name a scan sets the promise of the next one."""
    return f"scan {scanned_at.isoformat()}"


_KEPT: Mapping[PromiseKind, Callable[[OpenedPromise, Order], datetime | None]] = {
    PromiseKind.SHIP_BY: _shipped_at,
    PromiseKind.DELIVER_BY: _delivered_at,
    PromiseKind.NEWS_BY: lambda _, __: None,
    PromiseKind.SCAN_BY: _scanned_at,
    PromiseKind.MOVE_BY: _moved_at,
    PromiseKind.ANSWER_BY: lambda _, order: _not_before(order.asked_at, order.spoken_at),
    PromiseKind.DECIDE_BY: lambda choice, order: _not_before(_offered_at(choice), order.decided_at),
    PromiseKind.REFUND_BY: _refunded_at,
    PromiseKind.COLLECT_BY: _collected_at,
    PromiseKind.KNOWN_BY: lambda _, order: order.placed_at,
}
