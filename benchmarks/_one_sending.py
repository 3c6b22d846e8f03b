"""
One measurement of ``send.py``, in a process of its own: a client that sends mails to a server on loopback.

It prints one JSON object. All kinds render the same templates and send to the same server.
"""

import argparse
import asyncio
import gc
import json
import logging
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import aiosmtplib
import jinja2

from proactive_notify import Customer, Email, Item, MessageSent, Money, Notifier, OrderPlaced, Place, Shop
from proactive_notify.notices import default_notices
from proactive_notify.transports import SmtpTransport

TEMPLATES = Path(__file__).resolve().parent / "templates"
CONNECTIONS = 8
#: So many shop requests record at once.
CALLERS = 64
#: Events a second, open loop.
RATE = 50
_THINGS = ("Stuhl aus Eschenholz", "Leselampe, grün", "Wolldecke „Nebel“", "Krug, glasiert", "Läufer 80×200")
_SHOP = Shop(name="Möbelmanufaktur Müller", reply_to="fragen@shop.example", time_zone="Europe/Berlin", country="DE")
_SENDER = "Möbelmanufaktur Müller <bestellungen@shop.example>"


def order(number: int) -> OrderPlaced:
    """An order of five things."""
    items = [
        Item(name=name, quantity=1 + (number + place) % 3, price=Money(amount=f"{49 + place}.90", currency="EUR"))
        for place, name in enumerate(_THINGS)
    ]
    return OrderPlaced(
        order_id=f"B-{number:06}",
        customer=Customer(name="Zoë Grünwald", email=f"c{number}@example.org", locale="de"),
        items=items,
        total=Money(amount="263.50", currency="EUR"),
        destination=Place(city="Köln", country="DE"),
    )


# -- the obvious code -------------------------------------------------------------------------------------------------


def build(environment: jinja2.Environment, number: int) -> EmailMessage:
    """A mail as everybody would build it."""
    placed = order(number)
    values = {
        "order": {
            "id": placed.order_id,
            "items": [each.model_dump() for each in placed.items or ()],
            "total": {"amount": "263.50", "currency": "EUR"},
            "destination": {"city": "Köln", "country": "DE"},
        },
        "customer": {"name": "Zoë Grünwald"},
        "shop": {"name": _SHOP.name},
        "lang": "de",
        "direction": "ltr",
    }
    subject, text, html = (
        environment.get_template(f"order-received/email.{part}").render(values) for part in ("subject", "text", "html")
    )
    mail = EmailMessage()
    mail["From"] = _SENDER
    mail["To"] = f"Zoë Grünwald <c{number}@example.org>"
    mail["Reply-To"] = _SHOP.reply_to
    mail["Subject"] = subject.strip()
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = f"<{number}@shop.example>"
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    return mail


async def send_raw(port: int, count: int) -> None:
    """Send so many mails with ``aiosmtplib.SMTP.send_message`` over eight connections; nothing is durable."""
    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(loader=loader, autoescape=jinja2.select_autoescape(["html"]), auto_reload=False)
    numbers = iter(range(count))

    async def one_connection() -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
            for number in numbers:
                await client.send_message(build(environment, number))

    await asyncio.gather(*(one_connection() for _ in range(CONNECTIONS)))


async def raw(port: int, count: int) -> dict[str, Any]:
    await send_raw(port, 50)
    return await _timed(lambda: send_raw(port, count), count)


# -- the library ------------------------------------------------------------------------------------------------------


class Counter:
    """An observer that says when so many messages are sent and settled."""

    def __init__(self) -> None:
        self.sent, self.wanted, self.reached = 0, 0, asyncio.Event()

    def want(self, count: int) -> None:
        self.sent, self.wanted = 0, count
        self.reached.clear()

    def __call__(self, happening: object) -> None:
        if isinstance(happening, MessageSent):
            self.sent += 1
            if self.sent == self.wanted:
                self.reached.set()


def notifier(port: int, folder: str, counter: Counter, *, pipelining: bool) -> Notifier:
    transport = SmtpTransport("127.0.0.1", port, tls="none", connections=CONNECTIONS, pipelining=pipelining)
    return Notifier(
        _SHOP,
        store=f"sqlite:///{folder}/orders.db",
        channels=[Email(transport, sender=_SENDER)],
        notices=[each for each in default_notices if each.key == "order-received"],
        templates=[TEMPLATES],
        observers=[counter],
    )


