"""
A parcel that does not come on the day that was promised, stops moving, and arrives after all.

Run it: ``python examples/late_parcel.py``. Eleven days pass in a moment, because the clock is virtual; everything else
is real. The shop says three things in all this time, and the carrier three.
"""

import asyncio
import logging
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from proactive_notify import (
    Customer,
    Event,
    Item,
    OrderDelivered,
    OrderPaid,
    OrderPlaced,
    OrderShipped,
    Promise,
    Shop,
    TrackingStatus,
    TrackingUpdated,
)
from proactive_notify.testing import Simulation

CHICAGO = ZoneInfo("America/Chicago")
ORDER = "B-2002"
PARCEL = {"order_id": ORDER, "carrier": "UPS", "tracking_code": "1Z0000000000002002"}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of January 2026, in the customer's zone."""
    return datetime(2026, 1, day, hour, minute, tzinfo=CHICAGO).astimezone(UTC)


def story() -> list[Event]:
    """What happened, and nothing else: nobody in this shop writes a word to the customer."""
    customer = Customer(name="Ben", email="ben@example.org", time_zone="America/Chicago")
    return [
        OrderPlaced(
            order_id=ORDER,
            at=at(5, 10),
            customer=customer,
            items=[Item(name="Brass candlestick", quantity=2)],
            promises=[Promise.deliver_by(date(2026, 1, 9))],
        ),
        OrderPaid(order_id=ORDER, at=at(5, 10, 1)),
        OrderShipped(**PARCEL, at=at(6, 16, 30)),
        TrackingUpdated(**PARCEL, at=at(7, 5, 12), status=TrackingStatus.IN_TRANSIT, location="Louisville, KY"),
        # Here the promised day passes, and then nobody says anything any more.
        TrackingUpdated(**PARCEL, at=at(15, 8, 5), status=TrackingStatus.OUT_FOR_DELIVERY, location="Chicago, IL"),
        OrderDelivered(**PARCEL, at=at(15, 14, 40), place="front desk"),
    ]


async def main() -> None:
    logging.basicConfig(level=logging.ERROR)  # what the staff are asked is a warning in the log
    shop = Shop(name="Candle & Brass", reply_to="help@candle.example", country="US")
    happened = story()
    async with Simulation(shop=shop, start=happened[0].happened_at) as sim:
        for event in happened:
            await sim.record_at(event.happened_at, event)
        lines = [(event.happened_at, f"   {event.type}") for event in happened]
        lines += [(message.at, f"-> {message.notice}: {message.subject}") for message in sim.sent]
        lines.append((at(10, 0), "   … Friday, the promised day, has ended …"))
        for moment, line in sorted(lines, key=lambda each: each[0]):
            print(f"{moment.astimezone(CHICAGO):%a %d Jan %H:%M}  {line}")
        late = sim.assert_sent("late", times=1)
        print(f"\nWhat “late” said:\n\n{late.text.strip()}")


asyncio.run(main())
