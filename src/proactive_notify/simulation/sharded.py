"""
A whole replay: its shards side by side, their files merged, and a summary.
"""

import asyncio
import json
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..domain.messages import Accepted, Message
from ..ports import Closable, Transport
from ..transports import FolderTransport, SmtpTransport
from .replay import Replay, ReplayPlan
from .shard_files import merge, remove_shards
from .tally import Tally


@dataclass(frozen=True, kw_only=True)
class Wires:
    """Where mails go beside the files: a real server, a folder, both or neither."""

    smtp: str | None = None
    folder: Path | None = None

    def transport(self) -> Transport | None:
        """Return what the recording transport hands the mails to; ``None`` for nothing."""
        wires: list[Transport] = []
        if self.folder is not None:
            wires.append(FolderTransport(self.folder))
        if self.smtp is not None:
            wires.append(SmtpTransport.from_url(self.smtp))
        return _EachOf(wires) if len(wires) > 1 else next(iter(wires), None)


class _EachOf:
    """Hands each message to several transports, one after the other."""

    def __init__(self, wires: list[Transport]) -> None:
        self._wires = wires

    async def send(self, message: Message) -> Accepted:
        for wire in self._wires:
            accepted = await wire.send(message)
        return accepted

    async def aclose(self) -> None:
        for wire in self._wires:
            if isinstance(wire, Closable):
                await wire.aclose()


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
        UsageError: a file cannot be read.
    """
    began, wires = time.monotonic(), wires or Wires()
    plan.out.mkdir(parents=True, exist_ok=True)
    remove_shards(plan.out)
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


def _run_all(plans: list[ReplayPlan], wires: Wires, progress: Callable[[int], None] | None) -> list[Tally]:
    """The first shard runs here and tells its progress, the others in processes of their own."""
    first, *others = plans
    if not others:
        return [_run(first, wires, progress)]
    with ProcessPoolExecutor(len(others), mp_context=multiprocessing.get_context("spawn")) as processes:
        running = [processes.submit(_run, each, wires) for each in others]
        return [_run(first, wires, progress), *(each.result() for each in running)]


def _run(plan: ReplayPlan, wires: Wires, progress: Callable[[int], None] | None = None) -> Tally:
    return asyncio.run(Replay(plan, behind=wires.transport(), progress=progress).run())
