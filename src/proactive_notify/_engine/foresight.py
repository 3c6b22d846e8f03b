"""
Says what customers hear next, and when, if nobody records anything. Nothing is written and nothing is sent.
"""

import heapq
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from .._content.rendering import Content
from .._content.texts import one_line
from .._content.values import values_of
from .._policy.cases import Case, QueuedMessage, Rulebook
from .._policy.foreseeing import Foreseen, foresee
from .._policy.gate import gate
from .._policy.staffing import answers_to
from .._store.claims import Claimed
from .._store.loading import load
from .._store.reading import History, Waking, history, waking
from .._store.sqlite import Store
from .._store.units import Unit
from ..channels.channel import Channel
from ..clock import Clock
from ..domain.messages import MessageState
from ..domain.outlook import Outlook
from .attempts import Attempt

#: So many promises are read at a time.
_PAGE = 100
#: So much of a text message is shown.
_BEGINNING = 100


class Foresight:
    """Asks the planner, the gate and the templates of moments that have not come."""

    def __init__(
        self, store: Store, rules: Rulebook, clock: Clock, *, channels: Mapping[str, Channel], content: Content
    ) -> None:
        self._store, self._rules, self._clock = store, rules, clock
        self._channels, self._content = channels, content

    async def why(self, order_id: str) -> History | None:
        """Return what is known of an order, with what its customer hears next; ``None`` if nothing is."""
        found = await self._store.read(lambda: _with_case(self._rules.shop.key, order_id))
        if found is None:
            return None
        known, case = found
        zone = self._rules.zone(case.order)
        return replace(known, zone=zone, outlook=self._outlook(case, self._clock.now()))

    async def at_risk(self, *, limit: int, within: timedelta | None) -> tuple[Outlook, ...]:
        """Return what breaks next, soonest first, an order once."""
        now = self._clock.now()
        until = now + within if within is not None else None
        soonest = await self._soonest(limit, until)
        shop, found = self._rules.shop.key, []
        for start in range(0, len(soonest), _PAGE):
            order_ids = soonest[start : start + _PAGE]
            cases = await self._store.read(partial(load, shop, order_ids))
            found += [each for each in (self._outlook(cases[id], now) for id in order_ids) if each is not None]
        return tuple(sorted(found, key=lambda each: (each.speaks_at, each.order_id)))

    async def _soonest(self, limit: int, until: datetime | None) -> list[str]:
        """
        Return the orders whose promises break soonest.

        The index is in order of the moment at which a promise is looked at, for which the staff may be asked earlier
        than it breaks: what is further on in the index breaks no sooner than it is looked at, so there is an end.
        """
        first: dict[str, datetime] = {}
        after: Waking | None = None
        while True:
            page = await self._store.read(partial(waking, self._rules.shop.key, after=after, limit=_PAGE))
            for each in page:
                if until is None or each.speak_at <= until:
                    first[each.order_id] = min(each.speak_at, first.get(each.order_id, each.speak_at))
            best = heapq.nsmallest(limit, first, key=lambda order_id: (first[order_id], order_id))
            if len(page) < _PAGE or (until is not None and page[-1].wake_at > until):
                return best
            if len(best) == limit and first[best[-1]] < page[-1].wake_at:
                return best
            after = page[-1]

    # -- one order ----------------------------------------------------------------------------------------------------

    def _outlook(self, case: Case, now: datetime) -> Outlook | None:
        foreseen = foresee(case, now, self._rules)
        if foreseen is None:
            return None
        said = Outlook(
            order_id=case.order_id,
            customer=case.order.customer,
            zone=self._rules.zone(case.order),
            at=now,
            promise=foreseen.promise,
            speaks_at=foreseen.promise.speak_at,
            rule=next((each.rule for each in foreseen.plan.decisions), ""),
            staff=tuple(each.text for each in foreseen.plan.staff),
            record=answers_to(foreseen.promise.kind, case.order),
        )
        return self._with_message(said, foreseen)

    def _with_message(self, said: Outlook, foreseen: Foreseen) -> Outlook:
        """Render what would be said, unless the gate would stop it."""
        queued, new = foreseen.queued, foreseen.new
        if queued is None or new is None:
            return said
        first = new.messages[0]
        message = QueuedMessage(
            row=0,
            notice_row=0,
            id="",
            channel=first.channel,
            address=first.address,
            state=MessageState.CLAIMED,
            due_at=first.due_at,
            expires_at=first.expires_at,
            leave_by=first.leave_by,
        )
        claimed = Claimed(message=message, notice=queued, case=foreseen.case, suppressed=False, token="")
        attempt = Attempt(claimed, self._rules, foreseen.at)
        attempt.make_notice()
        verdict = gate(message, attempt.notice, attempt.case, now=foreseen.at, rules=self._rules, suppressed=False)
        if attempt.notice is None or verdict.state not in (None, MessageState.QUEUED):
            return replace(said, rule=verdict.rule)
        return replace(
            said,
            notice=new.notice,
            channel=first.channel,
            subject=self._subject(attempt, first.channel),
            leaves_at=verdict.until,
            next_word=attempt.notice.moment.next_word if attempt.notice.next_word() else None,
            rule=verdict.rule or said.rule,
        )

    def _subject(self, attempt: Attempt, channel_name: str) -> str:
        channel, notice = self._channels[channel_name], attempt.notice
        part = next((each for each in ("subject", "text") if each in channel.parts), None)
        if part is None or notice is None:
            return ""
        locale = self._content.choose_locale(attempt.order.customer.locale, self._rules.shop.locale)
        values = values_of(notice, locale=locale)
        said = self._content.render(notice.key, channel_name, (part,), locale=locale, values=values)
        return one_line(said[part], limit=_BEGINNING)


def _with_case(shop: str, order_id: str) -> Unit[tuple[History, Case] | None]:
    known = yield from history(shop, order_id)
    return (known, (yield from load(shop, [order_id]))[order_id]) if known else None
