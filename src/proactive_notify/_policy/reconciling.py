"""
Which promises open, close and move: what should be is held against what is.

Two things always hold, and are asserted: no promise is opened with a time that has passed, and an order that is live
has an open promise.
"""

from dataclasses import replace
from datetime import datetime

from ..domain.events import PromiseBroken
from ..domain.promises import OpenedPromise, PromiseKind, PromiseState
from .breaking import broken_event
from .cases import Case, Plan, Rulebook
from .lawful import with_law
from .options import legal_clock
from .promising import Wanted, is_paid_for_nothing, kept_at, news_promise, wanted_promises

#: Promises whose date somebody told.
_DATED = frozenset({PromiseKind.SHIP_BY, PromiseKind.DELIVER_BY})
#: Promises that are born broken where their time is past when the fact arrives: the customer waits all the same.
_OWED = _DATED | {PromiseKind.ANSWER_BY, PromiseKind.REFUND_BY}


class Reconciler:
    """
    Works on one case at one moment and writes what changes into ``plan``.
    """

    def __init__(self, case: Case, plan: Plan, rules: Rulebook, now: datetime) -> None:
        self.case, self.plan, self.rules, self.now = case, plan, rules, now
        self.order = case.order
        self.calendar = rules.calendar(self.order)
        self.clock = legal_clock(case, rules, now)
        self.promises = list(case.promises)

    def broken(self, event: PromiseBroken) -> None:
        """Take in what the watchdog found."""
        for each in self.promises:
            if each.is_open and each.kind == event.promise and each.parcel == (event.parcel or ""):
                self._change(each, state=PromiseState.BROKEN)

    def reconcile(self) -> list[PromiseBroken]:
        """Close, open and move promises; return those that were born broken, as events."""
        country = self.rules.shop.country
        wanted = wanted_promises(
            self.order, self.promises, self.calendar, now=self.now, country=country, clock=self.clock
        )
        wanted = with_law(wanted, self.order, self.calendar, self.clock, now=self.now)
        self._close(wanted)
        born_broken = [broken for each in wanted if (broken := self._open(each))]
        self._watch_silence()
        assert not self.order.is_live or any(each.is_open for each in self.promises), "a live order has no open promise"
        return born_broken

    def _close(self, wanted: tuple[Wanted, ...]) -> None:
        known = {(each.kind, each.parcel, each.set_by) for each in wanted}
        for each in self.promises:
            if each.kind is PromiseKind.NEWS_BY or each.state not in (PromiseState.OPEN, PromiseState.BROKEN):
                continue
            if each.is_open and (each.kind, each.parcel, each.set_by) in known:
                continue
            when = kept_at(each, self.order)
            if when is not None:
                late = not each.is_open and when > each.due_at
                self._change(each, state=PromiseState.KEPT_LATE if late else PromiseState.KEPT)
            elif each.is_open:
                self._change(each, state=PromiseState.WITHDRAWN)

    def _open(self, wanted: Wanted) -> PromiseBroken | None:
        for each in self.promises:
            same = (each.kind, each.parcel, each.set_by) == (wanted.kind, wanted.parcel, wanted.set_by)
            if same and each.state is not PromiseState.WITHDRAWN:
                self._adjust(each, wanted)
                return None
        if wanted.speak_at > self.now:
            self._add(wanted, PromiseState.OPEN)
            return None
        if wanted.kind not in _OWED or self.order.imported:
            return None
        return broken_event(self.order.order_id, self._add(wanted, PromiseState.BROKEN), at=self.now)

    def _adjust(self, promise: OpenedPromise, wanted: Wanted) -> None:
        """The same date ends at another instant where the customer's zone became known or changed."""
        same = (promise.due_at, promise.speak_at) == (wanted.due_at, wanted.speak_at)
        if promise.is_open and wanted.kind in _DATED and not same and wanted.speak_at > self.now:
            moved = {"due_at": wanted.due_at, "speak_at": wanted.speak_at, "ask_at": self._ahead(wanted.ask_at)}
            self._change(promise, ordinal=promise.ordinal + 1, **moved)

    def _watch_silence(self) -> None:
        news = [each for each in self.promises if each.kind is PromiseKind.NEWS_BY and each.is_open]
        if not self.order.is_live:
            for each in news:
                self._change(each, state=PromiseState.WITHDRAWN)
        elif not news:
            self._add(self._silence_since(self.now), PromiseState.OPEN)
        elif self.order.spoken_at is not None and self._move_news(news[0], self.order.spoken_at, is_later=True):
            return
        elif self.order.paid_at is not None and is_paid_for_nothing(self.order):
            told = (each.told_at for each in self.case.notices)
            words = (at for at in (self.order.paid_at, self.order.spoken_at, *told) if at is not None)
            self._move_news(news[0], max(words), is_later=False)

    def _silence_since(self, since: datetime) -> Wanted:
        return news_promise(self.order, self.promises, self.calendar, since, is_watched=self.case.is_watched)

    def _move_news(self, news: OpenedPromise, since: datetime, *, is_later: bool) -> bool:
        """A person's word moves the silence budget on; that the money was taken brings it forward."""
        new = self._silence_since(since)
        moves = new.speak_at > self.now and (new.due_at > news.due_at if is_later else new.due_at < news.due_at)
        if moves:
            moved = {"due_at": new.due_at, "speak_at": new.speak_at, "ask_at": self._ahead(new.ask_at)}
            self._change(news, ordinal=news.ordinal + 1, **moved)
        return moves

    def _add(self, wanted: Wanted, state: PromiseState) -> OpenedPromise:
        assert state is not PromiseState.OPEN or wanted.speak_at > self.now, "a promise would open with a time past"
        opened = OpenedPromise(
            kind=wanted.kind,
            ordinal=1 + max((each.ordinal for each in self.promises if each.kind is wanted.kind), default=0),
            parcel=wanted.parcel,
            set_by=wanted.set_by,
            due_at=wanted.due_at,
            ask_at=self._ahead(wanted.ask_at),
            speak_at=wanted.speak_at,
            state=state,
        )
        self.promises.append(opened)
        self.plan.opened.append(opened)
        return opened

    def _ahead(self, moment: datetime | None) -> datetime | None:
        return moment if moment is not None and moment > self.now else None

    def _change(self, promise: OpenedPromise, **change: object) -> None:
        changed = replace(promise, **change)  # type: ignore[arg-type]  # the fields of a promise
        self.promises[self.promises.index(promise)] = changed
        written = self.plan.changed if promise.row else self.plan.opened
        written[:] = [each for each in written if each is not promise] + [changed]
