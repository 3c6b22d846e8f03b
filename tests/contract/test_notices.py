"""Every shipped notice: what causes it, what it says in both languages, and when it is not sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from proactive_notify import (
    Customer,
    CustomerAsked,
    CustomerDecided,
    Item,
    Notice,
    OrderAccepted,
    OrderBackordered,
    OrderCancelled,
    OrderDelayed,
    OrderDelivered,
    OrderEdited,
    OrderPacked,
    OrderPaid,
    OrderPaymentFailed,
    OrderPickedUp,
    OrderReadyForPickup,
    OrderRefunded,
    OrderReturnReceived,
    OrderShipped,
    OrderSourcing,
    Place,
    Policy,
    PromiseBroken,
    Shop,
    TrackingUpdated,
    Transient,
    default_notices,
)
from proactive_notify.notices import more_notices
from proactive_notify.testing import Simulation

from .telling import after, decisions, fact, heard, january, placed, plain, play, states, when

MONEY = {"amount": "40.00", "currency": "EUR"}
BAG, HAT = Item(name="Bag"), Item(name="Hat", quantity=2)
UPS = {"carrier": "UPS", "tracking_code": "1Z9"}
LOCALES = ("en", "pt-BR")
SHOP = Shop(name="Acme", reply_to="help@acme.example")
SHIPPED = fact(OrderShipped, 1, deliver_by=january(14), **UPS)


def scan(days: float, status: str = "in_transit", **data: Any) -> Any:
    return fact(TrackingUpdated, days, status=status, **{**UPS, **data})


def stands_still(days: float) -> Any:
    """The watchdog's word that the parcel was not seen in time."""
    return fact(PromiseBroken, days, promise="move_by", parcel="ups:1Z9", due_at=after(days))


@dataclass(frozen=True)
class Scene:
    """What has to happen for a notice, and which of its facts the customer must read."""

    events: Sequence[Any]
    #: Days after Monday.
    until: float
    #: Words that are the same in every language, and days, which are written in the customer's.
    facts: Sequence[str | date]
    amount: bool = False


