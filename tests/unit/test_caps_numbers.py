"""Caps as numbers: what is counted together, for how long, and when there is room again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from proactive_notify import Caps
from proactive_notify._policy.caps import NO_CAPS, Cap
from proactive_notify.channels.phone_numbers import prefix_of

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_what_each_cap_counts() -> None:
    """A number, all numbers that begin alike, and all of the channel; each by the hour and by the day."""
    found = {cap.name: (cap.scope, cap.window, cap.most) for cap in Caps()}

    assert {
        "number-per-hour": ("number", HOUR, 5),
        "number-per-day": ("number", DAY, 10),
        "prefix-per-hour": ("prefix", HOUR, 30),
        "prefix-per-day": ("prefix", DAY, 100),
        "per-hour": ("channel", HOUR, 300),
        "per-day": ("channel", DAY, 1000),
    } == found
    assert [] == list(NO_CAPS)
    assert ["per-day"] == [cap.name for cap in Caps(**{each.name.replace("-", "_"): None for each in [*Caps()][:5]})]


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (timedelta(minutes=60), None),
        (timedelta(minutes=90), None),
        (timedelta(minutes=10), timedelta(minutes=50)),
        (timedelta(minutes=55), timedelta(minutes=5)),
        (timedelta(minutes=59), timedelta(minutes=5)),
    ],
)
def test_when_there_is_room_again(ago: timedelta, expected: timedelta | None) -> None:
    """When the oldest leaves the window, but no sooner than after a twelfth of it: many may wait for the same room."""
    room_at = Cap(name="per-hour", scope="channel", most=1, window=HOUR).room_at(NOON - ago, NOON)

    assert expected == (room_at - NOON if room_at else None)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+4915112345678", "+491511"),
        ("+12125550100", "+12125"),
        ("+447911123456", "+447911"),
        ("+994501234567", "+9945012"),
        ("+5511987654321", "+551198"),
        ("nonsense", ""),
    ],
)
def test_with_what_a_number_begins(number: str, expected: str) -> None:
    """The calling code and the next four digits."""
    assert expected == prefix_of(number)
