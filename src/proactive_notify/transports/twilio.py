"""
SMS and WhatsApp by Twilio.
"""

import json
import logging
import os
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Self
from urllib.parse import quote, urlsplit, urlunsplit

from ..clock import Clock, SystemClock
from ..domain.messages import Accepted, SmsMessage, WhatsAppMessage
from ..domain.twilio_codes import answer_row, refusal
from ..errors import ChannelRefused, Permanent, SendError, Transient, Uncertain, UsageError
from .twilio_calls import Account, Call, Line
from .twilio_finding import Search

log = logging.getLogger("proactive_notify")

_API = "https://api.twilio.com"
_ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
_KEY = re.compile(r"SK[0-9a-fA-F]{32}")
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
_REFERENCE = re.compile(r"[A-Za-z0-9]{1,64}")
_WHATSAPP = "whatsapp:"
#: Seconds that Twilio may keep a message (``ValidityPeriod``).
_SHORTEST, _LONGEST = 1, 36_000
#: A provider that asks for more would park a message for good.
_LONGEST_WAIT = timedelta(days=1)
#: Statuses of a message that was created and has failed already; no callback comes for the first status.
_FAILED_AT_ONCE = frozenset({"failed", "undelivered", "canceled"})
#: So many messages are asked for; the second time, if the first could not reach back far enough.
_FIRST_LOOK, _SECOND_LOOK = 20, 200


