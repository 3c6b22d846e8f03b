"""Every kind of promise: when it opens, who hears of it and when, and how it ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from proactive_notify import (
    Customer,
    CustomerAnswered,
    CustomerAsked,
    CustomerDecided,
    CustomerUpdated,
    OrderAccepted,
    OrderCancelled,
    OrderDelayed,
    OrderDelivered,
    OrderEdited,
    OrderPacked,
    OrderPaid,
    OrderPickedUp,
    OrderReadyForPickup,
    OrderRefunded,
    OrderReturnReceived,
    OrderShipped,
    OrderSourcing,
    Place,
    PromiseKind,
    Shop,
    TrackingUpdated,
)
from proactive_notify.domain.promises import OpenedPromise
from proactive_notify.testing import Simulation

from .telling import (
    MONDAY,
    after,
    decisions,
    fact,
    heard,
    history,
    january,
    placed,
    plain,
    play,
    promises,
    staff,
    standing,
    states,
    when,
)

MONEY = {"amount": "40.00", "currency": "EUR"}
UPS = {"carrier": "UPS", "tracking_code": "1Z9"}
SHIPPED = fact(OrderShipped, 1, **UPS)
PAID = fact(OrderPaid, 0.01, amount=MONEY)
WAITS = fact(OrderReadyForPickup, 2, place="Main Street 5", until=january(12))


def scan(days: float, status: str = "in_transit", **data: Any) -> Any:
    return fact(TrackingUpdated, days, status=status, **{**UPS, **data})


@dataclass(frozen=True)
class Row:
    """One kind of promise, in days after Monday."""

    events: Sequence[Any]
    #: What the customer is told to expect, when the staff are asked, when the customer hears.
    due: float
    asked: float | None
    hears: float
    #: The notice that says so; what only the staff hear is in :attr:`word`.
    notice: str = ""
    word: str = ""
    #: What keeps it: an event, which happens when it is told.
    kept_by: Any = None
    #: What makes it pointless.
    withdrawn_by: Any = field(default=None)


TABLE: dict[str, Row] = {
    "ship_by": Row(
        [placed(ship_by=january(9))],
        due=4.625,
        asked=3.625,
        hears=5,
        notice="delayed",
        kept_by=OrderShipped,
        withdrawn_by=OrderCancelled,
    ),
    "deliver_by": Row(
        [placed(deliver_by=january(9))],
        due=4.625,
        asked=None,
        hears=5 + 1 / 24,
        notice="late",
        kept_by=OrderDelivered,
        withdrawn_by=OrderCancelled,
    ),
    "news_by": Row([placed()], due=2, asked=1, hears=1 + 8 / 24, notice="holding", withdrawn_by=OrderCancelled),
    "scan_by": Row(
        [placed(deliver_by=january(30)), fact(OrderPacked)],
        due=4,
        asked=2,
        hears=4,
        notice="not-picked-up",
        kept_by=OrderShipped,
        withdrawn_by=OrderCancelled,
    ),
    "move_by": Row(
        [placed(), SHIPPED, scan(1.5)],
        due=4.5,
        asked=None,
        hears=5,
        notice="no-movement",
        kept_by=scan,
        withdrawn_by=OrderReturnReceived,
    ),
    "answer_by": Row(
        [placed(deliver_by=january(30)), fact(CustomerAsked, 0.25)],
        due=1.25,
        asked=1,
        hears=1.25,
        notice="holding",
        kept_by=CustomerAnswered,
    ),
    "refund_by": Row(
        [placed(total=MONEY), PAID, fact(OrderCancelled, 1)], due=10, asked=8, hears=10, word="refund", kept_by="refund"
    ),
    "collect_by": Row(
        [placed(deliver_by=january(30)), SHIPPED, WAITS],
        due=7.625,
        asked=6.625,
        hears=8,
        notice="holding",
        kept_by=OrderPickedUp,
        withdrawn_by=OrderReturnReceived,
    ),
    "known_by": Row([SHIPPED], due=2, asked=None, hears=2, word="unknown-order", kept_by=placed),
}
KINDS = pytest.mark.parametrize("kind", TABLE)
KEPT = pytest.mark.parametrize("kind", [kind for kind, row in TABLE.items() if row.kept_by])


def keeping(kind: str, days: float) -> Any:
    """The fact that keeps a promise, happening then."""
    by = TABLE[kind].kept_by
    if by == "refund":
        return fact(OrderRefunded, days, amount=MONEY)
    return by(days) if by in (placed, scan) else fact(by, days)


def test_every_kind_is_here() -> None:
    """No kind of promise is left out; the choice has tests of its own below."""
    assert {each.value for each in PromiseKind} == {*TABLE, "decide_by"}


@KINDS
async def test_when_it_opens(kind: str, sim: Simulation) -> None:
    """The promise stands from the fact that makes it, with its time to come."""
    row = TABLE[kind]
    await play(sim, *row.events[:-1])
    before = await states(sim, kind) if row.events[:-1] else []
    await play(sim, row.events[-1])
    promise = await standing(sim, kind)

    assert [] == before
    assert (after(row.due), after(row.hears)) == (promise.due_at, promise.speak_at)
    assert (None if row.asked is None else after(row.asked)) == promise.ask_at


@KINDS
async def test_the_staff_are_asked_first(kind: str, sim: Simulation) -> None:
    """The shop's people hear that nothing has come, while there is time to do something."""
    row = TABLE[kind]
    await play(sim, *row.events, until=row.hears)
    told = {at for subject, at in await staff(sim) if subject == "going-quiet"}

    assert row.asked is None or after(row.asked) in told


