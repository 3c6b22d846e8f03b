"""
The units that take in what customers write back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .._policy.cases import Case, Rulebook
from .._policy.words import Reading
from ..domain.consent import events_of, meant
from ..domain.decisions import StaffWord
from ..domain.event import Event
from ..domain.replies import Meaning, Reply
from . import rows
from .loading import load
from .operating import lift, suppress
from .recording import Recorded, record
from .units import Statement, Unit

#: Why an address is suppressed whose customer said STOP to us.
STOPPED = "stop"
#: … and to the provider, of whose answer the cause is made: "the customer said STOP" at Twilio.
_STOPPED_THERE = ":21610"
#: So many texts of one number may be answered in so long: two machines could write to each other for ever.
_ANSWERED, _WITHIN = 10, timedelta(days=1)
#: A reply is about at most so many orders: a unit holds the write lock. The suppression covers all others.
_MOST_ORDERS = 100


@dataclass(slots=True, kw_only=True)
class TakenIn:
    """A reply, what it means, and what followed from it."""

    meaning: Meaning
    #: It was not taken in before; only then anything followed.
    is_new: bool
    #: The cases of the orders of this address, open ones first, newest first.
    cases: Sequence[Case] = ()
    #: What it was about: all of these orders, or the one that was asked about.
    order_ids: tuple[str, ...] = ()
    #: The address was told nothing on this channel when the reply came: it was suppressed.
    was_stopped: bool = False
    #: … and for another reason than a STOP, which still holds.
    is_refused: bool = False
    #: It has written so much that it is not answered any more.
    is_too_much: bool = False
    #: It is suppressed since just now.
    is_suppressed: bool = False
    recorded: Recorded | None = None
    #: To the staff, where there is no order.
    staff: list[StaffWord] = field(default_factory=list)


def take_in(reply: Reply, reading: Reading, *, helps: bool, now: datetime, rules: Rulebook) -> Unit[TakenIn]:
    """
    Take a reply in, once: record what it says about the customer's orders, and suppress the address or lift that.

    Args:
        helps: HELP is answered; where it is not, it is a question.
    """
    shop = rules.shop.key
    sender = rows.message_id([shop, reply.channel, reply.sender])
    known = {"shop": shop, "source": reply.source, "id": reply.id, "sender": sender, "now": rows.micros(now)}
    is_new = bool((yield Statement("reply_insert", known)))
    lately = {"shop": shop, "sender": sender, "since": rows.micros(now - _WITHIN), "limit": _ANSWERED + 1}
    ((count,),) = yield Statement("reply_count", lately)
    cases = yield from _cases(shop, reply)
    is_told = any(rules.address(reply.channel, each.order) == reply.sender for each in cases)
    meaning = meant(reply, reading.meaning, consented=is_told)
    if meaning is Meaning.HELP and not helps:
        meaning = Meaning.QUESTION
    order_ids = [each.order_id for each in cases]
    events = events_of(reply, meaning, order_ids, asks=reading.asks, consented=is_told, at=now)
    taken = TakenIn(meaning=meaning, is_new=is_new, cases=cases, order_ids=_order_ids(events))
    taken.is_too_much = count > _ANSWERED
    if is_new:
        yield from _follow(taken, reply, events, asks=reading.asks, now=now, rules=rules)
    return taken


def _order_ids(events: Sequence[Event]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.order_id for each in events))


def _cases(shop: str, reply: Reply) -> Unit[list[Case]]:
    which = {"shop": shop, "channel": reply.channel, "address": reply.sender, "limit": _MOST_ORDERS}
    order_ids = [order_id for (order_id,) in (yield Statement("reply_orders", which))]
    return list((yield from load(shop, order_ids)).values()) if order_ids else []


def _follow(
    taken: TakenIn, reply: Reply, events: Sequence[Event], *, asks: bool, now: datetime, rules: Rulebook
) -> Unit[None]:
    shop, meaning = rules.shop.key, taken.meaning
    where = {"shop": shop, "channel": reply.channel, "address": reply.sender}
    for _, _, cause, _, strikes, needed in (yield Statement("suppression_get", where)):
        taken.was_stopped = strikes >= needed
        taken.is_refused = taken.was_stopped and cause != STOPPED and not cause.endswith(_STOPPED_THERE)
    if events:
        taken.recorded = yield from record(events, now=now, rules=rules)
    if meaning is Meaning.STOP:
        _, taken.is_suppressed = yield from suppress(shop, reply.channel, reply.sender, STOPPED, now=now)
    elif meaning is Meaning.START and taken.was_stopped and not taken.is_refused:
        yield from lift(shop, reply.channel, reply.sender)
    is_asked = meaning in (Meaning.QUESTION, Meaning.STATUS) or (meaning is Meaning.STOP and asks)
    if is_asked and not events:
        text = f"somebody without an order here asked by {reply.channel}: {reply.source} has it under the id {reply.id}"
        taken.staff.append(StaffWord(order_id="", at=now, subject="question", text=text))


def tell_staff(word: StaffWord, *, shop: str) -> Unit[None]:
    """Keep a word to the staff about an order."""
    yield Statement("staff_insert", rows.staff_values(word, shop))


def forget(*, before: datetime, shop: str, limit: int) -> Unit[int]:
    """Forget which replies were taken in long ago; return how many."""
    values = {"shop": shop, "before": rows.micros(before), "limit": limit}
    return len((yield Statement("reply_forget", values)))
