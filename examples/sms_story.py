"""
The order of ``jonathan_adler.py`` once more, by text message and email, with a STOP in the middle.

She agreed to texts, so the shop texts her what cannot wait. She asks by text where her order is, and the library
answers from what it knows. Then she has enough of texts and says so in her own words: one text confirms it, and all
that happens from then on reaches her by email. A STOP never silences an order.

Run it: ``python examples/sms_story.py``. Two weeks pass in a moment, because the clock is virtual.
"""

import asyncio
import json
import logging
import textwrap
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from proactive_notify import Event, Message, OrderPlaced, Reply, Shop, Sms, SmsMessage, default_notices, event_from_wire
from proactive_notify.notices import Holding, Shipped, Sourcing
from proactive_notify.testing import RecordingTransport, Simulation

LOG = Path(__file__).with_name("jonathan_adler.jsonl")
NEW_YORK = ZoneInfo("America/New_York")
SHOPS_NUMBER, HER_NUMBER = "+12015550100", "+12015550123"


class SourcingByText(Sourcing):
    channels = ("sms", "email")  # the first that can reach her


class HoldingByText(Holding):
    channels = ("sms", "email")


class ShippedByText(Shipped):
    channels = ("sms", "email")


BY_TEXT = (SourcingByText, HoldingByText, ShippedByText)
NOTICES = [*(each for each in default_notices if each.key not in {text.key for text in BY_TEXT}), *BY_TEXT]


def at(day: int, hour: int, minute: int) -> datetime:
    """A moment of April 2026, in the customer's zone."""
    return datetime(2026, 4, day, hour, minute, tzinfo=NEW_YORK).astimezone(UTC)


#: What she texts. In a shop this comes from ``TwilioReceipts.parse_reply()``.
HER_TEXTS = {
    at(15, 9, 40): "Where is my order?",
    at(16, 21, 50): "Please stop texting me",
    at(16, 21, 52): "I said no more texts!!",
}


def reply(number: int, text: str) -> Reply:
    return Reply(id=f"SM{number}", source="twilio", channel="sms", sender=HER_NUMBER, to=SHOPS_NUMBER, text=text)


def story() -> list[Event]:
    """What happened in the shop: its log, but that she agreed to texts, and asked by text and not by mail."""
    events = [event_from_wire(json.loads(line)) for line in LOG.read_text(encoding="utf-8").splitlines()]
    consent = {"phone": HER_NUMBER, "sms_consent": True}
    return [
        each.model_copy(update={"customer": each.customer.model_copy(update=consent)})
        if isinstance(each, OrderPlaced)
        else each
        for each in events
        if each.type != "customer.asked"
    ]


async def main() -> None:
    logging.basicConfig(level=logging.ERROR)  # what the staff are asked is a warning in the log
    events = story()
    shop = Shop(name="Jonathan Adler", reply_to="help@jonathanadler.example", country="US")
    sms = Sms(RecordingTransport(), sender=SHOPS_NUMBER)
    async with Simulation(shop=shop, channels=[sms], notices=NOTICES, start=events[0].happened_at) as sim:
        texts = [(moment, reply(number, text)) for number, (moment, text) in enumerate(HER_TEXTS.items(), 1)]
        happened = [*((each.happened_at, each) for each in events), *texts]
        for moment, each in sorted(happened, key=lambda pair: pair[0]):
            if isinstance(each, Event):
                await sim.record_at(moment, each)
            else:
                await sim.run_until(moment)
                await sim.notifier.receive_reply(each)
                await sim.notifier.run_until_idle()
        print_timeline(sim.sent)
        print()
        print_count(sim.sent, stopped_at=texts[1][0])


def print_timeline(messages: Iterable[Message]) -> None:
    """Print what she wrote and what reached her, in order of time, and by which channel."""
    lines = [(moment, 0, "she texts", f"“{text}”") for moment, text in HER_TEXTS.items()]
    for message in messages:
        is_text = isinstance(message, SmsMessage)
        said = " ".join(message.text.split()) if is_text else message.subject
        lines.append((message.at, 1, "-> text" if is_text else "-> email", said))
    for moment, _, how, said in sorted(lines):
        start = f"{moment.astimezone(NEW_YORK):%a %d Apr %H:%M}  {how:<9}  "
        print(textwrap.fill(said, 110, initial_indent=start, subsequent_indent=" " * len(start)))


def print_count(messages: list[Message], *, stopped_at: datetime) -> None:
    """Print how many messages went by which channel before the STOP and after it."""
    for when, is_then in (("Before", lambda each: each.at < stopped_at), ("After", lambda each: each.at >= stopped_at)):
        texts = [each for each in messages if is_then(each) and isinstance(each, SmsMessage)]
        emails = [each for each in messages if is_then(each) and not isinstance(each, SmsMessage)]
        confirms = ", which confirms it" if all(each.notice == "reply" for each in texts) else ""
        print(f"{when} the STOP: {len(texts)} by text{confirms}, and {len(emails)} by email.")


asyncio.run(main())
