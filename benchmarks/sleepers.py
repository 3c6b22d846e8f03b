"""
What a poll costs while a million promises sleep: as much as with ten thousand, for timers are rows with an index.

Two databases in one process, polled by turns. README.md says what the numbers mean.
"""

import argparse
import asyncio
import json
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from proactive_notify import Email, Notifier, Shop
from proactive_notify._store.catalogue import statements
from proactive_notify._store.rows import micros
from proactive_notify._store.sqlite import Factory, InlineSqlite, Store, connect, drive, store_of
from proactive_notify._store.units import Unit
from proactive_notify._store.watching import next_due
from proactive_notify.transports import ConsoleTransport

T = TypeVar("T")
#: How a shop's tables are filled.
FILL = Path(__file__).with_name("_sleepers.sql")
FEW, MANY = 10_000, 1_000_000
#: Promises of one order: the silence budget, the day of shipping, the day of delivery.
AN_ORDER = 3
#: One order in so many has a message that waits for office hours.
WAITING = 100
_HOUR = 3_600_000_000
#: Polls before the first that counts.
_WARM = 50


def main() -> int:
    options = _options()
    if options.resident:
        print(asyncio.run(_resident(options.resident)))
        return 0
    with tempfile.TemporaryDirectory(prefix="sleepers-", dir=options.dir) as folder:
        few, many = Path(folder) / "few.db", Path(folder) / "many.db"
        _fill(few, options.few)
        began = time.perf_counter()
        _fill(many, options.many)
        load_s = time.perf_counter() - began
        result = asyncio.run(_measured(few, many, rounds=options.rounds))
        result |= {f"rss_mb_{name}": _rss(path) for name, path in (("10k", few), ("1m", many))}
        result |= {"load_s": round(load_s, 1), "db_mb": round(many.stat().st_size / 2**20)}
    result |= {"promises": [options.few, options.many], "rounds": options.rounds, "python": platform.python_version()}
    for name, value in result.items():
        print(f"{name:<16} {value}")
    if options.json:
        print(json.dumps(result))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What a poll costs while a million promises sleep.")
    parser.add_argument("--json", action="store_true", help="print one JSON object on the last line")
    parser.add_argument("--rounds", type=int, default=2000, metavar="N", help="polls of each database (default: 2000)")
    parser.add_argument("--few", type=int, default=FEW, metavar="N", help=f"promises of the small one (default: {FEW})")
    parser.add_argument("--many", type=int, default=MANY, metavar="N", help=f"of the large one (default: {MANY})")
    parser.add_argument("--dir", metavar="DIR", help="where the databases are made (default: the system's own place)")
    parser.add_argument("--resident", metavar="FILE", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds begins at 1")
    if not 1 <= options.few <= options.many:
        parser.error("--few begins at 1, and --many at --few")
    return options


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _fill(path: Path, promises: int) -> None:
    _say(f"filling a database with {promises:,} open promises …")
    db = connect(str(path), durable=False)
    # Nobody needs it after a crash; the pollers open it as a shop would.
    for pragma in ("journal_mode = delete", "journal_mode = off", "synchronous = off", "cache_size = -400000"):
        db.execute(f"pragma {pragma}")
    orders = -(-promises // AN_ORDER)
    values = {"orders": orders, "promises": promises, "waiting": WAITING, "hour": _HOUR}
    values["now"] = micros(datetime.now(UTC))
    db.execute("begin")
    for statement in FILL.read_text(encoding="utf-8").split(";\n"):
        db.execute(statement, values)
    db.execute("commit")
    ((found,),) = db.execute("select count(*) from pn_promise where state = 0").fetchall()
    db.close()
    if found != promises:
        raise SystemExit(f"{found} promises were made, not {promises}")


# -- a poll -----------------------------------------------------------------------------------------------------------


class Poller:
    """A worker's look at the table, with nothing due: the watchdog, the sender, the janitor, and what is due next."""

    def __init__(self, store: Store) -> None:
        self.store = store
        channel = Email(ConsoleTransport(), sender="Shop <orders@shop.example>")
        self.notifier = Notifier(Shop(), store=store, channels=[channel])

    async def poll(self) -> None:
        done = await self.notifier._watchdog.run_once()
        done += await self.notifier._sender.send_some()
        done += await self.notifier._janitor.run_once()
        now = datetime.now(UTC)
        due = await self.store.read(lambda: next_due(now=now, shop="shop"))
        if done or due is None or due <= now:
            raise SystemExit("something was due, and nothing may be")


class Threadless(InlineSqlite):
    """
    The writer without its thread: the same settings, locks and commits, and nothing that waits for another thread.

    On a busy machine such waiting takes longer than the poll, and hides what the number of promises costs.
    """

    async def open(self) -> None:
        self._db = connect(self._path, durable=True)

    def run_sync(self, unit: Factory[T]) -> T:
        assert self._db is not None
        self._db.execute("begin immediate")
        answer = drive(self._db, unit())
        self._db.execute("commit")
        return answer

    async def read(self, unit: Factory[T]) -> T:
        return self.run_sync(unit)


class Listening(Threadless):
    """A store that notes which statements it is asked for."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.names: dict[str, None] = {}

    def run_sync(self, unit: Factory[T]) -> T:
        return super().run_sync(lambda: self._noted(unit()))

    def _noted(self, unit: Unit[T]) -> Unit[T]:
        answer: Any = None
        while True:
            try:
                statement = next(unit) if answer is None else unit.send(answer)
            except StopIteration as stop:
                found: T = stop.value
                return found
            self.names[statement.name] = None
            answer = yield statement


async def _measured(few: Path, many: Path, *, rounds: int) -> dict[str, Any]:
    plans = await _plans(many)
    alone = await _by_turns([Threadless(str(path)) for path in (few, many)], rounds, "without threads")
    threads = await _by_turns([store_of(f"sqlite:///{path}") for path in (few, many)], rounds, "on the writer's thread")
    return {
        "ratio": round(alone[1] / alone[0], 3),
        "poll_us_10k": round(alone[0], 1),
        "poll_us_1m": round(alone[1], 1),
        "thread_us_10k": round(threads[0], 1),
        "thread_us_1m": round(threads[1], 1),
        "plan_uses_index": all(_is_by_index(step) for steps in plans.values() for step in steps),
    }


async def _by_turns(stores: list[Store], rounds: int, where: str) -> list[float]:
    """The median of so many polls of each database, in microseconds; who begins changes from round to round."""
    _say(f"{rounds:,} polls of each, {where} …")
    pollers = [Poller(store) for store in stores]
    took: list[list[float]] = [[] for _ in pollers]
    async with AsyncExitStack() as stack:
        for poller in pollers:
            await stack.enter_async_context(poller.notifier)
        for number in range(-_WARM, rounds):
            for which in (0, 1) if number % 2 else (1, 0):
                began = time.perf_counter()
                await pollers[which].poll()
                took[which].append((time.perf_counter() - began) * 1e6)
    return [statistics.median(each[_WARM:]) for each in took]


# -- plans and memory -------------------------------------------------------------------------------------------------


async def _plans(path: Path) -> dict[str, list[str]]:
    """Statement → its steps, of all that a poll runs. They are printed."""
    store = Listening(str(path))
    poller = Poller(store)
    async with poller.notifier:
        await poller.poll()
    texts, db = statements("sqlite"), connect(str(path), durable=False)
    plans = {name: list(_steps(db, texts[name])) for name in store.names}
    db.close()
    for name, steps in plans.items():
        _say(f"  {name}: {' · '.join(steps)}")
    return plans


def _steps(db: Any, text: str) -> Iterator[str]:
    names = {word.strip(":,;()") for word in text.split() if word.strip("(").startswith(":")}
    values = dict.fromkeys((name for name in names if name.isidentifier()), 0)
    yield from (row[3] for row in db.execute(f"explain query plan {text}", values))


def _is_by_index(step: str) -> bool:
    """Whether a step neither reads a table row by row nor sorts; ``c`` is what the statement itself made."""
    return step in ("SCAN c", "SCAN CONSTANT ROW") or not (step.startswith("SCAN") or "TEMP B-TREE" in step)


def _rss(path: Path) -> float:
    """The most memory that a process had which opened the database and polled, in MiB."""
    command = [sys.executable, __file__, "--resident", str(path)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


async def _resident(path: str) -> float:
    poller = Poller(store_of(f"sqlite:///{path}"))
    async with poller.notifier:
        for _ in range(500):
            await poller.poll()
    return _peak_mb()


def _peak_mb() -> float:
    """The most memory that this process had. `getrusage` counts what its parent had, too, so it is asked last."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.exists() else []
    kilobytes = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1)
    return round(next(iter(kilobytes), used) / 1024, 1)


if __name__ == "__main__":
    sys.exit(main())