SCENES: dict[str, Scene] = {
    "order-received": Scene(
        [placed(ship_by=january(9), deliver_by=january(14), items=[BAG, HAT], total=MONEY)],
        until=0,
        facts=["Ada", "A-1", "Bag", "2 × Hat", january(9), january(14)],
        amount=True,
    ),
    "payment-pending": Scene([placed(payment="pending", total=MONEY)], until=1, facts=["A-1"], amount=True),
    "payment-received": Scene([placed(), fact(OrderPaid, 0.5, amount=MONEY)], until=1, facts=["A-1"], amount=True),
    "payment-failed": Scene(
        [placed(), fact(OrderPaymentFailed, 0.5, reason="the bank declined", pay_by=january(12))],
        until=1,
        facts=["the bank declined", january(12)],
    ),
    "order-changed": Scene(
        [
            placed(items=[BAG, HAT], total={"amount": "60.00", "currency": "EUR"}, ship_by=january(9)),
            fact(OrderEdited, 0.5, items=["Bag"], total=MONEY, promises={"ship_by": "2026-01-12"}),
        ],
        until=1,
        facts=["Bag, 2 × Hat", "20", january(12)],
        amount=True,
    ),
    "preparing": Scene([placed(ship_by=january(9)), fact(OrderAccepted, 0.5)], until=1.5, facts=[january(9)]),
    "sourcing": Scene(
        [placed(), fact(OrderSourcing, 0.5, note="a colleague looks in our other stores", expected_by=january(8))],
        until=1,
        facts=["a colleague looks in our other stores", january(8)],
    ),
    "backordered": Scene(
        [placed(items=[BAG, HAT]), fact(OrderBackordered, 0.5, items=["Bag"], expected_by=january(20), reason="flood")],
        until=1,
        facts=["Bag", "flood", january(20)],
    ),
    "delayed": Scene(
        [placed(ship_by=january(9)), fact(OrderDelayed, 0.5, reason="flood", ship_by=january(19))],
        until=1,
        facts=["flood", january(19)],
    ),
    "delayed-again": Scene(
        [
            placed(ship_by=january(9)),
            fact(OrderDelayed, 0.5, ship_by=january(19)),
            fact(OrderDelayed, 1, reason="flood", ship_by=january(26), deliver_by=january(30)),
        ],
        until=1,
        facts=["flood", january(26), january(30)],
    ),
    "packed": Scene([placed(), fact(OrderPacked, 0.5)], until=1.5, facts=["A-1"]),
    "not-picked-up": Scene([placed(), fact(OrderPacked, 1)], until=7.1, facts=[january(6)]),
    "shipped": Scene([placed(), SHIPPED], until=1, facts=["UPS", "1Z9", january(14)]),
    "date-changed": Scene(
        [placed(deliver_by=january(14)), fact(OrderShipped, 1, **UPS), scan(2, deliver_by=january(16))],
        until=3,
        facts=["UPS", "1Z9", january(14), january(16)],
    ),
    "no-movement": Scene(
        [placed(), SHIPPED, scan(1.5, location="Louisville, KY")],
        until=5,
        facts=["UPS", "1Z9", "Louisville, KY", january(6)],
    ),
    "tracking-changed": Scene(
        [
            placed(),
            fact(OrderShipped, 1, shipment_id="S", **UPS),
            fact(OrderShipped, 2, shipment_id="S", carrier="UPS", tracking_code="1Z8"),
        ],
        until=3,
        facts=["1Z9", "1Z8"],
    ),
    "tracking-broken": Scene([placed(), SHIPPED, stands_still(6)], until=6, facts=["UPS", "1Z9", january(6)]),
    "still-no-movement": Scene(
        [placed(), SHIPPED, scan(1.5, location="Louisville, KY"), stands_still(7.2)],
        until=7.2,
        facts=["UPS", "1Z9", "Louisville, KY", january(6)],
    ),
    "moving-again": Scene(
        [placed(), SHIPPED, scan(1.5), scan(6, location="Louisville, KY")],
        until=7,
        facts=["Louisville, KY", january(11), january(14)],
    ),
    "arriving-tomorrow": Scene([placed(), SHIPPED, scan(1.5)], until=9, facts=["UPS", "1Z9", january(14)]),
    "attempt-failed": Scene(
        [placed(), SHIPPED, scan(2, "attempt_failed", detail="nobody was at home", deliver_by=january(8))],
        until=2.1,
        facts=["nobody was at home", january(7), january(8)],
    ),
    "action-required": Scene(
        [placed(), SHIPPED, scan(2, "action_required", detail="pay customs", location="Lisbon")],
        until=2.1,
        facts=["pay customs", "Lisbon", "1Z9"],
    ),
    "ready-for-pickup": Scene(
        [placed(), SHIPPED, fact(OrderReadyForPickup, 2, place="Main Street 5", until=january(20), **UPS)],
        until=2,
        facts=["Main Street 5", january(20)],
    ),
    "trouble": Scene(
        [placed(), SHIPPED, scan(2, "damaged", detail="crushed")], until=2.1, facts=["crushed", "UPS", "1Z9"]
    ),
    "out-for-delivery": Scene([placed(), SHIPPED, scan(2, "out_for_delivery")], until=2.1, facts=["UPS", "1Z9"]),
    "delivered": Scene(
        [placed(), SHIPPED, fact(OrderDelivered, 3, received_by="a neighbour", place="the porch")],
        until=3,
        facts=["a neighbour", "the porch", january(8)],
    ),
    "late": Scene([placed(deliver_by=january(9))], until=5.1, facts=[january(9)]),
    "must-cancel": Scene(
        [
            placed(ship_by=january(9), destination=Place(country="US"), payment="captured"),
            fact(OrderDelayed, 1, ship_by=january(20)),
            fact(CustomerDecided, 2, decision="cancel"),
        ],
        until=2,
        facts=["A-1", january(16)],
    ),
    "resolution": Scene([placed(deliver_by=january(9))], until=50, facts=["A-1"]),
    "holding": Scene([placed()], until=2, facts=[january(5)]),
    "order-status": Scene(
        [placed(), SHIPPED, fact(CustomerAsked, 1.5, channel="sms", meaning="status")],
        until=2,
        facts=["A-1", january(6)],
    ),
    "cancelled": Scene(
        [placed(total=MONEY, payment="captured"), fact(OrderCancelled, 1, reason="no bag was found")],
        until=1,
        facts=["no bag was found"],
        amount=True,
    ),
    "refunded": Scene(
        [placed(), fact(OrderCancelled, 1), fact(OrderRefunded, 2, amount=MONEY, reason="cancelled in time")],
        until=2,
        facts=["cancelled in time"],
        amount=True,
    ),
    "return": Scene(
        [placed(items=[BAG, HAT]), SHIPPED, fact(OrderDelivered, 3), fact(OrderReturnReceived, 9, items=[HAT])],
        until=9,
        facts=["2 × Hat"],
    ),
    "question-received": Scene(
        [placed(), SHIPPED, fact(CustomerAsked, 1.5, text="Where is it?")],
        until=2,
        facts=["A-1", january(6), january(7)],
    ),
}
NOTICES = (*default_notices, *more_notices)
EVERY = pytest.mark.parametrize("key", SCENES)


