"""Every example runs, and prints what the file beside it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples.running import EXAMPLES, run, without_dates

PROGRAMS = sorted(path.stem for path in EXAMPLES.glob("*.py"))


def test_the_examples_are_found() -> None:
    """The folder of examples is where this test looks for it."""
    assert {"custom_notice", "first_steps", "jonathan_adler", "late_parcel"} <= set(PROGRAMS)


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_example_prints_what_the_file_beside_it_says(name: str, tmp_path: Path) -> None:
    """
    The output is the checked one, but for the dates.

    After a change that is meant: ``python examples/<name>.py > examples/<name>.out``, and read the difference.
    """
    expected = (EXAMPLES / f"{name}.out").read_text(encoding="utf-8")

    printed = run(EXAMPLES / f"{name}.py", cwd=tmp_path)

    assert without_dates(expected).splitlines() == without_dates(printed).splitlines()


def test_days_and_moments_are_replaced() -> None:
    """Two runs on different days are alike once their dates are replaced."""
    first = "at 2026-11-22 08:41 UTC: by Monday, 23 November"
    second = "at 2027-01-01 23:59 UTC: by Saturday, 2 January 2027"

    assert "at <moment>: by <day>" == without_dates(first) == without_dates(second)
