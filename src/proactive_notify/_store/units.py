"""
What a unit of work is: a generator that yields statements by name and is sent their rows.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """
    A statement to run, by its name in ``sql/``.

    ``values`` is one mapping, or a sequence of them: then the statement runs once for each, and answers no rows.
    """

    name: str
    values: Mapping[str, Any] | Sequence[Mapping[str, Any]]


#: A unit of work whose result is a ``T``.
Unit = Generator[Statement, list[Row], T]


def run_each(name: str, values: Sequence[Mapping[str, Any]]) -> Unit[None]:
    """Run a statement for each of ``values``; nothing if there are none."""
    if values:
        yield Statement(name, values[0] if len(values) == 1 else values)
