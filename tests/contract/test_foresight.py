"""What is said to come is what comes: the outlook of an order, and who goes quiet next."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from docs.why import story_teller
from proactive_notify import (
    Customer,
    CustomerAsked,
    NotifierNotOpen,
    Outlook,
    PromiseKind,
    Receipt,
    ReceiptKind,
    Sms,
    SmsMessage,
)
from proactive_notify.notices import Holding, OrderReceived
from proactive_notify.testing import (
    RecordingTransport,
    Simulation,
    order_cancelled,
    order_paid,
    order_placed,
    order_shipped,
    tracking_updated,
)
from tests.contract.engine_cases import ListeningInline

STORIES = Path(__file__).resolve().parents[2] / "examples" / "stories"
NAMES = sorted(path.stem for path in STORIES.glob("*.jsonl"))


class Overheard(ListeningInline):
    """What is read of it is listened to as well."""

    async def read(self, unit: Any) -> Any:
        return await super().read(self.ear.listen(unit))


class HoldingByBoth(Holding):
    """It goes by text where mail fails."""

    channels = ("email", "sms")


@pytest.fixture(scope="module")
def tell() -> Iterator[ModuleType]:
    """The program that tells the stories."""
    with story_teller() as program:
        yield program


# What comes


@pytest.mark.parametrize("name", NAMES)
async def test_what_is_foreseen_is_what_happens(name: str, tell: ModuleType) -> None:
    """In every silence of the stories the customer hears at that moment, by that channel, what was foreseen."""
    (story,) = (each for each in tell.STORIES if each.name == name)
    batches = tell.arrivals(story)
    ends = [at for at, _ in batches[1:]] + [batches[-1][0] + timedelta(days=story.days_after)]
    foreseen: list[Any] = []
    happened: list[Any] = []
    async with Simulation(shop=story.shop, policy=story.policy, start=batches[0][0]) as sim:
        for (at, events), end in zip(batches, ends, strict=True):
            await sim.record_at(at, *events)
            async for outlook, heard in silences(sim, until=end):
                foreseen.append((outlook.order_id, outlook.speaks_at, outlook.subject))
                happened.append((outlook.order_id, outlook.speaks_at, heard))

    assert foreseen == happened


async def silences(sim: Simulation, *, until: datetime) -> AsyncIterator[tuple[Outlook, str]]:
    """Live through what breaks before ``until``; yield what was foreseen, and the subject that was heard then."""
    while found := await sim.notifier.at_risk(limit=1):
        (outlook,) = found
        if max(outlook.speaks_at, outlook.leaves_at or outlook.speaks_at) >= until:
            return
        before = len(sim.sent)
        await sim.run_until(outlook.leaves_at or outlook.speaks_at)
        said = [
            each for each in sim.sent[before:] if (each.order_id, each.notice) == (outlook.order_id, outlook.notice)
        ]
        yield outlook, getattr(said[-1], "subject", "") if said else ""


async def test_the_stories_are_full_of_silences(tell: ModuleType) -> None:
    """The stories ask for holding, late, no movement, a question that is open, and the law's end."""
    kinds, notices = set(), set()
    for story in tell.STORIES:
        batches = tell.arrivals(story)
        async with Simulation(shop=story.shop, policy=story.policy, start=batches[0][0]) as sim:
            for at, events in batches:
                async for outlook, _ in silences(sim, until=at):
                    kinds.add(outlook.promise.kind)
                    notices.add(outlook.notice)
                await sim.record_at(at, *events)

    assert {PromiseKind.NEWS_BY, PromiseKind.DELIVER_BY, PromiseKind.MOVE_BY, PromiseKind.ANSWER_BY} <= kinds
    assert {"holding", "late", "no-movement", "must-cancel"} <= notices


async def test_asking_changes_nothing() -> None:
    """However often one asks what comes, the order, its promises and its decisions stay as they are."""
    async with Simulation() as sim:
        await sim.record(order_placed("A-1"))
        before = await sim.notifier.why("A-1")
        for _ in range(3):
            await sim.notifier.at_risk()

        assert before == await sim.notifier.why("A-1")
        assert ["order-received"] == [each.notice for each in sim.sent]


async def test_an_outlook_says_the_next_day_and_what_answers() -> None:
    """It has the promise, the time left, the day that the mail will name, and the events that prevent it."""
    async with Simulation() as sim:
        await sim.record(order_placed("A-1", ship_by=date(2026, 1, 7)))
        await sim.advance(hours=1)
        (outlook,) = await sim.notifier.at_risk()

        assert (PromiseKind.SHIP_BY, "delayed", "email") == (outlook.promise.kind, outlook.notice, outlook.channel)
        assert outlook.speaks_at - sim.now == outlook.left
        assert not outlook.is_overdue
        assert "order.shipped" == outlook.record[0]
        assert "No shipment recorded yet: your order A-1" == outlook.subject
        await sim.run_until(outlook.speaks_at)
        history = await sim.notifier.why("A-1")
        assert history is not None
        (named,) = [each.next_word for each in history.messages if each.notice == "delayed"]
        assert outlook.next_word == named.astimezone(history.zone).date()


async def test_what_the_parcels_answer_is_asked_of_the_parcels() -> None:
    """Once all is handed over, news of the carrier ends the silence, and no word that the goods are looked for."""
    async with Simulation() as sim:
        await sim.record(order_placed("A-1"))
        await sim.record(order_shipped("A-1"))
        (outlook,) = await sim.notifier.at_risk()

        assert PromiseKind.NEWS_BY == outlook.promise.kind
        assert "tracking.updated (status)" == outlook.record[0]


