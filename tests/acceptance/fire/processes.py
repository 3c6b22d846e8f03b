"""
Programs in processes of their own: started, spoken to, listened to, killed, and always stopped by their id.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

T = TypeVar("T")

REPOSITORY = Path(__file__).resolve().parents[3]
#: Seconds after which what did not happen will not happen, on any machine.
PATIENCE = 60.0


@dataclass(frozen=True)
class Said:
    """A line that a program said, and when we read it (monotonic seconds)."""

    at: float
    process: int
    words: tuple[str, ...]


class Stage:
    """
    Programs that run at the same time, and all that they say in one list. Leaving it stops whatever still runs.

    Args:
        folder: what they write on standard error goes there, a file each.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        #: In the order in which it was read.
        self.said: list[Said] = []
        self._by_word: defaultdict[str, list[Said]] = defaultdict(list)
        self.counts: Counter[tuple[int, str]] = Counter()
        self.programs: list[Program] = []
        self._news = threading.Condition()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for program in self.programs:
            program.end()

    def start(self, module: str, *arguments: object) -> Program:
        """Start ``tests.acceptance.fire.<module>``."""
        return Program(self, module, [str(each) for each in arguments])

    def hear(self, said: Said | None) -> None:
        with self._news:
            if said is not None:
                self.said.append(said)
                self._by_word[said.words[0]].append(said)
                self.counts[said.process, said.words[0]] += 1
            self._news.notify_all()

    def wait(self, happened: Callable[[], T], *, what: str, seconds: float = PATIENCE) -> T:
        """Wait until something that was said has made something true; return it."""
        end = time.monotonic() + seconds
        with self._news:
            while not (found := happened()):
                left = end - time.monotonic()
                assert left > 0, f"did not happen within {seconds:.0f} s: {what}\n{self.story()}"
                self._news.wait(min(left, 0.2))
        return found

    def wait_for_rows(self, happened: Callable[[], T], *, what: str, seconds: float = PATIENCE) -> T:
        """Wait until something stands in a table or a file, where nobody tells us; return it."""
        end = time.monotonic() + seconds
        while not (found := happened()):
            assert time.monotonic() < end, f"did not happen within {seconds:.0f} s: {what}\n{self.story()}"
            threading.Event().wait(0.1)
        return found

    def story(self) -> str:
        """The end of all that was said, and of what stands on standard error, for who has to find out why."""
        lines = [f"{each.at:.3f} {each.process} {' '.join(each.words)}" for each in self.said[-40:]]
        for program in self.programs:
            lines.append(f"{program} on standard error:\n{program.errors[-2000:]}")
        return "\n".join(lines)

    def lines(self, word: str, *, since: int = 0) -> list[Said]:
        """What was said, by anybody, that begins with ``word``; the first ``since`` lines left out."""
        return self._by_word[word][since:]

    @property
    def output(self) -> str:
        """Everything that any program wrote on standard output and standard error."""
        said = "\n".join(" ".join(each.words) for each in self.said)
        return said + "".join(f"\n{program.errors}" for program in self.programs)


class Program:
    """One process."""

    def __init__(self, stage: Stage, module: str, arguments: list[str]) -> None:
        self._stage, self.name = stage, module
        #: Which one of its stage it is.
        self.number = len(stage.programs)
        self._errors = stage.folder / f"{len(stage.programs)}-{module}.stderr"
        self.was_killed = False
        self.started_at = time.monotonic()
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", f"tests.acceptance.fire.{module}", *arguments],
                cwd=REPOSITORY,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        stage.programs.append(self)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __str__(self) -> str:
        return f"{self.name} {self.pid}"

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    @property
    def errors(self) -> str:
        """What it wrote on standard error so far."""
        return self._errors.read_text(encoding="utf-8", errors="replace")

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._stage.hear(Said(time.monotonic(), self.pid, tuple(line.decode().split())))
        self._stage.hear(None)

    def say(self, *words: object) -> None:
        """Write a line on its standard input."""
        assert self._process.stdin is not None
        self._process.stdin.write((" ".join(map(str, words)) + "\n").encode())
        self._process.stdin.flush()

    def said(self, *words: str) -> list[Said]:
        """What it said that begins with ``words``."""
        found = self._stage.lines(words[0])
        return [each for each in found if each.process == self.pid and each.words[: len(words)] == words]

    def count(self, word: str) -> int:
        """How many lines it said that begin with ``word``."""
        return self._stage.counts[self.pid, word]

    def hears(self, *words: str, seconds: float = PATIENCE) -> Said:
        """Wait until it has said such a line."""

        def last() -> Said | None:
            found = self.said(*words) if self.count(words[0]) else []
            if not found and not self.is_alive and not self._reader.is_alive():
                raise AssertionError(f"{self} ended without a word of {words}\n{self._stage.story()}")
            return found[-1] if found else None

        found = self._stage.wait(last, what=f"{self} says {words}", seconds=seconds)
        assert found is not None
        return found

    def kill(self) -> float:
        """``kill -9``, and wait until it is dead and all that it said is read; return when it was killed."""
        at = time.monotonic()
        os.kill(self.pid, signal.SIGKILL)
        self.was_killed = True
        self.buried()
        return at

    def buried(self) -> int:
        """Wait until it is dead and all that it said is read; return its exit code."""
        code = self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def stop(self) -> None:
        """Ask it to stop cleanly, and see that it does."""
        self.say("stop")
        assert 0 == self.buried(), f"{self} ended with {self._process.returncode}\n{self.errors[-4000:]}"

    def end(self) -> None:
        """Whatever it is doing."""
        if self.is_alive:
            self._process.kill()
        self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


@contextmanager
def stage_in(folder: Path) -> Iterator[Stage]:
    """A stage in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    with Stage(folder) as stage:
        yield stage
