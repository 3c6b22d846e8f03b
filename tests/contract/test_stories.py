"""Twelve hard cases from beginning to end: who hears what, and when, as it stands in examples/stories/."""

from __future__ import annotations

import difflib
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from proactive_notify import CustomerAnswered, MessageState
from proactive_notify.simulation.event_log import Arrival, EventLog

STORIES = Path(__file__).resolve().parents[2] / "examples" / "stories"
NAMES = sorted(path.stem for path in STORIES.glob("*.jsonl"))
COMMAND = "python examples/stories/tell.py"


@pytest.fixture(scope="module")
def tell() -> Iterator[ModuleType]:
    """The program that tells the stories."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(STORIES))
        import tell

        yield tell
    for name in ("tell", "timeline"):
        sys.modules.pop(name, None)


class Lives:
    """Each story is lived through once."""

    def __init__(self, tell: ModuleType) -> None:
        self.tell = tell
        self._played: dict[str, Any] = {}

    async def of(self, name: str) -> Any:
        if name not in self._played:
            (story,) = (each for each in self.tell.STORIES if each.name == name)
            self._played[name] = await self.tell.play(story)
        return self._played[name]


@pytest.fixture(scope="module")
def lives(tell: ModuleType) -> Lives:
    """What came of the stories."""
    return Lives(tell)


def test_there_are_twelve(tell: ModuleType) -> None:
    """Each story has its events, its timeline and a few words of what it is about."""
    assert 12 == len(NAMES)
    assert NAMES == sorted(path.stem for path in STORIES.glob("*.txt"))
    assert NAMES == sorted(story.name for story in tell.STORIES)
    assert {3} == {story.about.count(". ") + 1 for story in tell.STORIES}


@pytest.mark.parametrize("name", NAMES)
def test_the_events_can_be_replayed(name: str) -> None:
    """Every line is an event, so ``proactive-notify replay`` takes the files as they are."""
    found = list(EventLog([str(STORIES / f"{name}.jsonl")]).read())

    assert [] == [each for each in found if not isinstance(each, Arrival)]


@pytest.mark.parametrize("name", NAMES)
async def test_who_hears_what_is_what_the_timeline_says(name: str, lives: Lives) -> None:
    """Who hears what and when is what stands beside the events."""
    expected = (STORIES / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    lived = lives.tell.timeline(await lives.of(name)).splitlines()
    changed = "\n".join(difflib.unified_diff(expected, lived, f"{name}.txt", "as it is now", lineterm=""))

    if changed:
        pytest.fail(f"{changed}\n\nIf that is meant: {COMMAND}\n")


@pytest.mark.parametrize("name", NAMES)
async def test_nobody_is_told_twice(name: str, lives: Lives) -> None:
    """No notice is told twice for one reason, and no mail repeats the one before word for word on the same day."""
    played = await lives.of(name)
    reasons = Counter((each.order_id, each.notice, each.occasion, type(each)) for each in played.messages)
    words = Counter((each.order_id, each.subject, each.text, each.at.date()) for each in played.messages)

    assert [] == [reason for reason, count in (*reasons.items(), *words.items()) if count > 1]


@pytest.mark.parametrize("name", NAMES)
async def test_every_silence_is_spoken_for(name: str, lives: Lives) -> None:
    """By the day that a message names the next one has come, or a person has spoken, or the order has ended."""
    played = await lives.of(name)
    story = played.story
    broken = [each for history in played.histories for each in unspoken(history, until=played.until)]
    down = [datetime.fromisoformat(at).replace(tzinfo=story.zone) for at in story.outage or ()]

    assert [] == [(order, day) for order, day in broken if not (down and down[0] < day < down[1])]


def unspoken(history: Any, *, until: datetime) -> Iterator[tuple[str, datetime]]:
    """Yield the days that a message named for the next word, and by which none came although it was awaited."""
    sent = sorted((m for m in history.messages if m.state is MessageState.SENT), key=lambda m: m.settled_at)
    spoken = [fact.recorded_at for fact in history.facts if isinstance(fact.event, CustomerAnswered)]
    for message, following in pairwise([*sent, None]):
        day, next_at = message.next_word, following.settled_at if following else until
        by_a_person = any(message.settled_at < at <= next_at for at in spoken)
        is_over = following is None and not history.order.is_live
        if day is not None and day < next_at and not by_a_person and not is_over:
            yield history.order.order_id, day


def test_one_command_writes_them_anew(tell: ModuleType, tmp_path: Path) -> None:
    """``python examples/stories/tell.py --out FOLDER`` writes every timeline."""
    tell.main(["--out", str(tmp_path)])

    assert NAMES == sorted(path.stem for path in tmp_path.glob("*.txt"))
