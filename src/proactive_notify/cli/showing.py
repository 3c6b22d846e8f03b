"""
How the command line shows things.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import typer
from rich.table import Table


def echo_json(value: Any) -> None:
    """Print a value as JSON."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def timeline(messages: Iterable[Mapping[str, Any]]) -> Table:
    """Return messages as a table in order of time."""
    table = Table(title="What the customer heard", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for heading in ("when (UTC)", "order", "notice", "subject"):
        table.add_column(heading, overflow="fold")
    for each in messages:
        table.add_row(each["at"][:16].replace("T", " "), each["order_id"], each["notice"], each["subject"])
    return table


def replay_summary(summary: Mapping[str, Any]) -> Table:
    """Return the summary of a replay as a table."""
    silence = summary["longest_silence"]
    table = Table(title="Replay", title_justify="left", box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    table.add_row(
        "events", f"{summary['events']:,}", f"of {summary['orders']:,} orders, {summary['rejected']:,} lines rejected"
    )
    notices = ", ".join(
        f"{key} {count:,}" for key, count in sorted(summary["by_notice"].items(), key=lambda each: -each[1])
    )
    table.add_row("messages", f"{summary['messages']:,}", notices)
    table.add_row("broken promises", f"{summary['broken_promises']:,}", "each was told")
    table.add_row(
        "longest silence", f"{silence['hours']:,} h", f"order {silence['order_id']}" if silence["order_id"] else ""
    )
    table.add_row("unreachable", f"{summary['unreachable']:,}", "orders whose customer could not be reached")
    words = ", ".join(f"{subject} {count:,}" for subject, count in summary["staff_words"].items())
    table.add_row("words to the staff", f"{sum(summary['staff_words'].values()):,}", words)
    table.add_row("took", f"{summary['wall_seconds']:,} s", "")
    return table
