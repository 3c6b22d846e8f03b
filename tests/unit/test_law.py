"""The law as data: 16 CFR 435 day by day, the few numbers of EU and UK, and how a rule is turned off."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from proactive_notify._content.sources import shipped_templates
from proactive_notify._policy.law import eu, uk, us
from proactive_notify._policy.law.laws import RULES, law_of
from proactive_notify._policy.options import legal_clock
from proactive_notify._policy.policy import Policy
from proactive_notify.domain.events import (
    OrderCancelled,
    OrderEdited,
    OrderPaid,
    OrderPaymentFailed,
    OrderShipped,
)
from proactive_notify.domain.items import Item
from proactive_notify.domain.options import OptionState, Silence
from proactive_notify.domain.promises import Promise
from proactive_notify.errors import UsageError

from .law_cases import NEW_YORK, Life, abroad, end_of, noon, ordered, rules_of

FIRST = date(2026, 1, 1)
DOCS = Path(__file__).resolve().parents[2] / "docs"
#: 30 days after it, and 30 more.
P, LATEST = date(2026, 1, 31), date(2026, 3, 2)


def life(**data: Any) -> Life:
    """An order of the first of January."""
    return Life(ordered(FIRST, **data))


# The clocks. Vectors: date arithmetic on 16 CFR 435.2(a)(1) and (b)(1)(iii) and (iv).


class Vector(NamedTuple):
    """From the day of the order to the day with which silence ends."""

    placed: date
    promise: date | None
    credit: bool
    applicable: date
    revised: date | None
    case: str
    silence: Silence
    ends: date


YES, NO = Silence.CONSENT, Silence.CANCELLED
VECTORS = [
    Vector(FIRST, None, False, P, LATEST, "A", YES, LATEST),  # exactly 30 days
    Vector(FIRST, None, False, P, date(2026, 3, 3), "B", NO, LATEST),  # 31
    Vector(FIRST, None, True, date(2026, 2, 20), None, "B", NO, date(2026, 3, 22)),
    Vector(FIRST, date(2026, 1, 5), True, date(2026, 1, 5), None, "B", NO, date(2026, 2, 4)),
    Vector(FIRST, None, False, P, date(2026, 2, 10), "A", YES, date(2026, 2, 10)),
    # a leap day counts: 30 days after 30 January 2028 is 29 February
    Vector(date(2028, 1, 30), None, False, date(2028, 2, 29), date(2028, 3, 30), "A", YES, date(2028, 3, 30)),
    Vector(date(2028, 1, 30), None, False, date(2028, 2, 29), None, "B", NO, date(2028, 3, 30)),
    # the clock changes on 8 March and on 1 November 2026: days of 23 and of 25 hours
    Vector(date(2026, 2, 6), None, False, date(2026, 3, 8), date(2026, 4, 7), "A", YES, date(2026, 4, 7)),
    Vector(date(2026, 10, 2), None, False, date(2026, 11, 1), None, "B", NO, date(2026, 12, 1)),
    # a holiday is a day like any other: the Fourth of July, Christmas
    Vector(date(2026, 6, 4), None, False, date(2026, 7, 4), None, "B", NO, date(2026, 8, 3)),
    Vector(date(2026, 11, 25), None, False, date(2026, 12, 25), None, "B", NO, date(2027, 1, 24)),
]


@pytest.mark.parametrize("row", VECTORS)
def test_vectors(row: Vector) -> None:
    """From the day of the order to the day with which silence ends, and what it means."""
    lived = Life(ordered(row.placed, ship_by=row.promise, shop_credit=row.credit))
    before = lived.clock(row.placed)
    lived.offered(row.placed + timedelta(days=2), ship_by=row.revised)
    (option,) = lived.clock(row.placed + timedelta(days=3)).options

    assert (row.applicable, row.promise is None, end_of(row.applicable)) == (
        before.ship_by, before.is_implied, before.deadline
    )  # fmt: skip
    assert (row.case, row.silence, end_of(row.ends)) == (option.case, option.silence, option.until)
    assert (row.revised, OptionState.OPEN) == (option.revised, option.state)


@pytest.mark.parametrize(("days", "case"), [(30, "A"), (31, "B")])
@pytest.mark.parametrize("placed", [date(2026, 1, 29), date(2028, 1, 29), date(2026, 12, 3), date(2027, 2, 1)])
def test_thirty_days_are_thirty_days(placed: date, days: int, case: str) -> None:
    """Over a leap day, the end of February and the turn of the year the 30th day is the last short one."""
    applicable = us.applicable_day(placed, on_credit=False)
    found, _, _ = us.first_option(applicable, applicable + timedelta(days=days))

    assert (timedelta(days=30), case) == (applicable - placed, found)


def test_a_day_ends_in_the_orders_zone() -> None:
    """The day that has 25 hours ends 25 hours after it began."""
    placed = date(2026, 10, 2)
    deadline = Life(ordered(placed)).clock(placed).deadline
    begins = datetime(2026, 11, 1, tzinfo=NEW_YORK).astimezone(UTC)

    assert deadline is not None
    assert timedelta(hours=25) == deadline - begins


def test_a_stated_instant_is_an_instant() -> None:
    """An order that was to ship by an hour has its thirty days more from that hour's day."""
    hour = datetime(2026, 1, 9, 15, tzinfo=UTC)
    lived = life(ship_by=hour).offered(date(2026, 1, 8))
    (option,) = lived.clock(date(2026, 1, 9)).options

    assert (hour, end_of(date(2026, 2, 8))) == (life(ship_by=hour).clock(FIRST).deadline, option.until)


