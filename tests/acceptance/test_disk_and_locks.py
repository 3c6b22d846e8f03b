"""A disk that is full, a file that is locked, a clock that is set back: it goes on, and nothing is lost or doubled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from proactive_notify import MessageState
from tests.acceptance.fire.disk import DISKS, Disk
from tests.acceptance.fire.processes import Program, Stage, stage_in
from tests.acceptance.fire.shop import address, order_id
from tests.acceptance.fire.stream import ask, mails_in
from tests.leaks import addresses_in, numbers_in

#: How many connections a transport has, unless it is told otherwise.
CONNECTIONS = 8
#: Seconds for what has to happen at once; what waits for a lease of a minute, or for an hour, comes later.
SOON = 20.0
HOUR = 3600


class Corner:
    """A shop's file, a mail server that can be told to wait, and the programs on them."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage, self.database, self.journal = stage, folder / "orders.db", stage.folder / "journal"
        self._placed_at = datetime.now(UTC).isoformat()
        self.sink = stage.start("sink", self.journal)
        self._url = f"smtp://127.0.0.1:{self.sink.hears('port').words[1]}"

    def start(self, *options: object) -> Program:
        """Start a shop's program and wait until it is up."""
        given = ("--placed-at", self._placed_at, *options)
        program = self.stage.start("shop", self.database, self._url, *given)
        program.hears("up")
        return program

    def work(self, *options: object) -> Program:
        """Start a program that runs a worker."""
        return self.start("--worker", *options)

    def tell_sink(self, word: str) -> None:
        """Say a word to the server, and wait until it is heard."""
        before = self.sink.count("heard")
        self.sink.say(word)
        self.stage.wait(lambda: self.sink.count("heard") > before, what=f"the server hears {word}")

    def record(self, program: Program, first: int, last: int) -> None:
        """Let a program record orders, and wait until it has tried them all."""
        before = program.count("recorded-all")
        program.say("record", first, last, 1000)
        self.stage.wait(lambda: program.count("recorded-all") > before, what=f"orders {first} to {last} are recorded")

    def wait_accepted(self, count: int) -> None:
        self.stage.wait(lambda: self.sink.count("accepted") >= count, what=f"{count} mails are accepted")

    def live_on(self, program: Program, pulses: int) -> None:
        """Wait until a program's loop has turned for so many fifths of a second."""
        end = program.count("waited") + pulses
        self.stage.wait(lambda: program.count("waited") >= end, what=f"{program} lives on")

    def wait_sent(self, count: int, *, seconds: float = SOON) -> None:
        """Wait until so many messages are sent, and written down as sent."""
        self.wait_in_state(MessageState.SENT, count, seconds=seconds)

    def wait_in_state(self, state: MessageState, count: int, *, seconds: float = SOON) -> None:
        query = f"select count(*) from pn_message where state = {int(state)}"
        what = f"{count} messages are {state.name.lower()}"
        self.stage.wait_for_rows(lambda: ask(self.database, query) == [(count,)], what=what, seconds=seconds)

    @property
    def mails(self) -> Counter[str]:
        """Customer → how many mails she has."""
        return Counter(mail.recipient for mail in mails_in(self.journal))

    def recorded(self, *programs: Program) -> set[int]:
        return {int(said.words[1]) for program in programs for said in program.said("recorded")}

    def refused(self, *programs: Program) -> dict[int, str]:
        """Order → the error that record() raised."""
        return {int(said.words[1]): said.words[2] for program in programs for said in program.said("refused")}

    def end_well(self, *programs: Program) -> None:
        """All programs stop cleanly, the file is sound, and nobody said who the customers are."""
        for program in programs:
            program.stop()
        assert [("ok",)] == ask(self.database, "pragma integrity_check")
        assert [] == [*addresses_in(self.stage.output), *numbers_in(self.stage.output)]


def once(numbers: range) -> Counter[str]:
    """One mail for the customer of each order."""
    return Counter(address(number) for number in numbers)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with stage_in(tmp_path / "stage") as stage:
        yield stage


@pytest.fixture
def corner(stage: Stage, tmp_path: Path) -> Corner:
    return Corner(stage, tmp_path)


