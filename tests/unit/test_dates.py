"""Days and instants: how they are read, and when a day ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_notify.domain.dates import (
    day_or_instant_text,
    due_instant,
    instant_text,
    last_day,
    parse_day_or_instant,
    parse_instant,
    start_of_day,
)

ZONES = (
    "America/Havana America/New_York America/Sao_Paulo America/St_Johns Asia/Kathmandu Asia/Tehran "
    "Australia/Lord_Howe Europe/Berlin Pacific/Apia Pacific/Kiritimati UTC"
).split()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-31T09:30:00Z", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        ("2026-01-31T09:30:00.250+02:00", datetime(2026, 1, 31, 7, 30, 0, 250_000, tzinfo=UTC)),
        (datetime(2026, 1, 31, 9, tzinfo=timezone(timedelta(hours=-3))), datetime(2026, 1, 31, 12, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_as_utc(value: Any, expected: datetime) -> None:
    """Whatever its offset, an instant is kept in UTC."""
    found = parse_instant(value)

    assert expected == found
    assert UTC is found.tzinfo


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("2026-01-31T09:30:00", "no time zone"),
        (datetime(2026, 1, 31), "no time zone"),  # noqa: DTZ001  what is refused
        ("yesterday", "is not a time like"),
        (1769851800, "found int"),
        (None, "found NoneType"),
        ("1812-01-31T09:30:00Z", "1970 to 2999"),
        ("9999-12-31T23:59:59Z", "1970 to 2999"),
    ],
)
def test_what_is_no_instant_is_refused_with_a_reason(value: Any, reason: str) -> None:
    """A time without a zone, out of all years or none at all is refused, and the words say why."""
    with pytest.raises(ValueError, match=reason):
        parse_instant(value)


def test_a_day_stays_a_day() -> None:
    """A date is no instant: it ends in somebody's zone."""
    assert date(2026, 1, 31) == parse_day_or_instant("2026-01-31")
    assert date(2026, 1, 31) == parse_day_or_instant(date(2026, 1, 31))
    assert datetime(2026, 1, 31, tzinfo=UTC) == parse_day_or_instant("2026-01-31T00:00:00Z")


@pytest.mark.parametrize("value", ["2026-02-30", "soon", "", "2026-1-1", date(1812, 1, 1), 20260131, None])
def test_what_is_no_day_is_refused(value: Any) -> None:
    """A text where a date belongs, and a day that no calendar has, are refused."""
    with pytest.raises(ValueError, match=r"date|time|year"):
        parse_day_or_instant(value)


@pytest.mark.parametrize("value", ["2026-01-31", "2026-01-31T09:30:00Z", "2026-01-31T09:30:00.250000Z"])
def test_dates_are_written_as_they_were_read(value: str) -> None:
    """A day is written as a day and an instant with Z."""
    assert value == day_or_instant_text(parse_day_or_instant(value))


def test_an_instant_is_written_in_utc() -> None:
    """Another zone's offset does not reach the wire."""
    noon = datetime(2026, 1, 31, 12, tzinfo=ZoneInfo("Europe/Berlin"))

    assert "2026-01-31T11:00:00Z" == instant_text(noon)


@pytest.mark.parametrize(
    ("day", "zone", "ends"),
    [
        (date(2026, 1, 31), "UTC", "2026-02-01T00:00"),
        (date(2026, 1, 31), "America/New_York", "2026-02-01T05:00"),
        (date(2026, 1, 31), "Asia/Kathmandu", "2026-01-31T18:15"),
        # No midnight: the clocks jumped from 23:59:59 to 01:00.
        (date(2016, 10, 15), "America/Sao_Paulo", "2016-10-16T03:00"),
        (date(2017, 10, 14), "America/Sao_Paulo", "2017-10-15T03:00"),
        (date(2018, 11, 3), "America/Sao_Paulo", "2018-11-04T03:00"),
        (date(2017, 10, 15), "America/Sao_Paulo", "2017-10-16T02:00"),
        (date(2018, 11, 4), "America/Sao_Paulo", "2018-11-05T02:00"),
        # The last hour of the day came twice.
        (date(2018, 2, 17), "America/Sao_Paulo", "2018-02-18T03:00"),
        # Midnight came twice.
        (date(2018, 11, 3), "America/Havana", "2018-11-04T04:00"),
        # The whole next day was left out.
        (date(2011, 12, 29), "Pacific/Apia", "2011-12-30T10:00"),
    ],
)
def test_a_day_ends_with_the_first_instant_of_the_next(day: date, zone: str, ends: str) -> None:
    """A promised day ends in the customer's zone, where the next one begins."""
    assert datetime.fromisoformat(f"{ends}+00:00") == due_instant(day, ZoneInfo(zone))


def test_an_instant_ends_when_it_is() -> None:
    """A promised instant is the same in every zone."""
    due = datetime(2026, 1, 31, 9, tzinfo=UTC)

    assert due == due_instant(due, ZoneInfo("Asia/Kathmandu"))


@given(day=st.dates(date(2013, 1, 1), date(2035, 12, 31)), zone=st.sampled_from(ZONES))
def test_no_earlier_instant_belongs_to_the_day(day: date, zone: str) -> None:
    """The first instant of a day is in it, and the one before is not."""
    zone_ = ZoneInfo(zone)
    first = start_of_day(day, zone_)

    assert day == first.astimezone(zone_).date()
    assert day > (first - timedelta(microseconds=1)).astimezone(zone_).date()


@given(day=st.dates(date(2013, 1, 1), date(2035, 12, 31)), zone=st.sampled_from(ZONES))
def test_the_last_day_of_a_day_is_itself(day: date, zone: str) -> None:
    """Reading a promised day back from its end gives the day, whatever the clocks do."""
    assert day == last_day(day, ZoneInfo(zone))
    assert day == last_day(due_instant(day, ZoneInfo(zone)), ZoneInfo(zone))


def test_the_last_day_of_an_instant_is_where_it_falls() -> None:
    """An instant that is midnight belongs to the day that it ends."""
    berlin = ZoneInfo("Europe/Berlin")
    noon = datetime.combine(date(2026, 1, 31), time(12), tzinfo=berlin)
    midnight = datetime.combine(date(2026, 1, 31), time(), tzinfo=berlin)

    assert date(2026, 1, 31) == last_day(noon, berlin)
    assert date(2026, 1, 30) == last_day(midnight, berlin)