def test_an_agreed_edit_states_another_day() -> None:
    """What shop and customer changed in the order is the day that counts; a delay is not."""
    lived = life(ship_by=date(2026, 1, 9)).happens(
        OrderEdited, date(2026, 1, 5), promises=(Promise.ship_by(date(2026, 1, 20)),)
    )

    assert end_of(date(2026, 1, 20)) == lived.clock(date(2026, 1, 6)).deadline


def test_the_clock_begins_with_the_money() -> None:
    """An order that waits for its payment has no clock; one whose payment failed begins when it comes after all."""
    lived = life(payment="pending")
    before = legal_clock(lived.case, lived.rules, noon(date(2026, 1, 2)))
    lived.happens(OrderPaid, date(2026, 1, 4))
    failed = life().happens(OrderPaymentFailed, date(2026, 1, 2)).happens(OrderPaid, date(2026, 1, 6))

    assert before is None
    assert (date(2026, 2, 3), date(2026, 2, 5)) == (
        lived.clock(date(2026, 1, 5)).ship_by,
        failed.clock(date(2026, 1, 7)).ship_by,
    )


@pytest.mark.parametrize(("since", "day"), [
    (date(2026, 1, 30), date(2026, 2, 10)),  # Friday
    (date(2026, 1, 31), date(2026, 2, 10)),  # Saturday
    (date(2026, 6, 30), date(2026, 7, 10)),  # the Fourth is a Saturday, and kept on Friday the third
    (date(2026, 12, 22), date(2027, 1, 4)),  # Christmas Day and New Year's Day are no working days
    (date(2028, 2, 24), date(2028, 3, 6)),  # over a leap day
])  # fmt: skip
def test_seven_working_days(since: date, day: date) -> None:
    """A prompt refund is back on the seventh working day, Monday to Friday without federal holidays."""
    assert day == us.refund_day(since)


# Options, and what becomes of them


def test_silence_to_a_short_delay_is_consent_until_its_day() -> None:
    """Case A: while the new day is ahead nothing ends; when it has passed, the order does."""
    lived = life().offered(date(2026, 1, 20), ship_by=date(2026, 2, 20))
    last_moment = end_of(date(2026, 2, 20))
    ended = lived.clock(last_moment).must_cancel

    assert lived.clock(last_moment - timedelta(microseconds=1)).must_cancel is None
    assert ended is not None
    assert ("A", OptionState.ENDED, last_moment, date(2026, 3, 3)) == (
        ended.case, ended.state, ended.ended_at, ended.refund_by
    )  # fmt: skip


