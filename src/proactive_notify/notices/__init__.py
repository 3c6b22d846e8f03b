"""
The notices that are shipped, one family a module. They are also the example to copy.

To add one: subclass :class:`proactive_notify.Notice`, put a template folder of the same key where ``templates=`` finds
it, pass the class in ``Notifier(notices=[*default_notices, YourNotice])``, run ``proactive-notify check``.
"""

from ..domain.notices import Notice
from .asking import OrderStatus, QuestionReceived
from .delaying import DateChanged, Delayed, DelayedAgain, Late
from .ending import Cancelled, MustCancel, Resolution, Return
from .paying import PaymentFailed, PaymentPending, PaymentReceived, Refunded
from .placing import OrderChanged, OrderReceived
from .shipping import ArrivingTomorrow, Delivered, OutForDelivery, Packed, ReadyForPickup, Shipped, TrackingChanged
from .stalling import MovingAgain, NoMovement, NotPickedUp, StillNoMovement, TrackingBroken
from .troubling import ActionRequired, AttemptFailed, Trouble
from .waiting import Backordered, Holding, Preparing, Sourcing

#: Those that a shop has by default. The order is the order in which they are asked.
default_notices: tuple[type[Notice], ...] = (  # type: ignore[type-arg]  # each names its own event
    OrderReceived,
    PaymentPending,
    PaymentReceived,
    PaymentFailed,
    OrderChanged,
    Sourcing,
    Backordered,
    Delayed,
    DelayedAgain,
    NotPickedUp,
    Shipped,
    TrackingChanged,
    TrackingBroken,
    DateChanged,
    NoMovement,
    StillNoMovement,
    MovingAgain,
    OutForDelivery,
    AttemptFailed,
    ActionRequired,
    ReadyForPickup,
    Delivered,
    Late,
    MustCancel,
    Trouble,
    Resolution,
    Holding,
    Cancelled,
    Refunded,
    Return,
    OrderStatus,
    QuestionReceived,
)
#: Those that tell what some customers like to know and others call noise: ``notices=[*default_notices, Packed]``.
more_notices: tuple[type[Notice], ...] = (Preparing, Packed, ArrivingTomorrow)  # type: ignore[type-arg]

__all__ = [
    "ActionRequired",
    "ArrivingTomorrow",
    "AttemptFailed",
    "Backordered",
    "Cancelled",
    "DateChanged",
    "Delayed",
    "DelayedAgain",
    "Delivered",
    "Holding",
    "Late",
    "MovingAgain",
    "MustCancel",
    "NoMovement",
    "NotPickedUp",
    "OrderChanged",
    "OrderReceived",
    "OrderStatus",
    "OutForDelivery",
    "Packed",
    "PaymentFailed",
    "PaymentPending",
    "PaymentReceived",
    "Preparing",
    "QuestionReceived",
    "ReadyForPickup",
    "Refunded",
    "Resolution",
    "Return",
    "Shipped",
    "Sourcing",
    "StillNoMovement",
    "TrackingBroken",
    "TrackingChanged",
    "Trouble",
    "default_notices",
    "more_notices",
]
