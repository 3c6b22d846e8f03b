"""
What follows from a provider's word about a message that it had taken.

Words come late, twice, in any order, and before we have written down that the message was taken. What is no further
along than what was known says nothing new; what comes while the message is under way is kept on its row, and heard in
the unit that writes down what became of it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .._policy.cases import Rulebook
from .._store.claims import Claimed
from .._store.returning import alert, find, forbid, keep, note, put_back, spoken_of, unkeep
from .._store.sending import Outcome, settle
from .._store.units import Unit
from ..domain.decisions import StaffWord
from ..domain.messages import MessageState
from ..domain.receipts import Receipt, ReceiptKind
from .attempts import Attempt
from .telemetry import AddressSuppressed, MessageReopened, Observers, log

#: It came back: the customer does not have it.
_BACK = frozenset({ReceiptKind.BOUNCED, ReceiptKind.REJECTED})
#: The customer has it, and wants no more.
_ENOUGH = frozenset({ReceiptKind.COMPLAINED, ReceiptKind.UNSUBSCRIBED})
_UNDER_WAY = frozenset({MessageState.CLAIMED, MessageState.SENDING})
#: What a receipt can still change. Whatever a provider says of an uncertain message proves that it had it.
_OPEN = frozenset({MessageState.UNCERTAIN, MessageState.SENT})
#: The staff hear so often of the same code on the same channel.
_ALERT_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One receipt, and what followed from it."""

    claimed: Claimed
    receipt: Receipt
    outcomes: Sequence[Outcome] = ()
    words: Sequence[StaffWord] = field(default=())


def hear(receipts: Sequence[Receipt], *, now: datetime, rules: Rulebook) -> Unit[list[Heard]]:
    """Take receipts in, one after the other; those about no message of this shop are left out."""
    heard = []
    for receipt in receipts:
        found: Mapping[str, Claimed] = yield from find([receipt.message_id], shop=rules.shop.key)
        if receipt.message_id in found:
            heard.append((yield from _hear(found[receipt.message_id], receipt, now=now, rules=rules)))
    return heard


def hear_early(early: Mapping[int, str | None], *, now: datetime, rules: Rulebook) -> Unit[list[Heard]]:
    """
    Hear what was said of messages while they were under way, the oldest news first.

    Args:
        early: the messages' rows, each with what is kept on it.
    """
    kept = {row: text for row, text in early.items() if text}
    if not kept:
        return []
    yield from unkeep(list(kept))
    receipts = [Receipt.model_validate(each) for text in kept.values() for each in json.loads(text)]
    return (yield from hear(sorted(receipts, key=_place), now=now, rules=rules))


def settle_and_hear(
    outcomes: Sequence[Outcome], *, now: datetime, rules: Rulebook
) -> Unit[tuple[list[Outcome], list[Heard]]]:
    """Write what became of claimed messages, and hear what was said of them meanwhile."""
    ours = yield from settle((yield from _in_the_end(outcomes, now=now, rules=rules)), now=now, rules=rules)
    early = {each.claimed.message.row: each.early for each in ours}
    return ours, (yield from hear_early(early, now=now, rules=rules))


def _in_the_end(outcomes: Sequence[Outcome], *, now: datetime, rules: Rulebook) -> Unit[Sequence[Outcome]]:
    """Correct what was given up in doubt while the provider said that it had it: it goes by no other channel."""
    rows = [o.claimed.message.row for o in outcomes if o.claimed.message.wire and o.state > MessageState.SENT]
    spoken = (yield from spoken_of(rows)) if rows else set()
    return [Attempt(o.claimed, rules, now).proven() if o.claimed.message.row in spoken else o for o in outcomes]


