"""The order that went silent: what is in its log, and what the customer hears of it now."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from proactive_notify import CustomerAsked, Event, OrderPaid, Shop, event_from_wire
from proactive_notify.testing import Simulation
from tests.examples.running import EXAMPLES

LOG = EXAMPLES / "jonathan_adler.jsonl"


@pytest.fixture
def happened() -> list[Event]:
    """Every event of the log."""
    return [event_from_wire(json.loads(line)) for line in LOG.read_text(encoding="utf-8").splitlines()]


def the(kind: type[Event], happened: list[Event]) -> Event:
    (event,) = (each for each in happened if type(each) is kind)
    return event


def test_the_log_is_silent_between_the_charge_and_the_question(happened: list[Event]) -> None:
    """No event comes for five days after the card was charged, and the next one is the customer's own."""
    paid, asked = the(OrderPaid, happened), the(CustomerAsked, happened)
    between = [each for each in happened if paid.happened_at < each.happened_at < asked.happened_at]

    assert [] == between
    assert timedelta(days=5) < asked.happened_at - paid.happened_at


async def test_she_is_told_before_she_has_to_ask(happened: list[Event]) -> None:
    """Without one event she hears about the card and about the next word, and the staff are asked before that."""
    asked = the(CustomerAsked, happened)
    async with Simulation(shop=Shop(name="Jonathan Adler"), start=happened[0].happened_at) as sim:
        for event in happened:
            if event.happened_at < asked.happened_at:
                await sim.record_at(event.happened_at, event)
        await sim.run_until(asked.happened_at)
        history = await sim.notifier.why(asked.order_id)
    first, *_ = sim.messages("holding")

    assert history
    assert history.staff[0].at < first.at < asked.happened_at
    assert "You were charged $424.63" in first.text
    assert "You hear from us again by Tuesday, 14 April at the latest" in first.text


async def test_nothing_is_told_twice(happened: list[Event]) -> None:
    """Each message of the story is there for a reason of its own."""
    async with Simulation(start=happened[0].happened_at) as sim:
        for event in happened:
            await sim.record_at(event.happened_at, event)
    reasons = [(message.notice, message.occasion) for message in sim.sent]

    assert len(reasons) == len(set(reasons))
    assert ("order-received", "delivered") == (reasons[0][0], reasons[-1][0])


def test_the_point_is_made_in_forty_lines() -> None:
    """Who runs the program sees all of it on one screen."""
    assert 40 >= len((EXAMPLES / "jonathan_adler.out").read_text(encoding="utf-8").splitlines())


def test_it_can_be_replayed_from_the_command_line(tmp_path: Path) -> None:
    """``make demo`` writes one mail a message, and says where."""
    replay = [sys.executable, "-m", "proactive_notify", "replay", str(LOG), "--out", "demo", "--mail"]
    done = subprocess.run(replay, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=60, check=False)

    assert 0 == done.returncode, done.stderr
    messages = (tmp_path / "demo" / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(messages) == len(list((tmp_path / "demo" / "mail").glob("*.eml"))) > 0
    assert "demo" in done.stdout
