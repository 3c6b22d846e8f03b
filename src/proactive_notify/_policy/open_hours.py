"""
Hours of a week in which something may happen, and the first instant that lies in all of them.

Hours are read off the clock on the wall. In the night in which clocks are set forward an hour that opens at 2:30 opens
when that is passed over; in the night in which they are set back it opens twice if it lies in what is repeated.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Protocol, Self, TypeVar

#: Minutes since the local midnight: from, and until before. The end of a day is 1440.
Span = tuple[int, int]
#: The public holidays of a year.
Holidays = Callable[[int], Collection[date]]


class _Ordered(Protocol):
    def __lt__(self, other: Self, /) -> bool: ...


PointT = TypeVar("PointT", bound=_Ordered)

_DAY = timedelta(days=1)
#: How many days are looked through: longer than any row of Sundays and holidays.
_AHEAD = 15
_SUNDAY, _SATURDAY = 6, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHours:
    """
    The open spans of each weekday, Monday first.

    ``closed_on`` names the days of a year that are closed whatever their weekday.
    """

    week: tuple[tuple[Span, ...], ...]
    closed_on: Holidays | None = None

    def on(self, day: date) -> tuple[Span, ...]:
        """Return the open spans of a day."""
        if self.closed_on is not None and day in self.closed_on(day.year):
            return ()
        return self.week[day.weekday()]


def hours(
    opens: int,
    closes: int,
    *,
    saturday: tuple[int, int] | None = None,
    sunday: tuple[int, int] | None = None,
    closed_on: Holidays | None = None,
) -> OpenHours:
    """
    Return hours by whole hours of the day: ``hours(8, 20)`` is eight to eight every day.

    Args:
        saturday, sunday: hours of their own; an empty span such as ``(0, 0)`` is closed.
    """
    days = [(opens, closes)] * 7
    days[_SATURDAY], days[_SUNDAY] = saturday or days[_SATURDAY], sunday or days[_SUNDAY]
    week = tuple(((first * 60, last * 60),) if first < last else () for first, last in days)
    return OpenHours(week=week, closed_on=closed_on)


def all_day_but(begins: time, ends: time) -> OpenHours:
    """Return the hours outside of a span that may go over midnight: all but ten at night to seven in the morning."""
    first, last = (each.hour * 60 + each.minute for each in (begins, ends))
    spans: tuple[Span, ...] = ((last, first),) if last < first else ((0, first), (last, 1440))
    return OpenHours(week=(tuple((a, b) for a, b in spans if a < b),) * 7)


def next_open(now: datetime, *, zones: Sequence[tzinfo], windows: Sequence[OpenHours]) -> datetime:
    """
    Return the first instant from ``now`` on at which every zone's wall clock is inside every window; aware UTC.

    Zones so far apart that no instant suits all of them get the first instant that suits the most.
    """
    now = now.astimezone(UTC)
    begins = [datetime.combine(now.date() + n * _DAY, time(), tzinfo=UTC) for n in range(_AHEAD)]
    for begin in begins:
        spans = [(begin, begin + _DAY)]
        for zone in zones:
            spans = common(spans, _open_spans(zone, windows, begin))
        found = _first(spans, now)
        if found is not None:
            return found
    return _suits_most(now, [[each for b in begins for each in _open_spans(zone, windows, b)] for zone in zones])


def common(
    left: Sequence[tuple[PointT, PointT]], right: Sequence[tuple[PointT, PointT]]
) -> list[tuple[PointT, PointT]]:
    """Return what lies in spans of both; the spans of each are in order and do not overlap."""
    found = [(max(a, c), min(b, d)) for a, b in left for c, d in right]
    return [(a, b) for a, b in found if a < b]


def _first(spans: Iterable[tuple[datetime, datetime]], now: datetime) -> datetime | None:
    return next((max(a, now) for a, b in spans if b > now), None)


def _suits_most(now: datetime, by_zone: Sequence[Sequence[tuple[datetime, datetime]]]) -> datetime:
    """The instant at which the most zones are open; ``now`` where none ever is."""
    openings = sorted({now, *(a for spans in by_zone for a, _ in spans if a > now)})
    return max(openings, key=lambda at: sum(any(a <= at < b for a, b in spans) for spans in by_zone))


def _open_spans(zone: tzinfo, windows: Sequence[OpenHours], begin: datetime) -> list[tuple[datetime, datetime]]:
    """The spans of one UTC day in which a zone's wall clock is inside all windows."""
    found: list[tuple[datetime, datetime]] = []
    for start, end, offset in _stretches(zone, begin, begin + _DAY):
        day, last = ((each + offset).date() for each in (start, end))
        while day <= last:
            midnight = datetime.combine(day, time(), tzinfo=UTC) - offset
            spans: Sequence[Span] = [(0, 1440)]
            for window in windows:
                spans = common(spans, window.on(day))
            there = [(midnight + timedelta(minutes=a), midnight + timedelta(minutes=b)) for a, b in spans]
            found += common([(start, end)], there)
            day += _DAY
    return found


def _stretches(zone: tzinfo, start: datetime, end: datetime) -> list[tuple[datetime, datetime, timedelta]]:
    """A UTC day, cut to the second where the zone changes its offset; no zone does so twice in a day."""
    before, after = _offset(zone, start), _offset(zone, end)
    if before == after:
        return [(start, end, before)]
    low, high = 0, int((end - start).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, start + timedelta(seconds=middle)) == before else (low, middle)
    change = start + timedelta(seconds=high)
    return [(start, change, before), (change, end, after)]


def _offset(zone: tzinfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()