async def test_what_only_the_staff_hear_says_so() -> None:
    """Money that does not go back is the staff's matter: the customer is told nothing, and the sentence is there."""
    async with Simulation() as sim:
        await sim.record(order_placed("A-1"))
        await sim.record(order_paid("A-1"))
        await sim.record(order_cancelled("A-1"))
        (outlook,) = await sim.notifier.at_risk()

        assert (PromiseKind.REFUND_BY, "", "") == (outlook.promise.kind, outlook.notice, outlook.subject)
        assert ("the customer's money should be back and no refund has been recorded",) == outlook.staff


async def test_an_ended_order_has_no_outlook() -> None:
    """Nothing is promised any more, so nothing comes."""
    async with Simulation() as sim:
        await sim.record(order_placed("A-1"))
        await sim.record(order_cancelled("A-1"))
        history = await sim.notifier.why("A-1")

        assert history is not None
        assert history.outlook is None
        assert () == await sim.notifier.at_risk()


async def test_an_address_that_bounced_is_not_counted_on() -> None:
    """Where the address must not be used, it comes by the next channel, or the outlook says why nothing comes."""
    texts: RecordingTransport[SmsMessage] = RecordingTransport()
    customer = Customer(name="Ada", email="ada@shop.example", phone="+4915112345678", sms_consent=True)
    expected = {(): ("", "", "suppressed"), ("sms",): ("holding", "sms", "suppressed")}
    for names, said in expected.items():
        channels = [Sms(texts, sender="Acme") for _ in names]
        async with Simulation(notices=[OrderReceived, HoldingByBoth], channels=channels) as sim:
            await sim.record(order_placed("A-1", customer=customer))
            (mail,) = sim.email.sent
            dead = Receipt(message_id=mail.message_id, kind=ReceiptKind.BOUNCED, code="5.1.1", suppress=True)
            await sim.notifier.receive(dead)
            (outlook,) = await sim.notifier.at_risk()

            assert said == (outlook.notice, outlook.channel, outlook.rule)


# Who goes quiet next


async def test_the_soonest_come_first_an_order_once() -> None:
    """Of many orders with several promises, asked about early or late, the list is that of a look at them all."""
    async with Simulation() as sim:
        for number in range(130):
            await sim.record(*various(number))
            await sim.advance(minutes=7)
        everything = [o for n in range(130) if (h := await sim.notifier.why(f"A-{n}")) and (o := h.outlook)]
        expected = sorted((each.speaks_at, each.order_id) for each in everything)

        for limit in (1, 20, 129, 500):
            found = await sim.notifier.at_risk(limit=limit)
            assert expected[:limit] == [(each.speaks_at, each.order_id) for each in found]
        soon = timedelta(hours=20)
        found = await sim.notifier.at_risk(limit=500, within=soon)
        assert 0 < len(found) < len(expected)
        assert [each for each in expected if each[0] <= sim.now + soon] == [(e.speaks_at, e.order_id) for e in found]


async def test_who_is_asked_about_later_may_be_quiet_sooner() -> None:
    """The staff are asked of a hundred orders before they are asked of one whose customer hears before all of them."""
    async with Simulation() as sim:
        for number in range(110):
            await sim.record(order_placed(f"A-{number}", deliver_by=date(2026, 2, 20)))
        await sim.advance(days=1, hours=1)
        await sim.record(order_placed("B-1"))
        (first,) = await sim.notifier.at_risk(limit=1)

        assert "B-1" == first.order_id


def various(number: int) -> list[Any]:
    """An order that waits for this or that."""
    order_id = f"A-{number}"
    placed = order_placed(order_id, ship_by=date(2026, 1, 6) + timedelta(days=number % 9) if number % 3 else None)
    match number % 5:
        case 0:
            return [placed, order_shipped(order_id, carrier="dhl", tracking_code=f"JD{number}")]
        case 1:
            return [placed, CustomerAsked(order_id=order_id, text="Where is it?")]
        case 2:
            parcel = {"carrier": "dhl", "tracking_code": f"JD{number}"}
            scan = tracking_updated(order_id, status="in_transit", **parcel)
            return [placed, order_shipped(order_id, **parcel), scan]
    return [placed]


async def test_few_rows_are_read_of_many() -> None:
    """Pages of the index are read until nothing further on can break sooner, and of the listed orders their cases."""
    store = Overheard()
    async with Simulation(store=store) as sim:
        for number in range(330):
            await sim.record(order_placed(f"A-{number}"))
            await sim.advance(minutes=20)
        store.ear.units.clear()
        await sim.notifier.at_risk(limit=5)

        assert 1 == len(store.ear.heard("promise_waking"))
        (loaded,) = store.ear.heard("event_load")
        assert 5 == len(json.loads(loaded.values["orders"]))


async def test_who_is_overdue_is_first() -> None:
    """Where no worker ran, what should have been said is overdue, and would be said now."""
    async with Simulation() as sim:
        await sim.record(order_placed("A-1"))
        await sim.advance(hours=1)
        sim.clock.move_to(sim.after(days=3))
        await sim.notifier.record(order_placed("A-2"))
        first, second = await sim.notifier.at_risk()

        assert [("A-1", True), ("A-2", False)] == [(each.order_id, each.is_overdue) for each in (first, second)]
        assert "holding" == first.notice
        assert first.left < timedelta(days=-1)


async def test_a_closed_notifier_answers_nothing() -> None:
    """It is asked inside ``async with`` only."""
    sim = Simulation()

    with pytest.raises(NotifierNotOpen):
        await sim.notifier.at_risk()