@KINDS
async def test_when_it_breaks(kind: str, sim: Simulation) -> None:
    """Not a moment before it is due; then the customer hears of it, or the staff do, once."""
    row = TABLE[kind]
    await play(sim, *row.events)
    await sim.run_until(after(row.hears) - timedelta(seconds=1))
    waiting = await states(sim, kind)
    await sim.run_until(after(row.hears))
    about = [(mail.notice, mail.at) for mail in sim.sent if mail.occasion.startswith(f"{kind}:")]
    words = [(subject, at) for subject, at in await staff(sim) if subject == row.word]

    assert (["open"], "broken") == (waiting, (await states(sim, kind))[0])
    assert ([(row.notice, after(row.hears))] if row.notice else []) == about
    assert ([(row.word, after(row.hears))] if row.word else []) == words


@KEPT
async def test_how_it_is_kept(kind: str, sim: Simulation) -> None:
    """The fact that was waited for keeps it, and nobody is told of its absence."""
    row = TABLE[kind]
    await play(sim, *row.events, keeping(kind, row.hears - 0.1), until=row.hears + 0.2)

    assert "kept" == (await states(sim, kind))[0]
    assert [] == [word for word, _ in await staff(sim) if word == row.word and word]


@KEPT
async def test_the_last_moment_keeps_it(kind: str, sim: Simulation) -> None:
    """A fact at the very moment at which the promise breaks keeps it."""
    row = TABLE[kind]
    await play(sim, *row.events, keeping(kind, row.hears))

    assert "kept" == (await states(sim, kind))[0]
    assert after(row.hears) not in when(sim, row.notice)


@KEPT
async def test_kept_late(kind: str, sim: Simulation) -> None:
    """What comes after the promise broke keeps it late."""
    row = TABLE[kind]
    await play(sim, *row.events, keeping(kind, row.hears + 0.5))

    assert "kept_late" == (await states(sim, kind))[0]


@KEPT
async def test_reported_late_is_not_late(kind: str, sim: Simulation) -> None:
    """A fact that happened in time and was reported after the promise broke makes it kept."""
    row = TABLE[kind]
    await play(sim, *row.events, until=row.hears + 0.5)
    broken = (await states(sim, kind))[0]
    await sim.record(keeping(kind, row.due - 0.2))

    assert ("broken", "kept") == (broken, (await states(sim, kind))[0])


