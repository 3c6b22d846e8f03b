"""When a message that was not taken is tried again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from proactive_notify._policy.retry import Retry


@pytest.mark.parametrize(("attempt", "minutes"), [(1, 1), (2, 4), (3, 16), (4, 60), (5, 60), (40, 60), (1_000_000, 60)])
def test_waits_grow_fourfold_up_to_an_hour(attempt: int, minutes: int) -> None:
    """One, four and sixteen minutes, then every hour."""
    assert timedelta(minutes=minutes) == Retry().wait(attempt, spread=1)


def test_waits_are_spread() -> None:
    """Rows that failed together come back between a half and the whole of the wait."""
    assert timedelta(seconds=30) == Retry().wait(1, spread=0)
    assert timedelta(seconds=45) == Retry().wait(1, spread=0.5)


def test_the_provider_may_ask_for_more() -> None:
    """A wait is never shorter than the provider asked for, and no longer for a shorter one."""
    assert timedelta(hours=2) == Retry().wait(1, spread=1, at_least=timedelta(hours=2))
    assert timedelta(minutes=1) == Retry().wait(1, spread=1, at_least=timedelta(seconds=1))


def test_attempts_may_be_limited() -> None:
    """After the last attempt there is no wait; without a limit there always is one."""
    retry = Retry(attempts=3)

    assert retry.wait(2, spread=1) is not None
    assert retry.wait(3, spread=1) is None
    assert Retry().wait(10_000, spread=1) is not None
