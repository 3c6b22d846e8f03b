"""
When a message that was not taken is tried again. The row waits, never a coroutine.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """
    Waits that grow fourfold from ``first`` up to ``limit``.

    The defaults are what ``standards`` advise for a submission relay: 1, 4, 16 minutes, then hourly until the notice
    expires. The wait is spread between its half and its whole, so that many rows do not return in one moment.
    """

    first: timedelta = timedelta(minutes=1)
    limit: timedelta = timedelta(hours=1)
    #: Give up after so many tries; ``None``: when the notice expires.
    attempts: int | None = None

    def wait(self, attempt: int, *, spread: float, at_least: timedelta | None = None) -> timedelta | None:
        """
        Return how long to wait after the try number ``attempt`` (from 1); ``None``: give up.

        Args:
            spread: a random number from 0 to 1.
            at_least: what the provider asked for.
        """
        if self.attempts is not None and attempt >= self.attempts:
            return None
        growth: int = 4 ** min(max(attempt - 1, 0), 10)
        whole = min(self.limit, self.first * growth)
        return max(whole * (0.5 + spread / 2), at_least or timedelta())
