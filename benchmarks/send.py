"""
How fast orders become mails: each durable before ``record()`` returns, rendered, and accepted by a fast SMTP server.

Beside it, in the same run and by turns, the obvious code: ``aiosmtplib.SMTP.send_message`` over eight connections, with
nothing durable. README.md says what the numbers mean.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
KINDS = ("raw", "aiosmtplib", "pipelining")
#: Milliseconds that the slow server waits before it says that it took a mail.
SLOW = 20


def main() -> int:
    options = _options()
    with _server() as port:
        fast = _by_turns(port, options.messages, options.rounds, "")
        waits, raw_waits = _open_loop(port, options)
    slow: dict[str, list[dict[str, Any]]] = {}
    if options.slow:
        with _server(delay_ms=SLOW) as port:
            slow = _by_turns(port, options.slow, options.rounds, f", {SLOW} ms")
    result = _result(fast, waits, slow, options) | {
        f"raw_{key}": _median(raw_waits, key) for key in ("p50_ms", "p99_ms")
    }
    for name, value in result.items():
        print(f"{name:24} {value}", file=sys.stderr)
    if options.json:
        print(json.dumps(result))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How fast orders become mails, beside the obvious code.")
    parser.add_argument("--json", action="store_true", help="print one JSON object on the last line")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="of each kind (default: 3)")
    parser.add_argument("--messages", type=int, default=5_000, metavar="N", help="a round (default: 5,000)")
    parser.add_argument("--open-loop", type=int, default=500, metavar="N", help="events, 50 a second (default: 500)")
    parser.add_argument("--slow", type=int, default=1_000, metavar="N", help="mails to the slow server (0: none)")
    options = parser.parse_args()
    if min(options.rounds, options.messages, options.open_loop) < 1:
        parser.error("--rounds, --messages and --open-loop begin at 1")
    return options


@contextmanager
def _server(*, delay_ms: int = 0) -> Iterator[int]:
    """A server in a process of its own; yields its port."""
    command = [sys.executable, str(HERE / "_sink.py"), "--delay-ms", str(delay_ms)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.terminate()


def _by_turns(port: int, messages: int, rounds: int, what: str) -> dict[str, list[dict[str, Any]]]:
    """Measure each kind in turn, so that a slow moment of the machine meets all of them."""
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for number in range(rounds):
        for kind in KINDS:
            found[kind].append(_one(kind, port, messages))
            print(f"round {number + 1}, {kind}{what}: {found[kind][-1]['per_s']:.0f} mails/s", file=sys.stderr)
    return found


def _open_loop(port: int, options: argparse.Namespace) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """How long single mails take at a steady rate, ours and those of the obvious code by turns."""
    kinds = ("open_loop", "raw_open_loop")
    found = [[_one(kind, port, options.open_loop) for kind in kinds] for _ in range(options.rounds)]
    return [ours for ours, _ in found], [raw for _, raw in found]


def _one(kind: str, port: int, count: int) -> dict[str, Any]:
    command = [sys.executable, str(HERE / "_one_sending.py"), kind, str(port), str(count)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _median(found: list[dict[str, Any]], key: str) -> float:
    return float(statistics.median(each[key] for each in found))


def _ratio(found: dict[str, list[dict[str, Any]]], kind: str) -> float:
    """The median of the rounds' own ratios to the obvious code."""
    pairs = zip(found[kind], found["raw"], strict=True)
    return round(statistics.median(ours["per_s"] / raw["per_s"] for ours, raw in pairs), 2)


def _result(
    fast: dict[str, list[dict[str, Any]]],
    waits: list[dict[str, Any]],
    slow: dict[str, list[dict[str, Any]]],
    options: argparse.Namespace,
) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ratio_aiosmtplib": _ratio(fast, "aiosmtplib"),
        "ratio_pipelining": _ratio(fast, "pipelining"),
        **{f"{kind}_per_s": _median(fast[kind], "per_s") for kind in KINDS},
        "cpu_s_per_1000": _median(fast["pipelining"], "cpu_s_per_1000"),
        "cpu_s_per_1000_aiosmtplib": _median(fast["aiosmtplib"], "cpu_s_per_1000"),
        "cpu_s_per_1000_raw": _median(fast["raw"], "cpu_s_per_1000"),
        **{key: _median(waits, key) for key in ("p50_ms", "p99_ms", "max_ms", "record_p50_ms")},
        "record_busy_ms": _median(fast["pipelining"], "record_busy_ms"),
    }
    if slow:
        result |= {
            "slow_ms": SLOW,
            "slow_ratio_aiosmtplib": _ratio(slow, "aiosmtplib"),
            "slow_ratio_pipelining": _ratio(slow, "pipelining"),
            **{f"slow_{kind}_per_s": _median(slow[kind], "per_s") for kind in KINDS},
        }
    return result | {
        "messages": options.messages,
        "rounds": options.rounds,
        "aiosmtplib": version("aiosmtplib"),
        "python": platform.python_version(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
    }


if __name__ == "__main__":
    sys.exit(main())
