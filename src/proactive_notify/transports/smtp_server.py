"""
Where an SMTP server is, how to speak to it, and how long to wait for it.
"""

import ssl
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from typing import Literal

Tls = Literal["auto", "starttls", "implicit", "none"]


@dataclass(frozen=True, kw_only=True)
class Server:
    """The arguments of ``SmtpTransport``, which explains them."""

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

    def make_context(self) -> ssl.SSLContext | None:
        """Make the context that all connections share: it takes 20 ms. None: no TLS, ever."""
        if self.tls == "none":
            return None
        if self.tls_context is not None:
            return self.tls_context
        if self.tls != "auto" or self.must_keep_password:
            return ssl.create_default_context()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
