"""
Connections to one SMTP server that stay open between messages: the last one used is the next one taken.
"""

import asyncio
import ssl
from datetime import timedelta

from tenacity import AsyncRetrying, RetryCallState, retry_if_result, wait_random_exponential

from ..clock import Clock
from ..errors import SendError, Transient
from .smtp_connection import Connection, SteppingConnection
from .smtp_opening import Opening
from .smtp_pipeline import PipeliningConnection
from .smtp_places import Places
from .smtp_server import Server

#: A server that cannot be reached is tried so often within so many seconds before a message has to wait.
_TRIES, _TRYING = 3, 5.0
#: A server that garbled PIPELINING is not spoken to like that for so many seconds.
_WITHOUT_PIPELINING = timedelta(hours=1).total_seconds()
#: A server that allows fewer connections is not asked for more for so many seconds.
_CROWDED = timedelta(minutes=5).total_seconds()


class ConnectionPool:
    """
    At most ``size`` connections: a caller takes one, uses it, and gives it back.

    A server that allows fewer at a time (it answers 4xx to another one while some of ours are at work) gets fewer for
    a while, and who waits uses those.

    Args:
        messages: so many messages go over one connection.
        max_age: an older connection is not used again.
        idle_check: after so long without use a connection is asked whether it is alive.
        pipelining: say MAIL, RCPT and DATA at once where that is offered.
    """

    def __init__(
        self,
        server: Server,
        *,
        size: int,
        messages: int,
        max_age: timedelta,
        idle_check: timedelta,
        pipelining: bool,
        clock: Clock,
    ) -> None:
        self._server = server
        self._size = size
        self._messages = messages
        self._max_age = max_age.total_seconds()
        self._idle_check = idle_check.total_seconds()
        self._pipelining = pipelining
        self._clock = clock
        self._context: ssl.SSLContext | None = None
        self._is_proven = False
        self._was_reached = True
        self._without_until = self._crowded_until = float("-inf")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._places = Places(size)
        self._idle: list[Connection] = []
        self._generation = 0

    @property
    def context(self) -> ssl.SSLContext | None:
        """The one context of all connections; made when it is first asked for."""
        if self._context is None:
            self._context = self._server.make_context()
        return self._context

    async def take(self) -> Connection:
        """
        Wait for a place, and take the connection that was used last and is good, or a new one.

        Raises:
            Transient: the server cannot be reached.
            ChannelRefused: it refuses us, or does not offer what we insist on.
        """
        self._move()
        places = self._places
        while True:
            if places.limit < self._size and self._clock.monotonic() >= self._crowded_until:
                places.limit = self._size
                places.let_in()
            await places.enter()
            connection: Connection | None = None
            try:
                connection = await self._reuse() or await self._open_unless_crowded(places)
            finally:
                if connection is None:
                    places.leave()
            if connection is not None:
                return connection

    def give_back(self, connection: Connection) -> None:
        """Let the next caller have ``connection``, if it can be used again, and the place in any case."""
        if connection.loop.is_closed():
            return
        now = self._clock.monotonic()
        self._is_proven = self._is_proven or connection.is_proven
        if not (connection.is_clean and connection.is_open):
            connection.close()
        elif connection.generation != self._generation or connection.sent >= self._messages:
            connection.leave()
        else:
            connection.used_at = now
            self._idle.append(connection)
            if now - self._idle[0].used_at > self._max_age:
                self._idle.pop(0).leave()
        connection.places.leave()

    def distrust_pipelining(self) -> None:
        """Go on one command at a time, for an hour."""
        self._is_proven = False
        self._without_until = self._clock.monotonic() + _WITHOUT_PIPELINING
        self._generation += 1
        while self._idle:
            self._idle.pop().leave()

    async def aclose(self) -> None:
        """
        Say goodbye on every connection that is not in use; one that is says it when it is given back.

        The pool may be used again, also in another loop.
        """
        self._move()
        idle, self._idle = self._idle, []
        self._generation += 1
        await asyncio.gather(*(connection.quit() for connection in idle))

    async def open(self) -> Connection:
        """
        Open another connection. A server that cannot be reached is tried again for some seconds.

        That is done once: while it stays away, each further caller tries once.

        Raises:
            Transient: the server cannot be reached.
            ChannelRefused: it refuses us, or does not offer what we insist on.
        """
        began, tries = self._clock.monotonic(), _TRIES if self._was_reached else 1

        def is_enough(state: RetryCallState) -> bool:
            return state.attempt_number >= tries or self._clock.monotonic() - began >= _TRYING

        retrying = AsyncRetrying(
            sleep=self._clock.sleep,
            stop=is_enough,
            wait=wait_random_exponential(multiplier=1, max=3),
            retry=retry_if_result(_is_unreached),
            retry_error_callback=_last_result,
        )
        made: Connection | SendError = await retrying(self._try_to_open)
        self._was_reached = not _is_unreached(made)
        if isinstance(made, SendError):
            raise made
        return made

    async def _try_to_open(self) -> Connection | SendError:
        opening = Opening(self._server, self.context)
        connection: Connection | None = None
        try:
            await opening.connect()
            await opening.greet()
            await opening.start_tls()
            await opening.log_in()
            connection = self._connection(opening)
        except SendError as error:
            return error
        finally:
            if connection is None:
                opening.close()
        return connection

    def _connection(self, opening: Opening) -> Connection:
        now = self._clock.monotonic()
        pipelines = self._pipelining and "pipelining" in opening.extensions and now >= self._without_until
        kind: type[Connection] = PipeliningConnection if pipelines else SteppingConnection
        connection = kind(opening, self._server, self._places, now=now)
        connection.generation, connection.is_proven = self._generation, self._is_proven and pipelines
        return connection

    async def _open_unless_crowded(self, places: Places) -> Connection | None:
        try:
            return await self.open()
        except Transient as error:
            # With others of ours at work it means: no more at a time. The last one that is turned away is told.
            if not (places.entered > 1 and error.is_outage and error.code.startswith("4")):
                raise
        places.limit = places.entered - 1
        self._crowded_until = self._clock.monotonic() + _CROWDED
        return None

    async def _reuse(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            now, is_good = self._clock.monotonic(), False
            try:
                if connection.is_open and now - connection.opened_at <= self._max_age:
                    is_good = now - connection.used_at <= self._idle_check or await connection.is_alive()
            finally:
                if not is_good:
                    connection.leave()
            if is_good:
                connection.taken_again()
                return connection
        return None

    def _move(self) -> None:
        """Begin anew in another loop: what belongs to an earlier one cannot be used here."""
        loop = asyncio.get_running_loop()
        if loop is self._loop:
            return
        for connection in self._idle:
            connection.orphan()
        self._loop, self._idle, self._places = loop, [], Places(self._size)
        self._generation += 1


def _is_unreached(made: Connection | SendError) -> bool:
    return isinstance(made, Transient) and made.code == "connect"


def _last_result(state: RetryCallState) -> Connection | SendError:
    assert state.outcome is not None
    made: Connection | SendError = state.outcome.result()
    return made
