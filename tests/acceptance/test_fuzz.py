"""The writer of mails, the reader of bounces and the readers of events survive a hundred thousand inputs each."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed

import pytest

from tests.fuzz.running import Outcome, fuzz
from tests.fuzz.targets import TARGETS

COUNT = 100_000
#: Inputs that a process takes at a time.
BITE = 2_500
#: Another one looks elsewhere: ``PN_FUZZ_SEED=2 make acceptance``.
SEED = int(os.environ.get("PN_FUZZ_SEED", "100"))


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessPoolExecutor]:
    """As many processes as there are processors; started anew, so that they share nothing with the tests."""
    with ProcessPoolExecutor(os.cpu_count(), mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


def bite(name: str, first: int) -> Outcome:
    return fuzz(TARGETS[name], seed=SEED, first=first, count=min(BITE, COUNT - first))


def show(capsys: pytest.CaptureFixture[str], words: str) -> None:
    with capsys.disabled():
        print(words, flush=True)  # noqa: T201  # progress, for whoever waits


@pytest.mark.parametrize("name", TARGETS)
def test_a_hundred_thousand_inputs(
    name: str, processes: ProcessPoolExecutor, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each input ends in a result or in an error of ours, which quotes no address, within seconds of processor time."""
    began, total = time.monotonic(), Outcome()
    waiting: list[Future[Outcome]] = [processes.submit(bite, name, first) for first in range(0, COUNT, BITE)]
    for done in as_completed(waiting):
        total.add(done.result())
        if total.count % (10 * BITE) == 0 or total.faults:
            show(capsys, f"fuzz {name}: {total.count} of {COUNT} in {time.monotonic() - began:.0f} s")
        if total.faults:
            for each in waiting:
                each.cancel()
            break
    show(capsys, f"fuzz {name}, seed {SEED}: {dict(total.said)}, slowest input {total.slowest:.2f} s")

    assert [] == total.faults, "\n".join(map(str, total.faults))
    assert COUNT == total.count
