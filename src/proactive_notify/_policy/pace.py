"""
How fast a channel may send, all workers together.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..errors import UsageError

#: Messages a second that a clock of microseconds can keep apart, and that still leave some day.
_SLOWEST, _FASTEST = 1 / timedelta(weeks=1).total_seconds(), 1e5


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """
    At most ``per_second`` messages in the long run, and at most ``burst`` at once.

    It is the generic cell rate algorithm (ITU-T I.371): one instant says all that has to be remembered.

    Raises:
        UsageError: no message could ever leave.
    """

    per_second: float
    burst: int = 1

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
