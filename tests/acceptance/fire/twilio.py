"""
Twilio in a process of its own: it writes down each message before it says that it took it.

::

    python -m tests.acceptance.fire.twilio JOURNAL CLOCK

It listens on a free port of loopback and says so: ``url http://127.0.0.1:40001``. The path of a client's base URL names
its process (``/pid-4711``). One line of the journal is one message, written before its answer goes out: instant
(monotonic seconds), process, number, SID. A message is listed 75 seconds later, by CLOCK (``FastClock``).

Heard on standard input, each for the next request of its kind only: ``keep`` (take a message and keep the answer until
``go``), ``fell`` (take a message, answer, and kill the client before it can read that), ``ponder`` (never answer a
look-up). For all that follow: ``away`` (look-ups are answered with 503).

Said on standard output: ``kept <process> <order>``, ``felled <process> <order>``, ``asked <process> <order>``, where
the order is what the telephone number ends with; ``fault …`` for a request that Twilio would not take.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tests.acceptance.fire.fast_clock import FastClock
from tests.acceptance.fire.shop import listen, say
from tests.contract.twilio_description import description
from tests.contract.twilio_server import Reply, Request, Taken, TwilioServer, refusal, written

#: Until then nobody is told of a message that was taken.
LISTED_AFTER = timedelta(seconds=75)
_CLIENT = re.compile(r"/pid-(\d+)(/.*)", re.DOTALL)


def order_of(number: str) -> int:
    """The number of the order whose customer has this telephone number."""
    return int(number[-6:])


class Twilio(TwilioServer):
    """
    Args:
        journal: an open file.
    """

    def __init__(self, journal: int, clock: FastClock) -> None:
        super().__init__()
        self._journal, self._clock = journal, clock
        self._process = 0
        self._wanted: Counter[str] = Counter()
        self._is_away = False
        self._may_answer = asyncio.Event()

    def hear(self, command: str) -> None:
        match command:
            case "keep" | "fell" | "ponder":
                self._may_answer.clear()
                self._wanted[command] += 1
            case "go":
                self._may_answer.set()
            case "away":
                self._is_away = True
            case _:
                raise ValueError(command)
        say("heard", command)

    async def _serve(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        found = _CLIENT.fullmatch(request.target)
        assert found is not None
        self._process, request = int(found[1]), replace(request, target=found[2])
        if known := description():
            for fault in known.faults(request.method, request.target, request.headers, request.body):
                say("fault", fault)
        if request.method == "GET":
            await self._find(request, writer)
        else:
            await self._create(request, writer)
        return True

    async def _find(self, request: Request, writer: asyncio.StreamWriter) -> None:
        if self._wants("ponder"):
            say("asked", self._process, order_of(request.query["To"]))
            await writer.wait_closed()
        writer.write(written(refusal(20503, 503) if self._is_away else self._usual_reply(request)))
        await writer.drain()

    async def _create(self, request: Request, writer: asyncio.StreamWriter) -> None:
        process, order, answer = self._process, order_of(request.form["To"]), written(self._usual_reply(request))
        is_kept, is_felled = self._wants("keep"), self._wants("fell")
        if is_kept:
            say("kept", process, order)
            await self._may_answer.wait()
        if is_felled:
            os.kill(
                process, signal.SIGSTOP
            )  # or it may have read and written down what we have not yet had time to end
        writer.write(answer)
        if is_felled:
            os.kill(process, signal.SIGKILL)
            say("felled", process, order)
        await writer.drain()

    def _wants(self, what: str) -> bool:
        """Whether this request is to be treated so; the next one is not."""
        is_wanted = self._wanted[what] > 0
        self._wanted[what] -= is_wanted
        return is_wanted

    def _take(self, form: dict[str, str], created: datetime, shown: dict[str, Any]) -> Taken:
        taken = super()._take(form, self._clock.now(), shown)
        line = f"{time.monotonic():.6f}\t{self._process}\t{form['To']}\t{taken.sid}\n"
        os.write(self._journal, line.encode())
        return taken

    def _listed(self, query: dict[str, str]) -> Reply:
        latest, everything = self._clock.now() - LISTED_AFTER, self.messages
        self.messages = [each for each in everything if each.created <= latest]
        try:
            return super()._listed(query)
        finally:
            self.messages = everything


async def serve(journal: int, clock: FastClock) -> None:
    """Serve until standard input ends."""
    async with Twilio(journal, clock) as twilio:
        say("url", twilio.url)
        await listen(twilio.hear)


def main() -> None:
    journal, clock = sys.argv[1:]
    file = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    asyncio.run(serve(file, FastClock.from_text(clock)))


if __name__ == "__main__":
    main()
