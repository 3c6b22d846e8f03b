"""
Turns queued messages into sent ones: claim with a lease, gate, render, send, settle.
"""

import asyncio
import random
import secrets
from collections.abc import Mapping
from datetime import timedelta

from .._content.rendering import Content
from .._content.values import values_of
from .._policy.cases import Rulebook
from .._policy.gate import gate
from .._store import rows
from .._store.sending import Claimed, Outcome, claim, renew, settle
from .._store.sqlite import Store
from .._store.units import Statement, Unit
from ..channels.channel import Channel
from ..clock import Clock
from ..domain.messages import Message, MessageState
from ..domain.notices import Notice
from ..errors import ChannelRefused, Permanent, ProactiveNotifyError, Transient, Uncertain
from .attempts import Attempt
from .telemetry import ChannelPaused, MessageFailed, MessageSent, Observers, log

#: How long a channel rests whose credentials were refused.
PAUSE = timedelta(minutes=5)


class Sender:
    """
    Args:
        lease: how long a claim is ours.
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
        lease: timedelta,
        chance: random.Random | None = None,
    ) -> None:
        self._store, self._rules, self._clock, self._observers = store, rules, clock, observers
        self._channels, self._content = channels, content
        self._lease = lease
        self._chance = chance or random.Random()
        #: Token → how many messages are under way with it.
        self._under_way: dict[str, int] = {}

    async def send_some(self, limit: int) -> int:
        """
        Claim at most ``limit`` messages, send them side by side, and settle them; return how many were claimed.

        A pass that is cancelled settles what it knows: what was sent is sent, what was under way is uncertain.
        """
        claimed, token = await self._claim(limit)
        if not claimed:
            return 0
        tries = [asyncio.ensure_future(self._one(each)) for each in claimed]
        try:
            await asyncio.wait(tries)
        except asyncio.CancelledError:
            for each in tries:
                each.cancel()
            await asyncio.wait(tries)
            await asyncio.shield(self._settle([each.result() for each in tries], token))
            raise
        await self._settle([each.result() for each in tries], token)
        return len(claimed)

    async def start_some(self, limit: int) -> list[asyncio.Task[None]]:
        """Claim at most ``limit`` messages and leave them under way; each is settled by itself."""
        claimed, token = await self._claim(limit)
        return [asyncio.create_task(self._alone(each, token)) for each in claimed]

    async def _alone(self, claimed: Claimed, token: str) -> None:
        outcome = await self._one(claimed)
        try:
            await self._settle([outcome], token)
        except Exception as error:
            log.error("order %s: what was sent could not be settled: %s", claimed.case.order_id, type(error).__name__)

    async def _claim(self, limit: int) -> tuple[list[Claimed], str]:
        token, now, shop = secrets.token_hex(8), self._clock.now(), self._rules.shop.key
        claimed = await self._store.run(lambda: claim(now=now, token=token, lease=self._lease, limit=limit, shop=shop))
        if claimed:
            self._under_way[token] = len(claimed)
        return claimed, token

    async def hold_on(self) -> None:
        """Renew the leases of what is under way: a slow provider must not make somebody else send it too."""
        tokens, now, shop = list(self._under_way), self._clock.now(), self._rules.shop.key
        if tokens:
            await self._store.run(lambda: renew(tokens=tokens, now=now, lease=self._lease, shop=shop))

    async def _settle(self, outcomes: list[Outcome], token: str) -> None:
        now = self._clock.now()
        try:
            ours = await self._store.run(lambda: settle(outcomes, now=now, token=token, rules=self._rules))
        finally:
            self._under_way[token] -= len(outcomes)
            if self._under_way[token] <= 0:
                del self._under_way[token]
        for each in ours:
            self._tell(each)

    async def _one(self, claimed: Claimed) -> Outcome:
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
            if attempt.has_expired:
                return attempt.failed("expired-uncertain", state=MessageState.EXPIRED)
            attempt.message = channel.message.model_validate(attempt.kept)
            return await self._hand_over(attempt, channel, attempt.message)
        attempt.make_notice()
        claimed, notice = attempt.claimed, attempt.notice
        verdict = gate(
            claimed.message,
            notice,
            claimed.case,
            now=attempt.now,
            rules=self._rules,
            suppressed=claimed.suppressed,
        )
        if notice is None or verdict.state is not None:
            return attempt.stopped_by(verdict)
        attempt.message = self._compose(attempt, channel, notice)
        return await self._hand_over(attempt, channel, attempt.message)

    def _compose(self, attempt: Attempt, channel: Channel, notice: Notice) -> Message:  # type: ignore[type-arg]
        """Render the message from the order as it now is."""
        claimed, customer = attempt.claimed, attempt.order.customer
        locale = self._content.choose_locale(customer.locale, self._rules.shop.locale)
        values = values_of(notice, locale=locale)
        parts = self._content.render(notice.key, channel.name, channel.parts, locale=locale, values=values)
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

    async def _hand_over(self, attempt: Attempt, channel: Channel, message: Message) -> Outcome:
        try:
            accepted = await channel.transport.send(message)
        except Transient as error:
            spread = self._chance.random()
            return attempt.again(f"transient:{error.code}", spread=spread, at_least=error.retry_after)
        except Permanent as error:
            return attempt.failed(f"refused:{error.code}", suppress=error.suppress, suppress_after=error.suppress_after)
        except ChannelRefused as error:
            return await self._pause(attempt, channel, error)
        except Uncertain as error:
            return attempt.again(f"uncertain:{error.code}", spread=self._chance.random(), uncertain=True)
        return attempt.sent(message, accepted.reference)

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

    def _tell(self, outcome: Outcome) -> None:
        """Tell the observers, and the staff, what became of a message."""
        message, order_id = outcome.claimed.message, outcome.claimed.case.order_id
        notice, channel = outcome.claimed.notice.notice, message.channel
        if outcome.state is MessageState.SENT:
            sent = MessageSent(order_id=order_id, notice=notice, channel=channel, attempts=message.attempts)
            self._observers.tell(sent)
        elif outcome.rule and not outcome.held and outcome.state is not MessageState.CANCELLED:
            failed = MessageFailed(
                order_id=order_id, notice=notice, channel=channel, rule=outcome.rule, again_at=outcome.due_at
            )
            self._observers.tell(failed)
        if outcome.staff is not None:
            self._observers.tell_staff([outcome.staff])


def _paused(values: dict[str, object]) -> Unit[None]:
    yield Statement("pause", values)
