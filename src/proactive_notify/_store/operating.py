"""
The units of those who operate a shop: the outbox, suppressions, and how it all is.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .._policy.cases import QueuedMessage, Rulebook
from .._policy.requeuing import reason_against
from ..domain.decisions import Decision, Verdict
from ..domain.messages import MessageState
from ..errors import RequeueRefused, UsageError
from . import rows
from .loading import load
from .sending import waiting
from .units import Row, Statement, Unit

#: So many messages are looked at, at most, to say how many are due or uncertain.
_COUNTED = 1000
_SHORTEST = 6
_ENDED = (MessageState.SUPPRESSED, MessageState.CANCELLED, MessageState.EXPIRED, MessageState.FAILED)
_UNDER_WAY = (MessageState.CLAIMED, MessageState.SENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMessage:
    """A message as it stands in the outbox."""

    #: Stable for ever; the part before the ``@`` of a mail's ``Message-ID``.
    message_id: str
    order_id: str
    notice: str
    occasion: str
    channel: str
    #: Left out where the value is printed: it may stand in a log.
    address: str = field(repr=False)
    state: MessageState
    #: Why it waits, or how it ended.
    waits_for: str
    queued_at: datetime
    due_at: datetime
    expires_at: datetime | None
    #: Until then a sender holds it.
    lease_until: datetime | None
    attempts: int
    settled_at: datetime | None
    subject: str
    locale: str
    #: The provider's id for it.
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """An address that must not be used on a channel."""

    channel: str
    #: Left out where the value is printed: it may stand in a log.
    address: str = field(repr=False)
    cause: str
    at: datetime
    #: How often the address was refused …
    strikes: int
    #: … and from how often on it counts.
    needed: int

    @property
    def is_in_force(self) -> bool:
        """It counts. One refusal of those that count only when they come again does not yet."""
        return self.strikes >= self.needed


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageHistory:
    """A message with what was decided about its notice."""

    message: OutboxMessage
    #: The other messages of the same notice: on other channels, or to other addresses.
    siblings: tuple[OutboxMessage, ...]
    decisions: tuple[Decision, ...]
    suppression: Suppression | None
    #: Why it may not be requeued; empty if it may.
    reason_against: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A channel that rests, because a provider refused us."""

    channel: str
    until: datetime
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """Counts and moments that say how the shop's messages fare."""

    workers: int
    worker_seen_at: datetime | None
    due: int
    #: When that message became due which has waited longest and could leave.
    due_since: datetime | None
    under_way: int
    uncertain: int
    paused: tuple[Pause, ...]
    #: When the watchdog should have looked, or should look next.
    watch_at: datetime | None
    #: Words to the staff of which the last try failed, since when the oldest waits, and why.
    staff_words: int
    staff_since: datetime | None
    staff_failure: str


# -- the outbox -------------------------------------------------------------------------------------------------------


def outbox(
    shop: str, *, state: MessageState | None, order_id: str | None, limit: int
) -> Unit[tuple[OutboxMessage, ...]]:
    """Return messages: what is to come the soonest first, anything else the newest first."""
    values = {"shop": shop, "state": state, "order_id": order_id, "limit": limit}
    if order_id is not None:
        found = yield Statement("outbox_of_order", values)
    elif state is None:
        found = yield Statement("outbox_newest", values)
    elif state is MessageState.SENT:
        found = yield Statement("outbox_sent", values)
    elif state in _ENDED:
        found = yield Statement("outbox_ended", values)
    elif state in _UNDER_WAY:
        found = yield Statement("outbox_under_way", values)
    else:
        found = yield Statement("outbox_waiting", values)
    return (yield from _messages([pk for (pk,) in found]))


def message_history(message_id: str, *, rules: Rulebook) -> Unit[MessageHistory | None]:
    """
    Return a message by its id, or by the first characters of it; ``None`` if there is none.

    Raises:
        UsageError: the characters fit several messages, or are too few.
    """
    found = yield from _find(rules.shop.key, message_id)
    return (yield from _history(rules, *found)) if found else None


