import asyncio
from datetime import UTC, datetime, timedelta

from proactive_notify import Customer, Notifier, OrderPlaced, OrderShipped, Promise

async def main() -> None:
    async with Notifier.local("orders.db") as notifier:  # creates the file, prints messages
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        await notifier.record(
            OrderPlaced(
                order_id="A-1001",
                customer=Customer(name="Ada", email="ada@example.org", phone="+491711234567"),
                promises=[Promise.ship_by(tomorrow)],
            )
        )
        await notifier.record(OrderShipped(order_id="A-1001", carrier="dhl", tracking_code="JD014600"))
        await notifier.run_until_idle()  # sends what is due, then returns

asyncio.run(main())
