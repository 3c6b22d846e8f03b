"""
A date has moved, or has passed.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import ClassVar, NamedTuple

from ..domain.dates import due_instant, last_day
from ..domain.event import Event
from ..domain.events import OrderBackordered, OrderDelayed, OrderEdited, OrderSourcing, PromiseBroken, TrackingUpdated
from ..domain.notices import Notice, all_of
from ..domain.promises import PromiseKind
from ..domain.samples import SAMPLE_DAY, sample_event, sample_order
from .shipping import tracking_patience
from .waiting import awaited, broken_occasion, option_said


class _Known(NamedTuple):
    reason: str | None = None
    expected_by: date | None = None


class Delayed(Notice[OrderDelayed | PromiseBroken]):
    """Your order will be late: the reason, the new date or that it is not known, and what you can do."""

    key = "delayed"
    channels: ClassVar[tuple[str, ...]] = all_of("email", "sms")
    legal = True
    severity = 60
    expires = None

    def applies(self) -> bool:
        return self._is_a_delay() and not self._was_told_before()

    def occasion(self) -> str:
        return broken_occasion(self.event) if isinstance(self.event, PromiseBroken) else self.event.key

    def still_true(self) -> bool:
        return self._is_a_delay()

    def context(self) -> Mapping[str, object]:
        declared = isinstance(self.event, OrderDelayed)
        clock = self.moment.clock
        dates = {each.kind.value: each.due for each in self.order.dates if each.set_by == self.event.key}
        last = self.order.last_told
        return {
            "declared": declared,
            "reason": self.event.reason if isinstance(self.event, OrderDelayed) else self._known.reason,
            "expected_by": None if declared else self._known.expected_by,
            "new_ship_by": dates.get("ship_by") if declared else None,
            "new_deliver_by": dates.get("deliver_by") if declared else None,
            "missed": None if declared else last_day(self.event.due_at, self.moment.zone),  # type: ignore[union-attr]
            "last_told": last.due if last and not declared else None,
            "implied": not declared and clock is not None and clock.is_implied,
            "awaited": awaited(self.order),
            "offers_choice": True,
            "option": self._option(),
        }

    def _option(self) -> Mapping[str, object] | None:
        """What the law demands to be said: what silence means, until when, and whether that may be repeated."""
        clock = self.moment.clock
        return option_said(clock.option(self.key, self.occasion()) if clock is not None else None, self.moment.zone)

    def _standing(self) -> date | datetime | None:
        """The day of shipping that was told, else the law's."""
        told, clock = self.order.date_of(PromiseKind.SHIP_BY), self.moment.clock
        if told is None and clock is not None and clock.is_implied:
            return clock.ship_by
        return told.due if told is not None else None

    def _is_a_delay(self) -> bool:
        event, order = self.event, self.order
        if not order.is_live or self.moment.must_cancel is not None:
            return False
        if isinstance(event, PromiseBroken):
            standing = self._standing()
            overdue = standing is not None and due_instant(standing, self.moment.zone) <= event.due_at
            return event.promise == PromiseKind.SHIP_BY and overdue and not order.is_wholly_shipped
        tells_a_date = event.ship_by is not None or event.deliver_by is not None
        changed = any(each.set_by == event.key for each in order.dates)
        return order.hold is not None and order.hold.key == event.key and (changed or not tells_a_date)

    @property
    def _known(self) -> "_Known":
        """Why the shop waits, as it said itself, and until when if that day is still ahead."""
        hold, zone = self.order.hold, self.moment.zone
        if not isinstance(hold, OrderBackordered | OrderSourcing):
            return _Known()
        due = last_day(hold.expected_by, zone) if hold.expected_by else None
        ahead = due is not None and due >= self.moment.now.astimezone(zone).date()
        return _Known(hold.reason if isinstance(hold, OrderBackordered) else hold.note, due if ahead else None)

    def _was_told_before(self) -> bool:
        return any(t.occasion != self.occasion() for t in self.moment.told("delayed", "delayed-again"))


class DelayedAgain(Delayed):
    """It will be later still."""

    key = "delayed-again"
    channels = ("email", "sms")
    severity = 65

    def applies(self) -> bool:
        return self._is_a_delay() and self._was_told_before()

    @classmethod
    def sample(cls) -> tuple[Event, ...]:
        again = sample_event(OrderDelayed, after=timedelta(days=9), id="again", ship_by="2026-03-20", reason=None)
        return (*sample_order(OrderDelayed), again)


class DateChanged(Notice[TrackingUpdated | OrderEdited]):
    """Your parcel arrives on another day than we said."""

    key = "date-changed"
    forced = False
    severity = 30

    def applies(self) -> bool:
        told = self.order.date_of(PromiseKind.DELIVER_BY)
        if told is None or told.set_by != self.event.key or told.replaces is None or not self.order.is_live:
            return False
        zone = self.moment.zone
        return last_day(told.due, zone) != last_day(told.replaces, zone)

    def still_true(self) -> bool:
        return self.applies()

    def context(self) -> Mapping[str, object]:
        told = self.order.date_of(PromiseKind.DELIVER_BY)
        if told is None or told.replaces is None:
            return {"old": None, "new": None, "earlier": False}
        zone = self.moment.zone
        old, new = last_day(told.replaces, zone), last_day(told.due, zone)
        return {"old": old, "new": new, "earlier": new < old}

    def patience(self) -> timedelta:
        return tracking_patience(self.event)


class Late(Notice[PromiseBroken]):
    """The promised day has passed and your order is not there."""

    key = "late"
    severity = 70

    def applies(self) -> bool:
        return self.event.promise == PromiseKind.DELIVER_BY

    def occasion(self) -> str:
        return broken_occasion(self.event)

    def still_true(self) -> bool:
        standing = self.order.date_of(PromiseKind.DELIVER_BY)
        if not self.order.is_live:
            return False
        if standing is None:
            return self.order.last_told is None
        return due_instant(standing.due, self.moment.zone) <= self.event.due_at

    def context(self) -> Mapping[str, object]:
        return {
            "missed": last_day(self.event.due_at, self.moment.zone),
            "implied": self.order.last_told is None,
            "awaited": awaited(self.order),
            "offers_choice": True,
        }

    @classmethod
    def sample(cls) -> tuple[Event, ...]:
        return sample_order(PromiseBroken, after=timedelta(days=10), promise="deliver_by", due_at=SAMPLE_DAY)