def tell(heard: Sequence[Heard], observers: Observers) -> None:
    """Tell the observers, and the staff, what followed from receipts."""
    for each in heard:
        order_id, notice = each.claimed.case.order_id, each.claimed.notice.notice
        channel, cause = each.claimed.message.channel, _rule(each.receipt)
        log.info("order %s: %s by %s: %s", order_id, notice, channel, cause)
        for outcome in each.outcomes:
            if outcome.state in (MessageState.FAILED, MessageState.QUEUED):
                code = each.receipt.code
                observers.tell(MessageReopened(order_id=order_id, notice=notice, channel=channel, code=code))
            if outcome.is_suppressed:
                observers.tell(AddressSuppressed(channel=channel, cause=cause, order_id=order_id))
        observers.tell_staff(each.words)


# -- one receipt -------------------------------------------------------------------------------------------------------


def _hear(claimed: Claimed, receipt: Receipt, *, now: datetime, rules: Rulebook) -> Unit[Heard]:
    if claimed.message.state in _UNDER_WAY and _is_proof(receipt):
        yield from keep(claimed, receipt)
        return Heard(claimed=claimed, receipt=receipt)
    once = receipt.kind in _ENOUGH
    if not (yield from note(claimed, receipt, said=_rule(receipt), at=now, once=once)):
        return Heard(claimed=claimed, receipt=receipt)
    words = (yield from _alert(claimed, receipt, now=now, shop=rules.shop.key)) if receipt.alerts else []
    outcome, outcomes = _outcome(claimed, receipt, rules, now), list[Outcome]()
    if outcome is not None and outcome.state is not claimed.message.state:
        outcomes = yield from put_back(outcome, now=now, rules=rules)
    elif outcome is not None:
        outcomes = yield from forbid(outcome, now=now, rules=rules)
    words += [each.staff for each in outcomes if each.staff is not None]
    return Heard(claimed=claimed, receipt=receipt, outcomes=outcomes, words=words)


def _outcome(claimed: Claimed, receipt: Receipt, rules: Rulebook, now: datetime) -> Outcome | None:
    """Return what becomes of the message; ``None``: nothing."""
    attempt, state, rule = Attempt(claimed, rules, now), claimed.message.state, _rule(receipt)
    if receipt.kind in _ENOUGH:
        channel, notice = claimed.message.channel, claimed.notice.notice
        text = f"the customer wants no more by {channel} ({receipt.kind}) after {notice}"
        word = StaffWord(order_id=claimed.case.order_id, at=now, subject=receipt.kind.value, text=text)
        is_proven = state is MessageState.UNCERTAIN
        outcome = attempt.proven(receipt.reference) if is_proven else Outcome(claimed=claimed, state=state)
        outcome.rule, outcome.staff, outcome.suppress = rule, word, True
        return outcome
    if state not in _OPEN or not _is_proof(receipt):
        return None
    if receipt.kind in _BACK:
        return attempt.came_back(
            rule,
            retry_after=receipt.retry_after,
            tries=receipt.tries,
            suppress=receipt.suppress,
            suppress_after=receipt.suppress_after,
        )
    return attempt.proven(receipt.reference) if state is MessageState.UNCERTAIN else None


def _alert(claimed: Claimed, receipt: Receipt, *, now: datetime, shop: str) -> Unit[list[StaffWord]]:
    """Tell the staff of what every message meets, once for all of them."""
    channel, code = claimed.message.channel, receipt.code or receipt.kind
    says = receipt.says or "ask the provider what it means"
    text = f"messages by {channel} do not arrive until somebody acts on {code}: {says}"
    word = StaffWord(order_id=claimed.case.order_id, at=now, subject="provider", text=text)
    return [word] if (yield from alert(word, shop=shop, every=_ALERT_EVERY)) else []


def _is_proof(receipt: Receipt) -> bool:
    """Whether it proves that the provider had the message. A word that nobody knows does only if it has its place."""
    return receipt.kind is not ReceiptKind.UNKNOWN or receipt.rank is not None


def _place(receipt: Receipt) -> int:
    return -1 if receipt.rank is None else receipt.rank


def _rule(receipt: Receipt) -> str:
    return f"{receipt.kind}:{receipt.code}" if receipt.code else receipt.kind.value
