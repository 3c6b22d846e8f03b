"""docs/policy.md says what the class ``Policy`` says."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from proactive_notify import Policy

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")
#: Name → the cells that follow it, of each row that begins with a field or two.
ROWS = {
    name: [cell.strip() for cell in cells.split("|")]
    for names, cells in re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|(.*)\|$", PAGE, re.MULTILINE)
    for name in re.findall(r"`(\w+)`", names)
}


def test_each_number_has_a_row() -> None:
    """The page has a row for each field of the class, and for nothing else."""
    assert {each.name for each in fields(Policy)} == set(ROWS)


@pytest.mark.parametrize(("column", "name"), [*enumerate(("small-shop", "big-retailer", "quiet"))])
def test_the_budgets_are_those_of_the_policies(column: int, name: str) -> None:
    """The days of silence stand there as each policy has them."""
    budgets = ("news_without_date", "news_with_date", "news_past_date", "news_past_date_times", "news_watched")
    policy = Policy.named(name)

    assert {each: str(getattr(policy, each)) for each in budgets} == {
        each: ROWS[each][column].removesuffix(" days") for each in budgets
    }