@pytest.mark.parametrize("kind", [kind for kind, row in TABLE.items() if row.withdrawn_by])
async def test_how_it_is_withdrawn(kind: str, sim: Simulation) -> None:
    """What has become pointless is not waited for."""
    row = TABLE[kind]
    end = row.hears - 0.1
    await play(sim, *row.events, fact(row.withdrawn_by, end), until=row.hears + 1)

    assert "withdrawn" == (await states(sim, kind))[0]
    assert after(row.hears) not in when(sim, row.notice)


# The choice


async def test_the_choice_is_open_for_five_days(sim: Simulation) -> None:
    """Past its date and silent twice the customer may choose; if they do not, the staff follow it up."""
    await play(sim, placed(ship_by=january(2)), until=3)
    before = await states(sim, "decide_by")
    await sim.run_until(after(7.5))
    promise = await standing(sim, "decide_by")
    offered = sim.messages("holding")[-1]
    await sim.run_until(promise.speak_at)

    assert [] == before
    assert "You can wait, or cancel at any time before it ships" in plain(offered)
    assert timedelta(days=7) == promise.due_at - offered.at
    assert ("broken", [promise.speak_at]) == (
        (await states(sim, "decide_by"))[0],
        [at for subject, at in await staff(sim) if subject == "undecided"],
    )


@pytest.mark.parametrize(
    ("choice", "word"), [("wait", []), ("cancel", ["cancel"])], ids=["the customer waits", "the customer cancels"]
)
async def test_the_choice_is_kept(choice: str, word: list[str], sim: Simulation) -> None:
    """A customer who chose is asked no more; the staff hear of one who wants out."""
    await play(sim, placed(ship_by=january(2)), fact(CustomerDecided, 8, decision=choice), until=20)

    assert ["kept"] == await states(sim, "decide_by")
    assert word == [subject for subject, _ in await staff(sim) if subject in ("cancel", "undecided")]


async def test_the_choice_is_kept_late(sim: Simulation) -> None:
    """A choice that comes after the staff were called in is a late one."""
    await play(sim, placed(ship_by=january(2)), fact(CustomerDecided, 20, decision="wait"))

    assert ["kept_late"] == await states(sim, "decide_by")


async def test_the_choice_is_withdrawn(sim: Simulation) -> None:
    """Once it is shipped there is nothing left to choose."""
    await play(sim, placed(ship_by=january(2)), fact(OrderShipped, 8), until=9)

    assert ["withdrawn"] == await states(sim, "decide_by")


async def test_an_earlier_choice_does_not_keep_a_later_one(sim: Simulation) -> None:
    """Who chose to wait before anybody offered it has still not answered the offer."""
    await play(sim, placed(ship_by=january(2)), fact(CustomerDecided, 1, decision="wait"), until=25)

    assert "broken" == (await states(sim, "decide_by"))[0]


# Dates


async def test_a_revision_withdraws_and_opens(sim: Simulation) -> None:
    """A new date is a new promise; the old day passes without a word."""
    moved = fact(OrderDelayed, 1, ship_by=january(15))
    await play(sim, placed(ship_by=january(9)), moved, until=6)
    first, second = await promises(sim, "ship_by")

    assert ("withdrawn", "open") == (first.state.name.lower(), second.state.name.lower())
    assert (first.ordinal, after(10.625)) == (second.ordinal - 1, second.due_at)
    assert [after(1)] == when(sim, "delayed")


async def test_a_date_that_returns_is_a_new_promise(sim: Simulation) -> None:
    """The day that was given up and told again is promised again, and broken again if nothing comes."""
    moved, back = fact(OrderDelayed, 1, ship_by=january(15)), fact(OrderEdited, 2, promises={"ship_by": january(9)})
    await play(sim, placed(ship_by=january(9)), moved, back)
    opened = await states(sim, "ship_by")
    await sim.run_until(after(6))

    assert (["withdrawn", "withdrawn", "open"], ["withdrawn", "withdrawn", "broken"]) == (
        opened,
        await states(sim, "ship_by"),
    )


