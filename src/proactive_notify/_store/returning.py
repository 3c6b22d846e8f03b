"""
The units around receipts: find what a receipt is about, and write what follows from it.
"""

from collections.abc import Sequence
from datetime import datetime

from .._policy.cases import Rulebook
from . import rows
from .claims import Claimed
from .loading import load
from .sending import Outcome, follow
from .units import Statement, Unit


def find(message_ids: Sequence[str], *, shop: str) -> Unit[dict[str, Claimed]]:
    """Return the messages with these ids, with their cases, as if they were claimed."""
    taken = yield Statement("message_find", {"shop": shop, "ids": rows.as_json(list(message_ids))})
    cases = (yield from load(shop, {order_id for order_id, *_ in taken}, sending=True)) if taken else {}
    tried = yield Statement("message_tried", {"notices": rows.as_json([notice_pk for _, _, notice_pk, *_ in taken])})
    for order_id, *row in tried:
        if all(each.row != row[0] for each in cases[order_id].messages):
            cases[order_id].messages.append(rows.message(tuple(row)))
    found = {}
    for order_id, *row in taken:
        case, message = cases[order_id], rows.message(tuple(row))
        notice = next(each for each in case.notices if each.row == message.notice_row)
        found[message.id] = Claimed(message=message, notice=notice, case=case, suppressed=False, token="")
    return found


def note(claimed: Claimed, *, said: str, at: datetime) -> Unit[bool]:
    """Write down what was said of a message; return whether it is new."""
    found = yield Statement("message_note", {"pk": claimed.message.row, "receipt": said, "at": rows.micros(at)})
    return bool(found)


def put_back(outcome: Outcome, *, now: datetime, rules: Rulebook) -> Unit[list[Outcome]]:
    """
    Change the state of a message that was sent or is uncertain; return the outcome if that was still so.

    A notice none of whose messages arrived is open again.
    """
    message, notice = outcome.claimed.message, outcome.claimed.notice
    values = {"pk": message.row, "state": int(outcome.state), "rule": outcome.rule, "now": rows.micros(now)}
    values |= {"subject": outcome.subject, "locale": outcome.locale}
    if not (yield Statement("message_return", values)):
        return []
    yield Statement("notice_untold", {"pk": notice.row})
    yield from follow([outcome], now=now, rules=rules)
    return [outcome]


def forbid(outcome: Outcome, *, now: datetime, rules: Rulebook) -> Unit[list[Outcome]]:
    """Suppress the address of a message that stays as it is."""
    yield from follow([outcome], now=now, rules=rules, is_final=False)
    return [outcome]
