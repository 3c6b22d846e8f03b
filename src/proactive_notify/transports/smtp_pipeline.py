"""
A connection to an SMTP server that offers PIPELINING (RFC 2920): one round trip for the envelope, one for the mail.

The client library has connected, started TLS and logged in; from there on its transport is ours. What is said here must
keep what waiting for each answer would have told: nothing is handed over unless MAIL, RCPT and DATA were all answered
as they should be, and the first of them that was not says why.
"""

import asyncio
import socket
from datetime import timedelta
from typing import NamedTuple, cast

from ..errors import SendError, Uncertain
from .smtp_connection import Connection, lost, unanswered
from .smtp_deadline import Deadline
from .smtp_mail import Mail
from .smtp_opening import Opening
from .smtp_places import Places
from .smtp_replies import Phase, enhanced_code, refusal
from .smtp_server import Server

#: RFC 5321 section 4.5.3.1.5 allows 512 octets to a line of a reply; some servers say more.
_LONGEST_LINE = 8192
_MOST_LINES = 512

#: The commands that go out together, and what each is answered if all is well.
_GROUP: tuple[tuple[Phase, tuple[int, ...]], ...] = (
    (Phase.MAIL, (250,)),
    (Phase.RCPT, (250, 251, 252)),
    (Phase.DATA, (354,)),
)


class Reply(NamedTuple):
    """One reply. ``code`` is 0 if it cannot be read."""

    code: int
    lines: list[bytes]

    @property
    def text(self) -> str:
        """What it says after the code, without line ends other than ``\\n``."""
        return "\n".join(line[4:].strip().decode("utf-8", "replace") for line in self.lines)


