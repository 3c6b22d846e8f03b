"""
What happened around an order, in order of time: events, promises, decisions, messages and words to the staff.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .._store.reading import History, MessageLine
from ..domain.dates import instant_text
from ..domain.decisions import Decision, Verdict
from ..domain.messages import MessageState
from ..domain.orders import Fact
from ..domain.promises import OpenedPromise, PromiseState
from ..domain.wire import event_data

#: What of an event's data is told beside its type.
_TELLING = ("reason", "note", "status", "carrier", "tracking_code", "promise", "ship_by", "deliver_by", "promises")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the story."""

    at: datetime
    #: ``event``, ``promise``, ``decision``, ``message`` or ``staff``.
    kind: str
    what: str
    why: str = ""
    #: A broken promise, or a message that cannot leave.
    is_bad: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the line as plain values."""
        return {"at": instant_text(self.at), "kind": self.kind, "what": self.what, "why": self.why}


def story(history: History) -> list[Line]:
    """Return the lines in order of time, and of cause and effect at one instant."""
    lines = [
        *map(_event, history.facts),
        *map(_promise, history.promises),
        *(_decision(each, history) for each in history.decisions),
        *_waiting(history),
        *(Line(at=word.at, kind="staff", what=word.text, why=word.subject) for word in history.staff),
    ]
    # Lines of one instant stay as they are: causes before what follows from them.
    return sorted(lines, key=lambda line: line.at)


def _event(fact: Fact) -> Line:
    event = fact.event
    data = event_data(event)
    told = [f"{name} {_short(data[name])}" for name in _TELLING if data.get(name) not in (None, {}, "")]
    late = fact.recorded_at - event.happened_at
    if late.total_seconds() >= 60:
        told.append(f"happened {event.happened_at:%Y-%m-%d %H:%M}")
    told.append(f"said by {event.source}")
    broken = event.type == "promise.broken"
    return Line(at=fact.recorded_at, kind="event", what=event.type, why=", ".join(told), is_bad=broken)


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_short(each)}" for name, each in value.items())
    return str(value)


def _promise(promise: OpenedPromise) -> Line:
    about = f" of parcel {promise.parcel}" if promise.parcel else ""
    verb = "is" if promise.is_open else "was"
    state = promise.state.name.lower().replace("_", " ")
    said = f"{promise.kind.value}{about} {verb} due"
    return Line(at=promise.due_at, kind="promise", what=said, why=state, is_bad=promise.state is PromiseState.BROKEN)


def _decision(decision: Decision, history: History) -> Line:
    if decision.decision is Verdict.SENT:
        subject = next((m.subject for m in history.messages if _is_that(m, decision)), "")
        return Line(at=decision.at, kind="message", what=f"sent {decision.notice}", why=f"{decision.rule}: {subject}")
    what = f"{decision.decision.value} {decision.notice}".strip()
    return Line(at=decision.at, kind="decision", what=what, why=decision.rule, is_bad=decision.rule == "unreachable")


def _is_that(message: MessageLine, decision: Decision) -> bool:
    same = (message.notice, message.occasion, message.channel)
    return message.state is MessageState.SENT and same == (decision.notice, decision.occasion, decision.rule)


def _waiting(history: History) -> Iterator[Line]:
    """Messages that have not left and may still leave."""
    for each in history.messages:
        if each.state <= MessageState.UNCERTAIN:
            tries = f"; tried {each.attempts}×" if each.attempts else ""
            why = f"{each.waits_for or 'waits for its time'}{tries}"
            state = each.state.name.lower()
            yield Line(at=each.due_at, kind="message", what=f"{each.notice} by {each.channel} is {state}", why=why)