async def run(key: str, *, notices: Sequence[type[Notice[Any]]] = NOTICES, locale: str = "en") -> Any:
    """The simulation after the scene of that notice."""
    scene = SCENES[key]
    first, *rest = scene.events
    customer = Customer(name="Ada", email="ada@example.org", locale=locale)
    async with Simulation(notices=notices, shop=SHOP) as sim:
        await play(sim, first.model_copy(update={"customer": customer}), *rest, until=scene.until)
    return sim


Ran = dict[tuple[str, str], Simulation]


@pytest.fixture(scope="module")
def ran() -> Ran:
    """The simulations of the scenes that were run: each is looked at by several tests."""
    return {}


async def once(ran: Ran, key: str, locale: str) -> Simulation:
    if (key, locale) not in ran:
        ran[key, locale] = await run(key, locale=locale)
    return ran[key, locale]


def shown(words: str | date, locale: str) -> str:
    """A fact as it is written in that language."""
    if isinstance(words, str):
        return words
    return f"{words.day} January" if locale == "en" else f"{words.day} de janeiro"


def test_every_notice_has_its_scene() -> None:
    """No shipped notice is left out here."""
    assert {each.key for each in NOTICES} == SCENES.keys()


@EVERY
@pytest.mark.parametrize("locale", LOCALES)
async def test_the_notice_is_sent_with_its_facts(key: str, locale: str, ran: Ran) -> None:
    """What happened is told once, in the customer's language, with its facts in the text."""
    sim, scene = await once(ran, key, locale), SCENES[key]
    mail = sim.assert_sent(key)
    facts = [shown(words, locale) for words in scene.facts]
    amount = ["40.00" if locale == "en" else "40,00"] if scene.amount else []

    assert [] == [words for words in [*facts, *amount, "help@acme.example"] if words not in plain(mail)]
    assert locale == mail.locale
    assert "A-1" in mail.subject


@EVERY
async def test_every_language_has_its_own_subject(key: str, ran: Ran) -> None:
    """The subject is in the customer's language, and never empty."""
    english, portuguese = [(await once(ran, key, each)).messages(key)[0].subject for each in LOCALES]

    assert english.strip()
    assert portuguese.strip()
    assert english != portuguese


@EVERY
async def test_without_its_class_a_notice_is_not_sent(key: str) -> None:
    """Leaving a class out of the notices leaves out what it tells, and breaks nothing else."""
    sim = await run(key, notices=[each for each in NOTICES if each.key != key])

    assert key not in heard(sim)
    if key != "order-received":
        assert "order-received" == heard(sim)[0]


@EVERY
async def test_a_notice_is_sent_once(key: str, ran: Ran) -> None:
    """No occasion is told twice."""
    sim = await once(ran, key, "en")
    occasions = [(message.notice, message.occasion) for message in sim.sent]

    assert len(set(occasions)) == len(occasions)


# Payment


@pytest.mark.parametrize(
    ("payment", "hours", "told"),
    [(None, 0.5, 0), (None, 1, 0), (None, 1.1, 1), ("authorized", 0.5, 0), ("authorized", 30, 1), ("pending", 0.1, 1)],
)
async def test_payment_is_a_notice_only_if_it_came_late(
    payment: str | None, hours: float, told: int, sim: Simulation
) -> None:
    """Money is told by itself if it was taken more than an hour after the order, or had been pending."""
    await play(sim, placed(payment=payment), fact(OrderPaid, hours / 24), until=4)

    assert told == len(sim.messages("payment-received"))


async def test_payment_after_a_failure_is_told(sim: Simulation) -> None:
    """Whoever was told that the payment failed is told that it came, however soon."""
    await play(sim, placed(), fact(OrderPaymentFailed, 0.01), fact(OrderPaid, 0.02))

    assert ["order-received", "payment-failed", "payment-received"] == heard(sim)


