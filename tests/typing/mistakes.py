"""
What a type checker catches before it happens. Each line is a mistake: mypy complains about an ignore without need.
"""

from datetime import timedelta

from proactive_notify import (
    Accepted,
    Channel,
    Customer,
    Email,
    EmailMessage,
    Message,
    Notice,
    Notifier,
    OrderPlaced,
    OrderShipped,
    Permanent,
    Policy,
    Promise,
    Retry,
    Shop,
    Transient,
    Transport,
)
from proactive_notify.transports import ConsoleTransport


def arguments() -> None:
    Notifier(Shop(), "sqlite://")  # type: ignore[call-arg]  # only the shop goes by position
    Notifier(stor="sqlite://")  # type: ignore[call-arg]
    Notifier(channels=[ConsoleTransport()])  # type: ignore[list-item]  # a wire is no channel
    Notifier(notices=[OrderPlaced])  # type: ignore[list-item]  # an event is no notice
    Notifier(retention=90)  # type: ignore[arg-type]  # days, seconds, what?
    Email(ConsoleTransport())  # type: ignore[call-arg]  # from whom?
    Policy(resolution="coupon")  # type: ignore[arg-type]
    Policy(ship_grace=4)  # type: ignore[arg-type]  # hours?
    Retry(timedelta(minutes=1))  # type: ignore[call-arg]
    Promise.ship_by("tomorrow")  # type: ignore[arg-type]
    Transient("451", suppress=True)  # type: ignore[call-arg]  # only what is refused for good
    Permanent("550", "550")  # type: ignore[call-arg]


def fields() -> None:
    OrderPlaced()  # type: ignore[call-arg]
    OrderPlaced(order_id="A-1").customer.email.lower()  # type: ignore[union-attr]  # it may be missing
    OrderShipped(order_id="A-1").items = ()  # type: ignore[misc]  # facts do not change
    Customer(name="Ada").name = "Bob"  # type: ignore[misc]


class Misread(Notice[OrderShipped]):
    """A notice that reads what its event does not have."""

    key = "misread"

    def applies(self) -> bool:
        return bool(self.event.reason)  # type: ignore[attr-defined]

    def still_true(self) -> str:  # type: ignore[override]
        return "yes"


class Forgetful:
    """A transport that does not say what became of the message."""

    async def send(self, message: Message) -> None:
        return None


class Blocking:
    """A transport that would stand in everybody's way."""

    def send(self, message: Message) -> Accepted:
        return Accepted()


def wires() -> list[Transport]:
    return [
        Forgetful(),  # type: ignore[list-item]
        Blocking(),  # type: ignore[list-item]
    ]


async def answers(notifier: Notifier) -> None:
    await notifier.record("order.placed")  # type: ignore[arg-type]
    notifier.record(OrderPlaced(order_id="A-1"))  # type: ignore[unused-coroutine]
    order = await notifier.order("A-1")
    _ = order.state  # type: ignore[union-attr]  # nobody may have recorded it
    Channel("push", message=EmailMessage, transport=ConsoleTransport(), address=len)  # type: ignore[arg-type]
