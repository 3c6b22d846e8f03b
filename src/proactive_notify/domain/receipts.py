"""
What became of a message after a provider had taken it.
"""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class ReceiptKind(StrEnum):
    """What a provider says later."""

    #: It is in the mailbox, or on the telephone.
    DELIVERED = "delivered"
    #: The provider goes on trying: no failure (RFC 3464, ``Action: delayed``).
    DEFERRED = "deferred"
    #: It came back.
    BOUNCED = "bounced"
    #: The provider dropped it after taking it.
    REJECTED = "rejected"
    #: The customer called it spam (RFC 5965).
    COMPLAINED = "complained"
    #: The customer wants no more on this channel.
    UNSUBSCRIBED = "unsubscribed"
    UNKNOWN = "unknown"


class Receipt(BaseModel):
    """
    One word of a provider about one message. It names the message by our own id, never by an address.
    """

    model_config = ConfigDict(frozen=True, defer_build=True, hide_input_in_errors=True)

    #: ``Message.message_id``.
    message_id: str
    kind: ReceiptKind
    #: When the provider said it; aware UTC. ``None``: now.
    at: datetime | None = None
    #: The provider's code, for example ``5.1.1`` (RFC 3463).
    code: str = ""
    #: The *address* is to blame: it must not be used again on this channel.
    suppress: bool = False
    #: … from so many such receipts or refusals on.
    suppress_after: int = 1
