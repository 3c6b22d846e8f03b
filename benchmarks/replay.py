"""
How long a replay takes: the real engine over an event log in virtual time, with every mail rendered.

It replays the whole log as ``proactive-notify replay`` does, with as many processes as that would use, and with one,
by turns. README.md says what the numbers mean.
"""

import argparse
import json
import logging
import os
import platform
import resource
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _generated_log import write as write_generated_log

from proactive_notify.simulation.replay import ReplayPlan
from proactive_notify.simulation.sharded import replay

#: Real orders, beside the checkout where they are.
SLICE = Path(__file__).resolve().parents[2] / "shared" / "data" / "olist-5k.jsonl.gz"
#: What the command line does: a small log is not worth a second process, and nothing is worth more than eight.
SMALL, MOST = 512 * 1024, 8


@dataclass(frozen=True)
class Round:
    """One replay of the whole log."""

    seconds: float
    #: Of processors, all processes together.
    cpu_seconds: float
    #: What came out, without how long it took: the same in every round, or something is wrong.
    outcome: dict[str, Any]


def main() -> int:
    options = _options()
    # A replay's words to the staff belong to the shop whose log it is.
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    with tempfile.TemporaryDirectory(prefix="proactive-notify-bench-") as folder:
        log, name = _log(options, Path(folder))
        jobs = options.jobs or _default_jobs(log)
        rounds = _by_turns(log, Path(folder), sorted({jobs, 1}, reverse=True), options.rounds)
    outcomes = [each.outcome for found in rounds.values() for each in found]
    if any(outcome != outcomes[0] for outcome in outcomes):
        print(f"the rounds differ: {outcomes}", file=sys.stderr)
        return 1
    _show(_result(rounds, jobs, name), as_json=options.json)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How long a replay takes, with every mail rendered.")
    parser.add_argument("--json", action="store_true", help="print one JSON object on the last line")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="replays of each kind (default: 3)")
    parser.add_argument("--jobs", type=int, default=0, metavar="N", help="processes (default: as the command line)")
    parser.add_argument("--log", type=Path, metavar="FILE", help="replay this log (default: the real one, if there)")
    parser.add_argument("--orders", type=int, metavar="N", help="replay a generated log of so many orders")
    options = parser.parse_args()
    if options.rounds < 1 or options.jobs < 0:
        parser.error("--rounds begins at 1, --jobs at 0")
    return options


def _log(options: argparse.Namespace, folder: Path) -> tuple[Path, str]:
    """The log to replay, and what to call it."""
    if options.orders is None and (options.log or SLICE.is_file()):
        found: Path = options.log or SLICE
        return found, found.name
    orders = options.orders or 2_000
    path = folder / "generated.jsonl.gz"
    write_generated_log(path, orders=orders)
    return path, f"generated, {orders} orders"


def _default_jobs(log: Path) -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST) if log.stat().st_size > SMALL else 1


def _by_turns(log: Path, folder: Path, kinds: list[int], rounds: int) -> dict[int, list[Round]]:
    """Replay with each number of processes in turn, so that a slow moment of the machine meets all of them."""
    found: dict[int, list[Round]] = {jobs: [] for jobs in kinds}
    for number in range(rounds):
        for jobs in kinds:
            found[jobs].append(_round(log, folder / "out", jobs))
            print(f"round {number + 1}, {jobs} jobs: {found[jobs][-1].seconds:.1f} s", file=sys.stderr)
    return found


def _round(log: Path, out: Path, jobs: int) -> Round:
    began, used = time.perf_counter(), _cpu_seconds()
    summary = replay(ReplayPlan(files=(str(log),), out=out), jobs=jobs)
    seconds, cpu_seconds = time.perf_counter() - began, _cpu_seconds() - used
    outcome = {name: value for name, value in summary.items() if name != "wall_seconds"}
    return Round(seconds=seconds, cpu_seconds=cpu_seconds, outcome=outcome)


def _cpu_seconds() -> float:
    both = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def _result(rounds: dict[int, list[Round]], jobs: int, log: str) -> dict[str, Any]:
    outcome = rounds[jobs][0].outcome
    seconds = statistics.median(each.seconds for each in rounds[jobs])
    return {
        "events_per_s": round(outcome["events"] / seconds, 1),
        "messages_per_s": round(outcome["messages"] / seconds, 1),
        "seconds": round(seconds, 2),
        "seconds_one_job": round(statistics.median(each.seconds for each in rounds[1]), 2),
        "cpu_seconds": round(statistics.median(each.cpu_seconds for each in rounds[jobs]), 2),
        "cpu_seconds_one_job": round(statistics.median(each.cpu_seconds for each in rounds[1]), 2),
        "jobs": jobs,
        "rounds": len(rounds[jobs]),
        "log": log,
        **{name: outcome[name] for name in ("events", "rejected", "orders", "messages")},
        "python": platform.python_version(),
        "cores": os.cpu_count(),
    }


def _show(result: dict[str, Any], *, as_json: bool) -> None:
    for name, value in result.items():
        print(f"{name:<20} {value}")
    if as_json:
        print(json.dumps(result))


if __name__ == "__main__":
    sys.exit(main())
