"""
When the law lets a shop text.

Strictly these hours bind solicitations, and a word about an order is none. They are kept all the same for whatever is
not urgent: nobody wants to argue the difference, and nobody wants to be woken. Lists of the states' hours differ from
each other; where they do, the narrower hours stand here. It is no legal advice.
"""

from dataclasses import dataclass
from datetime import date

from ..open_hours import OpenHours, hours
from .holidays import french, us_federal
from .us_states import state_code

_NEVER = (0, 0)
_REVIEWED = date(2026, 11, 22)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsHours:
    """
    The hours of one place.

    ``country`` is ISO 3166-1 alpha-2. ``region`` is a state's code; empty: all of the country; ``?``: where the country
    is known and the state is not.
    """

    country: str
    region: str = ""
    hours: OpenHours
    source: str
    reviewed: date = _REVIEWED


SMS_HOURS: tuple[SmsHours, ...] = (
    SmsHours(country="US", hours=hours(8, 21), source="47 CFR 64.1200(c)(1)"),
    SmsHours(country="US", region="?", hours=hours(9, 20), source="what is customary for all states at once"),
    SmsHours(
        country="US",
        region="AL",
        hours=hours(8, 20, sunday=_NEVER, closed_on=us_federal),
        source="Ala. Code 8-19A; Sundays and holidays by some lists only; the state's own holidays are not in it",
    ),
    SmsHours(country="US", region="CT", hours=hours(9, 20), source="Conn. Gen. Stat. 42-288a"),
    SmsHours(country="US", region="FL", hours=hours(8, 20), source="Fla. Stat. 501.616(6), and at most 3 in 24 hours"),
    SmsHours(country="US", region="KY", hours=hours(10, 21), source="KRS 367.46955"),
    SmsHours(
        country="US",
        region="LA",
        hours=hours(8, 20, sunday=_NEVER, closed_on=us_federal),
        source="La. R.S. 45:844; Sundays and holidays by some lists only; the state's own holidays are not in it",
    ),
    SmsHours(country="US", region="MA", hours=hours(8, 20), source="Mass. Gen. Laws 159C and 201 CMR 12.00"),
    SmsHours(
        country="US",
        region="MD",
        hours=hours(8, 20),
        source="Md. Code, Com. Law 14 (Stop the Spam Calls Act of 2023), and at most 3 in 24 hours",
    ),
    SmsHours(
        country="US",
        region="MS",
        hours=hours(8, 20, sunday=_NEVER),
        source="Miss. Code 77-3-701 and following; Sundays by some lists only",
    ),
    SmsHours(country="US", region="NJ", hours=hours(8, 20), source="lists of providers"),
    SmsHours(country="US", region="OK", hours=hours(8, 20), source="Okla. Stat. 15-775C, and at most 3 in 24 hours"),
    SmsHours(
        country="US",
        region="RI",
        hours=hours(9, 18, saturday=(10, 17), sunday=(10, 17)),
        source="R.I. Gen. Laws 5-61; from one list",
    ),
    SmsHours(
        country="US",
        region="TX",
        hours=hours(9, 21, sunday=(12, 21)),
        source="Tex. Bus. & Com. Code 301 and 302 (SB 140, in force since 2025-09-01)",
    ),
    SmsHours(country="US", region="WA", hours=hours(8, 20), source="RCW 80.36.390"),
    SmsHours(
        country="FR",
        hours=hours(8, 20, saturday=(10, 20), sunday=_NEVER, closed_on=french),
        source="the operators' rules for advertising by SMS; lists differ on Saturdays",
    ),
)


def sms_hours(country: str | None, region: str | None = None) -> tuple[SmsHours, ...]:
    """Return the hours that hold in a place, all of them at once; none where no law is known."""
    country = (country or "").strip().upper()
    state = (state_code(region) or "?") if country == "US" else ""
    return tuple(each for each in SMS_HOURS if each.country == country and each.region in ("", state))
