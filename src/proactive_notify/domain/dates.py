"""
Dates and instants as they come from outside: a promise may be either.
"""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

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
            raise ValueError(f"{value[:40]!r} is not a time like 2026-01-31T09:30:00Z") from None
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
            raise ValueError(f"{value!r} is neither a date like 2026-01-31 nor a time") from None
    if isinstance(value, date) and not isinstance(value, datetime):
        if value.year not in _YEARS:
            raise ValueError("the year lies outside 1970 to 2999")
        return value
    return parse_instant(value)


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
