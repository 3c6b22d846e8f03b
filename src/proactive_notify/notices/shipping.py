"""
A parcel's way to the customer.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

from ..domain.event import Event
from ..domain.events import OrderDelivered, OrderPickedUp, OrderShipped, TrackingUpdated
from ..domain.notices import Moment, Notice, all_of
from ..domain.parcels import Parcel
from ..domain.samples import sample_order
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
