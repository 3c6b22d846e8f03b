"""Reads the one table of docs/telemetry.md, and makes a value of each happening that the engine can tell of."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from proactive_notify import StaffWord
from proactive_notify._engine import telemetry

PAGE = Path(__file__).resolve().parents[2] / "docs" / "telemetry.md"
AT = datetime(2026, 1, 5, 9, tzinfo=UTC)

#: What a field of this type holds, in the words of the table.
_UNITS: dict[Any, str] = {
    str: "",
    int: "count",
    timedelta: "seconds",
    datetime: "instant",
    datetime | None: "instant or none",
    StaffWord: ", ".join(field.name for field in fields(StaffWord)),
}
_SAMPLES: dict[Any, tuple[Any, ...]] = {
    str: ("some-word",),
    int: (3,),
    timedelta: (timedelta(milliseconds=1500),),
    datetime: (AT,),
    datetime | None: (AT, None),
    StaffWord: (StaffWord(order_id="A-1", at=AT, subject="going-quiet", text="Nobody spoke to them."),),
}


@dataclass(frozen=True)
class Row:
    """One row of the table, cell by cell."""

    name: str
    fields: list[str]
    #: ``("INFO", "message.sent")``, one for each level that it may have.
    log: set[tuple[str, str]]
    prometheus: set[str]
    opentelemetry: set[str]


def table() -> list[Row]:
    """The rows of the table."""
    return list(_rows())


def _rows() -> Iterator[Row]:
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 6 or not cells[0].startswith("`"):
            continue
        name, _, told, log, prometheus, opentelemetry = cells
        event = re.findall(r"`([a-z.]+)`$", log)[0]
        yield Row(
            name=name.strip("`"),
            fields=told.replace("`", "").split(" · "),
            log={(level, event) for level in re.findall(r"\b[A-Z]{4,}\b", log)},
            prometheus=set(prometheus.replace("`", "").split("<br>")),
            opentelemetry=set(opentelemetry.replace("`", "").split("<br>")),
        )


def happenings() -> dict[str, type[Any]]:
    """Every class of value that the engine tells, by its name."""
    found = vars(telemetry).items()
    return {name: each for name, each in found if is_dataclass(each) and each.__module__ == telemetry.__name__}


def fields_of(kind: type[Any]) -> list[str]:
    """The fields of a happening with their units, as the table writes them."""
    hints = typing.get_type_hints(kind)
    units = {field.name: _UNITS[hints[field.name]] for field in fields(kind)}
    return [f"{name} ({unit})" if unit else name for name, unit in units.items()]


def samples(kind: type[Any]) -> list[Any]:
    """Values of a happening: one, or two where a field may be none."""
    hints = typing.get_type_hints(kind)
    usual = {field.name: _SAMPLES[hints[field.name]] for field in fields(kind)}
    most = max(map(len, usual.values()))
    return [
        kind(**{name: values[min(turn, len(values) - 1)] for name, values in usual.items()}) for turn in range(most)
    ]
