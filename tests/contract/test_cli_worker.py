"""`worker` as an operating system runs it: real processes, a real mail server, signals; and a container's probe."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from proactive_notify import Customer, Email, Notifier, OrderPlaced, Shop
from tests.contract.command_line import CommandLine
from tests.contract.smtp_server import SmtpServer
from tests.contract.wires import Wire, look

#: Long enough for any machine; what waits in vain ends here.
PATIENCE = 60
APP = """
from proactive_notify import Email, Notifier, Shop
from proactive_notify.transports import SmtpTransport

email = Email(SmtpTransport.from_url("{url}"), sender="Acme <orders@acme.example>")
notifier = Notifier(Shop(key="acme", name="Acme"), store="sqlite:///orders.db", channels=[email])
mute = Notifier(Shop(key="acme"), store="sqlite:///orders.db")
"""
QUEUED, CLAIMED, SENT = 0, 1, 4


class Patient(SmtpServer):
    """A mail server that takes mails, and lets the reply to each wait until it is told to go on."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.held = 0
        self.goes_on = asyncio.Event()
        self._happened = asyncio.Condition()

    async def until(self, happened: Callable[[], bool]) -> None:
        """Return when something is so; it is asked whenever a mail has come."""
        async with asyncio.timeout(PATIENCE), self._happened:
            await self._happened.wait_for(happened)

    async def _reply(self, session: Any, verb: str, usual: str = "") -> str:
        if verb == "DOT":
            async with self._happened:
                self.held += 1
                self._happened.notify_all()
            await self.goes_on.wait()
        return await super()._reply(session, verb, usual)


class Running:
    """A process of ``proactive-notify``, and what it has said so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.said = ""

    @property
    def pid(self) -> int:
        return self._process.pid

    async def says(self, word: str) -> None:
        """Return when a line with this word has come on standard error."""
        assert self._process.stderr is not None
        async with asyncio.timeout(PATIENCE):
            while line := (await self._process.stderr.readline()).decode():
                self.said += line
                if word in line:
                    return
        pytest.fail(f"it ended and never said {word!r}, but:\n{self.said}")

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def ends(self) -> tuple[int, str]:
        """Return the status with which it ended, and what it printed."""
        async with asyncio.timeout(PATIENCE):
            out, err = await self._process.communicate()
        self.said += err.decode()
        assert self._process.returncode is not None
        return self._process.returncode, out.decode()

    async def is_gone(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
            await self._process.communicate()


@asynccontextmanager
async def running(folder: Path, *arguments: str) -> AsyncIterator[Running]:
    """Run a command in the shop's folder; at the end it is gone."""
    process = Running(
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "proactive_notify", *arguments),
            cwd=folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    )
    try:
        yield process
    finally:
        await process.is_gone()


@asynccontextmanager
async def worker(folder: Path, *arguments: str) -> AsyncIterator[Running]:
    """Run a worker that looks at the outbox ten times a second, and go on when it runs."""
    async with running(folder, "worker", "--app", "app:notifier", "--poll", "0.1", *arguments) as process:
        await process.says("the worker runs")
        yield process


@pytest.fixture
async def server() -> AsyncIterator[Patient]:
    async with Patient() as server:
        yield server


@pytest.fixture
def shop(tmp_path: Path, server: Patient) -> Path:
    """A folder with the shop's module."""
    (tmp_path / "app.py").write_text(APP.format(url=server.url), encoding="utf-8")
    return tmp_path


async def order(folder: Path, count: int) -> None:
    """So many customers order, in the shop's own process, which sends nothing."""
    email = Email(Wire(), sender="Acme <orders@acme.example>")
    orders = [
        OrderPlaced(order_id=f"A-{number}", customer=Customer(email=f"a-{number}@example.org"))
        for number in range(count)
    ]
    async with Notifier(Shop(key="acme"), store=f"sqlite:///{folder}/orders.db", channels=[email]) as notifier:
        await notifier.record(orders)


def states(folder: Path) -> Counter[int]:
    """How many messages are in each state."""
    return Counter(row["state"] for row in look(folder / "orders.db", "select state from pn_message"))


# Start, work, stop


