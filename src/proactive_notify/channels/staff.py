"""
The shop's own people.
"""

from collections.abc import Mapping

from ..domain.customers import Customer, Shop
from ..domain.messages import Message
from ..domain.staffing import StaffMessage
from ..errors import UsageError
from ..ports import Transport
from .channel import Channel


class Staff:
    """
    How the shop's people hear what they should know or do: what waits goes as one message, in office hours.

    Args:
        to: their mail address, written to over the notifier's channel ``email``; or a transport that takes
            :class:`proactive_notify.StaffMessage`, for example ``WebhookTransport`` or ``AppriseTransport``.

    Raises:
        UsageError: it is no mail address. The text does not repeat it.
    """

    def __init__(self, to: str | Transport) -> None:
        self.address = ""
        self.transport: Transport | None = None
        if isinstance(to, str):
            self.address = Customer(email=to).mailbox or ""
            if not self.address:
                raise UsageError("Staff() needs a mail address, like team@shop.example, or a transport")
        else:
            self.transport = to

    def compose(
        self, common: Mapping[str, object], parts: Mapping[str, str], *, shop: Shop, email: Channel | None
    ) -> tuple[Transport, Message]:
        """
        Make the message, and say which transport takes it.

        Args:
            common: the fields that every message has, and ``lines``.
            parts: ``subject`` and ``text``.
        """
        if self.transport is not None:
            return self.transport, StaffMessage.model_validate({**common, **parts, "to": "staff"})
        assert email is not None, "the notifier has seen to it"
        plain = {name: value for name, value in common.items() if name != "lines"}
        where = {"to": self.address, "order_id": _thread(common)}
        mail = email.compose({**plain, **where}, {**parts, "html": ""}, shop=shop, customer=Customer())
        return email.transport, mail


def _thread(common: Mapping[str, object]) -> str:
    """Return what makes a thread of mails: those about one order alone. It is no order's own."""
    lines = common["lines"]
    orders = {each.order_id for each in lines} if isinstance(lines, tuple) else set()
    return f"staff {orders.pop()}" if len(orders) == 1 else f"staff {common['message_id']}"
