"""
The units around sending: claim, settle, hand back, reap.

Settling is fenced by the claim's token and conditional in one statement: what somebody else has taken over is left
alone, and what came meanwhile is not overwritten.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter

from .._policy.cases import NewMessage, Rulebook
from .._policy.options import OFFERING
from .._policy.promising import Wanted
from ..domain.decisions import Decision, StaffWord
from ..domain.events import CustomerAnswered, OrderClosed
from ..domain.messages import MessageState
from . import rows
from .claims import Claimed, Claims, Room
from .loading import load
from .memory import Memory
from .queueing import message_row
from .recording import record, record_together
from .units import Row, Statement, Unit, run_each

#: How far the clocks of two processes may lie apart.
_CLOCKS_DIFFER = timedelta(seconds=10)


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of a claimed message."""

    claimed: Claimed
    state: MessageState
    decision: Decision | None = None
    staff: StaffWord | None = None
    #: Why it waits, or how it ended.
    rule: str = ""
    #: It waits because a policy says so, and blocks nobody.
    held: bool = False
    #: When it is asked again.
    due_at: datetime | None = None
    subject: str | None = None
    locale: str | None = None
    #: The silence budget that begins with this message; ``None`` leaves it as it is.
    news: Wanted | None = None
    #: The due time of the promise whose day the message names; kept on its row.
    names_day: datetime | None = None
    #: It does not count as a try.
    is_no_try: bool = False
    #: What was perhaps sent.
    wire: str | None = None
    reference: str = ""
    #: The next try, on another channel.
    fallback: NewMessage | None = None
    #: The address must not be used again on this channel.
    suppress: bool = False
    #: … from so many refusals on.
    suppress_after: int = 1
    #: It is written down, and that many there were.
    is_suppressed: bool = False
    #: The notice ends silence: the order is handed to people.
    closes: OrderClosed | None = None
    #: The notice was the answer to a question.
    answers: CustomerAnswered | None = None
    #: What the provider said while it was under way, as the store keeps it; known when the outcome is written.
    early: str | None = None
    #: How long after it was due it left, and how long the provider took.
    waited: timedelta = timedelta()
    took: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaped:
    """What was put back, and what is held."""

    #: The rows, each with what the provider has said of it meanwhile.
    early: Mapping[int, str | None] = field(default_factory=dict)
    #: A lease is left that ends too far ahead.
    is_far: bool = False


def claim(
    *,
    now: datetime,
    token: str,
    lease: timedelta,
    rooms: Mapping[str, Room],
    other: Room,
    shop: str,
    memory: Memory | None = None,
) -> Unit[Claims]:
    """
    Claim due messages, in sequence for each order; none is older than one that it waits for.

    Args:
        rooms: channel → how much is wanted of it.
        other: how much is wanted of a channel that is not in ``rooms``.
        memory: cases that need not be read.
    """
    values = {"now": rows.micros(now), "shop": shop}
    channels = yield Statement("message_channels", values)
    lease_until = rows.micros(now + lease)
    taken: list[Row] = []
    again: list[datetime] = []
    rests: dict[int, datetime] = {}
    for channel, paused_until in channels:
        room = rooms.get(channel, other)
        if paused_until is not None:
            room = Room(limit=room.limit, before=rows.moment(paused_until))
        limit, free_at = room.limit, now
        if room.pace is not None and limit > 0:
            free_at = yield from _free_at(shop, channel, now)
            limit = min(limit, room.pace.allowed(free_at, now))
            if limit <= 0:
                again.append(room.pace.next_at(free_at))
        if limit <= 0:
            continue
        which = {"channel": channel, "limit": limit, "before": rows.maybe_micros(room.before)}
        found = yield Statement("message_claim", {**values, **which, "token": token, "lease_until": lease_until})
        taken += found
        if paused_until is not None:
            rests.update((row[1], rows.moment(paused_until)) for row in found)
        if room.pace is not None and found:
            after = room.pace.take(free_at, now, len(found))
            yield Statement("pace_take", {"shop": shop, "channel": channel, "free_at": rows.micros(after)})
    claimed = (yield from _with_cases(shop, taken, token, memory)) if taken else []
    for each in claimed:
        each.rests_until = rests.get(each.message.row)
    return Claims(found=claimed, again_at=min(again, default=None))


