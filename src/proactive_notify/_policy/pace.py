"""
How fast a channel may send, all workers together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from ..errors import UsageError

#: Messages a second that a clock of microseconds can keep apart, and that still leave some day.
_SLOWEST, _FASTEST = 1 / timedelta(weeks=1).total_seconds(), 1e5
#: Parts of texts a second, by the kind of sender. Those of 10DLC are of a brand's trust score, over all three big
#: carriers together (a third each). Twilio's help pages on 10DLC throughput and on toll-free throughput (article
#: 4411046744987), and its error 21611; as of 2026-11.
SENDERS: Mapping[str, float] = {
    "short-code": 100,
    "toll-free": 3,
    "sole-proprietor": 1,
    "10dlc-low-volume": 3.75,
    "10dlc-1-49": 12,
    "10dlc-50-74": 120,
    "10dlc-75-100": 225,
    "outside-us": 10,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """
    At most ``per_second`` messages in the long run, and at most ``burst`` at once.

    On ``Sms`` it counts parts, as providers do. A text is not torn: when the last one of a burst leaves, its further
    parts leave with it, and what follows waits the longer.

    It is the generic cell rate algorithm (ITU-T I.371): one instant says all that has to be remembered.

    Raises:
        UsageError: no message could ever leave.
    """

    per_second: float
    burst: int = 1

    @classmethod
    def of_sender(cls, kind: str) -> Self:
        """
        Return how many parts of texts a second a kind of sender may send, one at a time: ``toll-free``, ``short-code``,
        ``sole-proprietor``, ``10dlc-low-volume``, ``10dlc-1-49``, ``10dlc-50-74``, ``10dlc-75-100`` (the trust score of
        the brand), ``outside-us`` (numbers and names).

        Raises:
            UsageError: there is no such kind.
        """
        if kind not in SENDERS:
            raise UsageError(f"there is no kind of sender {kind!r}; there are {', '.join(SENDERS)}")
        return cls(per_second=SENDERS[kind])

    def __post_init__(self) -> None:
        if not _SLOWEST <= self.per_second <= _FASTEST or self.burst < 1:
            raise UsageError("a Pace is one message a week to 100,000 a second, with a burst of at least 1")

    @property
    def interval(self) -> timedelta:
        """The time from one message to the next."""
        return timedelta(seconds=1 / self.per_second)

    def allowed(self, free_at: datetime, now: datetime) -> int:
        """
        Return how many may leave now.

        Args:
            free_at: what :meth:`take` returned last.
        """
        ahead = max(free_at - now, timedelta())
        return max(0, (self.burst * self.interval - ahead) // self.interval)

    def take(self, free_at: datetime, now: datetime, count: int) -> datetime:
        """Return what has to be remembered when so many leave."""
        return max(free_at, now) + count * self.interval

    def next_at(self, free_at: datetime) -> datetime:
        """Return when the next one may leave."""
        return free_at - (self.burst - 1) * self.interval
