"""
Orders told by SMS through workers that are killed at one place after the other: what Twilio has, and what came by mail.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from proactive_notify import MessageState
from tests.acceptance.fire.fast_clock import FastClock
from tests.acceptance.fire.processes import Program, Said, Stage
from tests.acceptance.fire.shop import order_id
from tests.acceptance.fire.stream import ask, mails_in
from tests.acceptance.fire.texting import number_of
from tests.acceptance.fire.twilio import order_of

#: So many orders a kill.
WAVE = 3
#: So many processes are ready to take over, so that nobody waits for one to start.
_STANDBYS = 2
_LIVE = f"state <= {int(MessageState.UNCERTAIN)}"
_IN_HAND = f"state in ({int(MessageState.CLAIMED)}, {int(MessageState.SENDING)})"


class Text(NamedTuple):
    """A line of Twilio's journal."""

    at: float
    process: int
    number: str
    sid: str

    @property
    def order(self) -> int:
        return order_of(self.number)


@dataclass
class Kill:
    """One ``kill -9``: of whom, where, on which order's message, and how that message stood then."""

    process: int
    place: str
    order: int
    state: MessageState
    #: Whether Twilio had it.
    was_taken: bool
    #: How many messages were in hand, and how many of them Twilio had.
    in_hand: int
    in_doubt: int

    @property
    def is_unknown(self) -> bool:
        """Whether the message had perhaps been sent, as far as the table knew; uncertain, where its lease had ended."""
        return self.state in (MessageState.SENDING, MessageState.UNCERTAIN)

    def __str__(self) -> str:
        taken = "taken" if self.was_taken else "not taken"
        return (
            f"kill -9 {self.process} at {self.place}: order {self.order}, {self.state.name.lower()}, {taken}; "
            f"{self.in_hand} in hand, {self.in_doubt} of them taken"
        )