def test_silence_to_a_delay_without_a_date_ends_the_order() -> None:
    """Case B: thirty days after the first day, not a moment before."""
    lived = life().offered(date(2026, 1, 20))
    ended = lived.clock(end_of(LATEST)).must_cancel

    assert lived.clock(end_of(LATEST) - timedelta(microseconds=1)).must_cancel is None
    assert ended is not None
    assert ("B", end_of(LATEST)) == (ended.case, ended.ended_at)


def test_silence_to_a_renewed_option_is_never_consent() -> None:
    """Case C: it ends with the old day, however near the new one is."""
    lived = life().offered(date(2026, 1, 20), ship_by=date(2026, 2, 10))
    lived.offered(date(2026, 2, 9), ship_by=date(2026, 2, 12))
    first, second = lived.clock(date(2026, 2, 10)).options
    ended = lived.clock(end_of(date(2026, 2, 10))).must_cancel

    assert (OptionState.CONSENTED, OptionState.OPEN) == (first.state, second.state)
    assert (1, "C", Silence.CANCELLED, end_of(date(2026, 2, 10))) == (
        second.renewal, second.case, second.silence, second.until
    )  # fmt: skip
    assert ended is not None
    assert "C" == ended.case


def test_a_definite_day_after_none_is_no_new_first_option() -> None:
    """Who was told that no date is known, and then one, still has the thirty days, and silence is still a no."""
    lived = life().offered(date(2026, 1, 20)).offered(date(2026, 2, 1), ship_by=date(2026, 2, 20))
    first, second = lived.clock(date(2026, 2, 2)).options

    assert (OptionState.REPLACED, "C", Silence.CANCELLED, end_of(LATEST)) == (
        first.state, second.case, second.silence, second.until
    )  # fmt: skip


def test_who_agrees_to_a_day_waits_until_it() -> None:
    """An express yes moves the deadline to the day that was agreed to; when that passes, the order ends."""
    lived = life().offered(date(2026, 1, 20), ship_by=date(2026, 4, 1)).decides(date(2026, 1, 25), "wait")
    clock = lived.clock(date(2026, 3, 20))
    ended = lived.clock(end_of(date(2026, 4, 1))).must_cancel

    assert (end_of(date(2026, 4, 1)), None) == (clock.deadline, clock.must_cancel)
    assert (OptionState.AGREED, "wait", noon(date(2026, 1, 25))) == (
        clock.options[0].state, clock.options[0].answer, clock.options[0].answered_at
    )  # fmt: skip
    assert ended is not None


def test_who_agrees_to_any_delay_may_still_cancel() -> None:
    """A yes to a delay without a date has no end, and a no counts at any time before shipment."""
    lived = life().offered(date(2026, 1, 20)).decides(date(2026, 1, 25), "wait")
    waiting = lived.clock(date(2026, 9, 1))
    refused = lived.decides(date(2026, 9, 2), "cancel").clock(date(2026, 9, 3)).must_cancel

    assert (None, None) == (waiting.deadline, waiting.must_cancel)
    assert refused is not None
    assert ("F", OptionState.REFUSED, noon(date(2026, 9, 2)), date(2026, 9, 14)) == (
        refused.case, refused.state, refused.ended_at, refused.refund_by
    )  # fmt: skip


def test_a_yes_that_comes_too_late_is_none() -> None:
    """What is agreed to after silence has ended the order brings it not back."""
    lived = life().offered(date(2026, 1, 20)).decides(date(2026, 3, 4), "wait")

    assert lived.clock(date(2026, 3, 5)).must_cancel is not None


def test_a_no_that_comes_too_late_changes_nothing() -> None:
    """What silence has ended is not ended anew, and the money has no later day."""
    lived = life().offered(date(2026, 1, 20)).decides(date(2026, 3, 9), "cancel")
    ended = lived.clock(date(2026, 3, 10)).must_cancel

    assert ended is not None
    assert ("B", end_of(LATEST)) == (ended.case, ended.ended_at)


