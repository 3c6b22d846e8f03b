"""
What goes to a customer on one channel, and what a transport answers.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer


class MessageState(IntEnum):
    """
    Where a message stands. The numbers are what the tables hold.

    ``queued → claimed → sent``; SMS passes ``sending``; ``uncertain`` waits.
    """

    QUEUED = 0
    #: A sender holds it under a lease.
    CLAIMED = 1
    #: Written just before a call that cannot be repeated (SMS).
    SENDING = 2
    #: Perhaps handed over.
    UNCERTAIN = 3
    #: The provider took it.
    SENT = 4
    #: The address must not be used.
    SUPPRESSED = 5
    #: No longer true, or overtaken by a newer word.
    CANCELLED = 6
    #: Too late to be of use.
    EXPIRED = 7
    #: The provider will never take it.
    FAILED = 8


class Message(BaseModel):
    """
    The base of every message. A channel of your own subclasses it and adds its parts as fields.
    """

    model_config = ConfigDict(frozen=True, defer_build=True, hide_input_in_errors=True)

    #: The names of the template parts, each also a field: ``templates/<notice>/<channel>.<part>``.
    parts: ClassVar[tuple[str, ...]] = ()

    #: Stable for ever: the same for every try of this message.
    message_id: str
    order_id: str
    notice: str
    occasion: str
    #: The address on this channel.
    to: str
    #: A BCP 47 tag, for example ``pt-BR``.
    locale: str
    #: The instant that goes into a ``Date:`` header; aware UTC.
    at: datetime


def _bytes_of(value: Any) -> Any:
    return b64decode(value, validate=True) if isinstance(value, str) else value


def _base64_of(data: bytes) -> str:
    return b64encode(data).decode("ascii")


class InlineImage(BaseModel):
    """
    A picture that comes with an email and is shown in its HTML: ``<img src="cid:logo" alt="…">``.
    """

    model_config = ConfigDict(frozen=True, defer_build=True, hide_input_in_errors=True)

    #: What the HTML calls it after ``cid:`` (RFC 2392); no other picture of the mail is called so.
    content_id: str = Field(pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*(@[A-Za-z0-9.-]+)?$", max_length=60)
    #: For example ``image/png``.
    media_type: str = Field(pattern=r"^image/[a-z0-9][a-z0-9.+-]*$", max_length=60)
    #: The file as it is. In JSON, and where a string is given, it is base64.
    data: Annotated[bytes, BeforeValidator(_bytes_of), PlainSerializer(_base64_of, when_used="json")] = Field(
        min_length=1, repr=False
    )


class EmailMessage(Message):
    """An email with two parts that say the same."""

    parts: ClassVar[tuple[str, ...]] = ("subject", "text", "html")

    subject: str
    text: str
    html: str
    #: The customer's name for the ``To:`` header; may be empty.
    to_name: str = ""
    #: ``orders@shop.example`` or ``Shop <orders@shop.example>``.
    sender: str
    #: A person reads this address.
    reply_to: str = ""
    #: Further headers, for example ``List-Unsubscribe``. Names are ASCII; values hold no line breaks.
    headers: Mapping[str, str] = Field(default_factory=dict)
    #: Pictures that the HTML shows; without HTML they are left out.
    images: tuple[InlineImage, ...] = ()
    #: Where it comes back to (``MAIL FROM``); empty: the sender's address.
    return_path: str = ""
    #: What a delivery report names it by (``ENVID``, RFC 3461); empty: no report is asked for.
    envelope_id: str = ""


class SmsMessage(Message):
    """A text message."""

    parts: ClassVar[tuple[str, ...]] = ("text",)

    text: str
    #: The number or messaging service that sends.
    sender: str = ""
    #: After so long it is of no use: the provider may drop it. ``None``: as long as the provider keeps it.
    valid_for: timedelta | None = None


def _numbered(value: Any) -> Any:
    """Number the lines of a text from 1 on; blank lines do not count."""
    if not isinstance(value, str):
        return value
    lines = [" ".join(line.split()) for line in value.splitlines()]
    return {str(number): line for number, line in enumerate((line for line in lines if line), 1)}


class WhatsAppMessage(Message):
    """
    A WhatsApp message from a template that WhatsApp has approved; the template holds the words.

    The template part ``whatsapp.variables`` has a line for each variable of it: the first line is ``{{1}}``. WhatsApp
    takes no line breaks in a variable, and no empty one.
    """

    parts: ClassVar[tuple[str, ...]] = ("variables",)

    #: The approved template: ``HX`` and 32 hexadecimal digits at Twilio.
    content_sid: str
    #: By name. A text is read line by line: the names are then ``1``, ``2`` and so on.
    variables: Annotated[Mapping[str, str], BeforeValidator(_numbered)] = {}
    #: The number (E.164, with or without ``whatsapp:``) or messaging service that sends.
    sender: str = ""
    #: After so long it is of no use: the provider may drop it. ``None``: as long as the provider keeps it.
    valid_for: timedelta | None = None


class Accepted(BaseModel):
    """
    The provider took the message. It does not mean that it arrived.
    """

    model_config = ConfigDict(frozen=True, defer_build=True, hide_input_in_errors=True)

    #: The provider's own id, if it gave one.
    reference: str = ""
