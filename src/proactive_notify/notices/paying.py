"""
What became of the customer's money.
"""

from collections.abc import Mapping
from datetime import timedelta

from ..domain.event import Event
from ..domain.events import OrderPaid, OrderPaymentFailed, OrderPlaced, OrderRefunded
from ..domain.items import Payment
from ..domain.notices import Notice, NoticeState
from ..domain.samples import sample_placed

#: Money that is taken sooner after the order is stated by the next mail; it makes none of its own.
SOON = timedelta(hours=1)
#: A payment that is pending longer is asked for; the confirmation has said already that it is.
PENDING = timedelta(days=1)


class PaymentPending(Notice[OrderPlaced]):
    """Your payment has not reached us: how to pay, and what waits for it."""

    key = "payment-pending"
    severity = 65
    family = "payment"

    def applies(self) -> bool:
        return self.event.key == self.order.placed_by and self.still_true()

    def occasion(self) -> str:
        return "placed"

    def still_true(self) -> bool:
        return self.order.payment is Payment.PENDING and self.order.is_live and not self.order.shipped_parcels

    def patience(self) -> timedelta:
        return PENDING

    @classmethod
    def sample(cls) -> tuple[Event, ...]:
        return (sample_placed().model_copy(update={"payment": Payment.PENDING}),)


class PaymentReceived(Notice[OrderPaid]):
    """Your money has arrived. A notice of its own only if that came late, or had been in doubt."""

    key = "payment-received"
    forced = False
    severity = 5

    def applies(self) -> bool:
        order = self.order
        if order.paid_by != self.event.key or order.placed_at is None:
            return False
        return order.payment_was_in_doubt or self.event.happened_at - order.placed_at > SOON

    def still_true(self) -> bool:
        return self.order.payment is Payment.CAPTURED and not self.order.refunds and self.order.is_live


class PaymentFailed(Notice[OrderPaymentFailed]):
    """Your money could not be taken: what to do, and how long we hold the order."""

    key = "payment-failed"
    severity = 70

    def still_true(self) -> bool:
        return self.order.payment is Payment.FAILED and self.order.is_live

    def context(self) -> Mapping[str, object]:
        return {"reason": self.event.reason, "pay_by": self.event.pay_by}


class Refunded(Notice[OrderRefunded]):
    """Your money is on its way back."""

    key = "refunded"
    severity = 90
    expires = None

    def context(self) -> Mapping[str, object]:
        heard = any(each.state is NoticeState.TOLD for each in self.moment.told("cancelled"))
        return {
            "amount": self.event.amount.model_dump(),
            "reason": self.event.reason,
            "whole": self.order.is_refunded,
            "says_cancelled": self.order.is_cancelled and not heard,
        }

    def next_word(self) -> bool:
        """Of an order that the law called off there is no more to say once the money is back."""
        return self.order.is_live and not (self.moment.must_cancel is not None and self.order.is_refunded)
