"""An order in several parcels: what each is told and promised, and what follows from all of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from proactive_notify import (
    OrderCancelled,
    OrderDelivered,
    OrderPacked,
    OrderShipped,
    OrderState,
    TrackingUpdated,
)
from proactive_notify.testing import Simulation

from .telling import after, decisions, fact, heard, history, january, placed, play, promises, staff, states, when

ITEMS = ["Bag", "Hat", "Scarf"]
FAR = january(30)
CODE = {"carrier": "UPS", "tracking_code": "1Z9"}


def ships(days: float, parcel: str, *items: str, **data: Any) -> Any:
    return fact(OrderShipped, days, id=f"ships {parcel}", shipment_id=parcel, items=[*items], **data)


def scan(days: float, status: str = "in_transit", **data: Any) -> Any:
    return fact(TrackingUpdated, days, id=f"{status}@{days}", status=status, **data)


def arrives(days: float, parcel: str) -> Any:
    return fact(OrderDelivered, days, id=f"arrives {parcel}", shipment_id=parcel)


async def state(sim: Simulation) -> OrderState:
    found: OrderState = (await history(sim)).order.state
    return found


# Part, rest, all


async def test_the_state_follows_from_all_parcels(sim: Simulation) -> None:
    """It is shipped when nothing is left to hand over, and delivered when all has arrived."""
    seen = []
    for event in (
        placed(items=ITEMS, deliver_by=FAR),
        ships(1, "1", "Bag"),
        ships(2, "2", "Hat"),
        arrives(3, "1"),
        ships(4, "3", "Scarf"),
        arrives(5, "3"),
        arrives(6, "2"),
    ):
        await play(sim, event)
        seen.append((await state(sim)).value)

    assert ["placed", *["part_shipped"] * 3, "shipped", "shipped", "delivered"] == seen


async def test_each_parcel_has_promises_of_its_own(sim: Simulation) -> None:
    """What one parcel does keeps no promise of another."""
    await play(sim, placed(items=ITEMS, deliver_by=FAR), ships(1, "1", "Bag"), ships(1.1, "2", "Hat"))
    await play(sim, fact(OrderPacked, 1.2, shipment_id="3"), scan(1.3, shipment_id="1"), scan(1.4, shipment_id="2"))
    await play(sim, scan(2, shipment_id="1"))

    assert [("1", "KEPT"), ("2", "OPEN"), ("1", "OPEN")] == [
        (each.parcel, each.state.name) for each in await promises(sim, "move_by")
    ]
    assert [("3", "OPEN")] == [(each.parcel, each.state.name) for each in await promises(sim, "scan_by")]


# Several on one day


async def test_parcels_of_one_day_are_told_together(sim: Simulation) -> None:
    """The first is told at once, and those that follow it on the same day in one mail when the office closes."""
    await play(sim, placed(items=ITEMS, deliver_by=FAR), ships(1, "1", "Bag"))
    await play(sim, ships(1.1, "2", "Hat"), ships(1.2, "3", "Scarf"), until=2)

    assert [after(1), after(1, hours=9)] == when(sim, "shipped")
    assert ("held", "parcels-of-one-day") in await decisions(sim, "shipped")
    assert ("merged", "said-by:shipped") in await decisions(sim, "shipped")


async def test_what_leaves_after_hours_is_told_in_the_morning(sim: Simulation) -> None:
    """After the office has closed the next parcels wait until nine."""
    await play(sim, placed(items=ITEMS, deliver_by=FAR), ships(1, "1", "Bag"), ships(1.5, "2", "Hat"), until=3)

    assert [after(1), after(2)] == when(sim, "shipped")


async def test_parcels_of_two_days_are_told_one_by_one(sim: Simulation) -> None:
    """A parcel a day is a mail a day, at once."""
    await play(sim, placed(items=ITEMS, deliver_by=FAR), ships(1, "1", "Bag"), ships(2, "2", "Hat"))

    assert [after(1), after(2)] == when(sim, "shipped")


async def test_a_held_parcel_that_has_arrived_is_told_as_arrived(sim: Simulation) -> None:
    """What is true when the office closes is told, and not what was true at noon."""
    parcels = [ships(1, "1", "Bag"), ships(1.05, "2", "Hat", "Scarf"), arrives(1.1, "1"), arrives(1.15, "2")]
    await play(sim, placed(items=ITEMS, deliver_by=FAR), *parcels, until=3)

    assert ["order-received", "shipped", "delivered", "delivered"] == heard(sim)


# Coming back, and sent again


async def test_a_parcel_that_came_back_is_sent_again_under_its_code(sim: Simulation) -> None:
    """The second journey of the same code is told, promised and ended like the first."""
    await play(sim, placed(deliver_by=FAR), fact(OrderShipped, 1, **CODE), scan(2, **CODE))
    await play(sim, scan(3, "return_to_sender", **CODE), scan(6, "returned", **CODE))
    back = await state(sim)
    await play(sim, fact(OrderShipped, 7, **CODE), scan(8, **CODE))
    again = await state(sim)
    await play(sim, scan(9, "delivered", **CODE), until=10)

    assert [OrderState.RETURNED, OrderState.SHIPPED, OrderState.DELIVERED] == [back, again, await state(sim)]
    assert [after(1), after(7)] == when(sim, "shipped")
    assert ["delivered"] == heard(sim)[-1:]
    assert [] == [each for each in (await history(sim)).promises if each.is_open]


async def test_a_parcel_that_came_back_is_replaced_by_another(sim: Simulation) -> None:
    """The order ends with the parcel that went out instead."""
    await play(sim, placed(deliver_by=FAR), fact(OrderShipped, 1, **CODE), scan(6, "returned", **CODE))
    await play(sim, fact(OrderShipped, 7, carrier="UPS", tracking_code="1Z10"))
    again = await state(sim)
    await play(sim, fact(OrderDelivered, 9), until=10)

    assert [OrderState.SHIPPED, OrderState.DELIVERED] == [again, await state(sim)]
    assert [after(1), after(7)] == when(sim, "shipped")


async def test_what_came_back_and_was_not_sent_again_is_still_waited_for(sim: Simulation) -> None:
    """One of two parcels is back: the order is not over because the other one arrived."""
    await play(sim, placed(items=["Bag", "Hat"], deliver_by=FAR), ships(1, "1", "Bag"), ships(1.1, "2", "Hat"))
    await play(sim, scan(3, "returned", shipment_id="1"), arrives(4, "2"), until=5)

    assert ["open"] == [each for each in await states(sim, "news_by") if each == "open"]


# Called off under way


async def test_it_is_not_over_while_a_parcel_is_under_way(sim: Simulation) -> None:
    """Of an order that was called off too late silence is watched until the parcel is back."""
    await play(sim, placed(deliver_by=FAR), fact(OrderShipped, 1, **CODE), fact(OrderCancelled, 2))
    under_way = [each.kind for each in (await history(sim)).promises if each.is_open]
    await play(sim, scan(3, "return_to_sender", **CODE), scan(6, "returned", **CODE))

    assert ["news_by"] == under_way
    assert [] == [each for each in (await history(sim)).promises if each.is_open]


# Standing still


@pytest.mark.parametrize("status", ["unknown", "not_found_yet"])
async def test_the_carrier_does_not_know_the_number(status: str, sim: Simulation) -> None:
    """The staff hear after a business day, the customer after three; a word that we do not know says nothing."""
    await play(sim, placed(deliver_by=FAR), fact(OrderShipped, 1, **CODE), scan(1.1, status, **CODE))
    found = await promises(sim, "move_by")

    assert {"unknown": [(after(4.1), after(2.1))], "not_found_yet": []}[status] == [
        (each.due_at, each.ask_at) for each in found
    ]


async def test_a_scan_ends_the_doubt_about_the_number(sim: Simulation) -> None:
    """The carrier knows it now: that promise is kept, and the next scan is waited for."""
    await play(sim, placed(deliver_by=FAR), fact(OrderShipped, 1, **CODE), scan(1.1, "unknown", **CODE))
    await play(sim, scan(2, **CODE), until=2.5)

    assert ["kept", "open"] == await states(sim, "move_by")
    assert [] == [at for subject, at in await staff(sim) if at > after(2) and subject == "going-quiet"]


async def test_it_still_does_not_move(sim: Simulation) -> None:
    """Two business days after the customer heard of it the second word follows, once; a scan ends it."""
    await play(sim, placed(deliver_by=FAR), fact(OrderShipped, 0, **CODE), scan(0.25, **CODE), until=3.9)
    first, second = await promises(sim, "move_by")
    await sim.run_until(after(12))
    both = await states(sim, "move_by")
    await play(sim, scan(12.1, **CODE))

    assert (after(3.25), after(7.25)) == (first.speak_at, second.speak_at)
    assert ["broken", "broken"] == both
    assert ["kept_late", "kept_late", "open"] == await states(sim, "move_by")


async def test_a_code_that_comes_again_means_the_order_that_waits(sim: Simulation) -> None:
    """Carriers know only codes: who still waits for such a parcel comes first, then who ordered last."""
    for number, days in enumerate((0, 10, 20), start=1):
        order = f"A-{number}"
        await play(sim, placed(days, id=f"{order} placed", order=order))
        await play(sim, fact(OrderShipped, days + 1, id=f"{order} ships", order=order, **CODE))
        if order != "A-2":
            await play(sim, fact(OrderDelivered, days + 2, id=f"{order} there", order=order, **CODE))
    find = sim.notifier.orders_of_parcel

    assert ("A-2", "A-3", "A-1") == await find("1Z9", carrier="ups")
    assert () == await find("1Z9", carrier="dhl")
    assert () == await find("1Z9")


async def test_a_parcel_without_a_name_beside_another_is_missed_too(sim: Simulation) -> None:
    """What breaks about the one parcel without a name is told, though another has one."""
    await play(sim, placed(items=ITEMS, deliver_by=FAR), ships(0, "1", "Bag"), arrives(1, "1"))
    await play(sim, fact(OrderShipped, 1.1, items=["Hat"]), scan(1.2), until=6)

    assert ["no-movement"] == [notice for notice in heard(sim) if "movement" in notice]


@pytest.mark.parametrize("status", ["lost", "return_to_sender"])
async def test_what_does_not_come_need_not_move(status: str, sim: Simulation) -> None:
    """Nobody waits for the next scan of a parcel that is lost or coming back."""
    await play(sim, placed(items=ITEMS, deliver_by=FAR), ships(1, "1", "Bag"), scan(1.5, shipment_id="1"))
    await play(sim, ships(1.6, "2", "Hat"), scan(2, status, shipment_id="1"))

    assert [] == [each for each in await states(sim, "move_by") if each == "open"]


async def test_what_nobody_tracks_is_watched_by_the_clock(sim: Simulation) -> None:
    """An order whose parcel no carrier speaks of gets its word within five business days, and the day it was told."""
    await play(sim, placed(deliver_by=january(16)), fact(OrderShipped, 1), until=13)

    assert [] == await promises(sim, "move_by")
    assert ["order-received", "shipped", "holding", "late"] == heard(sim)
    assert [datetime(2026, 1, 17, 10, tzinfo=UTC)] == when(sim, "late")
