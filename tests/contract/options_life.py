"""US orders in virtual time: what happens to them, and a wire that a delay does not pass."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from proactive_notify import (
    Accepted,
    Customer,
    Event,
    Message,
    OrderPlaced,
    Place,
    Promise,
    Receipt,
    ReceiptKind,
    SendError,
    Shop,
)
from proactive_notify.testing import RecordingTransport, Simulation

NEW_YORK = ZoneInfo("America/New_York")
SHOP = Shop(name="Acme", reply_to="help@acme.example", country="US", time_zone="America/New_York")
#: A Monday, nine o'clock in New York.
BEGINS = datetime(2026, 1, 5, 14, tzinfo=UTC)
OFFERS = ("delayed", "delayed-again")
MONEY = {"amount": "40.00", "currency": "USD"}


def on(day: int, hour: int = 12, minute: int = 0) -> datetime:
    """A time in New York, so many days after the order was placed."""
    local = datetime.combine(date(2026, 1, 5) + timedelta(days=day), time(hour, minute), tzinfo=NEW_YORK)
    return local.astimezone(UTC)


def day_after(days: int) -> date:
    """The date so many days after the order was placed."""
    return date(2026, 1, 5) + timedelta(days=days)


def end_of(day: date) -> datetime:
    """The first instant after a day in New York."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=NEW_YORK).astimezone(UTC)


def fact(kind: type[Event], at: datetime, **data: Any) -> Any:
    return kind(order_id="A-1", id=f"{kind.type}@{at.isoformat()}", source="shop", at=at, **data)


def ordered(*, ship_by: int | None = None, payment: str | None = "captured", **data: Any) -> Any:
    """An order that is to ship on the day with this number, if any was told."""
    promises = (Promise.ship_by(day_after(ship_by)),) if ship_by is not None else ()
    said = {"customer": Customer(name="Ada", email="ada@example.org"), "destination": Place(country="US"), **data}
    return fact(OrderPlaced, BEGINS, promises=promises, payment=payment, **said)


class Wire(RecordingTransport[Any]):
    """Refuses delays while :attr:`refuses` says how."""

    refuses: SendError | None = None

    async def send(self, message: Message) -> Accepted:
        if message.notice in OFFERS and self.refuses is not None:
            self.refused.append(message)
            raise self.refuses
        return await super().send(message)


async def give_back(sim: Simulation, given_back: set[str]) -> None:
    """Every delay that was sent and has not come back comes back."""
    for message in sim.sent:
        if message.notice in OFFERS and message.message_id not in given_back:
            given_back.add(message.message_id)
            receipt = Receipt(message_id=message.message_id, kind=ReceiptKind.BOUNCED, code="5.1.1")
            await sim.notifier.receive(receipt)
    await sim.notifier.run_until_idle()


async def why(sim: Simulation) -> Any:
    found = await sim.notifier.why("A-1")
    assert found is not None
    return found


async def words(sim: Simulation, subject: str) -> list[datetime]:
    """When the staff were told something."""
    return [word.at for word in (await why(sim)).staff if word.subject == subject]


def seven_working_days(since: date) -> date:
    """Counted by hand: no Saturday, no Sunday, no federal holiday of the months in which these orders live."""
    holidays = {date(2026, 1, 19), date(2026, 2, 16), date(2026, 5, 25), date(2026, 6, 19), date(2026, 7, 3)}
    days = [since + timedelta(days=number) for number in range(1, 30)]
    return [day for day in days if day.isoweekday() < 6 and day not in holidays][6]
