"""
Makes sure that no customer is ever left in silence about an order.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._engine.telemetry import ChannelPaused, LeaseRescued, MessageFailed, MessageSent, StaffAsked
    from ._policy.policy import Policy
    from ._policy.retry import Retry
    from ._store.recording import Recorded
    from .channels import Channel, Email
    from .clock import Clock, SystemClock
    from .domain.customers import Customer, Place, Shop
    from .domain.decisions import Decision, StaffWord
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
    from .domain.messages import Accepted, EmailMessage, Message, MessageState, SmsMessage
    from .domain.money import Money
    from .domain.notices import Notice, all_of
    from .domain.orders import Order, OrderState
    from .domain.promises import Promise, PromiseKind
    from .domain.tracking import TrackingStatus
    from .domain.wire import event_from_wire, event_to_wire
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
    from .notices import default_notices
    from .notifier import Notifier
    from .ports import Observer, Transport

#: Where each name lives. It is loaded when it is first asked for, so that a program starts quickly.
_LATER = {
    "Accepted": ".domain.messages",
    "Channel": ".channels",
    "ChannelPaused": "._engine.telemetry",
    "ChannelRefused": ".errors",
    "Clock": ".clock",
    "Customer": ".domain.customers",
    "CustomerAnswered": ".domain.events",
    "CustomerAsked": ".domain.events",
    "CustomerDecided": ".domain.events",
    "CustomerUpdated": ".domain.events",
    "Decision": ".domain.decisions",
    "Email": ".channels",
    "EmailMessage": ".domain.messages",
    "Event": ".domain.event",
    "EventInvalid": ".errors",
    "Item": ".domain.items",
    "LeaseRescued": "._engine.telemetry",
    "Message": ".domain.messages",
    "MessageFailed": "._engine.telemetry",
    "MessageSent": "._engine.telemetry",
    "MessageState": ".domain.messages",
    "MissingExtra": ".errors",
    "Money": ".domain.money",
    "Notice": ".domain.notices",
    "NoticeInvalid": ".errors",
    "Notifier": ".notifier",
    "NotifierNotOpen": ".errors",
    "Observer": ".ports",
    "Order": ".domain.orders",
    "OrderAccepted": ".domain.events",
    "OrderBackordered": ".domain.events",
    "OrderCancelled": ".domain.events",
    "OrderClosed": ".domain.events",
    "OrderDelayed": ".domain.events",
    "OrderDelivered": ".domain.events",
    "OrderEdited": ".domain.events",
    "OrderPacked": ".domain.events",
    "OrderPaid": ".domain.events",
    "OrderPaymentFailed": ".domain.events",
    "OrderPickedUp": ".domain.events",
    "OrderPlaced": ".domain.events",
    "OrderReadyForPickup": ".domain.events",
    "OrderRefunded": ".domain.events",
    "OrderReturnReceived": ".domain.events",
    "OrderReturnRequested": ".domain.events",
    "OrderShipped": ".domain.events",
    "OrderSourcing": ".domain.events",
    "OrderState": ".domain.orders",
    "Payment": ".domain.items",
    "Permanent": ".errors",
    "Place": ".domain.customers",
    "Policy": "._policy.policy",
    "ProactiveNotifyError": ".errors",
    "Promise": ".domain.promises",
    "PromiseAtRisk": ".domain.events",
    "PromiseBroken": ".domain.events",
    "PromiseKind": ".domain.promises",
    "Recorded": "._store.recording",
    "Retry": "._policy.retry",
    "SendError": ".errors",
    "Shop": ".domain.customers",
    "SimulationStuck": ".errors",
    "SmsMessage": ".domain.messages",
    "StaffAsked": "._engine.telemetry",
    "StaffWord": ".domain.decisions",
    "StoreUnusable": ".errors",
    "SystemClock": ".clock",
    "TemplateInvalid": ".errors",
    "TrackingStatus": ".domain.tracking",
    "TrackingUpdated": ".domain.events",
    "Transient": ".errors",
    "Transport": ".ports",
    "Uncertain": ".errors",
    "UsageError": ".errors",
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
