"""
The order comes to its end without the goods, or they go back.
"""

from collections.abc import Mapping
from datetime import timedelta

from ..domain.dates import last_day
from ..domain.event import Event
from ..domain.events import (
    CustomerDecided,
    OrderCancelled,
    OrderPlaced,
    OrderReturnReceived,
    OrderReturnRequested,
    PromiseBroken,
    TrackingUpdated,
)
from ..domain.notices import Notice
from ..domain.options import DelayOption
from ..domain.promises import PromiseKind
from ..domain.samples import SAMPLE_SHIPPED_BY, sample_order
from ..domain.tracking import TrackingStatus


class Cancelled(Notice[OrderCancelled]):
    """Your order, or a part of it, will not come: why, and what happens to your money."""

    key = "cancelled"
    severity = 90
    expires = None

    def occasion(self) -> str:
        return self.event.key if self.event.items else "order"

    def context(self) -> Mapping[str, object]:
        return {
            "whole": self.order.is_cancelled,
            "lines": tuple({"name": item.name, "quantity": item.quantity} for item in self.event.items),
            "reason": self.event.reason,
            "by": self.event.by,
            "under_way": self.order.is_under_way,
        }


class MustCancel(Notice[PromiseBroken | CustomerDecided | OrderPlaced]):
    """Nobody agreed to wait any longer, so the law calls your order off: why, and by when your money is back."""

    key = "must-cancel"
    channels = ("email", "sms")
    severity = 88
    expires = None

    def applies(self) -> bool:
        if isinstance(self.event, CustomerDecided) and self.event.decision != "cancel":
            return False
        return self.still_true()

    def occasion(self) -> str:
        """It is told once in an order's life."""
        return "once"

    def still_true(self) -> bool:
        return self.moment.must_cancel is not None and self.order.is_live

    def context(self) -> Mapping[str, object]:
        ended = self.moment.must_cancel
        passed = ended.ended_at if ended is not None and ended.ended_at is not None else self.moment.now
        return {
            "why": _why(ended),
            "passed": last_day(passed, self.moment.zone),
            "money_by": ended.refund_by if ended is not None else None,
        }

    def next_word(self) -> bool:
        """Once the money is back there is no more to say."""
        return self.order.is_live and self.order.is_charged

    @classmethod
    def sample(cls) -> tuple[Event, ...]:
        due_at = SAMPLE_SHIPPED_BY
        return sample_order(PromiseBroken, after=timedelta(days=20), promise="ship_by", due_at=due_at)


def _why(ended: DelayOption | None) -> str:
    """``late``: the new day has passed; ``unasked``; ``asked``: the customer said so; ``unanswered``."""
    if ended is None:
        return "unasked"
    said = "late" if ended.answer == "wait" else "unanswered"
    return {"A": "late", "D": "unasked", "F": "asked"}.get(ended.case, said)


class Resolution(Notice[PromiseBroken | TrackingUpdated]):
    """We do not wait any longer: people have taken over, and this is what you can have."""

    key = "resolution"
    severity = 85
    expires = None

    def applies(self) -> bool:
        if isinstance(self.event, TrackingUpdated):
            return self.event.status is TrackingStatus.LOST and self.order.is_lost
        closes_at = self.moment.closes_at
        due = closes_at is not None and self.moment.now >= closes_at
        return self.event.promise == PromiseKind.NEWS_BY and due

    def occasion(self) -> str:
        return self.order.woken_by or "first"

    def still_true(self) -> bool:
        return self.order.is_live

    def context(self) -> Mapping[str, object]:
        return {"offer": self.moment.resolution, "lost": self.order.is_lost}

    def next_word(self) -> bool:
        return False

    @classmethod
    def sample(cls) -> tuple[Event, ...]:
        return sample_order(PromiseBroken, after=timedelta(days=45), promise="news_by", due_at="2026-04-16T14:00:00Z")


class Return(Notice[OrderReturnRequested | OrderReturnReceived | TrackingUpdated]):
    """What you send back is expected, or has come back to us, and what happens to your money."""

    key = "return"
    severity = 80

    def applies(self) -> bool:
        if isinstance(self.event, TrackingUpdated):
            parcel = self.parcel
            return parcel is not None and parcel.is_returned and parcel.status_by == self.event.key
        return True

    def occasion(self) -> str:
        """Carrier and shop may both tell that it is back."""
        if isinstance(self.event, TrackingUpdated):
            return "received" if self.order.is_returned or self.parcel is None else f"received:{self.parcel.key}"
        if self.event.items:
            return self.event.key
        return "requested" if isinstance(self.event, OrderReturnRequested) else "received"

    def still_true(self) -> bool:
        return not self._is_expected or self.order.returned_at is None

    def context(self) -> Mapping[str, object]:
        items = () if isinstance(self.event, TrackingUpdated) else self.event.items
        return {
            "expected": self._is_expected,
            "lines": tuple({"name": item.name, "quantity": item.quantity} for item in items),
            "money_by": self.moment.promised(PromiseKind.REFUND_BY),
        }

    @property
    def _is_expected(self) -> bool:
        return isinstance(self.event, OrderReturnRequested)

    @classmethod
    def sample(cls) -> tuple[Event, ...]:
        return sample_order(OrderReturnReceived, items=("Leather bag",))
