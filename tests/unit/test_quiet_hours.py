"""When a message would wake somebody, or the law says not now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proactive_notify._engine.territories import zones_of_country
from proactive_notify._policy.cases import QueuedMessage, moment_of
from proactive_notify._policy.law.holidays import easter, french, us_federal
from proactive_notify._policy.law.sms_hours import SMS_HOURS, sms_hours
from proactive_notify._policy.law.us_states import STATES, state_code
from proactive_notify._policy.open_hours import all_day_but, hours, next_open
from proactive_notify._policy.policy import Policy
from proactive_notify._policy.quiet_hours import QuietHours, Territory, quiet_until
from proactive_notify.domain.customers import Customer, Place, Shop
from proactive_notify.domain.events import OrderPlaced
from proactive_notify.domain.messages import MessageState
from proactive_notify.domain.notices import Notice
from proactive_notify.errors import UsageError

from .order_cases import RULES, case_of, placed

NOW, ELSEWHERE = "now", "now, by the next channel"
#: What the numbers of these tests tell, as a channel would find it out.
NUMBERS = {
    "+5511987654321": Territory(country="BR", zones=("America/Sao_Paulo",)),
    "+12065550123": Territory(country="US", zones=("America/Los_Angeles",)),
    "+79161234567": Territory(country="RU", zones=("Europe/Moscow", "Asia/Vladivostok")),
    "+8006427676": Territory(),
}
GERMANY, BRAZIL, FRANCE, USA = Place(country="DE"), Place(country="BR"), Place(country="FR"), Place(country="US")


class Calm(Notice[OrderPlaced]):
    """It can wait until the morning."""

    key = "calm"
    severity = 80


class Urgent(Notice[OrderPlaced]):
    """It cannot."""

    key = "urgent"
    severity = 95


@dataclass(frozen=True)
class Row:
    """At this instant, to this customer: when does the message leave?"""

    at: str
    leaves: str
    zone: str | None = None
    to: Place | None = None
    number: str = ""
    shop: str = "UTC"
    quiet: QuietHours = field(default_factory=QuietHours)
    channel: str = "sms"
    kind: type[Notice[Any]] = Calm
    leave_by: str = ""
    expires_at: str = ""


def state(code: str) -> Place:
    return Place(country="US", region=code)


def instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def leaves(row: Row) -> str | datetime:
    """What the gate makes of it: now, at an instant, or now by the next channel since it must not wait so long."""
    rules = replace(
        RULES,
        shop=Shop(time_zone=row.shop),
        policy=Policy(quiet_hours={"sms": row.quiet, "email": row.quiet}),
        zones_of_country=zones_of_country,
        territories={"sms": lambda address: NUMBERS[address]},
    )
    now = datetime.fromisoformat(row.at)
    event = placed(customer=Customer(time_zone=row.zone), destination=row.to)
    case = case_of(event)
    notice = row.kind(event, case.order, moment_of(case, rules, now, closes_at=None, offers_choice=False))
    until = quiet_until(row.channel, notice, case.order, now, rules, address=row.number)
    message = QueuedMessage(
        row=1,
        notice_row=1,
        id="m",
        channel=row.channel,
        address=row.number,
        state=MessageState.CLAIMED,
        due_at=now,
        leave_by=instant(row.leave_by),
        expires_at=instant(row.expires_at),
    )
    if until is None:
        return NOW
    return ELSEWHERE if message.is_too_late(until) else until


ROWS = {
    # By day and by night
    "by day": Row("2026-03-06T12:00+01:00", NOW, to=GERMANY),
    "at night": Row("2026-03-06T22:15+01:00", "2026-03-07T08:00+01:00", to=GERMANY),
    "after midnight": Row("2026-03-06T00:15+01:00", "2026-03-06T08:00+01:00", to=GERMANY),
    "just before nine": Row("2026-03-06T20:59:59+01:00", NOW, to=GERMANY),
    "at nine sharp": Row("2026-03-06T21:00+01:00", "2026-03-07T08:00+01:00", to=GERMANY),
    "just before eight": Row("2026-03-06T07:59:59+01:00", "2026-03-06T08:00+01:00", to=GERMANY),
    "at eight sharp": Row("2026-03-06T08:00+01:00", NOW, to=GERMANY),
    "quiet at noon": Row(
        "2026-03-06T12:10+01:00", "2026-03-06T13:30+01:00", to=GERMANY, quiet=QuietHours(time(12), time(13, 30))
    ),
    # In which zone
    "own zone before destination": Row(
        "2026-03-06T09:00+01:00", "2026-03-06T08:00-03:00", zone="America/Sao_Paulo", to=GERMANY
    ),
    "own zone before number": Row("2026-03-06T09:00+01:00", NOW, zone="Europe/Berlin", number="+5511987654321"),
    "own zone that is none": Row("2026-03-06T23:00+01:00", "2026-03-07T08:00+01:00", zone="Mars/Olympus", to=GERMANY),
    "destination before number": Row("2026-03-06T09:00+01:00", NOW, to=GERMANY, number="+5511987654321"),
    "number": Row("2026-03-06T05:00-03:00", "2026-03-06T08:00-03:00", number="+5511987654321"),
    "number that tells nothing": Row(
        "2026-03-06T05:00+01:00", "2026-03-06T08:00+01:00", number="+8006427676", shop="Europe/Rome"
    ),
    "shop": Row("2026-03-06T05:00+01:00", "2026-03-06T08:00+01:00", shop="Europe/Rome"),
    "nothing known": Row("2026-03-06T05:00+00:00", "2026-03-06T08:00+00:00"),
    # Several zones
    "two zones by number": Row("2026-03-06T06:00+03:00", "2026-03-06T08:00+03:00", number="+79161234567"),
    "two zones by number, evening": Row("2026-03-06T14:00+03:00", "2026-03-07T08:00+03:00", number="+79161234567"),
    "from Kaliningrad to Kamchatka": Row("2026-03-06T00:00Z", "2026-03-06T06:00Z", to=Place(country="RU")),
    "no hour for all of Russia": Row(
        "2026-03-06T00:00Z", "2026-03-06T05:00Z", to=Place(country="RU"), quiet=QuietHours(time(18), time(10))
    ),
    "from Noronha to Acre": Row("2026-03-06T09:00-03:00", "2026-03-06T08:00-05:00", to=BRAZIL),
    "state in two zones, morning": Row("2026-03-06T08:30-05:00", "2026-03-06T09:00-05:00", to=state("FL")),
    "state in two zones, evening": Row("2026-03-06T20:30-05:00", "2026-03-07T09:00-05:00", to=state("FL")),
    "state in two zones, by day": Row("2026-03-06T19:59-05:00", NOW, to=state("FL")),
    "state not known": Row("2026-03-06T15:00Z", "2026-03-06T09:00-10:00", to=USA),
    # Nights in which clocks change
    "spring, over the night": Row("2026-03-07T23:00-05:00", "2026-03-08T08:00-04:00", zone="America/New_York"),
    "spring, an end that is passed over": Row(
        "2026-03-08T01:00-05:00",
        "2026-03-08T03:00-04:00",
        zone="America/New_York",
        quiet=QuietHours(time(22), time(2, 30)),
    ),
    "autumn, over the night": Row("2026-10-31T23:00-04:00", "2026-11-01T08:00-05:00", zone="America/New_York"),
    "autumn, an end that comes twice": Row(
        "2026-11-01T01:00-04:00",
        "2026-11-01T01:30-04:00",
        zone="America/New_York",
        quiet=QuietHours(time(22), time(1, 30)),
    ),
    "autumn, quiet a second time": Row(
        "2026-11-01T01:40-05:00",
        "2026-11-01T01:45-05:00",
        zone="America/New_York",
        quiet=QuietHours(time(1, 30), time(1, 45)),
    ),
    "autumn, between the two times": Row(
        "2026-11-01T01:50-04:00", NOW, zone="America/New_York", quiet=QuietHours(time(1, 30), time(1, 45))
    ),
    "a day without midnight": Row(
        "2018-11-03T23:00-03:00",
        "2018-11-04T01:00-02:00",
        zone="America/Sao_Paulo",
        quiet=QuietHours(time(21), time(0)),
    ),
    "half an hour back": Row(
        "2026-04-05T01:31+11:00",
        "2026-04-05T01:45+11:00",
        zone="Australia/Lord_Howe",
        quiet=QuietHours(time(1, 30), time(1, 45)),
    ),
    "half an hour back, again": Row(
        "2026-04-05T01:31+10:30",
        "2026-04-05T01:45+10:30",
        zone="Australia/Lord_Howe",
        quiet=QuietHours(time(1, 30), time(1, 45)),
    ),
    "a day that was left out": Row("2011-12-29T22:00-10:00", "2011-12-31T08:00+14:00", zone="Pacific/Apia"),
    "a quarter past": Row("2026-03-06T22:00+05:45", "2026-03-07T08:00+05:45", to=Place(country="NP")),
    # What the law says
    "federal hours": Row(
        "2026-03-06T07:00-08:00", "2026-03-06T08:00-08:00", to=state("CA"), quiet=QuietHours(time(23), time(6))
    ),
    "federal hours, not kept": Row(
        "2026-03-06T07:00-08:00", NOW, to=state("CA"), quiet=QuietHours(time(23), time(6), law=False)
    ),
    "Connecticut": Row("2026-03-06T08:30-05:00", "2026-03-06T09:00-05:00", to=state("CT")),
    "Kentucky": Row("2026-03-06T09:30-05:00", "2026-03-06T10:00-06:00", to=state("KY")),
    "Maryland": Row("2026-03-06T20:15-05:00", "2026-03-07T08:00-05:00", to=state("MD")),
    "Rhode Island, Saturday evening": Row("2026-03-07T17:30-05:00", "2026-03-08T10:00-04:00", to=state("RI")),
    "Texas, Saturday": Row("2026-03-14T10:00-05:00", NOW, to=state("TX")),
    "Texas, Sunday morning": Row("2026-03-15T10:00-05:00", "2026-03-15T12:00-06:00", to=state("TX")),
    "Washington by its name": Row("2026-03-06T20:30-08:00", "2026-03-07T08:00-08:00", to=state("Washington")),
    "Alabama, Sunday": Row("2026-03-15T12:00-05:00", "2026-03-16T08:00-05:00", to=state("AL")),
    "Louisiana, Memorial Day": Row("2026-05-25T10:00-05:00", "2026-05-26T08:00-05:00", to=state("LA")),
    "Alabama, Independence Day kept on a Friday": Row(
        "2026-07-02T21:00-05:00", "2026-07-06T08:00-05:00", to=state("AL")
    ),
    "law by the number": Row("2026-03-06T08:30-08:00", "2026-03-06T09:00-08:00", number="+12065550123"),
    "France, Saturday": Row("2026-03-14T09:00+01:00", "2026-03-14T10:00+01:00", to=FRANCE),
    "France, Sunday": Row("2026-03-15T12:00+01:00", "2026-03-16T08:00+01:00", to=FRANCE),
    "France, Easter": Row("2026-04-04T20:30+02:00", "2026-04-07T08:00+02:00", to=FRANCE),
    "France, 14 July": Row("2026-07-14T12:00+02:00", "2026-07-15T08:00+02:00", to=FRANCE),
    # What is never held
    "email at night": Row("2026-03-06T23:00+01:00", NOW, to=GERMANY, channel="email"),
    "a channel without quiet hours": Row("2026-03-06T23:00+01:00", NOW, to=GERMANY, channel="push"),
    "urgent at night": Row("2026-03-06T23:00+01:00", NOW, to=GERMANY, kind=Urgent),
    "urgent on a Sunday in France": Row("2026-03-15T12:00+01:00", NOW, to=FRANCE, kind=Urgent),
    "not urgent enough for this shop": Row(
        "2026-03-06T23:00+01:00", "2026-03-07T08:00+01:00", to=GERMANY, kind=Urgent, quiet=QuietHours(urgent=96)
    ),
    # What must not wait
    "legal deadline in the night": Row(
        "2026-03-06T23:00+01:00", ELSEWHERE, to=GERMANY, leave_by="2026-03-07T00:00+01:00"
    ),
    "legal deadline at the opening": Row(
        "2026-03-06T23:00+01:00", "2026-03-07T08:00+01:00", to=GERMANY, leave_by="2026-03-07T08:00+01:00"
    ),
    "legal deadline on a Sunday": Row(
        "2026-03-15T10:00+01:00", ELSEWHERE, to=FRANCE, leave_by="2026-03-15T23:00+01:00"
    ),
    "legal deadline by day": Row("2026-03-06T12:00+01:00", NOW, to=GERMANY, leave_by="2026-03-06T12:01+01:00"),
    "of no use in the morning": Row(
        "2026-03-06T23:00+01:00", ELSEWHERE, to=GERMANY, expires_at="2026-03-07T07:00+01:00"
    ),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_when_a_message_leaves(row: Row) -> None:
    """Wherever the customer is and whatever the clocks do, it leaves when nobody is woken, and not too late."""
    expected = row.leaves if row.leaves in (NOW, ELSEWHERE) else datetime.fromisoformat(row.leaves)

    assert expected == leaves(row)


def test_the_table_is_long() -> None:
    """At least forty cases are shown."""
    assert len(ROWS) >= 40


# The first open instant

ZONES = [ZoneInfo(name) for name in ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu")]
#: Around nights in which one of these zones changes its clocks.
NIGHTS = [datetime(2026, *day, tzinfo=UTC) for day in ((3, 7), (3, 28), (4, 4), (10, 3), (10, 24), (10, 31), (6, 15))]
HOURS = st.tuples(st.integers(0, 23), st.integers(1, 24)).filter(lambda each: each[0] < each[1])


@settings(max_examples=60, deadline=None)
@given(
    night=st.sampled_from(NIGHTS),
    minutes=st.integers(0, 2 * 1440),
    zones=st.lists(st.sampled_from(ZONES), min_size=1, max_size=3, unique=True),
    spans=st.lists(HOURS, min_size=1, max_size=2),
)
def test_the_first_open_instant_is_the_first(
    night: datetime, minutes: int, zones: list[ZoneInfo], spans: list[tuple[int, int]]
) -> None:
    """It is what one finds by looking at every wall clock once a minute; where none agree, it is still after now."""
    now = night + timedelta(minutes=minutes)
    found = next_open(now, zones=zones, windows=[hours(*each) for each in spans])
    opens, closes = max(each[0] for each in spans), min(each[1] for each in spans)
    looked = (now + timedelta(minutes=number) for number in range(3 * 1440))
    seen = next((at for at in looked if all(opens <= at.astimezone(zone).hour < closes for zone in zones)), None)

    assert UTC is found.tzinfo
    assert found >= now
    assert seen is None or seen == found


def test_where_nothing_is_ever_open_it_is_now() -> None:
    """Hours that leave nothing hold nothing back for ever."""
    now = datetime(2026, 3, 6, 12, tzinfo=UTC)

    assert now == next_open(now, zones=[UTC], windows=[hours(8, 9), hours(10, 11)])


def test_a_long_row_of_closed_days_is_waited_for() -> None:
    """A week of holidays is no reason to text on one of them."""
    week = frozenset(date(2026, 3, day) for day in range(6, 14))
    found = next_open(
        datetime(2026, 3, 6, 12, tzinfo=UTC), zones=[UTC], windows=[hours(8, 20, closed_on=lambda _: week)]
    )

    assert datetime(2026, 3, 14, 8, tzinfo=UTC) == found


@pytest.mark.parametrize(
    ("begins", "ends", "spans"),
    [
        (time(21), time(8), ((480, 1260),)),
        (time(12), time(13, 30), ((0, 720), (810, 1440))),
        (time(0), time(7), ((420, 1440),)),
        (time(22), time(0), ((0, 1320),)),
    ],
)
def test_what_quiet_hours_leave(begins: time, ends: time, spans: tuple[tuple[int, int], ...]) -> None:
    """The rest of the day, whether they go over midnight or not."""
    assert (spans,) * 7 == all_day_but(begins, ends).week


@pytest.mark.parametrize(
    "wrong", [(time(8), time(8)), (time(21, tzinfo=UTC), time(8)), (time(21), time(8, 0, 30))], ids=str
)
def test_quiet_hours_that_make_no_sense_are_refused(wrong: tuple[time, time]) -> None:
    """All day, in a zone of their own or by the second: said when they are written down."""
    with pytest.raises(UsageError, match="quiet hours"):
        QuietHours(*wrong)


def test_texts_are_quiet_by_default() -> None:
    """A shop that says nothing wakes nobody: texts rest from nine at night to eight."""
    assert {"sms": QuietHours(time(21), time(8))} == Policy().quiet_hours


# The law as data


def test_every_rule_says_where_it_comes_from() -> None:
    """Each entry has its source and the day on which somebody looked at it, and stands there once."""
    assert all(each.source and each.reviewed >= date(2026, 1, 1) for each in SMS_HOURS)
    assert len(SMS_HOURS) == len({(each.country, each.region) for each in SMS_HOURS})
    assert {each.region for each in SMS_HOURS if each.country == "US"} - {"", "?"} <= STATES.keys()


@pytest.mark.parametrize(
    ("country", "region", "regions"),
    [
        ("US", "TX", ["", "TX"]),
        ("us", "Texas", ["", "TX"]),
        ("US", "US-TX", ["", "TX"]),
        ("US", "NY", [""]),
        ("US", None, ["", "?"]),
        ("US", "Ontario", ["", "?"]),
        ("FR", "75", [""]),
        ("DE", "TX", []),
        (None, None, []),
    ],
)
def test_which_law_holds(country: str | None, region: str | None, regions: list[str]) -> None:
    """The country's and the state's at once; where the state is not known, what suits all of them."""
    assert regions == [each.region for each in sms_hours(country, region)]


def test_the_states_are_whole() -> None:
    """Fifty states and the capital, each with zones that exist."""
    assert 51 == len(STATES)
    assert all(ZoneInfo(zone) for _, zones in STATES.values() for zone in zones)
    assert {"DC"} == {state_code(each) for each in ("DC", "d.c.", "us-dc", " District  of Columbia ")}


@pytest.mark.parametrize("day", ["2000-04-23", "2016-03-27", "2019-04-21", "2024-03-31", "2026-04-05", "2038-04-25"])
def test_easter(day: str) -> None:
    """Easter falls on the days on which it was and will be kept, its latest one included."""
    assert date.fromisoformat(day) == easter(int(day[:4]))


def test_french_holidays() -> None:
    """The eleven public holidays of a year."""
    days = "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25".split()

    assert days == [f"{each:%m-%d}" for each in sorted(french(2026))]


def test_american_holidays() -> None:
    """Eleven a year; one on a Saturday is kept on Friday too, and New Year's may be kept in the year before."""
    days = "01-01 01-19 02-16 05-25 06-19 07-03 07-04 09-07 10-12 11-11 11-26 12-25".split()

    assert days == [f"{each:%m-%d}" for each in sorted(us_federal(2026))]
    assert date(2021, 12, 31) in us_federal(2021)
    assert date(2023, 1, 2) in us_federal(2023)
