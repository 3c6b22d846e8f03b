"""
Rows into values and back. Instants are stored as whole microseconds since 1970.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from pydantic_core import from_json, to_json

from .._policy.cases import QueuedMessage, QueuedNotice
from ..domain.decisions import Decision, StaffWord, Verdict
from ..domain.event import Event
from ..domain.messages import MessageState
from ..domain.notices import NoticeState
from ..domain.orders import Fact
from ..domain.promises import OpenedPromise, PromiseKind, PromiseState
from ..domain.wire import event_from_data, event_json
from .units import Row

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Return an aware instant as whole microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def maybe_micros(moment: datetime | None) -> int | None:
    return None if moment is None else micros(moment)


def moment(value: int) -> datetime:
    """Return the instant that :func:`micros` made the number from."""
    return _EPOCH + timedelta(microseconds=value)


def maybe_moment(value: int | None) -> datetime | None:
    return None if value is None else moment(value)


def as_json(value: Any) -> str:
    return to_json(value).decode()


def event_row(event: Event, recorded_at: datetime) -> list[Any]:
    """Return an event in the order of columns that ``event_insert`` takes."""
    at = micros(event.happened_at)
    return [event.source, event.id, event.order_id, event.type, at, micros(recorded_at), event_json(event)]


@lru_cache(maxsize=8192)
def fact(row: Row) -> Fact:
    """Return the fact in a row of ``event_load``. Rows that are read again and again are parsed once."""
    source, id, order_id, name, at, recorded_at, data = row
    envelope = {"source": source, "id": id, "order_id": order_id, "at": moment(at)}
    return Fact(event_from_data(name, envelope, from_json(data)), moment(recorded_at))


def promise(row: Row) -> OpenedPromise:
    pk, kind, ordinal, parcel, set_by, due_at, ask_at, speak_at, state = row
    return OpenedPromise(
        kind=PromiseKind(kind),
        ordinal=ordinal,
        parcel=parcel,
        set_by=set_by,
        due_at=moment(due_at),
        ask_at=maybe_moment(ask_at),
        speak_at=moment(speak_at),
        state=PromiseState(state),
        row=pk,
    )


def promise_values(each: OpenedPromise) -> dict[str, Any]:
    """Return a promise as ``promise_insert`` and ``promise_change`` take it, but for shop and order."""
    return {
        "pk": each.row,
        "kind": each.kind.value,
        "ordinal": each.ordinal,
        "parcel": each.parcel,
        "set_by": each.set_by,
        "due_at": micros(each.due_at),
        "ask_at": maybe_micros(each.ask_at),
        "speak_at": micros(each.speak_at),
        "wake_at": micros(each.wake_at),
        "state": int(each.state),
    }


def notice(row: Row) -> QueuedNotice:
    pk, name, occasion, state, cause, queued_at, told_at = row
    return QueuedNotice(
        row=pk,
        notice=name,
        occasion=occasion,
        state=NoticeState(state),
        cause=cause,
        queued_at=moment(queued_at),
        told_at=maybe_moment(told_at),
    )


def message(row: Row) -> QueuedMessage:
    pk, notice_pk, id, channel, address, state, due_at, expires_at, leave_by, attempts, wire, next_word, receipt = row
    return QueuedMessage(
        row=pk,
        notice_row=notice_pk,
        id=id,
        channel=channel,
        address=address,
        state=MessageState(state),
        due_at=moment(due_at),
        expires_at=maybe_moment(expires_at),
        leave_by=maybe_moment(leave_by),
        attempts=attempts,
        wire=wire,
        next_word=maybe_moment(next_word),
        receipt=receipt,
    )


def decision(row: Row) -> Decision:
    order_id, verdict, rule, at, name, occasion, cause = row
    return Decision(
        order_id=order_id,
        decision=Verdict(verdict),
        rule=rule,
        at=moment(at),
        notice=name,
        occasion=occasion,
        cause=cause,
    )


def decision_values(each: Decision, shop: str, *, batch: int | None = None) -> dict[str, Any]:
    return {
        "batch": batch,
        "shop": shop,
        "order_id": each.order_id,
        "at": micros(each.at),
        "notice": each.notice,
        "occasion": each.occasion,
        "decision": each.decision.value,
        "rule": each.rule,
        "cause": each.cause,
    }


def staff_values(each: StaffWord, shop: str) -> dict[str, Any]:
    return {
        "shop": shop,
        "order_id": each.order_id,
        "at": micros(each.at),
        "subject": each.subject,
        "text": each.text,
        "promise": each.promise,
    }


def staff_word(row: Row) -> StaffWord:
    order_id, at, subject, text, promise, told_at = row
    return StaffWord(
        order_id=order_id,
        at=moment(at),
        subject=subject,
        text=text,
        promise=promise,
        told_at=maybe_moment(told_at),
    )


def message_id(parts: Sequence[str]) -> str:
    """
    Return a message's id: the same for the same shop, order, notice, occasion, channel and address, for ever.

    The ``Message-ID`` is made from it, so a receiver can drop what comes twice.
    """
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:32]