def test_a_yes_before_the_offer_is_no_answer_to_it() -> None:
    """Who said earlier that they wait has not agreed to a delay that they did not know."""
    lived = life().decides(date(2026, 1, 10), "wait").offered(date(2026, 1, 20))

    assert OptionState.OPEN == lived.clock(date(2026, 1, 21)).options[0].state


@pytest.mark.parametrize("sent", [None, end_of(P) + timedelta(microseconds=1)])
def test_what_was_not_sent_in_time_was_not_offered(sent: datetime | None) -> None:
    """Case D: a notice that waits, came back or left too late leaves the order to end with its first day."""
    lived = life()
    lived = (
        lived.offered(date(2026, 1, 20), ship_by=LATEST, sent=sent) if sent else lived.kept_waiting(P, ship_by=LATEST)
    )
    ended = lived.clock(end_of(P)).must_cancel

    assert lived.clock(end_of(P) - timedelta(microseconds=1)).must_cancel is None
    assert ended is not None
    assert ("D", "", date(2026, 2, 10)) == (ended.case, ended.notice, ended.refund_by)
    assert {OptionState.LATE if sent else OptionState.UNSENT, OptionState.ENDED} == {
        each.state for each in lived.options(date(2026, 2, 2))
    }


def test_what_was_sent_at_the_last_moment_was_offered() -> None:
    """The end of the day is still in time."""
    lived = life().offered(P, ship_by=LATEST, sent=end_of(P))

    assert ("A", None) == (lived.clock(end_of(P)).options[0].case, lived.clock(end_of(P)).must_cancel)


def test_a_day_that_the_law_leaves_time_for_is_no_delay() -> None:
    """Where no day was stated, one within the thirty days asks nobody for consent; when it passes too, that does."""
    lived = life().offered(date(2026, 1, 3), ship_by=date(2026, 1, 20))
    quiet = lived.clock(date(2026, 1, 10))
    (option,) = lived.offered(date(2026, 1, 20)).clock(date(2026, 1, 21)).options

    assert ((), end_of(P)) == (quiet.options, quiet.deadline)
    assert ("B", 0, end_of(LATEST)) == (option.case, option.renewal, option.until)


@pytest.mark.parametrize(
    ("revised", "state"), [(date(2026, 2, 20), OptionState.CONSENTED), (None, OptionState.SHIPPED)]
)
def test_what_has_shipped_ends_nothing(revised: date | None, state: OptionState) -> None:
    """Who receives the goods before silence ends has agreed by it, or was not asked any more."""
    lived = life().offered(date(2026, 1, 20), ship_by=revised).happens(OrderShipped, date(2026, 2, 2))
    clock = lived.clock(date(2026, 6, 1))

    assert (state, None) == (clock.options[0].state, clock.must_cancel)


def test_what_the_shop_has_cancelled_is_cancelled() -> None:
    """An order that was called off while an option was open ends by that."""
    lived = life().offered(date(2026, 1, 20)).happens(OrderCancelled, date(2026, 1, 25))
    clock = lived.clock(date(2026, 6, 1))

    assert (OptionState.CANCELLED, None) == (clock.options[0].state, clock.must_cancel)


@pytest.mark.parametrize(
    ("facts", "is_ended"),
    [
        ([(OrderShipped, {"items": ("Lamp",)})], True),
        ([(OrderShipped, {"items": ("Lamp",)}), (OrderCancelled, {"items": ("Vase",)})], False),
        ([(OrderShipped, {"items": ("Lamp", "Vase")})], False),
    ],
    ids=["a part", "a part, and the rest cancelled", "all"],
)
def test_a_part_shipment_leaves_the_rest(facts: list[Any], is_ended: bool) -> None:
    """What is left unshipped is under the rule like the whole; what was cancelled before is left by nobody."""
    lived = life(items=(Item(name="Lamp"), Item(name="Vase")))
    for number, (kind, data) in enumerate(facts):
        lived.happens(kind, date(2026, 1, 10 + number), **data)

    assert is_ended == (lived.clock(end_of(P)).must_cancel is not None)


