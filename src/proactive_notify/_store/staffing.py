"""
The units that tell the shop's own people what waits for them: claim it as one batch, and write down what became of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..domain.decisions import StaffWord
from . import rows
from .units import Row, Statement, Unit

#: A batch that died is taken up again after so long …
LEASE = timedelta(minutes=5)
#: … and what is to be taken up later than this was written before the clock was set back.
LONGEST = timedelta(hours=1)
#: At most so many words in one message.
_LIMIT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waits for the shop's people."""

    oldest_at: datetime
    newest_at: datetime
    #: Nobody may take it before; ``None``: it is free.
    free_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What was claimed."""

    token: str
    words: Sequence[StaffWord]
    #: So often one of them was tried, this time included.
    attempts: int
    #: So many were too old to be listed when they were first looked at.
    old: int


def waiting(*, now: datetime, shop: str) -> Unit[Waiting | None]:
    """Return what waits for the shop's people; ``None``: nothing."""
    ((oldest, newest, free_at),) = yield Statement("staff_waits", {"shop": shop, **_held(now)})
    if oldest is None:
        return None
    return Waiting(oldest_at=rows.moment(oldest), newest_at=rows.moment(newest), free_at=rows.maybe_moment(free_at))


def claim(*, token: str, now: datetime, since: datetime, shop: str) -> Unit[Batch]:
    """
    Take all that waits, unless somebody has a batch under way or the last one was refused a moment ago.

    Args:
        since: what is older and was never tried is not listed; nobody told the staff at that time.
    """
    values = {"shop": shop, "token": token, "free_at": rows.micros(now + LEASE), "limit": _LIMIT}
    old = {"shop": shop, "since": rows.micros(since), "now": rows.micros(now)}
    found = yield Statement("staff_claim", {**values, **old, **_held(now)})
    ((count,),) = yield Statement("staff_old_count", old)
    words = sorted(map(_word, found), key=lambda word: word.at)
    return Batch(token=token, words=words, attempts=max((row[-1] for row in found), default=0), old=count)


def told(batch: Batch, *, now: datetime, since: datetime, shop: str) -> Unit[None]:
    """Write down that the shop's people have a batch, and what was too old for it."""
    values = {"shop": shop, "now": rows.micros(now)}
    yield Statement("staff_told", {**values, "token": batch.token})
    if batch.old:
        yield Statement("staff_old_told", {**values, "since": rows.micros(since)})


def again(batch: Batch, *, at: datetime, failure: str, shop: str) -> Unit[None]:
    """Write down that a batch was not taken, why, and when it is tried again with what comes meanwhile."""
    values = {"shop": shop, "token": batch.token, "free_at": rows.micros(at), "failure": failure}
    yield Statement("staff_again", values)


def _held(now: datetime) -> dict[str, int]:
    return {"now": rows.micros(now), "latest": rows.micros(now + LONGEST)}


def _word(row: Row) -> StaffWord:
    order_id, at, subject, text, promise, _ = row
    return StaffWord(order_id=order_id, at=rows.moment(at), subject=subject, text=text, promise=promise)
