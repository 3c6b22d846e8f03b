"""
What happened around an order, in order of time: events, promises, decisions, messages and words to the staff.

Everything is a line. A line without words is told to a person by the line that caused it, and stands in the JSON only.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

from .._store.reading import History, MessageLine
from ..domain.dates import instant_text
from ..domain.decisions import Decision, StaffWord, Verdict
from ..domain.events import CustomerAnswered, PromiseAtRisk, PromiseBroken
from ..domain.messages import MessageState
from ..domain.orders import Fact
from ..domain.promises import OpenedPromise, PromiseKind, PromiseState
from ..domain.wire import event_data
from .days import end_of, moment
from .expectations import broken, kept_by, opened_by
from .facts import fact_words
from .masking import masked, masked_data
from .reasons import because, is_bad_receipt, notice_name, receipt_words

#: What of an event's data is told beside its type.
_TELLING = ("reason", "note", "status", "carrier", "tracking_code", "promise", "ship_by", "deliver_by", "promises")
#: What happened longer ago than this when it was recorded says so.
_LATE = timedelta(minutes=1)
#: A message that left so long after it was decided on says that it waited.
_WAITED = timedelta(minutes=10)
#: How the lines of decisions are headed.
_LABELS: Mapping[Verdict, str] = {
    Verdict.QUEUED: "another way",
    Verdict.MERGED: "not told",
    Verdict.HELD: "later",
    Verdict.DROPPED: "not told",
}
_OURSELVES = "proactive_notify"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the story."""

    at: datetime
    #: ``event``, ``promise``, ``decision``, ``message``, ``receipt`` or ``staff``.
    kind: str
    what: str
    why: str = ""
    #: A broken promise, or a message that cannot leave.
    is_bad: bool = False
    #: The same for a person; empty: another line says it.
    words: str = ""
    #: What stands below the words.
    more: tuple[str, ...] = ()
    #: How it is headed, where not by its kind.
    label: str = ""
    #: What to grep for: a rule, or a notice's key.
    name: str = ""
    #: All that is known, as plain values with masked addresses.
    details: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the line as plain values."""
        said = {"at": instant_text(self.at), "kind": self.kind, "what": self.what, "why": self.why}
        return {**said, "words": self.words, **self.details}


def story(history: History, *, zone: tzinfo) -> list[Line]:
    """
    Return the lines in order of time, and of cause and effect at one instant.

    Args:
        zone: in which a person reads times; the days of promises are those of the customer.
    """
    lines = [
        *(_event(each, history, zone) for each in history.facts),
        *map(_promise, history.promises),
        *_decisions(history, zone),
        *(_unsent(each) for each in history.messages if each.state is not MessageState.SENT),
        *(_receipt(each) for each in history.messages if each.receipt_at is not None),
        *(_staff(each, zone) for each in history.staff),
    ]
    # Lines of one instant stay as they are: causes before what follows from them.
    return sorted(lines, key=lambda line: line.at)


# -- events and promises -----------------------------------------------------------------------------------------------


def _event(fact: Fact, history: History, zone: tzinfo) -> Line:
    event, order = fact.event, history.order
    data = event_data(event)
    told = [f"{name} {_short(data[name])}" for name in _TELLING if data.get(name) not in (None, {}, "")]
    is_late = fact.recorded_at - event.happened_at >= _LATE
    if is_late:
        told.append(f"happened {event.happened_at:%Y-%m-%d %H:%M}")
    told.append(f"said by {event.source}")
    words, label = fact_words(event, customer=order.customer, zone=history.zone), "happened"
    if isinstance(event, PromiseBroken):
        words = broken(event, order, history.zone, beside=fact.recorded_at)
        label = "silence" if event.promise == PromiseKind.NEWS_BY else "not kept"
    elif is_late:
        words += f" (it happened {moment(event.happened_at, zone, beside=fact.recorded_at)})"
    about = (fact, history.promises, order, history.zone)
    return Line(
        at=fact.recorded_at,
        kind="event",
        what=event.type,
        why=", ".join(told),
        is_bad=isinstance(event, PromiseBroken),
        words="" if _is_said_otherwise(fact) else words,
        more=(*kept_by(*about), *opened_by(*about)),
        label=label,
        details={
            "id": event.id,
            "source": event.source,
            "happened_at": instant_text(event.happened_at),
            "notify": event.notify,
            "data": masked_data(data),
        },
    )


def _is_said_otherwise(fact: Fact) -> bool:
    """The word to the staff says what is at risk, and our own answer is a message."""
    event = fact.event
    return isinstance(event, PromiseAtRisk) or (isinstance(event, CustomerAnswered) and event.source == _OURSELVES)


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_short(each)}" for name, each in value.items())
    return str(value)


def _promise(promise: OpenedPromise) -> Line:
    about = f" of parcel {promise.parcel}" if promise.parcel else ""
    verb = "is" if promise.is_open else "was"
    state = promise.state.name.lower()
    return Line(
        at=promise.due_at,
        kind="promise",
        what=f"{promise.kind.value}{about} {verb} due",
        why=state.replace("_", " "),
        is_bad=promise.state is PromiseState.BROKEN,
        details={
            "promise": promise.kind.value,
            "ordinal": promise.ordinal,
            "parcel": promise.parcel or None,
            "set_by": promise.set_by,
            "state": state,
            "ask_at": _instant(promise.ask_at),
            "speak_at": instant_text(promise.speak_at),
        },
    )


# -- decisions and messages --------------------------------------------------------------------------------------------


def _decisions(history: History, zone: tzinfo) -> Iterator[Line]:
    """What was decided alike at one instant, and what is held again for the same reason, is told once."""
    types = {fact.event.type for fact in history.facts}
    told: set[object] = set()
    for each in history.decisions:
        if each.decision is Verdict.SENT:
            yield _sent(each, history, zone)
            continue
        is_usual = each.decision is Verdict.CLOSED or (each.decision is Verdict.QUEUED and each.rule in types)
        again = (each.notice, each.occasion) if each.decision is Verdict.HELD else each.at
        key = (each.decision, each.rule, again)
        alike = [d for d in history.decisions if (d.decision, d.rule, d.at) == (each.decision, each.rule, each.at)]
        yield _decision(each, "" if is_usual or key in told else _decided(alike))
        told.add(key)


def _decided(alike: Sequence[Decision]) -> str:
    names = ", ".join(dict.fromkeys(notice_name(each.notice) for each in alike if each.notice))
    rule = alike[0].rule
    if rule == f"said-by:{alike[0].notice}":
        return f"{names}: a newer one says it"
    return f"{names}: {because(rule)}" if names else because(rule)


def _decision(decision: Decision, words: str) -> Line:
    return Line(
        at=decision.at,
        kind="decision",
        what=f"{decision.decision.value} {decision.notice}".strip(),
        why=decision.rule,
        is_bad=decision.rule == "unreachable",
        words=words,
        label=_LABELS.get(decision.decision, ""),
        name=decision.rule,
        details=_decision_details(decision),
    )


def _decision_details(decision: Decision) -> dict[str, Any]:
    said = {"decision": decision.decision.value, "notice": decision.notice, "occasion": decision.occasion}
    return {**said, "rule": decision.rule, "cause": decision.cause}


def _sent(decision: Decision, history: History, zone: tzinfo) -> Line:
    message = _message_of(decision, history.messages)
    subject = message.subject if message else ""
    return Line(
        at=decision.at,
        kind="message",
        what=f"sent {decision.notice}",
        why=f"{decision.rule}: {subject}",
        words=f"“{subject}”" if subject else notice_name(decision.notice),
        more=(_what_became(message, decision.at, history, zone),) if message else (),
        label=decision.rule,
        name=decision.notice,
        details=_decision_details(decision) | (_message_details(message) if message else {}),
    )


def _message_of(decision: Decision, messages: Sequence[MessageLine]) -> MessageLine | None:
    """The message that a decision says was sent; it may have come back since."""
    same = (decision.notice, decision.occasion, decision.rule)
    tries = [each for each in messages if (each.notice, each.occasion, each.channel) == same]
    sent = [each for each in tries if each.state is MessageState.SENT]
    return next((each for each in sent if each.settled_at == decision.at), next(iter([*sent, *tries]), None))


def _what_became(message: MessageLine, at: datetime, history: History, zone: tzinfo) -> str:
    """Who took it, what was said of it later, and the day that it named; its address where that is not today's."""
    took = "accepted by the mail server" if message.channel == "email" else "accepted by the provider"
    customer = history.order.customer
    is_known = message.address in (customer.mailbox, customer.phone)
    said = [took if is_known else f"to {masked(message.address)}: {took}"]
    if message.receipt and message.receipt_at:
        said.append(f"{receipt_words(message.receipt)} {moment(message.receipt_at, zone, beside=at)}")
    queued_at = _queued_at(message, at, history.decisions)
    if at - queued_at >= _WAITED:
        tried = f" and was tried {message.attempts} times" if message.attempts > 1 else ""
        said.insert(0, f"it waited since {moment(queued_at, zone, beside=at)}{tried}")
    if message.next_word is not None:
        said.append(f"next word by {end_of(message.next_word, history.zone, beside=at)}")
    return "; ".join(said)


