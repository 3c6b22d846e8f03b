"""
The unit that takes events in: append them, fold their orders, plan, and write what follows.

The number of statements depends on the kinds of work in the batch and not on its length.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .._policy.cases import Case, Plan, Rulebook
from .._policy.history import customer_digest, went_wrong
from .._policy.planning import plan
from ..domain.decisions import Decision, StaffWord
from ..domain.event import Event
from ..domain.events import OrderPlaced
from ..domain.orders import Fact, Order
from ..errors import EventInvalid
from . import rows
from .claims import Claimed, Handoff
from .loading import load
from .queueing import Queued, drop, queue
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


@dataclass(slots=True, kw_only=True)
class Recording:
    """What followed from calls that were recorded together."""

    #: One for each call.
    answers: list[Recorded]
    #: What was handed to a sender of this process.
    claimed: list[Claimed]
    #: Orders with something that is due and was not handed over: their version and their case.
    waiting: dict[str, tuple[int, Case]]


@dataclass(slots=True)
class _Work:
    """One recording under way."""

    now: datetime
    rules: Rulebook
    handoff: Handoff | None
    #: Event key → the number of this recording; only those that had not been known.
    fresh: dict[str, int] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    #: Order → what was decided when its known events came for the first time.
    answered: dict[str, list[Decision]] = field(default_factory=dict)


def record(events: Sequence[Event], *, now: datetime, rules: Rulebook) -> Unit[Recorded]:
    """
    Record a batch: all of it or nothing.

    An event whose source and id are known is a no-op that answers like the first time.

    Raises:
        EventInvalid: a known source and id came with other content.
    """
    recording = yield from record_together([events], now=now, rules=rules)
    return recording.answers[0]


def record_together(
    calls: Sequence[Sequence[Event]],
    *,
    now: datetime,
    rules: Rulebook,
    handoff: Handoff | None = None,
    also: Collection[str] = (),
) -> Unit[Recording]:
    """
    Record several batches as one: all of them or nothing. No two of them may be about the same order.

    Args:
        handoff: takes messages that are due at once.
        also: orders that are planned anew although nothing is recorded of them: something was sent, or came back.

    Raises:
        EventInvalid: a known source and id came with other content.
    """
    events = [event for call in calls for event in call]
    shop, work = rules.shop.key, _Work(now, rules, handoff)
    _refuse_two_contents(events, now)
    order_ids = list(dict.fromkeys([*(event.order_id for event in events), *also]))
    lock = {"shop": shop, "orders": rows.as_json(order_ids), "now": rows.micros(now)}
    locked = yield Statement("order_lock", lock)
    before = {order_id: (state, is_open, went_wrong) for order_id, state, is_open, went_wrong, *_ in locked}
    work.fresh = yield from append(shop, events, now)
    known = [event for event in events if event.key not in work.fresh]
    if known:
        work.answered = yield from _answer(shop, known, now)
    work.cases = yield from _load(shop, events, before, now)
    placed = yield from _recognise(work, events, key=locked[0][-1] if locked else "")
    touched = dict.fromkeys([*(event.order_id for event in events if event.key in work.fresh), *also])
    work.plans = {each: plan(work.cases[each], work.fresh, now, rules) for each in touched}
    queued = yield from _write(work)
    states = [_state(shop, work.cases[each]) for each in work.plans]
    yield from run_each("order_placed", [{**s, **placed[s["order_id"]]} for s in states if s["order_id"] in placed])
    changed = [s for s in states if (s["state"], s["is_open"], s["went_wrong"]) != before[s["order_id"]]]
    yield from run_each("order_state", [s for s in changed if s["order_id"] not in placed])
    closing = [closed for made in work.plans.values() for closed in made.closes]
    if closing:
        yield from record(closing, now=now, rules=rules)
    answers = [_recorded(work, call) for call in calls]
    waiting = {
        order_id: (version, queued.cases[order_id]) for order_id, *_, version, _ in locked if order_id in queued.due
    }
    return Recording(answers=answers, claimed=queued.claimed, waiting=waiting)


def _recorded(work: _Work, call: Sequence[Event]) -> Recorded:
    order_ids = list(dict.fromkeys(event.order_id for event in call))
    plans = [work.plans[each] for each in order_ids if each in work.plans]
    answered = [decision for each in order_ids for decision in work.answered.get(each, ())]
    decisions = [*answered, *(decision for made in plans for decision in made.decisions)]
    return Recorded(
        orders=tuple(work.cases[each].order for each in order_ids),
        notices=tuple(d.notice for d in decisions if d.decision == "queued"),
        decisions=tuple(decisions),
        staff=tuple(word for made in plans for word in made.staff),
        new=len({event.key for event in call} & work.fresh.keys()),
    )


def append(shop: str, events: Iterable[Event], now: datetime) -> Unit[dict[str, int]]:
    """Append what is new; return its keys, each with the number of this recording."""
    found = yield Statement(
        "event_insert", {"shop": shop, "rows": rows.as_json([rows.event_row(event, now) for event in events])}
    )
    return {f"{source} {id}": batch for source, id, batch in found}


def _refuse_two_contents(events: Sequence[Event], now: datetime) -> None:
    """One source and id cannot stand for two facts, in one batch either."""
    said: dict[str, Event] = {}
    for event in events:
        first = said.setdefault(event.key, event)
        if first is not event and rows.event_row(first, now) != rows.event_row(event, now):
            raise EventInvalid(_other_content(event))


def _other_content(event: Event) -> str:
    return (
        f"the event with source {event.source!r} and id {event.id!r} is known with other content; "
        "a new fact needs a new id"
    )


def _answer(shop: str, known: Sequence[Event], now: datetime) -> Unit[dict[str, list[Decision]]]:
    """
    Return what was decided, by order, when these events came for the first time.

    They must come with the content that is known; a time that was left out is none.
    """
    keys = rows.as_json([[event.source, event.id] for event in known])
    stored = yield Statement("event_known", {"shop": shop, "keys": keys})
    before = {(row[0], row[1]): row for row in stored}
    pairs = set()
    for event in known:
        source, id, order_id, name, at, recorded_at, data, batch = before[event.source, event.id]
        said = rows.event_row(event, rows.moment(recorded_at))
        if event.happened_at == now:
            said[4] = at
        if [source, id, order_id, name, at, recorded_at, data] != said:
            raise EventInvalid(_other_content(event))
        pairs.add((order_id, batch))
    found: dict[str, list[Decision]] = {}
    for row in (yield Statement("decision_answer", {"shop": shop, "pairs": rows.as_json(sorted(pairs))})):
        found.setdefault(row[0], []).append(rows.decision(row))
    return found


def _load(
    shop: str, events: Sequence[Event], before: dict[str, tuple[str, int, int]], now: datetime
) -> Unit[dict[str, Case]]:
    """Return the cases; nothing of an order that is new here has to be read."""
    known = [order_id for order_id, (state, *_) in before.items() if state]
    cases = (yield from load(shop, known)) if known else {}
    for event in events:
        if not before[event.order_id][0]:
            case = cases.setdefault(event.order_id, Case(order_id=event.order_id))
            if all(fact.event.key != event.key for fact in case.facts):
                case.facts.append(Fact(event, now))
    return cases


def _recognise(work: _Work, events: Sequence[Event], *, key: str) -> Unit[dict[str, dict[str, Any]]]:
    """
    Watch the orders closely whose customers had something go wrong with the order before.

    Return what is to be kept of each order that is placed just now.
    """
    shop = work.rules.shop.key
    found: dict[str, dict[str, Any]] = {}
    for event in events:
        if type(event) is OrderPlaced and event.key in work.fresh:  # not an edited one
            digest, placed_at = customer_digest(event.customer, key), rows.micros(event.happened_at)
            found[event.order_id] = {"customer": digest, "placed_at": placed_at, "is_watched": 0}
    known = [[order_id, each["customer"], each["placed_at"]] for order_id, each in found.items() if each["customer"]]
    if known:
        for (order_id,) in (yield Statement("order_before", {"shop": shop, "placed": rows.as_json(known)})):
            found[order_id]["is_watched"] = 1
            work.cases[order_id].is_watched = True
    return found


def _write(work: _Work) -> Unit[Queued]:
    """Write what follows from the plans. The cases are then as the store is."""
    shop, now, plans = work.rules.shop.key, work.now, work.plans
    batch = next(iter(work.fresh.values()), None)
    born_broken = [event for each in plans.values() for event in each.facts]
    if born_broken:
        yield from append(shop, born_broken, now)
    yield from run_each("promise_insert", _promises(shop, plans, "opened"))
    yield from run_each("promise_change", _promises(shop, plans, "changed"))
    yield from drop(plans.values(), now)
    queued = yield from queue(shop, work.cases, plans, now=now, handoff=work.handoff)
    decided = [rows.decision_values(d, shop, batch=batch) for each in plans.values() for d in each.decisions]
    yield from run_each("decision_insert", decided)
    yield from run_each("staff_insert", [rows.staff_values(w, shop) for each in plans.values() for w in each.staff])
    yield from run_each("parcel_insert", _parcels(shop, {each: work.cases[each] for each in plans}))
    work.cases.update(queued.cases)
    return queued


def _promises(shop: str, plans: dict[str, Plan], which: str) -> list[dict[str, Any]]:
    return [
        {**rows.promise_values(promise), "shop": shop, "order_id": order_id}
        for order_id, made in plans.items()
        for promise in getattr(made, which)
    ]


def _parcels(shop: str, cases: dict[str, Case]) -> list[dict[str, Any]]:
    return [
        {"shop": shop, "carrier": (parcel.carrier or "").lower(), "code": parcel.tracking_code, "order_id": order_id}
        for order_id, case in cases.items()
        for parcel in case.order.parcels
        if parcel.tracking_code
    ]


def _state(shop: str, case: Case) -> dict[str, Any]:
    return {
        "shop": shop,
        "order_id": case.order_id,
        "state": case.order.state.value,
        "is_open": int(case.order.is_live or any(each.is_open for each in case.promises)),
        "went_wrong": int(went_wrong(case)),
    }
