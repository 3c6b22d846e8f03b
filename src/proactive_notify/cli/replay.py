"""
``proactive-notify replay``: the real engine over an event log, in virtual time.
"""

import json
import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from .._policy.policy import Policy
from ..domain.dates import parse_instant
from ..errors import UsageError
from ..simulation.event_log import EventLog
from ..simulation.replay import ReplayPlan
from ..simulation.report import write_report
from ..simulation.sharded import replay as run_replay
from ..simulation.wires import Wires
from .showing import echo_json, replay_summary, timeline

#: Below this many bytes a second process is not worth its start.
_SMALL = 512 * 1024
#: A replay with at most so many messages shows them all.
_SHORT = 60


def replay(
    files: Annotated[list[str], typer.Argument(metavar="FILE…", help="Event logs: .jsonl, .jsonl.gz, or - for stdin.")],
    *,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to write; a new temporary folder if left out.")
    ] = None,
    smtp: Annotated[str | None, typer.Option(metavar="URL", help="Send the mails for real: smtp://host:port.")] = None,
    mail: Annotated[bool, typer.Option("--mail", help="Write each mail to DIR/mail/*.eml.")] = False,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Stop here, inclusive; default: the last event.")
    ] = None,
    policy: Annotated[str, typer.Option(metavar="NAME", help="small-shop, big-retailer or quiet.")] = "small-shop",
    jobs: Annotated[int, typer.Option(metavar="N", min=0, max=64, help="Processes; 0: as many as pay off.")] = 0,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first invalid line.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """
    Run the real engine over an event log in virtual time, and write down what each customer would have received.
    """
    log = EventLog(files)
    Policy.named(policy)
    folder = out or Path(tempfile.mkdtemp(prefix="proactive-notify-"))
    plan = ReplayPlan(files=tuple(files), out=folder, policy=policy, until=_instant(until), strict=strict)
    wires = Wires(smtp=smtp, folder=folder / "mail" if mail else None)
    with _progress(log, quiet=as_json) as seen:
        summary = run_replay(plan, jobs=_jobs(jobs, log), wires=wires, progress=seen)
    write_report(folder, summary)
    if not summary["events"]:
        raise UsageError(_nothing_valid(files, folder, summary))
    if as_json:
        echo_json(summary)
        return
    console = Console()
    if summary["messages"] <= _SHORT:
        console.print(timeline(_messages(folder)))
    console.print(replay_summary(summary))
    console.print(_where(folder, summary, mail=mail), soft_wrap=True, highlight=False)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return parse_instant(text)
    except ValueError as error:
        raise UsageError(f"--until: {error}") from None


def _jobs(wanted: int, log: EventLog) -> int:
    if "-" in log.files:
        return 1
    if wanted:
        return wanted
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, 8) if log.size > _SMALL else 1


class _progress:  # noqa: N801  it reads as a word: with _progress(...)
    """A progress bar over the lines; silent where nobody looks."""

    def __init__(self, log: EventLog, *, quiet: bool) -> None:
        columns = (
            TextColumn("replaying"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("lines"),
            TimeRemainingColumn(),
        )
        console = Console(stderr=True)
        self._progress = Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal)
        self._task = self._progress.add_task("lines", total=None if self._progress.disable else log.count())

    def __enter__(self) -> Any:
        self._progress.start()
        return self._seen

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def _seen(self, lines: int) -> None:
        if lines % 50 == 0:
            self._progress.update(self._task, completed=lines)


def _messages(folder: Path) -> list[dict[str, Any]]:
    with (folder / "messages.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _nothing_valid(files: list[str], folder: Path, summary: dict[str, Any]) -> str:
    name = ", ".join(files)
    if not summary["rejected"]:
        return f"{name} holds no event before the end of the replay; each line should be one CloudEvent in JSON"
    with (folder / "rejected.jsonl").open(encoding="utf-8") as file:
        first = json.loads(file.readline())
    return (
        f"{name} holds no valid event: {summary['rejected']} lines were rejected, the first is line {first['line']}: "
        f"{first['reason']}"
    )


def _where(folder: Path, summary: dict[str, Any], *, mail: bool) -> str:
    lines = [f"[bold]{folder}[/]", "  messages.jsonl   decisions.jsonl   summary.json"]
    lines.append(f"  report.html      open it in a browser: {(folder / 'report.html').resolve().as_uri()}")
    if mail:
        lines.append(f"  mail/            {summary['messages']} mails as .eml files")
    if summary["rejected"]:
        lines.append(
            f"  rejected.jsonl   [yellow]{summary['rejected']} lines were no valid events[/]; it says which, and why"
        )
    return "\n".join(lines)
