"""
A real SMTP server on loopback that keeps what it gets, counts, and answers as it is told.

::

    async with SmtpServer() as server:
        server.answer("RCPT", "550 5.1.1 no such user")
        await SmtpTransport.from_url(server.url).send(message)
    assert 1 == len(server.message_ids)

A test without a loop of its own, for example one that runs a command, says ``with SmtpServer.in_thread() as server``.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import Enum
from types import TracebackType
from typing import Self


class Act(Enum):
    """What a server may do instead of answering."""

    #: Hang up.
    DROP = "drop"
    #: Say nothing, and leave the connection open.
    SILENCE = "silence"


#: A reply without its CRLF (``\n`` between the lines of a long one), or an act.
Answer = str | Act

_USUAL = {
    "CONNECT": "220 mail.example ESMTP",
    "HELO": "250 mail.example",
    "STARTTLS": "220 2.0.0 go ahead",
    "AUTH": "235 2.7.0 welcome",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go ahead",
    "NOOP": "250 2.0.0 ok",
    "RSET": "250 2.0.0 ok",
    "QUIT": "221 2.0.0 bye",
}


@dataclass(frozen=True)
class Mail:
    """One mail as it came."""

    sender: str
    recipient: str
    content: bytes

    @property
    def parsed(self) -> EmailMessage:
        """The mail as the standard library reads it."""
        parsed = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def message_id(self) -> str:
        return str(self.parsed["Message-ID"])


@dataclass
class Session:
    """What one connection has said so far."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    sender: str = ""
    recipient: str = ""
    is_encrypted: bool = False