async def test_a_date_taken_back_is_withdrawn(sim: Simulation) -> None:
    """A delay without a date leaves none to break; silence is watched."""
    await play(sim, placed(ship_by=january(9), deliver_by=january(14)), fact(OrderDelayed, 1))

    assert (["withdrawn"], ["withdrawn"]) == (await states(sim, "ship_by"), await states(sim, "deliver_by"))
    assert await standing(sim, "news_by")


@pytest.mark.parametrize(("kind", "notice"), [("ship_by", "delayed"), ("deliver_by", "late")])
async def test_a_past_date_is_born_broken(kind: str, notice: str, sim: Simulation) -> None:
    """An order placed with its date behind it is confirmed, and the missed date is told in the same moment."""
    recorded = await sim.record(placed(**{kind: date(2026, 1, 2)}))

    assert ["order-received", notice] == heard(sim)
    assert (["order-received", notice], ["broken"]) == (list(recorded.notices), await states(sim, kind))
    assert await standing(sim, "news_by")


async def test_the_next_date_is_watched_when_one_is_born_broken(sim: Simulation) -> None:
    """The date that is still ahead is promised."""
    await play(sim, placed(ship_by=date(2026, 1, 2), deliver_by=january(14)))

    assert (["broken"], ["open"]) == (await states(sim, "ship_by"), await states(sim, "deliver_by"))


@pytest.mark.parametrize(
    ("zone", "day", "ends"),
    [
        ("UTC", date(2026, 1, 9), "2026-01-10T00:00"),
        ("America/New_York", date(2026, 1, 9), "2026-01-10T05:00"),
        ("Pacific/Kiritimati", date(2026, 1, 9), "2026-01-09T10:00"),
        ("America/Sao_Paulo", date(2016, 10, 15), "2016-10-16T03:00"),
        ("America/Sao_Paulo", date(2016, 10, 16), "2016-10-17T02:00"),
        ("America/Sao_Paulo", date(2017, 10, 14), "2017-10-15T03:00"),
        ("America/Sao_Paulo", date(2017, 10, 15), "2017-10-16T02:00"),
        ("America/Sao_Paulo", date(2018, 11, 3), "2018-11-04T03:00"),
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-05T02:00"),
    ],
)
async def test_a_day_ends_in_the_customers_zone(zone: str, day: date, ends: str) -> None:
    """A promised day ends where the next one begins for the customer, who hears at ten o'clock of it."""
    start = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) - timedelta(days=4)
    customer = Customer(email="ada@example.org", time_zone=zone)
    order = placed(deliver_by=day, customer=customer).model_copy(update={"at": start})
    async with Simulation(start=start) as sim:
        await sim.record(order)
        promise = await standing(sim, "deliver_by")
        await sim.run_until(promise.due_at)
        early = await states(sim, "deliver_by")
        await sim.advance(days=2)
        (late,) = sim.messages("late")
        local = late.at.astimezone(ZoneInfo(zone))

    assert (f"{ends}:00+00:00", ["open"]) == (promise.due_at.isoformat(), early)
    assert (day + timedelta(days=1), "10:00") == (local.date(), f"{local:%H:%M}")
    assert f"by {day:%A}, {day.day} {day:%B}" in plain(late)


async def test_the_zone_may_become_known_later(sim: Simulation) -> None:
    """The same day ends at another instant for a customer who moved; it is the same promise."""
    await play(sim, placed(deliver_by=january(9)), fact(CustomerUpdated, 1, time_zone="America/New_York"))
    (promise,) = await promises(sim, "deliver_by")

    assert (after(4.625, hours=5), after(5, hours=6)) == (promise.due_at, promise.speak_at)


