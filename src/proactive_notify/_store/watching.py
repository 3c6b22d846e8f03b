"""
The unit of the watchdog: find promises that are past their moment and record it. Nothing is sent here.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from .._policy.breaking import at_risk_event, broken_event, question
from .._policy.cases import Rulebook
from ..domain.decisions import StaffWord
from ..domain.promises import OpenedPromise
from . import rows
from .recording import append, record
from .units import Statement, Unit, run_each


def watch(*, now: datetime, rules: Rulebook, limit: int) -> Unit[tuple[int, tuple[StaffWord, ...]]]:
    """
    Record ``promise.at_risk`` and ``promise.broken`` for what is due, at most ``limit``.

    Return how many promises were due, and the words to the staff that followed.
    """
    shop = rules.shop.key
    found = yield Statement("promise_due", {"now": rows.micros(now), "shop": shop, "limit": limit})
    due = [(order_id, rows.promise(tuple(row))) for order_id, *row in found]
    at_risk = [(order_id, promise) for order_id, promise in due if promise.speak_at > now]
    words = (yield from _ask_staff(shop, at_risk, now)) if at_risk else ()
    broken = [broken_event(order_id, promise, at=now) for order_id, promise in due if promise.speak_at <= now]
    if broken:
        recorded = yield from record(broken, now=now, rules=rules)
        words += recorded.staff
    return len(due), words


def _ask_staff(shop: str, at_risk: Sequence[tuple[str, OpenedPromise]], now: datetime) -> Unit[tuple[StaffWord, ...]]:
    """The staff are asked once; for the order nothing follows, so it need not be loaded."""
    asked = [replace(promise, ask_at=None) for _, promise in at_risk]
    words = tuple(question(order_id, promise, at=now) for order_id, promise in at_risk)
    yield from append(shop, [at_risk_event(order_id, promise, at=now) for order_id, promise in at_risk], now)
    yield from run_each("promise_change", [rows.promise_values(each) for each in asked])
    yield from run_each("staff_insert", [rows.staff_values(each, shop) for each in words])
    return words


def next_due(*, now: datetime, shop: str) -> Unit[datetime | None]:
    """
    Return when there is something to do next: a promise to look at or a message to send after ``now``.

    A message that is due already waits for another one; it becomes free when that one is done.
    """
    ((wake_at,),) = yield Statement("promise_next", {"shop": shop})
    ((due_at,),) = yield Statement("message_next", {"shop": shop, "now": rows.micros(now)})
    found = [each for each in (wake_at, due_at) if each is not None]
    return rows.moment(min(found)) if found else None