@dataclass
class SmtpServer:
    """
    Listens on a free port of loopback while it is entered.

    ``answer()`` scripts the next replies to a verb: ``CONNECT`` (the greeting), ``EHLO``, ``HELO``, ``STARTTLS``,
    ``AUTH``, ``MAIL``, ``RCPT``, ``DATA``, ``BODY`` (an act in the middle of the mail), ``DOT`` (the reply to the
    mail), ``NOOP``, ``RSET``, ``QUIT``. A mail is kept when its final dot has come, unless it is refused then.
    """

    extensions: tuple[str, ...] = ("SIZE 10485760", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")
    #: With it STARTTLS is offered.
    tls: ssl.SSLContext | None = None
    #: With it the first octet is TLS already.
    is_implicit: bool = False
    #: The password that AUTH PLAIN and LOGIN take; None: every one.
    password: str | None = None
    mails: list[Mail] = field(default_factory=list)
    #: Every command as it came, of all connections.
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    most_at_once: int = 0
    port: int = 0

    def __post_init__(self) -> None:
        self._scripts: defaultdict[str, deque[Answer]] = defaultdict(deque)
        self._open: set[asyncio.Task[None]] = set()
        self._heard: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._mails_counted = 0

    # What a test says and asks

    def answer(self, verb: str, *answers: Answer, times: int = 1) -> None:
        """Answer the next times that ``verb`` comes so, then as usual again."""
        self._scripts[verb].extend(answers * times)

    @property
    def url(self) -> str:
        return f"{'smtps' if self.is_implicit else 'smtp'}://127.0.0.1:{self.port}"

    @property
    def message_ids(self) -> Counter[str]:
        """How many mails came under each Message-ID."""
        return Counter(mail.message_id for mail in self.mails)

    @property
    def verbs(self) -> Counter[str]:
        """How often each command came."""
        return Counter(command.split(" ")[0].upper() for command in self.commands)

    async def hears(self, verb: str) -> None:
        """Return when ``verb`` has come at least once."""
        await self._heard[verb].wait()

    def hang_up(self) -> None:
        """Close every connection that is open, as a server does with one that is idle for too long."""
        for task in self._open:
            task.cancel()

    # Start and stop

    async def __aenter__(self) -> Self:
        context = self.tls if self.is_implicit else None
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=context, limit=2**24)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.hang_up()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()

    @classmethod
    @contextlib.contextmanager
    def in_thread(cls) -> Iterator[SmtpServer]:
        """Serve in a thread with a loop of its own: script it before the client comes, read it when that is done."""
        server = cls()
        is_up = threading.Event()
        loop = asyncio.new_event_loop()
        end = asyncio.Event()

        async def serve() -> None:
            async with server:
                is_up.set()
                await end.wait()

        thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
        thread.start()
        try:
            assert is_up.wait(10), "the server did not start"
            yield server
        finally:
            loop.call_soon_threadsafe(end.set)
            thread.join(10)
            loop.close()

    # A conversation

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        self.connections += 1
        self.most_at_once = max(self.most_at_once, len(self._open))
        session = Session(reader, writer, is_encrypted=self.is_implicit)
        try:
            await self._converse(session)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            pass  # one of the two has hung up
        finally:
            self._open.discard(task)
            session.writer.transport.abort()

    async def _converse(self, session: Session) -> None:
        await self._reply(session, "CONNECT")
        while line := await session.reader.readline():
            command = line.decode().rstrip("\r\n")
            self.commands.append(command)
            verb, _, words = command.partition(" ")
            self._heard[verb].set()
            match verb.upper():
                case "EHLO":
                    await self._reply(session, "EHLO", self._greeting(session))
                case "AUTH":
                    usual = "" if self._scripts["AUTH"] else await self._log_in(session, words)
                    await self._reply(session, "AUTH", usual)
                case "STARTTLS":
                    await self._start_tls(session)
                case "MAIL":
                    session.sender = words
                    await self._reply(session, "MAIL")
                case "RCPT":
                    session.recipient = words
                    await self._reply(session, "RCPT")
                case "DATA":
                    await self._take(session)
                case "QUIT":
                    await self._reply(session, "QUIT")
                    return
                case other:
                    await self._reply(session, other, _USUAL.get(other, "502 5.5.2 what?"))

    def _greeting(self, session: Session) -> str:
        words = [*self.extensions]
        if self.tls is not None and not session.is_encrypted:
            words.append("STARTTLS")
        return "\n".join(["250 mail.example", *(f"250 {word}" for word in words)])

    async def _log_in(self, session: Session, words: str) -> str:
        way, _, given = words.partition(" ")
        if way.upper() == "PLAIN":
            password = base64.b64decode(given).split(b"\0")[-1].decode()
        else:
            if not given:
                await self._say(session, "334 VXNlcm5hbWU6")
                await session.reader.readline()
            await self._say(session, "334 UGFzc3dvcmQ6")
            password = base64.b64decode(await session.reader.readline()).decode()
        is_right = self.password is None or password == self.password
        return _USUAL["AUTH"] if is_right else "535 5.7.8 wrong user name or password"

    async def _start_tls(self, session: Session) -> None:
        await self._reply(session, "STARTTLS")
        assert self.tls is not None
        await session.writer.start_tls(self.tls)
        session.is_encrypted = True

    async def _take(self, session: Session) -> None:
        if not (await self._reply(session, "DATA")).startswith("354"):
            return
        if self._scripts["BODY"]:
            await session.reader.readline()
            await self._reply(session, "BODY")
        stuffed = await session.reader.readuntil(b"\r\n.\r\n")
        content = stuffed[:-3].replace(b"\r\n..", b"\r\n.")
        self._mails_counted += 1
        answer = self._scripts["DOT"][0] if self._scripts["DOT"] else ""
        if isinstance(answer, Act) or not answer.startswith(("4", "5")):
            self.mails.append(Mail(_address(session.sender), _address(session.recipient), content))
        await self._reply(session, "DOT", f"250 2.0.0 ok: queued as Q{self._mails_counted:06d}")

    async def _reply(self, session: Session, verb: str, usual: str = "") -> str:
        script = self._scripts[verb]
        answer = script.popleft() if script else usual or _USUAL[verb]
        if answer is Act.DROP:
            raise ConnectionAbortedError
        if answer is Act.SILENCE:
            await session.reader.read()
            raise ConnectionAbortedError
        assert isinstance(answer, str)
        await self._say(session, answer)
        return answer

    async def _say(self, session: Session, answer: str) -> None:
        *lines, last = answer.split("\n")
        said = [*(f"{line[:3]}-{line[4:]}" for line in lines), last]
        session.writer.write("".join(f"{line}\r\n" for line in said).encode())
        await session.writer.drain()


def _address(words: str) -> str:
    """``FROM:<ada@shop.example> SIZE=12`` is ``ada@shop.example``."""
    return words.partition("<")[2].partition(">")[0]
