"""
So many at a time and no more.
"""

import asyncio
from collections import deque


class Places:
    """
    At most ``limit`` callers at a time; the others wait in turn.

    Attributes:
        limit: may be changed at any time.
        working: how many of those who have a place have a connection too.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.working = 0
        self._entered = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def enter(self) -> None:
        """Wait for a place."""
        if self._entered < self.limit and not self._waiting:
            self._entered += 1
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.cancelled():
                self._waiting.remove(place)
            else:
                self.leave()
            raise

    def leave(self) -> None:
        """Give up a place."""
        self._entered -= 1
        self.let_in()

    def let_in(self) -> None:
        """Let those in for whom there is room."""
        while self._waiting and self._entered < self.limit:
            place = self._waiting.popleft()
            if not place.done():
                self._entered += 1
                place.set_result(None)
