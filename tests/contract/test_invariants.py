"""What always holds, whatever happens to an order and to the wires: see order_life."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from .order_life import OrderLife, write_templates

#: Each example is a whole life in the real engine; tests/acceptance looks longer.
EXAMPLES = int(os.environ.get("PN_LIVES", "30"))
STEPS = 25
CALM = settings(max_examples=EXAMPLES, stateful_step_count=STEPS, suppress_health_check=list(HealthCheck))


def test_no_life_of_an_order_breaks_what_always_holds(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An open promise, a word or its failing wire on record, nothing untrue, quiet after the end, one order."""
    caplog.set_level("CRITICAL", logger="proactive_notify")
    OrderLife.templates = write_templates(tmp_path / "plain")

    run_state_machine_as_test(OrderLife, settings=CALM)
