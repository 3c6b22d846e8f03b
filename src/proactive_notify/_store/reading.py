"""
Units that only read: an order with everything that happened around it.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from .._policy.cases import Case
from ..domain.decisions import Decision, StaffWord
from ..domain.messages import MessageState
from ..domain.options import DelayOption
from ..domain.orders import Fact, Order
from ..domain.outlook import Outlook
from ..domain.promises import OpenedPromise
from . import rows
from .loading import load
from .units import Statement, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine:
    """A message as a listing shows it."""

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
    message_id: str
    address: str = field(repr=False)
    #: What the provider said last of it, for example ``delivered`` or ``bounced:5.1.1``; empty: nothing yet.
    receipt: str
    receipt_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waking:
    """An open promise in the order in which promises are looked at."""

    order_id: str
    speak_at: datetime
    wake_at: datetime
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """An order and why it is as it is."""

    order: Order
    facts: tuple[Fact, ...]
    promises: tuple[OpenedPromise, ...]
    messages: tuple[MessageLine, ...]
    decisions: tuple[Decision, ...]
    staff: tuple[StaffWord, ...]
    #: The customer's, in which the days of promises end.
    zone: tzinfo = UTC
    #: What the customer hears next if nobody records anything; ``None``: nothing is promised any more.
    outlook: Outlook | None = None
    #: The offers to wait or to cancel, and what became of each.
    options: tuple[DelayOption, ...] = ()


def history(shop: str, order_id: str) -> Unit[tuple[History, Case] | None]:
    """Return all that is known about an order, but not what is to come, and its case; ``None`` if nothing is."""
    case = (yield from load(shop, [order_id]))[order_id]
    if not case.facts:
        return None
    which = {"shop": shop, "orders": rows.as_json([order_id])}
    facts = yield Statement("event_history", {"shop": shop, "order_id": order_id})
    decisions = yield Statement("decision_load", which)
    staff = yield Statement("staff_load", which)
    messages = yield Statement("message_list", {"shop": shop, "order_id": order_id})
    known = History(
        order=case.order,
        facts=tuple(map(rows.fact, facts)),
        promises=tuple(case.promises),
        messages=tuple(_line(row) for row in messages),
        decisions=tuple(map(rows.decision, decisions)),
        staff=tuple(map(rows.staff_word, staff)),
    )
    return known, case


def waking(shop: str, *, after: Waking | None, limit: int) -> Unit[list[Waking]]:
    """Return the next open promises in the order in which they are looked at; ``None``: from the first on."""
    place = (rows.micros(after.wake_at), after.row) if after else (-1, 0)
    values = {"shop": shop, "wake_at": place[0], "pk": place[1], "limit": limit}
    return [
        Waking(order_id=order_id, speak_at=rows.moment(speak_at), wake_at=rows.moment(wake_at), row=pk)
        for order_id, speak_at, wake_at, pk in (yield Statement("promise_waking", values))
    ]


def orders_of_parcel(shop: str, code: str, *, carrier: str) -> Unit[tuple[str, ...]]:
    """Return the orders with a parcel of this tracking code: those still open first, then the newest."""
    found = yield Statement("parcel_orders", {"shop": shop, "code": code, "carrier": carrier.lower()})
    return tuple(dict.fromkeys(order_id for (order_id,) in found))


def _line(row: tuple) -> MessageLine:  # type: ignore[type-arg]
    pk, _, notice, occasion, channel, state, waits_for, due_at, attempts, settled_at, subject, next_word, *rest = row
    message_id, address, receipt, receipt_at = rest
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
        message_id=message_id,
        address=address,
        receipt=receipt,
        receipt_at=rows.maybe_moment(receipt_at),
    )
