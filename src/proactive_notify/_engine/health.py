"""
Is all well with a shop's messages, and if not, what is wrong and what to do.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from .._store.operating import Pause, Vitals, vitals
from .._store.sqlite import Store
from .worker import DEAD_AFTER

#: A message that could leave and did not for so long is a problem.
LATE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a shop's messages fare. At most 1,000 are counted."""

    at: datetime
    #: Workers that were seen within the last minute.
    workers: int
    #: When a worker was last seen; ``None``: none is there, and those before it said goodbye.
    worker_seen_at: datetime | None
    #: Messages that are due and that nobody has taken.
    due: int
    #: When that one became due which has waited longest and could leave: its channel is not paused, and no message
    #: of its order that waits for another try goes before it.
    oldest_due: datetime | None
    under_way: int
    #: Messages that were perhaps handed over, and wait.
    uncertain: int
    paused: tuple[Pause, ...]
    #: What is wrong, a sentence each that says what to do; empty: all is well.
    problems: tuple[str, ...]

    @property
    def is_well(self) -> bool:
        return not self.problems


async def examine(store: Store, *, shop: str, now: datetime, late: timedelta) -> Health:
    """Look at what the tables say."""
    found = await store.read(lambda: vitals(shop, now=now, alive_since=now - DEAD_AFTER))
    return Health(
        at=now,
        workers=found.workers,
        worker_seen_at=found.worker_seen_at,
        due=found.due,
        oldest_due=found.due_since,
        under_way=found.under_way,
        uncertain=found.uncertain,
        paused=found.paused,
        problems=tuple(_problems(found, now, late)),
    )


def _problems(found: Vitals, now: datetime, late: timedelta) -> Iterator[str]:
    if not found.workers:
        seen = found.worker_seen_at
        last = f"; the last one was seen {_ago(now - seen)} ago and did not say goodbye" if seen else ""
        yield f"no worker runs{last}: start `proactive-notify worker`, or call `notifier.run_due()`"
    if found.due_since is not None and now - found.due_since > late:
        many = f"{found.due:,}" if found.due < 1000 else "1,000 or more"
        yield (
            f"messages do not leave: {many} due, the oldest for {_ago(now - found.due_since)}; "
            "look at `proactive-notify outbox list --state queued` and at the worker's log"
        )
    for each in found.paused:
        yield (
            f"the channel {each.channel} is paused for {_ago(each.until - now)}, because the provider refused us "
            f"({each.cause}): correct its user name, password or sender; it is then tried by itself"
        )
    if found.staff_since is not None:
        words = f"{found.staff_words:,} word{'s'[: found.staff_words != 1]}"
        yield (
            f"the staff are not told: {words} to them, the oldest for {_ago(now - found.staff_since)}; the last try "
            f"failed ({found.staff_failure}): look at what was given as `staff=`; it is then tried by itself"
        )
    if found.watch_at is not None and now - found.watch_at > late:
        yield (
            f"promises are not watched: one has been due for {_ago(now - found.watch_at)}; "
            "see whether the worker lives, and restart it"
        )


def _ago(duration: timedelta) -> str:
    seconds = max(0, int(duration.total_seconds()))
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}s"
    return f"{seconds} seconds" if seconds != 1 else "1 second"