async def test_payment_that_makes_no_notice_is_in_the_next_mail(sim: Simulation) -> None:
    """What was charged stands in the next mail."""
    await play(sim, placed(), fact(OrderPaid, 0.01, amount=MONEY), SHIPPED)

    assert "You were charged €40.00 on Monday, 5 January." in plain(sim.assert_sent("shipped"))


async def test_payment_is_told_once(sim: Simulation) -> None:
    """A second capture of the same order is no second notice."""
    await play(sim, placed(), fact(OrderPaid, 0.5), fact(OrderPaid, 1.5), until=3)

    assert 1 == len(sim.messages("payment-received"))


# Shipping


async def test_a_whole_order_ships(sim: Simulation) -> None:
    """All in one parcel."""
    await play(sim, placed(items=[BAG, HAT]), SHIPPED)
    mail = sim.assert_sent("shipped", times=1)

    assert "Shipped: your order A-1" == mail.subject
    assert "your order is on its way" in plain(mail)


async def test_a_part_ships_and_then_the_rest(sim: Simulation) -> None:
    """The first parcel says what is still to come, the second that it was all."""
    part = fact(OrderShipped, 1, shipment_id="1", items=[HAT])
    rest = fact(OrderShipped, 2, shipment_id="2", items=[BAG])
    await play(sim, placed(items=[BAG, HAT]), part, rest)
    first, second = sim.messages("shipped")

    assert ["Partly shipped: your order A-1", "The rest has shipped: your order A-1"] == [first.subject, second.subject]
    assert "Still to come: Bag" in plain(first)
    assert "everything has shipped" in plain(second)


async def test_a_parcel_ships_once(sim: Simulation) -> None:
    """A second word about the same parcel, and the carrier's first scan, are no second notice."""
    await play(sim, placed(), SHIPPED, fact(OrderShipped, 1.5, **UPS), scan(2), until=3)

    sim.assert_sent("shipped", times=1)


async def test_the_carrier_may_say_it_first(sim: Simulation) -> None:
    """A scan of a parcel of which the shop said nothing tells that it left; the shop's own word adds nothing."""
    await play(sim, placed(), scan(1), fact(OrderShipped, 1.5, shipment_id="S", **UPS), until=2)

    sim.assert_sent("shipped", times=1)


# Delays


def told_of(sim: Simulation, notice: str) -> str:
    return plain(sim.assert_sent(notice, times=1))


#: What every delay must say beside its reason and date.
ALWAYS = ["cancel", "charged", "You hear from us again by", "help@acme.example"]


async def test_a_delay_with_a_date(sim: Simulation) -> None:
    """The reason, the new date, what the customer can do, the money, the next word and a person."""
    await play(sim, placed(ship_by=january(9)), fact(OrderDelayed, 1, reason="flood", ship_by=january(19)))
    text = told_of(sim, "delayed")

    assert [] == [words for words in [*ALWAYS, "flood", "ship it by Monday, 19 January"] if words not in text]


async def test_a_delay_without_a_date(sim: Simulation) -> None:
    """That the new date is not known, and the old one is not repeated."""
    await play(sim, placed(ship_by=january(9)), fact(OrderDelayed, 1, reason="flood"))
    text = told_of(sim, "delayed")

    assert [] == [words for words in [*ALWAYS, "flood", "We don’t know the new date yet."] if words not in text]
    assert "9 January" not in text


async def test_a_delay_that_nobody_declared(sim: Simulation) -> None:
    """A date that passes in silence is told after its grace, as what it is: no shipment was recorded."""
    await play(sim, placed(ship_by=january(9)), until=5)
    text = told_of(sim, "delayed")
    expected = [
        *ALWAYS,
        "would ship by Friday, 9 January",
        "We have not recorded a shipment yet",
        "We can’t give you a",
    ]

    assert [] == [words for words in expected if words not in text]
    assert [after(5)] == when(sim, "delayed")


@pytest.mark.parametrize(
    "second",
    [
        fact(OrderDelayed, 8, ship_by=january(30)),
        fact(OrderDelayed, 8, reason="we do not know"),
    ],
    ids=["with a date", "without"],
)
@pytest.mark.parametrize(
    "first", [None, fact(OrderDelayed, 1, ship_by=january(20)), fact(OrderDelayed, 1)], ids=["silence", "date", "none"]
)
async def test_the_second_delay_is_told_as_one(first: Any, second: Any, sim: Simulation) -> None:
    """Whoever was told of a delay, declared or not, is told of the next one as a further one."""
    await play(sim, placed(ship_by=january(9)), *([first] if first else []), second)

    assert ["delayed", "delayed-again"] == [key for key in heard(sim) if key.startswith("delayed")]


