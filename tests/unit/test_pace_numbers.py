"""How fast a channel may send, as numbers: never more in any window, and as fast as was said in the long run."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_notify import Pace, UsageError

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

paces = st.builds(
    Pace, per_second=st.floats(min_value=0.01, max_value=2_000, allow_nan=False), burst=st.integers(1, 50)
)
#: How long a sender waits before it looks again, and how many messages it has then.
looks = st.lists(
    st.tuples(st.timedeltas(timedelta(), timedelta(seconds=30)), st.integers(0, 80)), min_size=1, max_size=40
)


def leave(pace: Pace, looks: list[tuple[timedelta, int]]) -> list[datetime]:
    """When messages leave, if a sender takes all that it may at each look."""
    now = free_at = START
    left = []
    for wait, wanted in looks:
        now += wait
        count = min(wanted, pace.allowed(free_at, now))
        if count:
            free_at = pace.take(free_at, now, count)
            left += [now] * count
    return left


@given(paces, looks)
def test_no_window_has_more_than_is_allowed(pace: Pace, looks: list[tuple[timedelta, int]]) -> None:
    """Between any two messages there are at most a burst and as many as the rate gives in that time."""
    left = leave(pace, looks)
    for first, begins in enumerate(left):
        for last in range(first, len(left)):
            assert last - first + 1 <= pace.burst + (left[last] - begins) // pace.interval


@given(paces, st.integers(1, 120))
def test_who_always_has_something_to_send_reaches_the_rate(pace: Pace, wanted: int) -> None:
    """A sender that looks whenever it may has sent a burst and then one each interval, and is never told wrongly."""
    now = free_at = START
    left: list[datetime] = []
    while len(left) < wanted:
        count = min(pace.allowed(free_at, now), wanted - len(left))
        assert count >= 1
        free_at = pace.take(free_at, now, count)
        left += [now] * count
        now = max(now, pace.next_at(free_at))

    assert START + max(0, wanted - pace.burst) * pace.interval == left[-1]


@given(paces, looks)
def test_it_says_to_the_microsecond_when_there_is_room(pace: Pace, looks: list[tuple[timedelta, int]]) -> None:
    """Where nothing may leave now, something may at the time that is named, and nothing a moment earlier."""
    now = free_at = START
    for wait, wanted in looks:
        now += wait
        free_at = pace.take(free_at, now, min(wanted, pace.allowed(free_at, now)))
        if pace.allowed(free_at, now) == 0:
            at = pace.next_at(free_at)

            assert now < at
            assert (0, 1) == (pace.allowed(free_at, at - MICROSECOND), pace.allowed(free_at, at))


@given(paces, st.timedeltas(timedelta(), timedelta(days=400)))
def test_time_without_messages_saves_up_no_more_than_a_burst(pace: Pace, idle: timedelta) -> None:
    """However long nothing was sent, a burst may leave at once, and not one more."""
    free_at = pace.take(START, START, pace.burst)
    long_after = START + pace.burst * pace.interval + idle

    assert pace.burst == pace.allowed(free_at, long_after) == pace.allowed(START, START)
    assert 0 == pace.allowed(pace.take(free_at, long_after, pace.burst), long_after)


@given(st.floats(min_value=0.01, max_value=2_000, allow_nan=False))
def test_the_interval_is_that_of_the_rate(per_second: float) -> None:
    """The time between two messages is the rate's, to the microsecond."""
    assert abs(Pace(per_second=per_second).interval.total_seconds() - 1 / per_second) <= 1e-6


def test_a_clock_that_was_set_back_allows_nothing_more() -> None:
    """What was remembered by a clock that was ahead counts: until that time nothing leaves."""
    pace = Pace(per_second=1, burst=5)
    free_at = pace.take(START, START + timedelta(hours=1), 5)

    assert 0 == pace.allowed(free_at, START)


@pytest.mark.parametrize("per_second", [0, -1, -0.5])
def test_a_pace_at_which_nothing_leaves_is_refused(per_second: float) -> None:
    """No messages a second, or fewer, is a mistake and said so."""
    with pytest.raises(UsageError, match="one message a week to 100,000 a second"):
        Pace(per_second=per_second)


@pytest.mark.parametrize("burst", [0, -3])
def test_a_burst_of_nothing_is_refused(burst: int) -> None:
    """A burst has at least one message."""
    with pytest.raises(UsageError, match="a burst of at least 1"):
        Pace(per_second=1, burst=burst)


@pytest.mark.parametrize("per_second", [3e6, 1e9, math.inf, math.nan, 1e-18])
def test_a_number_that_no_clock_can_measure_is_refused_or_works(per_second: float) -> None:
    """A rate beyond microseconds and years is refused when it is written, not met as an error while sending."""
    try:
        pace = Pace(per_second=per_second)
    except UsageError:
        return
    free_at = pace.take(START, START, pace.allowed(START, START))

    assert pace.next_at(free_at) >= START
