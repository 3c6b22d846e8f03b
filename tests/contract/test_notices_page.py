"""docs/notices.md says what the classes say."""

from __future__ import annotations

import runpy
from pathlib import Path

from proactive_notify.notices import default_notices, more_notices

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_of_the_notices_is_up_to_date() -> None:
    """The page is what `make docs` writes, and has a line for every shipped notice."""
    written = (DOCS / "notices.md").read_text(encoding="utf-8")
    keys = [line.split("`")[1] for line in written.splitlines() if line.startswith("| `")]

    assert runpy.run_path(str(DOCS / "notices.py"))["page"]() == written
    assert [each.key for each in (*default_notices, *more_notices)] == keys