async def test_the_new_date_may_pass_too(sim: Simulation) -> None:
    """A revised date that passes in silence is a delay again."""
    await play(sim, placed(ship_by=january(9)), fact(OrderDelayed, 1, ship_by=january(15)), until=11)

    assert [after(11)] == when(sim, "delayed-again")


async def test_a_delay_to_the_same_date_is_no_news(sim: Simulation) -> None:
    """An event that changes no date tells nothing."""
    await play(sim, placed(ship_by=january(9)), fact(OrderDelayed, 1, ship_by=january(9)))

    sim.assert_not_sent("delayed")


@pytest.mark.parametrize(
    ("moved", "told"),
    [
        ({"deliver_by": january(14)}, 0),
        ({"deliver_by": "2026-01-14T15:00:00Z"}, 0),
        ({"deliver_by": "2026-01-15T00:00:01Z"}, 1),
        ({"deliver_by": january(15)}, 1),
        ({"deliver_by": january(13)}, 1),
        ({}, 0),
    ],
)
async def test_a_date_changes_only_when_the_day_moves(moved: dict[str, Any], told: int, sim: Simulation) -> None:
    """Another hour of the same day is no news; an earlier day is."""
    await play(sim, placed(deliver_by=january(14)), fact(OrderShipped, 1, **UPS), scan(2, **moved), until=3)

    assert told == len(sim.messages("date-changed"))


async def test_a_first_date_changes_nothing(sim: Simulation) -> None:
    """Where no date had been told the first one is no change."""
    await play(sim, placed(), fact(OrderShipped, 1, **UPS), scan(2, deliver_by=january(14)), until=3)

    sim.assert_not_sent("date-changed")


async def test_the_shop_may_change_the_date(sim: Simulation) -> None:
    """An edit that moves the day is told, and says which way."""
    await play(sim, placed(deliver_by=january(14)), fact(OrderEdited, 2, promises={"deliver_by": "2026-01-12"}))

    assert "arrives earlier" in told_of(sim, "date-changed")


async def test_a_date_that_moves_and_moves_back(sim: Simulation) -> None:
    """Each move of the day is told; a promise that returns is a new one."""
    moves = [scan(2, deliver_by=january(16)), scan(4, deliver_by=january(14))]
    await play(sim, placed(deliver_by=january(14)), fact(OrderShipped, 1, **UPS), *moves, until=5)

    assert 2 == len(sim.messages("date-changed"))
    assert ["withdrawn", "withdrawn", "open"] == await states(sim, "deliver_by")


# On its way


async def test_no_movement_is_told_after_three_days_without_a_scan(sim: Simulation) -> None:
    """Three business days after the last scan, once; the next scan begins anew."""
    await play(sim, placed(), SHIPPED, scan(2), scan(8), until=16)

    assert [after(7), after(11)] == when(sim, "no-movement")


async def test_a_parcel_that_moves_again_is_not_reported_as_standing(sim: Simulation) -> None:
    """Each scan puts the silence of the carrier off."""
    await play(sim, placed(), SHIPPED, scan(2), scan(3), scan(4), until=6)

    sim.assert_not_sent("no-movement")


@pytest.mark.parametrize(("hours", "told"), [(11, 1), (13, 0)])
async def test_arriving_today_is_of_use_for_half_a_day(hours: float, told: int, sim: Simulation) -> None:
    """A message that cannot leave for twelve hours is not sent any more."""
    await play(sim, placed(), SHIPPED)
    sim.email.fail_until_told(Transient("down"))
    await play(sim, scan(2, "out_for_delivery"))
    await sim.run_until(after(2, hours=hours))
    sim.email.recover()
    await sim.advance(hours=2)

    assert told == len(sim.messages("out-for-delivery"))


@pytest.mark.parametrize("hours", [13, 30])
async def test_what_was_out_for_delivery_yesterday_is_not_arriving_today(hours: float, sim: Simulation) -> None:
    """A scan that is reported too late to be of use is recorded and not told."""
    await play(sim, placed(), SHIPPED)
    await sim.record_at(after(2, hours=hours), scan(2, "out_for_delivery"))
    await sim.advance(hours=1)

    sim.assert_not_sent("out-for-delivery")


