"""
One connection to an SMTP server that is open and logged in.

Commands go out one by one, so that it is known which was answered, and which was not. Nothing that the client library
raises gets out of here: its texts hold addresses. It is rebuilt from type and code, outside the ``except``, so that it
is not even the context of ours.
"""

import ssl

import aiosmtplib
from aiosmtplib import SMTPException

from ..errors import SendError, Transient, Uncertain
from .smtp_opening import Opening
from .smtp_replies import Phase, refusal
from .smtp_server import Server


class Connection:
    """
    A connection that is open and logged in.

    Attributes:
        is_stale: whether it turned out to be gone at the first command after it was taken again.
        sent: how many messages were begun on it.
        opened_at: when it was opened, in seconds of the pool's clock.
        used_at: when it was last used, likewise.
    """

    def __init__(self, smtp: aiosmtplib.SMTP, server: Server, *, opened_at: float) -> None:
        self._smtp = smtp
        self._server = server
        self._was_idle = False
        self.is_stale = False
        self.sent = 0
        self.opened_at = self.used_at = opened_at

    @property
    def is_open(self) -> bool:
        """Whether the server has not hung up, as far as we know."""
        return self._smtp.is_connected

    def taken_again(self) -> None:
        """Note that it comes from the pool, where the server may have hung up unnoticed."""
        self._was_idle = True

    def offers(self, extension: str) -> bool:
        """Tell whether the server offers an ESMTP extension, for example ``smtputf8``."""
        return self._smtp.supports_extension(extension)

    async def command(self, phase: Phase, *words: bytes, wanted: tuple[int, ...] = (250,)) -> None:
        """
        Say one command and read the answer.

        Raises:
            SendError: the answer is not one of ``wanted``, by the table of replies; ``Transient`` if there is none.
        """
        seconds = self._server.command_timeout.total_seconds()
        was_idle, self._was_idle = self._was_idle, False
        failure: SendError
        try:
            reply = await self._smtp.execute_command(*words, timeout=seconds)
        except (SMTPException, OSError) as error:
            self.is_stale = was_idle and isinstance(error, ConnectionError)
            failure = Transient(f"No answer that can be read came to {phase.value} ({type(error).__name__}).")
        else:
            if reply.code in wanted:
                return
            self.is_stale = was_idle and reply.code == 421
            failure = refusal(phase, reply.code, reply.message)
            if reply.code >= 400 and reply.code != 421:
                raise failure
        self.close()
        raise failure

    async def hand_over(self, wire: bytes) -> str:
        """
        Send the mail and its final dot after ``354``, and return the text of the server's ``250``.

        Raises:
            SendError: the server refused it, by the table of replies.
            Transient: the connection was gone before anything was written.
            Uncertain: no answer that can be read came after the dot (RFC 1047), or one that is no answer to it.
        """
        body = wire.replace(b"\r\n.", b"\r\n..") + (b".\r\n" if wire.endswith(b"\r\n") else b"\r\n.\r\n")
        protocol = self._smtp.protocol
        if protocol is None or not protocol.is_connected:
            raise Transient(f"The connection was lost at {Phase.DATA.value}.")
        failure: SendError
        try:
            protocol.write(body)
            reply = await protocol.read_response(timeout=self._server.data_timeout.total_seconds())
        except (SMTPException, OSError) as error:
            failure = Uncertain(f"No answer came after the final dot ({type(error).__name__}).")
        else:
            if reply.code == 250:
                return reply.message
            if reply.code >= 400 and reply.code != 421:
                raise refusal(Phase.DOT, reply.code, reply.message)
            answer = f"The server answered {reply.code} after the final dot."
            is_refusal = reply.code == 421
            failure = refusal(Phase.DOT, 421, reply.message) if is_refusal else Uncertain(answer, code=str(reply.code))
        self.close()
        raise failure

    async def is_alive(self) -> bool:
        """Ask with ``NOOP``."""
        return await self._is_well(b"NOOP")

    async def reset(self) -> bool:
        """Forget the sender and recipient with ``RSET``, and tell whether the connection can be used again."""
        return await self._is_well(b"RSET")

    async def _is_well(self, word: bytes) -> bool:
        try:
            reply = await self._smtp.execute_command(word, timeout=self._server.connect_timeout.total_seconds())
        except (SMTPException, OSError):
            return False
        return reply.code == 250

    async def quit(self) -> None:
        """Say goodbye, and hang up whatever the answer is."""
        try:
            await self._smtp.execute_command(b"QUIT", timeout=5)
        except (SMTPException, OSError):
            pass
        finally:
            self.close()

    def close(self) -> None:
        """Hang up."""
        self._smtp.close()


async def open_connection(server: Server, context: ssl.SSLContext | None, *, now: float) -> Connection:
    """
    Connect, start TLS as ``server.tls`` says, and log in.

    Raises:
        Transient: the server cannot be reached, does not answer, or its certificate cannot be verified.
        ChannelRefused: it refuses us or our credentials, or does not offer what we insist on.
    """
    opening = Opening(server, context)
    is_ready = False
    try:
        await opening.connect()
        await opening.greet()
        await opening.start_tls()
        await opening.log_in()
        is_ready = True
    finally:
        if not is_ready:
            opening.close()
    return Connection(opening.smtp, server, opened_at=now)
