"""Thousands of lives of an order: what tests/contract/test_invariants.py looks at in a few, looked at for longer."""

from __future__ import annotations

import os
from pathlib import Path
from time import monotonic

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.contract.order_life import OrderLife, write_templates

LIVES = int(os.environ.get("PN_LIVES", "2000"))
#: Which lives: the same ones for everybody who does not ask for others.
FIRST = int(os.environ.get("PN_FIRST_LIFE", "0"))
#: So many are begun at a time; the clock is looked at between.
BITE = 20
#: Seconds after which no more are begun.
LONG_ENOUGH = 90
LONG = settings(
    max_examples=BITE,
    stateful_step_count=50,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def test_no_life_of_an_order_breaks_what_always_holds(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An open promise, a word or its failing wire on record, nothing untrue, quiet after the end, one order."""
    caplog.set_level("CRITICAL", logger="proactive_notify")
    OrderLife.templates = write_templates(tmp_path / "plain")
    started, lived = monotonic(), 0

    while lived < LIVES and monotonic() - started < LONG_ENOUGH:
        lives = seed(FIRST + lived)(type("OrderLife", (OrderLife,), {}))
        run_state_machine_as_test(lives, settings=LONG)
        lived += BITE
    assert lived
