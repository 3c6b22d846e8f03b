"""
An event log made up by chance, the same for the same seed, that uses everything the wire knows.

``write`` makes it; ``shuffled`` makes of any log one in which the lines arrive days late and some of them twice.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.outside.arrivals import lines_of
from tests.outside.days import instant
from tests.outside.stories import SCENES, STATUSES, Story

__all__ = ["STATUSES", "shuffled", "write"]

LATE_SHARE, REPEATED_SHARE = 0.08, 0.05
LATEST = timedelta(days=3)


def write(path: Path, *, orders: int = 300, seed: int = 7) -> None:
    """Write a log of so many orders, which go through all the scenes in turn."""
    chance = random.Random(seed)
    lines: list[tuple[datetime, int, str]] = []
    for number in range(orders):
        story = Story(f"G-{number:05}", random.Random(f"{seed}:{number}"), number)
        SCENES[number % len(SCENES)](story)
        for event in story.events:
            _arrive(lines, event, chance)
    _save(path, (line for _, _, line in sorted(lines)))


def _arrive(lines: list[tuple[datetime, int, str]], event: dict[str, Any], chance: random.Random) -> None:
    """Give an event its place: where its time is, or up to three days later, and sometimes a second one."""
    lag = chance.random() * LATEST if chance.random() < LATE_SHARE else timedelta()
    line = json.dumps(event, ensure_ascii=False)
    lines.append((instant(event["time"]) + lag, len(lines), line))
    if chance.random() < REPEATED_SHARE:
        lines.append((instant(event["time"]) + lag + chance.random() * LATEST, len(lines), line))


def shuffled(source: Path, target: Path, *, seed: int, days: float = 3, repeat: float = 0.1) -> None:
    """Write a copy whose lines arrive up to so many days late, and of which this share comes a second time later."""
    chance = random.Random(seed)
    lines: list[tuple[datetime, int, str]] = []
    for text in lines_of(source):
        line = text.rstrip("\n")
        arrival = instant(json.loads(line)["time"]) + chance.random() * timedelta(days=days)
        lines.append((arrival, len(lines), line))
        if chance.random() < repeat:
            lines.append((arrival + chance.random() * timedelta(days=days), len(lines), line))
    _save(target, (line for _, _, line in sorted(lines)))


def _save(path: Path, lines: Iterable[str]) -> None:
    text: Sequence[str] = [line + "\n" for line in lines]
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt", encoding="utf-8") as file:
        file.writelines(text)
