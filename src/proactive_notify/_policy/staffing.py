"""
What the shop's people are told about an order: what was promised, what the customer hears otherwise, what to record.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ..domain.dates import last_day
from ..domain.decisions import StaffWord
from ..domain.orders import Order
from ..domain.promises import OpenedPromise, PromiseKind
from ..domain.staffing import StaffLine
from .cases import Case, Rulebook

#: The most urgent first; what is not named comes after these, and before the last.
_URGENCY = (
    "provider",
    "must-cancel",
    "undelivered",
    "cancel",
    "question",
    "refund",
    "going-quiet",
    "undecided",
    "unknown-order",
)
_IMPORT = "import"
_DELAYED = "order.delayed (reason, ship_by or deliver_by)"
_SOURCING = "order.sourcing (note, expected_by)"
_ANSWERED = "customer.answered"
#: What answers the question about a promise that is at risk.
_ANSWERS: Mapping[PromiseKind, tuple[str, ...]] = {
    PromiseKind.SHIP_BY: ("order.shipped", _DELAYED, _SOURCING),
    PromiseKind.DELIVER_BY: ("order.delivered", _DELAYED),
    PromiseKind.NEWS_BY: (_SOURCING, "order.backordered (items, expected_by)", _DELAYED, _ANSWERED),
    PromiseKind.SCAN_BY: ("order.shipped", _DELAYED),
    PromiseKind.MOVE_BY: ("tracking.updated (status)", _DELAYED, _ANSWERED),
    PromiseKind.ANSWER_BY: (_ANSWERED,),
    PromiseKind.DECIDE_BY: ("customer.decided (decision)",),
    PromiseKind.REFUND_BY: ("order.refunded (amount)",),
    PromiseKind.COLLECT_BY: ("order.picked_up",),
    PromiseKind.KNOWN_BY: ("order.placed",),
}
#: What answers other words.
_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "undelivered": ("customer.updated (email or phone)", _ANSWERED),
    "complained": ("customer.updated (email or phone)", _ANSWERED),
    "unsubscribed": ("customer.updated (email or phone)", _ANSWERED),
    "question": (_ANSWERED,),
    "cancel": ("order.cancelled",),
    "must-cancel": ("order.cancelled", "order.refunded (amount)"),
    "refund": ("order.refunded (amount)",),
    "undecided": ("customer.decided (decision)",),
    "unknown-order": ("order.placed",),
}
#: What promise other words are about, while it is open.
_ABOUT: Mapping[str, PromiseKind] = {
    "question": PromiseKind.ANSWER_BY,
    "refund": PromiseKind.REFUND_BY,
    "must-cancel": PromiseKind.REFUND_BY,
}
#: Broken or at risk, these are the staff's alone.
_NOT_THE_CUSTOMERS = frozenset({PromiseKind.DECIDE_BY, PromiseKind.KNOWN_BY})


def answers_to(kind: PromiseKind, order: Order) -> tuple[str, ...]:
    """Return which events answer a promise of this kind, each with the fields that matter."""
    is_news_of_parcels = kind is PromiseKind.NEWS_BY and order.is_wholly_shipped
    return _ANSWERS[PromiseKind.MOVE_BY if is_news_of_parcels else kind]


def template_of(line: StaffLine) -> str:
    """Return the key of the templates that say a line."""
    return {"going-quiet": "staff-going-quiet", "undelivered": "staff-undelivered"}.get(line.subject, "staff-word")


def lines_of(words: Sequence[StaffWord], cases: Mapping[str, Case], rules: Rulebook) -> list[StaffLine]:
    """
    Return what is still to be done, the most urgent first.

    An order that was imported a moment ago is one line: it is quiet because it is old.
    """
    nobody = Case(order_id="")
    about = [(word, cases.get(word.order_id, nobody)) for word in words]
    lines = dict.fromkeys(_line(word, case, rules) for word, case in about if not _is_moot(word, case))
    imported = {each.order_id for each in lines if each.subject == _IMPORT}
    kept = (each for each in lines if each.subject != "going-quiet" or each.order_id not in imported)
    return sorted(kept, key=_urgency)


def _urgency(line: StaffLine) -> tuple[int, datetime, datetime, str]:
    known = {subject: rank for rank, subject in enumerate(_URGENCY)} | {_IMPORT: len(_URGENCY) + 1}
    return known.get(line.subject, len(_URGENCY)), line.speaks_at or line.at, line.at, line.order_id


def _is_moot(word: StaffWord, case: Case) -> bool:
    """Return whether what the staff were to do has been done meanwhile."""
    if word.promise:
        named = _named(word, case)
        return named is None or not named.is_open
    order = case.order
    match word.subject:
        case "question":
            return not any(each.is_open and each.kind is PromiseKind.ANSWER_BY for each in case.promises)
        case "cancel" | "must-cancel":
            return order.is_cancelled
        case "refund":
            return order.is_refunded
        case "unknown-order":
            return order.is_placed
    return False


def _line(word: StaffWord, case: Case, rules: Rulebook) -> StaffLine:
    """Return a word with what is promised about its order."""
    promise = _named(word, case) if word.promise else _next(case, _ABOUT.get(word.subject))
    said: dict[str, Any] = {"order_id": word.order_id, "subject": word.subject, "text": word.text, "at": word.at}
    if promise is None:
        return StaffLine(**said, record=_ACTIONS.get(word.subject, ()))
    answers = answers_to(promise.kind, case.order) if word.promise else _ACTIONS.get(word.subject, ())
    return StaffLine(
        **said,
        promise=promise.kind.value,
        until=last_day(promise.due_at, rules.zone(case.order)),
        speaks_at=promise.speak_at if _is_heard(promise.kind, rules) else None,
        record=answers,
    )


def _named(word: StaffWord, case: Case) -> OpenedPromise | None:
    return next((each for each in case.promises if f"{each.kind}:{each.ordinal}" == word.promise), None)


def _next(case: Case, kind: PromiseKind | None) -> OpenedPromise | None:
    """The open promise that a word is about, else the one that is due first."""
    standing = sorted((each for each in case.promises if each.is_open), key=lambda each: each.due_at)
    return next((each for each in standing if each.kind is kind), standing[0] if standing else None)


def _is_heard(kind: PromiseKind, rules: Rulebook) -> bool:
    """Whether the customer hears when nothing keeps the promise."""
    if kind is PromiseKind.REFUND_BY:
        return rules.policy.resolution == "refund"
    return kind not in _NOT_THE_CUSTOMERS
