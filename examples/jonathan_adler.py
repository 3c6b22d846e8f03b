"""
The order that made somebody write this library, told twice.

``jonathan_adler.jsonl`` holds what happened, as it happened: the shop takes the order, charges the card, and then no
event comes for days, because a colleague is looking for the bag in another store. The left column is what the customer
heard at the time. The right column is what the library writes to her from the same facts, and not one more.

Run it: ``python examples/jonathan_adler.py``. Two weeks pass in a moment, because the clock is virtual.
"""

import asyncio
import json
import logging
import textwrap
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from proactive_notify import Event, Message, Shop, StaffWord, event_from_wire
from proactive_notify.testing import Simulation

LOG = Path(__file__).with_name("jonathan_adler.jsonl")
NEW_YORK = ZoneInfo("America/New_York")

#: What reached the customer of each event when it happened. Of all others she noticed nothing.
HEARD_THEN = {
    "order.placed": "We have received your order.",
    "order.paid": "(from her bank) Card charged: $424.63",
    "customer.asked": "(she asks) Where is my bag?",
    "customer.answered": "(Priya answers) We are looking for it.",
    "order.shipped": "Your order has shipped.",
    "order.delivered": "(the doorbell)",
}
FROM_THE_SHOP = ("order.placed", "customer.answered", "order.shipped")


async def main() -> None:
    logging.basicConfig(level=logging.ERROR)  # what the staff are asked is logged as well; here it is printed
    events = [event_from_wire(json.loads(line)) for line in LOG.read_text(encoding="utf-8").splitlines()]
    shop = Shop(name="Jonathan Adler", reply_to="help@jonathanadler.example", country="US")
    async with Simulation(shop=shop, start=events[0].happened_at) as sim:
        for event in events:
            await sim.record_at(event.happened_at, event)
        history = await sim.notifier.why(events[0].order_id)
        print_both_columns(events, sim.sent, history.staff)
        print_mail(sim.messages("holding")[0])
        print_silences(events, sim.sent)


def print_both_columns(events: list[Event], messages: list[Message], staff: tuple[StaffWord, ...]) -> None:
    """Print what she heard then and what she hears now, in order of time."""
    then = [(event.happened_at, HEARD_THEN[event.type]) for event in events if event.type in HEARD_THEN]
    now = [(message.at, message.subject) for message in messages]
    now += [(word.at, f"   [to the staff] {word.text}") for word in staff]
    print(f"{'':<18}{'WHAT SHE HEARD THEN':<40}WHAT SHE HEARS NOW")
    last = ""
    for moment in sorted({moment for moment, _ in then + now}):
        left, right = (" · ".join(said for at, said in column if at == moment) for column in (then, now))
        day, time = f"{moment.astimezone(NEW_YORK):%a %d %b|%H:%M}".split("|")
        print(f"{'' if day == last else day:<10}  {time} {left:<40}{right}".rstrip())
        last = day


def print_mail(message: Message) -> None:
    """Print what a mail says, without its greeting and its foot."""
    said = message.text.split("Reply to this mail")[0].splitlines()[3:]
    print(f"\nThe first mail that no event caused, {message.at.astimezone(NEW_YORK):%A %d %B %H:%M}: {message.subject}")
    for line in filter(None, said):
        print(textwrap.fill(line, 110, initial_indent="    ", subsequent_indent="      "))


def print_silences(events: list[Event], messages: list[Message]) -> None:
    """Print the longest time in which the shop said nothing, then and now."""
    then = longest([event.happened_at for event in events if event.type in FROM_THE_SHOP])
    now = longest([message.at for message in messages])
    print(f"\nThe longest silence then: {days(then)}. She had to end it herself, and wait another day for the answer.")
    print(f"The longest silence now:  {days(now)}. The mail before it had named the day on which she would hear again.")


def longest(moments: list[datetime]) -> timedelta:
    return max(later - earlier for earlier, later in pairwise(moments))


def days(duration: timedelta) -> str:
    return f"{duration.days} days, {duration.seconds // 3600} hours"


asyncio.run(main())