def requeue(message_id: str, *, now: datetime, rules: Rulebook) -> Unit[OutboxMessage]:
    """
    Let a message that ended go again, now: its notice is open again, and its tries count from nothing.

    Raises:
        RequeueRefused: somebody would be told twice, or what is no longer so; the text says which.
        UsageError: there is no such message, or several.
    """
    found = yield from _find(rules.shop.key, message_id)
    if found is None:
        raise UsageError(f"there is no message {message_id!r} in the shop {rules.shop.key!r}; look at the outbox")
    pk, notice_pk, order_id = found
    yield Statement("order_lock", {"shop": rules.shop.key, "orders": rows.as_json([order_id]), "now": rows.micros(now)})
    history = yield from _history(rules, pk, notice_pk, order_id)
    message = history.message
    if history.reason_against:
        raise RequeueRefused(f"{message.notice} of order {order_id} is not requeued: {history.reason_against}")
    expires_at = rows.maybe_micros(_useful_until(message, now))
    yield Statement("message_requeue", {"pk": pk, "now": rows.micros(now), "expires_at": expires_at})
    yield Statement("notice_reopen", {"pk": notice_pk})
    cause = next((each.cause for each in history.decisions if each.cause), "")
    decision = Decision(
        order_id=order_id,
        decision=Verdict.QUEUED,
        rule="requeued",
        at=now,
        notice=message.notice,
        occasion=message.occasion,
        cause=cause,
    )
    yield Statement("decision_insert", rows.decision_values(decision, rules.shop.key))
    (after,) = yield from _messages([pk])
    return after


def _useful_until(message: OutboxMessage, now: datetime) -> datetime | None:
    """What has expired is of use for as long again as it was at first."""
    if message.expires_at is None or message.expires_at > now:
        return message.expires_at
    return now + max(message.expires_at - message.queued_at, timedelta(hours=1))


def _find(shop: str, message_id: str) -> Unit[tuple[int, int, str] | None]:
    wanted = message_id.strip().removeprefix("<").partition("@")[0]
    if len(wanted) < _SHORTEST:
        raise UsageError(f"{message_id!r} is too short to be a message's id; write at least {_SHORTEST} characters")
    values = {"shop": shop, "first": wanted, "beyond": f"{wanted}\U0010ffff"}
    found = yield Statement("outbox_find", values)
    exact = [row for row in found if row[1] == wanted] or found
    if len(exact) > 1:
        raise UsageError(f"several messages have an id that begins with {wanted!r}; write more of it")
    return (exact[0][0], exact[0][2], exact[0][3]) if exact else None


def _history(rules: Rulebook, pk: int, notice_pk: int, order_id: str) -> Unit[MessageHistory]:
    shop = rules.shop.key
    case = (yield from load(shop, [order_id], sending=True))[order_id]
    ended = yield Statement("message_tried", {"notices": rows.as_json([notice_pk])})
    stored = {each.row: each for each in case.messages} | {row[1]: rows.message(tuple(row[1:])) for row in ended}
    of_notice = [each for each in stored.values() if each.notice_row == notice_pk]
    shown = yield from _messages([pk, *(each.row for each in of_notice if each.row != pk)])
    suppression = yield from _suppression(shop, shown[0].channel, shown[0].address)
    decided = yield Statement("decision_load", {"shop": shop, "orders": rows.as_json([order_id])})
    decisions = [rows.decision(row) for row in decided]
    against = reason_against(
        stored[pk],
        case,
        rules,
        siblings=_without(of_notice, pk),
        ended_by=shown[0].waits_for,
        suppressed=suppression is not None and suppression.is_in_force,
    )
    about = (shown[0].notice, shown[0].occasion)
    return MessageHistory(
        message=shown[0],
        siblings=shown[1:],
        decisions=tuple(each for each in decisions if (each.notice, each.occasion) == about),
        suppression=suppression,
        reason_against=against,
    )


def _without(messages: list[QueuedMessage], pk: int) -> list[QueuedMessage]:
    return [each for each in messages if each.row != pk]


def _messages(pks: list[int]) -> Unit[tuple[OutboxMessage, ...]]:
    found = yield Statement("outbox_rows", {"pks": rows.as_json(pks)})
    by_pk = {row[0]: _message(row) for row in found}
    return tuple(by_pk[pk] for pk in pks)


