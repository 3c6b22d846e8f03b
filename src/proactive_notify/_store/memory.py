"""
Cases of orders whose messages wait, so that a claim need not read again what was just written.
"""

import itertools

from .._policy.cases import Case
from ..clock import Clock

#: At most so many; what does not fit is read again.
_MOST = 4096
#: After so many seconds somebody else has sent it.
_OLD = 60.0
#: So many are looked at to make room.
_BITE = 64


class Memory:
    """
    Holds each case under the version of its order: whoever changes an order in the store gives it another version, so
    a case that is out of date is never found.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._cases: dict[str, tuple[int, Case, float]] = {}

    def put(self, order_id: str, version: int, case: Case) -> None:
        """Remember a case that is committed. A full memory keeps what is sent first, until that is a minute old."""
        if len(self._cases) >= _MOST:
            self._forget_old()
        if len(self._cases) < _MOST:
            self._cases[order_id] = version, case, self._clock.monotonic()

    def take(self, order_id: str, version: int) -> Case | None:
        """Return the case if it is up to date, and forget it."""
        found = self._cases.pop(order_id, None)
        return found[1] if found is not None and found[0] == version else None

    def __contains__(self, order_id: object) -> bool:
        """Whether something of the order was waiting when it was last recorded here."""
        return order_id in self._cases

    def _forget_old(self) -> None:
        now = self._clock.monotonic()
        for order_id, (_, _, at) in list(itertools.islice(self._cases.items(), _BITE)):
            if now - at > _OLD:
                self._cases.pop(order_id, None)
