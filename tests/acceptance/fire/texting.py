"""
A shop that tells its customers by SMS, else by email, and stands still where a test wants to kill it.

::

    python -m tests.acceptance.fire.texting DATABASE TWILIO-URL SMTP-URL CLOCK [--lease 60] [--expires MINUTES]

It begins with a notifier that is open and no worker. CLOCK is the text of a ``FastClock``.

Heard on standard input: ``work`` (start a worker), ``halt PLACE`` (stand still where the next message comes to that
place, for good: ``composing`` it has been claimed, ``calling`` it is written down, ``answered`` Twilio's answer has
been read, ``found`` so has that of a look-up), ``record FIRST LAST PLACED-AT`` (orders, the last one excluded),
``stop``.

Said on standard output: ``up``, ``working``, ``halted <place> <order>``, ``answered <order>``, ``recorded <order>``,
what the shop of ``shop.py`` says of messages, ``stopped``.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

from proactive_notify import Customer, Email, Notice, Notifier, OrderPlaced, Policy, Shop, Sms
from proactive_notify._policy.caps import Caps
from proactive_notify.domain.messages import Accepted, Message, SmsMessage, WhatsAppMessage
from proactive_notify.transports import TwilioTransport
from proactive_notify.transports.smtp import SmtpTransport
from tests.acceptance.fire.fast_clock import FastClock
from tests.acceptance.fire.shop import address, listen, order_id, say, tell
from tests.contract.twilio_server import ACCOUNT, SENDER, TOKEN

#: Seconds between two looks at the table.
POLL = 0.05
#: An hour of the shop's has as many orders as the test.
NO_CAPS = Caps(
    number_per_hour=None, number_per_day=None, prefix_per_hour=None, prefix_per_day=None, per_hour=None, per_day=None
)


def number_of(order: str) -> int:
    return int(order.rpartition("-")[2])


def has_email(number: int) -> bool:
    """Every second customer can be reached by SMS only."""
    return number % 2 == 0


def order(number: int, *, placed_at: datetime) -> OrderPlaced:
    """The fact of an order: the same whenever and by whomever it is recorded."""
    phone, email = f"+4915112{number:06d}", address(number) if has_email(number) else None
    customer = Customer(name=f"Ada {number}", email=email, phone=phone, sms_consent=True)
    return OrderPlaced(order_id=order_id(number), id=f"{number}:placed", source="till", at=placed_at, customer=customer)


class Received(Notice[OrderPlaced]):
    """The confirmation, by SMS."""

    key = "order-received"
    channels = ("sms", "email")


class Halt:
    """Where this process stands still."""

    def __init__(self) -> None:
        self.place = ""

    def here(self, place: str, order: str) -> None:
        if place == self.place:
            say("halted", place, number_of(order))
            signal.pause()


class HaltingSms(Sms):
    def __init__(self, transport: TwilioTransport, halt: Halt) -> None:
        super().__init__(transport, sender=SENDER, countries=["DE"], caps=NO_CAPS)
        self._halt = halt

    def compose(
        self, common: Mapping[str, object], parts: Mapping[str, str], *, shop: Shop, customer: Customer
    ) -> Message:
        self._halt.here("composing", str(common["order_id"]))
        return super().compose(common, parts, shop=shop, customer=customer)


class HaltingTwilio(TwilioTransport):
    def __init__(self, url: str, halt: Halt) -> None:
        super().__init__(ACCOUNT, TOKEN, base_url=f"{url}/pid-{os.getpid()}")
        self._halt = halt

    async def send(self, message: SmsMessage | WhatsAppMessage) -> Accepted:
        self._halt.here("calling", message.order_id)
        accepted = await super().send(message)
        say("answered", number_of(message.order_id))
        self._halt.here("answered", message.order_id)
        return accepted

    async def look_up(self, message: SmsMessage | WhatsAppMessage, *, since: datetime) -> Accepted | None:
        found = await super().look_up(message, since=since)
        if found is not None:
            self._halt.here("found", message.order_id)
        return found


def notifier_of(given: argparse.Namespace, halt: Halt) -> Notifier:
    smtp = SmtpTransport.from_url(given.smtp, tls="none", local_hostname=f"pid-{os.getpid()}.shop.example")
    expires = {Received.key: timedelta(minutes=given.expires)} if given.expires else {}
    return Notifier(
        Shop(name="Acme", reply_to="help@shop.example"),
        store=f"sqlite:///{given.database}",
        channels=[
            HaltingSms(HaltingTwilio(given.twilio, halt), halt),
            Email(smtp, sender="Acme <orders@shop.example>"),
        ],
        notices=[Received],
        policy=Policy(quiet_hours={}, expires=expires),
        observers=[tell],
        clock=given.clock,
        lease=timedelta(seconds=given.lease),
    )


async def run(given: argparse.Namespace) -> None:
    halt, tasks = Halt(), set[asyncio.Future[None]]()
    notifier, is_wanted = notifier_of(given, halt), asyncio.Event()

    async def work(life: AsyncExitStack) -> None:
        await is_wanted.wait()
        await life.enter_async_context(notifier.worker(poll=POLL))
        say("working")

    async def record(number: int, placed_at: datetime) -> None:
        await notifier.record(order(number, placed_at=placed_at))
        say("recorded", number)

    def hear(line: str) -> None:
        match line.split():
            case ["work"]:
                is_wanted.set()
            case ["halt", place]:
                halt.place = place
            case ["record", first, last, at]:
                wave = range(int(first), int(last))
                tasks.update(asyncio.ensure_future(record(number, datetime.fromisoformat(at))) for number in wave)
            case _:
                raise ValueError(line)

    async with AsyncExitStack() as life:
        await life.enter_async_context(notifier)
        starting = asyncio.ensure_future(work(life))
        say("up")
        await listen(hear)
        await asyncio.gather(*tasks)
        starting.cancel()
    say("stopped")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("database")
    parser.add_argument("twilio")
    parser.add_argument("smtp")
    parser.add_argument("clock", type=FastClock.from_text)
    parser.add_argument("--lease", type=float, default=60.0)
    parser.add_argument("--expires", type=float)
    given = parser.parse_args()
    logging.basicConfig(level=logging.DEBUG, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    asyncio.run(run(given))


if __name__ == "__main__":
    main()
