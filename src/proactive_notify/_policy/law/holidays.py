"""
Public holidays that close the hours for messages.
"""

from datetime import date, timedelta
from functools import lru_cache

_MONDAY, _THURSDAY, _SATURDAY, _SUNDAY = 0, 3, 5, 6


@lru_cache(maxsize=64)
def easter(year: int) -> date:
    """Return Easter Sunday in the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8)."""
    century, in_century = divmod(year, 100)
    leaps, left = divmod(century, 4)
    shift = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * (year % 19) + century - leaps - shift + 15) % 30
    fours, rest = divmod(in_century, 4)
    weekday = (32 + 2 * left + 2 * fours - moon - rest) % 7
    correction = (year % 19 + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=64)
def french(year: int) -> frozenset[date]:
    """Return France's public holidays (Code du travail, L3133-1); Alsace's and the overseas ones are not among them."""
    fixed = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]
    after_easter = [timedelta(days=days) for days in (1, 39, 50)]  # Easter Monday, Ascension, Whit Monday
    return frozenset([date(year, *each) for each in fixed] + [easter(year) + each for each in after_easter])


@lru_cache(maxsize=64)
def us_federal(year: int) -> frozenset[date]:
    """Return the United States' federal holidays (5 U.S.C. 6103): each on its day, and on the day it is kept."""
    fixed = [date(year, *each) for each in [(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)]]
    kept = [each + _KEPT.get(each.weekday(), timedelta()) for each in [*fixed, date(year + 1, 1, 1)]]
    moving = [
        _nth(year, 1, _MONDAY, 3),
        _nth(year, 2, _MONDAY, 3),
        _nth(year, 6, _MONDAY, 1) - timedelta(days=7),  # the last Monday of May
        _nth(year, 9, _MONDAY, 1),
        _nth(year, 10, _MONDAY, 2),
        _nth(year, 11, _THURSDAY, 4),
    ]
    return frozenset(each for each in [*fixed, *kept, *moving] if each.year == year)


#: A holiday on a Saturday is kept on the Friday before, one on a Sunday on the Monday after.
_KEPT = {_SATURDAY: timedelta(days=-1), _SUNDAY: timedelta(days=1)}


def _nth(year: int, month: int, weekday: int, count: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))
