"""
What the watchdog says of a promise that nothing has kept.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from ..domain.dates import instant_text
from ..domain.decisions import StaffWord
from ..domain.events import OrderClosed, PromiseAtRisk, PromiseBroken
from ..domain.promises import OpenedPromise, PromiseKind

#: What the staff are asked while there is still time.
_ASKED: Mapping[PromiseKind, str] = {
    PromiseKind.SHIP_BY: "it should ship soon and no shipment is recorded",
    PromiseKind.DELIVER_BY: "it should arrive soon",
    PromiseKind.NEWS_BY: "nothing new is recorded: is there any news?",
    PromiseKind.SCAN_BY: "the carrier has not scanned the parcel: was it handed over?",
    PromiseKind.MOVE_BY: "the carrier has not scanned the parcel for a while: where is it?",
    PromiseKind.ANSWER_BY: "the customer still waits for an answer",
    PromiseKind.DECIDE_BY: "the customer has not chosen yet whether to wait or to cancel",
    PromiseKind.REFUND_BY: "the customer's money should go back and no refund is recorded",
    PromiseKind.COLLECT_BY: "the parcel still waits to be collected",
    PromiseKind.KNOWN_BY: "facts came about an order that nobody placed",
}


def broken_event(order_id: str, promise: OpenedPromise, *, at: datetime) -> PromiseBroken:
    """Return the event that says that ``promise`` is broken. Two watchdogs make the same one."""
    return PromiseBroken(order_id=order_id, at=at, **_about(order_id, promise, suffix=""))


def at_risk_event(order_id: str, promise: OpenedPromise, *, at: datetime) -> PromiseAtRisk:
    """Return the event that says that nothing has come yet for ``promise``."""
    return PromiseAtRisk(order_id=order_id, at=at, **_about(order_id, promise, suffix=":risk"))


def closed_event(order_id: str, occasion: str, *, at: datetime) -> OrderClosed:
    """Return the event that hands an order to people, once for each occasion."""
    short = hashlib.sha256(occasion.encode()).hexdigest()[:16]
    reason = f"resolution:{occasion}"[:500]
    return OrderClosed(order_id=order_id, id=f"{order_id}:closed:{short}", source="watchdog", at=at, reason=reason)


def question(order_id: str, promise: OpenedPromise, *, at: datetime) -> StaffWord:
    """Return what the staff are asked about a promise that is at risk."""
    name = f"{promise.kind}:{promise.ordinal}"
    return StaffWord(order_id=order_id, at=at, subject="going-quiet", text=_ASKED[promise.kind], promise=name)


def _about(order_id: str, promise: OpenedPromise, *, suffix: str) -> dict[str, str]:
    about = {
        "id": f"{order_id}:{promise.kind}:{promise.ordinal}{suffix}",
        "source": "watchdog",
        "promise": promise.kind.value,
        "due_at": instant_text(promise.due_at),
    }
    return {**about, "parcel": promise.parcel} if promise.parcel else about
