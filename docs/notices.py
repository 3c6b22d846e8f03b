"""
Writes notices.md beside it from the classes of the notices: ``make docs``.
"""

from pathlib import Path
from typing import Any

from proactive_notify import Notice, PromiseBroken, all_of
from proactive_notify.notices import default_notices, more_notices

HEAD = """# The notices

What a customer can be told, one line a notice. This page is written from the classes by `make docs`. What each looks
like shows `proactive-notify preview`, or `make gallery` in pictures; [the stories](stories.md) show them one after the
other, and [the numbers](policy.md) say when those come that no event causes.

* **Caused by**: the types of events. `promise.broken` is what the watchdog records when nothing came in time; the
  promise that breaks stands beside it where it is one.
* **Channels**: the first that reaches the customer; with *and*, each of them.
* **Forced**: told whatever else is told that day. Of the others an order has one a day at most, and a worse word that
  waits says it for them.
* **Legal**: the law asks for it, so it rather changes channel than miss its deadline, and does not expire.
* **Default**: *off* are those that some customers like and others call noise. Add them:
  `Notifier(notices=[*default_notices, Packed], …)` with `from proactive_notify.notices import Packed`; leave one out
  likewise.

| key | caused by | channels | forced | legal | default | what it says |
|---|---|---|---|---|---|---|
"""


def page() -> str:
    """Return the whole page."""
    lines = [row(each, default="on") for each in default_notices]
    return HEAD + "\n".join([*lines, *(row(each, default="off") for each in more_notices)]) + "\n"


def row(kind: type[Notice[Any]], *, default: str) -> str:
    """Return the line of one notice."""
    channels = (" and " if isinstance(kind.channels, all_of) else ", ").join(kind.channels)
    yes = {True: "yes", False: "no"}
    says = " ".join((kind.__doc__ or "").split()).replace("|", "/").removesuffix(_OFF)
    cells = (f"`{kind.key}`", causes(kind), channels, yes[kind.forced], yes[kind.legal], default, says)
    return f"| {' | '.join(cells)} |"


def causes(kind: type[Notice[Any]]) -> str:
    """Return the types of events; a broken promise with its kind, where the sample is one."""
    last = kind.sample()[-1]
    promise = f" ({last.promise})" if isinstance(last, PromiseBroken) and kind.key != "holding" else ""
    return ", ".join(f"`{each.type}`{promise if each is PromiseBroken else ''}" for each in kind.events)


_OFF = " Not among the notices that a shop has by default."

if __name__ == "__main__":
    Path(__file__).with_suffix(".md").write_text(page(), encoding="utf-8")
