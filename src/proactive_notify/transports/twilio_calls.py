"""
Calls over Twilio's own client: one session with connections that stay open, and for each call how far it came.
"""

import asyncio
import json
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from typing import Any, NamedTuple
from urllib.parse import urlencode

from aiohttp import ClientError, ClientRequest, ClientSession, ClientTimeout, TCPConnector
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from twilio.base.exceptions import TwilioException  # type: ignore[import-untyped]
from twilio.http.async_http_client import AsyncTwilioHttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

#: What the client raises for an answer that it cannot read, or a request that it cannot write.
_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError)
#: What it raises beside those: ours for an answer that is no success, the wire's, and a session that was closed.
_FAILED = (TwilioException, ClientError, OSError, RuntimeError)


class Account(NamedTuple):
    """Whose account, and how we log in: with its token, or with an API key and its secret."""

    sid: str
    username: str
    password: str
    base_url: str


class Call:
    """
    One call.

    Attributes:
        is_under_way: a connection was had, so some of the request may have left.
        response: what was answered, read to its end; ``None`` if nothing was.
        result: what the client made of it; ``None`` after a failure.
        failure: the type of what went wrong, or ``timeout``; empty if nothing did.
        is_malformed: what went wrong is a request or an answer that cannot be written or read.
    """

    __slots__ = ("failure", "is_malformed", "is_under_way", "response", "result")

    def __init__(self) -> None:
        self.is_under_way = self.is_malformed = False
        self.response: Response | None = None
        self.result: Any = None
        self.failure = ""

    @property
    def status(self) -> int:
        """The status of HTTP; 0 if nothing was answered."""
        return self.response.status_code if self.response is not None else 0

    @property
    def code(self) -> object:
        """Twilio's own code in the body of a refusal; ``None`` if it has none. It may be anything."""
        try:
            body = json.loads(self.response.text) if self.response is not None else None
        except (ValueError, RecursionError):
            return None
        return body.get("code") if isinstance(body, dict) else None

    def header(self, name: str) -> str | None:
        """Return a header of the answer; names in any case."""
        return self.response.headers.get(name) if self.response is not None else None


#: The call that the running task makes: the client passes nothing through to its session.
_CALL: ContextVar[Call] = ContextVar("proactive_notify_twilio_call")


class Connector(TCPConnector):
    """Connections that stay open. It notes when a call gets one: until then nothing of the request has left."""

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout) -> Connection:  # noqa: ASYNC109
        connection = await super().connect(req, traces, timeout)
        _CALL.get().is_under_way = True
        return connection


class HttpClient(AsyncTwilioHttpClient):  # type: ignore[misc]  # it has no types
    """
    Twilio's client for asyncio, which logs no numbers, keeps no request, and passes the password as aiohttp wants it.

    It is made in a running loop. It repeats nothing (``max_retries`` would repeat a POST) and has no time limit.
    """

    def __init__(self) -> None:
        # The session is ours and stays: without one Twilio's client opens one for each call, and mixes up the answers.
        super().__init__(pool_connections=False)
        self.session = ClientSession(connector=Connector())

    async def request(  # noqa: PLR0917  # the signature is Twilio's
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
        allow_redirects: bool = False,
    ) -> Response:
        # Encoded here it takes aiohttp half as long.
        form = urlencode(data, doseq=True).encode() if data is not None else None
        given = dict(headers or {})
        if auth is not None:
            # aiohttp 3.14 warns of `auth=`; RFC 7617 section 2.
            given["Authorization"] = f"Basic {b64encode(':'.join(auth).encode()).decode()}"
        try:
            response = await super().request(
                method, url, params=params, data=form, headers=given, timeout=timeout, allow_redirects=allow_redirects
            )
        finally:
            self._test_only_last_request = self._test_only_last_response = None
        _CALL.get().response = response
        return response

    def log_request(self, kwargs: Mapping[str, Any]) -> None:
        """Say nothing: it would be the customer's number."""

    def log_response(self, status_code: int, response: Any) -> None:
        """Say nothing."""


class Line:
    """A client with its session, for one loop. It is made in that loop."""

    def __init__(self, account: Account) -> None:
        self.loop = asyncio.get_running_loop()
        self._http = HttpClient()
        # With an environment of its own: ours would bring an edge and a region, which change the address.
        self._client = Client(
            account.username, account.password, account.sid, http_client=self._http, environment={"TWILIO_EDGE": ""}
        )
        self._client.api.base_url = account.base_url
        self._messages = self._client.messages
        self._calls = 0
        self._has_ended = asyncio.Event()
        self._has_ended.set()

    def is_here(self) -> bool:
        """Tell whether the running loop is the one that this was made in."""
        return self.loop is asyncio.get_running_loop()

    async def call(self, work: Callable[[Any], Awaitable[Any]], *, limit: float) -> Call:
        """
        Do ``work`` with the account's messages, for at most ``limit`` seconds.

        It raises nothing but its caller's cancellation: what went wrong is in the call, without a foreign error whose
        text may hold the number.
        """
        call = Call()
        token = _CALL.set(call)
        self._calls += 1
        self._has_ended.clear()
        try:
            async with asyncio.timeout(limit):
                call.result = await work(self._messages)
        except TimeoutError:
            call.failure = "timeout"
        except _FAILED as error:
            call.failure = type(error).__name__
        except _UNREADABLE as error:
            call.failure, call.is_malformed = type(error).__name__, True
        finally:
            _CALL.reset(token)
            self._calls -= 1
            if not self._calls:
                self._has_ended.set()
        return call

    async def hang_up(self) -> None:
        """Let the calls that are under way come to their end, each within its limit; then close the session."""
        try:
            if not self.loop.is_closed():
                await self._has_ended.wait()
        finally:
            await self._http.close()
