"""
A parcel's way to the customer.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import ClassVar

from ..domain.dates import due_instant, last_day
from ..domain.event import Event
from ..domain.events import (
    OrderDelivered,
    OrderPacked,
    OrderPickedUp,
    OrderReadyForPickup,
    OrderShipped,
    TrackingUpdated,
)
from ..domain.notices import Moment, Notice, all_of
from ..domain.parcels import Parcel
from ..domain.promises import PromiseKind
from ..domain.samples import sample_event, sample_order
from ..domain.tracking import TrackingStatus

#: Carriers report in bursts; the last of a burst is told.
PATIENCE = timedelta(minutes=2)


def parcel_occasion(notice: str, parcel: Parcel, moment: Moment) -> str:
    """
    Return the occasion of a parcel's milestone.

    A parcel may have been told under a key that it had before more was known of it; then that occasion stays.
    """
    told = {each.occasion for each in moment.tellings if each.notice == notice}
    former = sorted(f"parcel:{key}" for key in parcel.keys if f"parcel:{key}" in told)
    return former[0] if former else f"parcel:{parcel.key}"


def tracking_patience(event: Event) -> timedelta:
    """Return how long a notice of this event waits for something newer."""
    return PATIENCE if isinstance(event, TrackingUpdated) else timedelta()


def is_news(event: Event, parcel: Parcel | None, *statuses: TrackingStatus) -> bool:
    """Return whether ``event`` is the last word on its parcel, has one of these statuses, and it has not arrived."""
    if parcel is None or parcel.delivered_at is not None:
        return False
    return parcel.status in statuses and parcel.status_by == event.key


class Packed(Notice[OrderPacked]):
    """It is packed; the carrier does not have it yet. Not among the notices that a shop has by default."""

    key = "packed"
    forced = False
    severity = 8

    def applies(self) -> bool:
        return self.still_true()

    def occasion(self) -> str:
        parcel = self.parcel
        return parcel_occasion(self.key, parcel, self.moment) if parcel else self.event.key

    def still_true(self) -> bool:
        parcel = self.parcel
        return self.order.is_live and parcel is not None and not parcel.is_shipped

    def context(self) -> Mapping[str, object]:
        return {"awaited": "scan"}


class Shipped(Notice[OrderShipped | TrackingUpdated]):
    """Your order, a part of it or the rest is on its way."""

    key = "shipped"
    severity = 60

    def applies(self) -> bool:
        return any(parcel.shipped_by == self.event.key for parcel in self.order.parcels)

    def occasion(self) -> str:
        parcel = self.parcel
        return parcel_occasion(self.key, parcel, self.moment) if parcel else self.event.key

    def still_true(self) -> bool:
        parcel = self.parcel
        on_its_way = parcel is not None and parcel.is_under_way and not parcel.status.is_coming_back
        return on_its_way and not self.order.is_cancelled

    def context(self) -> Mapping[str, object]:
        order = self.order
        if not order.is_wholly_shipped:
            return {"which": "part"}
        return {"which": "rest" if len(order.shipped_parcels) > 1 else "all"}

    def patience(self) -> timedelta:
        return tracking_patience(self.event)


class TrackingChanged(Notice[OrderShipped]):
    """Your parcel has another number than we told you, or another carrier."""

    key = "tracking-changed"
    severity = 35

    def applies(self) -> bool:
        parcel = self.parcel
        if parcel is None or parcel.code_by != self.event.key or parcel.shipped_by == self.event.key:
            return False
        return parcel.is_under_way and bool(self.moment.told("shipped"))

    def occasion(self) -> str:
        parcel = self.parcel
        return f"parcel:{parcel.key}:{parcel.tracking_code}" if parcel else self.event.key

    def still_true(self) -> bool:
        parcel = self.parcel
        return parcel is not None and parcel.is_under_way and parcel.tracking_code == self.event.tracking_code

    def context(self) -> Mapping[str, object]:
        return {"former_code": self.parcel.former_code if self.parcel else None}

    @property
    def parcel(self) -> Parcel | None:
        return next((each for each in self.order.parcels if each.code_by == self.event.key), None)

    @classmethod
    def sample(cls) -> tuple[Event, ...]:
        placed, paid, _ = sample_order(TrackingUpdated)[:3]
        first, corrected = (
            sample_event(OrderShipped, after=timedelta(days=days), id=code, shipment_id="S-1", tracking_code=code)
            for days, code in ((3, "1Z999AA10123456784"), (4, "1Z999AA10123456999"))
        )
        return placed, paid, first, corrected


class ArrivingTomorrow(Notice[OrderShipped | TrackingUpdated]):
    """It should arrive tomorrow, as the parcel's own date says. Not among the notices that a shop has by default."""

    key = "arriving-tomorrow"
    forced = False
    severity = 15
    family = "tomorrow"
    #: It waits for the day before.
    expires = None

    def applies(self) -> bool:
        told = self.order.date_of(PromiseKind.DELIVER_BY)
        is_ahead = self._morning_before is not None and self._morning_before > self.moment.now
        return told is not None and told.set_by == self.event.key and is_ahead

    def occasion(self) -> str:
        return f"day:{self._day}"

    def still_true(self) -> bool:
        """The day stands, and the parcel is on its way to the customer."""
        parcel, due = self.parcel, self.event.deliver_by
        if parcel is None or due is None or parcel.status in _NOT_TOMORROW or not parcel.is_under_way:
            return False
        return self._day == last_day(due, self.moment.zone) and self.moment.now < self._begin_of(self._day)

    @classmethod
    def sample(cls) -> tuple[Event, ...]:
        return sample_order(OrderShipped, after=timedelta(days=3, hours=12), deliver_by="2026-03-07")

    def patience(self) -> timedelta:
        morning = self._morning_before
        return max(morning - self.moment.now, timedelta()) if morning else timedelta()

    @property
    def _day(self) -> date | None:
        told = self.order.date_of(PromiseKind.DELIVER_BY)
        return last_day(told.due, self.moment.zone) if told else None

    @property
    def _morning_before(self) -> datetime | None:
        day = self._day
        return self._begin_of(day) - timedelta(days=1) + _MORNING if day else None

    def _begin_of(self, day: date | None) -> datetime:
        return due_instant(day, self.moment.zone) - timedelta(days=1) if day else self.moment.now


