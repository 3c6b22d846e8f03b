"""Events in any order of arrival, each possibly repeated: the same order in the end, and nobody told twice."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from proactive_notify import (
    Customer,
    CustomerAnswered,
    CustomerAsked,
    CustomerDecided,
    CustomerUpdated,
    Event,
    EventInvalid,
    Item,
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
    OrderPlaced,
    OrderReadyForPickup,
    OrderRefunded,
    OrderReturnReceived,
    OrderReturnRequested,
    OrderShipped,
    OrderSourcing,
    PromiseBroken,
    TrackingStatus,
    TrackingUpdated,
    default_notices,
)
from proactive_notify.domain.folding import fold
from proactive_notify.domain.orders import Fact
from proactive_notify.testing import Simulation

from .telling import MONDAY, ORDER, after, essence, history

BAG, HAT = Item(name="Bag"), Item(name="Hat", quantity=2)
MONEY = {"amount": "40.00", "currency": "EUR"}
HOURS = 24 * 25
#: Each example is a whole life in the real engine; PN_EXAMPLES=2000 looks longer than `make test` has time for.
EXAMPLES = int(os.environ.get("PN_EXAMPLES", "60"))
MODERATE = settings(
    max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

days = st.integers(-3, 30).map(lambda count: date(2026, 1, 5) + timedelta(days=count))
instants = st.integers(-72, 24 * 30).map(lambda hours: after(hours=hours))
dates = st.none() | days | instants
texts = st.sampled_from([None, "flood"])
some_items = st.sampled_from([(), (), (BAG,), (HAT,), (BAG, HAT), (Item(name="Hat"),)])
parcels = st.sampled_from(
    [
        {},
        {},
        {"shipment_id": "1"},
        {"shipment_id": "2"},
        {"carrier": "ups", "tracking_code": "1Z"},
        {"carrier": "UPS", "tracking_code": "1Z", "shipment_id": "1"},
        {"tracking_code": "1Z"},
        {"carrier": "dhl", "tracking_code": "JJ"},
    ]
)
addresses = st.sampled_from(["ada@example.org", "new@example.org"])
zones = st.sampled_from([None, "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Kiritimati"])


def told(**fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Data of an event: fields by name, those that are ``None`` left out."""
    return st.fixed_dictionaries(fields).map(lambda data: {k: v for k, v in data.items() if v is not None})


