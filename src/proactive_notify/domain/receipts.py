"""
What became of a message after a provider had taken it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class ReceiptKind(StrEnum):
    """What a provider says later."""

    #: The provider has it and goes on: it was taken, and did not arrive yet (SMS: queued, sending, sent).
    ACCEPTED = "accepted"
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
    #: The provider's own word, for example ``undelivered``; whatever it was, also one that we do not know.
    status: str = ""
    #: How far along the message was. What has no higher rank than what was said before is old, and changes nothing.
    #: ``None``: the provider's words have no order.
    rank: int | None = None
    #: The provider's own id of the message, as ``Accepted.reference`` has it.
    reference: str = ""
    #: The same channel may be tried again after so long, …
    retry_after: timedelta | None = None
    #: … and so many times in all; ``None``: this receipt does not say.
    tries: int | None = None
    #: Somebody of the shop has to act: every message will fare so.
    alerts: bool = False
    #: What the code means and what to do, for who has to act. It names nobody.
    says: str = ""
    #: What else was said, as it came. It may hold what belongs to a person, so it is never printed.
    details: Mapping[str, str] = Field(default={}, repr=False)
