"""
The part of recording that queues messages and drops those that are no longer wanted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .._policy.cases import Case, NewMessage, NewNotice, Plan, QueuedMessage, QueuedNotice
from ..domain.messages import MessageState
from ..domain.notices import NoticeState
from . import rows
from .claims import Claimed, Handoff
from .units import Statement, Unit


@dataclass(slots=True)
class Queued:
    """What stands in the store after queueing."""

    #: The cases as they are now.
    cases: dict[str, Case] = field(default_factory=dict)
    #: What was handed over.
    claimed: list[Claimed] = field(default_factory=list)
    #: Orders with something that is due and was not handed over.
    due: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _New:
    """A message that is being queued."""

    id: str
    order_id: str
    notice: QueuedNotice
    message: NewMessage
    is_handed: bool = False


def drop(plans: Iterable[Plan], now: datetime) -> Unit[None]:
    """Drop the notices that will not be told, and cancel their waiting messages."""
    plans = list(plans)
    dropped = [row for each in plans for row in each.dropped]
    if dropped:
        yield Statement("notice_drop", {"pks": rows.as_json(dropped)})
        yield Statement("message_cancel_of", {"pks": rows.as_json(dropped), "now": rows.micros(now)})
    readdressed = [row for each in plans for row in each.readdressed]
    if readdressed:
        yield Statement("message_cancel", {"pks": rows.as_json(readdressed), "now": rows.micros(now)})


def queue(
    shop: str, cases: Mapping[str, Case], plans: Mapping[str, Plan], *, now: datetime, handoff: Handoff | None
) -> Unit[Queued]:
    """Queue the notices of the plans with their messages; hand over what is due, where there is room."""
    notices = yield from _notices(shop, plans, now)
    queued = Queued()
    for order_id, made in plans.items():
        queued.cases[order_id] = cases[order_id].after(made, [n for n, new in notices[order_id] if not new.row], now)
    new = [
        _New(_id(shop, order_id, new, message), order_id, notice, message)
        for order_id in plans
        for notice, new in notices[order_id]
        for message in new.messages
    ]
    if not new:
        return queued
    forbidden = (yield from _hand_over(shop, new, cases, plans, now=now, handoff=handoff)) if handoff else set()
    queued.due = {each.order_id for each in new if each.message.due_at <= now and not each.is_handed}
    for each, row in (yield from _insert(shop, new, now, handoff)):
        if each.is_handed and handoff:
            queued.claimed.append(
                Claimed(
                    message=_message(each, row),
                    notice=each.notice,
                    case=queued.cases[each.order_id],
                    suppressed=(each.message.channel, each.message.address) in forbidden,
                    token=handoff.token,
                )
            )
    return queued


def _notices(
    shop: str, plans: Mapping[str, Plan], now: datetime
) -> Unit[dict[str, list[tuple[QueuedNotice, NewNotice]]]]:
    """Insert what is new; leave out what somebody else queued meanwhile."""
    new = [[o, n.notice, n.occasion, n.cause] for o, made in plans.items() for n in made.notices if not n.row]
    pks: dict[tuple[str, str, str], int] = {}
    if new:
        values = {"shop": shop, "rows": rows.as_json(new), "now": rows.micros(now)}
        for pk, order_id, notice, occasion in (yield Statement("notice_insert", values)):
            pks[order_id, notice, occasion] = pk
    found: dict[str, list[tuple[QueuedNotice, NewNotice]]] = {order_id: [] for order_id in plans}
    for order_id, made in plans.items():
        for each in made.notices:
            pk = each.row or pks.get((order_id, each.notice, each.occasion))
            if pk is not None:
                found[order_id].append((_notice(each, pk, now), each))
    return found


def _notice(each: NewNotice, pk: int, now: datetime) -> QueuedNotice:
    return QueuedNotice(
        row=pk, notice=each.notice, occasion=each.occasion, state=NoticeState.OPEN, cause=each.cause, queued_at=now
    )


def _id(shop: str, order_id: str, notice: NewNotice, message: NewMessage) -> str:
    return rows.message_id([shop, order_id, notice.notice, notice.occasion, message.channel, message.address])


def _hand_over(
    shop: str, new: list[_New], cases: Mapping[str, Case], plans: Mapping[str, Plan], *, now: datetime, handoff: Handoff
) -> Unit[set[tuple[str, str]]]:
    """
    Mark what a sender takes at once: due, on a channel with room, and nothing of its order is still to leave before it.

    Return the addresses that are suppressed.
    """
    left, heads = dict(handoff.rooms), {order_id: _head(cases[order_id], made) for order_id, made in plans.items()}
    for each in new:
        heads[each.order_id] = min(heads[each.order_id] or each.notice.row, each.notice.row)
    wanted = [each for each in new if each.message.due_at <= now and each.notice.row == heads[each.order_id]]
    if not wanted:
        return set()
    pairs = rows.as_json([[each.message.channel, each.message.address] for each in wanted])
    found = yield Statement("message_forbidden", {"shop": shop, "pairs": pairs, "now": rows.micros(now)})
    paused = {channel for channel, address in found if address is None}
    for each in wanted:
        channel = each.message.channel
        if left.get(channel, 0) > 0 and channel not in paused:
            each.is_handed = True
            left[channel] -= 1
    return {(channel, address) for channel, address in found if address is not None}


def _head(case: Case, made: Plan) -> int:
    """Return the notice that is first in the order's lane when the plan has been written; 0: the lane is free."""
    gone = {*made.dropped, *(m.notice_row for m in case.messages if m.row in made.readdressed)}
    return min((m.notice_row for m in case.messages if m.is_live and m.notice_row not in gone), default=0)


def _insert(shop: str, new: list[_New], now: datetime, handoff: Handoff | None) -> Unit[list[tuple[_New, int]]]:
    """Insert messages; return those that were not there yet, with their rows."""
    values = {
        "shop": shop,
        "rows": rows.as_json(
            [message_row(e.id, e.order_id, e.notice.row, e.message, is_handed=e.is_handed) for e in new]
        ),
        "token": handoff.token if handoff else None,
        "lease_until": rows.micros(now + handoff.lease) if handoff else None,
    }
    by_id = {each.id: each for each in new}
    return [(by_id[id], pk) for pk, id in sorted((yield Statement("message_insert", values)))]


def message_row(
    id: str, order_id: str, notice_row: int, message: NewMessage, *, is_handed: bool = False
) -> list[object]:
    """Return a message as ``message_insert`` takes it."""
    return [
        id,
        notice_row,
        order_id,
        message.channel,
        message.address,
        rows.micros(message.due_at),
        rows.maybe_micros(message.expires_at),
        rows.maybe_micros(message.leave_by),
        int(message.is_patient),
        int(is_handed),
    ]


def _message(each: _New, row: int) -> QueuedMessage:
    return QueuedMessage(
        row=row,
        notice_row=each.notice.row,
        id=each.id,
        channel=each.message.channel,
        address=each.message.address,
        state=MessageState.CLAIMED,
        due_at=each.message.due_at,
        expires_at=each.message.expires_at,
        leave_by=each.message.leave_by,
        attempts=1,
    )