def of_parcel(**fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(parcels, told(**fields)).map(lambda both: {**both[0], **both[1]})


KINDS: dict[type[Event], st.SearchStrategy[dict[str, Any]]] = {
    OrderAccepted: told(),
    OrderEdited: told(items=some_items, promises=told(ship_by=dates, deliver_by=dates)),
    OrderPaid: told(amount=st.none() | st.just(MONEY)),
    OrderPaymentFailed: told(reason=texts),
    OrderSourcing: told(note=st.just("we look"), expected_by=dates),
    OrderBackordered: told(items=st.just((BAG,)), expected_by=dates),
    OrderDelayed: told(reason=texts, ship_by=dates, deliver_by=dates),
    OrderPacked: of_parcel(),
    OrderShipped: of_parcel(items=some_items, deliver_by=dates),
    TrackingUpdated: of_parcel(status=st.sampled_from(TrackingStatus), deliver_by=dates),
    OrderDelivered: of_parcel(),
    OrderReadyForPickup: of_parcel(place=st.just("Shop"), until=dates),
    OrderPickedUp: of_parcel(),
    OrderCancelled: told(reason=texts, items=some_items),
    OrderRefunded: told(amount=st.sampled_from([MONEY, {"amount": "15", "currency": "EUR"}])),
    OrderReturnRequested: told(),
    OrderReturnReceived: told(),
    CustomerAsked: told(),
    CustomerAnswered: told(),
    CustomerDecided: told(decision=st.sampled_from(["wait", "cancel"])),
    CustomerUpdated: told(email=addresses, time_zone=zones),
}
placings = told(
    customer=st.builds(Customer, email=st.none() | addresses, time_zone=zones),
    items=st.sampled_from([(), (BAG, HAT)]),
    item_count=st.sampled_from([None, 3]),
    total=st.none() | st.just(MONEY),
    promises=told(ship_by=dates, deliver_by=dates),
    payment=st.sampled_from([None, "pending", "authorized", "captured"]),
)


@dataclass(frozen=True)
class Arrival:
    """An event and how late it comes; ``again`` is how much later it comes a second time."""

    event: Event
    late: timedelta
    again: timedelta | None

    @property
    def at(self) -> datetime:
        return self.event.happened_at + self.late


lags = st.sampled_from([0, 0, 0, 0, 1, 5, 30, 70, 200]).map(lambda hours: timedelta(hours=hours))
repeats = st.none() | st.sampled_from([0, 1, 50]).map(lambda hours: timedelta(hours=hours))


@st.composite
def lives(draw: st.DrawFn, *, is_placed: bool = True, latest: int = 200) -> list[Arrival]:
    """The events of one order as they arrive: all types, several parcels, contradictions, late and repeated ones."""
    kinds = draw(st.lists(st.sampled_from(list(KINDS)), max_size=9))
    events: list[Event] = []
    for number, kind in enumerate(kinds):
        data, hours = draw(KINDS[kind]), draw(st.integers(0, HOURS))
        events.append(_made(kind, number, hours, {**data, "notify": draw(st.sampled_from([True, True, True, False]))}))
    if is_placed:
        events.append(_made(OrderPlaced, len(events), draw(st.integers(0, 48)), draw(placings)))
    made = [Arrival(event, min(draw(lags), timedelta(hours=latest)), draw(repeats)) for event in events]
    return sorted(made, key=lambda arrival: arrival.at)


def _made(kind: type[Event], number: int, hours: int, data: dict[str, Any]) -> Event:
    return kind(order_id=ORDER, id=str(number), source="shop", at=after(hours=hours), **data)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Templates that say only which notice it is: what stands in the mails is looked at elsewhere."""
    folder = tmp_path_factory.mktemp("plain")
    for notice in default_notices:
        (folder / notice.key).mkdir()
        for part in ("subject", "text", "html"):
            (folder / notice.key / f"email.{part}").write_text(f"{notice.key} {{{{ order.id }}}}", encoding="utf-8")
    return str(folder)


# The fold


@given(st.data())
@settings(max_examples=3 * EXAMPLES)
def test_the_fold_knows_no_order_of_arrival(data: st.DataObject) -> None:
    """The same facts give the same order, however they come and however often."""
    facts = [Fact(each.event, each.at) for each in data.draw(lives(is_placed=data.draw(st.booleans())))]
    others = data.draw(st.permutations(facts + facts[: data.draw(st.integers(0, len(facts)))]))

    assert fold(ORDER, facts) == fold(ORDER, others)


@given(lives(), st.integers(1, 9))
@settings(max_examples=3 * EXAMPLES)
def test_what_an_order_holds_fits_together(life: list[Arrival], upto: int) -> None:
    """Whatever came so far, the order's own answers do not contradict each other."""
    order = fold(ORDER, [Fact(each.event, each.at) for each in life[:upto]])

    assert not (order.is_live and order.is_ended)
    assert not (order.is_live and order.is_closed)
    assert order.is_placed or not order.is_live
    assert not order.is_delivered or order.is_wholly_shipped
    assert all(each.is_shipped for each in order.parcels if each.is_delivered)
    assert len(order.dates) == len({each.kind for each in order.dates})


# The engine


async def run(life: Sequence[Arrival], plain: str, *, until: datetime | None = None) -> Simulation:
    """Record what arrives, when it arrives, twice where it comes twice."""
    async with Simulation(templates=[plain]) as sim:
        for moment, event in arrivals(life):
            await sim.record_at(moment, event)
            await check_promises(sim)
        if until is not None:
            await sim.run_until(until)
            await check_promises(sim)
        sim.seen = await history(sim) if life else None  # type: ignore[attr-defined]  # looked at after it has closed
    return sim


def arrivals(life: Sequence[Arrival]) -> Iterator[tuple[datetime, Event]]:
    both = [(each.at, each.event) for each in life]
    both += [(each.at + each.again, each.event) for each in life if each.again is not None]
    return iter(sorted(both, key=lambda pair: pair[0]))


async def check_promises(sim: Simulation) -> None:
    """A live order has an open promise, and none that is open is past."""
    found = await history(sim)
    opened = [each for each in found.promises if each.is_open]

    assert opened or not found.order.is_live
    assert [] == [each for each in opened if each.speak_at <= sim.now]
    assert len(opened) == len({(each.kind, each.parcel, each.set_by) for each in opened})


@MODERATE
@given(life=lives())
async def test_nobody_is_told_twice(life: list[Arrival], plain: str) -> None:
    """No order, notice and occasion is sent twice on a channel."""
    sim = await run(life, plain, until=after(120))
    occasions = [(mail.order_id, mail.notice, mail.occasion, type(mail)) for mail in sim.sent]

    assert len(set(occasions)) == len(occasions)
    assert len({mail.message_id for mail in sim.sent}) == len(occasions)


@MODERATE
@given(life=lives(latest=160))
async def test_the_confirmation_comes_first(life: list[Arrival], plain: str) -> None:
    """Whoever hears anything of an order that is no import hears first that it was received."""
    sim = await run(life, plain)
    order = sim.seen.order  # type: ignore[attr-defined]
    assume(not order.imported)

    assert not sim.sent or "order-received" == sim.sent[0].notice


@MODERATE
@given(life=lives())
async def test_after_the_end_only_events_speak(life: list[Arrival], plain: str) -> None:
    """Of an order that has ended, or was handed to people, the clock says nothing but what is still owed."""
    sim = await run(life, plain, until=after(120))
    found = sim.seen  # type: ignore[attr-defined]
    places = {each.event.key: place for place, each in enumerate(found.facts)}
    late = []
    for sent in (each for each in found.decisions if each.decision == "sent" and each.cause in places):
        place = places[sent.cause]
        cause = found.facts[place].event
        if isinstance(cause, PromiseBroken) and cause.promise not in ("answer_by", "refund_by"):
            # What was known then: what had come before the clock spoke, and while its word waited.
            meanwhile = [each for each in found.facts[place:] if each.recorded_at < sent.at]
            if not fold(ORDER, [*found.facts[:place], *meanwhile]).is_live:
                late.append((sent.notice, sent.at))

    assert [] == late


@MODERATE
@given(life=lives())
async def test_silence_comes_to_an_end(life: list[Arrival], plain: str) -> None:
    """Nobody waits for ever: an order that customers can be told of ends, or is handed to people."""
    sim = await run(life, plain, until=after(200))
    order = sim.seen.order  # type: ignore[attr-defined]
    assume(order.customer.mailbox is not None)

    assert not order.is_live
    assert [] == [each for each in sim.seen.promises if each.is_open]  # type: ignore[attr-defined]


@MODERATE
@given(life=lives(latest=70))
async def test_the_final_order_is_the_same(life: list[Arrival], plain: str) -> None:
    """Late and repeated events give the order that punctual ones would have given, and so does one single batch."""
    punctual = sorted(
        (Arrival(each.event, timedelta(), None) for each in life), key=lambda arrival: arrival.event.happened_at
    )
    late, in_time = await run(life, plain), await run(punctual, plain)
    async with Simulation(templates=[plain], start=max(each.at for each in life)) as sim:
        await sim.record([each.event for each in life])
        at_once = (await history(sim)).order

    assert essence(in_time.seen.order) == essence(late.seen.order)  # type: ignore[attr-defined]
    assert essence(at_once) == essence(late.seen.order)  # type: ignore[attr-defined]


@MODERATE
@given(life=lives(), data=st.data())
async def test_recording_again_changes_nothing(life: list[Arrival], data: st.DataObject, plain: str) -> None:
    """A batch that comes a second time is known, and leaves everything as it was."""
    size = data.draw(st.integers(1, 4))
    async with Simulation(templates=[plain]) as sim:
        for start in range(0, len(life), size):
            batch = life[start : start + size]
            await sim.run_until(max(each.at for each in batch))
            first = await sim.notifier.record([each.event for each in batch])
            before = await history(sim)
            again = await sim.notifier.record([each.event for each in batch])

            assert (first.orders, 0) == (again.orders, again.new)
            assert before == await history(sim)
            await sim.notifier.run_until_idle()


@pytest.mark.parametrize(
    ("earlier", "placing"),
    [
        ({"reason": "declined"}, {}),
        (None, {"promises": {"ship_by": "2025-12-30"}}),
    ],
    ids=["a fact that came before the order", "a date that is past"],
)
async def test_placing_again_answers_like_the_first_time(earlier: Any, placing: Any, sim: Simulation) -> None:
    """The answer names every notice that followed, also those of other facts."""
    if earlier:
        await sim.record(_made(OrderPaymentFailed, 1, 0, earlier))
    order = _made(OrderPlaced, 2, 0, {"customer": Customer(email="ada@example.org"), **placing})
    first, again = await sim.record(order), await sim.record(order)

    assert (2, first.notices) == (len(first.notices), again.notices)
    assert first.decisions == again.decisions


@MODERATE
@given(life=lives(), data=st.data())
async def test_another_content_is_refused_and_changes_nothing(
    life: list[Arrival], data: st.DataObject, plain: str
) -> None:
    """A known source and id with other content is refused, and nothing of its batch is recorded."""
    known = data.draw(st.sampled_from(life)).event
    changed = data.draw(
        st.sampled_from(
            [
                known.model_copy(update={"at": known.happened_at + timedelta(seconds=1)}),
                known.model_copy(update={"order_id": "A-2"}),
                CustomerAsked(order_id=ORDER, id=known.id, source=known.source, at=known.at, text="other"),
            ]
        )
    )
    fresh = OrderCancelled(order_id=ORDER, id="fresh", source="shop", at=MONDAY)
    batch = data.draw(st.permutations([changed, fresh]))
    async with Simulation(templates=[plain]) as sim:
        for moment, event in arrivals(life):
            await sim.record_at(moment, event)
        before, sent = await history(sim), len(sim.sent)
        with pytest.raises(EventInvalid, match="known with other content"):
            await sim.record(batch)
        await sim.notifier.run_until_idle()

        assert before == await history(sim)
        assert await sim.notifier.why("A-2") is None
        assert sent == len(sim.sent)


async def test_two_contents_in_one_batch_are_refused(sim: Simulation) -> None:
    """One source and id cannot stand for two facts, in one batch either."""
    first, second = (_made(CustomerAsked, 1, 0, {"text": text}) for text in ("where", "when"))
    with pytest.raises(EventInvalid, match="known with other content"):
        await sim.record(_made(OrderPlaced, 0, 0, {}), first, second)

    assert await sim.notifier.why(ORDER) is None
