"""Who is watched more closely: customers who had trouble before, and those whose money was taken for nothing yet."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from proactive_notify import (
    Customer,
    CustomerAnswered,
    CustomerAsked,
    Notifier,
    OrderCancelled,
    OrderDelivered,
    OrderEdited,
    OrderPaid,
    OrderRefunded,
    OrderShipped,
    Policy,
    Shop,
)
from proactive_notify._policy.history import customer_digest
from proactive_notify.domain.wire import event_to_wire
from proactive_notify.simulation.replay import ReplayPlan
from proactive_notify.simulation.sharded import replay
from proactive_notify.testing import Simulation

from .engine_cases import ListeningInline
from .telling import after, fact, heard, january, placed, play, standing, when

MONEY = {"amount": "40.00", "currency": "EUR"}
ADA = Customer(name="Ada", email="ada@example.org")
FAR = january(30)


def paid(days: float, **data: Any) -> Any:
    return fact(OrderPaid, days, amount=MONEY, **data)


async def budget(sim: Simulation, order: str = "A-1") -> tuple[datetime, datetime | None]:
    """When the silence has to end, and when the staff are asked."""
    news = await standing(sim, "news_by", order)
    return news.due_at, news.ask_at


# Charged, and nothing handed over


@pytest.mark.parametrize(
    ("told", "due"), [({}, after(1)), ({"deliver_by": FAR}, after(3)), ({"ship_by": FAR}, after(3))]
)
async def test_who_was_charged_waits_half(told: dict[str, Any], due: datetime, sim: Simulation) -> None:
    """Two business days are one, five are three, from the very beginning where the order came with the money."""
    await play(sim, placed(payment="captured", total=MONEY, **told))

    assert due == (await budget(sim))[0]


async def test_the_moment_of_charging_begins_it(sim: Simulation) -> None:
    """The money that is taken soon after the order, without a word of its own, brings the next word forward."""
    await play(sim, placed(deliver_by=FAR))
    before = (await budget(sim))[0]
    await play(sim, paid(1 / 48))

    assert (after(7), after(3, minutes=30)) == (before, (await budget(sim))[0])


async def test_the_last_word_begins_it_where_that_came_later(sim: Simulation) -> None:
    """A customer who has just heard something does not hear at once again because she has paid long ago."""
    await play(sim, placed(deliver_by=FAR), paid(1), fact(OrderEdited, 1.5, order_url="https://shop.example/1"))

    assert ["order-received", "payment-received"] == heard(sim)
    assert after(4) == (await budget(sim))[0]


@pytest.mark.parametrize(
    ("ends", "due"),
    [
        pytest.param(fact(OrderShipped, 1, items=["Bag"]), after(8), id="a part is handed over"),
        pytest.param(fact(OrderRefunded, 1, amount=MONEY), after(8), id="the money is back"),
    ],
)
async def test_it_ends_with_the_goods_or_the_money(ends: Any, due: datetime, sim: Simulation) -> None:
    """With the first parcel, or when the money is back, the usual time counts again."""
    await play(sim, placed(deliver_by=FAR, items=["Bag", "Hat"]), paid(1 / 48), ends)

    assert due == (await budget(sim))[0]


@pytest.mark.parametrize("payment", ["pending", "authorized", None])
async def test_who_was_not_charged_waits_as_usual(payment: str | None, sim: Simulation) -> None:
    """An authorisation takes no money."""
    await play(sim, placed(payment=payment))

    assert after(2) == (await budget(sim))[0]


async def test_a_shop_may_choose_not_to() -> None:
    """The rule is a number of the policy like the others."""
    async with Simulation(policy=Policy(halve_when_charged=False)) as sim:
        await play(sim, placed(payment="captured"))

        assert after(2) == (await budget(sim))[0]


# The customer's history


async def wait_for_her(sim: Simulation) -> None:
    """Ada's first order is told as late and arrives afterwards."""
    await play(sim, placed(deliver_by=january(6)), fact(OrderShipped, 0.5), fact(OrderDelivered, 3), until=4)


