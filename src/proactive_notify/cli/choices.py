"""
The offers to wait or to cancel that an order's customer had, in one line each and as JSON.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .._store.reading import History
from ..domain.dates import day_or_instant_text, instant_text
from ..domain.options import DelayOption, OptionState, Silence

_STATES: Mapping[OptionState, str] = {
    OptionState.UNSENT: "not sent, or it came back",
    OptionState.LATE: "sent too late to count",
    OptionState.OPEN: "no answer yet",
    OptionState.AGREED: "the customer waits",
    OptionState.CONSENTED: "no answer, which was a yes",
    OptionState.REFUSED: "the customer cancels",
    OptionState.REPLACED: "replaced by a newer one",
    OptionState.SHIPPED: "shipped before an answer",
    OptionState.CANCELLED: "cancelled by the shop before an answer",
    OptionState.ENDED: "nobody agreed in time",
}
_SILENCE: Mapping[Silence, str] = {Silence.CONSENT: "a yes", Silence.CANCELLED: "the end of the order"}


def options_json(history: History) -> dict[str, Any]:
    """Return the offers as plain values, under ``options``; instants are UTC."""
    return {"options": [_plain(each) for each in history.options]}


def option_line(option: DelayOption) -> str:
    """Return an offer as one line; times are UTC."""
    name = ("option" if not option.renewal else f"option, renewal {option.renewal}") if option.notice else "no option"
    said = [f"{name} (case {option.case})" if option.case else name]
    if option.offered_at is not None:
        day = f"to ship by {day_or_instant_text(option.revised)}" if option.revised else "without a date"
        said.append(f"offered {_when(option.offered_at)} by {option.notice}, {day}")
    if option.silence is not None and option.until is not None:
        said.append(f"silence until {_when(option.until)} is {_SILENCE[option.silence]}")
    answered = f" since {_when(option.answered_at)}" if option.answered_at is not None else ""
    said.append(f"{_STATES[option.state] if option.notice else 'the customer was not asked in time'}{answered}")
    if option.ended_at is not None:
        money = f" and refund by {option.refund_by}" if option.refund_by else ""
        said.append(f"cancel since {_when(option.ended_at)}{money}")
    return "; ".join(said)


def _plain(option: DelayOption) -> dict[str, Any]:
    return {
        "notice": option.notice or None,
        "message_id": option.message or None,
        "renewal": option.renewal,
        "case": option.case or None,
        "revised": day_or_instant_text(option.revised) if option.revised else None,
        "offered_at": _instant(option.offered_at),
        "silence": option.silence.value if option.silence else None,
        "until": _instant(option.until),
        "answer": option.answer,
        "answered_at": _instant(option.answered_at),
        "state": option.state.value,
        "must_cancel_since": _instant(option.ended_at),
        "refund_by": option.refund_by.isoformat() if option.refund_by else None,
    }


def _instant(moment: datetime | None) -> str | None:
    return instant_text(moment) if moment is not None else None


def _when(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment is not None else ""
