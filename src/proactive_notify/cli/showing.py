"""
How the command line shows things. What comes from outside is shown as it is: no markup, no control characters.
"""

import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

#: Controls, and what turns the direction of writing round: neither may steer somebody's terminal.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
#: How wide a listing may be where no terminal says so.
_WIDE = 160


class _Screen(Console):
    """A console that goes on in silence when nobody reads any more: the work and its exit status stay the same."""

    def on_broken_pipe(self) -> None:
        nobody_reads()


def nobody_reads() -> None:
    """Send what is still to be printed nowhere. Whoever read it has seen enough, like ``head``."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def console(*, stderr: bool = False) -> Console:
    """Return a console that takes every text literally."""
    made = _Screen(stderr=stderr, markup=False, emoji=False, highlight=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = _WIDE
    return made


def text(value: object, style: str = "") -> Text:
    """Return a value as a text that does nothing but stand there."""
    return Text(_UNSAFE.sub("", str(value)), style=style)


def listing(*headings: str, title: str = "") -> Table:
    """Return an empty table; without headings it has no head line."""
    table = Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        box=None,
        padding=(0, 2, 0, 0),
        show_header=any(headings),
    )
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def echo_json(value: Any) -> None:
    """Print a value as JSON."""
    try:
        sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        nobody_reads()


def timeline(messages: Iterable[Mapping[str, Any]]) -> Table:
    """Return messages as a table in order of time."""
    table = listing("when (UTC)", "order", "notice", "subject", title="What the customer heard")
    for each in messages:
        at = each["at"][:16].replace("T", " ")
        table.add_row(*(text(value) for value in (at, each["order_id"], each["notice"], each["subject"])))
    return table


def counts(numbers: Mapping[str, int]) -> str:
    """Return counts as a sentence's part, the largest first."""
    largest_first = sorted(numbers.items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(f"{name} {count:,}" for name, count in largest_first)


def replay_summary(summary: Mapping[str, Any]) -> Table:
    """Return the summary of a replay as a table."""
    silence = summary["longest_silence"]
    table = listing("", "", "", title="Replay")
    table.columns[1].justify = "right"
    lines = f"of {summary['orders']:,} orders; {summary['rejected']:,} lines rejected"
    if summary["repeated"]:
        lines += f", {summary['repeated']:,} said again what was known"
    if summary["left_out"]:
        lines += f", {summary['left_out']:,} left out after --until"
    broken = counts({kind: count for kind, count in summary["broken_by_kind"].items() if kind != "news_by"})
    rows = [
        ("events", f"{summary['events']:,}", lines),
        ("messages", f"{summary['messages']:,}", counts(summary["by_notice"])),
        ("broken promises", f"{summary['broken_promises']:,}", broken),
        ("longest silence", f"{silence['hours']:,} h", f"order {silence['order_id']}" if silence["order_id"] else ""),
        ("unreachable", f"{summary['unreachable']:,}", "orders whose customer has no address"),
        ("words to the staff", f"{sum(summary['staff_words'].values()):,}", counts(summary["staff_words"])),
    ]
    if summary["sms_parts"]:
        cost = f", {summary['sms_cost']} in all" if "sms_cost" in summary else ""
        rows.append(("parts of texts", f"{summary['sms_parts']:,}", f"what texts are paid by{cost}"))
    if summary["refused"]:
        rows.append(("refused", f"{summary['refused']:,}", "mails that the SMTP server did not take"))
    rows.append(("took", f"{summary['wall_seconds']:,} s", ""))
    for row in rows:
        table.add_row(*map(text, row))
    return table
