"""
What every transport must hold to. Subclass it in your tests and give it your transport.
"""

from abc import abstractmethod
from datetime import UTC, datetime

import pytest

from ..domain.messages import Accepted, EmailMessage, Message
from ..errors import SendError
from ..ports import Transport


class TransportContract:
    """
    Tests for a transport::

        class TestMine(TransportContract):
            def transport(self):
                return MyTransport(...)

            def refusing_transport(self):
                return MyTransport(pointing_at_a_server_that_refuses)
    """

    @abstractmethod
    def transport(self) -> Transport:
        """Return a transport that works."""

    def refusing_transport(self) -> Transport | None:
        """Return a transport whose provider refuses everything; ``None`` if there is no such thing."""
        return None

    def message(self) -> Message:
        """Return a message that the transport can take."""
        return EmailMessage(
            message_id="0123456789abcdef0123456789abcdef",
            order_id="A-1",
            notice="shipped",
            occasion="parcel:",
            to="ada@example.org",
            locale="en",
            at=datetime(2026, 1, 5, 9, tzinfo=UTC),
            subject="Your order is on its way",
            text="It left today.",
            html="<p>It left today.</p>",
            sender="Acme <orders@acme.example>",
        )

    async def test_it_answers_accepted(self) -> None:
        """A message that is taken is answered with Accepted."""
        accepted = await self.transport().send(self.message())

        assert isinstance(accepted, Accepted)

    async def test_it_fails_with_an_error_that_decides(self) -> None:
        """What is refused is one of our errors, and quotes no address."""
        transport = self.refusing_transport()
        if transport is None:
            return
        message = self.message()
        with pytest.raises(SendError) as caught:
            await transport.send(message)

        assert message.to not in str(caught.value)
        assert caught.value.__cause__ is None
