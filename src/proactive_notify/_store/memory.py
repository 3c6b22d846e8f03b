"""
Cases of orders whose messages wait, so that a claim need not read again what was just written.
"""

from .._policy.cases import Case

#: At most so many; what does not fit is read again.
_MOST = 4096


class Memory:
    """
    Holds each case under the version of its order: whoever changes an order in the store gives it another version, so
    a case that is out of date is never found.
    """

    def __init__(self) -> None:
        self._cases: dict[str, tuple[int, Case]] = {}

    def put(self, order_id: str, version: int, case: Case) -> None:
        """Remember a case that is committed. Of a full memory the older half is forgotten."""
        if len(self._cases) >= _MOST and order_id not in self._cases:
            for old in list(self._cases)[: _MOST // 2]:
                self._cases.pop(old, None)
        self._cases[order_id] = version, case

    def take(self, order_id: str, version: int) -> Case | None:
        """Return the case if it is up to date, and forget it."""
        found = self._cases.pop(order_id, None)
        return found[1] if found is not None and found[0] == version else None
