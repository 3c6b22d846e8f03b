"""
Takes in what customers write back, and answers it.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from .._content.rendering import Content
from .._content.values import values_of_shop
from .._policy.cases import Rulebook
from .._policy.words import read
from .._store import rows
from .._store.replying import TakenIn, take_in, tell_staff
from .._store.sqlite import Store
from ..channels.channel import Channel
from ..clock import Clock
from ..domain.consent import CONFIRM_WITHIN, is_answered, may_confirm
from ..domain.customers import Customer
from ..domain.decisions import StaffWord
from ..domain.messages import Message, SmsMessage
from ..domain.replies import Meaning, Reply
from ..errors import SendError
from .telemetry import AddressSuppressed, EventsRecorded, Observers, log

#: The folder of the answers: a shop's own ``_replies/stop.text`` replaces that one.
_TEMPLATES = "_replies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What a customer's text meant, and what it was about."""

    meaning: Meaning
    #: The orders about which something was recorded; none where the address is of no order.
    order_ids: tuple[str, ...]
    #: It was not taken in before; only then anything follows from it.
    is_new: bool


class Replies:
    def __init__(
        self,
        store: Store,
        rules: Rulebook,
        clock: Clock,
        observers: Observers,
        *,
        channels: Mapping[str, Channel],
        content: Content,
    ) -> None:
        self._store, self._rules, self._clock, self._observers = store, rules, clock, observers
        self._channels, self._content = channels, content

    async def receive(self, reply: Reply) -> Understood:
        """Take a reply in. The same one twice changes nothing."""
        now = self._clock.now()
        # The patterns are made when the first text comes, and that takes some time.
        reading = await asyncio.to_thread(read, reply.text, opt_out_type=reply.opt_out_type)
        helps = self._answers_on(reply) is not None or is_answered(reply)
        taken = await self._store.run(lambda: take_in(reply, reading, helps=helps, now=now, rules=self._rules))
        if taken.is_new:
            self._tell(reply, taken, since=now)
            await self._answer(reply, taken, since=now)
        return Understood(meaning=taken.meaning, order_ids=taken.order_ids, is_new=taken.is_new)

    def _answers_on(self, reply: Reply) -> Channel | None:
        """The channel on which a reply can be answered: texts only, for WhatsApp takes approved templates."""
        channel = self._channels.get(reply.channel)
        return channel if channel is not None and issubclass(channel.message, SmsMessage) else None

    def _tell(self, reply: Reply, taken: TakenIn, *, since: datetime) -> None:
        log.info("a reply by %s: %s, about %s orders", reply.channel, taken.meaning, len(taken.order_ids))
        if taken.recorded is not None:
            took = max(self._clock.now() - since, timedelta())
            self._observers.tell_staff(taken.recorded.staff)
            self._observers.tell(EventsRecorded(new=taken.recorded.new, known=0, took=took))
        if taken.is_suppressed:
            self._observers.tell(AddressSuppressed(channel=reply.channel, cause=Meaning.STOP.value))
        self._observers.tell_staff(taken.staff)

    # -- what goes back -----------------------------------------------------------------------------------------------

    async def _answer(self, reply: Reply, taken: TakenIn, *, since: datetime) -> None:
        """Answer a STOP, a START or a HELP with one text, unless the provider did. Failures are not tried again."""
        channel, age = self._answers_on(reply), self._clock.now() - since
        wanted = may_confirm(reply, taken.meaning, consented=not taken.was_stopped, age=age)
        if channel is None or not wanted or taken.is_refused or taken.is_too_much:
            return
        try:
            await channel.transport.send(self._compose(reply, taken, channel))
        except SendError as error:
            failure = error.code or type(error).__name__
        except Exception as error:  # what the customer wrote is taken in already
            failure = type(error).__name__
        else:
            return
        text = f"a customer's {taken.meaning} by {reply.channel} was taken in and could not be answered: {failure}"
        order_id = taken.cases[0].order_id if taken.cases else ""
        word = StaffWord(order_id=order_id, at=self._clock.now(), subject="undelivered", text=text)
        self._observers.tell_staff([word])
        if order_id:
            await self._store.run(lambda: tell_staff(word, shop=self._rules.shop.key))

    def _compose(self, reply: Reply, taken: TakenIn, channel: Channel) -> Message:
        shop, orders = self._rules.shop, [each.order for each in taken.cases]
        customer = orders[0].customer if orders else Customer()
        locale = self._content.choose_locale(customer.locale, shop.locale)
        values = {"shop": values_of_shop(shop), "by_email": any(each.customer.mailbox for each in orders)}
        parts = self._content.render(_TEMPLATES, taken.meaning.value, channel.parts, locale=locale, values=values)
        common = {
            "message_id": rows.message_id([shop.key, reply.source, reply.id, reply.channel]),
            "order_id": orders[0].order_id if orders else "",
            "notice": "reply",
            "occasion": taken.meaning.value,
            "to": reply.sender,
            "locale": locale,
            "at": self._clock.now(),
            "valid_for": CONFIRM_WITHIN,
        }
        return channel.compose(common, parts, shop=shop, customer=customer)
