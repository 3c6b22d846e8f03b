"""
The unit that takes events in: append them, fold their orders, plan, and write what follows.

The number of statements depends on the kinds of work in the batch and not on its length.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .._policy.cases import Case, NewNotice, Plan, Rulebook
from .._policy.planning import plan, replace_facts
from ..domain.decisions import Decision, StaffWord
from ..domain.event import Event
from ..domain.orders import Fact, Order
from ..errors import EventInvalid
from . import rows
from .loading import load
from .units import Statement, Unit, run_each


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What followed from recording events."""

    #: The orders as they are now.
    orders: tuple[Order, ...]
    #: The keys of the notices that were queued.
    notices: tuple[str, ...]
    decisions: tuple[Decision, ...]
    staff: tuple[StaffWord, ...] = ()
    #: How many of the events had not been known.
    new: int = 0


def record(events: Sequence[Event], *, now: datetime, rules: Rulebook) -> Unit[Recorded]:
    """
    Record a batch: all of it or nothing.

    An event whose source and id are known is a no-op that answers like the first time.

    Raises:
        EventInvalid: a known source and id came with other content.
    """
    shop = rules.shop.key
    _refuse_two_contents(events, now)
    order_ids = list(dict.fromkeys(event.order_id for event in events))
    lock = {"shop": shop, "orders": rows.as_json(order_ids), "now": rows.micros(now)}
    before = {order_id: (state, is_open) for order_id, state, is_open in (yield Statement("order_lock", lock))}
    fresh = yield from append(shop, events, now)
    known = [event for event in events if event.key not in fresh]
    answered = (yield from _answer(shop, known, now)) if known else []
    cases = yield from load(shop, order_ids)
    touched = [each for each in order_ids if any(e.key in fresh for e in events if e.order_id == each)]
    plans = {each: plan(cases[each], fresh, now, rules) for each in touched}
    batch = next(iter(fresh.values()), None)
    yield from write(shop, {each: (cases[each], made) for each, made in plans.items()}, now, batch=batch)
    states = [_state(shop, cases[each], made) for each, made in plans.items()]
    yield from run_each("order_state", [s for s in states if (s["state"], s["is_open"]) != before[s["order_id"]]])
    closing = [closed for made in plans.values() for closed in made.closes]
    if closing:
        yield from record(closing, now=now, rules=rules)
    decisions = [*answered, *(decision for made in plans.values() for decision in made.decisions)]
    return Recorded(
        orders=tuple(_after(cases[each], plans.get(each), now).order for each in order_ids),
        notices=tuple(d.notice for d in decisions if d.decision == "queued"),
        decisions=tuple(decisions),
        staff=tuple(word for made in plans.values() for word in made.staff),
        new=len(fresh),
    )


def append(shop: str, events: Iterable[Event], now: datetime) -> Unit[dict[str, int]]:
    """Append what is new; return its keys, each with the number of this recording."""
    found = yield Statement(
        "event_insert", {"shop": shop, "rows": rows.as_json([rows.event_row(event, now) for event in events])}
    )
    return {f"{source} {id}": batch for source, id, batch in found}


def _refuse_two_contents(events: Sequence[Event], now: datetime) -> None:
    """One source and id cannot stand for two facts, in one batch either."""
    if len(events) > 1:
        said: dict[str, list[Any]] = {}
        for event in events:
            if said.setdefault(event.key, rows.event_row(event, now)) != rows.event_row(event, now):
                raise EventInvalid(_other_content(event))


def _other_content(event: Event) -> str:
    return (
        f"the event with source {event.source!r} and id {event.id!r} is known with other content; "
        "a new fact needs a new id"
    )


def _answer(shop: str, known: Sequence[Event], now: datetime) -> Unit[list[Decision]]:
    """
    Return what was decided when these events came for the first time.

    They must come with the content that is known; a time that was left out is none.
    """
    keys = rows.as_json([[event.source, event.id] for event in known])
    stored = yield Statement("event_known", {"shop": shop, "keys": keys})
    before = {(row[0], row[1]): row for row in stored}
    batches = set()
    for event in known:
        source, id, order_id, name, at, recorded_at, data, batch = before[event.source, event.id]
        said = rows.event_row(event, rows.moment(recorded_at))
        if event.happened_at == now:
            said[4] = at
        if [source, id, order_id, name, at, recorded_at, data] != said:
            raise EventInvalid(_other_content(event))
        batches.add(batch)
    which = {"orders": rows.as_json(list({event.order_id for event in known})), "batches": rows.as_json(list(batches))}
    return [rows.decision(row) for row in (yield Statement("decision_answer", {"shop": shop, **which}))]


