"""
Reading an event log: one CloudEvent a line, ``.jsonl``, ``.jsonl.gz`` or standard input.

The order of the lines is the order of arrival, and the virtual clock never goes back: an event with an older time
arrives late, as a carrier's would.
"""

import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, cast

from ..domain.event import Event
from ..domain.wire import event_from_wire
from ..errors import EventInvalid, UsageError

#: How long a line may be, in bytes.
LONGEST = 1024 * 1024
#: The first bytes of a gzip file (RFC 1952 section 2.3.1).
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A valid line."""

    file: str
    line: int
    at: datetime
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A line that is no valid event, and why. It quotes nothing of the line."""

    file: str
    line: int
    reason: str


class EventLog:
    """
    A log in one or more files, read one line at a time.

    Raises:
        UsageError: a file is not there, cannot be read, or is not what its name says.
    """

    def __init__(self, files: Sequence[str]) -> None:
        self.files = files
        for name in files:
            if name != "-" and Path(name).is_dir():
                raise UsageError(f"{name!r} is a folder; give the path of a .jsonl or .jsonl.gz event log in it")
            if name != "-" and not Path(name).exists():
                raise UsageError(f"there is no file {name!r}; give the path of a .jsonl or .jsonl.gz event log")

    @property
    def is_read_once(self) -> bool:
        """It comes from a pipe, so it cannot be read a second time."""
        return any(name == "-" or not Path(name).is_file() for name in self.files)

    @property
    def size(self) -> int:
        """How many bytes there are to read; 0 where that cannot be known."""
        return 0 if self.is_read_once else sum(Path(name).stat().st_size for name in self.files)

    def count(self) -> int | None:
        """Return how many lines hold something; ``None`` where they can be read only once."""
        return None if self.is_read_once else sum(1 for name in self.files for _ in self.lines(name))

    def read(self, *, only: str = "") -> Iterator[Arrival | Rejected]:
        """
        Yield each line that holds something, with the time at which it arrives.

        Args:
            only: leave out lines in which this word does not stand.
        """
        latest: datetime | None = None
        for name in self.files:
            for number, line in self.lines(name):
                if line is not None and only.encode() not in line:
                    continue
                found = _parse(name, number, line)
                if isinstance(found, Rejected):
                    yield found
                    continue
                happened = found.happened_at
                latest = happened if latest is None else max(latest, happened)
                yield Arrival(file=name, line=number, at=latest, event=found)

    def lines(self, name: str) -> Iterator[tuple[int, bytes | None]]:
        """Yield each line of one file that holds something, with its number; ``None`` for one that is too long."""
        try:
            with _opened(name) as file:
                number = 0
                while line := file.readline(LONGEST + 1):
                    number += 1
                    if len(line) > LONGEST and not line.endswith(b"\n"):
                        while rest := file.readline(LONGEST):
                            if rest.endswith(b"\n"):
                                break
                        yield number, None
                    elif line.strip():
                        yield number, line
        except (OSError, EOFError, zlib.error) as error:
            raise UsageError(f"{name!r} cannot be read: {_said(error)}") from None


@contextmanager
def _opened(name: str) -> Iterator[IO[bytes]]:
    """Open a log; gzip is known by its first bytes, so that a pipe may bring it too."""
    raw = io.FileIO(sys.stdin.fileno(), closefd=False) if name == "-" else io.FileIO(name)
    with io.BufferedReader(raw) as file:
        if name.endswith(".gz") or file.peek(2).startswith(_GZIP):
            with gzip.open(file, "rb") as unpacked:
                yield cast(IO[bytes], unpacked)
        else:
            yield file


def _said(error: Exception) -> str:
    """What went wrong with a file, without its name and without what stands in it."""
    if isinstance(error, gzip.BadGzipFile):
        return "it is no gzip file although its name ends in .gz, or it is damaged"
    if isinstance(error, EOFError | zlib.error):
        return "the gzip file is damaged or cut short; fetch or compress it again"
    return getattr(error, "strerror", None) or type(error).__name__


def _parse(name: str, number: int, line: bytes | None) -> Event | Rejected:
    if line is None:
        return Rejected(file=name, line=number, reason=f"the line is longer than {LONGEST // 1024} KiB")
    try:
        # Decoded here and strictly: of octets `json` would take halves of characters, too.
        return event_from_wire(json.loads(line.rstrip().decode("utf-8-sig")))
    except UnicodeDecodeError:
        reason = "the line is not UTF-8"
    except RecursionError:
        reason = "the JSON is nested too deeply"
    except json.JSONDecodeError as error:
        reason = f"not JSON: {error.msg} at column {error.colno}"
    except ValueError:
        reason = "not JSON: a number has too many digits"
    except EventInvalid as error:
        reason = str(error)
    return Rejected(file=name, line=number, reason=reason)
