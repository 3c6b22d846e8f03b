"""
What Twilio calls back: what became of a message, and what a customer wrote.
"""

import base64
import hmac
import json
import os
import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, Self
from urllib.parse import SplitResult, parse_qsl, urlsplit

from ..domain.receipts import Receipt, ReceiptKind
from ..domain.replies import Reply
from ..domain.twilio_codes import receipt_of
from ..errors import UsageError

#: How much of a body is read, in bytes: a text message has at most 1,600 characters, one on WhatsApp 65,536.
LONGEST = 1024 * 1024
_MOST_FIELDS = 1000

_SIGNATURE = "x-twilio-signature"
#: Which key and which hash made the signature: ``key=…,algorithm=HMAC_SHA256``. Missing: the Auth Token and SHA-1.
_SETTINGS = "x-twilio-webhooks-signature-settings"
_HASHES: Mapping[str, str] = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}
_FORM = "application/x-www-form-urlencoded"
#: The name in the URL's query that holds the hash of a body that is no form.
_BODY_HASH = "bodySHA256"
_PORTS: Mapping[str, int] = {"https": 443, "http": 80}
_HOST_AND_PORT = re.compile(r"(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?")

#: Status → how far along the message is, and what it means for it. Twilio's calls come late, repeated and out of order.
#: https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks
_STATUSES: Mapping[str, tuple[int, ReceiptKind]] = {
    "accepted": (0, ReceiptKind.ACCEPTED),
    "scheduled": (0, ReceiptKind.ACCEPTED),
    "queued": (1, ReceiptKind.ACCEPTED),
    "sending": (2, ReceiptKind.ACCEPTED),
    "sent": (3, ReceiptKind.ACCEPTED),
    "partially_delivered": (3, ReceiptKind.ACCEPTED),
    "delivered": (4, ReceiptKind.DELIVERED),
    "undelivered": (4, ReceiptKind.BOUNCED),
    "failed": (4, ReceiptKind.REJECTED),
    "canceled": (4, ReceiptKind.REJECTED),
    "read": (5, ReceiptKind.DELIVERED),
}
#: ``SmsStatus`` of what a customer wrote.
_INBOUND = frozenset({"received", "receiving"})
#: Where Twilio says what a code means and what to do.
_ERRORS = "https://www.twilio.com/docs/api/errors"
#: What of a status callback is not kept: addresses and the customer's words.
_NO_DETAILS = frozenset({"From", "To", "Body", "ChannelToAddress"})
#: What of a reply has a field of its own, and the other names of its id.
_NO_EXTRA = frozenset(
    "MessageSid SmsMessageSid SmsSid SmsStatus From To Body OptOutType NumMedia OriginalRepliedMessageSid".split()
)
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,90}")
_WORD = re.compile(r"[a-z][a-z_ -]{0,39}")
#: ``whatsapp:+491711234567``; without a prefix it is SMS.
_ADDRESS = re.compile(r"(?:([a-z]{1,20}):)?(.{1,200})", re.DOTALL)
#: The name in a callback's query that says which message of ours it is about.
_MESSAGE = "nid"


def rank(status: str) -> int | None:
    """
    Tell how far along a message with this status is, from 0 (accepted) to 5 (read); ``None`` if we do not know it.

    Of two callbacks the one with the higher rank is the later, whichever came first; of two with the same, the first.
    """
    found = _STATUSES.get(status.strip().lower())
    return None if found is None else found[0]


