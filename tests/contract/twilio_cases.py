"""What the tests of Twilio share: messages, and the name of what became of one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from proactive_notify.domain.messages import Accepted, Message, SmsMessage, WhatsAppMessage
from proactive_notify.errors import ChannelRefused, Permanent, SendError, Transient, Uncertain
from proactive_notify.transports import TwilioTransport
from tests.contract.twilio_server import SECRET, TOKEN

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
NUMBER = "+15005550009"
TEXT = "Olá João, o seu pedido A-1001 está a caminho"
TEMPLATE = "HX" + "0123456789abcdef" * 2
#: What no error, no log line and no repr may say.
SECRETS = (NUMBER, "5005550009", "João", "caminho", "A-1001", TOKEN, SECRET)


def _fields(fields: dict[str, Any]) -> dict[str, Any]:
    usual = {
        "message_id": "0198c2f0111172228333444455556666",
        "order_id": "A-1001",
        "notice": "shipped",
        "occasion": "parcel:1",
        "to": NUMBER,
        "locale": "pt-BR",
        "at": NOON,
    }
    return {**usual, **fields}


def sms(**fields: Any) -> SmsMessage:
    """A text message that is as usual but for what is given."""
    return SmsMessage(**_fields({"text": TEXT, **fields}))


def whatsapp(**fields: Any) -> WhatsAppMessage:
    """A WhatsApp message that is as usual but for what is given."""
    return WhatsAppMessage(**_fields({"content_sid": TEMPLATE, "variables": {"1": "João", "2": "A-1001"}, **fields}))


async def sent_or_refused(twilio: TwilioTransport, message: Message | None = None) -> Accepted | SendError:
    """What the transport says, or its error, which tells nothing about the customer and drags nothing behind it."""
    try:
        return await twilio.send(message or sms())  # type: ignore[arg-type]  # any message, also one that is refused
    except SendError as error:
        refused = error
    assert [] == [secret for secret in SECRETS if secret in f"{refused!s} {refused!r} {refused.code} {twilio!r}"]
    assert refused.__context__ is None
    assert refused.__cause__ is None
    return refused


def outcome(said: Accepted | SendError) -> str:
    """
    The name of what became of a message.

    ``sent``; ``again``, ``never``, ``number`` (never to this number), ``ours`` (the channel pauses), ``uncertain``; an
    exclamation mark is for an outage, with which the breaker counts.
    """
    outage = "!" if isinstance(said, SendError) and said.is_outage else ""
    match said:
        case Accepted():
            return "sent"
        case Transient():
            return f"again{outage}"
        case Permanent(suppress=True):
            return "number" if said.suppress_after == 1 else f"number-{said.suppress_after}"
        case Permanent():
            return "never"
        case ChannelRefused():
            return "ours"
        case Uncertain():
            return f"uncertain{outage}"
    raise AssertionError(f"{type(said).__name__} is no outcome")
