"""
Addresses that must not be used on a channel.
"""

import re
from collections.abc import Callable, Collection

from .._policy.cases import Rulebook
from .._store.operating import Suppression, lift, suppress, suppressions
from .._store.sqlite import Store
from ..clock import Clock
from ..domain.customers import PLAIN, Customer
from ..errors import UsageError
from .outbox import checked
from .telemetry import AddressSuppressed, Observers

#: ITU-T E.164: a plus, a country code that does not begin with 0, and at most 15 digits.
_NUMBER = re.compile(r"\+[1-9][0-9]{1,14}")
#: How people write numbers apart.
_APART = re.compile(r"[\s().\-/]")
_CAUSE = 200


class Suppressions:
    """
    ``notifier.suppressions``. Its values hold addresses; they leave them out where they are printed.

    Args:
        channels: the names of those that there are.
    """

    def __init__(
        self,
        store: Store,
        rules: Rulebook,
        clock: Clock,
        observers: Observers,
        *,
        channels: Collection[str],
        require_open: Callable[[], None],
    ) -> None:
        self._store, self._rules, self._clock, self._observers = store, rules, clock, observers
        self._channels, self._require_open = channels, require_open

    async def list(self, *, channel: str | None = None, limit: int = 1000) -> tuple[Suppression, ...]:
        """
        Return suppressions by channel and address, also those that are not yet in force.

        Args:
            limit: at most so many, from 1 to 10,000.

        Raises:
            UsageError: there is no such channel, or the limit is none.
        """
        self._require_open()
        if channel is not None:
            self._check(channel)
        shop, most = self._rules.shop.key, checked(limit)
        return await self._store.read(lambda: suppressions(shop, channel=channel, limit=most))

    async def add(self, channel: str, address: str, cause: str = "by hand") -> Suppression:
        """
        Use an address on this channel no more; messages that wait are asked when they are sent, and go by the next
        channel. An address that is suppressed already stays so, with its first cause.

        Args:
            cause: why, in a few words without the address.

        Raises:
            UsageError: there is no such channel, or this is no address on it.
        """
        self._require_open()
        address, shop, now = self.plain(channel, address), self._rules.shop.key, self._clock.now()
        if not cause.strip() or len(cause) > _CAUSE or not re.fullmatch(PLAIN, cause) or address in cause:
            raise UsageError(f"a cause is a few words on one line, at most {_CAUSE} characters, without the address")
        found, is_new = await self._store.run(lambda: suppress(shop, channel, address, cause.strip(), now=now))
        if is_new:
            self._observers.tell(AddressSuppressed(channel=channel, cause=found.cause))
        return found

    async def lift(self, channel: str, address: str) -> Suppression | None:
        """
        Use an address again, from the next message on; return what was lifted, ``None`` if there was nothing.

        What was not sent meanwhile does not go by itself: ``notifier.outbox.requeue()``.

        Raises:
            UsageError: there is no such channel, or this is no address on it.
        """
        self._require_open()
        address, shop = self.plain(channel, address), self._rules.shop.key
        return await self._store.run(lambda: lift(shop, channel, address))

    def plain(self, channel: str, address: str) -> str:
        """
        Return an address as messages have it on this channel, without what people write around it.

        Raises:
            UsageError: there is no such channel, or this is no address on it. The text does not repeat the address.
        """
        self._check(channel)
        stripped = address.strip()
        if channel == "email":
            mailbox = Customer(email=stripped).mailbox if re.fullmatch(PLAIN, stripped) else None
            if mailbox is None:
                raise UsageError("this is no email address; write name@domain and nothing around it")
            return mailbox
        if channel in ("sms", "whatsapp"):
            number = _APART.sub("", stripped)
            if not _NUMBER.fullmatch(number):
                raise UsageError(
                    f"this is no number for {channel}; write it in E.164: a plus, the country code, the number"
                )
            return number
        if not stripped or not re.fullmatch(PLAIN, stripped):
            raise UsageError(f"this is no address for {channel}; it is one line of text")
        return stripped

    def _check(self, channel: str) -> None:
        if channel not in self._channels:
            raise UsageError(f"there is no channel {channel!r}; there are {', '.join(sorted(self._channels))}")
