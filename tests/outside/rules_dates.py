"""Rules about promised days: each that passes is heard of at its hour, and orders close only long after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from tests.outside import days
from tests.outside.order_seen import IMPORT_AGE, State, Told
from tests.outside.output_seen import Case, Finding
from tests.outside.parcels_seen import OPEN

GRACE = timedelta(hours=4)
MINUTE = timedelta(minutes=1)
CLOSING = timedelta(days=30)
ROUNDING = timedelta(hours=2)  # thirty days by the calendar may be an hour or two short of 720 hours
MORNING = time(10)
WORSE = ("resolution", "trouble", "cancelled")
DELAYED = ("delayed", "delayed-again")


@dataclass(frozen=True, slots=True)
class Run:
    """The time in which one told date stood, and for which nothing excused its passing."""

    begin: datetime
    end: datetime
    told: Told
    state: State


def promised_day_heard(case: Case) -> Iterator[Finding]:
    """Each order that passed its promised day heard so, when the policy's table says."""
    heard: set[datetime] = set()
    for run in _runs(case, "deliver"):
        yield from _late_heard(case, run, heard)
    for run in _runs(case, "ship"):
        yield from _delay_heard(case, run)


def _runs(case: Case, kind: str) -> Iterator[Run]:
    """The stretches of time in which a date stood unchanged, unkept, and sure."""
    begin: datetime | None = None
    states = case.order.states
    for index, state in enumerate(states):
        told = _standing(state, kind)
        if told is None:
            begin = None
            continue
        begin = begin or state.since
        after = _standing(states[index + 1], kind) if index + 1 < len(states) else told
        if after is not None and (after.raw, after.due) == (told.raw, told.due) and index + 1 < len(states):
            continue
        end = states[index + 1].since if index + 1 < len(states) else case.until + MINUTE
        yield Run(begin, end, told, state)
        begin = None


def _standing(state: State, kind: str) -> Told | None:
    """The date that must be heard of once it passes, as far as this state goes."""
    told = state.deliver if kind == "deliver" else state.ship
    if told is None or not told.sure or state.life != OPEN or state.troubled:
        return None
    decided = "customer.decided" in state.types
    return None if decided or (kind == "ship" and state.parcels.any_shipped) else told


def _late_heard(case: Case, run: Run, heard: set[datetime]) -> Iterator[Finding]:
    due, zone = run.told.due, run.state.zone
    speak = days.at_local(days.last_day(run.told.raw, zone) + timedelta(days=1), MORNING, zone)
    if due in heard or any(due <= message.at < run.begin for message in case.told("late")):
        return
    expected = [speak] if due > run.begin else [run.begin, max(speak, run.begin)]
    found = _heard(case, ("late",), expected)
    if found:
        heard.add(due)
    elif not _excused(case, run, expected[-1]):
        yield case.finding("promised-day-heard", _missing(case, "late", run, expected))


def _delay_heard(case: Case, run: Run) -> Iterator[Finding]:
    due, zone = run.told.due, run.state.zone
    speak = days.office(due + GRACE, zone)
    expected = [speak]
    if due <= run.begin:
        expected = sorted({run.begin, days.office(run.begin, zone), max(speak, run.begin)})
    if _heard(case, DELAYED, expected) or _excused(case, run, expected[-1]):
        return
    if any(message.at <= expected[-1] for message in case.told("late")):
        return  # worse suppresses milder
    yield case.finding("promised-day-heard", _missing(case, "delayed", run, expected))


def _missing(case: Case, notice: str, run: Run, expected: list[datetime]) -> str:
    found = [str(message.at) for message in case.told(notice)] or ["none"]
    hours = " or ".join(str(at) for at in expected)
    return f"{run.told.raw} passed: expected {notice} at {hours}, found {', '.join(found)}"


def _heard(case: Case, notices: tuple[str, ...], expected: list[datetime]) -> bool:
    told = [message.at for message in case.told(*notices)]
    told += [decision.at for decision in case.unreachable if decision.notice in notices]
    return any(abs(at - hour) <= MINUTE for at in told for hour in expected)


def _excused(case: Case, run: Run, hour: datetime) -> bool:
    """Whether nothing needs to be said at that hour: it is not reached, something changed, or worse was said."""
    if hour >= run.end or hour > case.until:
        return True
    if run.told.due <= run.begin and (case.order.is_import or run.begin - run.told.due > IMPORT_AGE):
        return True  # too old to be told
    if run.told.due <= run.begin and any(abs(m.at - run.begin) <= MINUTE for m in case.told(*DELAYED, *WORSE)):
        return True  # told together with what made it known
    today = days.local_date(hour, run.state.zone)
    return any(m.at <= hour and days.local_date(m.at, run.state.zone) == today for m in case.told(*WORSE))


def closed_late_enough(case: Case) -> Iterator[Finding]:
    """People take an order over 30 days past its last told date, or when it is lost, and the customer hears so."""
    for at in case.order.closed:
        state = case.order.at(at - timedelta(microseconds=1))
        if state is None:
            yield case.finding("closed", f"closed at {at}, before the order was known")
            continue
        last = _last_told(state)
        lost = (case.order.at(at) or state).parcels.lost
        if last is not None and at < last + CLOSING - ROUNDING and not lost:
            yield case.finding("closed", f"closed at {at}, expected no earlier than 30 days after {last}")
        spoken = [message.at for message in case.told("resolution")] + [d.at for d in case.unreachable]
        if not any(abs(moment - at) <= MINUTE for moment in spoken):
            yield case.finding("closed", f"closed at {at} without a resolution notice at that time")


def _last_told(state: State) -> datetime | None:
    """When the last told date was over; shipping is no longer awaited once something is shipped."""
    told = [state.deliver, None if state.parcels.any_shipped else state.ship]
    return max((date.due for date in told if date is not None and date.sure), default=None)
