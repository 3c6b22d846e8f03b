"""Replays of whole logs by the command line, judged by a checker that knows nothing of the engine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.outside import damage, generated_log
from tests.outside.arrivals import Log, read_log
from tests.outside.checker import Expected, check
from tests.outside.days import instant

SLICE = Expected(events=19_444, rejected=0, orders=5_010, noise_from=500)
SEEDS = (7, 8, 9)
TIMEOUT = 300
MARGIN = timedelta(days=14)  # late reports move a closing by a word's distance


def replay(log: Path, folder: Path) -> Path:
    """Run the replay of a log into a folder, as a user would."""
    command = [sys.executable, "-m", "proactive_notify", "replay", str(log), "--out", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)

    assert 0 == done.returncode, done.stderr[-4000:]
    return folder


def found(log: Path, folder: Path, expected: Expected | None = None) -> list[str]:
    """The first findings, as they are printed."""
    return [finding.line for finding in check(log, folder, expected=expected).findings[:25]]


@pytest.fixture(scope="module")
def orders(shared: Path) -> Path:
    """The log of real orders."""
    return shared / "data" / "olist-5k.jsonl.gz"


@pytest.fixture(scope="module")
def replayed(orders: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a replay of the real orders wrote."""
    return replay(orders, tmp_path_factory.mktemp("slice"))


@pytest.fixture(scope="module")
def late_orders(orders: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of real orders, its lines up to three days late and one in ten repeated."""
    path = tmp_path_factory.mktemp("late") / "shuffled.jsonl.gz"
    generated_log.shuffled(orders, path, seed=5, days=3, repeat=0.1)
    return path


@pytest.fixture(scope="module")
def late_replayed(late_orders: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a replay of the shuffled log wrote."""
    return replay(late_orders, tmp_path_factory.mktemp("shuffled"))


def test_real_orders_keep_every_promise(orders: Path, replayed: Path) -> None:
    """Nothing is found in the replay of the real orders, and all of them are counted."""
    assert [] == found(orders, replayed, SLICE)


@pytest.mark.parametrize("notice", ["holding", "order-received", "late"])
@pytest.mark.parametrize("harm", [damage.without_one, damage.with_one_doubled, damage.with_one_moved_by_a_week])
def test_damage_to_the_replay_is_found(
    harm: Callable[..., str], notice: str, orders: Path, replayed: Path, tmp_path: Path
) -> None:
    """One message missing, doubled or moved by a week among all of them is found, on its order and no other."""
    order = harm(replayed, tmp_path, notice=notice)
    report = check(orders, tmp_path, expected=SLICE)

    assert {order} == {finding.order for finding in report.findings}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_generated_log_keeps_every_promise(seed: int, tmp_path: Path) -> None:
    """Nothing is found on a log with every type of event, late and repeated lines, contradictions and all zones."""
    log = tmp_path / "generated.jsonl"
    generated_log.write(log, orders=300, seed=seed)
    folder = replay(log, tmp_path / "out")

    assert [] == found(log, folder)


def test_late_and_repeated_lines_keep_every_promise(late_orders: Path, late_replayed: Path) -> None:
    """With lines up to three days late and one in ten repeated nothing is told twice, and no confirmation is late."""
    assert [] == found(late_orders, late_replayed, Expected(events=19_444, rejected=0, orders=5_010))


def test_late_and_repeated_lines_end_alike(orders: Path, replayed: Path, late_replayed: Path) -> None:
    """The same orders are told as delivered and as cancelled, and the same of those that never ended are closed."""
    log = read_log(orders)
    in_order, late = notices_of(replayed), notices_of(late_replayed)
    unended = {id for id, types in types_of(log).items() if not types & {"order.delivered", "order.cancelled"}}

    for notice in ("delivered", "cancelled", "order-received"):
        assert in_order[notice] == late[notice], notice
    settled = log.until - MARGIN
    closings, late_closings = dict(closings_of(replayed)), dict(closings_of(late_replayed))
    early = {id for id in unended if closings.get(id, log.until) < settled}
    late_early = {id for id in unended if late_closings.get(id, log.until) < settled}
    assert early <= late_closings.keys()
    assert late_early <= closings.keys()


def types_of(log: Log) -> dict[str, set[str]]:
    """The types of events of each order."""
    return {id: {event.type for event in events} for id, events in log.orders.items()}


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """The objects in a file of JSON lines."""
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file)


def notices_of(folder: Path) -> dict[str, set[str]]:
    """The orders that were told each notice."""
    told: dict[str, set[str]] = defaultdict(set)
    for row in rows_of(folder / "messages.jsonl"):
        told[row["notice"]].add(row["order_id"])
    return told


def closings_of(folder: Path) -> Iterator[tuple[str, Any]]:
    """The orders that were closed, and when last."""
    for row in rows_of(folder / "decisions.jsonl"):
        if row["decision"] == "closed":
            yield row["order_id"], instant(row["at"])
