"""docs/why.md shows what the commands print."""

from __future__ import annotations

import difflib
import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_shows_what_the_commands_print() -> None:
    """Each command of the page is run again and prints what stands below it."""
    written = (DOCS / "why.md").read_text(encoding="utf-8")
    page: str = runpy.run_path(str(DOCS / "why.py"))["page"]()
    changed = "\n".join(difflib.unified_diff(written.splitlines(), page.splitlines(), "why.md", "now", lineterm=""))

    if changed:
        pytest.fail(f"{changed}\n\nIf that is meant: python docs/why.py\n")
    assert 3 == page.count("```console\n$ proactive-notify orders ")
    assert 60 < page.count("\n", page.index("$ proactive-notify"), page.index("Times are those of the shop."))
