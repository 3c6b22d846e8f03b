"""
The checker's own calendar: local days, office hours and business days, by ``zoneinfo`` alone.

A business day is a Monday to Friday. A local day ends at the first instant of the next one, which is not always
midnight. Instants are aware and in UTC.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

OFFICE_OPENS = time(9)
OFFICE_CLOSES = time(18)
SATURDAY = 5

# Countries in which one zone holds for everybody; elsewhere the country does not tell the zone.
ZONE_OF_COUNTRY = {
    "AT": "Europe/Vienna",
    "BE": "Europe/Brussels",
    "CH": "Europe/Zurich",
    "DE": "Europe/Berlin",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "IN": "Asia/Kolkata",
    "IT": "Europe/Rome",
    "JP": "Asia/Tokyo",
    "NL": "Europe/Amsterdam",
    "NP": "Asia/Kathmandu",
    "PL": "Europe/Warsaw",
    "SE": "Europe/Stockholm",
}


@cache
def zone_named(name: str) -> tzinfo | None:
    """The zone of that name, or None where nobody knows it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def zone_of(*, time_zone: object = None, country: object = None) -> tzinfo:
    """The zone in which a customer reads the clock: her own, else her country's, else UTC."""
    for name in (time_zone, ZONE_OF_COUNTRY.get(str(country))):
        zone = zone_named(name) if isinstance(name, str) and name else None
        if zone is not None:
            return zone
    return UTC


def instant(text: str) -> datetime:
    """
    An aware instant in UTC.

    Raises ValueError where the text is no time or has no offset.
    """
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"a time without an offset: {text!r}")
    return at.astimezone(UTC)


def at_local(day: date, hour: time, zone: tzinfo) -> datetime:
    """That local time as an instant; where the clocks leave it out, the first instant after the gap's start."""
    return datetime.combine(day, hour, tzinfo=zone).astimezone(UTC)


def start_of_day(day: date, zone: tzinfo) -> datetime:
    """The first instant of a local day."""
    return at_local(day, time(0), zone)


def local_date(at: datetime, zone: tzinfo) -> date:
    """The date on the customer's wall."""
    return at.astimezone(zone).date()


def due(told: str, zone: tzinfo) -> datetime:
    """When a told date is over: a date with that day in the zone, an instant at once."""
    if is_date(told):
        return start_of_day(date.fromisoformat(told) + timedelta(days=1), zone)
    return instant(told)


def last_day(told: str, zone: tzinfo) -> date:
    """The local day on which a told date ends."""
    return date.fromisoformat(told) if is_date(told) else local_date(instant(told), zone)


def is_date(told: str) -> bool:
    """Whether the told date is a day rather than an instant."""
    return len(told) == len("2018-01-31")


def office(at: datetime, zone: tzinfo) -> datetime:
    """The same instant if it lies in office hours, else the next opening."""
    local = at.astimezone(zone)
    if local.time() < OFFICE_OPENS:
        return at_local(local.date(), OFFICE_OPENS, zone)
    if local.time() >= OFFICE_CLOSES:
        return at_local(local.date() + timedelta(days=1), OFFICE_OPENS, zone)
    return at


def next_morning(at: datetime, zone: tzinfo) -> datetime:
    """Nine o'clock on the next local day."""
    return at_local(local_date(at, zone) + timedelta(days=1), OFFICE_OPENS, zone)


def business_days_after(at: datetime, days: int, zone: tzinfo) -> datetime:
    """
    The same local time on the nth Monday to Friday after the local date.

    Where the clocks show that time twice or never, the later of the two readings.
    """
    local = at.astimezone(zone)
    day = local.date()
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < SATURDAY
    readings = (datetime.combine(day, local.time(), tzinfo=zone).replace(fold=fold) for fold in (0, 1))
    return max(reading.astimezone(UTC) for reading in readings)
