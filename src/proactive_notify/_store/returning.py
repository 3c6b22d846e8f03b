"""
The units around receipts: find what a receipt is about, and write what follows from it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from .._policy.cases import Rulebook
from ..domain.decisions import StaffWord
from ..domain.receipts import Receipt
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


def note(claimed: Claimed, receipt: Receipt, *, said: str, at: datetime, once: bool) -> Unit[bool]:
    """
    Write down what was said of a message; return whether it says something new.

    Args:
        said: the receipt in a word.
        once: the same word a second time is no news.
    """
    values = {"pk": claimed.message.row, "said": said, "at": rows.micros(receipt.at or at), "once": once}
    values |= {"rank": receipt.rank, "reference": receipt.reference}
    return bool((yield Statement("message_note", values)))


def keep(claimed: Claimed, receipt: Receipt) -> Unit[None]:
    """Keep what was said of a message that is under way, until it is known what became of it."""
    early = receipt.model_dump_json(exclude={"status", "details"}, exclude_defaults=True)
    values = {"pk": claimed.message.row, "early": early, "rank": receipt.rank, "reference": receipt.reference}
    yield Statement("message_keep", values)


def spoken_of(pks: Sequence[int]) -> Unit[set[int]]:
    """Return those of the messages of which something is kept."""
    return {pk for (pk,) in (yield Statement("message_kept", {"pks": rows.as_json(list(pks))}))}


def unkeep(pks: Sequence[int]) -> Unit[None]:
    """What was kept is heard now."""
    yield Statement("message_unkeep", {"pks": rows.as_json(list(pks))})


def alert(word: StaffWord, *, shop: str, every: timedelta) -> Unit[bool]:
    """Write a word about a provider to the staff, unless the same was written less than ``every`` ago."""
    values = {"shop": shop, "text": word.text, "since": rows.micros(word.at - every)}
    if (yield Statement("staff_knows", values)):
        return False
    yield Statement("staff_insert", rows.staff_values(word, shop))
    return True


def put_back(outcome: Outcome, *, now: datetime, rules: Rulebook) -> Unit[list[Outcome]]:
    """
    Change the state of a message that was sent or is uncertain; return the outcome if that was still so.

    A notice none of whose messages arrived is open again.
    """
    message, notice = outcome.claimed.message, outcome.claimed.notice
    values: dict[str, object] = {"pk": message.row, "state": int(outcome.state), "rule": outcome.rule}
    values["now"] = rows.micros(now)
    values |= {"subject": outcome.subject, "locale": outcome.locale, "reference": outcome.reference}
    values |= {"held": outcome.held, "due_at": rows.maybe_micros(outcome.due_at)}
    if not (yield Statement("message_return", values)):
        return []
    yield Statement("notice_untold", {"pk": notice.row})
    yield from follow([outcome], now=now, rules=rules)
    return [outcome]


def forbid(outcome: Outcome, *, now: datetime, rules: Rulebook) -> Unit[list[Outcome]]:
    """Suppress the address of a message that stays as it is."""
    yield from follow([outcome], now=now, rules=rules, is_final=False)
    return [outcome]
