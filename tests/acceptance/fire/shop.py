"""
A shop in a process of its own, which does what it hears and says what happens.

::

    python -m tests.acceptance.fire.shop DATABASE SMTP-URL [--worker] [--lease 60] [--poll 1] [--clock SECONDS] …

Heard on standard input: ``record FIRST LAST RATE`` (orders FIRST to LAST, the last one excluded, so many a second),
``clock SECONDS`` (the clock is so far off from now on), ``stop`` (stop cleanly; the end of input means the same).

Said on standard output: ``up``, ``recorded <number>`` (record() has returned), ``refused <number> <error>`` (it has
raised), ``sent <order>``, ``failed <order> <rule>``, ``rescued <how many>``, ``lost <how many>`` (leases),
``store-failed <work>``, ``waited <seconds>`` (for a processor, all in all, a few times a second), ``stopped``.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from proactive_notify import (
    Customer,
    Email,
    LeaseLost,
    LeaseRescued,
    MessageFailed,
    MessageSent,
    Notifier,
    OrderPlaced,
    ProactiveNotifyError,
    Shop,
    StoreFailed,
)
from proactive_notify.clock import SystemClock
from proactive_notify.transports.smtp import SmtpTransport

#: So many calls of record() are under way at once.
CALLERS = 8
#: Microseconds: marks are below this.
MARKS = 1000


def order_id(number: int) -> str:
    return f"F-{number:05d}"


def address(number: int) -> str:
    """Where the customer of an order reads her mail."""
    return f"buyer-{number:05d}@example.org"


def order(number: int, *, placed_at: datetime) -> OrderPlaced:
    """The fact of an order: the same whenever and by whomever it is recorded."""
    customer = Customer(name=f"Ada {number}", email=address(number), phone=f"+4915112{number:06d}")
    return OrderPlaced(order_id=order_id(number), id=f"{number}:placed", source="till", at=placed_at, customer=customer)


def say(*words: object) -> None:
    """Tell who started us. A line that was said is read, even if we are killed the moment after."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def tell(happening: object) -> None:
    """Observe the engine."""
    match happening:
        case MessageSent():
            say("sent", happening.order_id)
        case MessageFailed():
            say("failed", happening.order_id, happening.rule)
        case LeaseRescued():
            say("rescued", happening.count)
        case LeaseLost():
            say("lost", happening.count)
        case StoreFailed():
            say("store-failed", happening.work)


class Clock(SystemClock):
    """
    The machine's clock, set wrong by ``off`` seconds.

    Its microseconds past the millisecond are always ``mark``, so that a lease says in whose hands the row is.
    """

    def __init__(self, *, off: float, mark: int) -> None:
        self.off, self._mark = off, mark

    def now(self) -> datetime:
        now = super().now() + timedelta(seconds=self.off)
        return now.replace(microsecond=now.microsecond // MARKS * MARKS + self._mark)


async def pulse() -> None:
    """
    Say again and again how long this process was ready to run and the machine was busy with others.

    It is a meter: it reads what the kernel counts, and nothing happens for which it could wait instead.
    """
    while True:
        stats = [path.read_text().split() for path in Path("/proc/self/task").glob("*/schedstat")]
        say("waited", sum(int(waited) for _, waited, _ in stats) / 1e9)
        await asyncio.sleep(0.2)


class Till:
    """Records orders at a steady pace, and says of each what came of it."""

    def __init__(self, notifier: Notifier, placed_at: datetime) -> None:
        self._notifier, self._placed_at = notifier, placed_at

    async def record(self, first: int, last: int, rate: float) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        for begin in range(first, last, CALLERS):
            await asyncio.gather(*(self._one(number) for number in range(begin, min(begin + CALLERS, last))))
            ahead = (begin + CALLERS - first) / rate - (loop.time() - started)
            await asyncio.sleep(max(0.0, ahead))
        say("recorded-all", first, last)

    async def _one(self, number: int) -> None:
        try:
            await self._notifier.record(order(number, placed_at=self._placed_at))
        except ProactiveNotifyError as error:
            say("refused", number, type(error).__name__)
        else:
            say("recorded", number)


async def listen(hear: Callable[[str], None]) -> None:
    """Hand on each line of standard input until it ends or says ``stop``."""
    commands = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while line := (await commands.readline()).decode().strip():
        if line == "stop":
            return
        hear(line)


async def run(given: argparse.Namespace) -> None:
    clock = Clock(off=given.clock, mark=given.mark)
    transport = SmtpTransport.from_url(given.smtp, tls="none", local_hostname=f"pid-{os.getpid()}.shop.example")
    notifier = Notifier(
        Shop(name="Acme", reply_to="help@shop.example"),
        store=f"sqlite:///{given.database}",
        channels=[Email(transport, sender="Acme <orders@shop.example>")],
        observers=[tell],
        clock=clock,
        lease=timedelta(seconds=given.lease),
    )
    till = Till(notifier, datetime.fromisoformat(given.placed_at))
    tasks = {asyncio.ensure_future(pulse())}

    def hear(line: str) -> None:
        match line.split():
            case ["record", first, last, rate]:
                tasks.add(asyncio.ensure_future(till.record(int(first), int(last), float(rate))))
            case ["clock", seconds]:
                clock.off = float(seconds)
                say("clock", seconds)
            case _:
                raise ValueError(line)

    async with AsyncExitStack() as life:
        await life.enter_async_context(notifier)
        if given.worker:
            await life.enter_async_context(notifier.worker(poll=given.poll))
        say("up")
        await listen(hear)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    say("stopped")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("database")
    parser.add_argument("smtp")
    parser.add_argument("--worker", action="store_true")
    parser.add_argument("--lease", type=float, default=60.0)
    parser.add_argument("--poll", type=float, default=1.0)
    parser.add_argument("--clock", type=float, default=0.0)
    parser.add_argument("--mark", type=int, default=0)
    parser.add_argument("--placed-at", default=datetime.now(UTC).isoformat())
    given = parser.parse_args()
    logging.basicConfig(level=logging.DEBUG, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    asyncio.run(run(given))


if __name__ == "__main__":
    main()
