"""
A transport that keeps what it is given, and fails when it is told to.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

from ..domain.messages import Accepted, Message
from ..errors import SendError
from ..ports import Closable, Transport

#: The messages of the channel that it stands for.
M = TypeVar("M", bound=Message)


class RecordingTransport(Generic[M]):
    """
    Keeps every message in :attr:`sent`, and in :attr:`refused` those that it was told to refuse.

    Args:
        behind: a real transport that gets the messages too.
        each: called with each message that was sent.
    """

    def __init__(self, behind: Transport | None = None, *, each: Callable[[M], None] | None = None) -> None:
        self.sent: list[M] = []
        self.refused: list[M] = []
        self._behind, self._each = behind, each
        self._failures: list[SendError] = []
        self._outage: SendError | None = None

    def fail_next(self, error: SendError, *, times: int = 1) -> None:
        """Refuse the next messages with ``error``."""
        self._failures += [error] * times

    def fail_until_told(self, error: SendError) -> None:
        """Refuse every message with ``error`` until :meth:`recover`."""
        self._outage = error

    def recover(self) -> None:
        """Take messages again."""
        self._outage = None
        self._failures.clear()

    async def send(self, message: M) -> Accepted:
        error = self._failures.pop(0) if self._failures else self._outage
        if error is not None:
            self.refused.append(message)
            raise error
        accepted = await self._behind.send(message) if self._behind else Accepted(reference="recorded")
        if self._each is not None:
            self._each(message)
        else:
            self.sent.append(message)
        return accepted

    async def aclose(self) -> None:
        if isinstance(self._behind, Closable):
            await self._behind.aclose()
