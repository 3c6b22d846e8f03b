"""
The last question before a message leaves: send it, ask again later, or drop it, and why.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from ..domain.messages import MessageState
from ..domain.notices import Notice, NoticeState
from .calendar import at_hour
from .caps import Cap
from .cases import Case, QueuedMessage, Rulebook
from .quiet_hours import quiet_until

#: When an unforced notice that waited for another day is asked again, local time.
_NEXT_MORNING = time(9)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateVerdict:
    """``state`` is ``None`` to send, ``QUEUED`` to ask again at ``until``, else how the message ends."""

    state: MessageState | None = None
    rule: str = ""
    until: datetime | None = None


SEND = GateVerdict()
#: Parcels of an order that are handed over on one day are told together, but for the first, which is told at once.
_GATHERED = frozenset({"shipped"})


def gate(
    message: QueuedMessage,
    notice: Notice[Any] | None,
    case: Case,
    *,
    now: datetime,
    rules: Rulebook,
    suppressed: bool,
    has_other_channel: bool = False,
    is_beside_another: bool = False,
) -> GateVerdict:
    """
    Return what to do with ``message`` now.

    Args:
        notice: made anew from the order as it now is; ``None`` if its class is no longer known.
        suppressed: the address must not be used on this channel.
        has_other_channel: the notice may go by another channel; what cannot wait for the morning does.
        is_beside_another: the notice goes by another channel as well, so nobody is woken for it.
    """
    if notice is None:
        return GateVerdict(state=MessageState.CANCELLED, rule="unknown-notice")
    if message.expires_at is not None and message.expires_at <= now:
        return GateVerdict(state=MessageState.EXPIRED, rule="expired")
    if not notice.still_true():
        return GateVerdict(state=MessageState.CANCELLED, rule="no-longer-true")
    if (ended := _unreachable(message, case, rules, suppressed=suppressed)) is not None:
        return ended
    until = quiet_until(message.channel, notice, case.order, now, rules, address=message.address)
    if until is not None and (is_beside_another or not message.is_too_late(until)):
        return GateVerdict(state=MessageState.QUEUED, rule="quiet-hours", until=until)
    if until is not None and has_other_channel:
        return GateVerdict(state=MessageState.FAILED, rule="cannot-wait:quiet-hours")
    if not notice.forced and _told_unforced_today(case, now, rules):
        zone = rules.zone(case.order)
        tomorrow = _after(now.astimezone(zone).date())
        return GateVerdict(
            state=MessageState.QUEUED, rule="one-unforced-a-day", until=at_hour(tomorrow, _NEXT_MORNING, zone)
        )
    return _gathered(message, notice, case, now, rules) or SEND


def _gathered(
    message: QueuedMessage, notice: Notice[Any], case: Case, now: datetime, rules: Rulebook
) -> GateVerdict | None:
    """The second parcel of a day waits for a third, until the office closes; after that until the morning."""
    queued = next((each.queued_at for each in case.notices if each.row == message.notice_row), now)
    zone, policy = rules.zone(case.order), rules.policy
    local = queued.astimezone(zone)
    if notice.key not in _GATHERED or not _told_on(local.date(), case, zone, {notice.key}):
        return None
    day, hour = (local.date(), policy.closes) if local.time() < policy.closes else (_after(local.date()), _NEXT_MORNING)
    until = at_hour(day, hour, zone)
    return GateVerdict(state=MessageState.QUEUED, rule="parcels-of-one-day", until=until) if now < until else None


def _unreachable(message: QueuedMessage, case: Case, rules: Rulebook, *, suppressed: bool) -> GateVerdict | None:
    """The address must not be used, or the customer has none on the channel any more, or agrees to it no more."""
    if suppressed:
        return GateVerdict(state=MessageState.SUPPRESSED, rule="suppressed")
    if message.channel in rules.addresses and rules.address(message.channel, case.order) is None:
        return GateVerdict(state=MessageState.FAILED, rule="no-address")
    return None


def over_cap(cap: Cap, room_at: datetime, *, has_other_channel: bool) -> GateVerdict:
    """
    Return what to do with a message that would be one more than a cap allows.

    Args:
        room_at: when there is room again.
        has_other_channel: the notice may go by another channel, or another one has told it already.
    """
    if has_other_channel:
        return GateVerdict(state=MessageState.FAILED, rule=f"over-cap:{cap.name}")
    return GateVerdict(state=MessageState.QUEUED, rule=f"over-cap:{cap.name}", until=room_at)


def _told_unforced_today(case: Case, now: datetime, rules: Rulebook) -> bool:
    zone = rules.zone(case.order)
    unforced = {key for key, kind in rules.by_key.items() if not kind.forced}
    return _told_on(now.astimezone(zone).date(), case, zone, unforced)


def _told_on(day: date, case: Case, zone: tzinfo, keys: Collection[str]) -> bool:
    """Return whether one of these notices was told on a local day."""
    told = (each.told_at for each in case.notices if each.state is NoticeState.TOLD and each.notice in keys)
    return any(at is not None and at.astimezone(zone).date() == day for at in told)


def _after(day: date) -> date:
    return day + timedelta(days=1)
