"""
Runs the commands that stand in why.md beside it, and writes down what they print: ``make docs``.

Two of them look at stories of ``examples/stories``, one at a shop in the middle of its day. Time is virtual.
"""

import asyncio
import contextlib
import io
import logging
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from proactive_notify import Customer, CustomerAsked, Email, Notifier, Shop
from proactive_notify._store.sqlite import InlineSqlite
from proactive_notify.cli import main
from proactive_notify.testing import Simulation, VirtualClock, order_paid, order_placed, order_shipped, tracking_updated
from proactive_notify.transports import ConsoleTransport

PAGE = Path(__file__).with_name("why.md")
STORIES = Path(__file__).resolve().parents[1] / "examples" / "stories"
#: Order → the story that it is from; the other command is about :func:`a_day`.
STORY_OF = {"K-5512": "friday_night_question", "W-412": "three_days_of_outage"}
#: As wide as the terminal that is shown.
WIDTH = "80"
_COMMAND = re.compile(r"(?<=```console\n)\$ proactive-notify (.+)\n[^`]*(?=```)")


def page() -> str:
    """Return the whole page, each command with what it prints now."""
    with tempfile.TemporaryDirectory() as folder, story_teller() as tell:
        return _COMMAND.sub(lambda found: answered(found[1], Path(folder), tell), PAGE.read_text(encoding="utf-8"))


def answered(command: str, folder: Path, tell: Any) -> str:
    """Return a command and what it prints, as a terminal shows it."""
    words = command.split()
    order_id = words[words.index("why") + 1] if "why" in words else ""
    made = lived(tell, STORY_OF[order_id], folder) if order_id else asyncio.run(a_day(folder / "day.db"))
    printed = io.StringIO()
    with named(made), contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
        main(words)
    return f"$ proactive-notify {command}\n{printed.getvalue()}"


def lived(tell: Any, name: str, folder: Path) -> Notifier:
    """Live through a story; return its shop's notifier when it has ended."""
    (story,) = (each for each in tell.STORIES if each.name == name)
    path = folder / f"{name}.db"
    played = asyncio.run(tell.play(story, store=InlineSqlite(str(path))))
    return notifier(story.shop, path, played.until, policy=story.policy)


async def a_day(path: Path) -> Notifier:
    """A shop on a Wednesday at noon: one order has no date, one asks, one is charged, one does not move."""
    shop = Shop(name="Acme", time_zone="Europe/Berlin", country="DE")
    async with Simulation(store=InlineSqlite(str(path)), shop=shop, start=datetime(2026, 3, 2, 8, tzinfo=UTC)) as sim:
        parcel = {"carrier": "dhl", "tracking_code": "JD0002"}
        await sim.record(order_placed("A-1001", customer=Customer(name="Ada Berger", email="ada@example.com")))
        placed = order_placed("A-1002", customer=Customer(name="Ben Okafor", email="ben@example.com"))
        await sim.record(placed, order_shipped("A-1002", **parcel))
        await sim.record(tracking_updated("A-1002", status="in_transit", **parcel))
        await sim.advance(hours=26)
        customer = Customer(name="Cleo Martin", email="cleo@example.com", phone="+4915112345678")
        placed = order_placed("A-1003", customer=customer, ship_by=date(2026, 3, 5))
        await sim.record(placed, order_paid("A-1003"))
        await sim.advance(hours=20)
        await sim.record(CustomerAsked(order_id="A-1002", text="Where is it?"))
        await sim.advance(hours=3)
        return notifier(shop, path, sim.now)


def notifier(shop: Shop, path: Path, now: datetime, **more: Any) -> Notifier:
    """The notifier of a shop's own program."""
    email = Email(ConsoleTransport(), sender="Shop <orders@shop.example>")
    return Notifier(shop, store=f"sqlite:///{path}", channels=[email], clock=VirtualClock(now), **more)


@contextlib.contextmanager
def named(made: Notifier) -> Iterator[None]:
    """Let ``--app shop.notify:notifier`` find it, in a terminal of some width without colours."""
    package, module = ModuleType("shop"), ModuleType("shop.notify")
    module.notifier = made  # type: ignore[attr-defined]  # what --app names
    before = os.environ.get("COLUMNS")
    sys.modules |= {"shop": package, "shop.notify": module}
    os.environ["COLUMNS"] = WIDTH
    try:
        yield
    finally:
        del sys.modules["shop"], sys.modules["shop.notify"], os.environ["COLUMNS"]
        os.environ |= {"COLUMNS": before} if before is not None else {}


@contextlib.contextmanager
def story_teller() -> Iterator[Any]:
    """The program that tells the stories."""
    sys.path.insert(0, str(STORIES))
    try:
        import tell

        yield tell
    finally:
        sys.path.remove(str(STORIES))
        for name in ("tell", "timeline"):
            sys.modules.pop(name, None)


if __name__ == "__main__":
    logging.disable()
    PAGE.write_text(page(), encoding="utf-8")