async def test_two_processes_share_the_messages(shop: Path, server: Patient) -> None:
    """Two workers on one file take part in sending 200 messages at once, and each mail comes exactly once."""
    async with worker(shop, "--concurrency", "4") as one, worker(shop, "--concurrency", "4") as other:
        await order(shop, 200)
        await server.until(lambda: server.held == 8)  # more than either of them sends at once
        server.goes_on.set()
        await server.until(lambda: server.held >= 200)
        for process in (one, other):
            process.signal(signal.SIGTERM)
        ended = [await one.ends(), await other.ends()]

    assert one.pid != other.pid
    assert [(0, ""), (0, "")] == ended
    assert (200, {1}) == (len(server.message_ids), set(server.message_ids.values()))
    assert {SENT: 200} == states(shop)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_lets_it_finish_what_is_in_flight(shop: Path, server: Patient, number: signal.Signals) -> None:
    """Told to end while mails wait for their reply, it settles these, and leaves the others to the next worker."""
    await order(shop, 20)
    async with worker(shop, "--concurrency", "4") as process:
        await server.until(lambda: server.held == 4)
        process.signal(number)
        await process.says(f"{number.name}: finishing what is in flight")
        server.goes_on.set()
        status, _ = await process.ends()
    at_its_end = states(shop)
    async with worker(shop) as another:
        await server.until(lambda: len(server.message_ids) == 20)
        another.signal(number)
        await another.ends()

    assert 0 == status
    assert "the worker has ended; nothing is in flight" in process.said
    assert {SENT: 4, QUEUED: 16} == at_its_end
    assert {SENT: 20} == states(shop)
    assert [1] * 20 == list(server.message_ids.values())


async def test_a_second_signal_ends_it_at_once(shop: Path, server: Patient) -> None:
    """Who does not want to wait says it twice: the process ends by the signal, and its mail stays leased."""
    await order(shop, 1)
    async with worker(shop) as process:
        await server.until(lambda: server.held == 1)
        process.signal(signal.SIGTERM)
        await process.says("again ends at once")
        process.signal(signal.SIGTERM)
        status, _ = await process.ends()

    assert -signal.SIGTERM == status
    assert {CLAIMED: 1} == states(shop)


async def test_it_says_on_what_it_works(shop: Path, server: Patient) -> None:
    """Its first line, on standard error, has the time, process, shop, store, channels and numbers; nobody's address."""
    server.goes_on.set()
    await order(shop, 1)
    async with worker(shop, "--concurrency", "7") as process:
        await server.until(lambda: server.held == 1)
        process.signal(signal.SIGTERM)
        status, out = await process.ends()
    first = process.said.splitlines()[0]

    assert (0, "") == (status, out)
    assert re.fullmatch(
        rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ INFO the worker runs: process {process.pid}, shop acme, "
        r"store sqlite:///orders.db, by email; 7 messages of each at once, a look every 0.1 s",
        first,
    ), first
    assert "example.org" not in process.said


async def test_a_password_in_the_name_of_the_store_is_not_said(tmp_path: Path) -> None:
    """What a store's address holds of a password is in no log line."""
    (tmp_path / "app.py").write_text(
        "from proactive_notify import Email, Notifier\n"
        "from proactive_notify._store.sqlite import ThreadedSqlite\n"
        "from proactive_notify.transports import ConsoleTransport\n"
        "email = Email(ConsoleTransport(), sender='orders@acme.example')\n"
        "notifier = Notifier(store=ThreadedSqlite('orders.db'), channels=[email])\n"
        "notifier.store_url = 'postgresql://shop:s3cret@db/shop'\n",
        encoding="utf-8",
    )
    async with worker(tmp_path) as process:
        process.signal(signal.SIGTERM)
        status, _ = await process.ends()

    assert 0 == status
    assert "store postgresql://shop:***@db/shop" in process.said
    assert "s3cret" not in process.said


# The probe


async def test_the_probe_of_a_container(shop: Path, server: Patient) -> None:
    """Status 0 while a worker lives; 1, with the reason, before it starts and after it has ended."""

    async def probe() -> tuple[int, dict[str, Any]]:
        async with running(shop, "worker", "--health", "--app", "app:notifier", "--json") as process:
            status, out = await process.ends()
        return status, json.loads(out)

    await order(shop, 1)
    before = await probe()
    async with worker(shop) as process:
        await server.until(lambda: server.held == 1)
        during = await probe()
        server.goes_on.set()
        process.signal(signal.SIGTERM)
        await process.ends()
    after = await probe()

    reason = "no worker runs: start `proactive-notify worker`, or call `notifier.run_due()`"
    assert (1, [reason], 1, 0) == (before[0], before[1]["problems"], before[1]["due"], before[1]["workers"])
    assert (0, [], 1, 1) == (during[0], during[1]["problems"], during[1]["under_way"], during[1]["workers"])
    assert (1, [reason], 0, 0) == (after[0], after[1]["problems"], after[1]["due"], after[1]["workers"])


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    """A shop's file with one message that is due, and no worker."""
    await order(tmp_path, 1)
    return tmp_path / "orders.db"


def write(file: Path, statement: str, **values: Any) -> None:
    with closing(sqlite3.connect(file)) as db, db:
        db.execute(statement, values)


def micros(**ago: float) -> int:
    return int((datetime.now(UTC) - timedelta(**ago)).timestamp() * 1e6)


def test_all_is_well(command: CommandLine, file: Path) -> None:
    """A living worker and nothing late: status 0 and one line."""
    write(file, "insert into pn_worker (id, shop, seen_at) values ('w', 'acme', :at)", at=micros())
    ran = command("worker", "--health", "--store", f"sqlite:///{file}", "--shop", "acme")

    assert (0, "") == (ran.status, ran.err)
    assert "Shop acme: all is well; 1 worker, 1 due, 0 under way, 0 uncertain.\n" == ran.out