def _message(row: Row) -> OutboxMessage:
    _, id, order_id, notice, occasion, channel, address, state, waits_for, queued_at, due_at, *more = row
    expires_at, lease_until, attempts, settled_at, subject, locale, reference = more
    return OutboxMessage(
        message_id=id,
        order_id=order_id,
        notice=notice,
        occasion=occasion,
        channel=channel,
        address=address,
        state=MessageState(state),
        waits_for=waits_for,
        queued_at=rows.moment(queued_at),
        due_at=rows.moment(due_at),
        expires_at=rows.maybe_moment(expires_at),
        lease_until=rows.maybe_moment(lease_until),
        attempts=attempts,
        settled_at=rows.maybe_moment(settled_at),
        subject=subject,
        locale=locale,
        reference=reference,
    )


# -- suppressions -----------------------------------------------------------------------------------------------------


def suppressions(shop: str, *, channel: str | None, limit: int) -> Unit[tuple[Suppression, ...]]:
    """Return suppressions by channel and address."""
    found = yield Statement("suppression_list", {"shop": shop, "channel": channel, "limit": limit})
    return tuple(map(_suppressed, found))


def suppress(shop: str, channel: str, address: str, cause: str, *, now: datetime) -> Unit[tuple[Suppression, bool]]:
    """Put a suppression in force; return it, and whether it is new. One that is in force stays as it is."""
    values = {"shop": shop, "channel": channel, "address": address, "cause": cause, "at": rows.micros(now)}
    written = yield Statement("suppression_set", values)
    found = yield from _suppression(shop, channel, address)
    assert found is not None
    return found, bool(written)


def lift(shop: str, channel: str, address: str) -> Unit[Suppression | None]:
    """Take a suppression back; return what it was, ``None`` if there was none."""
    found = yield from _suppression(shop, channel, address)
    if found is not None:
        yield Statement("suppression_lift", {"shop": shop, "channel": channel, "address": address})
    return found


def _suppression(shop: str, channel: str, address: str) -> Unit[Suppression | None]:
    found = yield Statement("suppression_get", {"shop": shop, "channel": channel, "address": address})
    return _suppressed(found[0]) if found else None


def _suppressed(row: Row) -> Suppression:
    channel, address, cause, at, strikes, needed = row
    return Suppression(
        channel=channel, address=address, cause=cause, at=rows.moment(at), strikes=strikes, needed=needed
    )


# -- health -----------------------------------------------------------------------------------------------------------


def vitals(shop: str, *, now: datetime, alive_since: datetime) -> Unit[Vitals]:
    """
    Return how a shop's messages fare. At most 1,000 are counted.

    Args:
        alive_since: a worker that was seen since then lives.
    """
    at = {"shop": shop, "now": rows.micros(now)}
    ((workers,),) = yield Statement("worker_alive", {"shop": shop, "since": rows.micros(alive_since)})
    ((seen_at,),) = yield Statement("worker_last", {"shop": shop})
    due = yield from waiting(now=now, shop=shop)
    ((due_since,),) = yield Statement("message_free_since", at)
    ((under_way,),) = yield Statement("message_under_way_count", {"shop": shop})
    ((uncertain,),) = yield Statement("message_uncertain_count", {"shop": shop, "limit": _COUNTED})
    paused = yield Statement("pause_list", at)
    ((words, word_at, failure),) = yield Statement("staff_failing", {"shop": shop})
    ((watch_at,),) = yield Statement("promise_next", {"shop": shop})
    return Vitals(
        workers=workers,
        worker_seen_at=rows.maybe_moment(seen_at),
        due=due,
        due_since=rows.maybe_moment(due_since),
        under_way=under_way,
        uncertain=uncertain,
        paused=tuple(Pause(channel=c, until=rows.moment(until), cause=cause) for c, until, cause in paused),
        watch_at=rows.maybe_moment(watch_at),
        staff_words=words,
        staff_since=rows.maybe_moment(word_at),
        staff_failure=failure or "",
    )