@pytest.fixture(params=DISKS)
def disk(request: pytest.FixtureRequest, stage: Stage, tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    with DISKS[request.param](folder, stage) as disk:
        yield disk


@pytest.fixture
def full_corner(stage: Stage, disk: Disk) -> Corner:
    return Corner(stage, disk.folder)


# A full disk


def test_recording_on_a_full_disk(full_corner: Corner, disk: Disk) -> None:
    """record() says StoreUnusable and writes nothing by halves; with room again the same facts are taken and told."""
    corner = full_corner
    till = corner.start()
    corner.record(till, 0, 20)
    disk.fill()
    corner.record(till, 20, 60)
    refused = corner.refused(till)
    disk.free()

    assert {"StoreUnusable"} == set(refused.values())
    assert set(range(60)) == corner.recorded(till) ^ refused.keys()
    for table in ("pn_order", "pn_event", "pn_notice", "pn_message", "pn_promise"):
        found = ask(corner.database, f"select distinct order_id from {table} order by order_id")
        assert [(order_id(number),) for number in sorted(corner.recorded(till))] == found, table

    corner.record(till, 20, 80)
    worker = corner.work()
    corner.wait_sent(80)
    assert set(range(80)) == corner.recorded(till)
    assert once(range(80)) == corner.mails
    corner.end_well(till, worker)


@pytest.mark.parametrize("lease", [60, 1], ids=["within-the-lease", "longer-than-the-lease"])
def test_settling_on_a_full_disk(full_corner: Corner, disk: Disk, lease: int) -> None:
    """What was sent while nothing could be written is settled when there is room again, and not sent again."""
    corner = full_corner
    worker = corner.work("--lease", lease)
    corner.tell_sink("hold")
    corner.record(worker, 0, 20)
    corner.wait_accepted(CONNECTIONS)
    corner.wait_in_state(MessageState.CLAIMED, 20)
    disk.fill()
    corner.tell_sink("go")
    corner.wait_accepted(20)
    corner.live_on(worker, 15)
    unsettled = ask(corner.database, "select count(*) from pn_message where state = 1")
    disk.free()

    assert [(20,)] == unsettled
    corner.wait_sent(20)
    corner.record(worker, 20, 40)
    corner.wait_sent(40)
    assert {} == corner.refused(worker)
    assert once(range(40)) == corner.mails
    corner.end_well(worker)


# A locked file


def locked_for(corner: Corner, seconds: float, workers: list[Program], till: Program) -> None:
    """Somebody else holds the write lock while mails are under way and orders come in."""
    corner.tell_sink("hold")
    corner.record(till, 0, 40)
    corner.wait_accepted(CONNECTIONS * len(workers))
    holder = corner.stage.start("holder", corner.database, seconds)
    holder.hears("holding")
    corner.tell_sink("go")
    till.say("record", 40, 60, 1000)
    holder.hears("released", seconds=seconds + SOON)
    corner.stage.wait(lambda: till.count("recorded-all") == 2, what="the orders of the meantime are recorded")


@pytest.mark.parametrize(("lease", "workers"), [(60, 2), (2, 1), (2, 2)])
def test_a_file_that_is_locked_for_20_seconds(corner: Corner, lease: int, workers: int) -> None:
    """Who records waits and succeeds; the workers go on afterwards, and nothing is sent twice."""
    working = [corner.work("--lease", lease) for _ in range(workers)]
    till = corner.start()
    locked_for(corner, 20, working, till)

    corner.wait_sent(60)
    assert {} == corner.refused(till)
    assert once(range(60)) == corner.mails
    corner.end_well(till, *working)


def test_a_file_that_is_locked_for_longer_than_we_wait(corner: Corner) -> None:
    """record() waits or says StoreUnusable; nothing is lost, and what was sent is settled and not sent again."""
    worker, till = corner.work(), corner.start()
    locked_for(corner, 33, [worker], till)
    refused = corner.refused(till)

    assert set(refused.values()) <= {"StoreUnusable"}
    corner.wait_sent(60 - len(refused))
    corner.record(till, 40, 60)
    corner.wait_sent(60)
    assert once(range(60)) == corner.mails
    corner.end_well(till, worker)


# A clock that is set back


@pytest.mark.parametrize("workers", [1, 2])
def test_a_clock_set_back_while_mails_are_under_way(corner: Corner, workers: int) -> None:
    """Mails that are under way are settled and not sent again, and new orders are told at once."""
    working = [corner.work() for _ in range(workers)]
    corner.tell_sink("hold")
    corner.record(working[-1], 0, CONNECTIONS)
    corner.wait_accepted(CONNECTIONS)
    for worker in working:
        worker.say("clock", -HOUR)
        worker.hears("clock")
    corner.live_on(working[-1], 15)
    corner.tell_sink("go")
    corner.record(working[-1], CONNECTIONS, 40)

    corner.wait_sent(40)
    assert once(range(40)) == corner.mails
    corner.end_well(*working)


def test_a_clock_set_back_after_a_worker_died(corner: Corner) -> None:
    """The rows of a dead worker, whose lease now ends in an hour, are taken over within the time of a lease."""
    dead = corner.work("--lease", 2)
    corner.tell_sink("hold")
    corner.record(dead, 0, 20)
    corner.wait_accepted(CONNECTIONS)
    dead.kill()
    corner.tell_sink("go")
    worker = corner.work("--clock", -HOUR, "--lease", 2)

    corner.wait_sent(20)
    doubled = {recipient for recipient, count in corner.mails.items() if count > 1}
    assert {mail.recipient for mail in mails_in(corner.journal) if mail.process == dead.pid} == doubled
    assert once(range(20)).keys() == corner.mails.keys()
    corner.end_well(worker)


def test_a_clock_set_back_while_messages_wait(corner: Corner) -> None:
    """Messages that were due when the clock was set back do not wait for the hour to pass a second time."""
    till = corner.start()
    corner.record(till, 0, 20)
    till.stop()
    worker = corner.work("--clock", -HOUR)

    corner.wait_sent(20)
    assert once(range(20)) == corner.mails
    corner.end_well(worker)
