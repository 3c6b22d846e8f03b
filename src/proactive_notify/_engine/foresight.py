"""
Says what customers hear next, and when, if nobody records anything. Nothing is written and nothing is sent.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from .._content.rendering import Content
from .._content.texts import one_line
from .._content.values import values_of
from .._policy.cases import Case, NewMessage, QueuedMessage, Rulebook
from .._policy.foreseeing import Foreseen, foresee
from .._policy.gate import gate
from .._policy.options import options_of
from .._policy.staffing import answers_to
from .._store import rows
from .._store.claims import Claimed
from .._store.loading import load
from .._store.reading import History, Waking, history, waking
from .._store.sqlite import Store
from .._store.units import Statement, Unit
from ..channels.channel import Channel
from ..clock import Clock
from ..domain.messages import MessageState
from ..domain.options import DelayOption
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
        found = await self._store.read(lambda: history(self._rules.shop.key, order_id))
        if found is None:
            return None
        known, case = found
        zone = self._rules.zone(case.order)
        outlooks = await self._outlooks([case], self._clock.now())
        options = _named(options_of(case, self._rules, self._clock.now()), known)
        return replace(known, zone=zone, outlook=next(iter(outlooks), None), options=options)

    async def at_risk(self, *, limit: int, within: timedelta | None) -> tuple[Outlook, ...]:
        """Return what breaks next, soonest first, an order once."""
        now, shop = self._clock.now(), self._rules.shop.key
        soonest = await self._soonest(limit, now + within if within is not None else None)
        found: list[Outlook] = []
        for start in range(0, len(soonest), _PAGE):
            cases = await self._store.read(partial(load, shop, soonest[start : start + _PAGE]))
            found += await self._outlooks(cases.values(), now)
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

    # -- orders -------------------------------------------------------------------------------------------------------

    async def _outlooks(self, cases: Iterable[Case], now: datetime) -> list[Outlook]:
        foreseen = [each for case in cases if (each := foresee(case, now, self._rules)) is not None]
        addresses = {
            (channel, address)
            for each in foreseen
            for channel in self._channels
            if each.new and (address := self._rules.address(channel, each.case.order))
        }
        shop, pairs = self._rules.shop.key, sorted(addresses)
        dead = await self._store.read(lambda: _suppressed(shop, pairs)) if pairs else set()
        return [self._outlook(each, now, dead) for each in foreseen]

    def _outlook(self, foreseen: Foreseen, now: datetime, dead: set[tuple[str, str]]) -> Outlook:
        case, promise = foreseen.case, foreseen.promise
        said = Outlook(
            order_id=case.order_id,
            customer=case.order.customer,
            zone=self._rules.zone(case.order),
            at=now,
            promise=promise,
            speaks_at=promise.speak_at,
            rule=next((each.rule for each in foreseen.plan.decisions), ""),
            staff=tuple(each.text for each in foreseen.plan.staff),
            record=answers_to(promise.kind, case.order),
        )
        first = foreseen.new.messages[0] if foreseen.new else None
        return self._told(said, foreseen, first, dead)

    def _told(self, said: Outlook, foreseen: Foreseen, new: NewMessage | None, dead: set[tuple[str, str]]) -> Outlook:
        """Ask the gate of one channel after the other, and render what it lets pass."""
        while new is not None:
            suppressed = (new.channel, new.address) in dead
            attempt = self._attempt(foreseen, new)
            if attempt is None or attempt.notice is None:
                return said
            message, notice, case = attempt.claimed.message, attempt.notice, attempt.case
            other = attempt.has_other_channel
            rules, at = self._rules, foreseen.at
            verdict = gate(message, notice, case, now=at, rules=rules, suppressed=suppressed, has_other_channel=other)
            if verdict.state in (None, MessageState.QUEUED):
                return replace(
                    said,
                    notice=notice.key,
                    channel=new.channel,
                    subject=self._subject(attempt, new.channel),
                    leaves_at=verdict.until,
                    next_word=notice.moment.next_word if notice.next_word() else None,
                    rule=verdict.rule or said.rule,
                )
            outcome = attempt.stopped_by(verdict)
            staff = (outcome.staff.text,) if outcome.staff else ()
            said, new = replace(said, rule=verdict.rule, staff=said.staff + staff), outcome.fallback
        return said

    def _attempt(self, foreseen: Foreseen, new: NewMessage) -> Attempt | None:
        """The message as a sender would hold it then."""
        if foreseen.queued is None:
            return None
        message = QueuedMessage(
            row=0,
            notice_row=0,
            id="",
            channel=new.channel,
            address=new.address,
            state=MessageState.CLAIMED,
            due_at=new.due_at,
            expires_at=new.expires_at,
            leave_by=new.leave_by,
        )
        claimed = Claimed(message=message, notice=foreseen.queued, case=foreseen.case, suppressed=False, token="")
        attempt = Attempt(claimed, self._rules, foreseen.at)
        attempt.make_notice()
        return attempt

    def _subject(self, attempt: Attempt, channel_name: str) -> str:
        channel, notice = self._channels[channel_name], attempt.notice
        part = next((each for each in ("subject", "text") if each in channel.parts), None)
        if part is None or notice is None:
            return ""
        locale = self._content.choose_locale(attempt.order.customer.locale, self._rules.shop.locale)
        values = values_of(notice, locale=locale)
        said = self._content.render(notice.key, channel_name, (part,), locale=locale, values=values)
        return one_line(said[part], limit=_BEGINNING)


def _named(options: Sequence[DelayOption], known: History) -> tuple[DelayOption, ...]:
    """Return the options with the messages by which they were told first."""
    sent = [each for each in reversed(known.messages) if each.state is MessageState.SENT]
    ids = {(each.notice, each.occasion): each.message_id for each in sent}
    return tuple(replace(each, message=ids.get((each.notice, each.occasion), "")) for each in options)


def _suppressed(shop: str, pairs: Sequence[tuple[str, str]]) -> Unit[set[tuple[str, str]]]:
    """Return those pairs of a channel and an address of which the address must not be used."""
    found = yield Statement("suppression_find", {"shop": shop, "pairs": rows.as_json(pairs)})
    return {(channel, address) for channel, address in found}
