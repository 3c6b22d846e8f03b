"""
What the customer was told to expect, and by when.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from .dates import DayOrInstant


class PromiseKind(StrEnum):
    """What is promised."""

    SHIP_BY = "ship_by"
    DELIVER_BY = "deliver_by"
    #: The customer hears something by then: the silence budget.
    NEWS_BY = "news_by"
    #: The label is made; the carrier scans the parcel by then.
    SCAN_BY = "scan_by"
    #: The parcel is on its way; the next scan comes by then.
    MOVE_BY = "move_by"
    #: The customer asked; a person answers by then.
    ANSWER_BY = "answer_by"
    #: The customer chooses to wait or to cancel by then.
    DECIDE_BY = "decide_by"
    REFUND_BY = "refund_by"
    #: The parcel waits for the customer until then.
    COLLECT_BY = "collect_by"
    #: Facts came about an order that nobody placed; ``order.placed`` comes by then, or the staff hear of it.
    KNOWN_BY = "known_by"


class PromiseState(IntEnum):
    """Where a promise stands. The numbers are what the table holds."""

    OPEN = 0
    KEPT = 1
    BROKEN = 2
    #: Broken first, kept afterwards.
    KEPT_LATE = 3
    #: No longer expected, or revised.
    WITHDRAWN = 4


class Promise(BaseModel):
    """
    A date that a shop tells its customer. Make one with :meth:`ship_by` or :meth:`deliver_by`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    kind: PromiseKind
    #: A calendar day, which ends in the customer's zone, or an instant.
    due: DayOrInstant
    #: How long past due we stay quiet; ``None``: as the policy says.
    grace: timedelta | None = None

    @classmethod
    def ship_by(cls, due: date | datetime, *, grace: timedelta | None = None) -> Self:
        """Promise that the parcel is handed over by ``due``."""
        return cls(kind=PromiseKind.SHIP_BY, due=due, grace=grace)

    @classmethod
    def deliver_by(cls, due: date | datetime, *, grace: timedelta | None = None) -> Self:
        """Promise that the parcel arrives by ``due``."""
        return cls(kind=PromiseKind.DELIVER_BY, due=due, grace=grace)


def promises_from_wire(value: Any) -> Any:
    """
    Return ``{"ship_by": …, "deliver_by": …}`` as a tuple of promises; a sequence of promises stays as it is.
    """
    if isinstance(value, Mapping):
        kinds = (PromiseKind.SHIP_BY, PromiseKind.DELIVER_BY)
        return tuple(_promise(kind, value[kind]) for kind in kinds if value.get(kind) is not None)
    return value


def _promise(kind: PromiseKind, due: Any) -> Any:
    return {"kind": kind, **due} if isinstance(due, Mapping) else {"kind": kind, "due": due}


def promises_to_wire(promises: tuple[Promise, ...]) -> dict[str, Any]:
    """Return promises as they stand on the wire: a date or instant by its kind, with its grace if it has one."""
    wire: dict[str, Any] = {}
    for each in promises:
        said = each.model_dump(mode="json", exclude_none=True)
        wire[said.pop("kind")] = said if "grace" in said else said["due"]
    return wire


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedPromise:
    """
    A promise as it stands in the store.
    """

    kind: PromiseKind
    #: Counts the promises of this kind for the order, from 1.
    ordinal: int
    #: The parcel's key; empty where the promise is about the order.
    parcel: str
    #: The key of the event that set it.
    set_by: str
    due_at: datetime
    #: When the staff are asked; ``None`` once they were, or if they are not.
    ask_at: datetime | None
    #: When it breaks and the customer hears.
    speak_at: datetime
    state: PromiseState = PromiseState.OPEN
    #: The store's row; 0 before it has one.
    row: int = 0

    @property
    def is_open(self) -> bool:
        return self.state is PromiseState.OPEN

    @property
    def wake_at(self) -> datetime:
        """When the watchdog looks at it next."""
        return min(self.ask_at, self.speak_at) if self.ask_at else self.speak_at
