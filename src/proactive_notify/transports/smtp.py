"""
Mail by SMTP, over connections that stay open.
"""

import os
import re
import ssl
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol, Self
from urllib.parse import SplitResult, unquote, urlsplit

from .._content.mime import encode, envelope
from ..clock import Clock, SystemClock
from ..domain.messages import Accepted, EmailMessage
from ..errors import Permanent, SendError, UsageError
from .smtp_connection import Connection
from .smtp_mail import Mail
from .smtp_pool import ConnectionPool
from .smtp_probe import ServerReport, probe
from .smtp_replies import queue_id
from .smtp_server import Server, Tls

#: scheme → (tls, port, port with a user name). RFC 6409 (587), RFC 8314 (465).
_SCHEMES: Mapping[str, tuple[Tls, int, int]] = {
    "smtp": ("auto", 25, 587),
    "smtp+starttls": ("starttls", 587, 587),
    "smtps": ("implicit", 465, 465),
}
_SCHEMES_SAID = "smtp://, smtp+starttls:// or smtps://"


#: RFC 5321 section 4.2.2 (455, 555), RFC 5248 (X.5.4): the options of MAIL or RCPT are not understood.
_REFUSES_OPTIONS = re.compile(r"[45]55\b|\d{3} [45]\.5\.4$")


class Signer(Protocol):
    """Signs mails, for example with DKIM."""

    def sign(self, wire: bytes, *, at: datetime) -> bytes:
        """
        Return the mail with its signature, for which ``at`` is the time.

        Raises:
            ChannelRefused: the key or the set-up cannot sign.
        """
        ...


