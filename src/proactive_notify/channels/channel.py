"""
The general channel.
"""

import re
from collections.abc import Callable, Iterable, Mapping

from .._policy.caps import Caps
from .._policy.pace import Pace
from .._policy.quiet_hours import Territory
from ..domain.customers import Customer, Shop
from ..domain.messages import Message
from ..domain.orders import Order
from ..errors import UsageError
from ..ports import Transport

_NAME = re.compile(r"^[a-z][a-z0-9_]*$")


class Channel:
    """
    A medium on a wire.

    Args:
        name: what notices call it, for example ``push``.
        message: the class of its messages; its ``parts`` name the template parts.
        transport: any object with ``async def send(message) -> Accepted``.
        address: finds a customer's address on this channel; ``None`` if there is none.
        pace: how fast it may send, all workers together; ``None``: as fast as the provider takes it.
        is_repeatable: what was perhaps taken may go again, because who gets it twice can tell (email, by its
            ``Message-ID``). What is not repeatable waits for a receipt, or is looked up at the provider first.
        caps: how many messages may leave; ``None``: they are not counted.
    """

    def __init__(
        self,
        name: str,
        *,
        message: type[Message],
        transport: Transport,
        address: Callable[[Customer], str | None],
        pace: Pace | None = None,
        is_repeatable: bool = True,
        caps: Caps | None = None,
    ) -> None:
        if not _NAME.match(name):
            raise UsageError(f"{name!r} is no name for a channel; write lower case letters, like push")
        missing = [part for part in message.parts if part not in message.model_fields]
        if missing or not message.parts:
            raise UsageError(f"{message.__name__} needs parts, each with a field of its name; missing: {missing}")
        self.name = name
        self.message = message
        self.transport = transport
        self.address = address
        self.pace = pace
        self.is_repeatable = is_repeatable
        self.caps = caps

    def address_of(self, order: Order, *, shop: Shop) -> str | None:
        """Return where the customer of an order is reached; ``None``: nowhere."""
        return self.address(order.customer)

    def territory(self, address: str) -> Territory:
        """Return what an address tells about where somebody is; a number has a prefix, most addresses have nothing."""
        return Territory()

    def prefix(self, address: str) -> str:
        """Return with what an address begins, for caps that hold for all that begin alike; empty: with nothing."""
        return ""

    def cost(self, message: Message) -> int:
        """Return as how many messages the provider counts this one: the parts of a text."""
        return 1

    def introduction(self, address: str | None) -> Mapping[str, object] | None:
        """
        Return what ``templates/_layout/<channel>-first.words`` may know, beside the shop: these words are part
        ``introduction`` of the first message to an address. ``None``: the channel introduces nobody.

        Args:
            address: ``None``: whose introduction is the longest.
        """
        return None

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the template parts."""
        return self.message.parts

    def compose(
        self, common: Mapping[str, object], parts: Mapping[str, str], *, shop: Shop, customer: Customer
    ) -> Message:
        """
        Make a message.

        Args:
            common: the fields that every message has.
            parts: the rendered template parts.
        """
        said = self.finished(parts, shop=shop)
        return self.message.model_validate({**common, **said, **self.extra(shop=shop, customer=customer)})

    def finished(self, parts: Mapping[str, str], *, shop: Shop) -> Mapping[str, str]:
        """Return rendered parts as they are sent; a channel of your own may add to them or shorten them."""
        return parts

    def flaws(self, notice: str, parts: Mapping[str, str], *, shop: Shop) -> Iterable[str]:
        """
        Return what is wrong with rendered parts on this channel, a few words each; ``proactive-notify check`` asks.

        Args:
            notice: its key.
        """
        return ()

    def extra(self, *, shop: Shop, customer: Customer) -> Mapping[str, object]:
        """Return further fields of the message; a channel of your own may override it."""
        return {}
