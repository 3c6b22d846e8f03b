"""The benchmarks run, and print on their last line the keys by which they are compared."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
BENCHMARKS = REPOSITORY / "benchmarks"

if not BENCHMARKS.is_dir():
    pytest.skip("the benchmarks are not here: these tests run against an installed wheel", allow_module_level=True)


def run(name: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCHMARKS / f"{name}.py"), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def result_of(name: str, *options: str) -> dict[str, Any]:
    """What a benchmark prints on its last line."""
    found = run(name, "--json", *options)

    assert 0 == found.returncode, found.stderr
    return json.loads(found.stdout.splitlines()[-1])


def test_the_replay_benchmark_measures_a_replay() -> None:
    """The replay benchmark prints its rates and its times, with several processes and with one, of the same replay."""
    result = result_of("replay", "--rounds", "1", "--orders", "30", "--jobs", "2")

    assert [
        "events_per_s",
        "messages_per_s",
        "seconds",
        "seconds_one_job",
        "cpu_seconds",
        "cpu_seconds_one_job",
        "jobs",
        "rounds",
        "log",
        "events",
        "rejected",
        "orders",
        "messages",
        "python",
        "cores",
    ] == list(result)
    assert ("generated, 30 orders", 30, 0, 2) == (
        result["log"],
        result["orders"],
        result["rejected"],
        result["jobs"],
    )
    assert result["messages"] > result["orders"]
    assert result["events_per_s"] == pytest.approx(result["events"] / result["seconds"], rel=0.1)
    assert result["messages_per_s"] == pytest.approx(result["messages"] / result["seconds"], rel=0.1)


def test_the_replay_benchmark_takes_any_log(tmp_path: Path) -> None:
    """A log of one's own is replayed and named; a small one by one process, as the command line would."""
    log = tmp_path / "mine.jsonl.gz"
    event = {"specversion": "1.0", "id": "1", "source": "shop", "type": "order.placed", "subject": "A-1"}
    with gzip.open(log, "wt", encoding="utf-8") as file:
        file.write(json.dumps({**event, "time": "2026-01-05T09:00:00Z", "data": {}}) + "\n")
    result = result_of("replay", "--rounds", "1", "--log", str(log))

    assert ("mine.jsonl.gz", 1, 1) == (result["log"], result["jobs"], result["events"])
    assert result["seconds"] == result["seconds_one_job"]


def test_the_import_benchmark_measures_an_import() -> None:
    """The import benchmark prints what the library costs over asyncio alone, and which heavy packages it loads."""
    result = result_of("import_time", "--rounds", "3")

    assert {"extra_ms", "loaded", "notifier_extra_ms", "notifier_loaded", "rounds"} <= result.keys()
    assert (3, []) == (result["rounds"], result["loaded"])
    assert min(result["bare_ms"], result["library_ms"], result["notifier_ms"]) > 0
    assert "jinja2" in result["notifier_loaded"]
    assert set() == {"twilio", "aiohttp", "typer"} & set(result["notifier_loaded"])


def test_the_sleepers_benchmark_measures_polls() -> None:
    """The sleepers benchmark prints what polls cost with few and with many promises, and reads no table row by row."""
    result = result_of("sleepers", "--rounds", "5", "--few", "200", "--many", "2000")

    assert {"ratio", "poll_us_10k", "poll_us_1m", "rss_mb_10k", "rss_mb_1m", "load_s", "rounds"} <= result.keys()
    assert ([200, 2000], True) == (result["promises"], result["plan_uses_index"])
    assert result["ratio"] == pytest.approx(result["poll_us_1m"] / result["poll_us_10k"], rel=0.1)
    assert 10 < result["rss_mb_10k"] < 500


@pytest.mark.parametrize("name", ["replay", "import_time", "sleepers", "sms"])
def test_a_wrong_option_is_said_and_nothing_is_measured(name: str) -> None:
    """A number of rounds that cannot be is refused with a sentence."""
    found = run(name, "--rounds", "0")

    assert (2, "") == (found.returncode, found.stdout)
    assert "--rounds begins at 1" in found.stderr


def test_every_benchmark_is_described() -> None:
    """Each benchmark has its section in the README beside it, with the keys that it prints."""
    described = (BENCHMARKS / "README.md").read_text(encoding="utf-8")
    scripts = sorted(path.name for path in BENCHMARKS.glob("[!_]*.py"))

    assert [] == [name for name in scripts if f"## {name}" not in described]
    assert [] == [
        key for key in ("events_per_s", "messages_per_s", "seconds", "extra_ms") if f"`{key}`" not in described
    ]


def test_the_sending_benchmark_measures_three_ways() -> None:
    """The sending benchmark prints the rates of the obvious code and of ours both ways, their ratios, and the waits."""
    result = result_of("send", "--rounds", "1", "--messages", "60", "--open-loop", "20", "--slow", "30")

    assert {
        "ratio_aiosmtplib",
        "ratio_pipelining",
        "cpu_s_per_1000",
        "p50_ms",
        "raw_p50_ms",
        "raw_p99_ms",
        "p99_ms",
        "record_p50_ms",
        "slow_ratio_pipelining",
    } <= result.keys()
    assert (60, 1, 20) == (result["messages"], result["rounds"], result["slow_ms"])


def test_the_sms_benchmark_measures_three_ways() -> None:
    """The SMS benchmark prints the rates of bare aiohttp, of Twilio's client and of ours, and their ratios."""
    result = result_of("sms", "--rounds", "1", "--messages", "64")

    assert {"ratio", "ratio_sdk", "ratio_cpu", "per_s", "raw_per_s", "sdk_per_s"} <= result.keys()
    assert (32, 64, 1) == (result["concurrent"], result["messages"], result["rounds"])
    assert result["ratio"] == pytest.approx(result["per_s"] / result["raw_per_s"], rel=0.1)
