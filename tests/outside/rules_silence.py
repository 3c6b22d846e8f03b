"""Rules about silence: none longer than promised while an order is open, and silence after its end."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from tests.outside import days
from tests.outside.order_seen import State
from tests.outside.output_seen import Case, Finding, Message
from tests.outside.parcels_seen import ENDED, OPEN
from tests.outside.rules_words import PATIENCE

TOLERANCE = timedelta(minutes=5)
NO_DATE, AHEAD, PAST, TWICE = 2, 5, 3, 2
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Time between two words to a customer (or the opening or end of her order)."""

    order: str
    begin: datetime
    end: datetime
    limit: datetime
    strict: datetime  # the limit where the stricter reading of the policy is taken
    budget: int

    @property
    def hours(self) -> float:
        """How long it was."""
        return (self.end - self.begin) / timedelta(hours=1)


def words(case: Case) -> list[datetime]:
    """When the customer heard: messages, a person's word, and decisions in place of messages nobody can get."""
    spoken = [message.at for message in case.messages]
    spoken += [event.arrival for event in case.events("customer.answered")]
    spoken += [decision.at for decision in case.unreachable]
    return sorted(set(spoken))


def stretches(case: Case) -> Iterator[Stretch]:
    """Every stretch of silence while the order was surely open."""
    spoken = words(case)
    for begin, end in case.order.spans(OPEN, case.until):
        inside = spoken[bisect_left(spoken, begin) : bisect_left(spoken, end)]
        points = [begin, *(at for at in inside if at > begin), end]
        for first, then in pairwise(points):
            state = case.order.at(first)
            if state is not None:
                yield _stretch(case, state, first, then)


def _stretch(case: Case, state: State, begin: datetime, end: datetime) -> Stretch:
    budget, strict = _budget(case, state, begin)
    limits = [days.business_days_after(begin, count, state.zone) for count in (budget, strict)]
    return Stretch(case.id, begin, end, limits[0], limits[1], budget)


def _budget(case: Case, state: State, at: datetime) -> tuple[int, int]:
    """The budget in business days by the wider and by the stricter reading of the policy's table."""
    dates = state.dates
    if any(due > at for due in dates):
        return AHEAD, AHEAD
    implied = state.deliver if state.deliver is not None and state.deliver.implied else None
    past = bool(dates) or (implied is not None and implied.due <= at)
    if not past:
        return (AHEAD, AHEAD) if state.parcels.any_shipped else (NO_DATE, NO_DATE)
    strict = PAST if _held_since_the_date(case, at) < TWICE else AHEAD
    if implied is not None and not implied.sure and not state.parcels.any_shipped:
        return max(NO_DATE, strict), NO_DATE
    return (AHEAD if state.parcels.any_shipped else strict), strict


def _held_since_the_date(case: Case, at: datetime) -> int:
    """How many holding notices followed the first promised day of delivery that passed."""
    known = [state for state in case.order.states if state.since <= at]
    dues = [state.deliver.due for state in known if state.deliver is not None]
    dues = dues or [state.ship.due for state in known if state.ship is not None]
    first = min(dues, default=at)
    return sum(first <= message.at <= at for message in case.told("holding"))


def silence_budget(case: Case) -> Iterator[Finding]:
    """No open order is silent for longer than the shop promised."""
    for stretch in stretches(case):
        if stretch.end > stretch.limit + TOLERANCE:
            yield case.finding(
                "silence-budget",
                f"expected a word by {stretch.limit} ({stretch.budget} business days after {stretch.begin}),"
                f" found none before {stretch.end}",
            )


def quiet_after_end(case: Case) -> Iterator[Finding]:
    """Nothing follows an order's end except what an event after it caused."""
    for begin, end in case.order.spans(ENDED, case.until):
        last = end if end < case.until else case.until + PATIENCE
        for message in case.messages:
            if begin + PATIENCE < message.at < last and not _caused(case, message, begin):
                yield case.finding(
                    "quiet-after-end",
                    f"the order ended at {begin}, no event after it explains {message.notice}"
                    f" ({message.occasion}) at {message.at}",
                )


def _caused(case: Case, message: Message, end: datetime) -> bool:
    state = case.order.at(message.at)
    if state is None:
        return False
    for event in case.order.events:
        if end < event.arrival <= message.at:
            held = days.next_morning(event.arrival, state.zone) + PATIENCE
            if message.at <= max(event.arrival + DAY, held):
                return True
    return outlives_the_end(case, message, state)


def outlives_the_end(case: Case, message: Message, state: State) -> bool:
    """Whether it is the broken promise of an answer or a refund, which an order's end does not withdraw."""
    kind = message.occasion.partition(":")[0]
    causes, count = {
        "answer_by": (("customer.asked",), 1),
        "refund_by": (("order.cancelled", "order.return_received", "order.return_requested"), 7),
    }.get(kind, ((), 0))
    for event in case.events(*causes):
        due = days.business_days_after(event.arrival, count, state.zone)
        if event.arrival < message.at <= due + DAY:
            return True
    return False
