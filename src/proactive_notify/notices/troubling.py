"""
Something went wrong with a parcel on its way.
"""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

from ..domain.event import Event
from ..domain.events import TrackingUpdated
from ..domain.notices import Notice, all_of
from ..domain.samples import sample_order
from ..domain.tracking import TrackingStatus
from .shipping import is_news, tracking_patience


class AttemptFailed(Notice[TrackingUpdated]):
    """The carrier came and could not hand it over: what comes next."""

    key = "attempt-failed"
    channels: ClassVar[tuple[str, ...]] = all_of("email", "sms")
    severity = 72
    expires = timedelta(days=2)

    def applies(self) -> bool:
        return is_news(self.event, self.parcel, TrackingStatus.ATTEMPT_FAILED)

    def occasion(self) -> str:
        """Carriers repeat themselves: a parcel has one such word a day."""
        day = self.event.happened_at.astimezone(self.moment.zone).date()
        return f"parcel:{self.parcel.key}:{day}" if self.parcel else self.event.key

    def still_true(self) -> bool:
        parcel = self.parcel
        return parcel is not None and parcel.is_under_way and parcel.status is TrackingStatus.ATTEMPT_FAILED

    def context(self) -> Mapping[str, object]:
        return {"detail": self.event.detail, "place": self.event.location, "again_by": self.event.deliver_by}

    def patience(self) -> timedelta:
        return tracking_patience(self.event)

    @classmethod
    def sample(cls) -> tuple[Event, ...]:
        return sample_order(TrackingUpdated, status="attempt_failed", detail="nobody was at home", location=None)


class ActionRequired(Notice[TrackingUpdated]):
    """The parcel waits for something that only you can do."""

    key = "action-required"
    channels: ClassVar[tuple[str, ...]] = all_of("email", "sms")
    severity = 82

    def applies(self) -> bool:
        return is_news(self.event, self.parcel, TrackingStatus.ACTION_REQUIRED)

    def occasion(self) -> str:
        """Another thing to do is another word; the same one is told once."""
        what = hashlib.sha256((self.event.detail or "").casefold().encode()).hexdigest()[:8]
        return f"parcel:{self.parcel.key}:{what}" if self.parcel else self.event.key

    def still_true(self) -> bool:
        parcel = self.parcel
        return parcel is not None and parcel.is_under_way and parcel.status is TrackingStatus.ACTION_REQUIRED

    def context(self) -> Mapping[str, object]:
        return {"detail": self.event.detail, "place": self.event.location}

    def patience(self) -> timedelta:
        return tracking_patience(self.event)

    @classmethod
    def sample(cls) -> tuple[Event, ...]:
        return sample_order(TrackingUpdated, status="action_required", detail="customs duty of 12.40 USD is to be paid")


class Trouble(Notice[TrackingUpdated]):
    """The carrier reports that your parcel is damaged, lost, coming back or held up."""

    key = "trouble"
    severity = 78

    def applies(self) -> bool:
        order = self.order
        if order.is_cancelled or order.return_requested_at is not None or not is_news(self.event, self.parcel, *_BAD):
            return False
        if self.event.status is TrackingStatus.LOST:
            return not order.is_lost  # the resolution tells it of a whole order
        return self.event.status is not TrackingStatus.DELAYED or self.event.deliver_by is None

    def occasion(self) -> str:
        return f"parcel:{self.parcel.key}:{self.event.status}" if self.parcel else self.event.key

    def still_true(self) -> bool:
        parcel = self.parcel
        return parcel is not None and not parcel.is_delivered and parcel.status is self.event.status

    def context(self) -> Mapping[str, object]:
        return {
            "what": self.event.status,
            "detail": self.event.detail,
            "offer": self.moment.resolution,
            "offers_choice": self.event.status in _GRAVE,
        }

    def patience(self) -> timedelta:
        return tracking_patience(self.event)

    @classmethod
    def sample(cls) -> tuple[Event, ...]:
        return sample_order(TrackingUpdated, status="damaged", detail="crushed in transit", deliver_by=None)


#: The goods will not come, or not whole.
_GRAVE = frozenset({TrackingStatus.DAMAGED, TrackingStatus.LOST, TrackingStatus.RETURN_TO_SENDER})
_BAD = (*_GRAVE, TrackingStatus.EXCEPTION, TrackingStatus.DELAYED)
