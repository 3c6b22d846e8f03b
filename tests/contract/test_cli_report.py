"""The page that tells a person what a replay found."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.contract.command_line import CommandLine, event, placed, write_log

EVIL = "<script>alert(1)</script>"


class Page(HTMLParser):
    """What a page loads, which tags it has, and its words."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.tags: list[str] = []
        self.words = ""
        self.feed(path.read_text(encoding="utf-8"))
        self.words = " ".join(self.words.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "action")]

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] != ["style"]:
            self.words += f" {data}"


def story() -> list[dict[str, Any]]:
    """An order that was late, one that was cancelled, one without an address, and one whose id is an attack."""
    due = {"promises": {"ship_by": "2026-01-07", "deliver_by": "2026-01-12"}}
    return [
        placed(1, order="A-1", **due),
        placed(2, order="A-2"),
        placed(3, order="A-3", email=None),
        placed(4, order=EVIL),
        event(5, "order.cancelled", order="A-2", time="2026-01-06T09:00:00Z", reason=EVIL),
        event(6, "order.shipped", order="A-1", time="2026-01-13T12:00:00Z", carrier="DHL"),
        event(7, "order.delivered", order="A-1", time="2026-01-14T12:00:00Z"),
        event(8, "order.sourcing", order=EVIL, time="2026-03-02T12:00:00Z", note=EVIL),
    ]


@pytest.fixture
def page(command: CommandLine, tmp_path: Path) -> Page:
    command("replay", write_log(tmp_path / "log.jsonl", *story(), "no event"), "--out", tmp_path / "out")
    return Page(tmp_path / "out" / "report.html")


def test_the_page_needs_nothing_else(page: Page) -> None:
    """It loads nothing and runs nothing, so it can be opened anywhere."""
    assert [] == page.loads
    assert set() == {"script", "link", "img", "iframe"} & set(page.tags)


def test_what_comes_from_outside_stands_there_as_text(page: Page, tmp_path: Path) -> None:
    """Order ids, notes and reasons are escaped."""
    source = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")

    assert EVIL not in source
    assert EVIL in page.words


def test_the_page_says_what_the_summary_says(page: Page) -> None:
    """The headline numbers, the notices, the broken promises by kind, the words to the staff, the rejected line."""
    for said in (
        "8 events of 4 orders from log.jsonl, replayed with the policy small-shop.",
        "1 unreachable orders whose customer has no address",
        "1 rejected lines no valid events; rejected.jsonl says why",
        "1 ship_by the day by which it should have shipped",
        "3 deliver_by the day by which it should have arrived",
        "going-quiet half of a silence had passed without news",
        "2026-01",
    ):
        assert said in page.words


def test_the_page_tells_of_orders(page: Page) -> None:
    """Telling orders are shown with what happened to them beside what their customers heard."""
    for said in (
        "Late, and delivered in the end A-1",
        "Cancelled A-2",
        "Nobody could be reached A-3",
        "order.shipped DHL shipped",
        "order-received was not said (unreachable)",
    ):
        assert said in page.words


def test_what_there_is_nothing_of_is_said(command: CommandLine, tmp_path: Path) -> None:
    """Where no promise was broken and the staff were told nothing, the page says so in words."""
    command("replay", write_log(tmp_path / "log.jsonl", placed(1)), "--out", tmp_path / "out")
    words = Page(tmp_path / "out" / "report.html").words

    assert "None was broken." in words
    assert "There were none." in words