async def test_the_destination_says_where_a_day_ends(sim: Simulation) -> None:
    """Without a zone of the customer's own the country's counts."""
    await play(sim, placed(deliver_by=january(9), destination=Place(country="NP")))

    assert datetime(2026, 1, 9, 18, 15, tzinfo=UTC) == (await standing(sim, "deliver_by")).due_at


async def test_abroad_a_parcel_may_rest_for_longer() -> None:
    """Five business days between scans beyond the shop's country, three inside it."""
    for country, days in (("DE", 3), ("FR", 7)):
        async with Simulation(shop=Shop(name="Acme", country="DE", time_zone="UTC")) as sim:
            customer = Customer(email="ada@example.org", time_zone="UTC")
            order = placed(destination=Place(country=country), customer=customer)
            await play(sim, order, scan(1), until=2)
            assert after(1 + days) == (await standing(sim, "move_by")).due_at


# The silence budget


def named_day(mail: Any) -> str:
    """The day by which the mail says that the next word comes."""
    found = re.search(r"You hear from us again by \w+, (\d+ \w+)", plain(mail))
    return found.group(1) if found else ""


def day_of(promise: OpenedPromise) -> str:
    return f"{promise.due_at.day} {promise.due_at:%B}"


EVENTS_OF_A_LIFE = [
    placed(ship_by=january(9), deliver_by=january(19)),
    fact(OrderDelayed, 2, ship_by=january(12)),
    SHIPPED.model_copy(update={"at": after(6)}),
    scan(9, "out_for_delivery"),
]


async def test_the_budget_is_the_day_that_the_mail_named(sim: Simulation) -> None:
    """Every mail names the day of the stored promise, and the next word comes by then."""
    named = []
    for event in EVENTS_OF_A_LIFE:
        await play(sim, event, until=(event.happened_at - MONDAY) / timedelta(days=1) + 0.1)
        named.append((named_day(sim.sent[-1]), day_of(await standing(sim, "news_by"))))
    await sim.run_until(after(60))
    mails = [mail for mail in sim.sent if named_day(mail)]
    kept = [
        (mail.notice, named_day(mail), following.at)
        for mail, following in zip(mails, sim.sent[1:], strict=False)
        if datetime.strptime(f"{named_day(mail)} 2026 +0000", "%d %B %Y %z") + timedelta(days=1) <= following.at
    ]

    assert [] == [pair for pair in named if pair[0] != pair[1]]
    assert [] == kept
    assert len(EVENTS_OF_A_LIFE) < len(mails)


async def test_the_day_is_stored_on_the_message(sim: Simulation) -> None:
    """What the mail said is on its row, and nothing is computed a second time."""
    await play(sim, placed(), until=2)
    mails = sim.messages(order="A-1")
    rows = (await history(sim)).messages

    assert [named_day(mail) for mail in mails] == [f"{row.next_word.day} {row.next_word:%B}" for row in rows]


async def test_a_mail_that_ends_it_names_no_day(sim: Simulation) -> None:
    """An order that is over promises nothing."""
    await play(sim, placed(), SHIPPED, fact(OrderDelivered, 2))
    row = (await history(sim)).messages[-1]

    assert ("", None) == (named_day(sim.assert_sent("delivered")), row.next_word)
    assert [] == [each for each in (await history(sim)).promises if each.is_open]


async def test_a_word_that_was_not_sent_moves_nothing(sim: Simulation) -> None:
    """The budget begins with a message that really left."""
    await play(sim, placed())
    before = await standing(sim, "news_by")
    await play(sim, fact(OrderAccepted, 0.02))

    assert before == await standing(sim, "news_by")


async def test_a_persons_answer_begins_it_anew(sim: Simulation) -> None:
    """Somebody spoke to the customer: two business days from then."""
    await play(sim, placed(), fact(CustomerAnswered, 1), until=1.9)
    promise = await standing(sim, "news_by")

    assert (after(3), ["order-received"]) == (promise.due_at, heard(sim))
    assert [] == [at for subject, at in await staff(sim) if subject == "going-quiet" and at > after(1)]


