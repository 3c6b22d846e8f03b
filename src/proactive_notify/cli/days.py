"""
Days, times and durations in words, as a person in the shop reads them.
"""

import re
from datetime import date, datetime, timedelta, tzinfo

from ..domain.dates import last_day
from ..errors import UsageError

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"(\d{1,6})\s*(m|h|d|w)")


def day(value: date, *, beside: date | None = None) -> str:
    """Return ``Friday, 6 March``; the year is added where it is not that of ``beside``."""
    year = f" {value.year}" if beside is not None and beside.year != value.year else ""
    return f"{value:%A}, {value.day} {value:%B}{year}"


def end_of(due: datetime, zone: tzinfo, *, beside: datetime) -> str:
    """Return the day on which something is due, which ends in ``zone``."""
    return day(last_day(due, zone), beside=beside.astimezone(zone).date())


def hour(at: datetime, zone: tzinfo) -> str:
    """Return ``14:05``; an hour that exists twice in a night is named with its time: ``02:30 CET``."""
    local = at.astimezone(zone)
    is_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{local:%H:%M %Z}" if is_twice else f"{local:%H:%M}"


def moment(at: datetime, zone: tzinfo, *, beside: datetime) -> str:
    """Return ``Friday, 6 March, 14:05``, or ``14:05`` where ``beside`` is of the same day."""
    local, other = at.astimezone(zone).date(), beside.astimezone(zone).date()
    return hour(at, zone) if local == other else f"{day(local, beside=other)}, {hour(at, zone)}"


def span(duration: timedelta) -> str:
    """Return ``3 days``, ``5 hours`` or ``1 minute``: the largest unit of which there are at least two."""
    seconds = abs(int(duration.total_seconds()))
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}s"
    return "1 minute" if seconds >= 60 else "less than a minute"


def zone_name(zone: tzinfo) -> str:
    """Return a zone's IANA name, or how it calls itself."""
    return getattr(zone, "key", None) or str(zone)


def duration_of(said: str) -> timedelta:
    """
    Return what ``90m``, ``12h``, ``3d`` or ``2w`` means.

    Raises:
        UsageError: it is none of these.
    """
    found = _DURATION.fullmatch(said.strip().lower())
    if found is None:
        raise UsageError(f"{said!r} is no duration; write 90m, 12h, 3d or 2w")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
