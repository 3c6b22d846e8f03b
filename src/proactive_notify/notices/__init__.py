"""
The notices that are shipped, one family a module. They are also the example to copy.

To add one: subclass :class:`proactive_notify.Notice`, put a template folder of the same key where ``templates=`` finds
it, pass the class in ``Notifier(notices=[*default_notices, YourNotice])``, run ``proactive-notify check``.
"""

from ..domain.notices import Notice
from .asking import OrderStatus
from .delaying import DateChanged, Delayed, DelayedAgain, Late, NoMovement
from .ending import Cancelled, Resolution
from .paying import PaymentFailed, PaymentReceived, Refunded
from .placing import OrderReceived
from .shipping import Delivered, OutForDelivery, Shipped
from .waiting import Backordered, Holding, Sourcing

#: All of them. The order is the order in which they are asked.
default_notices: tuple[type[Notice], ...] = (  # type: ignore[type-arg]  # each names its own event
    OrderReceived,
    PaymentReceived,
    PaymentFailed,
    Sourcing,
    Backordered,
    Delayed,
    DelayedAgain,
    Shipped,
    DateChanged,
    NoMovement,
    OutForDelivery,
    Delivered,
    Late,
    Resolution,
    Holding,
    Cancelled,
    Refunded,
    OrderStatus,
)

__all__ = [
    "Backordered",
    "Cancelled",
    "DateChanged",
    "Delayed",
    "DelayedAgain",
    "Delivered",
    "Holding",
    "Late",
    "NoMovement",
    "OrderReceived",
    "OrderStatus",
    "OutForDelivery",
    "PaymentFailed",
    "PaymentReceived",
    "Refunded",
    "Resolution",
    "Shipped",
    "Sourcing",
    "default_notices",
]