class TwilioTransport:
    """
    Hands text messages and WhatsApp messages to Twilio, over connections that stay open.

    Creating a message is not idempotent at Twilio, so nothing is ever sent twice here: what was perhaps taken is
    ``Uncertain``, and :meth:`look_up` asks Twilio whether it was.

    A message goes from its own ``sender`` if it has one (a number, a name, or a messaging service, ``MG…``), else from
    ``messaging_service_sid``, with ``sender`` as the number that the service is to use if both are given.

    Args:
        account_sid: ``AC`` and 32 hexadecimal digits.
        auth_token: the account's token; may be left out with ``api_key``.
        messaging_service_sid: ``MG`` and 32 hexadecimal digits: Twilio chooses the number that sends.
        sender: the number that sends, in E.164.
        status_callback: the public URL that Twilio calls with what becomes of each message; ``nid=<message id>`` is
            added to its query. None: that is never known.
        timeout: for each call, from waiting for a connection to the end of the answer.
        base_url: where Twilio is; another one for another region, ``https://api.dublin.ie1.twilio.com``.
        api_key: the SID (``SK…``) and the secret of an API key, with which we log in instead of with the token.
        clock: what a ``Retry-After`` with a date is measured from.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str = "",
        *,
        messaging_service_sid: str | None = None,
        sender: str | None = None,
        status_callback: str | None = None,
        timeout: timedelta = timedelta(seconds=15),
        base_url: str = _API,
        api_key: tuple[str, str] | None = None,
        clock: Clock | None = None,
    ) -> None:
        if not _ACCOUNT.fullmatch(account_sid):
            raise UsageError("`account_sid` is AC and 32 hexadecimal digits; Twilio's console shows it.")
        if api_key is not None and not (_KEY.fullmatch(api_key[0]) and api_key[1]):
            raise UsageError("`api_key` is the SID of an API key, SK and 32 hexadecimal digits, and its secret.")
        if api_key is None and not auth_token:
            raise UsageError("Give the `auth_token` of the account, or an `api_key`.")
        if messaging_service_sid and not _SERVICE.fullmatch(messaging_service_sid):
            raise UsageError("`messaging_service_sid` is MG and 32 hexadecimal digits; Twilio's console shows it.")
        if timeout <= timedelta():
            raise UsageError("`timeout` must be longer than nothing.")
        username, password = api_key or (account_sid, auth_token)
        self._account = Account(account_sid, username, password, _base(base_url))
        self._service, self._sender = messaging_service_sid or "", sender or ""
        self._callback = _callback(status_callback) if status_callback else None
        self._limit = timeout.total_seconds()
        self._clock = clock or SystemClock()
        self._line: Line | None = None

    @classmethod
    def from_env(cls, **options: Any) -> Self:
        """
        Make a transport from the environment.

        ``TWILIO_ACCOUNT_SID``; ``TWILIO_AUTH_TOKEN``, or ``TWILIO_API_KEY`` and ``TWILIO_API_SECRET``;
        ``TWILIO_MESSAGING_SERVICE_SID`` or ``TWILIO_FROM``, unless the channel has a sender; ``PN_TWILIO_CALLBACK``;
        ``TWILIO_REGION`` and ``TWILIO_EDGE``. ``options`` are the arguments of the class and win.

        Raises:
            UsageError: what is needed is not set, or cannot be what it should be.
        """
        env = os.environ
        given: dict[str, Any] = {
            "account_sid": env.get("TWILIO_ACCOUNT_SID", ""),
            "auth_token": env.get("TWILIO_AUTH_TOKEN", ""),
            "messaging_service_sid": env.get("TWILIO_MESSAGING_SERVICE_SID"),
            "sender": env.get("TWILIO_FROM"),
            "status_callback": env.get("PN_TWILIO_CALLBACK"),
            "base_url": _regional(env.get("TWILIO_REGION", ""), env.get("TWILIO_EDGE", "")),
        }
        if key := env.get("TWILIO_API_KEY"):
            given["api_key"] = (key, env.get("TWILIO_API_SECRET", ""))
        given |= options
        if not given["account_sid"] or not (given["auth_token"] or given.get("api_key")):
            raise UsageError("Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN; Twilio's console shows both.")
        return cls(**given)

    def __repr__(self) -> str:
        return f"TwilioTransport('AC…{self._account.sid[-4:]}', base_url={self._account.base_url!r})"

    async def send(self, message: SmsMessage | WhatsAppMessage) -> Accepted:
        """
        Hand over one message; ``reference`` is its SID.

        Raises:
            Transient: not handed over; Twilio is away or asks us to wait.
            Permanent: not handed over and never will be; ``suppress`` is set if it is the number.
            Uncertain: the request left, and no answer came that says what became of it.
            ChannelRefused: our account, sender or set-up is refused.
        """
        fields = self._fields(message)
        line = await self._here()
        call = await line.call(_creating(fields), limit=self._limit)
        created = call.result
        if created is None or not isinstance(created.sid, str) or not _REFERENCE.fullmatch(created.sid):
            raise self._failure(call)
        if created.status in _FAILED_AT_ONCE:
            raise self._refused(call, created.error_code)
        return Accepted(reference=created.sid)

    async def look_up(self, message: SmsMessage | WhatsAppMessage, *, since: datetime) -> Accepted | None:
        """
        Ask Twilio whether it took ``message``: one to this number, with this text, created at ``since`` or later.

        ``since`` is when the try began; the clocks may differ by a minute. Twilio may show a message a minute or two
        after it took it. Its text counts without regard to blanks, quotes and dashes, which Twilio may have replaced.

        Returns:
            The SID of the newest such message; ``None`` if there is none.

        Raises:
            Transient: Twilio cannot be asked, or does not show the texts of this account.
        """
        if not isinstance(message, SmsMessage | WhatsAppMessage):
            raise UsageError(f"TwilioTransport looks for SmsMessage and WhatsAppMessage, not {type(message).__name__}.")
        to = _whatsapp(message.to) if isinstance(message, WhatsAppMessage) else message.to
        search = Search(message, since=since.astimezone(UTC))
        line = await self._here()
        for most in (_FIRST_LOOK, _SECOND_LOOK):
            call = await line.call(_listing(to, most), limit=self._limit)
            if call.result is None:
                raise self._not_asked(call)
            search.look_at(call.result)
            if search.reference:
                return Accepted(reference=search.reference)
            if not search.may_be_older or len(call.result) < most:
                break
        if search.cannot_tell:
            raise Transient("Twilio does not show the texts of this account's messages.", code="redacted")
        return None

    async def aclose(self) -> None:
        """Let the calls that are under way come to their end, and hang up. The transport may be used again."""
        line, self._line = self._line, None
        if line is not None:
            await line.hang_up()

    async def _here(self) -> Line:
        """The line of the running loop, made when it is first used: what belongs to an earlier loop cannot be."""
        line = self._line
        if line is not None and line.is_here():
            return line
        self._line = new = Line(self._account)
        if line is not None:
            await line.hang_up()
        return new

    # -- what is sent -------------------------------------------------------------------------------------------------

    def _fields(self, message: SmsMessage | WhatsAppMessage) -> dict[str, Any]:
        """The arguments of Twilio's ``messages.create``."""
        match message:
            case SmsMessage():
                fields: dict[str, Any] = {"to": message.to, "body": message.text, **self._from(message.sender)}
            case WhatsAppMessage():
                fields = {"to": _whatsapp(message.to), "content_sid": message.content_sid}
                fields |= self._from(message.sender)
                if message.variables:
                    fields["content_variables"] = json.dumps(dict(message.variables), ensure_ascii=False)
                if "from_" in fields:
                    fields["from_"] = _whatsapp(fields["from_"])
            case _:
                raise UsageError(f"TwilioTransport sends SmsMessage and WhatsAppMessage, not {type(message).__name__}.")
        if self._callback is not None:
            before, after = self._callback
            fields["status_callback"] = f"{before}{quote(message.message_id, safe='')}{after}"
        if message.valid_for is not None:
            fields["validity_period"] = min(max(int(message.valid_for.total_seconds()), _SHORTEST), _LONGEST)
        return fields

    def _from(self, sender: str) -> dict[str, str]:
        if sender:
            return {"messaging_service_sid": sender} if _SERVICE.fullmatch(sender) else {"from_": sender}
        given = {"messaging_service_sid": self._service, "from_": self._sender}
        if not any(given.values()):
            raise ChannelRefused("Nobody sends: give the channel or TwilioTransport a sender.", code="sender")
        return {name: value for name, value in given.items() if value}

    # -- what went wrong ----------------------------------------------------------------------------------------------

    def _failure(self, call: Call) -> SendError:
        """What a call means that brought no message."""
        if 200 <= call.status < 300:
            return Uncertain("Twilio's answer cannot be read, and it took the message perhaps.", code="unreadable")
        if call.status:
            return self._refused(call, call.code)
        if call.is_under_way:
            return Uncertain(f"Twilio did not answer ({call.failure}).", code=_how(call), is_outage=True)
        if call.is_malformed:
            return Permanent(f"The message cannot be written as a request ({call.failure}).", code="unwritable")
        return Transient(f"Twilio cannot be reached ({call.failure}).", code=_how(call), is_outage=True)

    def _refused(self, call: Call, code: object) -> SendError:
        error = refusal(call.status, code, retry_after=self._wait(call))
        if answer_row(call.status, code).alerts and not isinstance(error, ChannelRefused):
            log.error("%s", error)  # a refused channel is said by whoever pauses it
        return error

    def _not_asked(self, call: Call) -> Transient:
        answer = str(call.status or call.failure)
        return Transient(
            f"Twilio cannot be asked for its messages ({answer}).",
            code=answer if call.status else _how(call),
            retry_after=self._wait(call),
            is_outage=call.status == 429 or not 0 < call.status < 500,
        )

    def _wait(self, call: Call) -> timedelta | None:
        """Read ``Retry-After``: seconds or a date (RFC 9110 section 10.2.3)."""
        said = (call.header("Retry-After") or "").strip()
        if said.isascii() and said.isdigit():
            wait = timedelta(seconds=int(said[:9]))
        else:
            try:
                wait = parsedate_to_datetime(said).astimezone(UTC) - self._clock.now()
            except (ValueError, TypeError, OverflowError):
                return None
        return min(wait, _LONGEST_WAIT) if wait > timedelta() else None


