"""
One connection to an SMTP server that is open and logged in, and goes on command by command.

Nothing that the client library raises gets out of here: its texts hold addresses. It is rebuilt from type and code,
outside the ``except``, so that it is not even the context of ours.
"""

import asyncio
import socket
from abc import ABC, abstractmethod
from collections.abc import Awaitable
from contextlib import suppress
from datetime import timedelta
from typing import cast

import aiosmtplib
from aiosmtplib import SMTPException, SMTPResponse

from ..errors import SendError, Transient, Uncertain
from .smtp_deadline import Deadline
from .smtp_mail import Mail
from .smtp_opening import Opening
from .smtp_places import Places
from .smtp_replies import Phase, refusal
from .smtp_server import Server


class Connection(ABC):
    """
    A connection that is open and logged in.

    Attributes:
        extensions: what the server offers, by keyword in lower case.
        is_clean: whether the server waits for the next mail, and remembers none of an earlier one.
        is_plain: whether it refused a mail for its options (455, 555), so that the next go without.
        is_stale: whether it turned out to be gone at the first command after it was taken again.
        is_garbled: whether PIPELINING may be to blame for what went wrong. Nothing was handed over then.
        is_proven: whether the server answered several commands at once as it should.
        sent: how many messages were begun on it.
        opened_at: when it was opened, in seconds of the pool's clock.
        used_at: when it was last used, likewise.
        generation: which of the pool's lives it belongs to.
        loop: the loop that it lives in, and with which it dies.
        places: where its user's place is.
    """

    def __init__(self, opening: Opening, server: Server, places: Places, *, now: float) -> None:
        self._server = server
        self.places = places
        self._was_idle = False
        self.loop = asyncio.get_running_loop()
        self.extensions = dict(opening.extensions)
        self.is_clean = True
        self.is_plain = False
        self.is_stale = False
        self.is_garbled = False
        self.is_proven = False
        self.sent = 0
        self.opened_at = self.used_at = now
        self.generation = 0

    @property
    @abstractmethod
    def is_open(self) -> bool:
        """Whether neither side has hung up, as far as we know."""

    @abstractmethod
    async def transact(self, mail: Mail) -> str:
        """
        Hand over one mail, and return the text of the server's last ``250``.

        Raises:
            Transient: surely not handed over; the server asks us to wait, or the connection was lost before the mail.
            Permanent: surely not handed over; the server refused it.
            ChannelRefused: surely not handed over; the server refused us.
            Uncertain: the mail was written, and no answer that can be read came (RFC 1047).
        """

    @abstractmethod
    async def ask(self, word: bytes, *, limit: timedelta) -> int:
        """Say one word, and return the code of the answer; 0 if none came that can be read."""

    @abstractmethod
    def close(self) -> None:
        """Hang up. It does no harm to do it twice, or after the loop has ended."""

    @abstractmethod
    def leave(self) -> None:
        """Say ``QUIT`` and hang up, without waiting for the answer."""

    def orphan(self) -> None:
        """Hang up from outside its loop, which may have ended: then the server is told, and no more can be done."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.close)
        elif (sock := self._socket()) is not None:
            with suppress(OSError):  # the server may have hung up before
                sock.shutdown(socket.SHUT_RDWR)

    @abstractmethod
    def _socket(self) -> socket.socket | None:
        """What lies under it."""

    def begin(self) -> bool:
        """Begin a message, and tell whether the connection comes from the pool."""
        self.sent += 1
        self.is_stale = self.is_garbled = False
        was_idle, self._was_idle = self._was_idle, False
        return was_idle

    def taken_again(self) -> None:
        """Note that it comes from the pool, where the server may have hung up unnoticed."""
        self._was_idle = True

    async def is_alive(self) -> bool:
        """Ask with ``NOOP``."""
        return await self.ask(b"NOOP", limit=self._server.connect_timeout) == 250

    async def reset(self) -> bool:
        """Forget the sender and recipient with ``RSET``, and tell whether the connection can be used again."""
        self.is_clean = await self.ask(b"RSET", limit=self._server.connect_timeout) == 250
        return self.is_clean

    async def quit(self) -> None:
        """Say goodbye, and hang up whatever the answer is."""
        try:
            await self.ask(b"QUIT", limit=timedelta(seconds=5))
        finally:
            self.close()


class SteppingConnection(Connection):
    """Says one command after the other by the client library, and waits for the answer to each."""

    def __init__(self, opening: Opening, server: Server, places: Places, *, now: float) -> None:
        super().__init__(opening, server, places, now=now)
        self._smtp: aiosmtplib.SMTP = opening.smtp
        self._deadline = Deadline(self.close)

    @property
    def is_open(self) -> bool:
        return self._smtp.is_connected

    async def transact(self, mail: Mail) -> str:
        was_idle = self.begin()
        mail_from, rcpt_to = mail.commands(self.extensions, is_plain=self.is_plain)
        self.is_clean = False
        await self._say(Phase.MAIL, mail_from, was_idle=was_idle)
        await self._say(Phase.RCPT, rcpt_to, wanted=(250, 251, 252))
        await self._say(Phase.DATA, b"DATA", wanted=(354,))
        answer = await self._hand_over(mail.body)
        self.is_clean = True
        return answer

    async def _say(
        self, phase: Phase, command: bytes, *, wanted: tuple[int, ...] = (250,), was_idle: bool = False
    ) -> None:
        """Say one command and read the answer; what is not one of ``wanted`` is raised, by the table of replies."""
        failure: SendError
        try:
            reply = await self._answer(self._smtp.execute_command(command, timeout=None), self._server.command_timeout)
        except (SMTPException, OSError) as error:
            self.is_stale = was_idle and isinstance(error, ConnectionError) and not self._deadline.has_expired
            failure = lost(phase, self._kind(error))
        else:
            if reply.code in wanted:
                return
            self.is_stale = was_idle and reply.code == 421
            failure = refusal(phase, reply.code, reply.message)
            if reply.code >= 400 and reply.code != 421:
                raise failure
        self.close()
        raise failure

    async def _hand_over(self, body: bytes) -> str:
        protocol = self._smtp.protocol
        if protocol is None or not protocol.is_connected:
            raise lost(Phase.DATA, "ConnectionError")
        failure: SendError
        try:
            protocol.write(body)
            reply = await self._answer(protocol.read_response(), self._server.data_timeout)
        except (SMTPException, OSError) as error:
            failure = unanswered(self._kind(error))
        else:
            if reply.code == 250:
                return reply.message
            failure = refusal(Phase.DOT, reply.code, reply.message)
            if reply.code != 421 and not isinstance(failure, Uncertain):
                raise failure
        self.close()
        raise failure

    async def ask(self, word: bytes, *, limit: timedelta) -> int:
        try:
            reply = await self._answer(self._smtp.execute_command(word, timeout=None), limit)
        except (SMTPException, OSError):
            return 0
        return reply.code

    async def _answer(self, reply: Awaitable[SMTPResponse], limit: timedelta) -> SMTPResponse:
        self._deadline.start(limit.total_seconds())
        try:
            return await reply
        finally:
            self._deadline.stop()

    def _kind(self, error: Exception) -> str:
        return TimeoutError.__name__ if self._deadline.has_expired else type(error).__name__

    def close(self) -> None:
        if not self.loop.is_closed():
            self._deadline.close()
            if self._smtp.transport is not None:
                cast(asyncio.Transport, self._smtp.transport).abort()
            self._smtp.close()

    def leave(self) -> None:
        if not self.loop.is_closed():
            self._deadline.close()
            if self.is_open:
                cast(asyncio.Transport, self._smtp.transport).write(b"QUIT\r\n")
            self._smtp.close()

    def _socket(self) -> socket.socket | None:
        found: socket.socket | None = self._smtp.get_transport_info("socket") if self._smtp.is_connected else None
        return found


def lost(phase: Phase, kind: str) -> Transient:
    """The connection broke, or nothing that can be read came, before the mail was written."""
    says = f"No answer that can be read came to {phase.value} ({kind})."
    return Transient(says, code=_code(kind), is_outage=True)


def unanswered(kind: str) -> Uncertain:
    """The mail was written, and nothing that can be read came."""
    return Uncertain(f"No answer came after the final dot ({kind}).", code=_code(kind), is_outage=True)


def _code(kind: str) -> str:
    return "timeout" if kind == TimeoutError.__name__ else "lost"