def test_outside_the_united_states_silence_means_nothing() -> None:
    """An offer is kept with its answer, and has neither case nor end."""
    lived = Life(ordered(FIRST, destination=abroad("DE")))
    lived.offered(date(2026, 1, 20), ship_by=date(2026, 2, 1)).decides(date(2026, 1, 25), "wait")
    (option,) = lived.options(date(2026, 6, 1))

    assert legal_clock(lived.case, lived.rules, noon(FIRST)) is None
    assert ("", None, None, OptionState.AGREED) == (option.case, option.silence, option.until, option.state)


# Which law, and which rules


@pytest.mark.parametrize(
    ("destination", "shop", "place"),
    [("US", "DE", "us"), ("us", "DE", "us"), ("PR", "US", "us"), ("DE", "US", "eu"), ("NO", "US", "eu"),
     ("GB", "US", "uk"), ("BR", "US", None), (None, "US", "us"), (None, "BR", None)],
)  # fmt: skip
def test_the_law_is_that_of_the_destination(destination: str | None, shop: str, place: str | None) -> None:
    """Where the parcel goes decides; where nobody knows, the shop's own country does."""
    rules = rules_of(shop)
    lived = Life(ordered(FIRST, destination=abroad(destination) if destination else None), rules=rules)
    law = rules.law(lived.case.order)

    assert place == (law.place if law else None)


def test_every_rule_is_one_of_a_kind() -> None:
    """No key stands twice; each rule has a sentence, a source and the day on which it was looked at."""
    assert len(RULES) == len({each.key for each in RULES})
    assert [] == [each.key for each in RULES if not (each.demands.endswith(".") and each.source and each.reviewed)]
    assert {True, False} == {each.is_verified for each in RULES}


def test_a_rule_that_does_not_exist_is_told() -> None:
    """A slip in the key of a rule fails with the keys that there are."""
    with pytest.raises(UsageError, match=r"there is no rule 'us\.435\.2b'.*us\.435\.2b1, "):
        Policy(without_rules={"us.435.2b"})


@pytest.mark.parametrize("key", [each.key for each in RULES])
def test_every_rule_can_be_turned_off(key: str) -> None:
    """A rule that is turned off is in force nowhere."""
    places = [law_of(country, without=Policy(without_rules={key}).without_rules) for country in ("US", "DE", "GB")]

    assert [] == [law.place for law in places if law is not None and key in law.keys]


def _without(key: str, lived: Life) -> Life:
    lived.rules = rules_of(without={key})
    return lived


def test_without_the_rule_of_time_there_is_no_clock() -> None:
    """All other rules of the United States stand on the first one."""
    lived = _without(us.SHIP_IN_TIME, life())

    assert legal_clock(lived.case, lived.rules, noon(FIRST)) is None


def test_without_the_rule_of_credit_there_are_thirty_days() -> None:
    """The twenty days more are a rule of their own."""
    assert P == _without(us.CREDIT, life(shop_credit=True)).clock(FIRST).ship_by


def test_without_the_rule_of_offers_nothing_ends() -> None:
    """The day stands, and nobody must be asked."""
    clock = _without(us.OFFER, life().offered(date(2026, 1, 20))).clock(date(2026, 6, 1))

    assert (P, None, (), None) == (clock.ship_by, clock.deadline, clock.options, clock.must_cancel)


def test_without_the_rule_of_short_delays_silence_is_a_no() -> None:
    """What would be case A is case B."""
    lived = _without(us.SHORT_DELAY, life().offered(date(2026, 1, 20), ship_by=date(2026, 2, 10)))
    (option,) = lived.clock(date(2026, 1, 21)).options

    assert ("B", Silence.CANCELLED, end_of(LATEST)) == (option.case, option.silence, option.until)


