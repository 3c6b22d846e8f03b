"""
Business days and office hours, in the customer's zone.

*n* business days after an instant is the same local time on the *n*-th Monday to Friday after its local date. Holidays
count only if they are named.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta, tzinfo

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
