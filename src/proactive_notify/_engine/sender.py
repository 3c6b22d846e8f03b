"""
Turns queued messages into sent ones: claim with a lease, gate, render, send, settle.
"""

import asyncio
import json
import random
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from .._content.rendering import Content
from .._content.values import values_of
from .._policy.cases import NewMessage, Rulebook, moment_of
from .._policy.gate import gate
from .._policy.promising import Calendar, Wanted, closing_time, news_promise, offers_choice
from .._store import rows
from .._store.sending import Claimed, Outcome, claim, hand_back, renew, settle
from .._store.sqlite import Store
from .._store.units import Statement
from ..channels.channel import Channel
from ..clock import Clock
from ..domain.decisions import Decision, StaffWord, Verdict
from ..domain.events import OrderClosed
from ..domain.messages import Message, MessageState
from ..domain.notices import Notice, all_of
from ..errors import ChannelRefused, Permanent, ProactiveNotifyError, Transient, Uncertain
from .telemetry import ChannelPaused, MessageFailed, MessageSent, Observers, log

#: How long a channel rests whose credentials were refused.
PAUSE = timedelta(minutes=5)


class Sender:
    """
    Args:
        lease: how long a claim is ours.
    """

    def __init__(
        self,
        store: Store,
        rules: Rulebook,
        clock: Clock,
        observers: Observers,
        *,
        channels: Mapping[str, Channel],
        content: Content,
        lease: timedelta,
        chance: random.Random | None = None,
    ) -> None:
        self._store, self._rules, self._clock, self._observers = store, rules, clock, observers
        self._channels, self._content = channels, content
        self._lease = lease
        self._chance = chance or random.Random()
        #: Tokens of what is under way.
        self._under_way: set[str] = set()

    async def send_some(self, limit: int) -> int:
        """Claim at most ``limit`` messages and send them side by side; return how many were claimed."""
        token, now = secrets.token_hex(8), self._clock.now()
        claimed = await self._store.run(
            lambda: claim(now=now, token=token, lease=self._lease, limit=limit, shop=self._rules.shop.key)
        )
        if not claimed:
            return 0
        self._under_way.add(token)
        try:
            outcomes = await self._all(claimed)
        except asyncio.CancelledError:
            await asyncio.shield(self._store.run(lambda: hand_back(claimed, token=token)))
            raise
        finally:
            self._under_way.discard(token)
        settled_at = self._clock.now()
        await self._store.run(lambda: settle(outcomes, now=settled_at, token=token, rules=self._rules))
        self._observers.tell_staff(each.staff for each in outcomes if each.staff)
        return len(claimed)

    async def hold_on(self) -> None:
        """Renew the leases of what is under way: a slow provider must not make somebody else send it too."""
        tokens, now, shop = list(self._under_way), self._clock.now(), self._rules.shop.key
        if tokens:
            await self._store.run(lambda: renew(tokens=tokens, now=now, lease=self._lease, shop=shop))

    async def _all(self, claimed: list[Claimed]) -> list[Outcome]:
        if len(claimed) == 1:
            return [await self._one(claimed[0])]
        return list(await asyncio.gather(*(self._one(each) for each in claimed)))

    async def _one(self, claimed: Claimed) -> Outcome:
        """Decide on and send one message. Whatever goes wrong with it stays with it."""
        attempt = _Attempt(claimed, self._rules, self._clock.now())
        try:
            return await self._attempted(attempt)
        except Exception as error:
            named = str(error) if isinstance(error, ProactiveNotifyError) else type(error).__name__
            order_id, notice = claimed.case.order_id, claimed.notice.notice
            if attempt.message is None:
                log.error("order %s: %s cannot be rendered: %s", order_id, notice, named)
                return self._failed(attempt, "cannot-render")
            log.error("order %s: the transport failed on %s with %s", order_id, notice, named)
            return self._again(attempt, f"uncertain:{type(error).__name__}", wire=attempt.message.model_dump_json())

    async def _attempted(self, attempt: "_Attempt") -> Outcome:
        if attempt.claimed.message.wire is not None:
            attempt.message = self._kept(attempt.claimed)
        else:
            refused = self._ask_gate(attempt)
            if refused is not None:
                return refused
            attempt.message = self._compose(attempt)
        return await self._hand_over(attempt, attempt.message)

    def _ask_gate(self, attempt: "_Attempt") -> Outcome | None:
        claimed = attempt.claimed
        verdict = gate(
            claimed.message,
            attempt.notice,
            claimed.case,
            now=attempt.now,
            rules=self._rules,
            suppressed=claimed.suppressed,
        )
        if verdict.state is None:
            return None
        if verdict.state is MessageState.QUEUED:
            decision = attempt.decide(Verdict.HELD, verdict.rule)
            return Outcome(
                claimed=claimed,
                state=MessageState.QUEUED,
                rule=verdict.rule,
                held=True,
                due_at=verdict.until,
                decision=decision,
            )
        if verdict.state is MessageState.CANCELLED:
            decision = attempt.decide(Verdict.DROPPED, verdict.rule)
            return Outcome(claimed=claimed, state=verdict.state, rule=verdict.rule, decision=decision)
        return self._failed(attempt, verdict.rule, state=verdict.state)

    def _compose(self, attempt: "_Attempt") -> Message:
        """Render the message from the order as it now is."""
        claimed, notice = attempt.claimed, attempt.speaking
        channel = self._channels[claimed.message.channel]
        customer = claimed.case.order.customer
        locale = self._content.choose_locale(customer.locale, self._rules.shop.locale)
        values = values_of(notice, locale=locale)
        parts = self._content.render(notice.key, channel.name, channel.parts, locale=locale, values=values)
        attempt.locale = locale
        common = {
            "message_id": claimed.message.id,
            "order_id": claimed.case.order_id,
            "notice": notice.key,
            "occasion": claimed.notice.occasion,
            "to": claimed.message.address,
            "locale": locale,
            "at": attempt.now,
        }
        return channel.compose(common, parts, shop=self._rules.shop, customer=customer)

    def _kept(self, claimed: Claimed) -> Message:
        """Return what was perhaps sent already: it goes again as the same bytes, under the same Message-ID."""
        kept = json.loads(claimed.message.wire or "")
        return self._channels[claimed.message.channel].message.model_validate(kept)

    async def _hand_over(self, attempt: "_Attempt", message: Message) -> Outcome:
        channel = self._channels[attempt.claimed.message.channel]
        try:
            accepted = await channel.transport.send(message)
        except Transient as error:
            return self._again(attempt, f"transient:{error.code}", at_least=error.retry_after)
        except Permanent as error:
            return self._failed(attempt, f"refused:{error.code}", suppress=error.suppress)
        except ChannelRefused as error:
            return await self._pause(attempt, error)
        except Uncertain as error:
            return self._again(attempt, f"uncertain:{error.code}", wire=message.model_dump_json())
        return self._sent(attempt, message, accepted.reference)

    def _sent(self, attempt: "_Attempt", message: Message, reference: str) -> Outcome:
        claimed = attempt.claimed
        self._observers.tell(
            MessageSent(
                order_id=claimed.case.order_id,
                notice=claimed.notice.notice,
                channel=claimed.message.channel,
                attempts=claimed.message.attempts,
            )
        )
        return Outcome(
            claimed=claimed,
            state=MessageState.SENT,
            decision=attempt.decide(Verdict.SENT, claimed.message.channel),
            subject=getattr(message, "subject", ""),
            locale=attempt.locale,
            news=attempt.news,
            names_the_day=attempt.names_the_day,
            reference=reference,
            closes=attempt.closing(),
        )

    def _again(
        self, attempt: "_Attempt", rule: str, *, wire: str | None = None, at_least: timedelta | None = None
    ) -> Outcome:
        """Not now: the row waits, and a later sender tries again."""
        claimed = attempt.claimed
        wire = wire or claimed.message.wire
        wait = self._rules.policy.retry.wait(claimed.message.attempts, spread=self._chance.random(), at_least=at_least)
        if wait is None:
            return self._failed(attempt, f"given-up:{rule}")
        state = MessageState.UNCERTAIN if wire else MessageState.QUEUED
        due_at = attempt.now + wait
        self._tell_failure(claimed, rule, due_at)
        return Outcome(claimed=claimed, state=state, rule=rule, due_at=due_at, wire=wire)

    async def _pause(self, attempt: "_Attempt", error: ChannelRefused) -> Outcome:
        """The provider refused us: the channel rests, loudly, and the message keeps its place."""
        channel, until = attempt.claimed.message.channel, attempt.now + PAUSE
        values = {
            "shop": self._rules.shop.key,
            "channel": channel,
            "until": rows.micros(until),
            "cause": error.code,
        }
        await self._store.run(lambda: _paused(values))
        log.error("the provider of %s refused us (%s); the channel rests until %s", channel, error.code, until)
        self._observers.tell(ChannelPaused(channel=channel, code=error.code, until=until))
        rule = f"paused:{error.code}"
        return Outcome(claimed=attempt.claimed, state=MessageState.QUEUED, rule=rule, due_at=until)

    def _failed(
        self,
        attempt: "_Attempt",
        rule: str,
        *,
        state: MessageState = MessageState.FAILED,
        suppress: bool = False,
    ) -> Outcome:
        """This message will never leave: the next channel, else the staff."""
        claimed = attempt.claimed
        fallback = None if state is MessageState.EXPIRED else attempt.next_channel()
        self._tell_failure(claimed, rule, None)
        if fallback is not None:
            decision, staff = attempt.decide(Verdict.QUEUED, f"instead-of-{claimed.message.channel}:{rule}"), None
        else:
            decision = attempt.decide(Verdict.DROPPED, rule)
            text = f"the customer could not be told {claimed.notice.notice} by {claimed.message.channel}: {rule}"
            staff = StaffWord(order_id=claimed.case.order_id, at=attempt.now, subject="undelivered", text=text)
        return Outcome(
            claimed=claimed,
            state=state,
            rule=rule,
            decision=decision,
            staff=staff,
            fallback=fallback,
            suppress=suppress,
            news=attempt.news,
        )

    def _tell_failure(self, claimed: Claimed, rule: str, again_at: datetime | None) -> None:
        self._observers.tell(
            MessageFailed(
                order_id=claimed.case.order_id,
                notice=claimed.notice.notice,
                channel=claimed.message.channel,
                rule=rule,
                again_at=again_at,
            )
        )


