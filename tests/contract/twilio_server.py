"""
A server on loopback that answers as Twilio's API does for messages, or as it is told, and keeps what it took.

::

    async with TwilioServer() as server:
        server.answer(refusal(21211))
        await server.transport().send(sms())

Every request is held against Twilio's own description of its API (twilio_description.py); leaving the block fails if
one was none that Twilio takes. ``TwilioServer.in_thread()`` is for tests without a loop of their own.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import Enum
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from proactive_notify.transports import TwilioTransport
from tests.contract.twilio_description import description

ACCOUNT = "AC" + "0123456789abcdef" * 2
TOKEN = "to-ken-" + "7" * 25
KEY = "SK" + "0123456789abcdef" * 2
SECRET = "se-cret-" + "7" * 24
SERVICE = "MG" + "0123456789abcdef" * 2
SENDER = "+15005550006"


class Act(Enum):
    """What the server may do instead of answering."""

    #: Say nothing, and leave the connection open.
    SILENCE = "silence"
    #: Read the request, and break the connection off (RST).
    RESET = "reset"
    #: Read the request, and hang up (FIN).
    HANG_UP = "hang up"
    #: Answer as usual, but break off in the middle of the body.
    CUT = "cut"
    #: Answer as usual, but not before ``release()``.
    HOLD = "hold"


@dataclass(frozen=True)
class Reply:
    """An answer. ``takes``: the message is taken all the same."""

    status: int
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    takes: bool = False


@dataclass(frozen=True)
class Take:
    """The message is taken, and then that happens to the answer."""

    act: Act


Answer = Reply | Act | Take


def refusal(code: int, status: int = 400, *, takes: bool = False, **headers: str) -> Reply:
    """A refusal as Twilio writes it. Its words hold the number and the text, as Twilio's do."""
    said = {
        "code": code,
        "message": "The number +15005550009 cannot be sent 'Olá, o seu pedido está a caminho'",
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Reply(status, json.dumps(said), named, takes)


@dataclass(frozen=True)
class Request:
    """A request as it came."""

    method: str
    target: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def log_in(self) -> tuple[str, str]:
        user, _, password = (
            base64.b64decode(self.headers.get("authorization", " ").split(" ")[-1]).decode().partition(":")
        )
        return user, password


@dataclass(frozen=True)
class Taken:
    """A message that was taken."""

    sid: str
    form: dict[str, str]
    created: datetime
    shown: dict[str, Any] = field(default_factory=dict)

    def resource(self) -> dict[str, Any]:
        """As Twilio shows it."""
        at = format_datetime(self.created)
        return {
            "account_sid": ACCOUNT,
            "api_version": "2010-04-01",
            "body": self.form.get("Body", f"[{self.form.get('ContentVariables', '')}]"),
            "date_created": at,
            "date_sent": None,
            "date_updated": at,
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": self.form.get("From"),
            "messaging_service_sid": self.form.get("MessagingServiceSid"),
            "num_media": "0",
            "num_segments": "1",
            "price": None,
            "price_unit": None,
            "sid": self.sid,
            "status": "accepted" if "MessagingServiceSid" in self.form else "queued",
            "subresource_uris": {"media": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{self.sid}/Media.json"},
            "to": self.form["To"],
            "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{self.sid}.json",
            **self.shown,
        }


class TwilioServer:
    """
    Args:
        checks: hold every request against Twilio's description.

    Attributes:
        requests: all that came.
        messages: what was taken, the oldest first.
        connections: how many there were.
        now: when messages are created.
        faults: what was wrong with requests.
    """

    def __init__(self, *, checks: bool = True) -> None:
        self.requests: list[Request] = []
        self.messages: list[Taken] = []
        self.faults: list[str] = []
        self.connections = 0
        self.now = datetime(2026, 1, 5, 9, tzinfo=UTC)
        self.passwords = {ACCOUNT: TOKEN, KEY: SECRET}
        self._checks = checks
        self._answers: deque[Answer] = deque()
        self._usual: Answer | None = None
        self._held: list[asyncio.Event] = []
        self._came = asyncio.Condition()
        self._writers: set[asyncio.StreamWriter] = set()
        self._port = 0

    # -- what a test says ---------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def transport(self, **options: Any) -> TwilioTransport:
        """A transport that speaks to this server."""
        usual: dict[str, Any] = {"sender": SENDER, "base_url": self.url}
        return TwilioTransport(ACCOUNT, TOKEN, **usual | options)

    def answer(self, *answers: Answer) -> None:
        """Answer the next requests so, each once; after that as usual."""
        self._answers.extend(answers)

    def answer_always(self, answer: Answer | None) -> None:
        """Answer every request so; ``None``: as Twilio would."""
        self._usual = answer

    def has(self, **fields: Any) -> Taken:
        """Have a message that nobody created here; ``fields`` as Twilio shows them, and ``created``."""
        created = fields.pop("created", self.now)
        return self._take({"To": fields.get("to", ""), "Body": fields.get("body", "")}, created, fields)

    async def requested(self, count: int) -> None:
        """Wait until so many requests have come."""
        async with self._came:
            await self._came.wait_for(lambda: len(self.requests) >= count)

    def release(self, number: int) -> None:
        """Answer the request that was held as the ``number``-th, counted from 0."""
        self._held[number].set()

    # -- the server ---------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
        if kind is None:
            assert [] == self.faults, f"requests that Twilio would not take: {self.faults}"

    async def stop(self) -> None:
        """Listen no more, and break off what is open."""
        self._server.close()
        for held in self._held:
            held.set()
        for writer in list(self._writers):
            writer.transport.abort()
        await self._server.wait_closed()

    @classmethod
    @contextlib.contextmanager
    def in_thread(cls, **options: Any) -> Iterator[Self]:
        """The server in a thread of its own, for tests without a loop."""
        made, ready, loop = cls(**options), threading.Event(), asyncio.new_event_loop()
        end = asyncio.Event()

        async def serve() -> None:
            async with made:
                ready.set()
                await end.wait()

        failures: list[BaseException] = []

        def run() -> None:
            try:
                loop.run_until_complete(serve())
            except AssertionError as error:
                failures.append(error)
            finally:
                loop.close()

        thread = threading.Thread(target=run)
        thread.start()
        ready.wait()
        try:
            yield made
        finally:
            loop.call_soon_threadsafe(end.set)
            thread.join()
        if failures:
            raise failures[0]

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            while (request := await _read(reader)) is not None:
                if not await self._serve(request, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _serve(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; return whether the connection goes on."""
        known = description() if self._checks else None
        if known is not None:
            self.faults += known.faults(request.method, request.target, request.headers, request.body)
        answer = self._answers.popleft() if self._answers else self._usual
        held = asyncio.Event() if answer is Act.HOLD else None
        if held is not None:
            self._held.append(held)
        self.requests.append(request)
        async with self._came:
            self._came.notify_all()
        if held is not None:
            await held.wait()
            answer = None
        act = answer.act if isinstance(answer, Take) else answer if isinstance(answer, Act) else None
        reply = answer if isinstance(answer, Reply) else None
        if reply is None and act in (Act.SILENCE, Act.RESET, Act.HANG_UP) and not isinstance(answer, Take):
            return await _misbehave(act, writer)
        if reply is None or reply.takes:
            usual = self._usual_reply(request)
            reply = reply or usual
        if act in (Act.SILENCE, Act.RESET, Act.HANG_UP):
            return await _misbehave(act, writer)
        writer.write(written(reply, cut=act is Act.CUT))
        await writer.drain()
        return act is not Act.CUT or await _misbehave(Act.RESET, writer)

    def _usual_reply(self, request: Request) -> Reply:
        """As Twilio answers."""
        user, password = request.log_in
        if self.passwords.get(user) != password:
            return refusal(20003, 401)
        if f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json" != request.path:
            return refusal(20404, 404)
        if request.method == "GET":
            return self._listed(request.query)
        return Reply(201, json.dumps(self._take(request.form, self.now, {}).resource()))

    def _take(self, form: dict[str, str], created: datetime, shown: dict[str, Any]) -> Taken:
        sid = shown.get("sid", f"SM{len(self.messages) + 1:032x}")
        self.messages.append(Taken(sid, form, created, shown))
        return self.messages[-1]

    def change(self, number: int, **shown: Any) -> None:
        """Show a message that was taken otherwise from now on."""
        self.messages[number] = replace(self.messages[number], shown=shown)

    def _listed(self, query: dict[str, str]) -> Reply:
        """A page of a list, the newest first."""
        size, page = int(query.get("PageSize", "50")), int(query.get("Page", "0"))
        found = [each.resource() for each in self.messages]
        found = sorted(
            (each for each in found if query.get("To") in (None, each["to"])),
            key=lambda each: parse_date(each["date_created"]),
            reverse=True,
        )
        path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        has_more = len(found) > (page + 1) * size
        following = urlencode({**query, "PageSize": size, "Page": page + 1, "PageToken": f"PASM{page + 1}"})
        said = {
            "messages": found[page * size : (page + 1) * size],
            "page": page,
            "page_size": size,
            "start": page * size,
            "end": page * size + size - 1,
            "uri": f"{path}?{urlencode(query)}",
            "first_page_uri": f"{path}?{urlencode(query)}",
            "previous_page_uri": None,
            "next_page_uri": f"{path}?{following}" if has_more else None,
        }
        return Reply(200, json.dumps(said))


def parse_date(text: str | None) -> datetime:
    return datetime.strptime(text, "%a, %d %b %Y %H:%M:%S %z") if text else datetime.max.replace(tzinfo=UTC)


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, target, headers, body)


def written(reply: Reply, *, cut: bool = False) -> bytes:
    """An answer as it goes over the wire; ``cut``: without the end of its body."""
    body = reply.body.encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **dict(reply.headers)}
    head = "".join([f"HTTP/1.1 {reply.status} So\r\n", *(f"{name}: {value}\r\n" for name, value in headers.items())])
    return head.encode() + b"\r\n" + (body[: len(body) // 2] if cut else body)


async def _misbehave(act: Act, writer: asyncio.StreamWriter) -> bool:
    if act is Act.SILENCE:
        await writer.wait_closed()
    elif act is Act.RESET:
        writer.transport.abort()
    return False


def callback_id(form: dict[str, str]) -> str:
    """The message id that a status callback would bring back."""
    return parse_qs(urlsplit(form["StatusCallback"]).query)["nid"][0]
