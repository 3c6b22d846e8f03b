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
from typing import Any, Literal, Self


class Act(Enum):
    """What a server may do instead of answering."""

    #: Hang up.
    DROP = "drop"
    #: Say nothing, and leave the connection open.
    SILENCE = "silence"
    #: Answer as usual, but not before ``release()`` is called.
    HOLD = "hold"


@dataclass(frozen=True)
class Last:
    """A reply, and then it hangs up."""

    says: str


#: A reply without its CRLF (``\n`` between the lines of a long one, ``\r\n`` between several), or an act. After 421 it
#: hangs up, as servers do.
Answer = str | Act | Last

_OUT_OF_ORDER = "503 5.5.1 not in this order"
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
    #: What has come and was not read yet.
    ahead: bytes = b""

    async def line(self) -> bytes:
        """The next line without its end; empty at the end of the stream."""
        found = await self._until(b"\n")
        return found.rstrip(b"\r\n")

    async def mail(self) -> bytes:
        """What comes until the final dot, as it was before its dots were doubled; a lone dot is an empty mail."""
        if len(self.ahead) < 3:
            self.ahead += await self._more()
        if self.ahead.startswith(b".\r\n"):
            self.ahead = self.ahead[3:]
            return b""
        return (await self._until(b"\r\n.\r\n"))[:-3].replace(b"\r\n..", b"\r\n.")

    async def _until(self, end: bytes) -> bytes:
        while end not in self.ahead:
            self.ahead += await self._more()
        found, _, self.ahead = self.ahead.partition(end)
        return found + end

    async def _more(self) -> bytes:
        data = await self.reader.read(2**16)
        if not data:
            raise ConnectionResetError
        return data


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
    #: Each recipient is turned away so many times before it is let through.
    greylists: int = 0
    #: What it does with commands that come before the last was answered, although it offers PIPELINING.
    spoils_pipelining: Literal["", "refuse", "drop", "swallow", "nonsense"] = ""
    #: After 421 it does not hang up, and says nothing more.
    lingers: bool = False
    #: It asks for the mail although it refused the sender or the recipient (RFC 2920 section 3.1 allows it).
    asks_anyway: bool = False
    #: It says one octet, waits for so many seconds, and says the next.
    pause: float = 0
    #: It takes no more connections at a time.
    most_connections: int = 10**6
    mails: list[Mail] = field(default_factory=list)
    #: Every command as it came, of all connections.
    commands: list[str] = field(default_factory=list)
    #: Those that came before the one behind them was read, which only PIPELINING allows.
    early: list[str] = field(default_factory=list)
    connections: int = 0
    most_at_once: int = 0
    port: int = 0

    def __post_init__(self) -> None:
        self._scripts: defaultdict[str, deque[Answer]] = defaultdict(deque)
        self._always: dict[str, Answer] = {}
        self._tries: Counter[str] = Counter()
        self._open: set[asyncio.Task[None]] = set()
        self._sessions: list[Session] = []
        self._released, self._fell_silent = asyncio.Event(), asyncio.Event()
        self._heard: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(0))

    # What a test says and asks

    def answer(self, verb: str, *answers: Answer, times: int = 1) -> None:
        """Answer the next times that ``verb`` comes so, then as usual again."""
        self._scripts[verb].extend(answers * times)

    def always(self, verb: str, answer: Answer) -> None:
        """Answer ``verb`` so, until ``usual`` is called."""
        self._always[verb] = answer

    def usual(self) -> None:
        """Answer as usual again, whatever was said before."""
        self._scripts.clear()
        self._always.clear()

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

    async def hears(self, verb: str, *, times: int = 1) -> None:
        """Return when ``verb`` has come so often; ``BODY`` when a mail has."""
        async with asyncio.timeout(30):
            for _ in range(times):
                await self._heard[verb].acquire()

    async def is_silent(self) -> None:
        """Return when it has fallen silent somewhere."""
        await self._fell_silent.wait()

    def release(self) -> None:
        """Answer what is held back."""
        self._released.set()

    async def says(self, reply: str) -> None:
        """Say something unasked on the connection that was made last, and return when it has gone out."""
        await self._say(self._sessions[-1], reply)
        for _ in range(5):
            await asyncio.sleep(0)

    async def show(self, certificate: ssl.SSLContext) -> None:
        """Show another certificate from now on, on the same port."""
        self.tls = certificate
        if self.is_implicit:
            self._server.close()
            await self._server.wait_closed()
            await self.__aenter__()

    def hang_up(self) -> None:
        """Close every connection that is open, as a server does with one that is idle for too long."""
        for task in self._open:
            task.cancel()

    # Start and stop

    async def __aenter__(self) -> Self:
        context = self.tls if self.is_implicit else None
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, ssl=context, limit=2**24)
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
    def in_thread(cls, **arguments: Any) -> Iterator[SmtpServer]:
        """Serve in a thread with a loop of its own: script it before the client comes, read it when that is done."""
        server = cls(**arguments)
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
        self._sessions.append(session)
        try:
            await self._converse(session)
        except (ConnectionError, asyncio.CancelledError, ssl.SSLError):
            pass  # one of the two has hung up
        finally:
            self._open.discard(task)
            # What was said goes out still, if it can.
            session.writer.transport.close()

    async def _converse(self, session: Session) -> None:
        is_crowded = len(self._open) > self.most_connections
        await self._reply(session, "CONNECT", "421 4.7.0 too many connections" if is_crowded else "")
        while True:
            command = (await session.line()).decode()
            self.commands.append(command)
            verb, _, words = command.partition(" ")
            self._heard[verb].release()
            if session.ahead:
                self.early.append(verb)
                if self.spoils_pipelining:
                    await self._spoil(session)
                    continue
            if verb.upper() == "QUIT":
                await self._reply(session, "QUIT")
                return
            await self._obey(session, verb.upper(), words)

    async def _obey(self, session: Session, verb: str, words: str) -> None:
        match verb:
            case "EHLO":
                await self._reply(session, "EHLO", self._greeting(session))
            case "AUTH":
                usual = "" if self._script("AUTH") else await self._log_in(session, words)
                await self._reply(session, "AUTH", usual)
            case "STARTTLS":
                await self._start_tls(session)
            case "MAIL":
                session.sender = session.recipient = ""
                if (await self._reply(session, "MAIL")).startswith("2"):
                    session.sender = words
            case "RCPT":
                usual = self._recipient(words) if session.sender else _OUT_OF_ORDER
                if (await self._reply(session, "RCPT", usual)).startswith("2"):
                    session.recipient = words
            case "DATA":
                await self._take(session)
            case "RSET":
                session.sender = session.recipient = ""
                await self._reply(session, "RSET")
            case other:
                await self._reply(session, other, _USUAL.get(other, "502 5.5.2 what?"))

    def _greeting(self, session: Session) -> str:
        words = [*self.extensions]
        if self.tls is not None and not session.is_encrypted:
            words.append("STARTTLS")
        return "\n".join(["250 mail.example", *(f"250 {word}" for word in words)])

    def _recipient(self, words: str) -> str:
        self._tries[words] += 1
        return "450 4.7.1 greylisted" if self._tries[words] <= self.greylists else _USUAL["RCPT"]

    async def _log_in(self, session: Session, words: str) -> str:
        way, _, given = words.partition(" ")
        if way.upper() == "PLAIN":
            password = base64.b64decode(given).split(b"\0")[-1].decode()
        else:
            if not given:
                await self._say(session, "334 VXNlcm5hbWU6")
                await session.line()
            await self._say(session, "334 UGFzc3dvcmQ6")
            password = base64.b64decode(await session.line()).decode()
        is_right = self.password is None or password == self.password
        return _USUAL["AUTH"] if is_right else "535 5.7.8 wrong user name or password"

    async def _start_tls(self, session: Session) -> None:
        if not (await self._reply(session, "STARTTLS")).startswith("220"):
            return
        assert self.tls is not None
        await session.writer.start_tls(self.tls)
        session.is_encrypted = True

    async def _take(self, session: Session) -> None:
        usual = "" if session.recipient or self.asks_anyway else _OUT_OF_ORDER
        if not (await self._reply(session, "DATA", usual)).startswith("354"):
            return
        if self._script("BODY"):
            await session.line()
            await self._reply(session, "BODY")
        content = await session.mail()
        self._heard["BODY"].release()
        if not session.recipient:
            await self._reply(session, "NOBODY", "554 5.5.1 no valid recipients")
            return
        answer = self._script("DOT")
        if not (isinstance(answer, str) and answer.startswith(("4", "5"))):
            self.mails.append(Mail(_address(session.sender), _address(session.recipient), content))
        session.sender = session.recipient = ""
        await self._reply(session, "DOT", f"250 2.0.0 ok: queued as Q{len(self.mails):06d}")

    async def _spoil(self, session: Session) -> None:
        """Do not take what came too early for what it is."""
        match self.spoils_pipelining:
            case "drop":
                raise ConnectionAbortedError
            case "refuse":
                answer = "503 5.5.0 improper use of SMTP command pipelining"
            case "nonsense":
                answer = "250 2.0.0 what came here is not what you think"
            case _:
                answer = _USUAL["MAIL"]
        if self.spoils_pipelining != "nonsense":
            session.ahead = b""
        await self._say(session, answer)

    def _script(self, verb: str) -> Answer | None:
        """What is answered next to a verb, if it is not the usual."""
        return self._scripts[verb][0] if self._scripts[verb] else self._always.get(verb)

    async def _reply(self, session: Session, verb: str, usual: str = "") -> str:
        answer = self._script(verb) or usual or _USUAL[verb]
        if self._scripts[verb]:
            self._scripts[verb].popleft()
        if answer is Act.DROP:
            session.writer.transport.abort()
            raise ConnectionAbortedError
        if answer is Act.HOLD:
            await self._released.wait()
            answer = usual or _USUAL[verb]
        if answer is Act.SILENCE:
            self._fell_silent.set()
            while True:
                await session._more()
        says = answer.says if isinstance(answer, Last) else str(answer)
        await self._say(session, says)
        if isinstance(answer, Last) or says.startswith("421"):
            if self.lingers:
                await session.reader.read()
            raise ConnectionAbortedError
        return says

    async def _say(self, session: Session, answer: str) -> None:
        said = b""
        for reply in answer.split("\r\n"):
            *lines, last = reply.split("\n")
            said += "".join(f"{line}\r\n" for line in [*(f"{line[:3]}-{line[4:]}" for line in lines), last]).encode()
        if not self.pause:
            session.writer.write(said)
        for octet in said if self.pause else b"":
            session.writer.write(bytes((octet,)))
            await self._pause()
        await session.writer.drain()

    async def _pause(self) -> None:
        """Let a little time pass between two octets."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.pause):
                await asyncio.Event().wait()


def _address(words: str) -> str:
    """``FROM:<ada@shop.example> SIZE=12`` is ``ada@shop.example``."""
    return words.partition("<")[2].partition(">")[0]
