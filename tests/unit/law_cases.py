"""An order under a law, with what was told and decided about it, in short words."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from proactive_notify._policy.cases import Case, QueuedNotice, Rulebook
from proactive_notify._policy.options import legal_clock, options_of
from proactive_notify._policy.policy import Policy
from proactive_notify.domain.customers import Place, Shop
from proactive_notify.domain.event import Event
from proactive_notify.domain.events import CustomerDecided, OrderDelayed, OrderPlaced, PromiseBroken
from proactive_notify.domain.notices import NoticeState
from proactive_notify.domain.options import DelayOption, LegalClock
from proactive_notify.domain.orders import Fact
from proactive_notify.domain.promises import Promise
from proactive_notify.notices import default_notices

NEW_YORK = ZoneInfo("America/New_York")


def noon(day: date) -> datetime:
    """Twelve o'clock of a day in New York."""
    return datetime.combine(day, time(12), tzinfo=NEW_YORK).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The first instant after a day in New York."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=NEW_YORK).astimezone(UTC)


def rules_of(country: str = "US", *, without: Collection[str] = ()) -> Rulebook:
    """A shop in New York that ships to a country."""
    return Rulebook(
        shop=Shop(country=country, time_zone="America/New_York"),
        policy=Policy(without_rules=frozenset(without)),
        notices=default_notices,
        addresses={},
        zones_of_country=lambda _: (),
    )


def event(kind: type[Event], at: datetime, **data: Any) -> Any:
    """An event of this type."""
    return kind(order_id="A-1", id=f"{kind.type}@{at.isoformat()}", source="shop", at=at, **data)


def ordered(on: date, *, ship_by: Any = None, **data: Any) -> Any:
    """The order is placed at noon."""
    promises = (Promise.ship_by(ship_by),) if ship_by else ()
    return event(OrderPlaced, noon(on), promises=promises, **data)


class Life:
    """An order's life, day by day."""

    def __init__(self, placed: Any, *, rules: Rulebook | None = None) -> None:
        self.rules = rules or rules_of()
        self.case = Case(order_id="A-1", facts=[Fact(placed, placed.happened_at)])

    def happens(self, kind: type[Event], on: date | datetime, **data: Any) -> Life:
        """Record a fact, at noon."""
        at = on if isinstance(on, datetime) else noon(on)
        self.case = Case(
            order_id="A-1",
            facts=[*self.case.facts, Fact(event(kind, at, **data), at)],
            notices=self.case.notices,
        )
        return self

    def offered(self, on: date | datetime, *, ship_by: Any = None, sent: datetime | None = None) -> Life:
        """A delay is declared, or found by the clock where there is no new day; told at once, or when ``sent``."""
        kind: type[Event] = OrderDelayed if ship_by else PromiseBroken
        data = {"ship_by": ship_by} if ship_by else {"promise": "ship_by", "due_at": noon(date(2026, 1, 1))}
        self.happens(kind, on, **data)
        return self._noticed(sent or self.case.facts[-1].recorded_at)

    def kept_waiting(self, on: date, *, ship_by: Any) -> Life:
        """A delay is declared, and its notice waits."""
        self.happens(OrderDelayed, on, ship_by=ship_by)
        return self._noticed(None)

    def decides(self, on: date | datetime, decision: str) -> Life:
        """The customer answers."""
        return self.happens(CustomerDecided, on, decision=decision)

    def _noticed(self, told_at: datetime | None) -> Life:
        cause = self.case.facts[-1].event
        row = len(self.case.notices) + 1
        self.case.notices = [
            *self.case.notices,
            QueuedNotice(
                row=row,
                notice="delayed" if row == 1 else "delayed-again",
                occasion=cause.key,
                state=NoticeState.TOLD if told_at else NoticeState.OPEN,
                cause=cause.key,
                queued_at=cause.happened_at,
                told_at=told_at,
            ),
        ]
        return self

    def clock(self, on: date | datetime) -> LegalClock:
        """Where it stands then."""
        found = legal_clock(self.case, self.rules, on if isinstance(on, datetime) else noon(on))
        assert found is not None
        return found

    def options(self, on: date | datetime) -> tuple[DelayOption, ...]:
        """What was offered until then."""
        return options_of(self.case, self.rules, on if isinstance(on, datetime) else noon(on))


def abroad(country: str) -> Place:
    """A destination."""
    return Place(country=country)