def _queued_at(message: MessageLine, at: datetime, decisions: Sequence[Decision]) -> datetime:
    """When it was last decided that its notice goes, by this channel or instead of another."""
    same = (Verdict.QUEUED, message.notice, message.occasion)
    queued = (each.at for each in decisions if (each.decision, each.notice, each.occasion) == same and each.at <= at)
    return max(queued, default=at)


def _unsent(message: MessageLine) -> Line:
    """A message that has not left and may still leave, or never will."""
    tries = f"; tried {message.attempts}×" if message.attempts else ""
    state = message.state.name.lower()
    return Line(
        at=message.due_at if message.state <= MessageState.UNCERTAIN else message.settled_at or message.due_at,
        kind="message",
        what=f"{message.notice} by {message.channel} is {state}",
        why=f"{message.waits_for or 'waits for its time'}{tries}",
        details=_message_details(message),
    )


def _message_details(message: MessageLine) -> dict[str, Any]:
    return {
        "message_id": message.message_id,
        "notice": message.notice,
        "occasion": message.occasion,
        "channel": message.channel,
        "to": masked(message.address),
        "state": message.state.name.lower(),
        "subject": message.subject,
        "waits_for": message.waits_for,
        "due_at": instant_text(message.due_at),
        "settled_at": _instant(message.settled_at),
        "attempts": message.attempts,
        "next_word": _instant(message.next_word),
        "receipt": message.receipt,
        "receipt_at": _instant(message.receipt_at),
    }


def _receipt(message: MessageLine) -> Line:
    return Line(
        at=message.receipt_at or message.due_at,
        kind="receipt",
        what=f"{message.notice} by {message.channel}",
        why=message.receipt,
        is_bad=is_bad_receipt(message.receipt),
        details={"message_id": message.message_id},
    )


# -- the shop's people -------------------------------------------------------------------------------------------------


def _staff(word: StaffWord, zone: tzinfo) -> Line:
    told = f"told {moment(word.told_at, zone, beside=word.at)}" if word.told_at else "not told yet"
    return Line(
        at=word.at,
        kind="staff",
        what=word.text,
        why=word.subject,
        words=f"{word.text} ({told})",
        name=word.subject,
        details={"promise": word.promise or None, "told_at": _instant(word.told_at)},
    )


def _instant(value: datetime | None) -> str | None:
    return instant_text(value) if value else None