async def test_an_answer_does_not_shorten_it(sim: Simulation) -> None:
    """An answer that is reported late does not bring the next word forward."""
    await play(sim, placed(deliver_by=january(30)))
    before = await standing(sim, "news_by")
    await sim.record_at(after(1), fact(CustomerAnswered, -1))

    assert before.due_at == (await standing(sim, "news_by")).due_at


async def test_broken_silence_is_watched_again_from_now(sim: Simulation) -> None:
    """Each silence that breaks opens the next: three business days past the date, twice, then five with the choice."""
    await play(sim, placed(ship_by=january(2)), until=24)
    expected = [after(2, hours=8), after(7, hours=7), after(14, hours=6), after(21, hours=5)]

    assert expected == when(sim, "holding")
    assert ["broken"] * 4 + ["open"] == await states(sim, "news_by")
    assert [False, True, True, True] == ["You can wait" in plain(mail) for mail in sim.messages("holding")]


async def test_no_live_order_is_without_a_promise(sim: Simulation) -> None:
    """Day by day, until people take over, something is promised; afterwards nothing is."""
    await play(sim, placed(ship_by=january(9)))
    for _ in range(90):
        await sim.advance(days=1)
        found = await history(sim)
        assert found.order.is_live == any(each.is_open for each in found.promises)
        assert all(each.speak_at > sim.now for each in found.promises if each.is_open)


# What is owed to people


async def test_a_second_question_is_a_second_promise(sim: Simulation) -> None:
    """After an answer the next question is waited for anew."""
    questions = [fact(CustomerAsked, days) for days in (1, 3)]
    await play(sim, placed(), questions[0], fact(CustomerAnswered, 1.5), questions[1])

    assert ["kept", "open"] == await states(sim, "answer_by")


async def test_an_earlier_answer_does_not_keep_a_later_question(sim: Simulation) -> None:
    """A question that nobody answered is broken, whoever spoke to the customer before it."""
    await play(sim, placed(), fact(CustomerAnswered, 0.5), fact(CustomerAsked, 1), until=3)

    assert ["broken"] == await states(sim, "answer_by")


async def test_a_question_that_is_reported_late_is_not_lost(sim: Simulation) -> None:
    """A question of the week before, reported now, is late already: somebody hears of it and it is watched."""
    await play(sim, placed(deliver_by=january(30)))
    await sim.record_at(after(7), fact(CustomerAsked, 3))
    await sim.advance(days=3)
    subjects = [subject for subject, _ in await staff(sim)]

    assert "question" in subjects
    assert await states(sim, "answer_by") in (["broken"], ["open"])


async def test_a_question_outlives_the_order(sim: Simulation) -> None:
    """An order that was delivered still owes an answer."""
    await play(sim, placed(), SHIPPED, fact(CustomerAsked, 1.2), fact(OrderDelivered, 1.3), until=3)

    assert ["broken"] == await states(sim, "answer_by")
    assert ["order-received", "shipped", "question-received", "delivered", "holding"] == heard(sim)


@pytest.mark.parametrize(
    "events",
    [
        [placed(total=MONEY), PAID, SHIPPED, fact(OrderDelivered, 2), fact(OrderReturnReceived, 3)],
        [placed(total=MONEY), PAID, fact(OrderCancelled, 3)],
        [placed(total=MONEY), fact(OrderCancelled, 2), fact(OrderPaid, 3)],
    ],
    ids=["returned", "cancelled", "charged after it was cancelled"],
)
async def test_money_is_owed(events: list[Any], sim: Simulation) -> None:
    """Whoever paid for what does not come gets the money back within seven working days."""
    await play(sim, *events)
    promise = await standing(sim, "refund_by")

    assert after(14) == promise.due_at


async def test_money_that_was_never_taken_is_not_owed(sim: Simulation) -> None:
    """A cancelled order that was not charged owes nothing."""
    await play(sim, placed(payment="authorized"), fact(OrderCancelled, 1))

    assert [] == await states(sim, "refund_by")


