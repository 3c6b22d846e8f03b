"""
A notice of your own, on a channel of your own, and one template part replaced.

Run it: ``python examples/custom_notice.py``. It needs no server: the push messages and the mails stay in memory.
"""

import asyncio
import logging
from pathlib import Path
from typing import ClassVar

from proactive_notify import (
    Accepted,
    Channel,
    Customer,
    Email,
    Event,
    Message,
    Notice,
    Notifier,
    OrderDelayed,
    OrderPlaced,
    OrderShipped,
    Shop,
    TrackingStatus,
    TrackingUpdated,
    default_notices,
)
from proactive_notify.testing import RecordingTransport, VirtualClock

TEMPLATES = Path(__file__).with_name("custom_templates")


class PickupReady(Notice[TrackingUpdated]):
    """Your parcel waits at a pickup point."""

    key = "pickup-ready"  # custom_templates/pickup-ready/…
    channels = ("push", "email")  # the first one that can reach the customer; all_of("push", "email") for both

    def applies(self) -> bool:
        return self.event.status is TrackingStatus.AVAILABLE_FOR_PICKUP

    def still_true(self) -> bool:  # asked again at the moment of sending
        return not self.order.is_delivered

    def context(self) -> dict[str, object]:  # what the templates see beside the order, the parcel and the shop
        return {"point": self.event.location, "code": self.event.pickup_code}

    @classmethod
    def sample(cls) -> tuple[Event, ...]:  # a made-up order, for previews
        *before, update = super().sample()
        waiting = {"status": TrackingStatus.AVAILABLE_FOR_PICKUP, "location": "Kiosk Müller", "pickup_code": "4711"}
        return (*before, update.model_copy(update=waiting))


class PushMessage(Message):
    """A message on the customer's phone."""

    parts: ClassVar = ("title", "text")  # custom_templates/<key>/push.title, push.text
    title: str
    text: str


class PocketTransport:
    """A wire is one method. This one keeps what it is given; yours would call a provider."""

    def __init__(self) -> None:
        self.sent: list[PushMessage] = []

    async def send(self, message: PushMessage) -> Accepted:
        self.sent.append(message)
        return Accepted(reference=f"push-{len(self.sent)}")


def parcel_waits(order_id: str, customer: Customer) -> list[Event]:
    """Return an order whose parcel waits at a kiosk."""
    return [
        OrderPlaced(order_id=order_id, customer=customer),
        OrderShipped(order_id=order_id, carrier="dhl", tracking_code=f"JD-{order_id}"),
        TrackingUpdated(
            order_id=order_id,
            tracking_code=f"JD-{order_id}",
            status=TrackingStatus.AVAILABLE_FOR_PICKUP,
            location="Kiosk Müller",
            pickup_code="4711",  # a field that the library does not know: kept, and there for your notice
        ),
    ]


async def main() -> None:
    logging.basicConfig(level=logging.ERROR)
    phones, mails = PocketTransport(), RecordingTransport()
    notifier = Notifier(
        shop=Shop(name="Acme", reply_to="help@acme.example"),
        store="sqlite://",
        channels=[
            Email(mails, sender="Acme <orders@acme.example>"),
            Channel("push", message=PushMessage, transport=phones, address=lambda c: c.extra.get("push_token")),
        ],
        notices=[*default_notices, PickupReady],
        templates=[TEMPLATES],  # its delayed/email.subject replaces that one part, nothing else
        clock=VirtualClock(),
    )
    async with notifier:
        ada = Customer(name="Ada", email="ada@example.org", extra={"push_token": "a-phone"})
        ben = Customer(name="Ben", email="ben@example.org")  # has no phone that we know, so he gets a mail
        await notifier.record(*parcel_waits("A-1", ada), *parcel_waits("A-2", ben))
        await notifier.record(OrderPlaced(order_id="A-3", customer=ada), OrderDelayed(order_id="A-3", reason="snow"))
        await notifier.run_until_idle()

    for push in phones.sent:
        print(f"push to {push.to}: {push.title} | {push.text.strip()}")
    for mail in mails.sent:
        print(f"mail to {mail.to}: {mail.notice} | {mail.subject}")


if __name__ == "__main__":
    asyncio.run(main())
