"""Run one target by hand: ``python -m tests.fuzz bounces --seed 1 --count 100000``."""

from __future__ import annotations

import argparse
import sys

from tests.fuzz.running import fuzz
from tests.fuzz.targets import TARGETS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=list(TARGETS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=2000)
    options = parser.parse_args()
    outcome = fuzz(TARGETS[options.target], seed=options.seed, first=options.first, count=options.count)
    lines = [
        f"{outcome.count} inputs, slowest {outcome.slowest:.2f} s: {dict(outcome.said)}",
        *map(str, outcome.faults),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(bool(outcome.faults))


if __name__ == "__main__":
    sys.exit(main())
