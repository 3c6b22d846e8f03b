"""
Whoever asks is answered.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from ..domain.event import Event
from ..domain.events import CustomerAsked
from ..domain.notices import Notice
from ..domain.orders import Order
from ..domain.promises import PromiseKind
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
        return {"about": "status", "awaited": awaited(self.order), "arrived_at": arrived_at(self.order)}

    @classmethod
    def sample(cls) -> tuple[Event, ...]:
        return sample_order(CustomerAsked, text="STATUS", channel="sms", meaning=Meaning.STATUS.value)


class QuestionReceived(Notice[CustomerAsked]):
    """We have your question: where the order stands now, and by when a person answers."""

    key = "question-received"
    channels = ("email", "sms")
    #: Who has just written is awake: quiet hours do not hold it back.
    severity = 95
    family = "answer"
    expires = timedelta(days=1)

    def applies(self) -> bool:
        """Only the first of several questions that nobody has answered yet."""
        return self.order.asked_by == self.event.key and not asks_where(self.event)

    def still_true(self) -> bool:
        spoken = self.order.spoken_at
        return spoken is None or spoken < self.event.happened_at

    def context(self) -> Mapping[str, object]:
        return {
            "about": "status",
            "awaited": awaited(self.order),
            "arrived_at": arrived_at(self.order),
            "answer_by": self.moment.promised(PromiseKind.ANSWER_BY),
        }


def arrived_at(order: Order) -> datetime | None:
    """Return when the last parcel of an order that is there arrived; ``None`` while something is to come."""
    arrived = [each.delivered_at for each in order.parcels if each.delivered_at]
    return max(arrived) if arrived and order.is_delivered else None