class TwilioReceipts:
    """
    Verifies and reads the calls of Twilio to one address of the shop's website.

    ::

        twilio = TwilioReceipts(auth_token, url="https://shop.example/hooks/twilio")
        if twilio.verify(request.headers, body, url=str(request.url)):
            await notifier.receive(twilio.parse(body, url=str(request.url)))
            reply = twilio.parse_reply(body)      # what a customer wrote, or None

    Args:
        auth_token: the account's primary Auth Token, which signs unless a shared key does.
        url: the address as *Twilio* calls it: what stands in its console, or what was given as ``StatusCallback``.
            Behind a proxy this is not the address that your server sees, and never what the header ``Host`` says.
        shared_keys: id of a key → its secret, for calls that are signed with SHA-256.

    Raises:
        UsageError: the token is empty, or the URL is none.
    """

    def __init__(self, auth_token: str, *, url: str, shared_keys: Mapping[str, str] | None = None) -> None:
        if not auth_token.strip():
            raise UsageError("TwilioReceipts needs the account's Auth Token; without it anybody's word would count")
        self._secret = auth_token.strip().encode()
        self._shared = {key: secret.encode() for key, secret in (shared_keys or {}).items() if secret}
        self._bases = _bases(url.strip())
        self._query = _query(url.strip())

    @classmethod
    def from_env(cls, *, url: str = "", shared_keys: Mapping[str, str] | None = None) -> Self:
        """
        Make one with the token of ``TWILIO_AUTH_TOKEN``, and the URL of ``PN_TWILIO_CALLBACK`` unless one is given.

        Raises:
            UsageError: a variable is not set, or the URL is none.
        """
        token, callback = os.environ.get("TWILIO_AUTH_TOKEN", ""), url or os.environ.get("PN_TWILIO_CALLBACK", "")
        if not token or not callback:
            raise UsageError(
                "Set TWILIO_AUTH_TOKEN to the Auth Token of your account, and PN_TWILIO_CALLBACK to the address that "
                "Twilio calls."
            )
        return cls(token, url=callback, shared_keys=shared_keys)

    def verify(self, headers: Mapping[str, str], body: bytes, *, url: str = "") -> bool:
        """
        Tell whether a call is Twilio's own. It raises nothing, whatever was sent.

        Of ``url``, what your server was called with, only the query counts; the rest is the address of the
        constructor, so neither a proxy nor a forged header can change what is checked. Nothing in a call says when it
        was made: whoever saw one can repeat it, so what follows from it must be harmless the second time.

        Source: https://www.twilio.com/docs/usage/security
        """
        named = {name.lower(): value for name, value in headers.items()}
        signature = named.get(_SIGNATURE, "").strip().encode("utf-8", "replace")
        key = self._key(named.get(_SETTINGS, ""))
        query = _query(url) or self._query
        signed = _signed(named.get("content-type", ""), body, query)
        if not signature or key is None or signed is None:
            return False
        secret, algorithm = key
        urls = [f"{base}?{query}" if query else base for base in self._bases]
        made = [hmac.digest(secret, each.encode("utf-8", "replace") + signed, algorithm) for each in urls]
        # Each is compared, so that the time says nothing about which one it was.
        return any([hmac.compare_digest(base64.b64encode(each), signature) for each in made])  # noqa: C419

    def parse(self, body: bytes, *, url: str = "") -> list[Receipt]:
        """
        Read a status callback: one receipt, or none if it is about no message of ours or is what a customer wrote.

        Args:
            url: what your server was called with, the one that was verified: ``?nid=`` says which message it is.
        """
        fields = _fields(body)
        status = _status(fields)
        message_id = _named(_query(url), _MESSAGE)
        if not status or not _ID.fullmatch(message_id):
            return []
        where, kind = _STATUSES.get(status, (None, ReceiptKind.UNKNOWN))
        receipt = Receipt(
            message_id=message_id,
            kind=kind,
            status=status,
            rank=where,
            reference=_plain(fields.get("MessageSid") or fields.get("SmsSid", "")),
            details={name: value for name, value in fields.items() if name not in _NO_DETAILS},
        )
        return [receipt.model_copy(update=_failure(kind, fields.get("ErrorCode", "")))]

    def parse_reply(self, body: bytes) -> Reply | None:
        """Read what a customer wrote; ``None`` if it is a status callback or nothing of the kind."""
        fields = _fields(body)
        id = next((fields[name] for name in ("MessageSid", "SmsMessageSid", "SmsSid") if fields.get(name)), "")
        sender = _ADDRESS.fullmatch(fields.get("From", ""))
        if _status(fields) or not _ID.fullmatch(id) or sender is None:
            return None
        receiver = _ADDRESS.fullmatch(fields.get("To", ""))
        count = fields.get("NumMedia", "")
        return Reply(
            id=id,
            source="twilio",
            channel=sender[1] or "sms",
            sender=sender[2],
            to=receiver[2] if receiver else "",
            text=fields.get("Body") or fields.get("ButtonText", ""),
            opt_out_type=fields.get("OptOutType", "").strip().upper(),
            media=int(count) if count.isascii() and count.isdigit() and len(count) < 4 else 0,
            in_reply_to=_plain(fields.get("OriginalRepliedMessageSid", "")),
            extra={name: value for name, value in fields.items() if name not in _NO_EXTRA},
        )

    def _key(self, settings: str) -> tuple[bytes, str] | None:
        """The secret and the hash that a call names; ``None`` if we do not have the one or know the other."""
        pairs = (part.partition("=") for part in settings.split(","))
        said = {name.strip().lower(): value.strip() for name, _, value in pairs}
        algorithm = _HASHES.get((said.get("algorithm") or "HMAC_SHA1").upper())
        if algorithm is None:
            return None
        if not said.get("key"):
            return (self._secret, algorithm) if algorithm == "sha1" else None
        secret = self._shared.get(said["key"])
        return None if secret is None else (secret, algorithm)


