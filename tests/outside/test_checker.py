"""The checker itself, on small logs and outputs written by hand: it passes what is right and finds what is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.outside import damage, days, generated_log
from tests.outside.arrivals import EVENT_TYPES, read_log
from tests.outside.by_hand import EMAIL, RIGHT, WRONG, Story, at, good, long_after
from tests.outside.checker import check, main

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_passes(name: str, tmp_path: Path) -> None:
    """A replay that keeps every promise has no findings."""
    story = RIGHT[name]()

    assert set() == story.findings(tmp_path)


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found(name: str, tmp_path: Path) -> None:
    """Each broken rule is found under its name."""
    rule, story = WRONG[name]

    assert rule in story().findings(tmp_path)


# The log as it arrives


def test_the_clock_never_goes_back(tmp_path: Path) -> None:
    """An event with an older time arrives when the line before it did."""
    log = Story().event("order.paid", at(5), order="B").placed().write(tmp_path)

    assert at(5) == read_log(log).orders["A"][0].arrival


def test_a_repeated_event_is_one(tmp_path: Path) -> None:
    """The same source and id with the same content counts once; with other content it is rejected."""
    story = good()
    story.lines += [story.lines[0], story.lines[1] | {"time": at(4).isoformat()}]
    log = read_log(story.write(tmp_path))

    assert (3, 1) == (log.events, log.rejected)


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"id": "1"}',
        '{"id": "1", "source": "s", "type": "order.eaten", "subject": "A", "time": "2018-01-01T10:00:00Z"}',
        '{"id": "1", "source": "s", "type": "order.paid", "subject": "A", "time": "2018-01-01T10:00:00"}',
    ],
)
def test_a_line_that_is_no_event_is_rejected(line: str, tmp_path: Path) -> None:
    """A broken line, an unknown type and a naive time are counted, and the rest goes on."""
    log = good().write(tmp_path)
    log.write_text(line + "\n" + log.read_text())

    assert (3, 1) == (read_log(log).events, read_log(log).rejected)


# Figures


@pytest.mark.parametrize("name", ["events", "rejected", "orders", "messages", "unreachable"])
def test_a_wrong_count_is_found(name: str, tmp_path: Path) -> None:
    """The summary must count what the files hold."""
    log = good().write(tmp_path)
    summary = json.loads((tmp_path / "summary.json").read_text())
    (tmp_path / "summary.json").write_text(json.dumps(summary | {name: 77}))
    report = check(log, tmp_path, until=at(20))

    assert ["counts"] == [finding.rule for finding in report.findings]


def test_a_count_known_beforehand_is_compared(tmp_path: Path) -> None:
    """A figure that the caller knows must stand in the summary."""
    assert set() == good().findings(tmp_path, events=3, rejected=0, orders=1)
    assert {"counts"} == good().findings(tmp_path, events=4)


@pytest.mark.parametrize(("words", "found"), [(3, set()), (4, {"noise"})])
def test_a_flood_is_found(words: int, found: set[str], tmp_path: Path) -> None:
    """The median delivered order gets at most six messages."""
    story = good()
    story.messages = story.messages[:2]
    for minute in range(words):
        story.told("question-received", at(4, 10, minute))
    story.told("delivered", at(5))

    assert found == story.findings(tmp_path, noise_from=1)
    assert set() == story.findings(tmp_path, noise_from=2)


def test_the_command_line_prints_findings_and_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints a line for every finding and the figures, and its status says whether there were any."""
    story = good()
    log = story.write(tmp_path)

    until = ["--until", story.until.isoformat()]

    assert 0 == main([str(log), str(tmp_path), "--events", "3", *until])
    story.messages.pop()
    story.write(tmp_path)
    assert 1 == main([str(log), str(tmp_path), *until])
    lines = capsys.readouterr().out.splitlines()
    assert 3 == json.loads(lines[0])["messages"]
    assert lines[1].startswith("A: milestones-told: expected delivered at 2018-01-05 10:00:00+00:00")
    assert {"milestones-told": 1} == json.loads(lines[2])["findings"]


# The calendar


@pytest.mark.parametrize(
    ("day", "zone", "begins"),
    [
        (
            date(2017, 10, 15),
            "America/Sao_Paulo",
            datetime(2017, 10, 15, 3, tzinfo=UTC),
        ),  # no 00:00: the day begins at 01:00
        (date(2018, 11, 4), "America/Sao_Paulo", datetime(2018, 11, 4, 3, tzinfo=UTC)),
        (date(2018, 2, 18), "America/Sao_Paulo", datetime(2018, 2, 18, 3, tzinfo=UTC)),  # 23:00 came twice before it
        (date(2018, 3, 25), "Europe/Berlin", datetime(2018, 3, 24, 23, tzinfo=UTC)),
        (date(2018, 1, 1), "Asia/Kathmandu", datetime(2017, 12, 31, 18, 15, tzinfo=UTC)),
        (date(2018, 1, 1), "Pacific/Apia", datetime(2017, 12, 31, 10, tzinfo=UTC)),
    ],
)
def test_a_day_begins_at_its_first_instant(day: date, zone: str, begins: datetime) -> None:
    """A local day begins at its first instant, which is not always midnight."""
    assert begins == days.start_of_day(day, ZoneInfo(zone))


