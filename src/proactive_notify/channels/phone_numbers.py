"""
Phone numbers as people write them, read by Google's metadata (``phonenumbers``). No error names a number.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    format_number,
    is_valid_number,
    number_type,
    parse,
    region_code_for_country_code,
    region_code_for_number,
)
from phonenumbers.timezone import time_zones_for_number

#: What can receive a text and costs no premium. In North America mobiles and landlines look alike.
_REACHABLE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE, PhoneNumberType.VOIP})
_NORTH_AMERICA = 1
_UNKNOWN_ZONE = "Etc/Unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number that can receive texts: in E.164, and the country (ISO 3166-1 alpha-2) that gave it out."""

    e164: str
    country: str


def read(text: str | None, *, country: str | None = None) -> Number | None:
    """
    Return a number that can receive texts; ``None`` for what is no number, or one that cannot.

    Landlines, toll-free and premium numbers cannot, nor can one that needs an extension.

    Args:
        country: ISO 3166-1 alpha-2, in which a number without country code is read. Without it there has to be one.
    """
    found = _parsed(text, country)
    if found is None or found.extension or not is_valid_number(found) or not _can_receive(found):
        return None
    region = region_code_for_number(found)
    return Number(e164=format_number(found, PhoneNumberFormat.E164), country=region) if region else None


def country_of(number: str) -> str | None:
    """Return the country of a number in E.164, also of one that no customer can have; ``None`` where there is none."""
    found = _parsed(number, None)
    if found is None or found.country_code is None:
        return None
    code = region_code_for_number(found) or region_code_for_country_code(found.country_code)
    return code if code and code.isalpha() and code != "ZZ" else None


def prefix_of(number: str) -> str:
    """Return the calling code of a number in E.164 and the next four digits: about an area, or an operator."""
    found = _parsed(number, None)
    return number[: len(f"+{found.country_code}") + 4] if found is not None else ""


def zones_of(number: str) -> tuple[str, ...]:
    """Return the IANA names of the zones in which a number in E.164 may be, by its prefix."""
    found = _parsed(number, None)
    return tuple(_known(found)) if found is not None else ()


def _parsed(text: str | None, country: str | None) -> PhoneNumber | None:
    try:
        return parse(text or "", (country or "").strip().upper() or None)
    except NumberParseException:
        return None


def _can_receive(number: PhoneNumber) -> bool:
    kind = number_type(number)
    # +1 500 and its like are people's own and cost nothing more; elsewhere personal numbers are dear.
    personal = kind == PhoneNumberType.PERSONAL_NUMBER and number.country_code == _NORTH_AMERICA
    return kind in _REACHABLE or personal


def _known(number: PhoneNumber) -> Iterator[str]:
    return (name for name in time_zones_for_number(number) if name != _UNKNOWN_ZONE)
