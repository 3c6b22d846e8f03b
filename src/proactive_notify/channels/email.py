"""
Email.
"""

from collections.abc import Mapping

from .._policy.pace import Pace
from ..domain.customers import Customer, Shop
from ..domain.messages import EmailMessage, Message
from ..domain.return_path import ReturnPath
from ..ports import Transport
from .channel import Channel


class Email(Channel):
    """
    Email on a transport.

    Args:
        sender: ``orders@shop.example`` or ``Shop <orders@shop.example>``.
        return_path: where mails come back to, each to an address of its own that names the message, so that
            :class:`proactive_notify.receipts.Bounces` can read what comes back. Without it they come back to the
            sender's address, and nobody knows which message it was.
        pace: how fast it may send, all workers together; ``None``: as fast as the server takes it.
    """

    def __init__(
        self, transport: Transport, *, sender: str, return_path: ReturnPath | None = None, pace: Pace | None = None
    ) -> None:
        super().__init__("email", message=EmailMessage, transport=transport, address=_mailbox, pace=pace)
        self.sender = sender
        self.return_path = return_path

    def compose(
        self, common: Mapping[str, object], parts: Mapping[str, str], *, shop: Shop, customer: Customer
    ) -> Message:
        if self.return_path is not None:
            message_id = str(common["message_id"])
            way_back = {
                "return_path": self.return_path.address(message_id),
                "envelope_id": self.return_path.token(message_id),
            }
            common = {**common, **way_back}
        return super().compose(common, parts, shop=shop, customer=customer)

    def extra(self, *, shop: Shop, customer: Customer) -> Mapping[str, object]:
        return {"sender": self.sender, "reply_to": shop.reply_to or "", "to_name": customer.name or ""}


def _mailbox(customer: Customer) -> str | None:
    return customer.mailbox