def _how(call: Call) -> str:
    """How a call ended that got no answer, as a code."""
    if not call.is_under_way:
        return "connect"
    return "timeout" if call.failure == "timeout" else "connection-lost"


def _creating(fields: dict[str, Any]) -> Callable[[Any], Awaitable[Any]]:
    return lambda messages: messages.create_async(**fields)


def _listing(to: str, most: int) -> Callable[[Any], Awaitable[Any]]:
    """By number only: a message that waits has no DateSent yet, and Twilio lists by no other time."""
    return lambda messages: messages.list_async(to=to, limit=most)


def _whatsapp(address: str) -> str:
    return address if address.startswith(_WHATSAPP) else f"{_WHATSAPP}{address}"


def _base(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_good = False
    if not is_good or parts.username or parts.query or parts.fragment:
        raise UsageError("`base_url` is https:// and a host, for example https://api.twilio.com.")
    return url.rstrip("/")


def _regional(region: str, edge: str) -> str:
    """The API's address in a region, through an edge (https://www.twilio.com/docs/global-infrastructure)."""
    if edge and not region:
        region = "us1"
    return f"https://{'.'.join(part for part in ('api', edge, region, 'twilio.com') if part)}"


def _callback(url: str) -> tuple[str, str]:
    """
    Split a URL into what stands before the message's id and what stands after it.

    A fragment stays where it is: Twilio reads how it is to call us from it. It may hold a password, so no error
    repeats it.
    """
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and "_" not in (parts.hostname or "")
    except ValueError:
        is_good = False
    if not is_good or not url.isprintable() or " " in url:
        raise UsageError("`status_callback` is a public URL, https://shop.example/…; its host has no underscore.")
    query = f"{parts.query}&nid=" if parts.query else "nid="
    whole = urlunsplit(parts._replace(query=query, fragment=""))
    return whole, f"#{parts.fragment}" if parts.fragment else ""
