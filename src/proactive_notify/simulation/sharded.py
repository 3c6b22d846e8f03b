"""
A whole replay: its shards side by side, their files merged, and a summary.
"""

import asyncio
import json
import logging
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import Any

from ..errors import UsageError
from .event_log import EventLog
from .replay import Replay, ReplayPlan, with_their_first
from .shard_files import make_room, merge, remove_shards, shards_folder
from .tally import Tally
from .wires import Wires

#: What a replay writes; what an earlier one wrote under these names is removed first.
_WRITTEN = ("messages.jsonl", "decisions.jsonl", "rejected.jsonl", "summary.json", "report.html")


def replay(
    plan: ReplayPlan, *, jobs: int = 1, wires: Wires | None = None, progress: Callable[[int], None] | None = None
) -> dict[str, Any]:
    """
    Replay an event log into ``plan.out`` and return the summary, which is written there too.

    Args:
        jobs: processes to split the orders over; the messages are the same for any number.
        progress: called with the number of lines that were read.

    Raises:
        EventInvalid: a line is not valid, and the replay is strict.
        UsageError: a file cannot be read, the folder cannot be written to, or the server cannot be reached or is lost.
    """
    began, wires = time.monotonic(), wires or Wires()
    asyncio.run(wires.check())
    _make_room(plan, wires)
    if jobs > 1:
        plan = replace(plan, first_orders=with_their_first(EventLog(plan.files)))
    plans = [replace(plan, shard=number, shards=jobs) for number in range(jobs)]
    try:
        tally = Tally.of(_run_all(plans, wires, progress))
        for name in ("messages", "decisions", "rejected"):
            merge(plan.out, name)
    finally:
        remove_shards(plan.out)
    summary = tally.summary(wall_seconds=time.monotonic() - began)
    (plan.out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    return {**summary, "by_month": dict(sorted(tally.by_month.items()))}


def _make_room(plan: ReplayPlan, wires: Wires) -> None:
    written = [plan.out / name for name in _WRITTEN]
    if wires.folder is not None and (plan.out / "summary.json").is_file():
        written += wires.folder.glob("*.eml")
    make_room(plan.out, shards_folder(plan.out), written=written, reads=plan.files)


def _run_all(plans: list[ReplayPlan], wires: Wires, progress: Callable[[int], None] | None) -> list[Tally]:
    """The first shard runs here and tells its progress, the others in processes of their own."""
    first, *others = plans
    if not others:
        return [_run(first, wires, progress)]
    level = logging.getLogger("proactive_notify").getEffectiveLevel()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(others), mp_context=context, initializer=_log_from, initargs=(level,)) as processes:
        running = [processes.submit(_run, each, wires) for each in others]
        return [_run(first, wires, progress), *(each.result() for each in running)]


def _log_from(level: int) -> None:
    """Log in a process of its own what the one that started it would log."""
    logging.basicConfig(level=level, format="%(message)s")


def _run(plan: ReplayPlan, wires: Wires, progress: Callable[[int], None] | None = None) -> Tally:
    return asyncio.run(_run_shard(plan, wires, progress))


async def _run_shard(plan: ReplayPlan, wires: Wires, progress: Callable[[int], None] | None) -> Tally:
    task = asyncio.current_task()
    wire = wires.open(on_loss=task.cancel if task else None)
    try:
        tally = await Replay(plan, behind=wire, progress=progress).run()
    except asyncio.CancelledError:
        if wire.lost is None:
            raise
        raise UsageError(
            f"the replay stopped after {wire.taken:,} mails, and its files are not there: {wire.lost}"
        ) from None
    tally.refused = len(wire.refused)
    return tally
