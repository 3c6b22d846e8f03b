"""
A time limit for each of many short waits, with one timer for all of them.

Setting a timer and cancelling it costs more than all else that is done for a command, so this one is left running, and
looks at the time when it goes off.
"""

import asyncio
from collections.abc import Callable
from math import inf


class Deadline:
    """
    Calls ``expired`` once, if something takes longer than it was given.

    Attributes:
        has_expired: whether it did; then this can be used no more.
    """

    def __init__(self, expired: Callable[[], None]) -> None:
        self._expired = expired
        self._loop = asyncio.get_running_loop()
        self._at = inf
        self._timer: asyncio.TimerHandle | None = None
        self.has_expired = False

    def start(self, seconds: float) -> None:
        """Begin to wait for something that may take ``seconds``, instead of what was waited for before."""
        self._at = self._loop.time() + seconds
        if self._timer is not None and self._timer.when() > self._at:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = self._loop.call_at(self._at, self._look)

    def stop(self) -> None:
        """It has come, or nobody waits for it any longer."""
        self._at = inf

    def close(self) -> None:
        """Stop for good."""
        self._at = inf
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if self._at == inf:
            return
        if self._loop.time() < self._at:
            self._timer = self._loop.call_at(self._at, self._look)
        else:
            self.has_expired = True
            self._expired()
