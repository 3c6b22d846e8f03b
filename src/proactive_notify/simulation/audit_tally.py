"""
What an audit counted.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from .._policy.zones import zone_named
from ..domain.dates import instant_text
from ..domain.event import Event
from ..domain.events import OrderRefunded
from .silences import Lived, Silence, Told

#: Business days of silence beyond which orders are counted.
OVER = (5, 10, 20)


@dataclass(kw_only=True)
class AuditTally:
    """What an audit counted."""

    events: int = 0
    repeated: int = 0
    rejected: int = 0
    #: Messages in the log of what was sent, and the first and the last of them.
    sent: int = 0
    sent_first: datetime | None = None
    sent_last: datetime | None = None
    first: datetime | None = None
    last: datetime | None = None
    has_refunds: bool = False
    orders: int = 0
    #: Business days → orders that were silent for longer.
    orders_over: Counter[int] = field(default_factory=Counter)
    silences: int = 0
    #: Silences that go on when the log ends.
    unended: int = 0
    by_phase: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    #: The Monday of the week in which a silence began → silences.
    by_week: Counter[str] = field(default_factory=Counter)
    #: Region → orders, and those with a silence.
    by_region: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    late: int = 0
    late_untold: int = 0
    #: The longest silence, and the longest that ended.
    longest: tuple[float, int, str] = (0.0, 0, "")
    longest_ended: tuple[float, int, str] = (0.0, 0, "")

    @property
    def until(self) -> datetime:
        """When the logs end."""
        return max(each for each in (self.last, self.sent_last, datetime.min.replace(tzinfo=UTC)) if each)

    def take(self, event: Event) -> None:
        """A valid event was read."""
        at = event.happened_at
        self.first, self.last = min(self.first or at, at), max(self.last or at, at)
        self.has_refunds |= isinstance(event, OrderRefunded)

    def take_sent(self, at: datetime) -> None:
        """A message that was sent was read."""
        self.sent += 1
        self.sent_first, self.sent_last = min(self.sent_first or at, at), max(self.sent_last or at, at)

    def count(self, lived: Lived, *, over: int) -> None:
        """An order was listened to; silences of more than ``over`` business days are counted one by one."""
        self.orders += 1
        self.late += lived.is_late
        self.late_untold += lived.is_late and not lived.is_told_late
        days = max((each.business_days for each in lived.silences), default=0)
        for most in OVER:
            self.orders_over[most] += days >= most
        region = self.by_region[lived.region]
        region["orders"] += 1
        region["silent"] += days >= over
        zone = zone_named(lived.time_zone) or UTC
        for each in lived.silences:
            found = (each.seconds, each.business_days, lived.order_id)
            self.longest = max(self.longest, found)
            self.longest_ended = max(self.longest_ended, found) if each.ended_by else self.longest_ended
            if each.business_days >= over:
                self._count(each, each.since.astimezone(zone))

    def _count(self, silence: Silence, began: datetime) -> None:
        phase = self.by_phase[silence.phase.value]
        self.silences += 1
        self.unended += not silence.ended_by
        phase["silences"] += 1
        phase["business_days"] += silence.business_days
        phase["longest_business_days"] = max(phase["longest_business_days"], silence.business_days)
        self.by_week[str(began.date() - timedelta(days=began.weekday()))] += 1

    def summary(self, *, told: Told, over: int, sent_about_unknown: int) -> dict[str, Any]:
        """Return what ``audit.json`` holds, without what the engine would have said."""
        sent: dict[str, Any] = {"messages": self.sent, "about_unknown_orders": sent_about_unknown}
        sent |= {"first": _maybe(self.sent_first), "last": _maybe(self.sent_last)}
        return {
            "told": told.value,
            "first": _maybe(self.first),
            "until": _maybe(self.until),
            "events": self.events,
            "repeated": self.repeated,
            "rejected": self.rejected,
            **({"sent": sent} if told is Told.SENT else {}),
            "orders": self.orders,
            "orders_over": {str(over): self.orders_over[over] for over in OVER},
            "late_orders": self.late,
            "late_untold": self.late_untold,
            "longest_silence": _longest(self.longest),
            "longest_silence_that_ended": _longest(self.longest_ended),
            "over": over,
            "silent_orders": sum(each["silent"] for each in self.by_region.values()),
            "silences": self.silences,
            "silences_without_end": self.unended,
            "by_phase": {name: dict(each) for name, each in sorted(self.by_phase.items(), key=_most_silences)},
            "by_week": dict(sorted(self.by_week.items())),
            "by_region": {name: dict(each) for name, each in sorted(self.by_region.items(), key=_most_silent)},
        }


def _maybe(value: datetime | None) -> str | None:
    return instant_text(value) if value else None


def _longest(found: tuple[float, int, str]) -> dict[str, Any]:
    seconds, days, order_id = found
    return {"hours": round(seconds / 3600, 1), "business_days": days, "order_id": order_id}


def _most_silences(each: tuple[str, Counter[str]]) -> tuple[int, str]:
    return -each[1]["silences"], each[0]


def _most_silent(each: tuple[str, Counter[str]]) -> tuple[int, int, str]:
    return -each[1]["silent"], -each[1]["orders"], each[0]
