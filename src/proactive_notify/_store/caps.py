"""
The unit that counts a message before it leaves. It stands in one transaction, so it holds for all workers.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .._policy.caps import Cap, Caps
from .._policy.pace import Pace
from . import rows
from .claims import Claimed
from .units import Statement, Unit

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """
    A message that is about to leave.

    Args:
        prefix: with what its address begins; empty: it has no prefix.
        parts: in how many parts it goes.
        introduces: the channel says once to each address who writes; that takes one part more.
    """

    claimed: Claimed
    caps: Caps
    prefix: str
    parts: int
    introduces: bool
    pace: Pace | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """
    What came of it.

    Args:
        over: the cap that has no room, and when it has.
        is_first: nothing that introduces the sender was sent to this address, or is being sent.
    """

    over: tuple[Cap, datetime] | None = None
    is_first: bool = False


def count(each: Counting, *, shop: str, now: datetime) -> Unit[Counted]:
    """Count a claimed message if all caps have room for it, and take what its further parts need of the pace."""
    message = each.claimed.message
    where = {"shop": shop, "channel": message.channel}
    keys = {"number": message.address, "prefix": each.prefix, "channel": message.channel}
    full: list[tuple[Cap, datetime]] = []
    for cap in each.caps:
        values = {**where, "pk": message.row, "nth": cap.most - 1}
        values |= {} if cap.scope == "channel" else {"key": keys[cap.scope]}
        found = (yield Statement(f"cap_{cap.scope}", values)) if keys[cap.scope] else []
        room_at = cap.room_at(rows.moment(found[0][0]), now) if found else None
        if room_at is not None:
            full.append((cap, room_at))
    if full:
        return Counted(over=max(full, key=lambda one: one[1]))
    which = {"pk": message.row, "address": message.address}
    is_first = each.introduces and not (yield Statement("message_introduced", {**where, **which}))
    taken = {"pk": message.row, "token": each.claimed.token, "prefix": each.prefix}
    yield Statement("message_count", {**taken, "now": rows.micros(now), "introduces": int(is_first)})
    more = each.parts - 1 + is_first
    if each.pace is not None and more:
        values = {**where, "now": rows.micros(now), "more": more * each.pace.interval // _MICROSECOND}
        yield Statement("pace_add", values)
    return Counted(is_first=is_first)
