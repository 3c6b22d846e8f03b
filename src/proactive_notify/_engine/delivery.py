"""
What is done with one claimed message: ask the gate, render it, hand it to its channel, and say what became of it.
"""

import asyncio
import random
from collections.abc import Mapping
from datetime import timedelta

from .._content.rendering import Content
from .._content.values import values_of
from .._policy.cases import Rulebook
from .._policy.gate import gate
from .._store import rows
from .._store.claims import Claimed
from .._store.sending import Outcome
from .._store.sqlite import Store
from .._store.units import Statement, Unit
from ..channels.channel import Channel
from ..clock import Clock
from ..domain.messages import Message, MessageState
from ..domain.notices import Notice
from ..errors import ChannelRefused, Permanent, ProactiveNotifyError, SendError, StoreUnusable, Transient, Uncertain
from .attempts import Attempt
from .breaker import Breaker, Passage
from .counting import counted
from .doubt import find_out, write_down
from .telemetry import ChannelPaused, Observers, log

#: How long a channel rests whose credentials were refused.
PAUSE = timedelta(minutes=5)


class Delivery:
    """
    Args:
        chance: spreads retries; ``None``: a generator of its own.
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
        chance: random.Random | None = None,
    ) -> None:
        self._store, self._rules, self._clock, self._observers = store, rules, clock, observers
        self._channels, self._content = channels, content
        self._chance = chance or random.Random()
        self.breakers = {name: Breaker(name, observers, chance=self._chance) for name in channels}

    def untouched(self, claimed: Claimed) -> Outcome:
        """Hand a message back as it was."""
        return Attempt(claimed, self._rules, self._clock.now()).untouched()

    async def deliver(self, claimed: Claimed) -> Outcome:
        """Decide on and send one message. Whatever goes wrong with it stays with it."""
        attempt = Attempt(claimed, self._rules, self._clock.now())
        try:
            return await self._attempted(attempt)
        except asyncio.CancelledError:
            if attempt.message is None:
                return attempt.untouched()
            return attempt.again("uncertain:cancelled", spread=self._chance.random(), uncertain=True)
        except Exception as error:
            named = str(error) if isinstance(error, ProactiveNotifyError) else type(error).__name__
            order_id, notice = claimed.case.order_id, claimed.notice.notice
            if attempt.message is None and isinstance(error, StoreUnusable):
                log.error("order %s: %s waits for the store: %s", order_id, notice, named)
                return attempt.again("transient:store", spread=self._chance.random())
            if attempt.message is None:
                log.error("order %s: %s cannot be rendered: %s", order_id, notice, named)
                return attempt.failed("cannot-render")
            log.error("order %s: the transport failed on %s with %s", order_id, notice, named)
            rule = f"uncertain:{type(error).__name__}"
            return attempt.again(rule, spread=self._chance.random(), uncertain=True)

    async def _attempted(self, attempt: Attempt) -> Outcome:
        channel = self._channels.get(attempt.claimed.message.channel)
        if channel is None:
            return attempt.failed("unknown-channel")
        if attempt.kept is not None:
            if not channel.is_repeatable:
                return await find_out(attempt, channel, chance=self._chance)
            if attempt.has_expired:
                return attempt.failed("expired-uncertain", state=MessageState.EXPIRED)
            return await self._pass(attempt, channel, channel.message.model_validate(attempt.kept))
        attempt.make_notice()
        claimed, notice = attempt.claimed, attempt.notice
        verdict = gate(
            claimed.message,
            notice,
            claimed.case,
            now=attempt.now,
            rules=self._rules,
            suppressed=claimed.suppressed,
            has_other_channel=attempt.has_other_channel,
            is_beside_another=attempt.is_beside_another,
        )
        if notice is None or verdict.state is not None:
            return attempt.stopped_by(verdict)
        message = self._compose(attempt, channel, notice)
        if channel.caps is not None:
            verdict, is_first = await counted(self._store, attempt, channel, message, caps=channel.caps)
            if verdict.state is not None:
                return attempt.stopped_by(verdict)
            message = self._compose(attempt, channel, notice, is_first=True) if is_first else message
        return await self._pass(attempt, channel, message)

    def _compose(
        self,
        attempt: Attempt,
        channel: Channel,
        notice: Notice,  # type: ignore[type-arg]
        *,
        is_first: bool = False,
    ) -> Message:
        """Render the message from the order as it now is; the first one to an address says who writes."""
        claimed, customer = attempt.claimed, attempt.order.customer
        locale = self._content.choose_locale(customer.locale, self._rules.shop.locale)
        values = values_of(notice, locale=locale)
        parts = self._content.render(notice.key, channel.name, channel.parts, locale=locale, values=values)
        said = channel.introduction(claimed.message.address) if is_first else None
        if said is not None:
            parts |= self._content.introduction(channel.name, locale=locale, values={**values, **said})
        common = {
            "message_id": claimed.message.id,
            "order_id": claimed.case.order_id,
            "notice": notice.key,
            "occasion": claimed.notice.occasion,
            "to": claimed.message.address,
            "locale": locale,
            "at": attempt.now,
            "valid_for": claimed.message.expires_at and claimed.message.expires_at - attempt.now,
        }
        return channel.compose(common, parts, shop=self._rules.shop, customer=customer)

    async def _pass(self, attempt: Attempt, channel: Channel, message: Message) -> Outcome:
        """Pass the breaker. While the provider is away, what cannot wait goes by the next channel."""
        if attempt.claimed.rests_until is not None:
            return attempt.paused("paused", attempt.claimed.rests_until)
        breaker = self.breakers[channel.name]
        passage = breaker.enter(attempt.now)
        if passage is Passage.CLOSED:
            return attempt.paused("circuit-open", breaker.until or attempt.now)
        if not channel.is_repeatable and not await write_down(self._store, attempt, message):
            breaker.gave_up(passage)
            return attempt.untouched()
        attempt.message = message
        began, is_known = self._clock.monotonic(), False
        try:
            outcome = await self._hand_over(attempt, channel, message, passage)
            is_known = True
        finally:
            if not is_known:
                breaker.gave_up(passage)
        outcome.took = timedelta(seconds=max(0.0, self._clock.monotonic() - began))
        return outcome

    async def _hand_over(self, attempt: Attempt, channel: Channel, message: Message, passage: Passage) -> Outcome:
        breaker, spread = self.breakers[channel.name], self._chance.random()
        failure: SendError
        try:
            accepted = await channel.transport.send(message)
        except SendError as error:
            failure = error
        else:
            breaker.answered()
            return attempt.sent(message, accepted.reference)
        if failure.is_outage:
            breaker.failed(passage, failure.code, self._clock.now())
        else:
            breaker.answered()
        match failure:
            case Permanent():
                rule, dead, after = f"refused:{failure.code}", failure.suppress, failure.suppress_after
                return attempt.refused(rule, retry_after=failure.retry_after, suppress=dead, suppress_after=after)
            case ChannelRefused():
                return await self._pause(attempt, channel, failure)
            case Uncertain():
                return attempt.again(f"uncertain:{failure.code}", spread=spread, uncertain=True)
        tries = failure.tries if isinstance(failure, Transient) else None
        rule = f"transient:{failure.code}"
        return attempt.again(rule, spread=spread, at_least=failure.retry_after, tries=tries)

    async def _pause(self, attempt: Attempt, channel: Channel, error: ChannelRefused) -> Outcome:
        """The provider refused us: the channel rests, loudly, and the message keeps its place."""
        until = attempt.now + PAUSE
        values = {
            "shop": self._rules.shop.key,
            "channel": channel.name,
            "until": rows.micros(until),
            "cause": error.code,
        }
        await self._store.run(lambda: _paused(values))
        log.error("the provider of %s refused us (%s); the channel rests until %s", channel.name, error.code, until)
        self._observers.tell(ChannelPaused(channel=channel.name, code=error.code, until=until))
        return attempt.paused(f"paused:{error.code}", until)


def _paused(values: dict[str, object]) -> Unit[None]:
    yield Statement("pause", values)
