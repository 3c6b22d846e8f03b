"""
What a test expects to have been sent. A failing expectation says what was there instead.
"""

from abc import ABC, abstractmethod
from collections import Counter
from datetime import datetime
from typing import Any

from .._store import rows
from .._store.sqlite import Store
from .._store.units import Statement, Unit
from ..domain.messages import Message
from ..notifier import Notifier


class Expectations(ABC):
    """The assertions of a :class:`Simulation`."""

    notifier: Notifier
    _store: Store

    def __init__(self) -> None:
        self._expected: set[str] = set()

    @property
    @abstractmethod
    def sent(self) -> list[Message]: ...

    @property
    @abstractmethod
    def now(self) -> datetime: ...

    def messages(self, notice: str | None = None, *, to: str | None = None, order: str | None = None) -> list[Message]:
        """Return the messages that were sent, narrowed down by what is given."""
        return [
            message
            for message in self.sent
            if (notice is None or message.notice == notice)
            and (to is None or message.to == to)
            and (order is None or message.order_id == order)
        ]

    def assert_sent(
        self, notice: str, *, to: str | None = None, order: str | None = None, times: int | None = None
    ) -> Any:
        """
        Assert that a notice was sent, ``times`` times if that is given; return the last such message.

        Raises:
            AssertionError: says what was sent, what is queued and which promises are open.
        """
        found = self.messages(notice, to=to, order=order)
        if not found or (times is not None and len(found) != times):
            wanted = "at least 1" if times is None else str(times)
            where = "".join(f" {word} {value}" for word, value in (("to", to), ("of order", order)) if value)
            raise AssertionError(f"expected {wanted} {notice!r}{where}, found {len(found)}.\n{self.describe()}")
        self._expected |= {message.message_id for message in found}
        return found[-1]

    def assert_not_sent(self, notice: str, *, to: str | None = None, order: str | None = None) -> None:
        """Assert that a notice was not sent."""
        found = self.messages(notice, to=to, order=order)
        if found:
            raise AssertionError(f"expected no {notice!r}, found {len(found)}.\n{self.describe()}")

    def assert_nothing_more(self) -> None:
        """Assert that every message that was sent has been expected by :meth:`assert_sent`, and none came twice."""
        counted = Counter(message.message_id for message in self.sent)
        surplus = [m for m in self.sent if m.message_id not in self._expected or counted[m.message_id] > 1]
        if surplus:
            listed = ", ".join(f"{message.notice!r} of {message.order_id}" for message in surplus)
            raise AssertionError(f"expected nothing more, found {listed}.\n{self.describe()}")

    def describe(self) -> str:
        """Return what was sent, what waits, which promises are open, and where the clock stands."""
        waiting, promises = self._store.run_sync(lambda: _present(self.notifier.shop.key))
        sent = [f"{m.notice} → {m.to}   {_channel(m)}   {m.at:%Y-%m-%d %H:%M}" for m in self.sent]
        queued = [f"{order} {notice} by {channel}, due {due}" for order, notice, channel, due in waiting]
        opened = [f"{order} {kind} {due} → would break at {speak}" for order, kind, due, speak in promises]
        rows = (("sent so far:", sent), ("still queued:", queued), ("open promises:", opened))
        lines = [f"{title:<15}{line}" for title, found in rows for title, line in _listed(title, found)]
        return "\n".join([*lines, f"clock stands at {self.now:%Y-%m-%d %H:%M}"])


def _listed(title: str, lines: list[str]) -> list[tuple[str, str]]:
    return [(title if number == 0 else "", line) for number, line in enumerate(lines or ["(nothing)"])]


def _channel(message: Message) -> str:
    return type(message).__name__.removesuffix("Message").lower()


def _present(shop: str) -> Unit[tuple[list[tuple[str, ...]], list[tuple[str, ...]]]]:
    waiting = yield Statement("message_queued", {"shop": shop})
    promises = yield Statement("promise_open", {"shop": shop})
    return (
        [(o, n, c, f"{rows.moment(due):%Y-%m-%d %H:%M}") for o, n, c, due in waiting],
        [(o, k, f"{rows.moment(d):%Y-%m-%d %H:%M}", f"{rows.moment(s):%Y-%m-%d %H:%M}") for o, k, d, s in promises],
    )