# Arrival


@pytest.mark.parametrize(
    "second",
    [
        scan(3.5, "delivered"),
        scan(2.9, "delivered"),
        fact(OrderDelivered, 3.5, id="again"),
        fact(OrderPickedUp, 3.5),
    ],
    ids=["carrier later", "carrier earlier", "shop again", "picked up"],
)
@pytest.mark.parametrize("first", [fact(OrderDelivered, 3), scan(3, "delivered")], ids=["shop", "carrier"])
async def test_one_arrival_is_one_mail(first: Any, second: Any, sim: Simulation) -> None:
    """Shop and carrier report the same delivery, in any order: the customer hears once."""
    await play(sim, placed(), SHIPPED, first)
    await sim.run_until(after(3, hours=1))
    await sim.record_at(after(4), second)
    await sim.advance(days=1)

    sim.assert_sent("delivered", times=1)


async def test_two_parcels_arrive_one_by_one(sim: Simulation) -> None:
    """Each parcel's arrival is told; the last one says that it was all."""
    parcels = [fact(OrderShipped, 1, id=f"s{n}", shipment_id=n, items=[i]) for n, i in (("1", BAG), ("2", HAT))]
    arrivals = [fact(OrderDelivered, 2 + int(n), shipment_id=n) for n in ("1", "2")]
    await play(sim, placed(items=[BAG, HAT]), *parcels, *arrivals)

    assert ["Partly delivered: your order A-1", "Delivered: your order A-1"] == [
        mail.subject for mail in sim.messages("delivered")
    ]


async def test_delivered_without_a_parcel_is_all_of_them(sim: Simulation) -> None:
    """One word about the order is one mail, however many parcels there were."""
    parcels = [fact(OrderShipped, 1, id=f"s{n}", shipment_id=n, items=[i]) for n, i in (("1", BAG), ("2", HAT))]
    await play(sim, placed(items=[BAG, HAT]), *parcels, fact(OrderDelivered, 3), until=5)

    assert "Delivered: your order A-1" == sim.assert_sent("delivered", times=1).subject


async def test_what_was_told_as_all_is_not_told_again_by_parcel(sim: Simulation) -> None:
    """The carrier's earlier delivery of one parcel, reported after the shop said that all arrived, is no news."""
    parcels = [fact(OrderShipped, 1, id=f"s{n}", shipment_id=n, items=[i]) for n, i in (("1", BAG), ("2", HAT))]
    await play(sim, placed(items=[BAG, HAT]), *parcels, fact(OrderDelivered, 3))
    await sim.record_at(after(4), fact(TrackingUpdated, 2.9, shipment_id="2", status="delivered"))
    await sim.advance(days=1)

    sim.assert_sent("delivered", times=1)


async def test_collected_is_delivered(sim: Simulation) -> None:
    """Whoever fetched it is told that they have it."""
    waits = fact(OrderReadyForPickup, 2, place="Main Street 5", until=january(20))
    await play(sim, placed(), SHIPPED, waits, fact(OrderPickedUp, 3))

    assert "Collected: your order A-1" == sim.assert_sent("delivered", times=1).subject


# The end


async def test_a_whole_order_is_cancelled(sim: Simulation) -> None:
    """The order will not come, and nothing is heard of it again."""
    await play(sim, placed(ship_by=january(9)), fact(OrderCancelled, 1, reason="sold out"), until=60)

    assert ["order-received", "cancelled"] == heard(sim)
    assert "Cancelled: your order A-1" == sim.assert_sent("cancelled").subject


async def test_a_part_is_cancelled(sim: Simulation) -> None:
    """The mail names what will not come, and the rest is waited for."""
    await play(sim, placed(items=[BAG, HAT]), fact(OrderCancelled, 1, items=[HAT]), until=4)
    mail = sim.assert_sent("cancelled", times=1)

    assert "Partly cancelled: your order A-1" == mail.subject
    assert "It’s this: 2 × Hat" in plain(mail)
    assert "holding" in heard(sim)


async def test_each_part_that_is_cancelled_is_told(sim: Simulation) -> None:
    """Two parts are two occasions; the whole order is one, however often it is said."""
    parts = [fact(OrderCancelled, days, items=[item]) for days, item in ((1, HAT), (2, BAG))]
    await play(sim, placed(items=[BAG, HAT]), *parts)
    whole = [fact(OrderCancelled, days, order="A-2") for days in (3, 4)]
    await play(sim, placed(2.5).model_copy(update={"order_id": "A-2", "id": "second"}), *whole)

    assert 2 == len(sim.messages("cancelled", order="A-1"))
    assert 1 == len(sim.messages("cancelled", order="A-2"))