def again(days: float = 4, order: str = "A-2", **data: Any) -> Any:
    """An order of somebody's, some days later."""
    return placed(days, order=order, id=f"{order}@{days}", deliver_by=FAR, **data)


USUAL = (after(11), after(8))
"""Five business days after the Friday on which the second order is placed; the staff are asked after two of them."""
WATCHED = (after(9), after(7))
"""Three, and after one of them."""


async def test_trouble_is_remembered(sim: Simulation) -> None:
    """After an order that came late, the next one has three business days, and the staff are asked at a third."""
    await wait_for_her(sim)
    await play(sim, again())

    assert WATCHED == await budget(sim, "A-2")


async def test_a_good_order_changes_nothing(sim: Simulation) -> None:
    """Who got what was promised is treated like a new customer."""
    await play(sim, placed(), fact(OrderShipped, 0.5), fact(OrderDelivered, 1), again())

    assert USUAL == await budget(sim, "A-2")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({"email": "ada@example.org"}, {"email": " Ada@Example.ORG"}, id="an address knows no capitals"),
        pytest.param({"id": "7", "email": "a@example.org"}, {"id": "7", "email": "b@example.org"}, id="a new address"),
        pytest.param({"phone": "+49 171 123"}, {"phone": "+49171123"}, id="a number"),
    ],
)
async def test_who_is_known_again(first: dict[str, str], second: dict[str, str], sim: Simulation) -> None:
    """By the shop's id of the customer, else by an address however it is written."""
    trouble = [placed(customer=Customer(**first)), fact(CustomerAsked, 1)]
    await play(sim, *trouble, again(customer=Customer(**second)))

    assert WATCHED == await budget(sim, "A-2")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({"email": "ada@example.org"}, {"email": "eva@example.org"}, id="another address"),
        pytest.param({"id": "7", "email": "a@example.org"}, {"id": "8", "email": "a@example.org"}, id="another id"),
        pytest.param({"id": "7"}, {"email": "7"}, id="an id is no address"),
        pytest.param({}, {}, id="nobody"),
    ],
)
async def test_who_is_somebody_else(first: dict[str, str], second: dict[str, str], sim: Simulation) -> None:
    """Nobody is watched for what happened to another; who cannot be known is new each time."""
    trouble = [placed(customer=Customer(**first)), fact(CustomerAsked, 1)]
    await play(sim, *trouble, again(customer=Customer(**second)))

    assert USUAL == await budget(sim, "A-2")


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        pytest.param([fact(CustomerAsked, 1), fact(CustomerAnswered, 1.1)], WATCHED, id="had to ask"),
        pytest.param([fact(OrderCancelled, 1, by="shop")], WATCHED, id="the shop called it off"),
        pytest.param([fact(OrderCancelled, 1, by="customer")], USUAL, id="the customer called it off"),
        pytest.param([fact(OrderCancelled, 1)], USUAL, id="nobody knows who called it off"),
    ],
)
async def test_what_counts_as_trouble(trouble: list[Any], expected: tuple[datetime, datetime], sim: Simulation) -> None:
    """To have to ask, and an order that the shop called off, count like a broken promise."""
    await play(sim, placed(deliver_by=FAR), *trouble, again())

    assert expected == await budget(sim, "A-2")


@pytest.mark.parametrize("which", ["ship_by", "news_by"])
async def test_a_promise_that_was_broken_is_trouble(which: str, sim: Simulation) -> None:
    """A day by which nothing was shipped, and a silence that only the clock ended."""
    await play(sim, placed(**{"ship_by": january(6)} if which == "ship_by" else {}), until=2.9)
    await play(sim, fact(OrderShipped, 2.91), fact(OrderDelivered, 3), again())

    assert WATCHED == await budget(sim, "A-2")


async def test_the_last_order_counts(sim: Simulation) -> None:
    """Who was content with the order after the bad one is no longer watched."""
    good = [again(1, "A-3"), fact(OrderShipped, 1.2, order="A-3"), fact(OrderDelivered, 1.3, order="A-3")]
    await play(sim, placed(deliver_by=FAR), fact(CustomerAsked, 0.5), *good, again())

    assert USUAL == await budget(sim, "A-2")


