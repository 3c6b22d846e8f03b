"""
Nothing has moved, and the customer hears that too.
"""

from collections.abc import Mapping
from datetime import timedelta, tzinfo

from ..domain.dates import last_day
from ..domain.event import Event
from ..domain.events import OrderAccepted, OrderBackordered, OrderSourcing, PromiseBroken
from ..domain.items import Payment
from ..domain.notices import Notice
from ..domain.options import DelayOption
from ..domain.orders import Order
from ..domain.promises import PromiseKind
from ..domain.samples import sample_order


def _is_the_present_hold(event: Event, order: Order) -> bool:
    """It is the last word on why the order waits, and nothing has been handed over since."""
    return order.hold is not None and order.hold.key == event.key and order.is_live and not order.is_wholly_shipped


class Preparing(Notice[OrderAccepted]):
    """Your order is being made ready, which takes a while. Not among the notices that a shop has by default."""

    key = "preparing"
    forced = False
    severity = 5

    def applies(self) -> bool:
        return self.still_true()

    def occasion(self) -> str:
        return "accepted"

    def still_true(self) -> bool:
        """While nothing is packed, and the day told for shipping is further away than tomorrow."""
        order, zone = self.order, self.moment.zone
        told = order.date_of(PromiseKind.SHIP_BY)
        today = self.moment.now.astimezone(zone).date()
        is_busy = order.is_live and order.hold is None and not order.parcels
        return is_busy and told is not None and (last_day(told.due, zone) - today).days > 1

    @classmethod
    def sample(cls) -> tuple[Event, ...]:
        return sample_order(OrderAccepted, after=timedelta(hours=1))


class Sourcing(Notice[OrderSourcing]):
    """We are looking for your goods, for example in our other stores."""

    key = "sourcing"
    severity = 40

    def applies(self) -> bool:
        return _is_the_present_hold(self.event, self.order)

    def still_true(self) -> bool:
        return self.applies()

    def context(self) -> Mapping[str, object]:
        return {"note": self.event.note, "expected_by": self.event.expected_by, "offers_choice": True}


class Backordered(Notice[OrderBackordered]):
    """Something you ordered is out of stock."""

    key = "backordered"
    severity = 40

    def applies(self) -> bool:
        return _is_the_present_hold(self.event, self.order)

    def still_true(self) -> bool:
        return self.applies()

    def context(self) -> Mapping[str, object]:
        return {
            "missing": tuple({"name": item.name, "quantity": item.quantity} for item in self.event.items),
            "expected_by": self.event.expected_by,
            "reason": self.event.reason,
            "offers_choice": True,
        }


class Holding(Notice[PromiseBroken]):
    """Nothing new, but you are not forgotten: the last known fact, what is awaited, when the next word comes."""

    key = "holding"
    forced = False
    severity = 10

    def applies(self) -> bool:
        closes_at = self.moment.closes_at
        if self.event.promise == PromiseKind.NEWS_BY:
            return closes_at is None or self.moment.now < closes_at
        if self.event.promise == PromiseKind.REFUND_BY:
            return self.moment.resolution == "refund"
        return self.event.promise in _SPOKEN_OF_BY_HOLDING

    def occasion(self) -> str:
        return broken_occasion(self.event)

    def still_true(self) -> bool:
        said = self.moment.last_word_at
        return self._is_awaited() and (said is None or said < self.event.happened_at)

    def context(self) -> Mapping[str, object]:
        clock = self.moment.clock
        option = option_said(clock.open_option, self.moment.zone) if clock is not None else None
        return {
            "about": self.event.promise,
            "awaited": awaited(self.order) if self.moment.must_cancel is None else "refund",
            "offers_choice": self.moment.offers_choice or option is not None,
            "option": option,
        }

    def _is_awaited(self) -> bool:
        if self.event.promise == PromiseKind.REFUND_BY:
            return not self.order.is_refunded
        if self.event.promise == PromiseKind.ANSWER_BY:
            asked, spoken = self.order.asked_at, self.order.spoken_at
            return asked is not None and (spoken is None or spoken < asked)
        if self.moment.must_cancel is not None:
            return self.order.is_live and self.order.is_charged
        return self.order.is_live


#: A choice that the customer did not make is the staff's to follow up; ``news_by`` goes on speaking to the customer.
_SPOKEN_OF_BY_HOLDING = frozenset({PromiseKind.ANSWER_BY, PromiseKind.COLLECT_BY})


def option_said(option: DelayOption | None, zone: tzinfo) -> Mapping[str, object] | None:
    """Return what the law demands to be said of an offer: what silence means, until when, and whether it has a date."""
    if option is None or option.silence is None or option.until is None:
        return None
    return {"silence": option.silence, "until": last_day(option.until, zone), "is_dated": option.revised is not None}


def broken_occasion(event: PromiseBroken) -> str:
    """Return the occasion of what a broken promise causes: its kind, its parcel if it has one, and its due time."""
    parcel = f":{event.parcel}" if event.parcel else ""
    return f"{event.promise}{parcel}:{event.due_at:%Y-%m-%dT%H:%M:%SZ}"


def awaited(order: Order) -> str:
    """What is awaited: ``payment``, ``found``, ``stock``, ``shipping``, ``scan``, ``arrival`` or ``settling``."""
    if order.is_wholly_shipped:
        comes = any(each.is_under_way and not each.status.is_coming_back for each in order.parcels)
        return "arrival" if comes else "settling"
    if order.payment in (Payment.FAILED, Payment.PENDING):
        return "payment"
    if any(parcel.packed_at and not parcel.is_shipped for parcel in order.parcels):
        return "scan"
    if isinstance(order.hold, OrderSourcing):
        return "found"
    return "stock" if isinstance(order.hold, OrderBackordered) else "shipping"