async def ours(port: int, count: int, *, pipelining: bool) -> dict[str, Any]:
    """Record so many orders from many callers, each durable before ``record()`` returns, and send their mails."""
    counter = Counter()
    with tempfile.TemporaryDirectory(prefix="proactive-notify-bench-") as folder:
        async with notifier(port, folder, counter, pipelining=pipelining) as shop, shop.worker():
            took: list[float] = []

            async def all_sent(first: int, count: int) -> None:
                counter.want(count)
                numbers = iter(range(first, first + count))

                async def caller() -> None:
                    for number in numbers:
                        began = time.perf_counter()
                        await shop.record(order(number))
                        took.append(time.perf_counter() - began)

                await asyncio.gather(*(caller() for _ in range(CALLERS)))
                await counter.reached.wait()

            await all_sent(1_000_000, 50)
            took.clear()
            found = await _timed(lambda: all_sent(0, count), count)
    return {**found, "record_busy_ms": round(statistics.median(took) * 1e3, 2)}


async def open_loop(port: int, count: int) -> dict[str, Any]:
    """Record ``RATE`` orders a second whatever happens; how long from the call to the server's acceptance?"""
    counter = Counter()
    with tempfile.TemporaryDirectory(prefix="proactive-notify-bench-") as folder:
        async with notifier(port, folder, counter, pipelining=True) as shop, shop.worker():
            called: dict[str, float] = {}
            took: list[float] = []

            async def one(number: int) -> None:
                placed = order(number)
                called[f"c{number}@example.org"] = began = time.monotonic()
                await shop.record(placed)
                took.append(time.monotonic() - began)

            async def run(first: int, count: int) -> None:
                counter.want(count)
                await _at_a_rate(one, first, count)
                await counter.reached.wait()

            await run(1_000_000, RATE)
            await times(port)
            took.clear()
            await run(0, count)
            taken = await times(port)
    return {**_waits(called, taken, count), "record_p50_ms": round(statistics.median(took) * 1e3, 2)}


async def raw_open_loop(port: int, count: int) -> dict[str, Any]:
    """The same with the obvious code: eight connections that are open, each mail by the next that is free."""
    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(loader=loader, autoescape=jinja2.select_autoescape(["html"]), auto_reload=False)
    free: asyncio.Queue[aiosmtplib.SMTP] = asyncio.Queue()
    called: dict[str, float] = {}

    async def one(number: int) -> None:
        called[f"c{number}@example.org"] = time.monotonic()
        client = await free.get()
        await client.send_message(build(environment, number))
        free.put_nowait(client)

    async with AsyncExitStack() as stack:
        for _ in range(CONNECTIONS):
            client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False)
            free.put_nowait(await stack.enter_async_context(client))
        await _at_a_rate(one, 1_000_000, RATE)
        await times(port)
        await _at_a_rate(one, 0, count)
        taken = await times(port)
    return _waits(called, taken, count)


async def _at_a_rate(one: Callable[[int], Awaitable[None]], first: int, count: int) -> None:
    """Begin ``RATE`` of them a second, whatever happens to those before."""
    loop = asyncio.get_running_loop()
    start, tasks = loop.time(), []
    for place in range(count):
        await asyncio.sleep(max(0, start + place / RATE - loop.time()))
        tasks.append(asyncio.ensure_future(one(first + place)))
    await asyncio.gather(*tasks)


def _waits(called: dict[str, float], taken: dict[str, float], count: int) -> dict[str, Any]:
    """Milliseconds from the call until the server took the mail."""
    waits = sorted((taken[address] - began) * 1e3 for address, began in called.items() if address in taken)
    assert len(waits) == count, "not every mail was taken"
    return {
        "p50_ms": round(statistics.median(waits), 2),
        "p99_ms": round(waits[int(len(waits) * 0.99)], 2),
        "max_ms": round(waits[-1], 2),
    }


async def times(port: int) -> dict[str, float]:
    """When each mail was taken, by its address; the server forgets it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**26)
    await reader.readline()
    writer.write(b"XTIMES\r\n")
    found: dict[str, float] = {}
    while (line := await reader.readline()).startswith(b"250-"):
        address, at = line[4:].split()
        found[address.decode()] = float(at)
    writer.close()
    await writer.wait_closed()
    return found


async def _timed(run: Callable[[], Awaitable[None]], count: int) -> dict[str, Any]:
    gc.collect()
    began, used = time.perf_counter(), time.process_time()
    await run()
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    return {"per_s": round(count / seconds, 1), "cpu_s_per_1000": round(cpu / count * 1000, 3)}


KINDS: dict[str, Callable[[int, int], Awaitable[dict[str, Any]]]] = {
    "raw": raw,
    "aiosmtplib": lambda port, count: ours(port, count, pipelining=False),
    "pipelining": lambda port, count: ours(port, count, pipelining=True),
    "open_loop": open_loop,
    "raw_open_loop": raw_open_loop,
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("port", type=int)
    parser.add_argument("count", type=int)
    options = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    run: Any = KINDS[options.kind](options.port, options.count)
    print(json.dumps(asyncio.run(run)))


if __name__ == "__main__":
    main()
