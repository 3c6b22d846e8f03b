"""
The seams of the library: what an adapter must offer. Protocols only.
"""

from typing import Any, Protocol, runtime_checkable

from .domain.messages import Accepted


class Transport(Protocol):
    """
    A wire to a provider: one method.

    Raises:
        Transient: surely not handed over; the row is rescheduled.
        Permanent: surely not handed over and never will be; the next channel is tried.
        Uncertain: perhaps handed over.
        ChannelRefused: our credentials or set-up were refused; the channel pauses.
    """

    async def send(self, message: Any) -> Accepted:
        """Hand ``message`` to the provider and return when it was taken."""
        ...


@runtime_checkable
class Closable(Protocol):
    """A transport that holds connections offers this too; the notifier calls it when it closes."""

    async def aclose(self) -> None:
        """Close what is open."""
        ...


class Observer(Protocol):
    """
    Told of what the engine does, one frozen value at a time.

    An observer that raises is logged and counted; it cannot stop a message.
    """

    def __call__(self, happening: object, /) -> None: ...
