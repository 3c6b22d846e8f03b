"""
Words to the staff as JSON to a URL of the shop's own, signed as Standard Webhooks has it.
"""

import os
from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from collections.abc import Mapping
from datetime import timedelta
from hmac import digest
from typing import Any, Self
from urllib.parse import urlsplit

from aiohttp import ClientConnectionError, ClientConnectorError, ClientError, ClientSession, ClientTimeout
from aiohttp import ConnectionTimeoutError as ConnectTimeout

from ..domain.messages import Accepted
from ..domain.staffing import StaffMessage
from ..errors import ChannelRefused, Permanent, SendError, Transient, Uncertain, UsageError

_PREFIX = "whsec_"
#: Standard Webhooks: a symmetric key has 24 to 64 bytes.
_SHORTEST, _LONGEST = 24, 64
_TYPE = "staff.words"


class WebhookTransport:
    """
    POSTs JSON to a URL. What is not answered with a status from 200 to 299 goes again.

    The body is ``{"type": "staff.words", "timestamp": …, "data": {…}}``, the data as :class:`StaffMessage` has it. Its
    headers are those of Standard Webhooks 1.0: ``webhook-id``, the same for every try of a message,
    ``webhook-timestamp``, seconds since 1970, and ``webhook-signature``, ``v1,`` and the Base64 of HMAC-SHA256 over
    ``<id>.<timestamp>.<body>``. No redirect is followed.

    Args:
        url: https, or http where the wire is your own.
        secret: ``whsec_`` and the Base64 of 24 to 64 bytes.
        timeout: for the whole call.

    Raises:
        UsageError: the URL or the secret cannot be used. The text repeats neither.
    """

    def __init__(self, url: str, *, secret: str, timeout: timedelta = timedelta(seconds=10)) -> None:
        self._url, self._key, self._timeout = _checked(url), _key(secret), timeout

    @classmethod
    def from_env(cls, **options: Any) -> Self:
        """
        Make a transport from ``PN_STAFF_WEBHOOK_URL`` and ``PN_STAFF_WEBHOOK_SECRET``; ``options`` win.

        Raises:
            UsageError: what is needed is not set, or cannot be what it should be.
        """
        env = os.environ
        given = {"url": env.get("PN_STAFF_WEBHOOK_URL", ""), "secret": env.get("PN_STAFF_WEBHOOK_SECRET", "")}
        return cls(**{**given, **options})

    def __repr__(self) -> str:
        return "WebhookTransport(…)"

    async def send(self, message: StaffMessage) -> Accepted:
        body = _body(message)
        headers = signed(message.message_id, int(message.at.timestamp()), body, key=self._key)
        failure: SendError
        try:
            status, retry_after = await self._post(body, headers)
        except ValueError as error:
            failure = ChannelRefused("The webhook's URL cannot be called.", code=type(error).__name__)
        except (ClientConnectorError, ConnectTimeout) as error:
            failure = Transient("The webhook cannot be reached.", code=type(error).__name__, is_outage=True)
        except (ClientError, ClientConnectionError, TimeoutError, OSError) as error:
            failure = Uncertain("The webhook did not answer.", code=type(error).__name__)
        else:
            if 200 <= status < 300:
                return Accepted(reference=message.message_id)
            failure = _refusal(status, retry_after)
        raise failure

    async def _post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, timedelta | None]:
        limit = ClientTimeout(total=self._timeout.total_seconds())
        async with (
            ClientSession(timeout=limit) as session,
            session.post(self._url, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            wait = answer.headers.get("Retry-After", "")
            return answer.status, timedelta(seconds=int(wait)) if wait.isascii() and wait.isdigit() else None


def signed(id: str, timestamp: int, body: bytes, *, key: bytes) -> dict[str, str]:
    """Return the headers of a call: Standard Webhooks, "Webhook Headers" and "Signature scheme"."""
    signature = b64encode(digest(key, f"{id}.{timestamp}.".encode() + body, "sha256")).decode("ascii")
    return {
        "content-type": "application/json",
        "user-agent": "proactive-notify",
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }


def _body(message: StaffMessage) -> bytes:
    data = message.model_dump_json(include={"notice", "locale", "subject", "text", "lines"})
    timestamp = message.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return f'{{"type":"{_TYPE}","timestamp":"{timestamp}","data":{data}}}'.encode()


def _refusal(status: int, retry_after: timedelta | None) -> SendError:
    code = str(status)
    if status in (401, 403):
        return ChannelRefused("The webhook refused us.", code=code)
    if status in (408, 425, 429) or status >= 500:
        return Transient("The webhook is busy.", code=code, retry_after=retry_after, is_outage=status >= 500)
    return Permanent("The webhook did not take it.", code=code)


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_url = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_url = False
    if not is_url:
        raise UsageError("`url` of WebhookTransport is no URL, like https://shop.example/hooks/staff.")
    return url


def _key(secret: str) -> bytes:
    try:
        key = b64decode(secret.removeprefix(_PREFIX), validate=True) if secret.startswith(_PREFIX) else b""
    except (NoBase64, ValueError):
        key = b""
    if not _SHORTEST <= len(key) <= _LONGEST:
        raise UsageError(
            f"`secret` of WebhookTransport is {_PREFIX} and the Base64 of {_SHORTEST} to {_LONGEST} random bytes."
        )
    return key
