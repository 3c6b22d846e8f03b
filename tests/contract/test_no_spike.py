"""Words that the clock causes are spread over the week: there is no flood after a weekend."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import pytest

from proactive_notify import Order, Policy
from proactive_notify._policy.calendar import Calendar
from proactive_notify._policy.promising import news_promise, wanted_promises
from proactive_notify.domain.parcels import Parcel
from proactive_notify.domain.tracking import TrackingStatus

#: A Monday, and the weeks of a year from it on.
BEGIN, WEEKS = datetime(2026, 1, 5, tzinfo=UTC), 52
ORDERS = 1_000
#: Of a Monday's fullest hour and the median of the other days', and of the days' totals.
MOST = 1.25


def words_of_the_clock(calendar: Calendar) -> Iterator[datetime]:
    """When customers hear that nothing happened, where orders come and parcels are scanned on all seven days."""
    chance = random.Random(5)
    for number in range(ORDERS):
        placed_at = BEGIN + timedelta(weeks=WEEKS) * chance.random()
        order = Order(order_id=f"A-{number}", placed_at=placed_at, placed_by="placed")
        since = placed_at
        for _ in range(4):
            since = news_promise(order, (), calendar, since).speak_at
            yield since
        moving = {"scanned_at": placed_at, "shipped_at": placed_at, "status": TrackingStatus.IN_TRANSIT}
        for parcel in (Parcel(key="label", packed_at=placed_at), Parcel(key="moving", **moving)):
            about = Order(order_id="A", placed_at=placed_at, placed_by="placed", parcels=(parcel,))
            wanted = wanted_promises(about, (), calendar, now=placed_at, country=None)
            yield from (each.speak_at for each in wanted if each.parcel)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_a_monday_is_like_other_days(zone: str) -> None:
    """Neither a Monday nor its fullest hour has more than a quarter above what the other working days have."""
    calendar = Calendar(Policy(), ZoneInfo(zone))
    local = [each.astimezone(calendar.zone) for each in words_of_the_clock(calendar)]
    hours = Counter((each.weekday(), each.hour) for each in local)
    days = Counter(each.weekday() for each in local)
    fullest = [max(hours[day, hour] for hour in range(24)) for day in range(7)]

    assert fullest[0] <= MOST * median(fullest[1:5])
    assert days[0] <= MOST * median(days[day] for day in range(1, 5))
