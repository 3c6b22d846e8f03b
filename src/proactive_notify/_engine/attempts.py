"""
One try to send one message: the notice made anew from the order as it now is, and what may become of it.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from .._policy.breaking import closed_event
from .._policy.cases import NewMessage, Rulebook, moment_of
from .._policy.gate import GateVerdict
from .._policy.options import closes_at, legal_clock
from .._policy.planning import ORDER_STATUS, RESOLUTION
from .._policy.promising import Wanted, closing_time, news_promise, news_until, offers_choice
from .._store.claims import Claimed
from .._store.sending import Outcome
from ..domain.decisions import Decision, StaffWord, Verdict
from ..domain.events import CustomerAnswered, CustomerAsked, OrderClosed
from ..domain.messages import Message, MessageState
from ..domain.notices import Notice, all_of
from ..domain.replies import asks_where

#: What a provider gave back goes once more on the same channel only if that is so soon, or there is no other channel.
_PATIENCE = timedelta(hours=12)
#: … and so often in all, where nobody says how often.
_TRIES = 5


class Attempt:
    """A claimed message at one moment. Its methods make the outcomes that can be settled."""

    def __init__(self, claimed: Claimed, rules: Rulebook, now: datetime) -> None:
        self.claimed, self.rules, self.now = claimed, rules, now
        self.case, self.order = claimed.case, claimed.case.order
        self._calendar = rules.calendar(self.order)
        #: The silence budget that begins when this message is sent, or given up.
        self.news = self._news()
        #: Made by :meth:`make_notice`; ``None`` where its class or its event is no longer known.
        self.notice: Notice[Any] | None = None
        #: What goes to the transport; from then on it is perhaps handed over.
        self.message: Message | None = None

    @property
    def kept(self) -> dict[str, Any] | None:
        """What was perhaps sent by an earlier try: it goes again as it was."""
        return json.loads(self.claimed.message.wire) if self.claimed.message.wire else None

    @property
    def has_expired(self) -> bool:
        expires_at = self.claimed.message.expires_at
        return expires_at is not None and expires_at <= self.now

    @property
    def has_other_channel(self) -> bool:
        """Whether the notice may go by another channel that reaches the customer."""
        return self._next_channel() is not None

    def make_notice(self) -> None:
        """Make the notice from the order as it now is."""
        kind = self.rules.by_key.get(self.claimed.notice.notice)
        event = self.case.event(self.claimed.notice.cause)
        if kind is None or event is None:
            return
        next_word = self.news.due_at.astimezone(self._calendar.zone).date() if self.news else None
        clock = legal_clock(self.case, self.rules, self.now)
        moment = moment_of(
            self.case,
            self.rules,
            self.now,
            closes_at=closes_at(closing_time(self.order, self._calendar), clock, self.rules.policy.close_after),
            offers_choice=offers_choice(self.order, self.case.promises, self._calendar, self.now),
            next_word=next_word,
            clock=clock,
        )
        self.notice = kind(event, self.order, moment)

    def _news(self) -> Wanted | None:
        if not self.order.is_live:
            return None
        named = self.claimed.message.next_word
        if named is not None and named > self.now:
            return news_until(named, self._calendar, since=self.now, is_watched=self.case.is_watched)
        return news_promise(self.order, self.case.promises, self._calendar, self.now, is_watched=self.case.is_watched)

    # -- what may become of it ----------------------------------------------------------------------------------------

    def untouched(self) -> Outcome:
        """Nothing was tried: somebody else may take it at once."""
        state = MessageState.UNCERTAIN if self.claimed.message.wire else MessageState.QUEUED
        return Outcome(claimed=self.claimed, state=state, is_no_try=True, wire=self.claimed.message.wire)

    def stopped_by(self, verdict: GateVerdict) -> Outcome:
        """The gate does not let it pass."""
        if verdict.state is MessageState.QUEUED:
            return Outcome(
                claimed=self.claimed,
                state=MessageState.QUEUED,
                rule=verdict.rule,
                held=True,
                is_no_try=True,
                due_at=verdict.until,
                decision=self.decide(Verdict.HELD, verdict.rule),
            )
        if verdict.state is MessageState.CANCELLED:
            decision = self.decide(Verdict.DROPPED, verdict.rule)
            return Outcome(claimed=self.claimed, state=verdict.state, rule=verdict.rule, decision=decision)
        return self.failed(verdict.rule, state=verdict.state or MessageState.FAILED)

    def sent(self, message: Message, reference: str) -> Outcome:
        """The provider took it."""
        return self._sent(getattr(message, "subject", ""), message.locale, reference)

    def proven(self, reference: str = "") -> Outcome:
        """Nobody knew whether the provider took it; now it says so."""
        kept = self.kept or {}
        return self._sent(kept.get("subject", ""), kept.get("locale", ""), reference)

    def never_taken(self) -> Outcome:
        """Nobody knew whether the provider took it; it never had it. The next channel, else once more."""
        if self._next_channel() is not None:
            return self.failed("not-taken")
        return Outcome(
            claimed=self.claimed, state=MessageState.QUEUED, rule="not-taken", due_at=self.now, is_no_try=True
        )

    def _sent(self, subject: str, locale: str, reference: str) -> Outcome:
        return Outcome(
            claimed=self.claimed,
            state=MessageState.SENT,
            decision=self.decide(Verdict.SENT, self.claimed.message.channel),
            subject=subject,
            locale=locale,
            news=self.news,
            names_day=self._named_day(),
            reference=reference,
            closes=self._closing(),
            answers=self._answer(),
            waited=max(self.now - self.claimed.message.due_at, timedelta()),
        )

    def again(
        self,
        rule: str,
        *,
        spread: float,
        at_least: timedelta | None = None,
        uncertain: bool = False,
        tries: int | None = None,
    ) -> Outcome:
        """
        Not now: the row waits, and a later sender tries again.

        Args:
            spread: a random number from 0 to 1.
            at_least: what the provider asked for.
            uncertain: it was perhaps taken.
            tries: give up after so many.
        """
        message = self.claimed.message
        wait = self.rules.policy.retry.wait(message.attempts, spread=spread, at_least=at_least)
        if wait is None or (tries is not None and message.attempts >= tries):
            perhaps_read = uncertain or message.wire is not None
            doubt = "uncertain:" if perhaps_read and not rule.startswith("uncertain") else ""
            return self.failed(f"given-up:{doubt}{rule}", perhaps_read=perhaps_read)
        return self._waits(rule, self.now + wait, uncertain=uncertain)

    def paused(self, rule: str, until: datetime) -> Outcome:
        """The channel rests: that is no try of this message."""
        return self._waits(rule, until, is_no_try=True)

    def in_doubt(self, rule: str, until: datetime) -> Outcome:
        """Nobody knows yet: that is no try of this message."""
        return self._waits(rule, until, uncertain=True, is_no_try=True)

    def _waits(self, rule: str, until: datetime, *, uncertain: bool = False, is_no_try: bool = False) -> Outcome:
        wire = self.claimed.message.wire
        if uncertain and self.message is not None:
            wire = self.message.model_dump_json()
        if wire is None and self.claimed.message.is_too_late(until) and self._next_channel() is not None:
            return self.failed(f"cannot-wait:{rule}")
        return Outcome(
            claimed=self.claimed,
            state=MessageState.UNCERTAIN if wire else MessageState.QUEUED,
            rule=rule,
            due_at=until,
            wire=wire,
            is_no_try=is_no_try,
            names_day=self._named_day() if wire else None,
        )

    def failed(
        self,
        rule: str,
        *,
        state: MessageState = MessageState.FAILED,
        suppress: bool = False,
        suppress_after: int = 1,
        perhaps_read: bool = False,
    ) -> Outcome:
        """
        This message will never leave: the next channel, else the staff.

        What the customer perhaps read is told on no other channel. What goes by an earlier channel too is no matter for
        the staff.
        """
        over, beside = state is MessageState.EXPIRED or perhaps_read, self.is_beside_another
        fallback = None if over else self._next_channel()
        channel, notice, staff = self.claimed.message.channel, self.claimed.notice.notice, None
        if fallback is not None:
            decision = self.decide(Verdict.QUEUED, f"instead-of-{channel}:{rule}")
        else:
            decision = self.decide(Verdict.DROPPED, rule)
            text = f"the customer could not be told {notice} by {channel}: {rule}"
            if not beside:
                staff = StaffWord(order_id=self.case.order_id, at=self.now, subject="undelivered", text=text)
        return Outcome(
            claimed=self.claimed,
            state=state,
            rule=rule,
            decision=decision,
            staff=staff,
            fallback=fallback,
            suppress=suppress,
            suppress_after=suppress_after,
            news=None if beside else self.news,
            closes=self._closing() if fallback is None and not over else None,
        )

    def came_back(
        self,
        rule: str,
        *,
        retry_after: timedelta | None,
        tries: int | None = None,
        patience: timedelta = _PATIENCE,
        suppress: bool = False,
        suppress_after: int = 1,
    ) -> Outcome:
        """
        The provider has it no more, and the customer does not have it.

        It goes once more on this channel, where that may help; else by the next channel, else the staff hear of it.
        What follows in its order does not wait for it.

        Args:
            retry_after: when this channel may be tried again; ``None``: never.
            tries: so often in all.
            patience: what would wait for longer goes by the next channel, if there is one.
        """
        at = self._once_more_at(retry_after, tries or _TRIES)
        if at is None or (at - self.now > patience and self.has_other_channel):
            return self.failed(rule, suppress=suppress, suppress_after=suppress_after)
        return Outcome(
            claimed=self.claimed,
            state=MessageState.QUEUED,
            rule=rule,
            held=True,
            due_at=at,
            decision=self.decide(Verdict.QUEUED, f"again:{rule}"),
            suppress=suppress,
            suppress_after=suppress_after,
        )

    def refused(self, rule: str, *, retry_after: timedelta | None, suppress: bool, suppress_after: int) -> Outcome:
        """The provider will not take it: the next channel, else this one when it may be tried again, else the staff."""
        if self.kept is not None:
            return self.failed(rule, suppress=suppress, suppress_after=suppress_after, perhaps_read=True)
        return self.came_back(
            rule, retry_after=retry_after, patience=timedelta(), suppress=suppress, suppress_after=suppress_after
        )

    def _once_more_at(self, retry_after: timedelta | None, tries: int) -> datetime | None:
        message = self.claimed.message
        if retry_after is None or message.attempts >= tries:
            return None
        wait = self.rules.policy.retry.wait(message.attempts, spread=1.0, at_least=retry_after)
        return None if wait is None or message.is_too_late(self.now + wait) else self.now + wait

    # -----------------------------------------------------------------------------------------------------------------

    def decide(self, verdict: Verdict, rule: str) -> Decision:
        return Decision(
            order_id=self.case.order_id,
            decision=verdict,
            rule=rule,
            at=self.now,
            notice=self.claimed.notice.notice,
            occasion=self.claimed.notice.occasion,
            cause=self.claimed.notice.cause,
        )

    def _named_day(self) -> datetime | None:
        """The due time of the promise whose day the message names."""
        if self.claimed.message.wire is not None:
            return self.claimed.message.next_word
        return self.news.due_at if self.news and self.notice and self.notice.next_word() else None

    def _next_channel(self) -> NewMessage | None:
        """The try on the next channel that the notice allows and the customer has."""
        kind, current = self.rules.by_key.get(self.claimed.notice.notice), self.claimed.message.channel
        if kind is None or isinstance(kind.channels, all_of) or current not in kind.channels:
            return None
        row = self.claimed.notice.row
        tried = {(each.channel, each.address) for each in self.case.messages if each.notice_row == row}
        for channel in kind.channels[kind.channels.index(current) + 1 :]:
            address = self.rules.address(channel, self.order)
            if address is not None and (channel, address) not in tried:
                message = self.claimed.message
                return NewMessage(
                    channel=channel,
                    address=address,
                    due_at=self.now,
                    expires_at=message.expires_at,
                    leave_by=message.leave_by,
                )
        return None

    @property
    def is_beside_another(self) -> bool:
        """Whether the notice goes by an earlier channel too: the staff, and the next word, follow that one."""
        kind, current = self.rules.by_key.get(self.claimed.notice.notice), self.claimed.message.channel
        if kind is None or not isinstance(kind.channels, all_of) or current not in kind.channels:
            return False
        earlier = kind.channels[: kind.channels.index(current)]
        return any(self.rules.address(channel, self.order) is not None for channel in earlier)

    def _closing(self) -> OrderClosed | None:
        """The event that hands the order to people, if this notice ends silence."""
        if self.claimed.notice.notice != RESOLUTION:
            return None
        return closed_event(self.case.order_id, self.claimed.notice.occasion, at=self.now)

    def _answer(self) -> CustomerAnswered | None:
        """The event that says that the question is answered, unless she asked a person something as well."""
        if self.claimed.notice.notice != ORDER_STATUS:
            return None
        spoken = self.order.spoken_at
        facts = [each for each in self.case.facts if spoken is None or each.effective_at > spoken]
        if not all(asks_where(each.event) for each in facts if isinstance(each.event, CustomerAsked)):
            return None
        return CustomerAnswered(
            order_id=self.case.order_id,
            id=f"{self.claimed.message.id}:answered",
            source="proactive_notify",
            at=self.now,
            by="proactive_notify",
        )