class Wire(asyncio.Protocol):
    """
    Writes to a transport and gathers the replies, for one caller at a time.

    Attributes:
        broken: why nothing more will come, as the name of an error; empty while it is open.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._rest = b""
        self._lines: list[bytes] = []
        self._replies: list[Reply] = []
        self._wanted = 0
        self._waiter: asyncio.Future[None] | None = None
        self._limit = 0.0
        self._deadline = Deadline(self._expire)
        self.broken = "" if not transport.is_closing() else ConnectionResetError.__name__
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        return not self.broken and not self._transport.is_closing()

    @property
    def socket(self) -> socket.socket | None:
        """What lies under it."""
        found: socket.socket | None = self._transport.get_extra_info("socket")
        return found

    async def ask(self, data: bytes, count: int, *, limit: timedelta) -> list[Reply]:
        """
        Write ``data``, and return the ``count`` replies to it.

        Fewer come back if the connection breaks, if one of them is 421, or if any takes longer than ``limit``.
        """
        if not self.is_open:
            return []
        self._replies, self._wanted, self._limit = [], count, limit.total_seconds()
        self._waiter = self._loop.create_future()
        self._deadline.start(self._limit)
        self._transport.write(data)
        try:
            await self._waiter
        finally:
            self._waiter = None
            self._deadline.stop()
        return self._replies

    def leave(self, word: bytes) -> None:
        """Say one word more, and hang up when it has gone out."""
        if self.is_open and not self._loop.is_closed():
            self._transport.write(word)
            self._transport.close()

    def abandon(self, why: str = ConnectionAbortedError.__name__) -> None:
        """Hang up; what has not gone out yet goes out no more."""
        self.broken = self.broken or why
        if not self._loop.is_closed():
            self._deadline.close()
            self._transport.abort()
            self._wake()

    # What asyncio calls

    def data_received(self, data: bytes) -> None:
        if self._waiter is None:
            # Nobody asked: whatever comes next would be taken for the answer to something else.
            self.abandon()
            return
        replies, count = self._replies, len(self._replies)
        *lines, self._rest = (self._rest + data if self._rest else data).split(b"\n")
        for line in lines:
            self._lines.append(line)
            if line[3:4] != b"-":
                code = line[:3]
                replies.append(Reply(int(code) if code.isdigit() else 0, self._lines))
                self._lines = []
        if len(self._rest) > _LONGEST_LINE or len(self._lines) > _MOST_LINES or len(replies) > self._wanted:
            self.abandon(OverflowError.__name__)
        elif len(replies) == self._wanted or (replies and replies[-1].code == 421):
            self._wake()
        elif len(replies) > count:
            self._deadline.start(self._limit)

    def connection_lost(self, error: Exception | None) -> None:
        self.abandon(type(error or ConnectionResetError()).__name__)

    def _expire(self) -> None:
        self.abandon(TimeoutError.__name__)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class PipeliningConnection(Connection):
    """Says MAIL, RCPT and DATA in one breath."""

    def __init__(self, opening: Opening, server: Server, places: Places, *, now: float) -> None:
        super().__init__(opening, server, places, now=now)
        self._wire = Wire(cast(asyncio.Transport, opening.smtp.transport))

    @property
    def is_open(self) -> bool:
        return self._wire.is_open

    async def transact(self, mail: Mail) -> str:
        was_idle = self.begin()
        group = b"%b\r\n%b\r\nDATA\r\n" % mail.commands(self.extensions, is_plain=self.is_plain)
        self.is_clean = False
        replies = await self._wire.ask(group, 3, limit=self._server.command_timeout)
        failure = await self._envelope_failure(replies, was_idle=was_idle)
        if failure is not None:
            raise failure
        if not self._wire.is_open:
            # Lost after 354, or more was answered than asked. Nothing of the mail has been written.
            self.is_garbled = not self.is_proven
            raise lost(Phase.DATA, self._wire.broken or ConnectionResetError.__name__)
        self.is_proven = True
        answers = await self._wire.ask(mail.body, 1, limit=self._server.data_timeout)
        if not answers:
            raise unanswered(self._wire.broken)
        answer = answers[0]
        if answer.code == 250:
            self.is_clean = True
            return answer.text
        failure = refusal(Phase.DOT, answer.code, answer.text)
        if answer.code == 421 or isinstance(failure, Uncertain):
            self.close()
        raise failure

    async def _envelope_failure(self, replies: list[Reply], *, was_idle: bool) -> SendError | None:
        """Find the first command that was not answered as it should be; none: the server waits for the mail."""
        answered = zip(_GROUP, replies, strict=False)
        refused = next(((phase, reply) for (phase, wanted), reply in answered if reply.code not in wanted), None)
        if refused is None:
            return None if len(replies) == len(_GROUP) else self._lost_within(replies, was_idle=was_idle)
        phase, reply = refused
        self.is_stale = was_idle and phase is Phase.MAIL and reply.code == 421
        if reply.code < 400:
            self.is_garbled = True
            self.close()
        elif reply.code == 421:
            self.close()
        else:
            self.is_garbled = _blames_pipelining(reply, is_proven=self.is_proven)
            self.is_proven = self.is_proven or (len(replies) == len(_GROUP) and not self.is_garbled)
            await self._end_data(replies)
        return refusal(phase, reply.code, reply.text)

    def _lost_within(self, replies: list[Reply], *, was_idle: bool) -> SendError:
        timed_out = self._wire.broken == TimeoutError.__name__
        self.is_stale = was_idle and not replies and not timed_out
        # A server that answers some and not all, or hangs up when it is first spoken to like this, does not mean it.
        self.is_garbled = not self.is_proven and (bool(replies) or not timed_out)
        self.close()
        return lost(_GROUP[len(replies)][0], self._wire.broken)

    async def _end_data(self, replies: list[Reply]) -> None:
        """
        See to a server that asked for the mail although it refused its envelope (RFC 2920 section 3.1): a lone dot.

        If it took the recipient, the lone dot would send an empty mail: then hang up, which sends nothing.
        """
        if len(replies) < len(_GROUP) or replies[2].code != 354:
            return
        if replies[1].code in _GROUP[1][1]:
            self.close()
            return
        answers = await self._wire.ask(b".\r\n", 1, limit=self._server.command_timeout)
        if not answers or answers[0].code < 400 or answers[0].code == 421:
            self.close()

    async def ask(self, word: bytes, *, limit: timedelta) -> int:
        answers = await self._wire.ask(word + b"\r\n", 1, limit=limit)
        return answers[0].code if answers else 0

    def close(self) -> None:
        self._wire.abandon()

    def leave(self) -> None:
        self._wire.leave(b"QUIT\r\n")

    def _socket(self) -> socket.socket | None:
        return self._wire.socket


def _blames_pipelining(reply: Reply, *, is_proven: bool) -> bool:
    """Tell whether a refusal means the way of speaking: it says so, or it is of 500 to 504 where that is not proven."""
    says = reply.text.lower()
    if "pipelin" in says or "synchroni" in says:
        return True
    enhanced = enhanced_code(reply.code, reply.text)
    return not is_proven and 500 <= reply.code <= 504 and (not enhanced or enhanced.startswith("5.5."))
