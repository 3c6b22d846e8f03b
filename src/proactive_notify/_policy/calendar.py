"""
Business days and office hours, in the customer's zone.

*n* business days after an instant is the same local time on the *n*-th Monday to Friday after its local date. Holidays
count only if they are named.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from ..domain.dates import due_instant, last_day
from ..domain.promises import PromiseKind
from .law.laws import Law
from .policy import Policy

_DAY = timedelta(days=1)
_SATURDAY = 5


def add_business_days(
    start: datetime, count: int, zone: tzinfo, *, holidays: Collection[date] = frozenset()
) -> datetime:
    """Return the instant ``count`` business days after ``start`` (before it, if ``count`` is negative), aware UTC."""
    local = start.astimezone(zone)
    day, step = local.date(), _DAY if count >= 0 else -_DAY
    for _ in range(abs(count)):
        day += step
        while day.weekday() >= _SATURDAY or day in holidays:
            day += step
    return datetime.combine(day, local.time(), tzinfo=zone).astimezone(UTC)


def business_days_between(start: datetime, end: datetime, zone: tzinfo) -> int:
    """Return the largest number of business days after ``start`` that ``end`` lies beyond; 0 where there is none."""
    first, last = start.astimezone(zone), end.astimezone(zone).date()
    weeks, rest = divmod((last - first.date()).days, 7)
    days = 5 * weeks + sum((first.weekday() + each) % 7 < _SATURDAY for each in range(1, rest + 1))
    is_part = last.weekday() < _SATURDAY and datetime.combine(last, first.time(), tzinfo=zone).astimezone(UTC) >= end
    return max(0, days - is_part)


def at_hour(day: date, hour: time, zone: tzinfo) -> datetime:
    """Return the instant of a local time of day, aware UTC."""
    return datetime.combine(day, hour, tzinfo=zone).astimezone(UTC)


def next_office_time(moment: datetime, zone: tzinfo, *, opens: time, closes: time) -> datetime:
    """Return ``moment``, or the next opening if it falls outside office hours; every day of the week has some."""
    local = moment.astimezone(zone)
    if local.time() < opens:
        return at_hour(local.date(), opens, zone)
    if local.time() >= closes:
        return at_hour(local.date() + _DAY, opens, zone)
    return moment


def last_office_hour(due: datetime, zone: tzinfo, *, opens: time, closes: time) -> datetime:
    """Return the beginning of the last whole office hour before ``due``, aware UTC."""
    hour = timedelta(hours=1)
    local = (due - hour).astimezone(zone)
    last = (datetime.combine(local.date(), closes) - hour).time()
    if local.time() < opens:
        return at_hour(local.date() - _DAY, last, zone)
    if local.time() > last:
        return at_hour(local.date(), last, zone)
    return due - hour


class Times(NamedTuple):
    """When a told date has passed, when the customer hears, and when the staff are asked."""

    due_at: datetime
    speak_at: datetime
    ask_at: datetime | None


class Calendar:
    """The policy's days and hours in one zone, under a law. Keep it: what it found for a date it finds again."""

    def __init__(self, policy: Policy, zone: tzinfo, law: Law | None = None) -> None:
        self.policy = policy
        self.zone = zone
        self.law = law
        #: A delay is told before the day of shipping is over.
        self.speaks_before = policy.speak_before_ship_by or (law is not None and law.has_options)
        self.times_of = lru_cache(maxsize=1024)(self._times_of)

    def business_days(self, start: datetime, count: int) -> datetime:
        return add_business_days(start, count, self.zone, holidays=self.policy.holidays)

    def in_office(self, moment: datetime) -> datetime:
        return next_office_time(moment, self.zone, opens=self.policy.opens, closes=self.policy.closes)

    def before(self, due: datetime) -> datetime:
        return last_office_hour(due, self.zone, opens=self.policy.opens, closes=self.policy.closes)

    @property
    def implied_days(self) -> int:
        """After so many days an order without a date is expected."""
        by_law = self.law.delivery_days if self.law is not None else None
        return self.policy.implied_days if by_law is None else min(by_law, self.policy.implied_days)

    def refund_due(self, since: datetime) -> datetime:
        """Return when money that is owed ``since`` then is back: as policy or law says, whichever is earlier."""
        due = self.business_days(since, self.policy.refund_within)
        if self.law is None or self.law.refund_day is None:
            return due
        return min(due, due_instant(self.law.refund_day(since.astimezone(self.zone).date()), self.zone))

    def _times_of(self, kind: PromiseKind, due: date | datetime, grace: timedelta | None) -> Times:
        """Return the times of a told date, ``ship_by`` or ``deliver_by``."""
        passed = due_instant(due, self.zone)
        if kind is PromiseKind.DELIVER_BY:
            next_day = last_day(due, self.zone) + timedelta(days=1)
            speak = at_hour(next_day, self.policy.late_at, self.zone) + (grace or timedelta())
            return Times(passed, max(speak, passed), None)
        if self.speaks_before:
            speak = self.before(passed)
        else:
            speak = self.in_office(passed + (self.policy.ship_grace if grace is None else grace))
        ask = self.business_days(passed, -1)
        return Times(passed, speak, ask if ask < speak else None)