async def test_a_part_of_the_money_does_not_keep_it(sim: Simulation) -> None:
    """The promise is kept when all of it is back."""
    half = {"amount": "20.00", "currency": "EUR"}
    refunds = [fact(OrderRefunded, days, amount=half) for days in (2, 3)]
    await play(sim, placed(total=MONEY), PAID, fact(OrderCancelled, 1), refunds[0])
    part = await states(sim, "refund_by")
    await play(sim, refunds[1])

    assert (["open"], ["kept"]) == (part, await states(sim, "refund_by"))


# Parcels


async def test_packed_without_a_name_is_shipped_with_one(sim: Simulation) -> None:
    """The parcel that was packed is the one that is then handed over, though only then it gets its code."""
    await play(sim, placed(deliver_by=january(30)), fact(OrderPacked), SHIPPED, until=6)

    assert ["kept"] == await states(sim, "scan_by")
    assert "holding" not in heard(sim)


async def test_the_carriers_first_scan_is_waited_for(sim: Simulation) -> None:
    """The carrier's own scan keeps it as well as the shop's word does."""
    packed = fact(OrderPacked, 0, shipment_id="S")
    await play(sim, placed(), packed, fact(TrackingUpdated, 2, shipment_id="S", status="in_transit"))

    assert ["kept"] == await states(sim, "scan_by")


async def test_each_scan_puts_the_next_one_off(sim: Simulation) -> None:
    """A scan keeps the promise of the one before and opens the next."""
    await play(sim, placed(), SHIPPED, scan(2), scan(3), scan(4))

    assert ["kept", "kept", "open"] == await states(sim, "move_by")
    assert after(9) == (await standing(sim, "move_by")).due_at


async def test_parcels_are_watched_one_by_one(sim: Simulation) -> None:
    """The parcel that stands still is told, not the one that moves."""
    parcels = [{"shipment_id": name, "carrier": "UPS", "tracking_code": f"1Z{name}"} for name in "AB"]
    scans = [fact(TrackingUpdated, 2, id=f"scan {each}", status="in_transit", **each) for each in parcels]
    moving = fact(TrackingUpdated, 5, status="in_transit", **parcels[0])
    await play(sim, placed(items=["Bag", "Hat"]), *scans, moving, until=7.5)
    mail = sim.assert_sent("no-movement", times=1)

    assert ("1ZB" in plain(mail), "1ZA" in plain(mail)) == (True, False)
    assert {("A", "kept"), ("A", "open"), ("B", "broken"), ("B", "open")} == {
        (each.parcel, each.state.name.lower()) for each in await promises(sim, "move_by")
    }


async def test_parcels_are_watched_when_the_zone_changes(sim: Simulation) -> None:
    """A customer who moves does not tangle the promises of two parcels."""
    parcels = [{"shipment_id": name} for name in "AB"]
    early = fact(TrackingUpdated, 1.75, id="early", status="in_transit", **parcels[0])
    noon = fact(TrackingUpdated, 2.125, id="noon", status="in_transit", **parcels[1])
    moved = fact(CustomerUpdated, 2.5, time_zone="Asia/Kathmandu")
    await play(sim, placed(items=["Bag", "Hat"]), early, noon, moved, until=9)

    first, second = (await promises(sim, "move_by"))[:2]
    assert [("A", "BROKEN"), ("B", "BROKEN")] == [(each.parcel, each.state.name) for each in (first, second)]


async def test_a_parcel_on_its_way_back_is_not_waited_for(sim: Simulation) -> None:
    """What returns to the shop need not move towards the customer."""
    await play(sim, placed(), SHIPPED, scan(2), scan(3, "return_to_sender"), until=9)

    assert ["kept"] == await states(sim, "move_by")
    sim.assert_not_sent("no-movement")


async def test_another_day_to_collect_is_another_promise(sim: Simulation) -> None:
    """The pickup point keeps it longer: the old day is withdrawn."""
    longer = fact(OrderReadyForPickup, 3, place="Main Street 5", until=january(19))
    await play(sim, placed(), SHIPPED, WAITS, longer)

    assert ["withdrawn", "open"] == await states(sim, "collect_by")


