"""Runs the command line in this process, and writes the event logs that it reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from proactive_notify.cli import main

EMAIL = "ada@shop.example"


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class CommandLine:
    """``command("check", "--json")``."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str | Path) -> Ran:
        with pytest.raises(SystemExit) as ended:
            main([str(each) for each in arguments])
        printed = self._capsys.readouterr()
        return Ran(int(ended.value.code or 0), printed.out, printed.err)


def event(number: int, type: str = "order.placed", *, order: str = "", time: str = "", **data: Any) -> dict[str, Any]:
    """An event on the wire; its number makes its id, its minute and, where none is named, its order."""
    return {
        "specversion": "1.0",
        "id": f"e{number}",
        "source": "shop",
        "type": type,
        "subject": order or f"O-{number}",
        "time": time or f"2026-01-05T09:{number:02}:00Z",
        "data": data,
    }


def placed(number: int, *, order: str = "", time: str = "", email: str | None = EMAIL, **data: Any) -> dict[str, Any]:
    """An order as it was placed, by a customer who can be reached unless ``email`` is None."""
    return event(number, order=order, time=time, customer={"name": "Ada", "email": email}, **data)


def write_log(path: Path, *lines: dict[str, Any] | str | bytes) -> Path:
    """Write an event log; a line that is a text is written as it is."""
    with path.open("wb") as file:
        for line in lines:
            text = line if isinstance(line, str | bytes) else json.dumps(line)
            file.write((text.encode() if isinstance(text, str) else text) + b"\n")
    return path


def rows(path: Path) -> list[dict[str, Any]]:
    """The objects in a file of JSON lines."""
    return list(_rows(path))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)
