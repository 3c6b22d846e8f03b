"""
How a shop's own tests use `proactive_notify.testing`, as a type checker sees it.
"""

from datetime import datetime, timedelta
from typing import Any, assert_type

from proactive_notify import Channel, EmailMessage, Message, Order, Policy, Recorded, Shop, Transient, Transport
from proactive_notify.testing import (
    RecordingTransport,
    Simulation,
    TransportContract,
    VirtualClock,
    order_placed,
    order_shipped,
    tracking_updated,
)


async def a_late_parcel_is_announced_once(sim: Simulation) -> None:
    recorded = await sim.record(order_placed("A-1", email="ada@example.org", ship_by=sim.after(days=2)))
    assert_type(recorded, Recorded)
    await sim.advance(hours=1)
    late: Any = sim.assert_sent("delayed", to="ada@example.org", times=1)
    assert "A-1" in late.text
    await sim.record_at(sim.now + timedelta(days=1), order_shipped("A-1"), tracking_updated("A-1", status="in_transit"))
    await sim.run_until(sim.after(days=2))
    sim.assert_not_sent("holding")
    sim.assert_nothing_more()
    assert_type(sim.now, datetime)
    assert_type(sim.sent, list[Message])
    assert_type(sim.messages("shipped"), list[Message])
    assert_type(await sim.order("A-1"), Order | None)


async def a_busy_server_delays_but_does_not_lose(sim: Simulation) -> None:
    sim.email.fail_next(Transient("451 try again later"), times=2)
    sim.email.fail_until_told(Transient())
    sim.email.recover()
    assert_type(sim.email, RecordingTransport[EmailMessage])
    assert_type(sim.email.refused, list[EmailMessage])


async def without_pytest(push: Channel) -> None:
    start = VirtualClock().now()
    async with Simulation(shop=Shop(), policy=Policy.named("quiet"), channels=[push], start=start) as sim:
        assert_type(sim, Simulation)


class TestMine(TransportContract):
    def transport(self) -> Transport:
        return RecordingTransport()
