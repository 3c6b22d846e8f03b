"""
A clock that moves when it is told to.
"""

from datetime import UTC, datetime, timedelta


class VirtualClock:
    """
    Time that stands still until it is moved. It never goes back.

    Args:
        start: aware; the default is a Monday morning.
    """

    def __init__(self, start: datetime = datetime(2026, 1, 5, 9, tzinfo=UTC)) -> None:
        self._now = self._start = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - self._start).total_seconds()

    async def sleep(self, seconds: float) -> None:
        self.move_to(self._now + timedelta(seconds=seconds))

    def move_to(self, moment: datetime) -> None:
        """Move on to ``moment``; an earlier one changes nothing."""
        self._now = max(self._now, moment)
