"""
How fast text messages are handed to Twilio, against a stub on loopback, with 32 calls at a time.

Beside it, in the same run and by turns: the same form posted by bare aiohttp, and by Twilio's client as it is.
README.md says what the numbers mean.
"""

import argparse
import asyncio
import gc
import json
import os
import platform
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import aiohttp
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from proactive_notify import SmsMessage
from proactive_notify.transports import TwilioTransport

HERE = Path(__file__).resolve().parent
ACCOUNT, TOKEN = "AC" + "0" * 32, "token"
SENDER, NUMBER = "+15005550006", "+15005550009"
TEXT = "Acme: your order A-1001 is on its way and arrives on Thursday. https://shop.example/o/1001"
CALLBACK, MESSAGE = "https://shop.example/hooks/twilio", "0198c2f0111172228333444455556666"
KINDS = ("raw", "sdk", "transport")
#: Posts one message and returns its SID.
Post = Callable[[], Awaitable[str]]


def main() -> int:
    options = _options()
    with _stub() as port:
        found = asyncio.run(_measure(f"http://127.0.0.1:{port}", options))
    result = _result(found, options)
    for name, value in result.items():
        print(f"{name:16} {value}", file=sys.stderr)
    if options.json:
        print(json.dumps(result))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How fast text messages are handed to Twilio.")
    parser.add_argument("--json", action="store_true", help="print one JSON object on the last line")
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="of each kind (default: 7)")
    parser.add_argument("--messages", type=int, default=3_000, metavar="N", help="a round (default: 3,000)")
    parser.add_argument("--concurrent", type=int, default=32, metavar="N", help="calls at a time (default: 32)")
    options = parser.parse_args()
    for name in ("rounds", "messages", "concurrent"):
        if getattr(options, name) < 1:
            parser.error(f"--{name} begins at 1")
    return options


@contextmanager
def _stub() -> Iterator[int]:
    """The stub in a process of its own; yields its port."""
    with subprocess.Popen([sys.executable, str(HERE / "_twilio_stub.py")], stdout=subprocess.PIPE, text=True) as stub:
        assert stub.stdout is not None
        try:
            yield int(stub.stdout.readline())
        finally:
            stub.terminate()


async def _measure(url: str, options: argparse.Namespace) -> dict[str, list[dict[str, float]]]:
    """Measure each kind in turn, so that a slow moment of the machine meets all of them."""
    # The bare client meets a DeprecationWarning of aiohttp at each call; a program that shows none pays less for it.
    warnings.simplefilter("ignore", DeprecationWarning)
    found: dict[str, list[dict[str, float]]] = {kind: [] for kind in KINDS}
    session, http = aiohttp.ClientSession(), AsyncTwilioHttpClient()
    twilio = TwilioTransport(ACCOUNT, TOKEN, sender=SENDER, status_callback=CALLBACK, base_url=url)
    posts = {"raw": _raw(session, url), "sdk": _sdk(http, url), "transport": _transport(twilio)}
    try:
        for post in posts.values():
            await _run(post, options.concurrent * 4, options.concurrent)
        for number in range(options.rounds):
            for kind in _turn(number):
                found[kind].append(await _run(posts[kind], options.messages, options.concurrent))
                print(f"round {number + 1}, {kind}: {found[kind][-1]['per_s']:.0f} messages/s", file=sys.stderr)
    finally:
        await twilio.aclose()
        await http.close()
        await session.close()
    return found


def _turn(number: int) -> tuple[str, ...]:
    """Another one begins each round, since who comes first may find things as nobody else does."""
    begin = number % len(KINDS)
    return KINDS[begin:] + KINDS[:begin]


async def _run(post: Post, count: int, concurrent: int) -> dict[str, float]:
    """Post ``count`` messages and look that each has a SID of its own."""
    left, sids = iter(range(count)), set()

    async def caller() -> None:
        for _ in left:
            sids.add(await post())

    gc.collect()
    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(caller() for _ in range(concurrent)))
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    if len(sids) != count:
        raise SystemExit(f"{count} messages have {len(sids)} SIDs")
    return {"per_s": count / took, "cpu_ms": cpu / count * 1000}


def _raw(session: aiohttp.ClientSession, url: str) -> Post:
    """What a program does that knows Twilio's API and nothing of its errors."""
    address = f"{url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    headers = {"Authorization": aiohttp.BasicAuth(ACCOUNT, TOKEN).encode(), "Accept": "application/json"}
    form = {"To": NUMBER, "From": SENDER, "Body": TEXT, "StatusCallback": f"{CALLBACK}?nid={MESSAGE}"}

    async def post() -> str:
        async with session.post(address, data=form, headers=headers) as response:
            response.raise_for_status()
            return str(json.loads(await response.text())["sid"])

    return post


def _sdk(http: AsyncTwilioHttpClient, url: str) -> Post:
    client = Client(ACCOUNT, TOKEN, http_client=http)
    client.api.base_url = url

    async def post() -> str:
        made = await client.messages.create_async(
            to=NUMBER, from_=SENDER, body=TEXT, status_callback=f"{CALLBACK}?nid={MESSAGE}"
        )
        return str(made.sid)

    return post


def _transport(twilio: TwilioTransport) -> Post:
    message = SmsMessage(
        message_id=MESSAGE,
        order_id="A-1001",
        notice="shipped",
        occasion="parcel:1",
        to=NUMBER,
        locale="en",
        at=datetime(2026, 1, 5, 12, tzinfo=UTC),
        text=TEXT,
    )

    async def post() -> str:
        return (await twilio.send(message)).reference

    return post


def _result(found: dict[str, list[dict[str, float]]], options: argparse.Namespace) -> dict[str, Any]:
    def median(kind: str, key: str) -> float:
        return statistics.median(each[key] for each in found[kind])

    def ratio(kind: str) -> float:
        """The median of the rounds' own ratios to bare aiohttp."""
        pairs = zip(found[kind], found["raw"], strict=True)
        return round(statistics.median(ours["per_s"] / raw["per_s"] for ours, raw in pairs), 2)

    return {
        "ratio": ratio("transport"),
        "ratio_sdk": ratio("sdk"),
        "per_s": round(median("transport", "per_s")),
        "raw_per_s": round(median("raw", "per_s")),
        "sdk_per_s": round(median("sdk", "per_s")),
        "cpu_ms": round(median("transport", "cpu_ms"), 3),
        "raw_cpu_ms": round(median("raw", "cpu_ms"), 3),
        "sdk_cpu_ms": round(median("sdk", "cpu_ms"), 3),
        "ratio_cpu": round(median("raw", "cpu_ms") / median("transport", "cpu_ms"), 2),
        "concurrent": options.concurrent,
        "messages": options.messages,
        "rounds": options.rounds,
        "twilio": version("twilio"),
        "aiohttp": version("aiohttp"),
        "python": platform.python_version(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
    }


if __name__ == "__main__":
    sys.exit(main())