def _paused(values: dict[str, object]):  # type: ignore[no-untyped-def]
    yield Statement("pause", values)


class _Attempt:
    """One message at one moment: the notice made anew, and the silence budget that begins with it."""

    def __init__(self, claimed: Claimed, rules: Rulebook, now: datetime) -> None:
        self.claimed, self.rules, self.now = claimed, rules, now
        self.locale = ""
        #: What goes to the transport; from then on it is perhaps handed over.
        self.message: Message | None = None
        case = claimed.case
        self._calendar = Calendar(rules.policy, rules.zone(case.order))
        self.news: Wanted | None = None
        if case.order.is_live:
            self.news = news_promise(case.order, case.promises, self._calendar, now)
        self.notice = self._made()

    @property
    def speaking(self) -> Notice:  # type: ignore[type-arg]
        assert self.notice is not None, "the gate lets no message pass whose notice is not known"
        return self.notice

    @property
    def names_the_day(self) -> bool:
        return self.notice is not None and self.notice.next_word() and self.news is not None

    def _made(self) -> Notice | None:  # type: ignore[type-arg]
        case = self.claimed.case
        kind = self.rules.by_key.get(self.claimed.notice.notice)
        event = case.event(self.claimed.notice.cause)
        if kind is None or event is None:
            return None
        order, calendar = case.order, self._calendar
        next_word = self.news.due_at.astimezone(calendar.zone).date() if self.news else None
        moment = moment_of(
            case,
            self.rules,
            self.now,
            closes_at=closing_time(order, calendar),
            offers_choice=offers_choice(order, case.promises, calendar, self.now),
            next_word=next_word,
        )
        return kind(event, order, moment)

    def decide(self, verdict: Verdict, rule: str) -> Decision:
        return Decision(
            order_id=self.claimed.case.order_id,
            decision=verdict,
            rule=rule,
            at=self.now,
            notice=self.claimed.notice.notice,
            occasion=self.claimed.notice.occasion,
            cause=self.claimed.notice.cause,
        )

    def next_channel(self) -> NewMessage | None:
        """Return the try on the next channel that the notice allows and the customer has; ``None`` if there is none."""
        if self.notice is None or isinstance(self.notice.channels, all_of):
            return None
        channels = self.notice.channels
        after = channels[channels.index(self.claimed.message.channel) + 1 :]
        customer = self.claimed.case.order.customer
        for channel in after:
            address = self.rules.address(channel, customer)
            if address is not None:
                expires_at = self.claimed.message.expires_at
                return NewMessage(channel=channel, address=address, due_at=self.now, expires_at=expires_at)
        return None

    def closing(self) -> OrderClosed | None:
        """Return the event that hands the order to people, if this notice ends silence."""
        if self.claimed.notice.notice != "resolution":
            return None
        occasion = self.claimed.notice.occasion
        return OrderClosed(
            order_id=self.claimed.case.order_id,
            id=f"{self.claimed.message.id}:closed",
            source="watchdog",
            at=self.now,
            reason=f"resolution:{occasion}"[:500],
        )
