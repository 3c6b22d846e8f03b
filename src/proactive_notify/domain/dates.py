"""
Dates and instants as they come from outside: a promise may be either.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

from .quoting import quoted

_YEARS = range(1970, 3000)


def parse_instant(value: Any) -> datetime:
    """
    Return an aware UTC instant from an aware ``datetime`` or an RFC 3339 string.

    Raises:
        ValueError: not an instant, without a time zone, or outside the years 1970 to 2999.
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{quoted(value)} is not a time like 2026-01-31T09:30:00Z") from None
    if not isinstance(value, datetime):
        raise ValueError(f"expected a time like 2026-01-31T09:30:00Z, found {type(value).__name__}")
    if value.tzinfo is None:
        raise ValueError("the time has no time zone; write it with Z or an offset, like 2026-01-31T09:30:00Z")
    if value.year not in _YEARS:
        raise ValueError("the year lies outside 1970 to 2999")
    return value if value.tzinfo is UTC else value.astimezone(UTC)


def parse_day_or_instant(value: Any) -> date | datetime:
    """
    Return a ``date`` from ``2026-01-31``, else an aware UTC instant.

    Raises:
        ValueError: neither a date nor an aware time.
    """
    if isinstance(value, str) and len(value) <= len("2026-01-31"):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{quoted(value)} is neither a date like 2026-01-31 nor a time") from None
    if isinstance(value, date) and not isinstance(value, datetime):
        if value.year not in _YEARS:
            raise ValueError("the year lies outside 1970 to 2999")
        return value
    return parse_instant(value)


def due_instant(due: date | datetime, zone: tzinfo) -> datetime:
    """
    Return the instant at which ``due`` has passed, aware UTC.

    A day ends at the first instant of the next local day. That is not always midnight: in São Paulo the clock jumped
    from 23:59:59 to 01:00 on 2017-10-14, so that day ended at 01:00 of the next, which is the same instant.
    """
    return due if isinstance(due, datetime) else start_of_day(due + timedelta(days=1), zone)


@lru_cache(maxsize=4096)
def start_of_day(day: date, zone: tzinfo) -> datetime:
    """Return the first instant of a local day, aware UTC."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


@lru_cache(maxsize=4096)
def last_day(due: date | datetime, zone: tzinfo) -> date:
    """Return the local day on which ``due`` falls; a day that ends at midnight is the day before."""
    return (due_instant(due, zone) - timedelta(microseconds=1)).astimezone(zone).date()


def instant_text(value: datetime) -> str:
    """Return an instant as RFC 3339 with ``Z``; whole seconds carry no fraction."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def day_or_instant_text(value: date | datetime) -> str:
    """Return a date as ``2026-01-31`` and an instant as :func:`instant_text`."""
    return instant_text(value) if isinstance(value, datetime) else value.isoformat()


#: An aware UTC instant.
Instant = Annotated[datetime, BeforeValidator(parse_instant), PlainSerializer(instant_text, when_used="json")]
#: A calendar day (it ends in the customer's zone) or an aware UTC instant.
DayOrInstant = Annotated[
    date | datetime, BeforeValidator(parse_day_or_instant), PlainSerializer(day_or_instant_text, when_used="json")
]