class Texts:
    """
    Args:
        clock: of the shop and of Twilio.
        options: of ``texting.py``.
    """

    def __init__(self, stage: Stage, clock: FastClock, *options: object) -> None:
        self.stage, self.clock, self._options = stage, clock, options
        self.database, self._journal, self._mails = (stage.folder / name for name in ("orders.db", "texts", "mails"))
        self.kills: list[Kill] = []
        #: So many orders have been recorded, or begun to be.
        self.orders = 0
        self._waves: list[tuple[int, int, str]] = []
        self._ready: deque[Program] = deque()

    def open(self, *, twilio: str = "") -> None:
        """
        Start Twilio, the mail server, and those who will take over.

        Args:
            twilio: what Twilio hears first.
        """
        self.twilio = self.stage.start("twilio", self._journal, self.clock)
        sink = self.stage.start("sink", self._mails)
        self._url = self.twilio.hears("url").words[1]
        if twilio:
            self._tell_twilio(twilio)
        self._smtp = f"smtp://127.0.0.1:{sink.hears('port').words[1]}"
        first = self._start()
        first.hears("up")  # it makes the file
        self._ready.append(first)
        self._ready.extend(self._start() for _ in range(_STANDBYS - 1))

    def _start(self) -> Program:
        return self.stage.start("texting", self.database, self._url, self._smtp, self.clock, *self._options)

    def _next_worker(self) -> Program:
        worker = self._ready.popleft()
        self._ready.append(self._start())
        worker.hears("up")
        worker.say("work")
        worker.hears("working")
        return worker

    # -- the kills ----------------------------------------------------------------------------------------------------

    def kill_at(self, place: str) -> None:
        """Let a worker record a few orders, and kill it where the first message comes to ``place``."""
        worker = self._next_worker()
        places: dict[str, Callable[[Program], Said]] = {
            "taken": self._taken,
            "unread": self._unread,
            "settling": self._settling,
            "asked": self._asked,
        }
        order = int((places[place](worker) if place in places else self._halted(worker, place)).words[2])
        self._look(worker, place, order)

    def _halted(self, worker: Program, place: str) -> Said:
        """The worker stands still by itself."""
        worker.say("halt", place)
        self._record(worker)
        said = worker.hears("halted", place)
        worker.kill()
        return said

    def _taken(self, worker: Program) -> Said:
        """Twilio has taken the message, and its answer has not left."""
        self._tell_twilio("keep")
        said = self._heard_of("kept", worker)
        worker.kill()
        return said

    def _unread(self, worker: Program) -> Said:
        """Twilio's answer has left, and nobody has read it."""
        self._tell_twilio("fell")
        said = self._heard_of("felled", worker)
        worker.buried()
        worker.was_killed = True
        return said

    def _settling(self, worker: Program) -> Said:
        """Twilio's answer has been read, and the worker wants to write that down, but the store is held by another."""
        self._tell_twilio("keep")
        said = self._heard_of("kept", worker)
        with held(self.database):
            self.twilio.say("go")
            worker.hears("answered", said.words[2])
            worker.kill()
        return said

    def _asked(self, worker: Program) -> Said:
        """Twilio has been asked for a message of which nobody knows, and has not answered."""
        self._tell_twilio("ponder")
        said = self._heard_of("asked", worker)
        worker.kill()
        return said

    def _tell_twilio(self, command: str) -> None:
        before = self.twilio.count("heard")
        self.twilio.say(command)
        self.stage.wait(lambda: self.twilio.count("heard") > before, what="Twilio has heard")

    def _heard_of(self, word: str, worker: Program) -> Said:
        self._record(worker)
        return self.twilio.hears(word, str(worker.pid))

    def _record(self, worker: Program) -> None:
        wave = (self.orders, self.orders + WAVE, self.clock.now().isoformat())
        self._waves.append(wave)
        self.orders += WAVE
        worker.say("record", *wave)

    def _look(self, worker: Program, place: str, order: int) -> None:
        """Note how the messages stand that the killed had in hand."""
        taken = {text.order for text in self.texts}
        query = f"select order_id from pn_message where channel = 'sms' and {_IN_HAND}"
        in_hand = {number_of(str(found)) for (found,) in ask(self.database, query)}
        query = "select state from pn_message where channel = 'sms' and order_id = ?"
        ((state,),) = ask(self.database, query, order_id(order))
        kill = Kill(
            worker.pid,
            place,
            order,
            MessageState(int(str(state))),
            was_taken=order in taken,
            in_hand=len(in_hand),
            in_doubt=len(in_hand & taken),
        )
        self.kills.append(kill)

    # -- the end ------------------------------------------------------------------------------------------------------

    def finish(self, *, whom: Callable[[int], bool] = lambda _: True) -> None:
        """
        Record all orders once more, as a shop does that had no answer; wait until all is told; stop what runs.

        Args:
            whom: only these orders are waited for.
        """
        last = self._next_worker()
        for wave in self._waves:
            last.say("record", *wave)
        self.stage.wait(lambda: last.count("recorded") == self.orders, what="all orders are recorded")
        self.stage.wait_for_rows(lambda: not any(map(whom, self.under_way)), what="nothing is under way")
        last.stop()

    # -- what came of it ----------------------------------------------------------------------------------------------

    @property
    def under_way(self) -> set[int]:
        """The orders with a message that may still be sent, or of which nobody knows."""
        return {
            number_of(str(order)) for (order,) in ask(self.database, f"select order_id from pn_message where {_LIVE}")
        }

    @property
    def texts(self) -> list[Text]:
        """What Twilio took."""
        lines = [line.split("\t") for line in self._journal.read_text(encoding="utf-8").splitlines()]
        return [Text(float(at), int(process), number, sid) for at, process, number, sid in lines]

    @property
    def mails(self) -> dict[int, set[str]]:
        """Order → the Message-IDs of its mails. A mail that came twice under the same one is one."""
        found: defaultdict[int, set[str]] = defaultdict(set)
        for mail in mails_in(self._mails):
            found[number_of(mail.recipient.partition("@")[0])].add(mail.message_id)
        return dict(found)

    @property
    def mailed_at(self) -> dict[int, datetime]:
        """Order → when its last mail came, by the shop's clock."""
        return {number_of(m.recipient.partition("@")[0]): self.clock.at(m.at) for m in mails_in(self._mails)}

    def placed_at(self, order: int) -> datetime:
        return next(datetime.fromisoformat(at) for first, last, at in self._waves if first <= order < last)

    @property
    def words(self) -> Counter[int]:
        """Order → how many words its customer had, by SMS and by mail; nought where there was none."""
        words = Counter(dict.fromkeys(range(self.orders), 0))
        words.update(text.order for text in self.texts)
        words.update({order: len(ids) for order, ids in self.mails.items()})
        return words


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Hold the write lock of a SQLite file."""
    with closing(sqlite3.connect(database, timeout=30, isolation_level=None)) as db:
        db.execute("begin immediate")
        try:
            yield
        finally:
            db.execute("rollback")
