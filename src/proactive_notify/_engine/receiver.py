"""
Takes in what providers say of messages that they had taken: delivered, come back, complained of.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from .._policy.cases import Rulebook
from .._store.claims import Claimed
from .._store.returning import find, forbid, note, put_back
from .._store.sending import Outcome
from .._store.sqlite import Store
from .._store.units import Unit
from ..clock import Clock
from ..domain.decisions import StaffWord
from ..domain.messages import MessageState
from ..domain.receipts import Receipt, ReceiptKind
from .attempts import Attempt
from .telemetry import AddressSuppressed, MessageReopened, Observers, log

#: It came back: the customer does not have it.
_BACK = frozenset({ReceiptKind.BOUNCED, ReceiptKind.REJECTED})
#: The customer has it, and wants no more.
_ENOUGH = frozenset({ReceiptKind.COMPLAINED, ReceiptKind.UNSUBSCRIBED})
#: What a receipt can still change. Whatever a provider says of an uncertain message proves that it had it.
_OPEN = frozenset({MessageState.UNCERTAIN, MessageState.SENT})


class Receiver:
    def __init__(self, store: Store, rules: Rulebook, clock: Clock, observers: Observers) -> None:
        self._store, self._rules, self._clock, self._observers = store, rules, clock, observers

    async def receive(self, receipts: Sequence[Receipt]) -> int:
        """Take receipts in; return how many were about messages of this shop. The same one twice changes nothing."""
        now = self._clock.now()
        heard = await self._store.run(lambda: _receive(receipts, now=now, rules=self._rules))
        for claimed, receipt, outcomes in heard:
            self._tell(claimed, receipt, outcomes)
        return len(heard)

    def _tell(self, claimed: Claimed, receipt: Receipt, outcomes: Sequence[Outcome]) -> None:
        order_id, notice, channel = claimed.case.order_id, claimed.notice.notice, claimed.message.channel
        cause = _rule(receipt)
        log.info("order %s: %s by %s: %s", order_id, notice, channel, cause)
        for each in outcomes:
            if each.state is MessageState.FAILED:
                reopened = MessageReopened(order_id=order_id, notice=notice, channel=channel, code=receipt.code)
                self._observers.tell(reopened)
            if each.is_suppressed:
                self._observers.tell(AddressSuppressed(channel=channel, cause=cause, order_id=order_id))
            if each.staff is not None:
                self._observers.tell_staff([each.staff])


def _receive(
    receipts: Sequence[Receipt], *, now: datetime, rules: Rulebook
) -> Unit[list[tuple[Claimed, Receipt, list[Outcome]]]]:
    heard = []
    for receipt in receipts:
        found: Mapping[str, Claimed] = yield from find([receipt.message_id], shop=rules.shop.key)
        claimed = found.get(receipt.message_id)
        if claimed is None:
            continue
        is_new = yield from note(claimed, said=_rule(receipt), at=receipt.at or now)
        outcome = _outcome(claimed, receipt, rules, now) if is_new else None
        outcomes: list[Outcome] = []
        if outcome is not None and outcome.state is not claimed.message.state:
            outcomes = yield from put_back(outcome, now=now, rules=rules)
        elif outcome is not None:
            outcomes = yield from forbid(outcome, now=now, rules=rules)
        heard.append((claimed, receipt, outcomes))
    return heard


def _outcome(claimed: Claimed, receipt: Receipt, rules: Rulebook, now: datetime) -> Outcome | None:
    """Return what becomes of the message; ``None``: nothing."""
    attempt, state = Attempt(claimed, rules, now), claimed.message.state
    if receipt.kind in _ENOUGH:
        channel, notice = claimed.message.channel, claimed.notice.notice
        text = f"the customer wants no more by {channel} ({receipt.kind}) after {notice}"
        word = StaffWord(order_id=claimed.case.order_id, at=now, subject=receipt.kind.value, text=text)
        outcome = attempt.proven() if state is MessageState.UNCERTAIN else Outcome(claimed=claimed, state=state)
        outcome.rule, outcome.staff, outcome.suppress = _rule(receipt), word, True
        return outcome
    if state not in _OPEN:
        return None
    if receipt.kind in _BACK:
        return attempt.failed(_rule(receipt), suppress=receipt.suppress, suppress_after=receipt.suppress_after)
    return attempt.proven() if state is MessageState.UNCERTAIN else None


def _rule(receipt: Receipt) -> str:
    return f"{receipt.kind}:{receipt.code}" if receipt.code else receipt.kind.value
