"""
Whoever asks is answered.
"""

from collections.abc import Mapping
from datetime import timedelta

from ..domain.event import Event
from ..domain.events import CustomerAsked
from ..domain.notices import Notice
from ..domain.replies import Meaning, asks_where
from ..domain.samples import sample_order
from .waiting import awaited


class OrderStatus(Notice[CustomerAsked]):
    """Where your order is, told at once to whoever asks it by text."""

    key = "order-status"
    channels = ("sms", "email")
    #: Who has just written is awake: quiet hours do not hold it back.
    severity = 95
    family = "answer"
    expires = timedelta(days=1)

    def applies(self) -> bool:
        return asks_where(self.event)

    def still_true(self) -> bool:
        spoken = self.order.spoken_at
        return spoken is None or spoken < self.event.happened_at

    def context(self) -> Mapping[str, object]:
        arrived = [each.delivered_at for each in self.order.parcels if each.delivered_at]
        return {
            "about": "status",
            "awaited": awaited(self.order),
            "arrived_at": max(arrived) if arrived and self.order.is_delivered else None,
        }

    @classmethod
    def sample(cls) -> tuple[Event, ...]:
        return sample_order(CustomerAsked, text="STATUS", channel="sms", meaning=Meaning.STATUS.value)
