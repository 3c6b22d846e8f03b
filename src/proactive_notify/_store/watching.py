"""
The unit of the watchdog: find promises that are past their moment and record it. Nothing is sent here.
"""

from datetime import datetime

from .._policy.cases import Rulebook
from .._policy.reconciling import at_risk_event, broken_event
from . import rows
from .recording import Recorded, record
from .units import Statement, Unit


def watch(*, now: datetime, rules: Rulebook, limit: int) -> Unit[tuple[int, Recorded | None]]:
    """
    Record ``promise.at_risk`` and ``promise.broken`` for what is due, at most ``limit``.

    Return how many promises were due and what followed.
    """
    shop = rules.shop.key
    due = yield Statement("promise_due", {"now": rows.micros(now), "shop": shop, "limit": limit})
    events = []
    for order_id, *row in due:
        promise = rows.promise(tuple(row))
        make = broken_event if promise.speak_at <= now else at_risk_event
        events.append(make(order_id, promise, at=now))
    if not events:
        return 0, None
    return len(events), (yield from record(events, now=now, rules=rules))


def next_due(*, now: datetime, shop: str) -> Unit[datetime | None]:
    """
    Return when there is something to do next: a promise to look at or a message to send after ``now``.

    A message that is due already waits for another one; it becomes free when that one is done.
    """
    ((wake_at,),) = yield Statement("promise_next", {"shop": shop})
    ((due_at,),) = yield Statement("message_next", {"shop": shop, "now": rows.micros(now)})
    found = [each for each in (wake_at, due_at) if each is not None]
    return rows.moment(min(found)) if found else None
