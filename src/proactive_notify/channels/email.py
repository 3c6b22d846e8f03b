"""
Email.
"""

from collections.abc import Mapping

from ..domain.customers import Customer, Shop
from ..domain.messages import EmailMessage
from ..ports import Transport
from .channel import Channel


class Email(Channel):
    """
    Email on a transport.

    Args:
        sender: ``orders@shop.example`` or ``Shop <orders@shop.example>``.
    """

    def __init__(self, transport: Transport, *, sender: str) -> None:
        super().__init__("email", message=EmailMessage, transport=transport, address=_mailbox)
        self.sender = sender

    def extra(self, *, shop: Shop, customer: Customer) -> Mapping[str, object]:
        return {"sender": self.sender, "reply_to": shop.reply_to or "", "to_name": customer.name or ""}


def _mailbox(customer: Customer) -> str | None:
    return customer.mailbox