class SmtpTransport:
    """
    Hands mails to an SMTP server, one recipient each, over at most ``connections`` connections that stay open.

    The bytes are a function of the message, so sending the same message again (after ``Uncertain``) sends the same
    bytes under the same ``Message-ID``.

    Args:
        host: the server's name or address.
        port: 587 for submission (RFC 6409), 465 with ``tls="implicit"`` (RFC 8314).
        username: log in with this name; None: do not log in.
        password: its password.
        tls: ``starttls`` insists on it; ``implicit`` speaks TLS from the first octet; ``none`` speaks plain text;
            ``auto`` takes STARTTLS where it is offered, without verifying the certificate (RFC 7435: the alternative
            would be plain text), but with a ``username`` insists on STARTTLS with a verified certificate, unless the
            server is on this machine.
        tls_context: for an authority or a client certificate of your own; None: made once, with the system's
            authorities.
        connections: at most so many at a time; more callers wait. A server that allows fewer gets fewer.
        messages_per_connection: then a new connection is opened; servers count.
        max_age: a connection older than this is replaced.
        idle_check: a connection that was idle for longer is asked (``NOOP``) before it is used.
        local_hostname: how we name ourselves; None: by our address (RFC 5321 section 4.1.4).
        connect_timeout: for each of connecting (with the greeting), ``EHLO``, TLS and the log-in. RFC 5321 section
            4.5.3.2.1 wants 5 minutes for the greeting of any server; ours is one that was chosen, and the row can wait.
        command_timeout: for the answer to each command. RFC 5321 section 4.5.3.2 wants 5 minutes.
        data_timeout: for the answer to the final dot. RFC 5321 section 4.5.3.2.6 wants 10 minutes, and every minute
            less makes more mails uncertain.
        pipelining: say ``MAIL``, ``RCPT`` and ``DATA`` at once where the server offers it (RFC 2920): two round trips
            instead of four. A server that offers it and does not mean it is noticed. False: always one by one.
        dkim: signs each mail; None: not signed here.
        clock: the ages of connections are read from it, and by it one waits before connecting again.
    """

    def __init__(
        self,
        host: str,
        port: int = 587,
        *,
        username: str | None = None,
        password: str | None = None,
        tls: Tls = "starttls",
        tls_context: ssl.SSLContext | None = None,
        connections: int = 16,
        messages_per_connection: int = 100,
        max_age: timedelta = timedelta(minutes=5),
        idle_check: timedelta = timedelta(seconds=10),
        local_hostname: str | None = None,
        connect_timeout: timedelta = timedelta(minutes=1),
        command_timeout: timedelta = timedelta(minutes=5),
        data_timeout: timedelta = timedelta(minutes=10),
        pipelining: bool = True,
        dkim: Signer | None = None,
        clock: Clock | None = None,
    ) -> None:
        if connections < 1 or messages_per_connection < 1:
            raise UsageError("`connections` and `messages_per_connection` must be at least 1.")
        if not _is_host(host):
            raise UsageError("`host` is no name or address of a server.")
        self._server = Server(
            host=host,
            port=port,
            username=username,
            password=password,
            tls=tls,
            tls_context=tls_context,
            local_hostname=local_hostname,
            connect_timeout=connect_timeout,
            command_timeout=command_timeout,
            data_timeout=data_timeout,
        )
        self._pool = ConnectionPool(
            self._server,
            size=connections,
            messages=messages_per_connection,
            max_age=max_age,
            idle_check=idle_check,
            pipelining=pipelining,
            clock=clock or SystemClock(),
        )
        #: What signs each mail; None: nothing does.
        self.dkim = dkim

    @classmethod
    def from_url(cls, url: str, **options: Any) -> Self:
        """
        Make a transport from ``scheme://user:password@host:port``; user and password percent-encoded.

        ``smtp://``: STARTTLS if the server offers it (port 25; with a user 587, and STARTTLS is insisted on unless the
        server is on this machine). ``smtp+starttls://``: always STARTTLS (port 587). ``smtps://``: TLS from the first
        octet (port 465). ``options`` are the arguments of the class.

        Raises:
            UsageError: it cannot be read. The text does not repeat the URL, for it may hold a password.
        """
        parts, port = _split(url)
        if parts.scheme not in _SCHEMES:
            raise UsageError(f"The URL of an SMTP server begins with {_SCHEMES_SAID}.")
        if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
            raise UsageError(
                "The URL of an SMTP server is scheme://user:password@host:port and nothing else. "
                "Write / ? # @ : in user and password percent-encoded."
            )
        tls, usual_port, port_with_user = _SCHEMES[parts.scheme]
        username = unquote(parts.username) if parts.username else None
        password = unquote(parts.password) if parts.password else None
        usual_port = port_with_user if username else usual_port
        given: dict[str, Any] = {"username": username, "password": password, "tls": tls, **options}
        return cls(parts.hostname, port or usual_port, **given)

    @classmethod
    def from_env(cls, **options: Any) -> Self:
        """
        Make a transport from the environment variable ``PN_SMTP_URL``, as ``from_url`` reads it.

        Raises:
            UsageError: the variable is not set, or cannot be read.
        """
        url = os.environ.get("PN_SMTP_URL")
        if not url:
            raise UsageError("Set PN_SMTP_URL, for example to smtp+starttls://user:password@mail.example:587.")
        return cls.from_url(url, **options)

    def __repr__(self) -> str:
        return f"SmtpTransport({self._server.host!r}, {self._server.port}, tls={self._server.tls!r})"

    async def send(self, message: EmailMessage) -> Accepted:
        """
        Hand over one mail; ``reference`` is the server's own id of it, if it said one.

        Raises:
            Transient: not handed over; the server is away or asks us to wait.
            Permanent: not handed over and never will be; ``suppress`` is set if it is the address.
            Uncertain: the final dot was sent and no answer came.
            ChannelRefused: our log-in, sender or set-up is refused.
        """
        if not isinstance(message, EmailMessage):
            raise UsageError(f"SmtpTransport sends EmailMessage, not {type(message).__name__}.")
        mail = self._mail(message)
        connection = await self._pool.take()
        try:
            while True:
                try:
                    return Accepted(reference=queue_id(await _hand_over(connection, mail)))
                except SendError:
                    # Nothing was handed over, and it is not the mail's fault: a fresh connection may try at once.
                    if not (connection.is_stale or connection.is_garbled):
                        raise
                connection = await self._replace(connection)
        finally:
            self._pool.give_back(connection)

    def _mail(self, message: EmailMessage) -> Mail:
        sender, recipient = envelope(message)
        wire = encode(message)
        if self.dkim is not None:
            wire = self.dkim.sign(wire, at=message.at)
        return Mail(sender.encode(), recipient.encode(), wire, message.envelope_id)

    async def _replace(self, connection: Connection) -> Connection:
        connection.close()
        if connection.is_garbled:
            self._pool.distrust_pipelining()
        return await self._pool.open()

    async def probe(self, *, log_in: bool = True) -> ServerReport:
        """
        Look at the server without sending a mail: connect, ``EHLO``, TLS, ``AUTH``, each step with what was found.

        A step that fails is in the report, in words and with what to do about it; nothing is raised for it. It uses a
        connection of its own, and a further one where the certificate would not be looked at otherwise.

        Args:
            log_in: False leaves the user name and the password unused.
        """
        return await probe(self._server, self._pool.context, log_in=log_in)

    async def aclose(self) -> None:
        """Say goodbye on every connection. The transport may be used again."""
        await self._pool.aclose()


async def _hand_over(connection: Connection, mail: Mail) -> str:
    """Hand over one mail, again without options if it is for those that it is refused."""
    try:
        return await _transact(connection, mail)
    except SendError as error:
        if connection.is_plain or not connection.is_clean or not _REFUSES_OPTIONS.match(error.code):
            raise
    connection.is_plain = True
    try:
        return await _transact(connection, mail)
    except SendError as error:
        if not (mail.is_international and _REFUSES_OPTIONS.match(error.code)):
            raise
        code = error.code
    raise Permanent("The server does not take an address that is not ASCII.", code=code)


async def _transact(connection: Connection, mail: Mail) -> str:
    try:
        return await connection.transact(mail)
    except SendError as error:
        if error.code.endswith("4.5.3"):
            connection.leave()
        elif not connection.is_clean and connection.is_open:
            await connection.reset()
        raise


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        return parts, parts.port
    except ValueError:
        pass
    raise UsageError("The URL of an SMTP server cannot be read: look at its host and port.")


def _is_host(host: str) -> bool:
    try:
        return bool(host.encode("idna"))
    except UnicodeError:
        return False
