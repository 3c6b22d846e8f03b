"""Audits of the real orders by the command line, beside a plain count that knows nothing of the library."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.outside.silence_count import count

COPIES = 6
#: Aim: 60 s on two idle cores. The bound is wide, because the machines that run this are not idle.
SECONDS = 400
MEGABYTES = 300
TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Watched:
    """What a command cost, all its processes together."""

    peak: int = 0
    #: Process → seconds of CPU.
    cpu: dict[int, float] = field(default_factory=dict)

    def look(self, pid: int) -> None:
        """Look at a process and those that it started."""
        resident = 0
        for each in _family(pid):
            try:
                status = Path(f"/proc/{each}/status").read_text(encoding="ascii")
                times = Path(f"/proc/{each}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            except OSError:
                continue
            resident += sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
            self.cpu[each] = (int(times[11]) + int(times[12])) / TICK
        self.peak = max(self.peak, resident)


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return
    for each in children:
        yield from _family(int(each))


def audit(log: Path, out: Path) -> tuple[dict[str, Any], Watched, float]:
    """Audit a log as a user would; return what was found, what it cost, and how many seconds it took."""
    command = [sys.executable, "-m", "proactive_notify", "audit", str(log), "--out", str(out), "--json"]
    began, watched, is_over = time.monotonic(), Watched(), threading.Event()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        watcher = threading.Thread(target=_watch, args=(watched, running.pid, is_over))
        watcher.start()
        printed, complained = running.communicate(timeout=2 * SECONDS)
        is_over.set()
        watcher.join()

    assert 0 == running.returncode, complained[-4000:]
    return json.loads(printed), watched, time.monotonic() - began


def _watch(watched: Watched, pid: int, is_over: threading.Event) -> None:
    while not is_over.wait(0.1):
        watched.look(pid)


@pytest.fixture(scope="module")
def orders(shared: Path) -> Path:
    """The log of real orders."""
    return shared / "data" / "olist-5k.jsonl.gz"


def test_the_totals_agree_with_a_plain_count(orders: Path, tmp_path: Path) -> None:
    """Orders silent over 5, 10 and 20 business days, the longest silence, late orders and those untold: all agree."""
    counted = count(orders)
    found, _, _ = audit(orders, tmp_path)

    assert counted.orders == found["orders"]
    assert {str(over): orders for over, orders in counted.over.items()} == found["orders_over"]
    assert (counted.late, counted.late_untold) == (found["late_orders"], found["late_untold"])
    length, order = counted.longest
    assert {"hours": round(length.total_seconds() / 3600, 1), "order_id": order} == {
        name: found["longest_silence"][name] for name in ("hours", "order_id")
    }


def test_thirty_thousand_orders_need_little(orders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Six times the real orders have six times the silences, within 300 MB of memory for all processes together."""
    log = tmp_path / "six.jsonl"
    with gzip.open(orders, "rt", encoding="utf-8") as file, log.open("w", encoding="utf-8") as six:
        events = [json.loads(line) for line in file]
        for copy in range(COPIES):
            for event in events:
                named = {name: f"{event[name]}-{copy}" for name in ("id", "subject")}
                six.write(json.dumps({**event, **named}) + "\n")
    counted = count(orders)
    found, watched, seconds = audit(log, tmp_path / "out")
    with capsys.disabled():
        cpu, peak = sum(watched.cpu.values()), watched.peak / 1024
        took = f"{seconds:.1f} s, {cpu:.1f} s of CPU, {found['wall_seconds']:.1f} s in the audit"
        sys.stdout.write(f"\n{found['orders']:,} orders: {took}, peak {peak:.0f} MB\n")

    assert COPIES * counted.orders == found["orders"]
    assert {str(over): COPIES * orders for over, orders in counted.over.items()} == found["orders_over"]
    assert COPIES * counted.late_untold == found["late_untold"]
    assert watched.peak < MEGABYTES * 1024
    assert seconds < SECONDS