# -- what is signed ----------------------------------------------------------------------------------------------------


def _bases(url: str) -> tuple[str, ...]:
    """Return a URL without its query, as it is, with its port and without: Twilio signs now one, now the other."""
    parts = _split(url)
    found = _HOST_AND_PORT.fullmatch(parts.netloc.rpartition("@")[2]) if parts else None
    if parts is None or found is None or parts.scheme not in _PORTS or not found[1]:
        raise UsageError("the url of TwilioReceipts is the address that Twilio calls, like https://shop.example/twilio")
    user = parts.netloc.rpartition("@")[0]
    front = f"{user}@{found[1]}" if user else found[1]
    port = found[2] or _PORTS[parts.scheme]
    whole = url.partition("#")[0].partition("?")[0]
    every = (whole, f"{parts.scheme}://{front}{parts.path}", f"{parts.scheme}://{front}:{port}{parts.path}")
    return tuple(dict.fromkeys(every))


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _query(url: str) -> str:
    """The query as it was written: it is signed, so it must not be decoded and encoded again."""
    return url.partition("#")[0].partition("?")[2]


def _signed(content_type: str, body: bytes, query: str) -> bytes | None:
    """
    Return what the signature covers beyond the URL; ``None`` if the body is not the one that the URL names.

    A form: each name and its value, sorted, a pair that is there twice counted once. Anything else is covered by its
    hash in the query; where there is none it is read as a form, so that no body is believed that nobody signed.
    """
    if len(body) > LONGEST:
        return None
    said = _named(query, _BODY_HASH)
    if said and content_type.partition(";")[0].strip().lower() != _FORM:
        made = sha256(body).hexdigest()
        return b"" if hmac.compare_digest(made.encode(), said.lower().encode("utf-8", "replace")) else None
    try:
        pairs = _pairs(body, errors="surrogateescape")
    except ValueError:
        return None
    return "".join(name + value for name, value in sorted(set(pairs))).encode("utf-8", "surrogateescape")


# -- what is read ------------------------------------------------------------------------------------------------------


def _pairs(body: bytes, *, errors: str) -> list[tuple[str, str]]:
    text = body.decode("utf-8", errors)
    return parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors=errors)


def _named(query: str, name: str) -> str:
    """A value of a query; empty if it is not there, or the query is not to be read."""
    try:
        return dict(parse_qsl(query, max_num_fields=_MOST_FIELDS)).get(name, "")
    except ValueError:
        return ""


def _fields(body: bytes) -> dict[str, str]:
    """Return the fields of a form or of a JSON object, whatever they are; of a name that comes twice the first."""
    if len(body) > LONGEST:
        return {}
    pairs: Iterable[tuple[str, Any]]
    fields: dict[str, str] = {}
    try:
        is_json = body.lstrip()[:1] == b"{"
        pairs = json.loads(body).items() if is_json else _pairs(body, errors="replace")
        for name, value in pairs:
            fields.setdefault(_whole(name), _whole(value))
    except (ValueError, RecursionError):
        return {}
    return fields


def _whole(value: Any) -> str:
    """Any value of JSON as a text without halves of characters, which no database takes."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "replace").decode()


def _status(fields: Mapping[str, str]) -> str:
    """The status of a message of ours; empty if this is not about one."""
    said = (fields.get("MessageStatus") or fields.get("SmsStatus", "")).strip().lower()
    if said in _INBOUND:
        return ""
    return said if not said or _WORD.fullmatch(said) else "unreadable"


def _failure(kind: ReceiptKind, code: str) -> dict[str, Any]:
    """What follows from the code of a message that did not arrive."""
    if kind not in (ReceiptKind.BOUNCED, ReceiptKind.REJECTED):
        return {}
    failure = receipt_of(code.strip())
    return {
        "code": failure.code,
        "suppress": failure.suppress,
        "suppress_after": failure.suppress_after,
        "retry_after": failure.retry_after,
        "tries": failure.tries,
        "alerts": failure.alerts,
        "says": f"{failure.says}{f' ({_ERRORS}/{failure.code})' if failure.code else ''}",
    }


def _plain(text: str) -> str:
    return text if _ID.fullmatch(text) else ""