async def test_it_is_the_order_before_it(sim: Simulation) -> None:
    """An order that is placed later and reported earlier is not the one before."""
    await sim.record_at(after(4), again(3), fact(CustomerAsked, 3.5, order="A-2"))
    await sim.record_at(after(4), again(2, "A-3"))

    assert after(9) != (await budget(sim, "A-3"))[0]


async def test_she_stays_watched(sim: Simulation) -> None:
    """Also the silence that begins with the next word lasts three business days at most."""
    await wait_for_her(sim)
    await play(sim, again())
    await sim.run_until(after(9))

    (told,) = when(sim, "holding", "A-2")
    due, asked = await budget(sim, "A-2")
    assert ["order-received", "holding"] == heard(sim, "A-2")
    assert (told.date(), due.date(), asked and asked.date()) == (january(13), january(16), january(14))


async def test_the_watch_leaves_a_shorter_budget(sim: Simulation) -> None:
    """Two business days where no date was told stay two; the staff are asked at a third of them all the same."""
    await wait_for_her(sim)
    await play(sim, placed(4, order="A-2"))

    assert (after(8), after(5, hours=8)) == await budget(sim, "A-2")


async def test_two_shops_do_not_share_customers() -> None:
    """What happened in one shop is no business of another's, also where both keep their orders in one database."""
    store = ListeningInline()
    async with Simulation(shop=Shop(key="one"), store=store) as one:
        await wait_for_her(one)
        async with Notifier(Shop(key="two"), store=store, clock=one.clock) as two:
            await two.record(again())
            history = await two.why("A-2")

    assert history is not None
    assert [USUAL[0]] == [each.due_at for each in history.promises if each.kind == "news_by"]


async def test_no_address_is_kept_where_customers_are_looked_up() -> None:
    """The index holds a digest that another store makes differently, so nobody finds an address by trying."""
    found: list[Any] = []
    for _ in range(2):
        store = ListeningInline()
        async with Simulation(store=store) as sim:
            await play(sim, placed())
            found.append(store.ear.heard("order_placed")[0].values["customer"])

    one, other = found
    assert (32, 32) == (len(one), len(other))
    assert one != other
    assert customer_digest(ADA, "a key") != customer_digest(ADA, "another")


@pytest.mark.parametrize("count", [1, 20])
async def test_one_question_for_a_batch(count: int) -> None:
    """However many orders are placed together, one statement asks for the orders before; other facts ask nothing."""
    store = ListeningInline()
    async with Simulation(store=store) as sim:
        orders = [again(0, f"B-{number}", customer=Customer(id=str(number))) for number in range(count)]
        await sim.record_at(after(0), *orders)
        await play(
            sim, fact(OrderShipped, 1, order="B-0"), fact(OrderEdited, 1.1, order="B-0", order_url="https://x.example")
        )

    assert 1 == len(store.ear.heard("order_before"))


def test_a_customers_orders_stay_together_in_a_replay(tmp_path: Path) -> None:
    """However many processes replay a log, the orders of one customer know of each other: the same messages."""
    log, events = tmp_path / "log.jsonl", []
    for number in range(8):
        who = {"customer": Customer(id=str(number), email=f"{number}@example.org")}
        first, second = f"first {number}", f"second {number}"
        events += [
            again(0, first, **who),
            fact(CustomerAsked, 1, order=first, id=f"asks {number}"),
            again(2, second, **who),
        ]
    log.write_text(
        "".join(f"{json.dumps(event_to_wire(each))}\n" for each in sorted(events, key=lambda e: e.happened_at))
    )
    said = []
    for jobs in (1, 3):
        plan = ReplayPlan(files=(str(log),), out=tmp_path / str(jobs), until=after(12))
        replay(plan, jobs=jobs)
        said.append((plan.out / "messages.jsonl").read_text())

    assert said[0] == said[1]
    heard = [json.loads(line) for line in said[0].splitlines()]
    early = {each["order_id"] for each in heard if each["notice"] == "holding" and each["at"][:10] == "2026-01-11"}
    assert {f"second {number}" for number in range(8)} == early
