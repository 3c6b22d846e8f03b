"""The stories of examples/stories as shops that lived through them: a file each, and a notifier to ask it with."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from docs.why import STORIES
from proactive_notify import Email, EmailMessage, Notifier
from proactive_notify._store.sqlite import InlineSqlite
from proactive_notify.testing import RecordingTransport, VirtualClock

NAMES = sorted(path.stem for path in STORIES.glob("*.jsonl"))
#: How the command line names the notifier.
APP = ("--app", "lived_story:notifier")


@dataclass(frozen=True)
class Lived:
    """What is left of a story."""

    path: Path
    story: Any
    orders: tuple[str, ...]
    subjects: dict[str, list[str]]
    until: datetime

    def notifier(self, *, at: datetime | None = None) -> Notifier:
        """The shop's notifier at the story's end, or at another moment."""
        wire: RecordingTransport[EmailMessage] = RecordingTransport()
        return Notifier(
            self.story.shop,
            store=f"sqlite:///{self.path}",
            channels=[Email(wire, sender="Shop <orders@shop.example>")],
            policy=self.story.policy,
            clock=VirtualClock(at or self.until),
        )


def live(tell: ModuleType, name: str, folder: Path) -> Lived:
    """Live through a story; its file stays."""
    path = folder / f"{name}.db"
    (story,) = (each for each in tell.STORIES if each.name == name)
    played = asyncio.run(tell.play(story, store=InlineSqlite(str(path))))
    subjects: dict[str, list[str]] = {history.order.order_id: [] for history in played.histories}
    for message in played.messages:
        subjects[message.order_id].append(message.subject)
    return Lived(path=path, story=story, orders=tuple(subjects), subjects=subjects, until=played.until)


@contextmanager
def named(notifier: Notifier, module: str = "lived_story") -> Iterator[None]:
    """Let the command line find a notifier under a name."""
    made = ModuleType(module)
    made.notifier = notifier  # type: ignore[attr-defined]  # what --app names
    sys.modules[module] = made
    try:
        yield
    finally:
        del sys.modules[module]