def test_each_problem_is_said(command: CommandLine, file: Path) -> None:
    """No worker, a message that is late and a channel that rests: status 1, a line each, and the counts."""
    write(file, "insert into pn_worker (id, shop, seen_at) values ('w', 'acme', :at)", at=micros(hours=3))
    write(file, "update pn_message set due_at = :at", at=micros(minutes=12))
    until = micros(minutes=-4, seconds=-30)
    write(
        file, "insert into pn_pause (shop, channel, until, cause) values ('acme', 'sms', :until, '20003')", until=until
    )
    ran = command("worker", "--health", "--store", f"sqlite:///{file}", "--shop", "acme")
    lines = ran.out.splitlines()

    assert (1, "", 4) == (ran.status, ran.err, len(lines))
    assert lines[0].startswith("no worker runs; the last one was seen 3 hours ago and did not say goodbye: start")
    assert lines[1].startswith("messages do not leave: 1 due, the oldest for 12 minutes; look at")
    assert lines[2].startswith("the channel sms is paused for 4 minutes, because the provider refused us (20003):")
    assert "Shop acme: not all is well; 0 workers, 1 due, 0 under way, 0 uncertain." == lines[3]


def test_how_late_is_late_can_be_said(command: CommandLine, file: Path) -> None:
    """With --late a message may wait for so many minutes; a part of one will do."""
    write(file, "insert into pn_worker (id, shop, seen_at) values ('w', 'acme', :at)", at=micros())
    write(file, "update pn_message set due_at = :at", at=micros(minutes=2))
    probe = ("worker", "--health", "--store", f"sqlite:///{file}", "--shop", "acme")

    assert [0, 0, 1] == [command(*probe, *late).status for late in ((), ("--late", "3"), ("--late", "0.5"))]


def test_the_probe_as_json(command: CommandLine, file: Path) -> None:
    """The counts and moments as plain values, and the problems as they are said."""
    until = micros(minutes=-4)
    write(
        file, "insert into pn_pause (shop, channel, until, cause) values ('acme', 'sms', :until, '20003')", until=until
    )
    write(file, "update pn_message set state = 3, due_at = 1767603600000000")
    ran = command("worker", "--health", "--store", f"sqlite:///{file}", "--shop", "acme", "--json")
    found = ran.json

    assert (1, False, 3) == (ran.status, found["ok"], len(found["problems"]))
    assert {
        "shop": "acme",
        "workers": 0,
        "worker_seen_at": None,
        "due": 1,
        "oldest_due": "2026-01-05T09:00:00Z",
        "under_way": 0,
        "uncertain": 1,
    } == {name: found[name] for name in found if name not in ("ok", "at", "paused", "problems")}
    assert [("sms", "20003")] == [(each["channel"], each["cause"]) for each in found["paused"]]


# Bad usage


def test_a_worker_needs_channels(command: CommandLine, file: Path) -> None:
    """A store alone sends nothing: status 2, and what to name instead."""
    said = "a worker sends by your own channels, so name your notifier: --app shop.notify:notifier"

    for arguments in ((), ("--store", f"sqlite:///{file}"), ("--app", "app:notifier", "--store", f"sqlite:///{file}")):
        ran = command("worker", *arguments)
        assert (2, "", f"proactive-notify: {said}\n") == (ran.status, ran.out, ran.err)


async def test_a_notifier_without_channels_is_no_worker(shop: Path) -> None:
    """A notifier that could only watch and never send ends at once: status 2, and what to do."""
    async with running(shop, "worker", "--app", "app:mute") as process:
        status, _ = await process.ends()

    said = "--app: app:mute has no channels, so it cannot send; make it with Notifier(channels=[…])"
    assert (2, f"proactive-notify: {said}\n") == (status, process.said)


def test_a_probe_needs_a_store(command: CommandLine, tmp_path: Path) -> None:
    """A probe without a store, or of a file that is not there: status 2, and no file is made."""
    away = tmp_path / "away.db"
    nowhere, missing = command("worker", "--health"), command("worker", "--health", "--store", f"sqlite:///{away}")

    assert (2, 2) == (nowhere.status, missing.status)
    said = "say where to look: --app shop.notify:notifier, or --store sqlite:///orders.db"
    assert f"proactive-notify: {said}\n" == nowhere.err
    assert "there is no file" in missing.err
    assert not away.exists()


@pytest.mark.parametrize("arguments", [("--concurrency", "0"), ("--poll", "0"), ("--late", "-1", "--health")])
def test_numbers_that_cannot_be(command: CommandLine, arguments: tuple[str, ...]) -> None:
    """A worker that sends nothing at once, or never looks, is refused: status 2."""
    assert 2 == command("worker", *arguments).status
