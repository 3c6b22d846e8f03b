"""The order that went silent, by text: what the STOP in the middle of it changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples.running import EXAMPLES, run


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What the program prints."""
    folder: Path = tmp_path_factory.mktemp("story")
    return run(EXAMPLES / "sms_story.py", cwd=folder).splitlines()


def test_texts_end_with_the_stop_and_emails_go_on(lines: list[str]) -> None:
    """Before the STOP what cannot wait is texted; after it one text confirms it and all else goes by email."""
    stop = next(number for number, line in enumerate(lines) if "stop texting me" in line)
    before = [line for line in lines[:stop] if "-> " in line]
    after = [line for line in lines[stop:] if "-> " in line]

    assert 4 == sum("-> text" in line for line in before)
    assert ["You will get no more texts from us." in line for line in after] == ["-> text" in line for line in after]
    assert 1 == sum("-> text" in line for line in after)
    assert ["No news yet", "Shipped", "Arriving today", "Delivered"] == [
        line.partition("-> email   ")[2].partition(":")[0] for line in after if "-> email" in line
    ]


def test_where_it_is_is_answered_in_the_same_minute(lines: list[str]) -> None:
    """The question by text has its answer in the next line."""
    asked = next(number for number, line in enumerate(lines) if "Where is my order?" in line)

    assert lines[asked][:16] == lines[asked + 1][:16]
    assert "The last we know: your payment arrived" in lines[asked + 1]
