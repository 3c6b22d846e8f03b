"""
A clock that runs fast, the same one in all processes of a machine.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Self

from proactive_notify.clock import SystemClock


class FastClock(SystemClock):
    """
    Shows ``began`` at the monotonic second ``zero``, and runs ``speed`` times as fast as it should.

    The monotonic clock of Linux is one for all processes, so clocks with the same arguments agree.
    """

    def __init__(self, *, speed: float, zero: float, began: datetime) -> None:
        self._speed, self._zero, self.began = speed, zero, began

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the clock that :meth:`__str__` describes."""
        speed, zero, began = text.split(",")
        return cls(speed=float(speed), zero=float(zero), began=datetime.fromisoformat(began))

    @classmethod
    def from_now(cls, *, speed: float) -> Self:
        return cls(speed=speed, zero=time.monotonic(), began=datetime.now(UTC))

    def __str__(self) -> str:
        return f"{self._speed},{self._zero},{self.began.isoformat()}"

    def now(self) -> datetime:
        return self.at(time.monotonic())

    def at(self, monotonic: float) -> datetime:
        """What it shows at a monotonic second."""
        return self.began + timedelta(seconds=(monotonic - self._zero) * self._speed)
