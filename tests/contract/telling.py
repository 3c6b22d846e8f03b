"""Short ways to run an order through the engine and to look at what came of it."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

from proactive_notify import Customer, Event, Message, Order, OrderPlaced, Promise
from proactive_notify.domain.promises import OpenedPromise
from proactive_notify.testing import Simulation

ORDER = "A-1"
#: Where the clock of a simulation stands first: a Monday, nine o'clock.
MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)


def after(days: float = 0, **duration: float) -> datetime:
    """So long after Monday."""
    return MONDAY + timedelta(days=days, **duration)


def january(day: int) -> date:
    """A day of the month in which all happens."""
    return date(2026, 1, day)


def fact(kind: type[Event], days: float = 0, *, id: str = "", order: str = ORDER, **data: Any) -> Any:
    """An event of this type, so many days after Monday."""
    return kind(order_id=order, id=id or f"{kind.type}@{days}", source="shop", at=after(days), **data)


def placed(days: float = 0, *, ship_by: Any = None, deliver_by: Any = None, **data: Any) -> Any:
    """The order is placed, by somebody who can be reached."""
    dates = [Promise.ship_by(ship_by)] if ship_by else []
    dates += [Promise.deliver_by(deliver_by)] if deliver_by else []
    said = {"customer": Customer(name="Ada", email="ada@example.org"), **data}
    return fact(OrderPlaced, days, promises=tuple(dates), **said)


async def history(sim: Simulation, order: str = ORDER) -> Any:
    """The order with everything that happened around it."""
    found = await sim.notifier.why(order)
    assert found is not None, f"nothing is known of {order}"
    return found


async def promises(sim: Simulation, kind: str, order: str = ORDER) -> list[OpenedPromise]:
    """The promises of this kind, in the order in which they were made."""
    found = [each for each in (await history(sim, order)).promises if each.kind == kind]
    return sorted(found, key=lambda each: each.ordinal)


async def states(sim: Simulation, kind: str, order: str = ORDER) -> list[str]:
    """What became of the promises of this kind."""
    return [each.state.name.lower() for each in await promises(sim, kind, order)]


async def standing(sim: Simulation, kind: str, order: str = ORDER) -> OpenedPromise:
    """The one promise of this kind that is open."""
    (found,) = [each for each in await promises(sim, kind, order) if each.is_open]
    return found


async def staff(sim: Simulation, order: str = ORDER) -> list[tuple[str, datetime]]:
    """What the staff were told and when."""
    return [(word.subject, word.at) for word in (await history(sim, order)).staff]


async def decisions(sim: Simulation, notice: str = "", order: str = ORDER) -> list[tuple[str, str]]:
    """What was decided about a notice, and by which rule."""
    found = (await history(sim, order)).decisions
    return [(each.decision.value, each.rule) for each in found if each.notice == notice or not notice]


def essence(order: Order) -> dict[str, Any]:
    """What the facts add up to: all of the order but what the clock and the time of arrival made of it."""
    said = {each.name: getattr(order, each.name) for each in fields(order)}
    return {name: value for name, value in said.items() if name not in _OF_THE_CLOCK}


_OF_THE_CLOCK = frozenset({"closed_at", "woken_by", "woken_at", "imported"})


def heard(sim: Simulation, order: str = ORDER) -> list[str]:
    """The notices that the customer has had, in order of time."""
    return [message.notice for message in sim.sent if message.order_id == order]


def when(sim: Simulation, notice: str, order: str = ORDER) -> list[datetime]:
    """When the customer had this notice."""
    return [message.at for message in sim.messages(notice, order=order)]


def plain(message: Message | Any) -> str:
    """The words of a mail's plain part, in one line."""
    return re.sub(r"\s+", " ", message.text)


async def play(sim: Simulation, *events: Event, until: float | None = None) -> None:
    """Record each event when it happens, and let the clock run on so many days after Monday."""
    for event in events:
        await sim.record_at(event.happened_at, event)
    if until is not None:
        await sim.run_until(after(until))
