"""Business days and office hours, in the customer's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest

from proactive_notify._policy.calendar import (
    add_business_days,
    at_hour,
    business_days_between,
    last_office_hour,
    next_office_time,
)

BERLIN, SAO_PAULO, TEHRAN = ZoneInfo("Europe/Berlin"), ZoneInfo("America/Sao_Paulo"), ZoneInfo("Asia/Tehran")
OPENS, CLOSES = time(9), time(18)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-01-05T09:00", 0, "2026-01-05T09:00"),
        ("2026-01-05T09:00", 1, "2026-01-06T09:00"),
        ("2026-01-05T09:00", 5, "2026-01-12T09:00"),
        ("2026-01-09T09:00", 1, "2026-01-12T09:00"),
        ("2026-01-10T23:59", 1, "2026-01-12T23:59"),
        ("2026-01-11T00:00", 2, "2026-01-13T00:00"),
        ("2026-01-12T09:00", -1, "2026-01-09T09:00"),
        ("2026-01-11T09:00", -1, "2026-01-09T09:00"),
        ("2026-01-14T09:00", -3, "2026-01-09T09:00"),
    ],
)
def test_business_days_are_monday_to_friday_at_the_same_time(start: str, count: int, end: str) -> None:
    """The nth business day is the nth Monday to Friday after the date, at the same time of day."""
    assert utc(end) == add_business_days(utc(start), count, UTC)


@pytest.mark.parametrize(
    ("start", "end", "zone"),
    [
        ("2026-03-27T08:00", "2026-03-30T07:00", BERLIN),
        ("2026-10-23T07:00", "2026-10-26T08:00", BERLIN),
        ("2017-10-13T12:00", "2017-10-16T11:00", SAO_PAULO),
        ("2018-02-16T11:00", "2018-02-19T12:00", SAO_PAULO),
    ],
)
def test_the_local_time_stays_when_the_clocks_change(start: str, end: str, zone: ZoneInfo) -> None:
    """A business day over a change of the clocks ends at the same local time."""
    later = add_business_days(utc(start), 1, zone)

    assert utc(end) == later
    assert utc(start).astimezone(zone).time() == later.astimezone(zone).time()


def test_a_local_time_that_does_not_exist_is_an_hour_later() -> None:
    """Half past midnight, on a day that begins at one, is half past one."""
    later = add_business_days(datetime(2017, 3, 21, 0, 30, tzinfo=TEHRAN), 1, TEHRAN)

    assert (date(2017, 3, 22), time(1, 30)) == (later.astimezone(TEHRAN).date(), later.astimezone(TEHRAN).time())


def test_the_date_is_the_local_one() -> None:
    """Friday evening in UTC is Saturday in Tokyo, so one business day later is Monday there."""
    later = add_business_days(utc("2026-01-09T20:00"), 1, ZoneInfo("Asia/Tokyo"))

    assert utc("2026-01-11T20:00") == later


def test_only_named_holidays_count() -> None:
    """Christmas is a business day, unless the shop says otherwise."""
    start, christmas = utc("2026-12-24T09:00"), date(2026, 12, 25)

    assert utc("2026-12-25T09:00") == add_business_days(start, 1, UTC)
    assert utc("2026-12-28T09:00") == add_business_days(start, 1, UTC, holidays={christmas})
    assert start == add_business_days(utc("2026-12-28T09:00"), -1, UTC, holidays={christmas})


def test_at_hour_is_a_local_time_of_day() -> None:
    """Ten o'clock in São Paulo is noon in UTC in summer and one in winter."""
    assert utc("2018-01-10T12:00") == at_hour(date(2018, 1, 10), time(10), SAO_PAULO)
    assert utc("2018-07-10T13:00") == at_hour(date(2018, 7, 10), time(10), SAO_PAULO)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-01-05T08:59", "2026-01-05T09:00"),
        ("2026-01-05T09:00", "2026-01-05T09:00"),
        ("2026-01-05T17:59", "2026-01-05T17:59"),
        ("2026-01-05T18:00", "2026-01-06T09:00"),
        ("2026-01-09T23:00", "2026-01-10T09:00"),
    ],
)
def test_the_next_office_time(moment: str, expected: str) -> None:
    """What falls outside office hours waits for the next opening; Saturdays and Sundays have office hours too."""
    assert utc(expected) == next_office_time(utc(moment), UTC, opens=OPENS, closes=CLOSES)


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        ("2026-01-06T11:20", "2026-01-06T10:20"),
        ("2026-01-06T10:00", "2026-01-06T09:00"),
        ("2026-01-06T09:30", "2026-01-05T17:00"),
        ("2026-01-06T18:00", "2026-01-06T17:00"),
        ("2026-01-06T21:15", "2026-01-06T17:00"),
        ("2026-01-06T00:00", "2026-01-05T17:00"),
    ],
)
def test_the_last_office_hour_before(due: str, expected: str) -> None:
    """The last hour in the office before a moment begins at least an hour before it."""
    assert utc(expected) == last_office_hour(utc(due), UTC, opens=OPENS, closes=CLOSES)


def test_office_hours_are_local() -> None:
    """Nine in Berlin is eight in UTC."""
    assert utc("2026-01-06T08:00") == next_office_time(utc("2026-01-05T17:30"), BERLIN, opens=OPENS, closes=CLOSES)
    assert utc("2026-01-05T16:00") == last_office_hour(utc("2026-01-05T22:00"), BERLIN, opens=OPENS, closes=CLOSES)


@pytest.mark.parametrize("zone", [BERLIN, SAO_PAULO, TEHRAN, UTC])
def test_business_days_between_two_instants_are_those_that_were_passed(zone: tzinfo) -> None:
    """So many business days lie between two instants that the second is beyond the last of them and not the next."""
    start = utc("2017-10-05T03:10")
    for hours in range(1, 24 * 40, 7):
        begins = start + timedelta(hours=hours * 11 % 167)
        end = begins + timedelta(hours=hours)
        days = business_days_between(begins, end, zone)

        assert add_business_days(begins, days + 1, zone) >= end
        assert 0 == days or add_business_days(begins, days, zone) < end


@pytest.mark.parametrize(
    ("end", "days"),
    [("2026-01-05T09:00", 0), ("2026-01-12T09:00", 4), ("2026-01-12T09:01", 5), ("2026-01-18T23:00", 9)],
)
def test_a_business_day_is_passed_only_after_its_hour(end: str, days: int) -> None:
    """Five business days after a Monday at nine are over when the next Monday's nine has passed."""
    assert days == business_days_between(utc("2026-01-05T09:00"), utc(end), UTC)
