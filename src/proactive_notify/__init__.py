"""
Makes sure that no customer is ever left in silence about an order.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .domain.customers import Customer, Place, Shop
from .domain.event import Event
from .domain.events import (
    CustomerAnswered,
    CustomerAsked,
    CustomerDecided,
    CustomerUpdated,
    OrderAccepted,
    OrderBackordered,
    OrderCancelled,
    OrderClosed,
    OrderDelayed,
    OrderDelivered,
    OrderEdited,
    OrderPacked,
    OrderPaid,
    OrderPaymentFailed,
    OrderPickedUp,
    OrderPlaced,
    OrderReadyForPickup,
    OrderRefunded,
    OrderReturnReceived,
    OrderReturnRequested,
    OrderShipped,
    OrderSourcing,
    PromiseAtRisk,
    PromiseBroken,
    TrackingUpdated,
)
from .domain.items import Item, Payment
from .domain.money import Money
from .domain.promises import Promise, PromiseKind
from .domain.tracking import TrackingStatus
from .errors import (
    ChannelRefused,
    EventInvalid,
    MissingExtra,
    NoticeInvalid,
    NotifierNotOpen,
    Permanent,
    ProactiveNotifyError,
    SendError,
    SimulationStuck,
    StoreUnusable,
    TemplateInvalid,
    Transient,
    Uncertain,
    UsageError,
)

if TYPE_CHECKING:
    from ._engine.telemetry import ChannelPaused, LeaseRescued, MessageFailed, MessageSent, StaffAsked
    from ._policy.policy import Policy
    from ._policy.retry import Retry
    from ._store.recording import Recorded
    from .channels import Channel, Email
    from .clock import Clock, SystemClock
    from .domain.decisions import Decision, StaffWord
    from .domain.messages import Accepted, EmailMessage, Message, MessageState, SmsMessage
    from .domain.notices import Notice, all_of
    from .domain.orders import Order, OrderState
    from .domain.wire import event_from_wire, event_to_wire
    from .notices import default_notices
    from .notifier import Notifier
    from .ports import Observer, Transport

#: What a shop needs only where it makes its notifier is loaded when it is first asked for.
_LATER = {
    "Accepted": ".domain.messages",
    "Channel": ".channels",
    "ChannelPaused": "._engine.telemetry",
    "Clock": ".clock",
    "Decision": ".domain.decisions",
    "Email": ".channels",
    "EmailMessage": ".domain.messages",
    "LeaseRescued": "._engine.telemetry",
    "Message": ".domain.messages",
    "MessageFailed": "._engine.telemetry",
    "MessageSent": "._engine.telemetry",
    "MessageState": ".domain.messages",
    "Notice": ".domain.notices",
    "Notifier": ".notifier",
    "Observer": ".ports",
    "Order": ".domain.orders",
    "OrderState": ".domain.orders",
    "Policy": "._policy.policy",
    "Recorded": "._store.recording",
    "Retry": "._policy.retry",
    "SmsMessage": ".domain.messages",
    "StaffAsked": "._engine.telemetry",
    "StaffWord": ".domain.decisions",
    "SystemClock": ".clock",
    "Transport": ".ports",
    "all_of": ".domain.notices",
    "default_notices": ".notices",
    "event_from_wire": ".domain.wire",
    "event_to_wire": ".domain.wire",
}

__all__ = [
    "Accepted",
    "Channel",
    "ChannelPaused",
    "ChannelRefused",
    "Clock",
    "Customer",
    "CustomerAnswered",
    "CustomerAsked",
    "CustomerDecided",
    "CustomerUpdated",
    "Decision",
    "Email",
    "EmailMessage",
    "Event",
    "EventInvalid",
    "Item",
    "LeaseRescued",
    "Message",
    "MessageFailed",
    "MessageSent",
    "MessageState",
    "MissingExtra",
    "Money",
    "Notice",
    "NoticeInvalid",
    "Notifier",
    "NotifierNotOpen",
    "Observer",
    "Order",
    "OrderAccepted",
    "OrderBackordered",
    "OrderCancelled",
    "OrderClosed",
    "OrderDelayed",
    "OrderDelivered",
    "OrderEdited",
    "OrderPacked",
    "OrderPaid",
    "OrderPaymentFailed",
    "OrderPickedUp",
    "OrderPlaced",
    "OrderReadyForPickup",
    "OrderRefunded",
    "OrderReturnReceived",
    "OrderReturnRequested",
    "OrderShipped",
    "OrderSourcing",
    "OrderState",
    "Payment",
    "Permanent",
    "Place",
    "Policy",
    "ProactiveNotifyError",
    "Promise",
    "PromiseAtRisk",
    "PromiseBroken",
    "PromiseKind",
    "Recorded",
    "Retry",
    "SendError",
    "Shop",
    "SimulationStuck",
    "SmsMessage",
    "StaffAsked",
    "StaffWord",
    "StoreUnusable",
    "SystemClock",
    "TemplateInvalid",
    "TrackingStatus",
    "TrackingUpdated",
    "Transient",
    "Transport",
    "Uncertain",
    "UsageError",
    "all_of",
    "default_notices",
    "event_from_wire",
    "event_to_wire",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("importlib.metadata").version("proactive-notify")
    if name in _LATER:
        return getattr(import_module(_LATER[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
