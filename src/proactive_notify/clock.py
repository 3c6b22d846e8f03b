"""
Where time comes from. Below the engine nobody reads a clock: ``now`` is an argument.
"""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """The three things a program may ask of time."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC. For what is stored."""
        ...

    def monotonic(self) -> float:
        """Return seconds from a fixed point. For limits on the wire."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for ``seconds``."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
