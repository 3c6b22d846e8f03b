"""
Where a parcel is, in one vocabulary for every carrier.
"""

from enum import StrEnum
from typing import Self


class TrackingStatus(StrEnum):
    """A parcel's status. A word that is not known reads as :attr:`UNKNOWN`; the raw word is kept in the event."""

    #: The label is made; the carrier does not have the parcel.
    PRE_TRANSIT = "pre_transit"
    #: The carrier has it.
    IN_TRANSIT = "in_transit"
    #: It arrives today.
    OUT_FOR_DELIVERY = "out_for_delivery"
    #: It waits at a shop, locker or post office.
    AVAILABLE_FOR_PICKUP = "available_for_pickup"
    #: Somebody rang and nobody opened.
    ATTEMPT_FAILED = "attempt_failed"
    #: The customer must do something: pay customs, correct the address.
    ACTION_REQUIRED = "action_required"
    #: The carrier says it will be late.
    DELAYED = "delayed"
    #: Something went wrong and the carrier does not say what.
    EXCEPTION = "exception"
    DAMAGED = "damaged"
    LOST = "lost"
    #: It travels back to the shop.
    RETURN_TO_SENDER = "return_to_sender"
    #: The shop has it back.
    RETURNED = "returned"
    DELIVERED = "delivered"
    #: The label was cancelled.
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> Self:
        return cls.UNKNOWN

    @property
    def is_moving(self) -> bool:
        """The carrier has the parcel and it has not arrived."""
        return self in _MOVING

    @property
    def is_handed_over(self) -> bool:
        """The carrier has the parcel, or had it."""
        ended = (TrackingStatus.DELIVERED, TrackingStatus.LOST)
        return self.is_moving or self.is_coming_back or self in ended

    @property
    def is_coming_back(self) -> bool:
        """The parcel is on its way back to the shop, or there."""
        return self in (TrackingStatus.RETURN_TO_SENDER, TrackingStatus.RETURNED)


_MOVING = frozenset(
    {
        TrackingStatus.IN_TRANSIT,
        TrackingStatus.OUT_FOR_DELIVERY,
        TrackingStatus.AVAILABLE_FOR_PICKUP,
        TrackingStatus.ATTEMPT_FAILED,
        TrackingStatus.ACTION_REQUIRED,
        TrackingStatus.DELAYED,
        TrackingStatus.EXCEPTION,
        TrackingStatus.DAMAGED,
    }
)
