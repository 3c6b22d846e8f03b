"""
One connection to an SMTP server, and the opening of it.

Commands go out one by one, so that it is known which was answered, and which was not. Nothing that the client library
raises gets out of here: its texts hold addresses. It is rebuilt from type and code, outside the ``except``, so that it
is not even the context of ours.
"""

import ssl
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from typing import Literal

import aiosmtplib
from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPHeloError,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from ..errors import ChannelRefused, SendError, Transient, Uncertain
from .smtp_replies import Phase, refusal

Tls = Literal["auto", "starttls", "implicit", "none"]


@dataclass(frozen=True, kw_only=True)
class Server:
    """Where a server is and how to speak to it; the arguments of ``SmtpTransport``, which explains them."""

    host: str
    port: int
    username: str | None
    password: str | None
    tls: Tls
    tls_context: ssl.SSLContext | None
    local_hostname: str | None
    connect_timeout: timedelta
    command_timeout: timedelta
    data_timeout: timedelta

    @property
    def is_loopback(self) -> bool:
        """Whether the server is on this machine, so that nobody can listen in."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def must_keep_password(self) -> bool:
        """Whether there is a password that must not cross a network in plain text, or go to an unverified server."""
        return self.username is not None and self.tls != "none" and not self.is_loopback


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
    failure: SendError
    smtp = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        timeout=server.connect_timeout.total_seconds(),
        use_tls=server.tls == "implicit",
        start_tls=False,
        tls_context=context,
        # The client library would ask the DNS for a name, which can take long; the greeting says our address instead.
        local_hostname=server.local_hostname or "[127.0.0.1]",
    )
    phase = Phase.CONNECT
    is_ready = False
    try:
        await smtp.connect()
        if server.local_hostname is None:
            smtp.local_hostname = _address_literal(smtp)
        await _greet(smtp)
        await _start_tls(smtp, server)
        phase = Phase.AUTH
        await _log_in(smtp, server)
        is_ready = True
    except SMTPResponseException as error:
        failure = refusal(phase, error.code, error.message)
    except (SMTPException, OSError) as error:
        failure = _unreached(error, server)
    else:
        return Connection(smtp, server, opened_at=now)
    finally:
        if not is_ready:
            smtp.close()
    raise failure


async def _greet(smtp: aiosmtplib.SMTP) -> None:
    try:
        await smtp.ehlo()
    except SMTPHeloError as error:
        if error.code < 500 or not smtp.is_connected:
            raise
        await smtp.helo()


async def _start_tls(smtp: aiosmtplib.SMTP, server: Server) -> None:
    if server.tls in ("implicit", "none"):
        return
    if smtp.supports_extension("starttls"):
        await smtp.starttls()
        await _greet(smtp)
    elif server.tls == "starttls":
        raise ChannelRefused(f"{server.host} offers no STARTTLS, and `tls` insists on it.", code="tls")


async def _log_in(smtp: aiosmtplib.SMTP, server: Server) -> None:
    if server.username is None:
        return
    has_tls = smtp.get_transport_info("sslcontext") is not None
    if server.must_keep_password and not has_tls:
        raise ChannelRefused(f"{server.host} offers no STARTTLS; the password is not sent in plain text.", code="tls")
    ways = ["plain", "login", "cram-md5"] if has_tls else ["cram-md5", "plain", "login"]
    log_in = {"plain": smtp.auth_plain, "login": smtp.auth_login, "cram-md5": smtp.auth_crammd5}
    refused: SMTPAuthenticationError | None = None
    for way in ways:
        if way in smtp.server_auth_methods:
            try:
                await log_in[way](server.username, server.password or "")
                return
            except SMTPAuthenticationError as error:
                # Some servers announce ways that they do not know, so the next is tried; the first refusal counts.
                refused = refused or error
            except SMTPServerDisconnected:
                if refused is None:
                    raise
                break
    raise refused or ChannelRefused(f"{server.host} offers no way to log in that we know.", code="auth")


def _address_literal(smtp: aiosmtplib.SMTP) -> str:
    """Our own address, as RFC 5321 section 4.1.4 wants it from a client without a name."""
    address = str(smtp.get_transport_info("sockname")[0])
    return f"[IPv6:{address.partition('%')[0]}]" if ":" in address else f"[{address}]"


def _unreached(error: Exception, server: Server) -> Transient:
    """There is no connection. The host's name is ours and may be said."""
    cause = error.__cause__ if isinstance(error, SMTPException) and error.__cause__ is not None else error
    if isinstance(cause, ssl.SSLError):
        return Transient(f"TLS with {server.host}:{server.port} failed ({type(cause).__name__}).", code="tls")
    return Transient(f"{server.host}:{server.port} cannot be reached ({type(cause).__name__}).", code="connect")
