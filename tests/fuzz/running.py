"""
Runs one target over many generated inputs, and makes what it trips over small.

Each input is a function of target, seed and number, so a fault is found again by these three:
``python -m tests.fuzz bounces --seed 1 --first 4711 --count 1``.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

#: Processor seconds that one input may take: far more than any does, far less than an attacker would want.
SLOW = 5.0
#: How many smaller inputs are tried for one fault.
_TRIES = 3000


class Target(NamedTuple):
    """What is tried: `make` draws an input, `judge` says what became of it and raises if that is no good."""

    name: str
    make: Callable[[Random], Any]
    judge: Callable[[Any], str]


@dataclass(frozen=True)
class Fault:
    """One input that a target did not survive."""

    target: str
    seed: int
    number: int
    error: str
    smallest: str

    def __str__(self) -> str:
        again = f"python -m tests.fuzz {self.target} --seed {self.seed} --first {self.number} --count 1"
        return f"{self.target} number {self.number} of seed {self.seed}: {self.error}\n  {self.smallest}\n  {again}"


@dataclass
class Outcome:
    """What became of a run."""

    count: int = 0
    #: What the target said of its inputs → how often.
    said: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    #: Processor seconds of the slowest input.
    slowest: float = 0.0

    def add(self, other: Outcome) -> None:
        self.count += other.count
        self.said += other.said
        self.faults += other.faults
        self.slowest = max(self.slowest, other.slowest)


def drawn(target: Target, seed: int, number: int) -> Any:
    """The input of this number."""
    return target.make(Random(f"{target.name} {seed} {number}"))


def fuzz(target: Target, *, seed: int, first: int, count: int, most_faults: int = 3) -> Outcome:
    """Try so many inputs; after some faults it stops."""
    outcome = Outcome()
    for number in range(first, first + count):
        made = drawn(target, seed, number)
        began = time.process_time()
        wrong, said = _tried(target, made)
        took = time.process_time() - began
        outcome.count += 1
        outcome.slowest = max(outcome.slowest, took)
        outcome.said[said] += 1
        if not wrong and took > SLOW:
            wrong = f"Slow: {took:.1f} s of processor time"
        if wrong:
            small = made if wrong.startswith("Slow") else smallest(target, made, wrong)
            outcome.faults.append(Fault(target.name, seed, number, wrong[:300], repr(small)[:2000]))
            if len(outcome.faults) >= most_faults:
                break
    return outcome


def _tried(target: Target, made: Any) -> tuple[str, str]:
    """What is wrong, if anything is, and else what the target said."""
    try:
        return "", target.judge(made)
    except Exception as error:  # whatever it is: that is the question
        return f"{type(error).__name__}: {error}", "fault"


def smallest(target: Target, made: Any, wrong: str) -> Any:
    """The smallest input found that goes wrong in the same way."""
    kind = wrong.partition(":")[0]
    left = _TRIES
    found_smaller = True
    while found_smaller:
        found_smaller = False
        for candidate in _smaller(made):
            left -= 1
            if left < 0:
                return made
            if _tried(target, candidate)[0].partition(":")[0] == kind:
                made, found_smaller = candidate, True
                break
    return made


def _smaller(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from ({k: v for k, v in value.items() if k != key} for key in value if not key.startswith("_"))
        for key, inner in value.items():
            yield from ({**value, key: each} for each in _smaller(inner))
    elif isinstance(value, (bytes, str, list)):
        length = len(value)
        step = length
        while step:
            yield from (value[:at] + value[at + step :] for at in range(0, length, step))
            step //= 2
        if isinstance(value, list):
            for place, inner in enumerate(value):
                yield from ([*value[:place], each, *value[place + 1 :]] for each in _smaller(inner))
