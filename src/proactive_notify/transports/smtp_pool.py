"""
Connections to one SMTP server that stay open between messages: the last one used is the next one taken.
"""

import asyncio
import ssl
from datetime import timedelta

from ..clock import Clock
from .smtp_connection import Connection, open_connection
from .smtp_server import Server


class ConnectionPool:
    """
    At most ``size`` connections; a caller takes a slot, uses a connection, and gives it back or closes it.

    Args:
        messages: so many messages go over one connection.
        max_age: an older connection is not used again.
        idle_check: after so long without use a connection is asked whether it is alive.
    """

    def __init__(
        self, server: Server, *, size: int, messages: int, max_age: timedelta, idle_check: timedelta, clock: Clock
    ) -> None:
        self._server = server
        self._size = size
        self._messages = messages
        self._max_age = max_age.total_seconds()
        self._idle_check = idle_check.total_seconds()
        self._clock = clock
        self._context: ssl.SSLContext | None = None
        self._reset()

    def _reset(self) -> None:
        self._slots = asyncio.Semaphore(self._size)
        self._idle: list[Connection] = []

    @property
    def slots(self) -> asyncio.Semaphore:
        """Enter it, and one of the ``size`` places is yours."""
        return self._slots

    async def reuse(self) -> Connection | None:
        """Take the connection that was used last and is good; None if there is none."""
        while self._idle:
            connection = self._idle.pop()
            is_good = False
            try:
                is_good = await self._is_good(connection)
            finally:
                if not is_good:
                    connection.close()
            if is_good:
                connection.taken_again()
                return connection
        return None

    async def _is_good(self, connection: Connection) -> bool:
        now = self._clock.monotonic()
        if not connection.is_open:
            return False
        if connection.sent >= self._messages or now - connection.opened_at > self._max_age:
            await connection.quit()
            return False
        return now - connection.used_at <= self._idle_check or await connection.is_alive()

    async def open(self) -> Connection:
        """
        Open another connection.

        Raises:
            Transient: the server cannot be reached.
            ChannelRefused: it refuses us, or does not offer what we insist on.
        """
        return await open_connection(self._server, self.context, now=self._clock.monotonic())

    @property
    def context(self) -> ssl.SSLContext | None:
        """The one context of all connections; made when it is first asked for."""
        if self._context is None:
            self._context = self._server.make_context()
        return self._context

    def give_back(self, connection: Connection) -> None:
        """Let the next caller have ``connection``."""
        connection.used_at = self._clock.monotonic()
        self._idle.append(connection)

    async def aclose(self) -> None:
        """Say goodbye on every connection that is not in use. The pool may be used again, also in another loop."""
        idle = self._idle
        self._reset()
        await asyncio.gather(*(connection.quit() for connection in idle))
