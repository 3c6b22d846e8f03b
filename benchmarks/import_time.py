"""
What importing the library costs a program that runs asyncio anyway, and what it brings along.

Fresh interpreters, by turns. README.md says what the numbers mean.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

#: What a program imports, by the name under which it is shown.
PROGRAMS = {
    "bare": "import asyncio",
    "library": "import asyncio, proactive_notify",
    "notifier": "import asyncio\nfrom proactive_notify import Notifier",
}
#: What should be loaded by those only who use it.
HEAVY = ("aiohttp", "aiosmtplib", "babel", "click", "jinja2", "mjml", "rich", "sqlite3", "tenacity", "twilio", "typer")
#: Modules are compiled once, as they are where pip has installed them.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True)
class Start:
    """One fresh interpreter that started, ran a program and ended; in milliseconds."""

    wall: float
    #: What it used of a processor: other programs on the machine hardly change it.
    cpu: float


def main() -> int:
    options = _options()
    for program in PROGRAMS.values():
        _start(program)
    starts: dict[str, list[Start]] = {name: [] for name in PROGRAMS}
    for _ in range(options.rounds):
        for name, program in PROGRAMS.items():
            starts[name].append(_start(program))
    _show(_result(starts), as_json=options.json)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What `import proactive_notify` costs over `import asyncio`.")
    parser.add_argument("--json", action="store_true", help="print one JSON object on the last line")
    parser.add_argument("--rounds", type=int, default=15, metavar="N", help="interpreters of each kind (default: 15)")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds begins at 1")
    return options


def _start(program: str) -> Start:
    before, began = _cpu_seconds(), time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True, env=ENVIRONMENT)
    return Start(wall=(time.perf_counter() - began) * 1000, cpu=(_cpu_seconds() - before) * 1000)


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _loaded_by(program: str) -> list[str]:
    """Which of the heavy packages a program loads."""
    tell = f"{program}\nimport json, sys\nprint(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    found = subprocess.run([sys.executable, "-c", tell], check=True, capture_output=True, text=True, env=ENVIRONMENT)
    loaded: list[str] = json.loads(found.stdout)
    return loaded


def _result(starts: dict[str, list[Start]]) -> dict[str, Any]:
    wall = {name: [each.wall for each in found] for name, found in starts.items()}
    cpu = {name: [each.cpu for each in found] for name, found in starts.items()}
    return {
        "extra_ms": _extra(wall["library"], wall["bare"]),
        "extra_cpu_ms": _extra(cpu["library"], cpu["bare"]),
        "loaded": _loaded_by(PROGRAMS["library"]),
        "notifier_extra_ms": _extra(wall["notifier"], wall["bare"]),
        "notifier_extra_cpu_ms": _extra(cpu["notifier"], cpu["bare"]),
        "notifier_loaded": _loaded_by(PROGRAMS["notifier"]),
        **{f"{name}_ms": round(statistics.median(found), 1) for name, found in wall.items()},
        "rounds": len(starts["bare"]),
        "python": platform.python_version(),
    }


def _extra(mine: list[float], bare: list[float]) -> float:
    """The median of the differences within the rounds: what was slow in one was slow for all."""
    return round(statistics.median(a - b for a, b in zip(mine, bare, strict=True)), 1)


def _show(result: dict[str, Any], *, as_json: bool) -> None:
    for name, value in result.items():
        print(f"{name:<22} {', '.join(value) or 'nothing' if isinstance(value, list) else value}")
    if as_json:
        print(json.dumps(result))


if __name__ == "__main__":
    sys.exit(main())
