"""
A mail as the bytes that go over the wire.

Written by hand, because the standard library's generator takes thirty times as long, and turns long addresses in
``List-Unsubscribe`` into encoded words that no mail program reads. The same message gives the same bytes, always.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from ..domain.messages import EmailMessage
from ..errors import ChannelRefused, Permanent
from .addresses import Address, AddressInvalid, parse_address
from .mail_headers import HeaderInvalid, address_header, check, date_header, plain_header, text_header
from .mime_body import image_part, multipart, text_part

#: RFC 3834 section 5; the second is what Exchange heeds.
_QUIET = "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: OOF, AutoReply"
#: RFC 5322 section 3.6: at most one of each, and these are written here.
_WRITTEN = frozenset(
    "from to cc bcc sender reply-to subject date message-id in-reply-to references mime-version auto-submitted "
    "x-auto-response-suppress content-language content-type content-transfer-encoding".split()
)
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_ID = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
#: How many of the shop's own addresses, locales and seconds are remembered as they were written.
_REMEMBERED = 64


class Envelope(NamedTuple):
    """Who is named in ``MAIL FROM`` and ``RCPT TO``: plain addresses, domains as A-labels."""

    sender: str
    recipient: str

    @property
    def needs_smtputf8(self) -> bool:
        """Whether an address has a part before its ``@`` that is not ASCII (RFC 6531)."""
        return not (self.sender.isascii() and self.recipient.isascii())


def envelope(message: EmailMessage) -> Envelope:
    """
    Read the two addresses of the envelope: a mail comes back to its ``return_path``, or without one to its sender.

    Raises:
        Permanent: the customer's address is none; ``suppress`` is set.
        ChannelRefused: the return path or the sender's address is none.
    """
    back = _shops_address(message.return_path, "return_path") if message.return_path else _sender(message)
    return Envelope(back.spec, _recipient(message, name="").spec)


def needs_smtputf8(message: EmailMessage) -> bool:
    """Tell whether only a server that offers SMTPUTF8 can take ``message``: a local part beyond ASCII."""
    reply_to = message.reply_to
    named = [_sender(message), *([_own_address(reply_to, "reply_to")] if reply_to else [])]
    return envelope(message).needs_smtputf8 or not all(each.local.isascii() for each in named)


def encode(message: EmailMessage) -> bytes:
    """
    Write ``message`` as multipart/alternative, the text first and the HTML last, with its images as multipart/related;
    without HTML, as text alone.

    CRLF only, no line over 998 octets, ASCII (but for an address that needs SMTPUTF8), the same bytes every time. Dots
    at the beginning of a line are the transport's to double. A ``locale`` that is no language tag is left out.

    Raises:
        Permanent: a header's value holds a line break or another control character, or the customer's address is none
            (then ``suppress`` is set). The text names the header, and never its value.
        ChannelRefused: the sender's address or ``Reply-To`` is none: what the shop has set up is wrong.
    """
    try:
        return b"\r\n".join([_headers(message), *_body(message), b""])
    except HeaderInvalid as error:
        refusal = str(error)
    except UnicodeEncodeError:
        refusal = "The message holds halves of characters (lone surrogates)."
    raise Permanent(refusal, code="content")


def message_id(message: EmailMessage) -> str:
    """Return the ``Message-ID`` with its angle brackets; a function of the message's id and the sender's domain."""
    return _message_id(message, _sender(message).domain)


def thread_id(message: EmailMessage) -> str:
    """Return the id that all mails about an order refer to, so that mail programs show them together."""
    return _thread_id(message, _sender(message).domain)


def _message_id(message: EmailMessage, domain: str) -> str:
    own = message.message_id
    if len(own) > 120 or not _ID.fullmatch(own):
        own = _digest(own)
    return f"<{own}@{domain}>"


def _thread_id(message: EmailMessage, domain: str) -> str:
    return f"<order-{_digest(message.order_id)}@{domain}>"


def _headers(message: EmailMessage) -> bytes:
    sender, recipient = _sender(message), _recipient(message, name=message.to_name)
    thread = _thread_id(message, sender.domain)
    own = [_own_header("Reply-To", message.reply_to, "reply_to")] if message.reply_to else []
    lines = [_own_header("From", message.sender, "sender"), address_header("To", recipient), *own]
    lines += (
        text_header("Subject", message.subject),
        _date(message.at),
        f"Message-ID: {_message_id(message, sender.domain)}",
        f"In-Reply-To: {thread}",
        f"References: {thread}",
        _fixed(message.locale),
    )
    for name, value in message.headers.items():
        lines.append(_further_header(name, value))
    lines.append("MIME-Version: 1.0")
    return "\r\n".join(lines).encode()


@lru_cache(_REMEMBERED)
def _fixed(locale: str) -> str:
    """What is the same in every mail of a language."""
    language = locale.replace("_", "-")
    return f"{_QUIET}\r\nContent-Language: {language}" if _LANGUAGE.fullmatch(language) else _QUIET


def _date(at: datetime) -> str:
    # Two instants that are equal, in two zones, are two headers: only those in UTC are remembered.
    return _utc_date(at.replace(microsecond=0)) if at.tzinfo is UTC else date_header(at)


@lru_cache(_REMEMBERED)
def _utc_date(second: datetime) -> str:
    return date_header(second)


def _further_header(name: str, value: str) -> str:
    check(name, value)
    if name.lower() in _WRITTEN:
        raise HeaderInvalid(f"The header {name} is written already; it must not be given again.")
    is_free_text = not value.isascii() and not name.lower().startswith("list-")
    return text_header(name, value) if is_free_text else plain_header(name, value)


def _body(message: EmailMessage) -> list[bytes]:
    text = text_part(message.text, "plain")
    if not message.html:
        return text
    html, mark = text_part(message.html, "html"), _digest(message.message_id)
    if message.images:
        if len(message.images) > len({image.content_id for image in message.images}):
            raise HeaderInvalid("Two images of the message have the same content_id.")
        # RFC 2387: the first part is the root, and `type` says what it is. Neither mark begins with the other.
        parts = [html, *map(image_part, message.images)]
        html = multipart('related; type="text/html"', parts, mark=f"=_.{mark}")
    return multipart("alternative", [text, html], mark=f"=_{mark}")


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _recipient(message: EmailMessage, *, name: str) -> Address:
    try:
        address = parse_address(message.to)
    except AddressInvalid as error:
        refusal = str(error)
    else:
        return Address(name, address.local, address.domain) if name else address
    raise Permanent(f"The customer's address is no mail address: {refusal}.", code="address", suppress=True)


def _sender(message: EmailMessage) -> Address:
    return _own_address(message.sender, "sender")


@lru_cache(_REMEMBERED)
def _own_header(name: str, text: str, field: str) -> str:
    return address_header(name, _own_address(text, field))


@lru_cache(_REMEMBERED)
def _own_address(text: str, field: str) -> Address:
    """Read an address of the shop's own; there are few of them."""
    return _shops_address(text, field)


def _shops_address(text: str, field: str) -> Address:
    try:
        return parse_address(text)
    except AddressInvalid as error:
        refusal = str(error)
    raise ChannelRefused(f"The shop's own address ({field}) is no mail address: {refusal}.", code="address")
