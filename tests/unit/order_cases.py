"""Made-up facts about one order, in short words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from proactive_notify._policy.calendar import Calendar
from proactive_notify._policy.cases import Case, Rulebook
from proactive_notify._policy.policy import Policy
from proactive_notify.domain.customers import Customer, Shop
from proactive_notify.domain.event import Event
from proactive_notify.domain.events import OrderPlaced
from proactive_notify.domain.folding import fold
from proactive_notify.domain.orders import Fact, Order
from proactive_notify.domain.promises import Promise
from proactive_notify.notices import default_notices

#: A Monday, nine o'clock.
MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
POLICY = Policy()
CALENDAR = Calendar(POLICY, UTC)
RULES = Rulebook(
    shop=Shop(country="DE"),
    policy=POLICY,
    notices=default_notices,
    addresses={"email": lambda order: order.customer.mailbox},
    zones_of_country=lambda _: (),
)


def after(days: float = 0, **duration: float) -> datetime:
    """So long after Monday."""
    return MONDAY + timedelta(days=days, **duration)


def told(kind: type[Event], days: float = 0, *, id: str = "", source: str = "shop", **data: Any) -> Any:
    """An event of this type, so many days after Monday."""
    return kind(order_id="A-1", id=id or f"{kind.type}@{days}", source=source, at=after(days), **data)


def placed(days: float = 0, *, ship_by: Any = None, deliver_by: Any = None, **data: Any) -> Any:
    """The order is placed, by somebody who can be reached."""
    dates = [Promise.ship_by(ship_by)] if ship_by else []
    dates += [Promise.deliver_by(deliver_by)] if deliver_by else []
    said = {"customer": Customer(name="Ada", email="ada@example.org"), **data}
    return told(OrderPlaced, days, promises=tuple(dates), **said)


def facts_of(*events: Event) -> list[Fact]:
    """The events as they were recorded, each when it happened."""
    return [Fact(event, event.happened_at) for event in events]


def order_of(*events: Event) -> Order:
    """The order that the events add up to."""
    return fold("A-1", facts_of(*events))


def case_of(*events: Event, **held: Any) -> Case:
    """The order with what is held about it in the store."""
    return Case(order_id="A-1", facts=facts_of(*events), **held)
