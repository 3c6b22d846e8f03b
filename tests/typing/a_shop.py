"""
How a shop uses the library, as a type checker sees it. `make check` reads this with mypy; nobody runs it.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, assert_type

from proactive_notify import (
    Accepted,
    Channel,
    Clock,
    Customer,
    CustomerUpdated,
    Decision,
    Email,
    EmailMessage,
    Event,
    Item,
    Message,
    MessageSent,
    Money,
    Notice,
    Notifier,
    Observer,
    Order,
    OrderDelayed,
    OrderDelivered,
    OrderPlaced,
    OrderShipped,
    OrderState,
    Payment,
    Permanent,
    Place,
    Policy,
    Promise,
    Recorded,
    Retry,
    Shop,
    StaffAsked,
    SystemClock,
    TrackingStatus,
    TrackingUpdated,
    Transient,
    Transport,
    all_of,
    default_notices,
    event_from_wire,
    event_to_wire,
)
from proactive_notify.transports import ConsoleTransport, FolderTransport, SmtpTransport

# Events


def events() -> list[Event]:
    placed = OrderPlaced(
        order_id="A-1001",
        customer=Customer(name="Ada", email="ada@example.org", locale="en", time_zone="Europe/Berlin"),
        items=(Item(name="A bag", quantity=1, price=Money(amount=Decimal("136.23"), currency="EUR")),),
        total=Money(amount=Decimal("136.23"), currency="EUR"),
        destination=Place(city="Berlin", country="DE"),
        promises=(Promise.ship_by(date(2026, 1, 9)), Promise.deliver_by(datetime(2026, 1, 12, tzinfo=UTC))),
        payment=Payment.AUTHORIZED,
    )
    assert_type(placed.order_id, str)
    assert_type(placed.promises, tuple[Promise, ...])
    assert_type(placed.at, datetime | None)
    return [
        placed,
        OrderDelayed(order_id="A-1001", reason="it is still in Rome", ship_by=date(2026, 1, 14)),
        OrderShipped(order_id="A-1001", carrier="dhl", tracking_code="JD014600"),
        TrackingUpdated(order_id="A-1001", status=TrackingStatus.IN_TRANSIT),
        CustomerUpdated(order_id="A-1001", email="ada@example.net"),
        OrderDelivered(order_id="A-1001", notify=False),
    ]


def over_the_wire(event: Event) -> Event:
    wire = event_to_wire(event)
    assert_type(wire, dict[str, Any])
    return event_from_wire(wire)


# A notice, a channel and a transport of one's own


class PickupReady(Notice[TrackingUpdated]):
    """Your parcel waits at a pickup point."""

    key = "pickup-ready"
    channels = ("push", "email")
    expires = timedelta(days=3)

    def applies(self) -> bool:
        assert_type(self.event, TrackingUpdated)
        assert_type(self.event.status, TrackingStatus)
        assert_type(self.order, Order)
        return self.event.status is TrackingStatus.AVAILABLE_FOR_PICKUP

    def still_true(self) -> bool:
        return self.order.state is not OrderState.DELIVERED

    def context(self) -> Mapping[str, object]:
        return {"point": self.event.location}


class Arrived(Notice[OrderDelivered | TrackingUpdated]):
    """It is there."""

    key = "arrived"
    channels = all_of("email", "push")

    def applies(self) -> bool:
        assert_type(self.event, OrderDelivered | TrackingUpdated)
        return isinstance(self.event, OrderDelivered) or self.event.status is TrackingStatus.DELIVERED


class PushMessage(Message):
    parts: ClassVar[tuple[str, ...]] = ("title", "text")

    title: str
    text: str


class PushTransport:
    async def send(self, message: PushMessage) -> Accepted:
        if not message.title:
            raise Permanent("no title", code="400")
        if message.at > datetime.now(UTC):
            raise Transient("too early", retry_after=timedelta(minutes=5))
        return Accepted(reference="1")


def push_token(customer: Customer) -> str | None:
    token = customer.extra.get("push_token")
    return token if isinstance(token, str) else None


def a_transport(path: Path) -> Transport:
    wires: list[Transport] = [PushTransport(), ConsoleTransport(), FolderTransport(path), SmtpTransport("localhost")]
    return wires[0]


# The notifier


def observe(happening: object) -> None:
    match happening:
        case MessageSent(order_id=order_id):
            assert_type(order_id, str)
        case StaffAsked(word=word):
            assert_type(word.at, datetime)


class Frozen:
    """A clock of one's own."""

    def now(self) -> datetime:
        return datetime(2026, 1, 5, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        return None


def make(clock: Clock | None = None) -> Notifier:
    observer: Observer = observe
    return Notifier(
        Shop(key="acme", name="Acme", reply_to="help@acme.example", time_zone="Europe/Berlin", country="DE"),
        store="sqlite:///orders.db",
        channels=[
            Email(SmtpTransport.from_env(), sender="Acme <orders@acme.example>"),
            Channel("push", message=PushMessage, transport=PushTransport(), address=push_token),
        ],
        notices=[*default_notices, PickupReady, Arrived],
        templates=["templates", Path("more")],
        policy=Policy(retry=Retry(first=timedelta(seconds=30), attempts=12), resolution="refund"),
        observers=[observer],
        clock=clock or SystemClock(),
        retention=timedelta(days=365),
    )


async def serve() -> None:
    async with make(Frozen()) as notifier, notifier.worker(concurrency=8, poll=2.0):
        assert_type(notifier, Notifier)
        recorded = await notifier.record(*events())
        assert_type(recorded, Recorded)
        assert_type(recorded.orders, tuple[Order, ...])
        assert_type(recorded.notices, tuple[str, ...])
        assert_type(recorded.decisions, tuple[Decision, ...])
        assert_type(await notifier.record(events(), events()), Recorded)
        assert_type(notifier.record_sync(*events()), Recorded)


async def ask() -> None:
    async with Notifier.local(Path("orders.db"), shop=Shop(name="Acme")) as notifier:
        assert_type(notifier, Notifier)
        assert_type(await notifier.run_due(), int)
        await notifier.run_until_idle()
        order = await notifier.order("A-1001")
        assert_type(order, Order | None)
        if order is not None:
            assert_type(order.state, OrderState)
            assert_type(order.is_live, bool)
        why = await notifier.why("A-1001")
        if why is not None:
            assert_type(why.order, Order)
            assert_type(why.decisions, tuple[Decision, ...])
            assert_type([fact.event for fact in why.facts], list[Event])


def a_mail(message: EmailMessage) -> str:
    assert_type(message.subject, str)
    assert_type(message.headers, Mapping[str, str])
    return message.html