_NOT_TOMORROW = frozenset(
    {
        TrackingStatus.OUT_FOR_DELIVERY,
        TrackingStatus.AVAILABLE_FOR_PICKUP,
        TrackingStatus.DAMAGED,
        TrackingStatus.LOST,
        TrackingStatus.RETURN_TO_SENDER,
    }
)
#: When the word about tomorrow goes out, after the day has begun.
_MORNING = timedelta(hours=10)


class OutForDelivery(Notice[TrackingUpdated]):
    """It arrives today."""

    key = "out-for-delivery"
    channels: ClassVar[tuple[str, ...]] = all_of("email", "sms")
    severity = 60
    expires = timedelta(hours=12)

    def applies(self) -> bool:
        parcel = self.parcel
        return parcel is not None and parcel.status_by == self.event.key and self._is_on_the_van(parcel)

    def occasion(self) -> str:
        parcel = self.parcel
        return parcel_occasion(self.key, parcel, self.moment) if parcel else self.event.key

    def still_true(self) -> bool:
        parcel = self.parcel
        return parcel is not None and self._is_on_the_van(parcel)

    def patience(self) -> timedelta:
        return tracking_patience(self.event)

    @classmethod
    def sample(cls) -> tuple[Event, ...]:
        return sample_order(TrackingUpdated, status="out_for_delivery")

    def _is_on_the_van(self, parcel: Parcel) -> bool:
        return parcel.status is TrackingStatus.OUT_FOR_DELIVERY and not parcel.is_delivered


class ReadyForPickup(Notice[OrderReadyForPickup | TrackingUpdated]):
    """It waits for you: where, until when, and what to bring."""

    key = "ready-for-pickup"
    channels: ClassVar[tuple[str, ...]] = all_of("email", "sms")
    severity = 75

    def applies(self) -> bool:
        return is_news(self.event, self.parcel, TrackingStatus.AVAILABLE_FOR_PICKUP)

    def occasion(self) -> str:
        parcel = self.parcel
        return parcel_occasion(self.key, parcel, self.moment) if parcel else self.event.key

    def still_true(self) -> bool:
        parcel = self.parcel
        waits = parcel is not None and parcel.status is TrackingStatus.AVAILABLE_FOR_PICKUP
        return waits and self.order.is_live

    def context(self) -> Mapping[str, object]:
        event, known = self.event, self.parcel.waits_at if self.parcel else None
        if isinstance(event, TrackingUpdated):
            return {"place": known or event.location, "pickup_code": event.pickup_code}
        return {"place": known or event.place, "pickup_code": None}

    def patience(self) -> timedelta:
        return tracking_patience(self.event)


class Delivered(Notice[OrderDelivered | OrderPickedUp | TrackingUpdated]):
    """It has arrived."""

    key = "delivered"
    severity = 80

    def applies(self) -> bool:
        return bool(self._arrived())

    def occasion(self) -> str:
        occasions = [(parcel_occasion(self.key, each, self.moment), each.key) for each in self._arrived()]
        told = {each.occasion for each in self.moment.tellings if each.notice == self.key}
        untold = [occasion for occasion, _ in occasions if occasion not in told]
        return (untold or [occasion for occasion, _ in occasions] or [self.event.key])[0]

    def still_true(self) -> bool:
        return any(each.is_delivered for each in self._arrived())

    def context(self) -> Mapping[str, object]:
        arrived = self._arrived()
        first = arrived[0] if arrived else None
        return {
            "whole": self.order.is_delivered,
            "received_by": first.received_by if first else None,
            "place": first.place if first else None,
            "collected": isinstance(self.event, OrderPickedUp),
        }

    def patience(self) -> timedelta:
        return tracking_patience(self.event)

    def _arrived(self) -> tuple[Parcel, ...]:
        """The parcels whose arrival this event was the first to tell; not those that a word about all had told."""
        told = {each.cause for each in self.moment.told(self.key)} - {self.event.key}
        arrived = (each for each in self.order.parcels if each.delivered_by == self.event.key)
        return tuple(each for each in arrived if not (each.arrived_with & told))
