"""
Promises in words: what the customer may expect, by when, and whose turn it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo

from .._policy.promising import kept_at
from ..domain.events import PromiseBroken
from ..domain.orders import Fact, Order
from ..domain.promises import OpenedPromise, PromiseKind, PromiseState
from .days import end_of
from .facts import name_of

#: What is promised, before the day.
_PROMISED: Mapping[PromiseKind, str] = {
    PromiseKind.SHIP_BY: "the shop hands {parcel} over by",
    PromiseKind.DELIVER_BY: "{parcel} arrives by",
    PromiseKind.NEWS_BY: "{name} hears from us by",
    PromiseKind.SCAN_BY: "the carrier scans {parcel} by",
    PromiseKind.MOVE_BY: "the carrier scans {parcel} again by",
    PromiseKind.ANSWER_BY: "a person answers {name} by",
    PromiseKind.DECIDE_BY: "{name} chooses to wait or to cancel by",
    PromiseKind.REFUND_BY: "the shop sends the money back by",
    PromiseKind.COLLECT_BY: "{name} collects {parcel} by",
    PromiseKind.KNOWN_BY: "the shop records who placed the order by",
}
#: What it means that nothing kept it.
_BROKEN: Mapping[PromiseKind, str] = {
    PromiseKind.SHIP_BY: "{parcel} should have been handed over by {day}, and that is not recorded",
    PromiseKind.DELIVER_BY: "{parcel} should have arrived by {day}, and that is not recorded",
    PromiseKind.NEWS_BY: "{name} is to hear from us by {day}, and there is no news",
    PromiseKind.SCAN_BY: "the carrier has not scanned {parcel}, which was expected by {day}",
    PromiseKind.MOVE_BY: "the carrier has not scanned {parcel} again, which was expected by {day}",
    PromiseKind.ANSWER_BY: "nobody has answered {name}, which was to be done by {day}",
    PromiseKind.DECIDE_BY: "{name} has not chosen to wait or to cancel, which was asked until {day}",
    PromiseKind.REFUND_BY: "the money should have gone back by {day}, and that is not recorded",
    PromiseKind.COLLECT_BY: "{name} has not collected {parcel}, which is kept until {day}",
    PromiseKind.KNOWN_BY: "nobody has recorded who placed the order, which was expected by {day}",
}
#: Whose turn it is.
_TURNS: Mapping[PromiseKind, str] = {
    PromiseKind.DELIVER_BY: "the carrier",
    PromiseKind.SCAN_BY: "the shop and the carrier",
    PromiseKind.MOVE_BY: "the carrier",
    PromiseKind.DECIDE_BY: "the customer",
    PromiseKind.COLLECT_BY: "the customer",
}
#: These come and go with each message and each scan: they are told where they break, and where they are open.
_TELL_ONLY_BROKEN = frozenset({PromiseKind.NEWS_BY, PromiseKind.MOVE_BY, PromiseKind.KNOWN_BY})
_KINDS = frozenset(kind.value for kind in PromiseKind)
_KEPT = frozenset({PromiseState.KEPT, PromiseState.KEPT_LATE})


def turn(kind: PromiseKind, record: Sequence[str]) -> str:
    """
    Return who acts next where a promise of this kind is open.

    Args:
        record: what answers it.
    """
    is_tracked = kind is PromiseKind.NEWS_BY and any(each.startswith("tracking") for each in record)
    return _TURNS.get(PromiseKind.MOVE_BY if is_tracked else kind, "the shop")


def promised(promise: OpenedPromise, order: Order, zone: tzinfo, *, beside: datetime) -> str:
    """Return a promise in words: ``the carrier scans the parcel by Friday, 6 March``."""
    said = _PROMISED[promise.kind].format(
        name=name_of(order.customer), parcel=_parcel(promise.kind, promise.parcel, order)
    )
    implied = " at the latest, though nobody told a day" if _is_implied(promise, order) else ""
    return f"{said} {end_of(promise.due_at, zone, beside=beside)}{implied}"


def broken(event: PromiseBroken, order: Order, zone: tzinfo, *, beside: datetime) -> str:
    """Return in words what it means that nothing kept a promise."""
    if event.promise not in _KINDS:
        return f"nothing came for {event.promise}"
    kind = PromiseKind(event.promise)
    parcel = _parcel(kind, event.parcel or "", order)
    day = end_of(event.due_at, zone, beside=beside)
    return _BROKEN[kind].format(name=name_of(order.customer), parcel=parcel, day=day)


def opened_by(fact: Fact, promises: Iterable[OpenedPromise], order: Order, zone: tzinfo) -> list[str]:
    """Return what a fact promises, in words; one that changes a date says what stood before."""
    found = []
    known = list(promises)
    for each in known:
        if each.kind in _TELL_ONLY_BROKEN or not _opens(fact, each, order):
            continue
        said = promised(each, order, zone, beside=fact.recorded_at)
        before = [p for p in known if (p.kind, p.parcel) == (each.kind, each.parcel) and p.ordinal < each.ordinal]
        old = end_of(before[-1].due_at, zone, beside=fact.recorded_at) if before else ""
        moved = f", no longer by {old}" if old and old not in said else ""
        found.append(f"promised: {said}{moved}")
    return list(dict.fromkeys(found))


def kept_by(fact: Fact, promises: Iterable[OpenedPromise], order: Order, zone: tzinfo) -> list[str]:
    """Return which promises a fact keeps, and whether late."""
    if fact.event.source == "watchdog":
        return []
    found = []
    for each in promises:
        if each.state not in _KEPT or each.kind in _TELL_ONLY_BROKEN or kept_at(each, order) != fact.effective_at:
            continue
        how = "kept late" if each.state is PromiseState.KEPT_LATE else "kept"
        found.append(f"{how}: {promised(each, order, zone, beside=fact.recorded_at)}")
    return list(dict.fromkeys(found))


def _opens(fact: Fact, promise: OpenedPromise, order: Order) -> bool:
    """Whether a promise was set by a fact: it names the event, or the moment at which it happened."""
    event, how = fact.event, promise.set_by.partition(" ")[0]
    if promise.set_by == event.key:
        return True
    if event.source == "watchdog":
        return False
    at = fact.effective_at
    match promise.kind:
        case PromiseKind.SCAN_BY:
            parcel = order.parcel(promise.parcel)
            return parcel is not None and parcel.packed_at == at
        case PromiseKind.REFUND_BY | PromiseKind.DECIDE_BY:
            return how in ("owed", "offered") and promise.set_by.endswith(at.isoformat())
        case PromiseKind.COLLECT_BY:
            return event.type == "order.ready_for_pickup"
    return False


def _is_implied(promise: OpenedPromise, order: Order) -> bool:
    """Nobody told this date: it is what the law or custom expects of an order without any."""
    told = order.last_told is not None
    return promise.kind is PromiseKind.DELIVER_BY and promise.set_by == order.placed_by and not told


def _parcel(kind: PromiseKind, key: str, order: Order) -> str:
    if kind is PromiseKind.DELIVER_BY:
        return "the order"
    return f"parcel {key}" if key and len(order.parcels) > 1 else "the parcel"
