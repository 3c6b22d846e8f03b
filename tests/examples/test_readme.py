"""What the README says is so: its blocks of code run, and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from proactive_notify.testing import Simulation
from tests.examples.running import EXAMPLES

REPOSITORY = EXAMPLES.parent
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]


def block_after(marker: str) -> dict[str, Any]:
    """Run the block of code that follows a marker, and return its names."""
    block = re.search(rf"<!-- {marker} -->\n```python\n(.*?)```", README, re.DOTALL)
    assert block
    names: dict[str, Any] = {}
    exec(compile(block[1], "README.md", "exec"), names)
    return names


def test_the_notice_is_the_one_of_the_example() -> None:
    """The notice and the message in the README stand in the example as they are."""
    program = (EXAMPLES / "custom_notice.py").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(class PickupReady.*?)\n\n\nnotifier = ", README, re.DOTALL)
    notice, message = block.split("\n\n\n")

    assert f"{notice}\n" in program
    assert f"{message}\n" in program


async def test_the_test_passes(sim: Simulation) -> None:
    """The test that the README shows passes as it stands."""
    names = block_after("a-test")

    await names["test_a_late_parcel_is_announced_once"](sim)


async def test_the_shop_starts_and_stops(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The notifier of the README opens, runs its loops and ends."""
    monkeypatch.setenv("PN_SMTP_URL", "smtp://localhost:1")
    monkeypatch.chdir(tmp_path)

    await block_after("in-a-shop")["main"]()

    assert (tmp_path / "orders.db").is_file()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """A link to a file of the repository names one that is there."""
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if not (page.parent / link).exists()]

    assert [] == missing
