"""
Damaged copies of what a replay wrote: a message missing, doubled, or moved by a week.

Each function writes the copy and returns the id of the order it harmed. The choice is the same every time, and falls
on a message whose harm must be noticed. The summary is made to agree, so that only the messages give it away.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Wanted = Callable[[Sequence[Row], int], bool]

WEEK = timedelta(days=7)
LONGEST_BUDGET = timedelta(days=7, hours=2)  # five business days, with a change of the clocks


def without_one(source: Path, target: Path, *, notice: str = "holding") -> str:
    """A copy in which one message of this notice is missing."""
    rows = _rows(source)
    index = _choose(rows, notice, _missed)
    return _write(source, target, [*rows[:index], *rows[index + 1 :]], rows[index])


def with_one_doubled(source: Path, target: Path, *, notice: str = "holding", new_id: bool = True) -> str:
    """A copy in which one message of this notice stands twice, the second time under an id of its own."""
    rows = _rows(source)
    index = _choose(rows, notice, _any)
    again = rows[index] | ({"message_id": f"<again.{index}@damage.example>"} if new_id else {})
    return _write(source, target, [*rows[: index + 1], again, *rows[index + 1 :]], again)


def with_one_moved_by_a_week(source: Path, target: Path, *, notice: str = "holding") -> str:
    """A copy in which one message of this notice goes a week later."""
    rows = _rows(source)
    index = _choose(rows, notice, _missed)
    moved = rows[index] | {"at": (_at(rows[index]) + WEEK).isoformat()}
    return _write(source, target, sorted([*rows[:index], moved, *rows[index + 1 :]], key=_at), moved)


def _choose(rows: Sequence[Row], notice: str, wanted: Wanted) -> int:
    """The position of the middle one of the messages of this notice that will do."""
    lanes: dict[str, list[int]] = {}
    for index, row in enumerate(rows):
        lanes.setdefault(row["order_id"], []).append(index)
    fit = [
        index
        for lane in lanes.values()
        for place, index in enumerate(lane)
        if rows[index]["notice"] == notice and wanted([rows[each] for each in lane], place)
    ]
    if not fit:
        raise LookupError(f"no {notice} here that would be missed")
    return sorted(fit)[len(fit) // 2]


def _missed(lane: Sequence[Row], place: int) -> bool:
    """
    Whether the message would be missed at its hour.

    A holding notice is missed if its neighbours are too far apart without it; others have an hour of their own.
    """
    if lane[place]["notice"] != "holding":
        return True
    return place + 1 < len(lane) and _at(lane[place + 1]) - _at(lane[place - 1]) > LONGEST_BUDGET


def _any(_lane: Sequence[Row], _place: int) -> bool:
    return True


def _at(row: Row) -> datetime:
    return datetime.fromisoformat(row["at"])


def _rows(source: Path) -> list[Row]:
    with (source / "messages.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _write(source: Path, target: Path, rows: Sequence[Row], harmed: Row) -> str:
    target.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / "decisions.jsonl", target / "decisions.jsonl")
    summary = json.loads((source / "summary.json").read_text(encoding="utf-8"))
    summary |= {"messages": len(rows), "by_notice": Counter(row["notice"] for row in rows)}
    (target / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    with (target / "messages.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return str(harmed["order_id"])
