"""
What a replay writes: lines that are sorted by time and order, so that the shards merge into the same files.
"""

import heapq
import json
import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from .._store.rows import micros
from ..errors import UsageError


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


def make_room(out: Path, folder: Path, *, written: Iterable[Path], reads: Iterable[str], what: str = "replay") -> None:
    """
    Make a folder to work in, and remove what an earlier run left in ``out``: half of it would be taken for this one's.

    Raises:
        UsageError: it cannot be written to, or what is read would be written over.
    """
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out: {str(out)!r} is a file; name a folder")
    written = list(written)
    for name in reads:
        if Path(name).resolve() in [path.resolve() for path in written]:
            raise UsageError(f"--out: the {what} would write over {name!r}, which it reads; name another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in written:
            path.unlink(missing_ok=True)
    except OSError as error:
        said = error.strerror or type(error).__name__
        raise UsageError(f"--out: {str(out)!r} cannot be written to ({said}); name another folder") from None


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
