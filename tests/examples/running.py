"""Runs an example as a user would: as a program of its own, in an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

_DAY = re.compile(r"\b[A-Z][a-z]+day, \d{1,2} [A-Z][a-z]+( \d{4})?\b")
_MOMENT = re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d UTC\b")


def run(program: Path, *, cwd: Path) -> str:
    """Return what a program prints; it must end well, say nothing on standard error, and cause no warning."""
    command = [sys.executable, "-W", "error", str(program)]
    env = {**os.environ, "PYTHONUTF8": "1"}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, encoding="utf-8", timeout=60, check=False)
    if done.returncode or done.stderr:
        pytest.fail(f"{program.name} ended with {done.returncode} and said: {done.stderr}")
    return done.stdout


def without_dates(printed: str) -> str:
    """Return what was printed with every day and moment replaced, so that today's and yesterday's are alike."""
    return _MOMENT.sub("<moment>", _DAY.sub("<day>", printed))
