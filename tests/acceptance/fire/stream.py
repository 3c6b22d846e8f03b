"""
A stream of orders through workers that are killed: what was lost, what was doubled, how soon others took over.
"""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from proactive_notify import MessageState
from tests.acceptance.fire.processes import Program, Stage
from tests.acceptance.fire.shop import MARKS, address

#: How many messages a worker has under way at once, unless it is told otherwise.
CONCURRENCY = 32
_CLAIMED = f"state in ({int(MessageState.CLAIMED)}, {int(MessageState.SENDING)})"
_SHOP = "shop"


class Claim(NamedTuple):
    """A row in the hands of a worker: one that is taken again has another token. The worker's clock marks the lease."""

    row: int
    token: str
    mark: int


class Mail(NamedTuple):
    """A line of the server's journal."""

    at: float
    process: int
    recipient: str
    message_id: str


@dataclass
class Kill:
    """One ``kill -9``."""

    process: int
    at: float
    #: So many mails had the server then.
    accepted: int
    #: What was in the hands of the killed, as the table says, with the ids of the messages.
    claims: dict[Claim, str]
    #: Where its connections were: phase → how many.
    phases: Counter[str] = field(default_factory=Counter)
    #: The id of the message whose ``250`` was written in the moment of the kill.
    answered: str | None = None
    #: The ids of the messages that the server had taken and the table did not know of.
    in_doubt: set[str] = field(default_factory=set)

    #: Seconds until the last of its rows was taken again.
    recovered_after: float = 0.0
    #: Seconds in which those who could take over waited for a processor meanwhile.
    noise: float = 0.0

    def __str__(self) -> str:
        phases = ", ".join(f"{count} at {phase}" for phase, count in sorted(self.phases.items()))
        return (
            f"kill -9 {self.process} when {self.accepted} were accepted: {len(self.claims)} rows claimed, "
            f"{len(self.in_doubt)} of them accepted; its connections: {phases or 'none'}; "
            f"taken again after {self.recovered_after:.2f} s"
        )


