"""``make gallery``: the shop whose mails it shows, and the pictures that it takes."""

from __future__ import annotations

import shutil
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from docs.gallery import Page, browser, gallery, notifier
from proactive_notify.cli.sampling import sample

CHROMIUM = shutil.which("chromium") or ""
NEEDS_CHROMIUM = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine")
TALL = "<title>tall</title><body style='margin: 0; height: 900px'>"
#: Does not fit on a phone.
WIDE = f"{TALL}<div style='width: 500px'>wide"


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with browser(CHROMIUM) as page:
        yield page


def size(png: bytes) -> tuple[int, int]:
    """Width and height, from the first chunk (https://www.w3.org/TR/png-3/#11IHDR)."""
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_its_shop_tells_everything_as_a_customer_gets_it() -> None:
    """Each notice of its shop has a sample that would be told, also those that no shop has by default."""
    assert {} == {kind.key: said for kind in notifier.notices if (said := sample(kind, notifier).doubt)}


@NEEDS_CHROMIUM
async def test_a_picture_is_as_high_as_its_page(page: Page, tmp_path: Path) -> None:
    """All of a page is in the picture, or as much as is wanted."""
    file = tmp_path / "page.html"
    file.write_text(TALL, encoding="utf-8")

    whole, fits = await page.picture(file.as_uri(), width=375, scheme="light")
    part, _ = await page.picture(file.as_uri(), width=375, scheme="light", highest=200)

    assert ((375, 900), (375, 200), True) == (size(whole), size(part), fits)


@NEEDS_CHROMIUM
async def test_the_dark_is_what_the_page_makes_of_it(page: Page, tmp_path: Path) -> None:
    """The two schemes differ on a page that knows both, and on no other."""
    plain, both = tmp_path / "plain.html", tmp_path / "both.html"
    plain.write_text(TALL, encoding="utf-8")
    both.write_text(f"{TALL}<style>:root {{ color-scheme: light dark }}</style>", encoding="utf-8")

    taken = {
        file: [await page.picture(file.as_uri(), width=375, scheme=scheme) for scheme in ("light", "dark")]
        for file in (plain, both)
    }

    assert (True, False) == tuple(light == dark for light, dark in taken.values())


@NEEDS_CHROMIUM
async def test_what_is_too_wide_is_said(tmp_path: Path) -> None:
    """A mail that does not fit on a phone is named, and stands in the index with all its pictures."""
    for folder, name, content in (("mails", "wide.en", WIDE), ("mails", "index", TALL), ("replay", "report", TALL)):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / f"{name}.html").write_text(content, encoding="utf-8")

    assert ["wide.en.phone.light.png", "wide.en.phone.dark.png"] == await gallery(tmp_path, chromium=CHROMIUM)

    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    pictures = {each.name for each in (tmp_path / "pictures").iterdir()}
    assert 12 == len(pictures)
    assert set() == {name for name in pictures if f"pictures/{name}" not in index}
