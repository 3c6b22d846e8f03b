"""
What the commands that read an event log share: where they write, in how many processes, and a progress bar.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from ..simulation.event_log import EventLog
from .showing import console

#: Below this many bytes a second process is not worth its start.
_SMALL = 512 * 1024
#: More processes than this do not pay off.
_MOST = 8
#: The progress bar moves after so many lines.
_STEP = 50


@contextmanager
def folder_for(out: Path | None) -> Iterator[Path]:
    """Where to write; a temporary folder in which nothing was written is removed again."""
    folder = out or Path(tempfile.mkdtemp(prefix="proactive-notify-"))
    try:
        yield folder
    finally:
        if out is None and not any(folder.iterdir()):
            folder.rmdir()


def jobs_for(wanted: int, log: EventLog) -> int:
    """Return in how many processes to replay a log; 0 are as many as pay off."""
    if log.is_read_once:
        return 1
    if wanted:
        return wanted
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, _MOST) if log.size > _SMALL else 1


@contextmanager
def progress_over(log: EventLog, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """A progress bar over the lines of a log; silent where nobody looks."""
    with stages(quiet=quiet) as seen:
        total = log.count() if seen.is_looked_at else None
        yield lambda lines: seen("replaying", lines, total)


class Stages:
    """Shows how far each stage of a long work is."""

    def __init__(self, bar: Progress, *, is_looked_at: bool) -> None:
        self.is_looked_at = is_looked_at
        self._bar = bar
        self._stage: tuple[str, TaskID] | None = None

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        if not self.is_looked_at or (done % _STEP and done != total):
            return
        if self._stage is None or self._stage[0] != stage:
            if self._stage is not None:
                self._bar.remove_task(self._stage[1])
            self._stage = stage, self._bar.add_task(stage, total=total)
        self._bar.update(self._stage[1], completed=done)


@contextmanager
def stages(*, quiet: bool) -> Iterator[Stages]:
    """A progress bar for work in stages; silent where nobody looks."""
    screen = console(stderr=True)
    is_looked_at = screen.is_terminal and not quiet
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("lines"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=screen, transient=True, disable=not is_looked_at) as bar:
        yield Stages(bar, is_looked_at=is_looked_at)