# Orders that nobody placed


async def test_an_unknown_order_waits(sim: Simulation) -> None:
    """Facts about an order that nobody placed tell nobody; when it is placed all that is still news is told."""
    await play(sim, SHIPPED, until=1.5)
    before = heard(sim)
    await sim.record(placed())

    assert ([], ["order-received", "shipped"]) == (before, heard(sim))
    assert ["kept"] == await states(sim, "known_by")


async def test_an_unknown_order_is_not_waited_for_longer_by_each_scan(sim: Simulation) -> None:
    """The staff hear a day after the first fact, however many follow."""
    await play(sim, SHIPPED, *(scan(1 + hours / 24) for hours in range(6, 30, 6)), until=4)

    assert [("unknown-order", after(2))] == await staff(sim)


async def test_an_old_fact_about_an_unknown_order_is_watched_too(sim: Simulation) -> None:
    """A fact that is days old when it comes is reported to the staff like a fresh one."""
    await sim.record_at(after(5), SHIPPED)
    await sim.run_until(after(7))

    assert [("unknown-order", after(6))] == await staff(sim)


async def test_an_order_that_comes_too_late_is_confirmed(sim: Simulation) -> None:
    """The staff were told already; the customer is told all the same."""
    await play(sim, SHIPPED, until=3)
    await sim.record(placed(0))

    assert ["order-received", "shipped"] == heard(sim)


# What was closed and woken


async def test_what_wakes_an_order_opens_its_promises_again(sim: Simulation) -> None:
    """A parcel that was lost and is found again is waited for by the day that was told."""
    await play(sim, placed(deliver_by=january(19)), SHIPPED, scan(3, "lost"), scan(5), until=16)

    assert "broken" == (await states(sim, "deliver_by"))[-1]
    assert [after(15, hours=1)] == when(sim, "late")


async def test_a_delivery_that_comes_back_is_waited_for(sim: Simulation) -> None:
    """A parcel that turns round after its delivery makes the order live, and silence is watched again."""
    await play(sim, placed(deliver_by=january(19)), SHIPPED, fact(OrderDelivered, 2), scan(3, "return_to_sender"))
    found = await history(sim)

    assert found.order.is_live
    assert any(each.is_open for each in found.promises)


# Imports


OLD = placed(-30, ship_by=date(2025, 12, 12), deliver_by=january(9))


async def test_an_import_tells_nothing_past(sim: Simulation) -> None:
    """An order of more than seven days ago, with all that happened to it, sends nothing; the staff get one word."""
    await sim.record(OLD, fact(OrderPaid, -29), fact(OrderShipped, -10), fact(OrderRefunded, -1, amount=MONEY))

    assert [] == heard(sim)
    assert ["import"] == [subject for subject, _ in await staff(sim)]
    assert {"dropped"} == {decision for decision, _ in await decisions(sim)}


async def test_an_imports_past_dates_are_the_staffs(sim: Simulation) -> None:
    """What was missed before the import stands in the one word to the staff, and is no promise."""
    await sim.record(OLD)
    (word,) = (await history(sim)).staff

    assert "2025-12-12" in word.text
    assert ([], ["open"]) == (await states(sim, "ship_by"), await states(sim, "deliver_by"))


async def test_an_imports_future_is_watched(sim: Simulation) -> None:
    """What is still ahead is promised, and what happens from now on is told."""
    await sim.record(OLD)
    await play(sim, fact(OrderSourcing, 1, note="we look for it"), until=9)

    assert "sourcing" == heard(sim)[0]
    assert [after(5, hours=1)] == when(sim, "late")


async def test_seven_days_are_no_import(sim: Simulation) -> None:
    """An order that comes a week late is confirmed."""
    await sim.record(placed(-7))

    assert ["order-received"] == heard(sim)