@pytest.mark.parametrize("key", [us.LONG_DELAY, us.CANCEL])
def test_without_the_rule_of_long_delays_silence_means_nothing(key: str) -> None:
    """What would be case B has no end."""
    clock = _without(key, life().offered(date(2026, 1, 20))).clock(date(2026, 6, 1))

    assert ("B", None, None) == (clock.options[0].case, clock.options[0].silence, clock.must_cancel)


def test_without_the_rule_of_renewals_silence_to_them_means_nothing() -> None:
    """What would be case C has no end."""
    lived = life().offered(date(2026, 1, 20), ship_by=date(2026, 2, 10)).offered(date(2026, 2, 9))
    clock = _without(us.RENEWAL, lived).clock(date(2026, 6, 1))

    assert ("C", None, None) == (clock.options[1].case, clock.options[1].silence, clock.must_cancel)


def test_without_the_rule_of_who_was_never_asked_nothing_ends() -> None:
    """Case D is a rule of its own."""
    assert _without(us.NEVER_ASKED, life()).clock(date(2026, 6, 1)).must_cancel is None


def test_without_the_rule_of_parts_what_shipped_in_part_goes_on() -> None:
    """An order of which something has shipped is not called off."""
    lived = life(items=(Item(name="Lamp"), Item(name="Vase"))).happens(OrderShipped, date(2026, 1, 9), items=("Lamp",))

    assert _without(us.PART, lived).clock(date(2026, 6, 1)).must_cancel is None


def test_without_the_rule_of_refunds_the_policy_says_when() -> None:
    """The law names no day, and the policy's count of business days holds."""
    ended = _without(us.REFUND, life()).clock(date(2026, 6, 1)).must_cancel

    assert ended is not None
    assert ended.refund_by is None


@pytest.mark.parametrize(("country", "rule"), [("DE", eu.DELIVERY), ("GB", uk.DELIVERY)])
def test_an_order_without_a_date_arrives_within_thirty_days(country: str, rule: str) -> None:
    """The law ends a longer patience of the policy's; a shop that turns the rule off keeps its own."""
    order, patient = Life(ordered(FIRST)).case.order, Policy(implied_days=45)
    days = [
        replace(rules_of(country), policy=replace(patient, without_rules=without)).calendar(order).implied_days
        for without in (frozenset[str](), frozenset({rule}))
    ]

    assert [30, 45] == days


@pytest.mark.parametrize(("country", "rule"), [("DE", eu.REFUND), ("GB", uk.REFUND)])
def test_money_is_back_within_fourteen_days(country: str, rule: str) -> None:
    """The law ends a longer patience of the policy's; a shop that turns the rule off keeps its own."""
    order, patient = Life(ordered(FIRST)).case.order, Policy(refund_within=15)
    due = [
        replace(rules_of(country), policy=replace(patient, without_rules=without))
        .calendar(order)
        .refund_due(noon(FIRST))
        for without in (frozenset[str](), frozenset({rule}))
    ]

    assert [end_of(date(2026, 1, 15)), noon(date(2026, 1, 22))] == due


def test_a_receipt_is_no_acceptance() -> None:
    """What says that an order has reached the shop does not say that it was accepted or confirmed (BGB, 312i)."""
    said = "".join(path.read_text(encoding="utf-8") for path in (shipped_templates() / "order-received").iterdir())

    assert [] == [word for word in ("confirm", "accept", "bestätig") if word in said.lower()]


def test_the_page_has_every_rule() -> None:
    """The table in the docs is what the data say: key, demand, effect, source, and how it is known."""
    page = (DOCS / "law.md").read_text(encoding="utf-8")
    known = {True: "read in a secondary source", False: "from memory"}
    rows = [
        f"| `{each.key}` | {each.demands} | {each.effect or 'nothing: it is told for the reader'} | {each.source}; "
        f"{known[each.is_verified]} |"
        for each in RULES
    ]

    assert rows == [line for line in page.splitlines() if line.startswith(("| `us.", "| `eu.", "| `uk.", "| `de."))]
    assert "This is no legal advice" in page
    assert page.count(f"{RULES[0].reviewed}") == len({each.reviewed for each in RULES})
