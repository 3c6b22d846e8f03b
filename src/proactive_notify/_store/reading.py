"""
Units that only read: an order with everything that happened around it.
"""

from dataclasses import dataclass
from datetime import datetime

from .._policy.cases import Rulebook
from .._policy.options import OFFERING, options_of
from ..domain.decisions import Decision, StaffWord
from ..domain.messages import MessageState
from ..domain.options import DelayOption
from ..domain.orders import Fact, Order
from ..domain.promises import OpenedPromise
from . import rows
from .loading import load
from .units import Statement, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine:
    """A message as a listing shows it, without its address."""

    row: int
    notice: str
    occasion: str
    channel: str
    state: MessageState
    waits_for: str
    due_at: datetime
    attempts: int
    settled_at: datetime | None
    subject: str
    next_word: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """An order and why it is as it is."""

    order: Order
    facts: tuple[Fact, ...]
    promises: tuple[OpenedPromise, ...]
    messages: tuple[MessageLine, ...]
    decisions: tuple[Decision, ...]
    staff: tuple[StaffWord, ...]
    #: The offers to wait or to cancel, and what became of each.
    options: tuple[DelayOption, ...] = ()


def history(rules: Rulebook, order_id: str, *, now: datetime) -> Unit[History | None]:
    """Return all that is known about an order; ``None`` if nothing is."""
    shop = rules.shop.key
    case = (yield from load(shop, [order_id]))[order_id]
    if not case.facts:
        return None
    offering = rows.as_json([each.row for each in case.notices if each.notice in OFFERING])
    tried = yield Statement("message_tried", {"notices": offering})
    case.messages = [*case.messages, *(rows.message(tuple(row)) for _, *row in tried)]
    which = {"shop": shop, "orders": rows.as_json([order_id])}
    facts = yield Statement("event_history", {"shop": shop, "order_id": order_id})
    decisions = yield Statement("decision_load", which)
    staff = yield Statement("staff_load", which)
    messages = yield Statement("message_list", {"shop": shop, "order_id": order_id})
    return History(
        order=case.order,
        facts=tuple(map(rows.fact, facts)),
        promises=tuple(case.promises),
        messages=tuple(_line(row) for row in messages),
        decisions=tuple(map(rows.decision, decisions)),
        staff=tuple(map(rows.staff_word, staff)),
        options=options_of(case, rules, now),
    )


def _line(row: tuple) -> MessageLine:  # type: ignore[type-arg]
    pk, _, notice, occasion, channel, state, waits_for, due_at, attempts, settled_at, subject, next_word = row
    return MessageLine(
        row=pk,
        notice=notice,
        occasion=occasion,
        channel=channel,
        state=MessageState(state),
        waits_for=waits_for,
        due_at=rows.moment(due_at),
        attempts=attempts,
        settled_at=rows.maybe_moment(settled_at),
        subject=subject,
        next_word=rows.maybe_moment(next_word),
    )
