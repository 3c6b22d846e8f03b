"""
Disks that are full when a test says so, and empty again when it says so.
"""

from __future__ import annotations

import errno
import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from tests.acceptance.fire.processes import Stage


class Disk(Protocol):
    """Where the shop's file lies."""

    folder: Path

    def fill(self) -> None: ...

    def free(self) -> None: ...


class Tmpfs:
    """A small disk of its own: SQLite hears ``ENOSPC``, which is ``database or disk is full``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self) -> None:
        """Write until nothing goes in any more."""
        with (self.folder / "filler").open("wb", buffering=0) as filler:
            for size in (1 << 20, 1 << 12, 1):
                self._write(filler.write, bytes(size))

    def _write(self, write: Callable[[bytes], object], bite: bytes) -> None:
        try:
            while True:
                write(bite)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise

    def free(self) -> None:
        (self.folder / "filler").unlink()


class Quota:
    """A shop that may not write to any file: SQLite hears ``EFBIG``, which is ``disk I/O error``. Needs no rights."""

    def __init__(self, folder: Path, stage: Stage) -> None:
        self.folder, self._stage = folder, stage

    def fill(self) -> None:
        self._limit(0)

    def free(self) -> None:
        self._limit(resource.RLIM_INFINITY)

    def _limit(self, octets: int) -> None:
        for program in self._stage.programs:
            if program.is_alive and program.name == "shop":
                resource.prlimit(program.pid, resource.RLIMIT_FSIZE, (octets, resource.RLIM_INFINITY))


@contextmanager
def tmpfs(folder: Path, stage: Stage) -> Iterator[Disk]:
    """A disk of 8 MiB, mounted for as long as it is needed; a skip for who may not mount."""
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if os.geteuid() != 0 or mount is None or unmount is None:
        pytest.skip("only root may mount a small disk; the same is tested with a quota")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    try:
        yield Tmpfs(folder)
    finally:
        for program in stage.programs:
            program.end()
        subprocess.run([unmount, "--lazy", str(folder)], check=True)


@contextmanager
def quota(folder: Path, stage: Stage) -> Iterator[Disk]:
    """No more room for the shop's programs of a stage."""
    yield Quota(folder, stage)


DISKS: dict[str, Callable[[Path, Stage], AbstractContextManager[Disk]]] = {"small-disk": tmpfs, "quota": quota}
