"""What the tests of the SMTP transport share: a mail, a clock that is pushed, and the name of what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from proactive_notify.domain.messages import EmailMessage
from proactive_notify.errors import ChannelRefused, Permanent, SendError, Transient, Uncertain
from proactive_notify.transports import SmtpTransport

#: What no error may say.
SECRETS = ("joao", "example.net", "João", "segredo", "A-1001", "loja.example")
#: A server that offers nothing of PIPELINING, and one that does.
MODES = ("stepping", "pipelining")


def mail(**fields: Any) -> EmailMessage:
    """A mail that is as usual but for what is given; another ``message_id`` makes another of it."""
    usual: dict[str, Any] = {
        "message_id": "0198c2f0-1111-7222-8333-444455556666",
        "order_id": "A-1001",
        "notice": "shipped",
        "occasion": "parcel:1",
        "to": "joao@example.net",
        "to_name": "João Silva",
        "locale": "pt-BR",
        "at": datetime(2026, 1, 5, 9, tzinfo=UTC),
        "subject": "Seu pedido está a caminho",
        "text": "Olá João,\n\nseu segredo está a caminho.\n.\n..\n.fim\n",
        "html": f"<html><body>{'<p>Olá João, está a caminho.</p>' * 300}</body></html>\n",
        "sender": "Loja Exemplo <pedidos@loja.example>",
        "reply_to": "ajuda@loja.example",
    }
    return EmailMessage(**{**usual, **fields})


@dataclass
class HandClock:
    """A clock that goes when it is pushed, or slept by."""

    seconds: float = 0

    def now(self) -> datetime:
        return datetime(2026, 1, 5, 9, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


async def sent_or_refused(smtp: SmtpTransport, message: EmailMessage | None = None) -> SendError | None:
    """None if the mail was sent; else the error, that tells nothing about the customer and drags nothing behind it."""
    try:
        await smtp.send(message or mail())
    except SendError as error:
        refused = error
    else:
        return None
    assert not [secret for secret in SECRETS if secret in f"{refused!s} {refused!r} {refused.code}"]
    assert refused.__context__ is None
    assert refused.__cause__ is None
    return refused


def outcome(error: SendError | None) -> str:
    """
    The name of what became of a mail.

    ``sent``; ``again`` (a matter of time), ``outage`` (of this server, for every mail), each with the time to wait;
    ``never``, ``address`` (never to this address), ``address-2`` (when it was refused twice); ``ours`` (the channel
    pauses); ``uncertain``. ``/3``: at most three tries.
    """
    match error:
        case None:
            return "sent"
        case Transient():
            minutes = int(error.retry_after.total_seconds() // 60) if error.retry_after else 0
            wait = f"+{minutes}m" if minutes else ""
            return ("outage" if error.is_outage else "again") + wait + (f"/{error.tries}" if error.tries else "")
        case Permanent(suppress=True):
            return "address" if error.suppress_after == 1 else f"address-{error.suppress_after}"
        case Permanent():
            return "never"
        case ChannelRefused():
            return "ours"
        case Uncertain():
            return "uncertain"
    raise AssertionError(f"{type(error).__name__} is no outcome")
