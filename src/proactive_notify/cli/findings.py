"""
What a doctor found, how grave it is, and what to do about it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.table import Table

from .showing import text


class Grade(StrEnum):
    """How grave a finding is."""

    #: All is well.
    WELL = "well"
    #: Worth knowing, or not to be seen from here.
    NOTE = "note"
    #: It works today, and may cost mails tomorrow.
    WARNING = "warning"
    #: Mails do not leave, or will be refused.
    WRONG = "wrong"


_MARKS = {
    Grade.WELL: ("✓", "green"),
    Grade.NOTE: ("·", "dim"),
    Grade.WARNING: ("!", "yellow"),
    Grade.WRONG: ("✗", "red"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    One thing that was looked at.

    Args:
        about: what it belongs to, for example ``Server of email (mail.shop.example:587)``.
        check: what was looked at, in a word or two.
        says: what was found, one sentence or two.
        advice: what to do; empty if there is nothing to do.
    """

    about: str
    check: str
    grade: Grade
    says: str
    advice: str = ""


def findings_json(found: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings as ``--json`` prints them."""
    return [{**asdict(each), "grade": each.grade.value} for each in found]


def show(screen: Console, found: list[Finding]) -> None:
    """Print findings, those about one thing together, and how many want something done."""
    widest = max((len(each.check) for each in found), default=0)
    for about, group in groupby(found, key=lambda each: each.about):
        screen.print(text(about, "bold"), soft_wrap=True)
        screen.print(_table(group, widest))
    screen.print(text(verdict(found), _style(found)), soft_wrap=True)


def verdict(found: Iterable[Finding]) -> str:
    """Return the last line: ``All is well.`` or ``2 things are wrong, 1 warning.``."""
    grades = [each.grade for each in found]
    wrong, warnings = grades.count(Grade.WRONG), grades.count(Grade.WARNING)
    said = [f"{wrong} {'thing is' if wrong == 1 else 'things are'} wrong"] if wrong else []
    said += [f"{warnings} warning{'s'[: warnings > 1]}"] if warnings else []
    return f"{', '.join(said)}." if said else "All is well."


def _style(found: Iterable[Finding]) -> str:
    grades = {each.grade for each in found}
    return "bold red" if Grade.WRONG in grades else "bold yellow" if Grade.WARNING in grades else "bold green"


def _table(group: Iterable[Finding], widest: int) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=3, justify="right")
    table.add_column(width=widest)
    table.add_column(overflow="fold")
    for each in group:
        table.add_row(*_rows(each))
        if each.advice:
            table.add_row("", "", _advice(each.advice))
    table.add_row()
    return table


def _advice(advice: str) -> Table:
    arrow = Table.grid(padding=(0, 1, 0, 0))
    arrow.add_row(text("→", "bold"), text(advice, "bold"))
    return arrow


def _rows(finding: Finding) -> Iterator[Any]:
    mark, style = _MARKS[finding.grade]
    yield text(mark, style)
    yield text(finding.check, "dim")
    yield text(finding.says, style if finding.grade in (Grade.WARNING, Grade.WRONG) else "")