class Watch:
    """
    Looks at the claimed rows again and again, on a connection that only reads.

    Attributes:
        seen: claim → when it was last seen, in monotonic seconds.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self.seen: dict[Claim, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        db = sqlite3.connect(f"file:{self._database}?mode=ro", uri=True, timeout=30)
        try:
            while not self._stop.wait(0.02):
                found = claims_by(db)
                self.seen.update(dict.fromkeys(found, time.monotonic()))
        finally:
            db.close()


def ask(database: Path, query: str, *values: object) -> list[tuple[object, ...]]:
    """The rows of a query, asked on a connection of its own."""
    with closing(sqlite3.connect(database, timeout=30)) as db:
        return db.execute(query, values).fetchall()


def claims_by(db: sqlite3.Connection) -> dict[Claim, str]:
    """The claimed rows as they are now, with the ids of their messages."""
    query = f"select pk, token, lease_until % {MARKS}, id from pn_message where {_CLAIMED} and shop = ?"
    return {Claim(row, token, mark): message for row, token, mark, message in db.execute(query, (_SHOP,))}


def mails_in(journal: Path) -> list[Mail]:
    """The journal of the server."""
    lines = [line.split("\t") for line in journal.read_text(encoding="utf-8").splitlines()]
    return [Mail(float(at), int(process), recipient, message_id) for at, process, recipient, message_id in lines]


@dataclass(frozen=True)
class Plan:
    """
    How a stream goes.

    Args:
        workers: so many processes send.
        records: who records the orders: the ``workers``, or a ``producer`` that is never killed.
        pipelining: whether the server offers it.
    """

    name: str
    workers: int
    records: str
    pipelining: bool
    kills: int = 10
    orders: int = 2_000
    lease: float = 2.0
    #: Mails a second.
    rate: float = 300.0


class Stream:
    """One stream, from the first order to the last mail."""

    def __init__(self, plan: Plan, stage: Stage, *, seed: int) -> None:
        self.plan, self.stage = plan, stage
        self.database = stage.folder / "orders.db"
        self.journal = stage.folder / "journal"
        self.kills: list[Kill] = []
        self._chance = random.Random(seed)
        self._placed_at = datetime.now(UTC).isoformat()
        #: All that ever ran, by process.
        self._workers: set[int] = set()
        self._released = 0
        self._given: list[tuple[int, int, int]] = []
        self._recorded: set[int] = set()
        self._read = 0

    # -- the programs -------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Start the server, the workers and who records."""
        extensions = ["--pipelining"] if self.plan.pipelining else []
        self.sink = self.stage.start("sink", self.journal, "--rate", self.plan.rate, *extensions)
        self._url = f"smtp://127.0.0.1:{self.sink.hears('port').words[1]}"
        self.places = [self._start_worker() for _ in range(self.plan.workers)]
        self._recorders = self.places if self.plan.records == "workers" else [self._start()]
        for program in {*self.places, *self._recorders}:
            program.hears("up")

    def _start(self, *options: str) -> Program:
        given = ("--lease", self.plan.lease, "--placed-at", self._placed_at, "--mark", len(self.stage.programs))
        return self.stage.start("shop", self.database, self._url, *given, *options)

    def _start_worker(self) -> Program:
        worker = self._start("--worker")
        self._workers.add(worker.pid)
        return worker

    def release(self, count: int) -> None:
        """Let the next orders be recorded, by all who record."""
        each = -(-count // len(self._recorders))
        for place in range(len(self._recorders)):
            first, last = self._released, min(self._released + each, self.plan.orders)
            self._released = last
            self._given.append((place, first, last))
            self._record(place, first, last)

    def _record(self, place: int, first: int, last: int) -> None:
        if first < last:
            rate = self.plan.rate * 1.2 / len(self._recorders)
            self._recorders[place].say("record", first, last, rate)

    def _go_on_recording(self, place: int) -> None:
        """Record what was given to a place, from the first order on of which nobody has said that it is recorded."""
        recorded = self.recorded
        for whose, first, last in self._given:
            if whose == place:
                missing = next((number for number in range(first, last) if number not in recorded), last)
                self._record(place, missing, last)

    @property
    def accepted(self) -> int:
        """How many mails the server has taken."""
        return self.sink.count("accepted")

    @property
    def recorded(self) -> set[int]:
        """The orders whose record() has returned."""
        new = self.stage.lines("recorded", since=self._read)
        self._read += len(new)
        self._recorded.update(int(said.words[1]) for said in new)
        return self._recorded

    # -- the kills ----------------------------------------------------------------------------------------------------

    def burn(self, *, at_an_answer: bool = False) -> None:
        """
        Kill one worker after the other, each after it has reported progress, and start another in its place.

        Args:
            at_an_answer: the server kills, with a mail's ``250`` written and not yet read; else it is some moment.
        """
        kill_one = self._kill_at_an_answer if at_an_answer else self._kill_one
        bite = self.plan.orders // (self.plan.kills + 1)
        with Watch(self.database) as watch:
            self.release(bite)
            for _ in range(self.plan.kills):
                self.release(bite)
                kill_one()
            self.release(self.plan.orders - self._released)
            self._finish()
        self._look_back(watch)

    def _kill_one(self) -> None:
        target = self.accepted + self._chance.randint(10, 120)
        self.stage.wait(lambda: self.accepted >= target, what=f"{target} mails are accepted")
        self.stage.wait(self._in_progress, what="some progress")
        worker = self._chance.choice(self._in_progress())
        self._replace(worker, worker.kill())

    def _kill_at_an_answer(self) -> None:
        self.stage.wait(self._in_progress, what="some progress")
        before = self.sink.count("felled")
        self.sink.say("fell")
        self.stage.wait(lambda: self.sink.count("felled") > before, what="the server kills who sent a mail")
        said = self.sink.said("felled")[-1]
        (worker,) = (place for place in self.places if place.pid == int(said.words[1]))
        worker.buried()
        kill = self._replace(worker, said.at)
        kill.answered = said.words[2].partition("@")[0]

    def _in_progress(self) -> list[Program]:
        return [place for place in self.places if place.count("sent")]

    def _replace(self, worker: Program, at: float) -> Kill:
        """Look at the table after a worker was killed, and start another in its place."""
        with closing(sqlite3.connect(self.database, timeout=30)) as db:
            claims = {claim: message for claim, message in claims_by(db).items() if claim.mark == worker.number}
        place = self.places.index(worker)
        self.places[place] = self._start_worker()
        kill = Kill(worker.pid, at, self.accepted, claims)
        self.kills.append(kill)
        if self.plan.records == "workers":
            self._go_on_recording(place)
        return kill

    def _finish(self) -> None:
        """Wait until all is recorded and sent, and stop what runs."""
        plan = self.plan
        self.stage.wait(lambda: len(self.recorded) == plan.orders, what="all orders are recorded")
        sent = f"select count(*) from pn_message where state = {int(MessageState.SENT)}"
        self.stage.wait_for_rows(lambda: ask(self.database, sent) == [(plan.orders,)], what="all messages are sent")
        for program in {*self.places, *self._recorders}:
            program.hears("up")
            program.stop()

    def _look_back(self, watch: Watch) -> None:
        """Find for each kill what was in the hands of the killed."""
        lost: defaultdict[int, Counter[str]] = defaultdict(Counter)
        for said in self.stage.lines("lost"):
            if said.process == self.sink.pid:
                lost[int(said.words[1])][said.words[2]] += 1
        taken_by: defaultdict[int, set[str]] = defaultdict(set)
        for mail in self.mails:
            taken_by[mail.process].add(mail.message_id.partition("@")[0])
        for kill in self.kills:
            kill.phases = lost[kill.process]
            kill.in_doubt = {message for message in kill.claims.values() if message in taken_by[kill.process]}
            until = max((watch.seen.get(claim, kill.at) for claim in kill.claims), default=kill.at)
            since = self._could_begin(kill, until)
            kill.recovered_after = max(0.0, until - since)
            kill.noise = self._noise(since, until)

    def _could_begin(self, kill: Kill, until: float) -> float:
        """
        When the lease of a killed worker began, for who takes over: at the kill.

        Later if there was nobody at its end, for those who could have taken over were dead or not up yet.
        """
        killed_at = {each.process: each.at for each in self.kills}
        moment = kill.at + self.plan.lease
        for said in self.stage.lines("up"):
            end = killed_at.get(said.process, float("inf"))
            if said.process in self._workers and end > moment:
                moment = max(moment, said.at)
                if end > min(until, moment + 1.0):
                    break
                moment = end
        return moment - self.plan.lease

    def _noise(self, since: float, until: float) -> float:
        """For how long the worker that waited most was ready to run and did not, between two instants."""
        waited: defaultdict[int, list[tuple[float, float]]] = defaultdict(list)
        for said in self.stage.lines("waited"):
            waited[said.process].append((said.at, float(said.words[1])))
        found = [0.0]
        for told in waited.values():
            before = max((total for at, total in told if at <= since), default=told[0][1])
            after = min((total for at, total in told if at >= until), default=told[-1][1])
            if told[-1][0] > since:
                found.append(after - before)
        return max(found)

    # -- what came of it ----------------------------------------------------------------------------------------------

    @property
    def mails(self) -> list[Mail]:
        return mails_in(self.journal)

    @property
    def lost(self) -> set[str]:
        """The customers of recorded orders who have no mail."""
        return {address(number) for number in self.recorded} - {mail.recipient for mail in self.mails}

    @property
    def doubled(self) -> Counter[str]:
        """Message → how many times too often the server has it."""
        counts = Counter(mail.message_id.partition("@")[0] for mail in self.mails)
        return Counter({message: count - 1 for message, count in counts.items() if count > 1})

    @property
    def in_doubt(self) -> Counter[str]:
        """Message → at how many kills the server had it from the killed, and the table did not know."""
        return Counter(message for kill in self.kills for message in kill.in_doubt)

    @property
    def identities(self) -> dict[str, int]:
        """Customer → under how many Message-IDs she has mail."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for mail in self.mails:
            found[mail.recipient].add(mail.message_id)
        return {recipient: len(ids) for recipient, ids in found.items()}
