"""What follows from an order's facts: notices, promises, decisions and words to the staff."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from proactive_notify._policy.breaking import question
from proactive_notify._policy.cases import Case, Plan, QueuedMessage, QueuedNotice
from proactive_notify._policy.planning import plan
from proactive_notify.domain.customers import Customer
from proactive_notify.domain.events import (
    CustomerAsked,
    CustomerDecided,
    CustomerUpdated,
    OrderCancelled,
    OrderClosed,
    OrderDelayed,
    OrderDelivered,
    OrderPacked,
    OrderPaid,
    OrderRefunded,
    OrderShipped,
    OrderSourcing,
    PromiseBroken,
    TrackingUpdated,
)
from proactive_notify.domain.messages import MessageState
from proactive_notify.domain.notices import NoticeState
from proactive_notify.domain.promises import OpenedPromise, PromiseKind, PromiseState

from .order_cases import MONDAY, RULES, after, case_of, placed, told

FRIDAY = date(2026, 1, 9)
ADA = "ada@example.org"


def planned(case: Case, *fresh: Any, now: datetime | None = None) -> Plan:
    """Plan what these events bring; without any: all of the case."""
    events = fresh or [fact.event for fact in case.facts]
    return plan(case, {event.key for event in events}, now or max(event.happened_at for event in events), RULES)


def notices(made: Plan) -> list[str]:
    return [each.notice for each in made.notices]


def decided(made: Plan) -> list[tuple[str, str, str]]:
    return [(each.decision.value, each.notice, each.rule) for each in made.decisions]


def opened(made: Plan) -> set[tuple[str, str]]:
    return {(each.kind.value, each.state.name) for each in made.opened}


def waiting(key: str, cause: Any, *, row: int = 1, state: MessageState = MessageState.QUEUED) -> dict[str, Any]:
    """A notice that waits in the outbox, as a case holds it."""
    notice = QueuedNotice(
        row=row, notice=key, occasion="o", state=NoticeState.OPEN, cause=cause.key, queued_at=MONDAY, told_at=None
    )
    message = QueuedMessage(
        row=row, notice_row=row, id=f"m{row}", channel="email", address=ADA, state=state, due_at=MONDAY
    )
    return {"notices": [notice], "messages": [message]}


def promise(kind: str, due: datetime, *, state: PromiseState = PromiseState.OPEN, **said: Any) -> OpenedPromise:
    values = {"ordinal": 1, "parcel": "", "set_by": "shop order.placed@0", "ask_at": None, "row": 1}
    return OpenedPromise(
        **{**values, "kind": PromiseKind(kind), "due_at": due, "speak_at": due, "state": state, **said}
    )


def broken(kind: str, due: datetime, *, days: float, **said: Any) -> Any:
    return told(PromiseBroken, days, source="watchdog", promise=kind, due_at=due, **said)


def test_an_order_is_confirmed_and_watched() -> None:
    """Placing an order queues the confirmation and opens its promises."""
    made = planned(case_of(placed(ship_by=FRIDAY)))

    assert ["order-received"] == notices(made)
    assert {("ship_by", "OPEN"), ("news_by", "OPEN")} == opened(made)
    assert [("queued", "order-received", "order.placed")] == decided(made)


def test_an_order_without_any_date_is_watched() -> None:
    """The implied day is watched like one that was told."""
    assert {("deliver_by", "OPEN"), ("news_by", "OPEN")} == opened(planned(case_of(placed())))


def test_before_it_is_placed_nobody_is_told() -> None:
    """Facts about an order that nobody placed are kept, and `order.placed` is waited for."""
    made = planned(case_of(told(OrderShipped)))

    assert ([], {("known_by", "OPEN")}) == (notices(made), opened(made))


def test_when_it_is_placed_all_is_planned() -> None:
    """The confirmation goes first, then what is still news of what came before."""
    shipped, order = told(OrderShipped, 1), placed(2)
    made = planned(case_of(shipped, order), order, now=after(3))

    assert ["order-received", "shipped"] == notices(made)


def test_one_batch_tells_the_latest() -> None:
    """Of what comes together only the newest of a family is queued, and the rest is merged into it."""
    events = [placed(), told(OrderSourcing, 1, note="looking"), told(OrderShipped, 2), told(OrderDelivered, 3)]
    made = planned(case_of(*events), now=after(3))

    assert ["order-received", "delivered"] == notices(made)


def test_a_newer_word_supersedes_what_waits() -> None:
    """What was queued and not sent is dropped when something newer comes."""
    sourcing, shipped = told(OrderSourcing, 1, note="looking"), told(OrderShipped, 2)
    made = planned(case_of(placed(), sourcing, shipped, **waiting("sourcing", sourcing)), shipped)

    assert ([1], ["shipped"]) == (made.dropped, notices(made))
    assert ("merged", "sourcing", "said-by:shipped") in decided(made)


@pytest.mark.parametrize("state", [MessageState.CLAIMED, MessageState.SENDING, MessageState.UNCERTAIN])
def test_what_is_being_sent_is_left_alone(state: MessageState) -> None:
    """A message that has perhaps left is not called back."""
    sourcing, shipped = told(OrderSourcing, 1, note="looking"), told(OrderShipped, 2)
    made = planned(case_of(placed(), sourcing, shipped, **waiting("sourcing", sourcing, state=state)), shipped)

    assert ([], ["shipped"]) == (made.dropped, notices(made))


def test_worse_suppresses_milder() -> None:
    """What the clock caused gives way to a worse word that waits."""
    delayed = told(OrderDelayed, 1, ship_by="2026-01-20")
    silence = broken("news_by", after(2), days=2)
    made = planned(case_of(placed(ship_by=FRIDAY), delayed, silence, **waiting("delayed", delayed)), silence)

    assert [] == notices(made)
    assert [("merged", "holding", "said-by:delayed")] == decided(made)


@pytest.mark.parametrize("state", [MessageState.FAILED, MessageState.EXPIRED, MessageState.SUPPRESSED])
def test_a_word_that_cannot_be_said_suppresses_nothing(state: MessageState) -> None:
    """A worse notice whose message has failed does not keep the customer in silence."""
    delayed = told(OrderDelayed, 1, ship_by="2026-01-20")
    silence = broken("news_by", after(2), days=2)
    held = waiting("delayed", delayed, state=state)
    made = planned(case_of(placed(ship_by=FRIDAY), delayed, silence, **held), silence)

    assert ["holding"] == notices(made)


def test_the_same_occasion_is_told_once() -> None:
    """A notice that the store knows for this occasion is not queued again, however it ended."""
    shipped = told(OrderShipped, 1)
    for state in NoticeState:
        known = QueuedNotice(row=1, notice="shipped", occasion="parcel:", state=state, cause="", queued_at=MONDAY)
        assert [] == notices(planned(case_of(placed(), shipped, notices=[known]), shipped))


def test_what_is_too_old_is_recorded_and_not_told() -> None:
    """A fact older than seven days on arrival is no news; one of exactly seven days is."""
    refunded = told(OrderRefunded, 1, amount={"amount": "1", "currency": "EUR"})
    case = case_of(placed(), refunded)

    assert ["refunded"] == notices(planned(case, refunded, now=after(8)))
    assert [("dropped", "refunded", "too-old")] == decided(planned(case, refunded, now=after(8, seconds=1)))


def test_a_silent_fact_is_told_to_nobody() -> None:
    """`notify=False` records and tells nobody."""
    made = planned(case_of(placed(notify=False)))

    assert [("dropped", "order-received", "notify-false")] == decided(made)


def test_never_a_step_back() -> None:
    """A parcel that left is no news once it has arrived."""
    shipped, delivered = told(OrderShipped, 1), told(OrderDelivered, 2)

    assert [("dropped", "shipped", "no-longer-true")] == decided(
        planned(case_of(placed(), delivered, shipped), shipped, now=after(3))
    )


def test_a_date_past_on_arrival_is_born_broken() -> None:
    """The promise is written as broken, its notice is planned at once, and silence is watched."""
    made = planned(case_of(placed(4, ship_by=date(2026, 1, 2))))

    assert {("ship_by", "BROKEN"), ("news_by", "OPEN")} == opened(made)
    assert ["order-received", "delayed"] == notices(made)
    assert ["watchdog A-1:ship_by:1"] == [event.key for event in made.facts]


def test_a_broken_promise_is_born_once() -> None:
    """The same date is not broken again when the next fact comes."""
    past = promise("ship_by", after(-2), state=PromiseState.BROKEN, set_by="shop order.placed@4")
    made = planned(
        case_of(placed(4, ship_by=date(2026, 1, 2)), told(OrderPaid, 5), promises=[past]), told(OrderPaid, 5)
    )

    assert {("news_by", "OPEN")} == opened(made)


def test_no_promise_opens_in_the_past() -> None:
    """Whatever comes however late, what is opened is still ahead."""
    made = planned(
        case_of(placed(), told(OrderPacked, 0), told(CustomerAsked, 0), told(OrderShipped, 0, id="s")), now=after(90)
    )

    assert all(each.speak_at > after(90) for each in made.opened if each.is_open)
    assert any(each.is_open for each in made.opened)


def test_a_revised_date_withdraws_the_old_one() -> None:
    """The old promise is withdrawn and the next one opened, with the next number."""
    standing = promise("ship_by", datetime(2026, 1, 10, tzinfo=MONDAY.tzinfo))
    delayed = told(OrderDelayed, 1, ship_by="2026-01-20")
    made = planned(case_of(placed(ship_by=FRIDAY), delayed, promises=[standing]), delayed)

    assert [PromiseState.WITHDRAWN] == [each.state for each in made.changed]
    assert [("ship_by", 2)] == [(each.kind, each.ordinal) for each in made.opened if each.kind == "ship_by"]


@pytest.mark.parametrize(
    ("state", "shipped", "expected"),
    [
        (PromiseState.OPEN, 3, PromiseState.KEPT),
        (PromiseState.BROKEN, 7, PromiseState.KEPT_LATE),
        (PromiseState.BROKEN, 3, PromiseState.KEPT),
    ],
)
def test_how_a_promise_ends(state: PromiseState, shipped: float, expected: PromiseState) -> None:
    """Kept, kept late, or kept in time and reported late."""
    standing = promise("ship_by", datetime(2026, 1, 10, tzinfo=MONDAY.tzinfo), state=state)
    event = told(OrderShipped, shipped)
    made = planned(case_of(placed(ship_by=FRIDAY), event, promises=[standing]), event, now=after(7))

    assert [expected] == [each.state for each in made.changed]


def test_the_end_withdraws_what_is_not_owed() -> None:
    """A cancelled order is waited for no longer."""
    standing = [promise("ship_by", after(5)), promise("news_by", after(5), row=2, set_by="")]
    cancelled = told(OrderCancelled, 1)
    made = planned(case_of(placed(ship_by=FRIDAY), cancelled, promises=standing), cancelled)

    assert [PromiseState.WITHDRAWN] * 2 == [each.state for each in made.changed]
    assert [] == made.opened


def test_nobody_to_reach_is_a_decision_and_a_word() -> None:
    """The notice is kept without a message, and the staff hear that the customer cannot be told."""
    made = planned(case_of(placed(customer=Customer(name="Ada"))))

    assert [("order-received", ())] == [(each.notice, each.messages) for each in made.notices]
    assert [("dropped", "order-received", "unreachable")] == decided(made)
    assert ["undelivered"] == [word.subject for word in made.staff]


def test_a_new_address_takes_what_waits() -> None:
    """What waits for the old address is replaced by a message to the new one, of the same notice."""
    order, update = placed(), told(CustomerUpdated, 1, email="new@example.org")
    made = planned(case_of(order, update, **waiting("order-received", order, row=7)), update)

    assert [7] == made.readdressed
    assert [(7, ["new@example.org"])] == [(n.row, [m.address for m in n.messages]) for n in made.notices]


@pytest.mark.parametrize(
    ("event", "subject"),
    [
        (broken("refund_by", after(2), days=2), "refund"),
        (broken("decide_by", after(2), days=2), "undecided"),
        (told(CustomerAsked, 2), "question"),
        (told(CustomerDecided, 2, decision="cancel"), "cancel"),
    ],
)
def test_the_staff_hear_what_people_must_do(event: Any, subject: str) -> None:
    """Money and choices that are late, questions, and customers who want out."""
    assert subject in [word.subject for word in planned(case_of(placed(), event), event).staff]


@pytest.mark.parametrize("kind", PromiseKind)
def test_the_staff_are_asked_of_every_promise(kind: PromiseKind) -> None:
    """Whatever is at risk, the staff are asked in a sentence of its own."""
    words = {each: question("A-1", promise(each, after(2)), at=MONDAY).text for each in PromiseKind}
    word = question("A-1", promise(kind, after(2)), at=MONDAY)

    assert ("A-1", MONDAY, "going-quiet") == (word.order_id, word.at, word.subject)
    assert [kind] == [each for each, text in words.items() if text == word.text]


def test_a_contradiction_is_a_decision_and_a_word() -> None:
    """A scan of a parcel that arrived changes nothing, and somebody looks into it."""
    scan = told(TrackingUpdated, 3, status="in_transit")
    made = planned(case_of(placed(), told(OrderShipped, 1), told(OrderDelivered, 2), scan), scan)

    assert [("dropped", "", "contradiction")] == decided(made)
    assert ["contradiction"] == [word.subject for word in made.staff]


def test_an_import_tells_nothing_past() -> None:
    """An order of more than a week ago is recorded with all that happened; what is still ahead is watched."""
    events = [placed(-20, ship_by=date(2025, 12, 18), deliver_by=FRIDAY), told(OrderShipped, -10)]
    case = replace_recorded(case_of(*events), after(0))
    made = planned(case, now=after(0))

    assert [] == notices(made)
    assert {("deliver_by", "OPEN"), ("news_by", "OPEN")} == opened(made)
    assert ["import"] == [word.subject for word in made.staff]


def replace_recorded(case: Case, at: datetime) -> Case:
    """The case, all of its facts recorded at that moment."""
    return Case(order_id=case.order_id, facts=[replace(fact, recorded_at=at) for fact in case.facts])


def test_handing_over_to_people_is_a_decision() -> None:
    """The engine's own closing is written down."""
    closed = told(OrderClosed, 40, source="watchdog", reason="resolution:first")
    made = planned(case_of(placed(), closed), closed)

    assert [("closed", "", "resolution:first")] == decided(made)
    assert ([], []) == (notices(made), made.opened)


def test_planning_is_pure() -> None:
    """The same case gives the same plan, and is left as it was."""
    case = case_of(placed(ship_by=FRIDAY), told(OrderShipped, 1))
    before = (list(case.facts), list(case.promises), list(case.notices))

    assert planned(case) == planned(case)
    assert before == (case.facts, case.promises, case.notices)
