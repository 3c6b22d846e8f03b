"""
The opening of a connection to an SMTP server, step by step: connect, EHLO, STARTTLS, AUTH.

The client library does the steps. Nothing that it raises gets out of here: its texts hold addresses. It is rebuilt from
type and code, outside the ``except``, so that it is not even the context of ours.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Mapping
from typing import Any, cast

import aiosmtplib
from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPHeloError,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from ..errors import ChannelRefused, SendError, Transient
from .smtp_replies import Phase, refusal
from .smtp_server import Server


class Opening:
    """
    A connection that is being made. Whoever makes one closes it, or has another take over its ``smtp``.

    Each step raises ``Transient`` if the server cannot be reached, does not answer in time or asks us to wait, and
    ``ChannelRefused`` if it refuses us or lacks what we insist on.
    """

    def __init__(self, server: Server, context: ssl.SSLContext | None) -> None:
        self._server = server
        #: What broke the connection, if that is why a step failed.
        self.cause: BaseException | None = None
        self.smtp = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            # Our own limits hold: those of the library can swallow a cancellation (``wait_for`` before Python 3.12).
            timeout=None,
            use_tls=server.tls == "implicit",
            start_tls=False,
            tls_context=context,
            # The client library would ask the DNS for a name, which can take long; we say our address instead.
            local_hostname=server.local_hostname or "[127.0.0.1]",
        )

    @property
    def extensions(self) -> Mapping[str, str]:
        """What the server offers, by keyword in lower case."""
        return self.smtp.esmtp_extensions

    @property
    def is_encrypted(self) -> bool:
        return self.about("sslcontext") is not None

    def about(self, what: str) -> Any:
        """Ask the connection, for example for its ``cipher`` or ``peercert``; None if there is none."""
        return self.smtp.get_transport_info(what) if self.smtp.is_connected else None

    async def connect(self) -> None:
        """Connect, with TLS from the first octet if the server is so, and read the greeting."""
        await self._step(Phase.CONNECT, self._connect())

    async def greet(self) -> None:
        """Say ``EHLO``, and to a server that does not know it ``HELO``."""
        await self._step(Phase.EHLO, self._greet())

    async def start_tls(self) -> None:
        """Start TLS if the server offers it, greet it again, and see to what is insisted on."""
        if self._server.tls not in ("implicit", "none"):
            await self._step(Phase.TLS, self._start_tls())

    async def log_in(self) -> None:
        """Say ``AUTH`` if there is a user name."""
        if self._server.username is not None:
            await self._step(Phase.AUTH, self._log_in(self._server.username, self._server.password or ""))

    async def quit(self) -> None:
        """Say goodbye, and hang up whatever the answer is."""
        try:
            async with asyncio.timeout(5):
                await self.smtp.execute_command(b"QUIT")
        except (SMTPException, OSError):
            pass
        finally:
            self.close()

    def close(self) -> None:
        """Hang up at once, without waiting for the server to end its side of TLS."""
        if self.smtp.transport is not None:
            cast(asyncio.Transport, self.smtp.transport).abort()
        self.smtp.close()

    async def _step(self, phase: Phase, step: Awaitable[object]) -> None:
        failure: SendError
        try:
            async with asyncio.timeout(self._server.connect_timeout.total_seconds()):
                await step
        except SMTPResponseException as error:
            failure = refusal(phase, error.code, error.message)
        except (SMTPException, OSError) as error:
            # The library wraps what happened.
            self.cause = error.__cause__ if isinstance(error, SMTPException) and error.__cause__ else error
            failure = self._unreached(self.cause)
        else:
            return
        raise failure

    def _unreached(self, cause: BaseException) -> Transient:
        """There is no connection. The server's name is ours and may be said."""
        where = f"{self._server.host}:{self._server.port}"
        if isinstance(cause, ssl.SSLError):
            return Transient(f"TLS with {where} failed ({type(cause).__name__}).", code="tls", is_outage=True)
        return Transient(f"{where} cannot be reached ({type(cause).__name__}).", code="connect", is_outage=True)

    async def _connect(self) -> None:
        await self.smtp.connect()
        if self._server.local_hostname is None:
            # RFC 5321 section 4.1.4: a client without a name says its address.
            address = str(self.smtp.get_transport_info("sockname")[0])
            literal = f"IPv6:{address.partition('%')[0]}" if ":" in address else address
            self.smtp.local_hostname = f"[{literal}]"

    async def _greet(self) -> None:
        try:
            await self.smtp.ehlo()
        except SMTPHeloError as error:
            if error.code < 500 or not self.smtp.is_connected:
                raise
            await self.smtp.helo()

    async def _start_tls(self) -> None:
        self._insist_on_connection()
        if self.smtp.supports_extension("starttls"):
            await self.smtp.starttls()
            await self.greet()
        elif self._server.tls == "starttls":
            raise ChannelRefused(f"{self._server.host} offers no STARTTLS, and `tls` insists on it.", code="tls")

    def _insist_on_connection(self) -> None:
        """A connection that is lost offers nothing, and that is not to be taken for what the server offers."""
        if not self.smtp.is_connected:
            raise SMTPServerDisconnected("lost")

    async def _log_in(self, username: str, password: str) -> None:
        self._insist_on_connection()
        smtp, host = self.smtp, self._server.host
        if self._server.must_keep_password and not self.is_encrypted:
            raise ChannelRefused(f"{host} offers no STARTTLS; the password is not sent in plain text.", code="tls")
        ways = ["plain", "login", "cram-md5"] if self.is_encrypted else ["cram-md5", "plain", "login"]
        log_in = {"plain": smtp.auth_plain, "login": smtp.auth_login, "cram-md5": smtp.auth_crammd5}
        refused: SMTPAuthenticationError | None = None
        for way in ways:
            if way in smtp.server_auth_methods:
                try:
                    await log_in[way](username, password)
                    return
                except SMTPAuthenticationError as error:
                    # Some servers announce ways that they do not know, so the next is tried; the first refusal counts.
                    refused = refused or error
                except SMTPServerDisconnected:
                    if refused is None:
                        raise
                    break
        raise refused or ChannelRefused(f"{host} offers no way to log in that we know.", code="auth")
