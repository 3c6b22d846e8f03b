"""kill -9 in the middle of streams of orders: nothing is lost, and what is doubled was in the hands of the killed."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from proactive_notify import MessageState
from tests.acceptance.fire.processes import REPOSITORY, Stage, stage_in
from tests.acceptance.fire.stream import CONCURRENCY, Plan, Stream, ask
from tests.leaks import addresses_in, numbers_in

REPORT = REPOSITORY / "build" / "kill-report.json"
STREAMS = [
    Plan(name=f"{workers}-{records}-{'pipelining' if pipelining else 'plain'}-{number}", **fields)
    for workers in (1, 3)
    for number, (records, pipelining) in enumerate(
        [("workers", False), ("producer", False), ("workers", True), ("producer", True), ("workers", False)]
    )
    for fields in [{"workers": workers, "records": records, "pipelining": pipelining}]
]


class Report:
    """What came of each stream: a table in the terminal, and a file."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def lines(self) -> Iterator[str]:
        yield ""
        yield f"{'stream':<26} kills orders lost doubled in hand taken again after s: median worst (noise)"
        for row in self.rows:
            median, worst = statistics.median(row["recovery_s"]), max(row["recovery_s"])
            yield (
                f"{row['stream']:<26} {row['kills']:>5} {row['orders']:>6} {row['lost']:>4} {row['doubled']:>7} "
                f"{row['in_hand']:>7} {median:>28.2f} {worst:>5.2f} ({max(row['noise_s']):.2f})"
            )

    def add(self, stream: Stream) -> None:
        self.rows.append(
            {
                "stream": stream.plan.name,
                "kills": len(stream.kills),
                "orders": len(stream.recorded),
                "lost": len(stream.lost),
                "doubled": stream.doubled.total(),
                "in_hand": sum(len(kill.claims) for kill in stream.kills),
                "recovery_s": [round(kill.recovered_after, 3) for kill in stream.kills],
                "noise_s": [round(kill.noise, 3) for kill in stream.kills],
                "points": [str(kill) for kill in stream.kills],
            }
        )

    def write(self) -> None:
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text(json.dumps(self.rows, indent=1), encoding="utf-8")


class Terminal:
    """Says a line to who runs the tests, past the capture."""

    def __init__(self, config: pytest.Config) -> None:
        self._capture = config.pluginmanager.get_plugin("capturemanager")
        self._reporter: Any = config.pluginmanager.get_plugin("terminalreporter")

    def say(self, *lines: str) -> None:
        if self._reporter is not None and self._capture is not None:
            with self._capture.global_and_fixture_disabled():
                for line in lines:
                    self._reporter.ensure_newline()
                    self._reporter.write_line(line)


@pytest.fixture(scope="module")
def terminal(pytestconfig: pytest.Config) -> Terminal:
    return Terminal(pytestconfig)


@pytest.fixture(scope="module")
def report(terminal: Terminal) -> Iterator[Report]:
    report = Report()
    yield report
    if report.rows:
        report.write()
        terminal.say(*report.lines())


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with stage_in(tmp_path / "stage") as stage:
        yield stage


@pytest.mark.parametrize("plan", STREAMS, ids=lambda plan: plan.name)
def test_a_kill_loses_nothing(plan: Plan, stage: Stage, report: Report, terminal: Terminal) -> None:
    """
    Ten kills in a stream lose no order; a message is doubled only if the server had it and the table did not know, and
    then under its own Message-ID; the rows of the killed are taken again within the lease and a second.
    """
    stream = Stream(plan, stage, seed=STREAMS.index(plan))
    stream.open()
    stream.burn()
    report.add(stream)
    terminal.say("", *map(str, stream.kills))

    holds(stream)
    assert [] == [str(kill) for kill in stream.kills if kill.recovered_after - kill.noise > plan.lease + 1.0]
    assert statistics.median(kill.recovered_after for kill in stream.kills) <= plan.lease + 1.0


def test_a_kill_between_the_answer_and_the_commit(stage: Stage, report: Report, terminal: Terminal) -> None:
    """Who is killed when its server has just said 250 sends that mail again, and beside it only what was in flight."""
    plan = Plan("at-the-250", workers=1, records="workers", pipelining=False, kills=12, orders=600, lease=1.0)
    stream = Stream(plan, stage, seed=1)
    stream.open()
    stream.burn(at_an_answer=True)
    report.add(stream)
    terminal.say("", *map(str, stream.kills))

    assert [] == [str(kill) for kill in stream.kills if kill.answered not in kill.in_doubt]
    holds(stream)


def holds(stream: Stream) -> None:
    """What has to be true of every stream, whatever was killed."""
    plan = stream.plan
    assert (plan.kills, plan.orders) == (len(stream.kills), len(stream.recorded))
    assert set() == stream.lost
    assert stream.in_doubt == stream.doubled
    assert [] == [str(kill) for kill in stream.kills if len(kill.in_doubt) > CONCURRENCY]
    assert {1} == set(stream.identities.values())
    assert [("ok",)] == ask(stream.database, "pragma integrity_check")
    assert [] == told_twice_in(stream)
    assert [] == [*addresses_in(stream.stage.output), *numbers_in(stream.stage.output)]


def told_twice_in(stream: Stream) -> list[tuple[object, ...]]:
    """Messages that do not end as sent, with one decision that says so, and notices that are not told."""
    query = (
        "select m.id from pn_message m join pn_notice n on n.pk = m.notice_pk where m.state <> ? or n.state <> 'told' "
        "union all select order_id from pn_decision where decision = 'sent' group by order_id having count(*) > 1"
    )
    return ask(stream.database, query, int(MessageState.SENT))