@pytest.mark.parametrize(
    ("begin", "count", "expected"),
    [
        (at(1), 2, at(3)),
        (at(4), 2, at(8)),
        (at(5), 1, at(8)),
        (at(6), 1, at(8)),
        (at(7), 5, at(12)),
        (at(5), 5, at(12)),
    ],
)
def test_business_days_are_mondays_to_fridays(begin: datetime, count: int, expected: datetime) -> None:
    """The nth business day is the nth Monday to Friday after the date, at the same time of day."""
    assert expected == days.business_days_after(begin, count, UTC)


def test_a_business_day_keeps_the_wall_clock() -> None:
    """The same local time is meant, also over a change of the clocks."""
    friday = datetime(2017, 10, 13, 12, tzinfo=SAO_PAULO)

    assert datetime(2017, 10, 16, 12, tzinfo=SAO_PAULO) == days.business_days_after(friday, 1, SAO_PAULO)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [(at(1, 8, 59), at(1, 9)), (at(1, 9), at(1, 9)), (at(1, 17, 59), at(1, 17, 59)), (at(1, 18), at(2, 9))],
)
def test_office_hours_are_nine_to_eighteen(moment: datetime, expected: datetime) -> None:
    """Earlier than nine waits for nine, from eighteen on the next day's nine."""
    assert expected == days.office(moment, UTC)


def test_a_customer_s_zone_comes_first() -> None:
    """The customer's own zone, else the one of her country, else UTC; a zone nobody knows is none."""
    assert "Asia/Tokyo" == str(days.zone_of(time_zone="Asia/Tokyo", country="DE"))
    assert "Europe/Berlin" == str(days.zone_of(time_zone="Mars/Olympus", country="DE"))
    assert UTC == days.zone_of(time_zone=None, country="US")


def test_a_day_told_to_a_customer_ends_in_her_zone(tmp_path: Path) -> None:
    """A day ends, and ten o'clock is, where the customer lives; the night without a midnight included."""
    story = Story().event(
        "order.placed",
        datetime(2017, 10, 12, 12, tzinfo=UTC),
        customer={"email": EMAIL, "time_zone": "America/Sao_Paulo"},
        promises={"deliver_by": "2017-10-14"},
    )
    story.until = datetime(2017, 10, 16, tzinfo=UTC)
    story.told("order-received", datetime(2017, 10, 12, 12, tzinfo=UTC))
    late = datetime.combine(date(2017, 10, 15), time(10), tzinfo=SAO_PAULO)

    assert {"promised-day-heard"} == story.findings(tmp_path)
    assert set() == story.told("late", late).findings(tmp_path)


# Damage


@pytest.mark.parametrize("notice", ["order-received", "holding", "late", "resolution"])
@pytest.mark.parametrize("harm", [damage.without_one, damage.with_one_doubled, damage.with_one_moved_by_a_week])
def test_damage_is_found(harm: Callable[..., str], notice: str, tmp_path: Path) -> None:
    """A message missing, doubled or moved by a week is found, on the order it was taken from."""
    story = long_after().told("resolution", at(41)).decided("closed", at(41)).ends(90)
    log = story.write(tmp_path)
    order = harm(tmp_path, tmp_path / "damaged", notice=notice)
    report = check(log, tmp_path / "damaged", until=story.until)

    assert set() == story.findings(tmp_path)
    assert "A" == order
    assert report.about(order)


# The generated log


def test_the_generated_log_uses_everything(tmp_path: Path) -> None:
    """It holds every type of event, every status, late and repeated lines, and is the same every time."""
    path, again = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    generated_log.write(path, orders=120, seed=7)
    generated_log.write(again, orders=120, seed=7)
    log = read_log(path)
    events = [event for order in log.orders.values() for event in order]

    assert path.read_bytes() == again.read_bytes()
    assert EVENT_TYPES == {event.type for event in events}
    assert set(generated_log.STATUSES) <= {event.data.get("status") for event in events}
    assert 120 == len(log.orders)
    assert 0 == log.rejected
    assert len(path.read_text().splitlines()) > log.events
    assert any(event.arrival - event.time > timedelta(days=1) for event in events)
    assert all(event.arrival - event.time < timedelta(days=3, hours=1) for event in events)


def test_a_shuffled_log_holds_the_same_events(tmp_path: Path) -> None:
    """Shuffling moves lines by up to three days and repeats one in ten; it loses and changes nothing."""
    path, shuffled = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    generated_log.write(path, orders=60, seed=7)
    generated_log.shuffled(path, shuffled, seed=7)
    before, after = path.read_text().splitlines(), shuffled.read_text().splitlines()

    assert set(before) == set(after)
    assert before != after[: len(before)]
    assert len(before) < len(after) < 1.2 * len(before)
    assert read_log(path).events == read_log(shuffled).events