def _free_at(shop: str, channel: str, now: datetime) -> Unit[datetime]:
    found = yield Statement("pace_read", {"shop": shop, "channel": channel})
    return rows.moment(found[0][0]) if found else now


def _with_cases(shop: str, taken: Sequence[Row], token: str, memory: Memory | None) -> Unit[list[Claimed]]:
    orders = rows.as_json(list({order_id for order_id, *_ in taken}))
    versions = yield Statement("order_versions", {"shop": shop, "orders": orders})
    cases = {order_id: memory.take(order_id, version) if memory else None for order_id, version in versions}
    unread = [order_id for order_id, case in cases.items() if case is None]
    if unread:
        cases.update((yield from load(shop, unread, sending=True)))
    found = []
    for order_id, *row in sorted(taken, key=itemgetter(1)):
        case, message = cases[order_id], rows.message(tuple(row))
        assert case is not None
        found.append((message, next(each for each in case.notices if each.row == message.notice_row), case))
    pairs = rows.as_json([[message.channel, message.address] for message, _, _ in found])
    suppressed = {tuple(row) for row in (yield Statement("suppression_find", {"shop": shop, "pairs": pairs}))}
    return [
        Claimed(message=m, notice=n, case=case, suppressed=(m.channel, m.address) in suppressed, token=token)
        for m, n, case in found
    ]


def settle(outcomes: Sequence[Outcome], *, now: datetime, rules: Rulebook) -> Unit[list[Outcome]]:
    """
    Write what became of claimed messages; return the outcomes that were still ours to write.

    A message that would go again and of which the provider has spoken is uncertain.
    """
    values = {"rows": rows.as_json([_settled(each) for each in outcomes]), "now": rows.micros(now)}
    early: dict[int, str | None] = dict((yield Statement("message_settle", values)))
    ours = [each for each in outcomes if each.claimed.message.row in early]
    for each in ours:
        each.early = early[each.claimed.message.row]
    yield from follow(ours, now=now, rules=rules)
    return ours


def follow(ours: Sequence[Outcome], *, now: datetime, rules: Rulebook, is_final: bool = True) -> Unit[None]:
    """
    Write what follows from outcomes: the notice told or dropped, the next word, the next channel, and why.

    Args:
        is_final: the messages' states have changed just now.
    """
    shop = rules.shop.key
    if ours:
        orders = rows.as_json([each.claimed.case.order_id for each in ours])
        yield Statement("order_touch", {"shop": shop, "orders": orders})
    told = [each.claimed.notice.row for each in ours if is_final and each.state is MessageState.SENT]
    if told:
        yield Statement("notice_told", {"pks": rows.as_json(told), "now": rows.micros(now)})
    over = (MessageState.CANCELLED, MessageState.EXPIRED)
    dropped = [each.claimed.notice.row for each in ours if each.state in over]
    if dropped:
        yield Statement("notice_drop", {"pks": rows.as_json(dropped)})
    yield from run_each("news_move", [_news(shop, each, each.news) for each in ours if each.news])
    fallbacks = [_fallback(shop, each, each.fallback) for each in ours if each.fallback]
    if fallbacks:
        values = {"shop": shop, "rows": rows.as_json(fallbacks), "token": None, "lease_until": None}
        yield Statement("message_insert", values)
    for each in ours:
        if each.suppress:
            ((each.is_suppressed,),) = yield Statement("suppression_add", _suppressed(shop, each, now))
    yield from run_each("decision_insert", [rows.decision_values(o.decision, shop) for o in ours if o.decision])
    yield from run_each("staff_insert", [rows.staff_values(o.staff, shop) for o in ours if o.staff])
    facts = [fact for each in ours for fact in (each.closes, each.answers) if fact is not None]
    if facts:
        yield from record(facts, now=now, rules=rules)
    offers = dict.fromkeys(each.claimed.case.order_id for each in ours if is_final and _is_offer(each, rules))
    if offers:
        yield from record_together([], now=now, rules=rules, also=offers)


