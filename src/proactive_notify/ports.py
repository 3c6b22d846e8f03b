"""
The seams of the library: what an adapter must offer. Protocols only.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from .domain.messages import Accepted
from .domain.receipts import Receipt


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


@runtime_checkable
class Findable(Protocol):
    """
    A transport whose provider can be asked what became of a message that was perhaps taken offers this too.

    A provider shows a message only some time after it took it: ask a minute or two after the try, or later.
    """

    async def look_up(self, message: Any, *, since: datetime) -> Accepted | None:
        """
        Ask whether the provider took ``message``.

        Args:
            since: when the try began; aware UTC.

        Returns:
            What :meth:`Transport.send` would have returned; ``None`` if the provider does not have it.

        Raises:
            Transient: the provider cannot be asked now, or does not say enough to tell.
        """
        ...


class ReceiptSource(Protocol):
    """
    A provider that says later what became of a message: by a call to the shop's website, or by mail.

    Ask ``verify`` first: without it, it is anybody's word. What ``parse`` returns goes to ``notifier.receive()``.
    """

    def verify(self, headers: Mapping[str, str], body: bytes, *, url: str = "") -> bool:
        """
        Tell whether a call is the provider's own.

        Args:
            headers: those of the call; names in any case.
            body: the bytes as they came: signatures are made over bytes.
            url: what the provider called, with the query; some sign that.
        """
        ...

    def parse(self, body: bytes, *, url: str = "") -> list[Receipt]:
        """
        Read the body of a call that was verified. What says nothing about a message of ours gives none.

        Args:
            url: what the provider called: its query may name the message.
        """
        ...


class Observer(Protocol):
    """
    Told of what the engine does, one frozen value at a time.

    An observer that raises is logged and counted; it cannot stop a message.
    """

    def __call__(self, happening: object, /) -> None: ...