async def test_a_parcel_under_way_is_spoken_of(sim: Simulation) -> None:
    """Cancelled too late: the order stays open until the parcel is back or there, and the mail says so."""
    await play(sim, placed(), SHIPPED, fact(OrderCancelled, 2))
    order = await sim.order("A-1")

    assert "A parcel of it is already on its way to you" in told_of(sim, "cancelled")
    assert order is not None
    assert order.is_live


@pytest.mark.parametrize(("amounts", "last"), [(["40"], "all your money back"), (["10", "15"], "a part of what")])
async def test_money_goes_back(amounts: list[str], last: str, sim: Simulation) -> None:
    """Every refund is told, and whether it is all of the money."""
    back = [
        fact(OrderRefunded, days, amount={"amount": amount, "currency": "EUR"})
        for days, amount in enumerate(amounts, start=2)
    ]
    await play(sim, placed(total=MONEY), fact(OrderPaid, 0.01, amount=MONEY), fact(OrderCancelled, 1), *back)
    mails = sim.messages("refunded")

    assert len(amounts) == len(mails)
    assert last in plain(mails[-1])


# Silence comes to its end


async def test_silence_ends_after_thirty_days(sim: Simulation) -> None:
    """Past the last date the customer is told that people take over, and then hears nothing more."""
    await play(sim, placed(deliver_by=january(9)), until=120)
    (closed,) = when(sim, "resolution")
    order = await sim.order("A-1")

    assert after(34, hours=15) <= closed <= after(42)
    assert "resolution" == heard(sim)[-1]
    assert order is not None
    assert ("closed", False) == (order.state.value, order.is_live)
    assert ("closed", "resolution:first") in await decisions(sim)


async def test_an_order_without_a_date_is_closed_too(sim: Simulation) -> None:
    """Thirty days after the thirty that are implied."""
    await play(sim, placed(), until=120)
    (closed,) = when(sim, "resolution")

    assert after(60) <= closed <= after(70)


async def test_a_fact_wakes_a_closed_order(sim: Simulation) -> None:
    """A question opens it again; the next silence is closed once more, for a new reason."""
    await play(sim, placed(deliver_by=january(9)), until=60)
    await play(sim, fact(CustomerAsked, 61, id="where"))
    woken = await sim.order("A-1")
    await sim.advance(days=30)
    again = await sim.order("A-1")

    assert woken is not None
    assert again is not None
    assert (True, "closed") == (woken.is_live, again.state.value)
    assert ["first", "shop where"] == [message.occasion for message in sim.messages("resolution")]
    assert "resolution" == heard(sim)[-1]


async def test_a_lost_parcel_is_closed_at_once(sim: Simulation) -> None:
    """The carrier's word that it is lost ends the waiting; being found opens it again."""
    await play(sim, placed(deliver_by=january(30)), SHIPPED, scan(3, "lost"), until=4)
    lost = await sim.order("A-1")
    await play(sim, scan(5), until=6)
    found = await sim.order("A-1")

    assert "The carrier reports that your parcel is lost" in told_of(sim, "resolution")
    assert lost is not None
    assert found is not None
    assert ("closed", "shipped") == (lost.state.value, found.state.value)


@pytest.mark.parametrize(
    ("offer", "words"),
    [
        (None, "tell us what you would like"),
        ("refund", "We offer you your money back"),
        ("replacement", "We offer to send it to you again"),
    ],
)
async def test_the_resolution_offers_what_the_shop_does(offer: Any, words: str) -> None:
    """Nothing is offered that the shop did not say it would; the law is named in any case."""
    async with Simulation(policy=Policy(resolution=offer)) as sim:
        await play(sim, placed(deliver_by=january(9)), until=50)
        text = told_of(sim, "resolution")

    assert words in text
    assert "the law is on your side" in text


async def test_a_mail_says_who_writes(sim: Simulation) -> None:
    """The sender is the shop, and a reply reaches a person."""
    await play(sim, placed())
    mail = sim.assert_sent("order-received")

    assert ("Acme <orders@acme.example>", "help@acme.example", "ada@example.org") == (
        mail.sender,
        mail.reply_to,
        mail.to,
    )
