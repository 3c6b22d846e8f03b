"""
The units around sending: claim, settle, hand back, reap.

Settling is fenced by the claim's token and conditional in one statement: what somebody else has taken over is left
alone, and what came meanwhile is not overwritten.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .._policy.cases import Case, NewMessage, QueuedMessage, QueuedNotice, Rulebook
from .._policy.promising import Wanted
from ..domain.decisions import Decision, StaffWord
from ..domain.events import OrderClosed
from ..domain.messages import MessageState
from . import rows
from .loading import load
from .recording import record
from .units import Statement, Unit, run_each

#: How far the clocks of two processes may lie apart.
_CLOCKS_DIFFER = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A message that is ours for the length of the lease, with its case."""

    message: QueuedMessage
    notice: QueuedNotice
    case: Case
    suppressed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
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
    #: The notice ends silence: the order is handed to people.
    closes: OrderClosed | None = None


def claim(*, now: datetime, token: str, lease: timedelta, limit: int, shop: str) -> Unit[list[Claimed]]:
    """Claim at most ``limit`` due messages, in sequence for each order; none is older than one that it waits for."""
    values = {"now": rows.micros(now), "token": token, "limit": limit, "shop": shop}
    if not (yield Statement("message_due", {"now": values["now"], "shop": shop})):
        return []
    taken = yield Statement("message_claim", {**values, "lease_until": rows.micros(now + lease)})
    if not taken:
        return []
    cases = yield from load(shop, {order_id for _, _, order_id in taken}, sending=True)
    found = []
    for pk, notice_pk, order_id in sorted(taken):
        case = cases[order_id]
        message = next(each for each in case.messages if each.row == pk)
        found.append((message, next(each for each in case.notices if each.row == notice_pk), case))
    pairs = rows.as_json([[message.channel, message.address] for message, _, _ in found])
    suppressed = {tuple(row) for row in (yield Statement("suppression_find", {"shop": shop, "pairs": pairs}))}
    return [
        Claimed(message=m, notice=n, case=case, suppressed=(m.channel, m.address) in suppressed) for m, n, case in found
    ]


def settle(outcomes: Sequence[Outcome], *, now: datetime, token: str, rules: Rulebook) -> Unit[list[Outcome]]:
    """Write what became of claimed messages; return the outcomes that were still ours to write."""
    shop = rules.shop.key
    values = rows.as_json([_settled(each) for each in outcomes])
    owned = yield Statement("message_settle", {"rows": values, "token": token, "now": rows.micros(now)})
    pks = {pk for (pk,) in owned}
    ours = [each for each in outcomes if each.claimed.message.row in pks]
    told = [each.claimed.notice.row for each in ours if each.state is MessageState.SENT]
    if told:
        yield Statement("notice_told", {"pks": rows.as_json(told), "now": rows.micros(now)})
    over = (MessageState.CANCELLED, MessageState.EXPIRED)
    dropped = [each.claimed.notice.row for each in ours if each.state in over]
    if dropped:
        yield Statement("notice_drop", {"pks": rows.as_json(dropped)})
    yield from run_each("news_move", [_news(shop, each, each.news) for each in ours if each.news])
    yield from run_each("message_insert", [_fallback(shop, each, each.fallback) for each in ours if each.fallback])
    yield from run_each("suppression_add", [_suppressed(shop, each, now) for each in ours if each.suppress])
    yield from run_each("decision_insert", [rows.decision_values(o.decision, shop) for o in ours if o.decision])
    yield from run_each("staff_insert", [rows.staff_values(o.staff, shop) for o in ours if o.staff])
    closing = [each.closes for each in ours if each.closes]
    if closing:
        yield from record(closing, now=now, rules=rules)
    return ours


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


def _fallback(shop: str, each: Outcome, message: NewMessage) -> dict[str, object]:
    notice, order_id = each.claimed.notice, each.claimed.case.order_id
    return {
        "id": rows.message_id([shop, order_id, notice.notice, notice.occasion, message.channel, message.address]),
        "notice_pk": notice.row,
        "shop": shop,
        "order_id": order_id,
        "channel": message.channel,
        "address": message.address,
        "due_at": rows.micros(message.due_at),
        "expires_at": rows.maybe_micros(message.expires_at),
    }


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


def renew(*, tokens: Sequence[str], now: datetime, lease: timedelta, shop: str) -> Unit[None]:
    """Hold on to what is still under way."""
    values = {"shop": shop, "tokens": rows.as_json(list(tokens)), "lease_until": rows.micros(now + lease)}
    yield Statement("message_renew", values)


def reap(*, now: datetime, lease: timedelta, shop: str) -> Unit[int]:
    """
    Put back what a dead sender held; return how many.

    A lease that ends further ahead than its own length was taken before the clock was set back: it counts as expired.
    """
    values = {"now": rows.micros(now), "furthest": rows.micros(now + lease + _CLOCKS_DIFFER), "shop": shop}
    if not (yield Statement("message_stale", values)):
        return 0
    return len((yield Statement("message_reap", values)))
