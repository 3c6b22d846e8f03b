"""
For your tests: the real engine in virtual time, recording transports, and short ways to make events.

With pytest the fixture ``sim`` is there by itself; without: ``async with Simulation() as sim:``.
"""

from ..simulation import RecordingTransport, Simulation, VirtualClock
from .contracts import TransportContract
from .factories import (
    order_cancelled,
    order_delayed,
    order_delivered,
    order_paid,
    order_placed,
    order_shipped,
    tracking_updated,
)

__all__ = [
    "RecordingTransport",
    "Simulation",
    "TransportContract",
    "VirtualClock",
    "order_cancelled",
    "order_delayed",
    "order_delivered",
    "order_paid",
    "order_placed",
    "order_shipped",
    "tracking_updated",
]