def _after(case: Case, made: Plan | None, now: datetime) -> Case:
    return replace_facts(case, [*case.facts, *(Fact(event, now) for event in made.facts)]) if made else case


def write(shop: str, plans: dict[str, tuple[Case, Plan]], now: datetime, *, batch: int | None) -> Unit[None]:
    """Write what follows from the plans of several orders."""
    made = [each for _, each in plans.values()]
    born_broken = [event for each in made for event in each.facts]
    if born_broken:
        yield from append(shop, born_broken, now)
    yield from run_each("promise_insert", _promises(shop, plans, "opened"))
    yield from run_each("promise_change", _promises(shop, plans, "changed"))
    yield from _drop(made, now)
    yield from _queue(shop, plans, now)
    decided = [rows.decision_values(decision, shop, batch=batch) for each in made for decision in each.decisions]
    yield from run_each("decision_insert", decided)
    yield from run_each("staff_insert", [rows.staff_values(w, shop) for each in made for w in each.staff])
    yield from run_each("parcel_insert", _parcels(shop, plans))


def _promises(shop: str, plans: dict[str, tuple[Case, Plan]], which: str) -> list[dict[str, Any]]:
    return [
        {**rows.promise_values(promise), "shop": shop, "order_id": order_id}
        for order_id, (_, made) in plans.items()
        for promise in getattr(made, which)
    ]


def _drop(plans: Iterable[Plan], now: datetime) -> Unit[None]:
    dropped = [row for each in plans for row in each.dropped]
    if dropped:
        yield Statement("notice_drop", {"pks": rows.as_json(dropped)})
        yield Statement("message_cancel_of", {"pks": rows.as_json(dropped), "now": rows.micros(now)})
    readdressed = [row for each in plans for row in each.readdressed]
    if readdressed:
        yield Statement("message_cancel", {"pks": rows.as_json(readdressed), "now": rows.micros(now)})


def _queue(shop: str, plans: dict[str, tuple[Case, Plan]], now: datetime) -> Unit[None]:
    queued = [(order_id, each) for order_id, (_, made) in plans.items() for each in made.notices]
    new = [[order_id, each.notice, each.occasion, each.cause] for order_id, each in queued if not each.row]
    pks: dict[tuple[str, str, str], int] = {}
    if new:
        values = {"shop": shop, "rows": rows.as_json(new), "now": rows.micros(now)}
        for pk, order_id, notice, occasion in (yield Statement("notice_insert", values)):
            pks[order_id, notice, occasion] = pk
    values_of_messages = [
        values
        for order_id, each in queued
        for values in message_values(shop, order_id, each, each.row or pks.get((order_id, each.notice, each.occasion)))
    ]
    yield from run_each("message_insert", values_of_messages)


def message_values(shop: str, order_id: str, notice: NewNotice, notice_pk: int | None) -> list[dict[str, Any]]:
    """Return the messages of a notice as ``message_insert`` takes them; none if somebody else queued the notice."""
    if notice_pk is None:
        return []
    return [
        {
            "id": rows.message_id([shop, order_id, notice.notice, notice.occasion, each.channel, each.address]),
            "notice_pk": notice_pk,
            "shop": shop,
            "order_id": order_id,
            "channel": each.channel,
            "address": each.address,
            "due_at": rows.micros(each.due_at),
            "expires_at": rows.maybe_micros(each.expires_at),
        }
        for each in notice.messages
    ]


def _parcels(shop: str, plans: dict[str, tuple[Case, Plan]]) -> list[dict[str, Any]]:
    return [
        {"shop": shop, "carrier": (parcel.carrier or "").lower(), "code": parcel.tracking_code, "order_id": order_id}
        for order_id, (case, _) in plans.items()
        for parcel in case.order.parcels
        if parcel.tracking_code
    ]


def _state(shop: str, case: Case, made: Plan) -> dict[str, Any]:
    changed = {each.row: each for each in made.changed}
    promises = [*(changed.get(each.row, each) for each in case.promises), *made.opened]
    is_open = case.order.is_live or any(each.is_open for each in promises)
    return {"shop": shop, "order_id": case.order_id, "state": case.order.state.value, "is_open": int(is_open)}
