"""
What a replay writes: lines that are sorted by time and order, so that the shards merge into the same files.
"""

import heapq
import json
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from .._store.rows import micros


class ShardFile:
    """
    A file of one shard: a sort key, a tab, and a JSON line.

    Lines are added in order of time; those of one instant are sorted by order before they are written.
    """

    def __init__(self, out: Path, name: str, shard: int) -> None:
        folder = shards_folder(out)
        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / f"{name}.{shard:03}").open("w", encoding="utf-8")
        self._instant = -1
        self._waiting: list[tuple[str, str]] = []

    def add(self, at: datetime, order_id: str, line: dict[str, Any]) -> None:
        instant = micros(at)
        if instant != self._instant:
            self._write()
            self._instant = instant
        self._waiting.append((f"{instant:020d} {json.dumps(order_id)}", json.dumps(line, ensure_ascii=False)))

    def close(self) -> None:
        self._write()
        self._file.close()

    def _write(self) -> None:
        for key, line in sorted(self._waiting, key=lambda each: each[0]):
            self._file.write(f"{key}\t{line}\n")
        self._waiting.clear()


def shards_folder(out: Path) -> Path:
    return out / ".shards"


def merge(out: Path, name: str) -> None:
    """Merge the shards' files of this name into ``<name>.jsonl``."""
    parts = sorted(shards_folder(out).glob(f"{name}.*"))
    with (out / f"{name}.jsonl").open("w", encoding="utf-8") as whole:
        for _, line in heapq.merge(*map(_keyed, parts), key=lambda each: each[0]):
            whole.write(line)


def _keyed(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            key, _, rest = line.partition("\t")
            yield key, rest


def remove_shards(out: Path) -> None:
    """Remove what the shards wrote."""
    shutil.rmtree(shards_folder(out), ignore_errors=True)
