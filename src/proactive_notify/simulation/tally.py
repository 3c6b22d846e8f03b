"""
What a replay saw, counted.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from .._store.recording import Recorded


@dataclass(kw_only=True)
class Tally:
    """What one shard of a replay saw. Tallies of shards add up."""

    events: int = 0
    #: Lines that said again what was known.
    repeated: int = 0
    rejected: int = 0
    #: Valid lines after the end of the replay.
    left_out: int = 0
    orders: int = 0
    by_notice: Counter[str] = field(default_factory=Counter)
    #: Kind of promise → how many were broken; for ``news_by``: came due.
    broken: Counter[str] = field(default_factory=Counter)
    #: Subject → how many words the staff got.
    staff_words: Counter[str] = field(default_factory=Counter)
    #: Orders whose customer could not be reached at all at some time.
    unreachable: int = 0
    #: Parts of text messages, which is what they are paid by, and what those cost; 0 where no price was named.
    sms_parts: int = 0
    sms_cost: Decimal = Decimal(0)
    #: Mails that the real server did not take, where there is one.
    refused: int = 0
    closed: int = 0
    #: Seconds, and the order that heard nothing for so long.
    longest_silence: tuple[float, str] = (0.0, "")
    #: Month (``2017-11``) → messages, for the picture.
    by_month: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, tallies: Iterable["Tally"]) -> "Tally":
        """Add up the tallies of shards."""
        total = cls()
        for each in tallies:
            for name, value in vars(each).items():
                if name == "longest_silence":
                    total.longest_silence = max(total.longest_silence, value)
                else:
                    setattr(total, name, getattr(total, name) + value)
        return total

    def summary(self, *, wall_seconds: float) -> dict[str, Any]:
        """Return what ``summary.json`` holds."""
        seconds, order_id = self.longest_silence
        kept_from_people = {kind: count for kind, count in self.broken.items() if kind != "news_by"}
        return {
            "events": self.events,
            "repeated": self.repeated,
            "rejected": self.rejected,
            "left_out": self.left_out,
            "orders": self.orders,
            "messages": self.by_notice.total(),
            "by_notice": dict(sorted(self.by_notice.items())),
            "broken_promises": sum(kept_from_people.values()),
            "broken_by_kind": dict(sorted(self.broken.items())),
            "longest_silence": {"hours": round(seconds / 3600, 1), "order_id": order_id},
            "sms_parts": self.sms_parts,
            **({"sms_cost": str(self.sms_cost)} if self.sms_cost else {}),
            "unreachable": self.unreachable,
            "refused": self.refused,
            "closed": self.closed,
            "staff_words": dict(sorted(self.staff_words.items())),
            "wall_seconds": round(wall_seconds, 2),
        }


class SilenceMeter:
    """
    Measures how long open orders hear nothing. Those that nobody can reach are counted apart.
    """

    def __init__(self) -> None:
        self._since: dict[str, datetime] = {}
        self._closed_at: dict[str, datetime] = {}
        self.longest: tuple[float, str] = (0.0, "")

    def recorded(self, recorded: Recorded, now: datetime) -> None:
        """Facts were recorded, and what followed at once was sent: an order's silence may begin or end."""
        for order in recorded.orders:
            was_closed = self._closed_at.get(order.order_id) == now
            if order.is_live and order.customer.mailbox and not was_closed:
                self._since.setdefault(order.order_id, now)
            else:
                self._end(order.order_id, now)

    def heard(self, order_id: str, now: datetime, *, for_the_last_time: bool) -> None:
        """The customer heard something."""
        waited = order_id in self._since
        self._end(order_id, now)
        if for_the_last_time:
            self._closed_at[order_id] = now
        elif waited:
            self._since[order_id] = now

    def end(self, now: datetime) -> None:
        """The replay ends."""
        for order_id in list(self._since):
            self._end(order_id, now)

    def _end(self, order_id: str, now: datetime) -> None:
        since = self._since.pop(order_id, None)
        if since is not None:
            self.longest = max(self.longest, ((now - since).total_seconds(), order_id))
