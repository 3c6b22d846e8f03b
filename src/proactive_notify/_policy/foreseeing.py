"""
What would follow if nobody recorded anything: the planner itself is asked, of a moment that has not come.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from ..domain.notices import NoticeState
from ..domain.orders import Fact
from ..domain.promises import OpenedPromise
from .breaking import broken_event
from .cases import Case, NewNotice, Plan, QueuedNotice, Rulebook
from .planning import plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What the planner says of the moment in which a promise breaks."""

    promise: OpenedPromise
    at: datetime
    plan: Plan
    #: The order's case as it would be then.
    case: Case
    #: What the customer would be told; ``None``: nothing.
    new: NewNotice | None

    @property
    def queued(self) -> QueuedNotice | None:
        """The notice as it would stand in the store."""
        return next((each for each in self.case.notices if self.new and not each.row), None)


def foresee(case: Case, now: datetime, rules: Rulebook) -> Foreseen | None:
    """
    Return what follows when the next promise of an order breaks; ``None`` where none is open.

    It is what the watchdog and the recorder do then, without a row written: all promises whose time has come break
    together. One whose time has passed breaks now.
    """
    standing = sorted((each for each in case.promises if each.is_open), key=lambda each: (each.speak_at, each.row))
    if not standing:
        return None
    at = max(standing[0].speak_at, now)
    broken = [broken_event(case.order_id, each, at=at) for each in standing if each.speak_at <= at]
    then = replace(case, facts=[*case.facts, *(Fact(event, at) for event in broken)])
    made = plan(then, {event.key for event in broken}, at, rules)
    new = next((each for each in made.notices if each.messages), None)
    after = then.after(made, [_queued(new, at)] if new else [], at)
    return Foreseen(promise=standing[0], at=at, plan=made, case=after, new=new)


def _queued(new: NewNotice, at: datetime) -> QueuedNotice:
    open_ = NoticeState.OPEN
    return QueuedNotice(row=0, notice=new.notice, occasion=new.occasion, state=open_, cause=new.cause, queued_at=at)
