"""
So many at a time and no more.
"""

import asyncio
from collections import deque


class Places:
    """
    At most ``limit`` callers at a time; the others wait in turn.

    Attributes:
        limit: may be changed at any time; after raising it, call ``let_in``.
        entered: how many have a place now.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.entered = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def enter(self) -> None:
        """Wait for a place."""
        if self.entered < self.limit and not self._waiting:
            self.entered += 1
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if not place.cancelled():
                self.leave()  # it was let in, and does not come
            elif place in self._waiting:
                self._waiting.remove(place)
            raise

    def leave(self) -> None:
        """Give up a place."""
        self.entered -= 1
        self.let_in()

    def let_in(self) -> None:
        """Let those in for whom there is room."""
        while self._waiting and self.entered < self.limit:
            place = self._waiting.popleft()
            if not place.done():
                self.entered += 1
                place.set_result(None)
