"""
``proactive-notify worker``: a process that watches and sends, and the question whether all is well.
"""

import asyncio
import logging
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import FrameType
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from .._engine.health import Health
from ..domain.dates import instant_text
from ..errors import UsageError
from ..notifier import Notifier
from .application import AppOption, chosen_app, load_notifier
from .locating import ShopOption, StoreOption, located
from .showing import console, echo_json, text

#: The library's log, to which its engine writes too.
log = logging.getLogger("proactive_notify")


def worker(
    context: typer.Context,
    *,
    app: AppOption = None,
    concurrency: Annotated[
        int, typer.Option(min=1, max=1000, help="How many messages of a channel are under way at once.")
    ] = 32,
    poll: Annotated[
        float, typer.Option(min=0.01, max=3600, metavar="SECONDS", help="How long between two looks at the outbox.")
    ] = 1.0,
    health: Annotated[bool, typer.Option("--health", help="Send nothing; say whether all is well, and end.")] = False,
    late: Annotated[
        float, typer.Option(min=0, metavar="MINUTES", help="With --health: a message may wait for so long.")
    ] = 5.0,
    store: StoreOption = None,
    shop: ShopOption = "shop",
    as_json: Annotated[bool, typer.Option("--json", help="With --health: print it as JSON.")] = False,
) -> None:
    """
    Watch promises and send messages until SIGTERM or SIGINT; run as many of these as you like.

    The first signal lets it finish what is in flight; a second one ends it at once. With --health, for the probe of a
    container: exit status 0 if all is well, 1 if not.
    """
    if health:
        notifier = located(context, app, store, shop, what="to look")
        _say(notifier, asyncio.run(_examined(notifier, timedelta(minutes=late))), as_json=as_json)
        return
    asyncio.run(_work(_sending(chosen_app(context, app), store), concurrency, poll))


def _sending(name: str | None, store: str | None) -> Notifier:
    if name is None or store is not None:
        raise UsageError("a worker sends by your own channels, so name your notifier: --app shop.notify:notifier")
    _log_to_stderr()
    notifier = load_notifier(name)
    if not notifier.channels:
        raise UsageError(f"--app: {name} has no channels, so it cannot send; make it with Notifier(channels=[…])")
    return notifier


# -- work -------------------------------------------------------------------------------------------------------------


def _log_to_stderr() -> None:
    """Log as a process of its own does. What the user's module sets up when it is imported comes after, and wins."""
    formatter = logging.Formatter("%(asctime)sZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    log.setLevel(logging.INFO)


async def _work(notifier: Notifier, concurrency: int, poll: float) -> None:
    with _signals() as asked:
        async with notifier, notifier.worker(concurrency=concurrency, poll=poll):
            log.info(
                "the worker runs: process %d, shop %s, store %s, by %s; %d messages of each at once, a look every %g s",
                os.getpid(),
                notifier.shop.key,
                _without_password(notifier.store_url),
                ", ".join(notifier.channels),
                concurrency,
                poll,
            )
            name = await asked
            log.info("%s: finishing what is in flight, taking nothing new; again ends at once", name)
    log.info("the worker has ended; nothing is in flight")


@contextmanager
def _signals() -> Iterator[asyncio.Future[str]]:
    """Give a future with the name of the first signal; a second signal ends the process, whatever it does."""
    loop = asyncio.get_running_loop()
    asked: asyncio.Future[str] = loop.create_future()
    seen: list[int] = []

    def handle(number: int, _: FrameType | None) -> None:
        if seen:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
            os._exit(128 + number)  # as the first process of a container we outlive even that
        seen.append(number)
        loop.call_soon_threadsafe(asked.set_result, signal.Signals(number).name)

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return url.replace(f":{parts.password}@", ":***@") if parts.password else url


# -- health -----------------------------------------------------------------------------------------------------------


async def _examined(notifier: Notifier, late: timedelta) -> Health:
    async with notifier:
        return await notifier.health(late=late)


def _say(notifier: Notifier, found: Health, *, as_json: bool) -> None:
    if as_json:
        echo_json(_json(notifier, found))
    else:
        screen = console()
        for problem in found.problems:
            screen.print(text(problem, "red"), soft_wrap=True)
        workers = f"{found.workers} worker{'s'[: found.workers != 1]}"
        counted = f"{workers}, {found.due} due, {found.under_way} under way, {found.uncertain} uncertain"
        verdict = "all is well" if found.is_well else "not all is well"
        style = "green" if found.is_well else ""
        screen.print(text(f"Shop {notifier.shop.key}: {verdict}; {counted}.", style), soft_wrap=True)
    if not found.is_well:
        raise typer.Exit(1)


def _json(notifier: Notifier, found: Health) -> dict[str, Any]:
    return {
        "ok": found.is_well,
        "shop": notifier.shop.key,
        "at": instant_text(found.at),
        "workers": found.workers,
        "worker_seen_at": _instant(found.worker_seen_at),
        "due": found.due,
        "oldest_due": _instant(found.oldest_due),
        "under_way": found.under_way,
        "uncertain": found.uncertain,
        "paused": [
            {"channel": each.channel, "until": instant_text(each.until), "cause": each.cause} for each in found.paused
        ],
        "problems": list(found.problems),
    }


def _instant(moment: datetime | None) -> str | None:
    return instant_text(moment) if moment else None
