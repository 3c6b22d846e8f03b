"""
A parcel stands still, or we cannot see that it moves; and it moves again.
"""

from collections.abc import Mapping
from datetime import timedelta

from ..domain.event import Event
from ..domain.events import OrderPacked, PromiseBroken, TrackingUpdated
from ..domain.notices import Notice, NoticeState, Telling
from ..domain.parcels import Parcel
from ..domain.promises import PromiseKind
from ..domain.samples import SAMPLE_DAY, sample_event, sample_order
from ..domain.tracking import TrackingStatus
from .shipping import is_news, tracking_patience
from .waiting import awaited, broken_occasion


class NotPickedUp(Notice[PromiseBroken]):
    """The label is made, and the carrier has not scanned your parcel."""

    key = "not-picked-up"
    severity = 44

    def applies(self) -> bool:
        return self.event.promise == PromiseKind.SCAN_BY

    def occasion(self) -> str:
        return broken_occasion(self.event)

    def still_true(self) -> bool:
        parcel = self.parcel
        return self.order.is_live and parcel is not None and not parcel.is_shipped

    def context(self) -> Mapping[str, object]:
        parcel = self.parcel
        return {
            "awaited": awaited(self.order),
            "packed_at": parcel.packed_at if parcel else None,
            "offers_choice": True,
        }

    @classmethod
    def sample(cls) -> tuple[Event, ...]:
        broken = sample_event(PromiseBroken, after=timedelta(days=10), promise="scan_by", due_at=SAMPLE_DAY)
        return (*sample_order(OrderPacked), broken)


class NoMovement(Notice[PromiseBroken]):
    """The carrier has not scanned your parcel for days."""

    key = "no-movement"
    severity = 45

    def applies(self) -> bool:
        return self._stands_still and not self._was_told

    def occasion(self) -> str:
        return broken_occasion(self.event)

    def still_true(self) -> bool:
        parcel = self.parcel
        if parcel is None or not parcel.is_under_way or parcel.scanned_at is None:
            return False
        return parcel.scanned_at < self.event.due_at

    def context(self) -> Mapping[str, object]:
        return {"awaited": awaited(self.order), "offer": self.moment.resolution}

    @property
    def _stands_still(self) -> bool:
        parcel = self.parcel
        return self.event.promise == PromiseKind.MOVE_BY and parcel is not None and parcel.scanned_at is not None

    @property
    def _was_told(self) -> bool:
        """Told of this parcel since its last scan."""
        parcel = self.parcel
        since = parcel.scanned_at if parcel else None
        told = [each for each in self.moment.told("no-movement", "still-no-movement") if is_about(each, parcel)]
        return any(since is None or each.at > since for each in told if each.occasion != self.occasion())

    @classmethod
    def sample(cls) -> tuple[Event, ...]:
        broken = sample_event(PromiseBroken, after=timedelta(days=10), promise="move_by", due_at=SAMPLE_DAY)
        return (*sample_order(TrackingUpdated), broken)


class StillNoMovement(NoMovement):
    """It still has not moved: it may be lost, and this is what you can have."""

    key = "still-no-movement"
    severity = 50

    def applies(self) -> bool:
        return self._stands_still and self._was_told

    @classmethod
    def sample(cls) -> tuple[Event, ...]:
        due_at = "2026-03-17T14:00:00Z"
        again = sample_event(PromiseBroken, after=timedelta(days=15), id="again", promise="move_by", due_at=due_at)
        return (*NoMovement.sample(), again)


class TrackingBroken(Notice[PromiseBroken]):
    """The carrier does not know the number of your parcel."""

    key = "tracking-broken"
    severity = 43

    def applies(self) -> bool:
        return self.event.promise == PromiseKind.MOVE_BY and self.still_true()

    def occasion(self) -> str:
        return broken_occasion(self.event)

    def still_true(self) -> bool:
        parcel = self.parcel
        return parcel is not None and parcel.is_under_way and parcel.scanned_at is None

    def context(self) -> Mapping[str, object]:
        return {"awaited": awaited(self.order)}

    @classmethod
    def sample(cls) -> tuple[Event, ...]:
        shipped = sample_order(TrackingUpdated)[:-1]
        return (*shipped, sample_event(PromiseBroken, after=timedelta(days=6), promise="move_by", due_at=SAMPLE_DAY))


class MovingAgain(Notice[TrackingUpdated]):
    """Your parcel moves again, after we told you that it did not."""

    key = "moving-again"
    forced = False
    severity = 20

    def applies(self) -> bool:
        return is_news(self.event, self.parcel, TrackingStatus.IN_TRANSIT) and self._worry is not None

    def occasion(self) -> str:
        worry = self._worry
        return f"after:{worry.notice}:{worry.occasion}" if worry else self.event.key

    def still_true(self) -> bool:
        parcel = self.parcel
        return parcel is not None and parcel.is_under_way and parcel.status is TrackingStatus.IN_TRANSIT

    def context(self) -> Mapping[str, object]:
        return {"after": self._worry.notice if self._worry else None}

    def patience(self) -> timedelta:
        return tracking_patience(self.event)

    @property
    def _worry(self) -> Telling | None:
        """The bad news about the parcel that the customer has had, unless better news followed it."""
        told = [each for each in self.moment.tellings if each.state is NoticeState.TOLD]
        about = [each for each in told if each.notice == "date-changed" or is_about(each, self.parcel)]
        news = [each for each in about if each.notice in _WORRIES or each.notice in _BETTER]
        last = max(news, key=lambda each: (each.at, each.occasion), default=None)
        return last if last is not None and last.notice in _WORRIES else None

    @classmethod
    def sample(cls) -> tuple[Event, ...]:
        return (*NoMovement.sample(), sample_event(TrackingUpdated, after=timedelta(days=11), id="moves"))


#: Bad news about a parcel that its next scan ends. Of one that was not picked up, that scan tells that it has shipped.
_WORRIES = frozenset({"tracking-broken", "no-movement", "still-no-movement", "action-required", "trouble"})
_BETTER = frozenset({"shipped", "date-changed", "out-for-delivery", "ready-for-pickup"})


def is_about(telling: Telling, parcel: Parcel | None) -> bool:
    """Return whether something told was about this parcel: its occasion names the parcel."""
    if parcel is None:
        return False
    named = telling.occasion.partition(":")[2]
    keys = {*parcel.keys, parcel.key}
    return "" in keys or any(named == key or named.startswith(f"{key}:") for key in keys)
