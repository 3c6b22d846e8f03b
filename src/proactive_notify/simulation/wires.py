"""
Where the mails of a replay go beside the files: a real server, a folder, both or neither.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Self

from ..domain.messages import Accepted, Message
from ..errors import ChannelRefused, SendError, Transient, UsageError
from ..ports import Closable, Transport
from ..transports import FolderTransport, SmtpTransport

#: A server that is away is asked again after so many real seconds; virtual time stands still meanwhile.
_PAUSES = (0.5, 1.0, 2.0)
#: A replay should not hang on a server that does not answer.
_CONNECT_TIMEOUT = timedelta(seconds=15)
_COMMAND_TIMEOUT = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Wires:
    """
    What was asked for.

    Args:
        smtp: the URL of a server that gets each mail.
        folder: where each mail becomes an ``.eml`` file.
        pauses: real seconds between tries to reach a server that went away.
    """

    smtp: str | None = None
    folder: Path | None = None
    pauses: Sequence[float] = _PAUSES

    def open(self, *, on_loss: Callable[[], object] | None = None) -> "Wire":
        """
        Return what the recording transport hands the mails to.

        Args:
            on_loss: called once the server is gone for good.

        Raises:
            UsageError: the URL cannot be read.
        """
        return Wire(
            server=_Server.from_url(self.smtp) if self.smtp is not None else None,
            folder=FolderTransport(self.folder) if self.folder is not None else None,
            pauses=self.pauses,
            on_loss=on_loss,
        )

    async def check(self) -> None:
        """
        Say hello to the server, if there is one.

        Raises:
            UsageError: the URL cannot be read, or the server cannot be reached or refuses us.
        """
        server = self.open().server
        if server is not None:
            try:
                await server.greet()
            except SendError as error:
                raise UsageError(
                    f"--smtp: {error} Nothing was replayed; start the server, or leave --smtp out."
                ) from None
            finally:
                await server.aclose()


class _Server(SmtpTransport):
    """A server that one can say hello to."""

    @classmethod
    def from_url(cls, url: str, **options: object) -> Self:
        timeouts = {"connect_timeout": _CONNECT_TIMEOUT, "command_timeout": _COMMAND_TIMEOUT}
        try:
            return super().from_url(url, **{**timeouts, **options})
        except UsageError as error:
            raise UsageError(f"--smtp: {error}") from None

    async def greet(self) -> None:
        """
        Connect and log in; the connection is kept for the first mail.

        Raises:
            SendError: the server cannot be reached or refuses us.
        """
        self._pool.give_back(await self._pool.open())


class Wire:
    """
    Hands each mail to the server and to the folder. It remembers what the server did not take.

    A server that is gone for good ends the replay: going on would give a false picture, and virtual time would be
    spent on trying again.
    """

    def __init__(
        self,
        *,
        server: "_Server | None",
        folder: Transport | None,
        pauses: Sequence[float],
        on_loss: Callable[[], object] | None,
    ) -> None:
        self.server = server
        self._transports: list[Transport] = [each for each in (server, folder) if each is not None]
        self._pauses, self._on_loss = pauses, on_loss
        #: Ids of the messages that were refused and not taken later.
        self.refused: set[str] = set()
        self.taken = 0
        #: Why the replay had to end.
        self.lost: SendError | None = None

    async def send(self, message: Message) -> Accepted:
        accepted = Accepted(reference="recorded")
        for transport in self._transports:
            accepted = await self._hand_over(transport, message)
        self.refused.discard(message.message_id)
        self.taken += 1
        return accepted

    async def _hand_over(self, transport: Transport, message: Message) -> Accepted:
        for pause in (*self._pauses, None):
            try:
                return await transport.send(message)
            except SendError as error:
                self.refused.add(message.message_id)
                is_last = pause is None or not _is_away(error)
                if isinstance(error, ChannelRefused) or (is_last and _is_away(error)):
                    self._lose(error)
                if is_last:
                    raise
            await asyncio.sleep(pause or 0)
        raise AssertionError("the last try raised or returned")

    def _lose(self, error: SendError) -> None:
        if self.lost is None:
            self.lost = error
            if self._on_loss is not None:
                self._on_loss()

    async def aclose(self) -> None:
        for transport in self._transports:
            if isinstance(transport, Closable):
                await transport.aclose()


def _is_away(error: SendError) -> bool:
    """Whether it is about the server as a whole, for now: it does not answer, or is closing (421)."""
    answered = error.code[:1] in ("4", "5") and error.code[:3] != "421"
    return isinstance(error, Transient) and not answered
