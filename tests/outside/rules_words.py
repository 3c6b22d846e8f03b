"""Rules about single messages: the first one, none twice, none untrue, milestones told, addresses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from tests.outside import days
from tests.outside.arrivals import Event
from tests.outside.order_seen import IMPORT_AGE, State
from tests.outside.output_seen import Case, Finding, Message
from tests.outside.parcels_seen import ENDED, OPEN

CONFIRMATION = "order-received"
SAME_INSTANT = timedelta(seconds=1)
PATIENCE = timedelta(minutes=3)
FRESH = timedelta(days=2)
SURVIVES_THE_END = ("answer_by", "refund_by")

# Only an order that goes on can be held, late or delayed.
GOING_ON = frozenset(
    "delayed delayed-again late holding no-movement still-no-movement out-for-delivery sourcing backordered"
    " preparing packed not-picked-up arriving-tomorrow date-changed moving-again".split()
)
# What must be known before a notice can be true: one of these event types.
NEEDS = {
    "shipped": {"order.shipped", "tracking.updated"},
    "delivered": {"order.delivered", "order.picked_up", "tracking.updated"},
    "cancelled": {"order.cancelled"},
    "refunded": {"order.refunded"},
    "payment-received": {"order.paid", "order.placed"},
    "payment-failed": {"order.payment_failed"},
    "sourcing": {"order.sourcing"},
    "backordered": {"order.backordered"},
    "out-for-delivery": {"tracking.updated"},
    "ready-for-pickup": {"order.ready_for_pickup", "tracking.updated"},
    "packed": {"order.packed"},
}


def first_is_confirmation(case: Case) -> Iterator[Finding]:
    """The first message is the confirmation, at the instant at which the order came."""
    rule, placed = "first-is-confirmation", case.order.placed
    if placed is None or placed.arrival > case.until:
        if case.messages:
            yield case.finding(rule, f"no order.placed, yet {_words(case.messages[0])}")
        return
    early = [message for message in case.messages if message.at < placed.arrival]
    if early:
        yield case.finding(rule, f"placed arrived at {placed.arrival}, yet before that {_words(early[0])}")
    if not placed.notify or case.order.is_import:
        for message in case.told(CONFIRMATION):
            yield case.finding(rule, f"nobody was to be told of this placing, yet {_words(message)}")
        return
    state = case.order.at(placed.arrival)
    if state is not None and not state.reachable:
        yield from _nobody_to_tell(case)
    elif state is not None and state.email:
        yield from _confirmed(case, placed)


def _confirmed(case: Case, placed: Event) -> Iterator[Finding]:
    first = case.messages[0] if case.messages else None
    if first is None or first.notice != CONFIRMATION or abs(first.at - placed.arrival) > SAME_INSTANT:
        found = _words(first) if first else "nothing"
        yield case.finding("first-is-confirmation", f"expected {CONFIRMATION} at {placed.arrival}, found {found}")
    for message in case.told(CONFIRMATION)[1:]:
        yield case.finding("first-is-confirmation", f"a second one: {_words(message)}")


def _nobody_to_tell(case: Case) -> Iterator[Finding]:
    if not any(decision.unreachable for decision in case.decisions):
        yield case.finding("unreachable", "no address at all, and no decision whose rule says unreachable")
    for message in case.messages:
        state = case.order.at(message.at)
        if state is not None and not state.reachable:
            yield case.finding("unreachable", f"no address is known, yet {_words(message)}")


def no_double(case: Case) -> Iterator[Finding]:
    """Nobody is told anything twice."""
    intents = Counter((message.notice, message.occasion, message.channel) for message in case.messages)
    for intent, times in intents.items():
        if times > 1:
            yield case.finding("no-double", f"{times} times {intent}")
    texts = Counter((m.notice, m.channel, m.text, _day(case, m)) for m in case.messages)
    for (notice, _, _, day), times in texts.items():
        if times > 1:
            yield case.finding("no-double", f"{times} times the same text of {notice} on {day}")


def _day(case: Case, message: Message) -> str:
    state = case.order.at(message.at)
    zone = state.zone if state is not None else days.zone_of()
    return days.local_date(message.at, zone).isoformat()


def never_untrue(case: Case) -> Iterator[Finding]:
    """Nothing is said that what had arrived by then contradicts."""
    for message in case.messages:
        state = case.order.at(message.at)
        if state is None:
            continue
        why = _untrue(message, state)
        if why:
            yield case.finding("never-untrue", f"{_words(message)}, but {why}")


def _untrue(message: Message, state: State) -> str:
    notice, occasion = message.notice, message.occasion
    needs = NEEDS.get(notice)
    if needs and not needs & state.types:
        return f"none of {sorted(needs)} has arrived"
    arrived = state.parcels.any_delivered and (state.parcels.life == ENDED or _parcel_delivered(occasion, state))
    if notice == "shipped" and arrived:
        return "that parcel is known to be delivered"
    if notice in GOING_ON and state.parcels.life == ENDED and not occasion.startswith(SURVIVES_THE_END):
        return f"the order ended at or before {state.since}"
    if notice in {"late", "delayed", "delayed-again"}:
        return _untimely(message, state)
    if occasion.startswith("refund_by") and "order.refunded" in state.types:
        return "the refund is known"
    return ""


def _untimely(message: Message, state: State) -> str:
    """A promise cannot be past before its date."""
    if message.notice == "late":
        told = state.deliver
        if told is None and state.expected is None:
            return "no date of delivery was told"
        if told is not None and told.sure and told.due > message.at:
            return f"its date is {told.raw}"
    elif message.occasion.startswith("ship_by"):
        if state.parcels.any_shipped and state.parcels.covered and state.life == OPEN and len(state.parcels.by_key) < 2:
            return "it is known to be shipped"
        if state.ship is not None and state.ship.sure and state.ship.due > message.at:
            return f"its date is {state.ship.raw}"
    elif "order.delayed" not in state.types and (state.ship is None or state.ship.due > message.at):
        return "nothing says so"
    return ""


def _parcel_delivered(occasion: str, state: State) -> bool:
    parcel = state.parcels.by_key.get(occasion.partition("parcel:")[2])
    return parcel is not None and parcel.delivered


def news_is_fresh(case: Case) -> Iterator[Finding]:
    """What an event is the news of is told within two days (at most one unforced notice goes a day)."""
    placed = case.order.placed
    if placed is None:
        return
    for message in case.messages:
        causes = case.events(*NEEDS.get(message.notice, ()), "customer.updated")
        known = [max(event.arrival, placed.arrival) for event in causes]
        if message.notice in NEEDS and known and not any(at <= message.at <= at + FRESH for at in known):
            yield case.finding(
                "news-is-fresh", f"{_words(message)}, but its causes came at {[str(at) for at in known]}"
            )


def milestones_told(case: Case) -> Iterator[Finding]:
    """The handover, the delivery and the cancelling are told as soon as they are known."""
    states = case.order.states
    for before, after in pairwise(states):
        notice = _milestone(case, before, after)
        limit = after.since + PATIENCE
        if not notice or limit > case.until or not after.email:
            continue
        if not any(after.since <= message.at <= limit for message in case.told(notice)):
            yield case.finding("milestones-told", f"expected {notice} at {after.since}, found none")


def _milestone(case: Case, before: State, after: State) -> str:
    """The notice that this step of the order must cause, or none."""
    new = [event for event in case.order.events if event.arrival == after.since]
    if before.life != OPEN or any(after.since - event.time > IMPORT_AGE or not event.notify for event in new):
        return ""
    kinds = {event.type for event in new}
    soon = case.order.at(after.since + PATIENCE)
    settled = soon is not None and soon.life == after.life
    if after.parcels.life == ENDED and settled and "cancelled" not in kinds:
        if "order.delivered" in kinds and not after.parcels.cancelled:
            return "delivered"
        return "cancelled" if "order.cancelled" in kinds and not after.parcels.any_delivered else ""
    quiet = settled and not after.troubled and not after.statuses - {"pre_transit"}
    first = "order.shipped" in kinds and not before.parcels.any_shipped and not after.parcels.any_delivered
    return "shipped" if quiet and first and soon is not None and not soon.statuses - {"pre_transit"} else ""


def well_formed(case: Case) -> Iterator[Finding]:
    """Every message says something, to the address that was known then."""
    for message in case.messages:
        if not message.subject.strip() or not message.text.strip():
            yield case.finding("well-formed", f"an empty subject or text: {_words(message)}")
        state = case.order.at(message.at)
        if state is not None and message.to not in {state.email, state.phone} - {""}:
            yield case.finding("well-formed", f"expected to {state.email!r}, found {message.to!r}: {_words(message)}")
        if message.at > case.until:
            yield case.finding("well-formed", f"after the end of the replay {case.until}: {_words(message)}")


def _words(message: Message) -> str:
    return f"{message.notice} ({message.occasion}) at {message.at}"
