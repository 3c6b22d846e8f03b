"""
Stops asking a provider that is away, and finds out with one message whether it is back.
"""

import random
from datetime import datetime, timedelta
from enum import Enum

from .telemetry import BreakerClosed, BreakerOpened, Observers, log

#: So many failures in a row open it.
FAILURES = 5
#: It rests for so long before one message asks again; spread over as much again.
REST = timedelta(seconds=30)


class Passage(Enum):
    """How a message passed the breaker."""

    FREE = "free"
    PROBE = "probe"
    CLOSED = "closed"


class Breaker:
    """
    The circuit breaker of one channel in one process.

    Closed, it lets everything pass. It opens after :data:`FAILURES` outages in a row: until :attr:`until` nothing is
    tried. Then one message is the probe: if it is taken the breaker closes, else it rests again. What is wrong with a
    message or an address is no outage; it even proves that the provider is there.
    """

    def __init__(self, channel: str, observers: Observers, *, chance: random.Random) -> None:
        self.channel = channel
        self.until: datetime | None = None
        self._observers, self._chance = observers, chance
        self._failures = 0
        self._is_probing = False

    @property
    def is_closed(self) -> bool:
        return self.until is None

    def room(self, now: datetime, wanted: int) -> int:
        """Return how many messages may be claimed."""
        if self.until is None:
            return wanted
        return min(wanted, 1) if self.until <= now and not self._is_probing else 0

    def enter(self, now: datetime) -> Passage:
        """Ask whether a message may pass; the first after the rest is the probe."""
        if self.until is None:
            return Passage.FREE
        if self.until > now or self._is_probing:
            return Passage.CLOSED
        self._is_probing = True
        return Passage.PROBE

    def answered(self) -> None:
        """The provider is there: it took a message, or said what is wrong with it."""
        self._failures, self._is_probing = 0, False
        if self.until is not None:
            self.until = None
            log.warning("%s: the provider is back", self.channel)
            self._observers.tell(BreakerClosed(channel=self.channel))

    def failed(self, passage: Passage, code: str, now: datetime) -> None:
        """The provider is away. What had passed before it opened says nothing new."""
        self._failures += 1
        if passage is Passage.PROBE:
            self._is_probing = False
        if passage is Passage.PROBE or (self.until is None and self._failures >= FAILURES):
            self.until = until = now + REST * (1 + self._chance.random())
            log.error("%s: the provider is away (%s); nothing is tried until %s", self.channel, code or "?", until)
            opened = BreakerOpened(channel=self.channel, code=code, failures=self._failures, until=until)
            self._observers.tell(opened)

    def gave_up(self, passage: Passage) -> None:
        """The message came to nothing before the provider answered."""
        if passage is Passage.PROBE:
            self._is_probing = False