def _is_offer(each: Outcome, rules: Rulebook) -> bool:
    """Whether a choice that the law asks for was sent, or came back: then other promises hold."""
    law = rules.law(each.claimed.case.order)
    was_sent = MessageState.SENT in (each.state, each.claimed.message.state)
    return was_sent and law is not None and law.has_options and each.claimed.notice.notice in OFFERING


def _settled(each: Outcome) -> list[object]:
    next_word = rows.maybe_micros(each.names_day)
    due_at = rows.maybe_micros(each.due_at)
    row, state = each.claimed.message.row, int(each.state)
    return [
        row,
        state,
        int(each.held),
        each.rule,
        due_at,
        each.subject,
        each.locale,
        next_word,
        each.wire,
        each.reference or None,
        int(each.is_no_try),
        each.claimed.token,
    ]


def _news(shop: str, each: Outcome, news: Wanted) -> dict[str, object]:
    wake_at = min(news.ask_at, news.speak_at) if news.ask_at else news.speak_at
    return {
        "shop": shop,
        "order_id": each.claimed.case.order_id,
        "due_at": rows.micros(news.due_at),
        "ask_at": rows.maybe_micros(news.ask_at),
        "speak_at": rows.micros(news.speak_at),
        "wake_at": rows.micros(wake_at),
    }


def _fallback(shop: str, each: Outcome, message: NewMessage) -> list[object]:
    notice, order_id = each.claimed.notice, each.claimed.case.order_id
    id = rows.message_id([shop, order_id, notice.notice, notice.occasion, message.channel, message.address])
    return message_row(id, order_id, notice.row, message)


def _suppressed(shop: str, each: Outcome, now: datetime) -> dict[str, object]:
    message = each.claimed.message
    return {
        "shop": shop,
        "channel": message.channel,
        "address": message.address,
        "cause": each.rule,
        "at": rows.micros(now),
        "needed": each.suppress_after,
    }


def waiting(*, now: datetime, shop: str) -> Unit[int]:
    """Return how many messages are due; at most 1,000 of each channel are counted."""
    values, total = {"now": rows.micros(now), "shop": shop}, 0
    for channel, _ in (yield Statement("message_channels", values)):
        ((count,),) = yield Statement("message_waiting", {**values, "channel": channel})
        total += count
    return total


def renew(*, tokens: Sequence[str], now: datetime, lease: timedelta, shop: str) -> Unit[None]:
    """Hold on to what is still under way."""
    values = {"shop": shop, "tokens": rows.as_json(list(tokens)), "lease_until": rows.micros(now + lease)}
    yield Statement("message_renew", values)


def reap(*, now: datetime, lease: timedelta, shop: str, and_far: bool) -> Unit[Reaped]:
    """
    Put back what a dead sender held. What the provider has spoken of is uncertain.

    Args:
        and_far: a lease that ends further ahead than its own length was taken before the clock was set back. It counts
            as expired, too: who lives has renewed it meanwhile.
    """
    furthest = rows.micros(now + lease + _CLOCKS_DIFFER)
    values = {"now": rows.micros(now), "furthest": furthest if and_far else None, "shop": shop}
    ((first, last),) = yield Statement("message_leases", {"shop": shop})
    is_far = last is not None and last > furthest
    if first is None or (first > rows.micros(now) and not (and_far and is_far)):
        return Reaped(is_far=is_far)
    return Reaped(early=dict((yield Statement("message_reap", values))), is_far=is_far and not and_far)


def make_due(*, now: datetime, shop: str) -> Unit[None]:
    """Make due what was queued at a time that has not come: the clock was set back, and nobody waits for it twice."""
    values = {"now": rows.micros(now), "later": rows.micros(now + _CLOCKS_DIFFER), "shop": shop}
    yield Statement("message_make_due", values)
    yield Statement("notice_make_due", values)
