"""
Hard cases, and what the library makes of them.

``<name>.jsonl`` holds what happened, ``<name>.txt`` who heard what.

``python examples/stories/tell.py`` plays all of them in virtual time and writes the timelines anew; ``--out FOLDER``
writes them elsewhere. A test does that and compares: after a change that is meant, write them anew and read the
difference as the customer would live it.

An event file says what happened and, by the order of its lines, when each fact arrived: a fact arrives when it happens,
or with the line before it if that is later. What it cannot say stands in :data:`STORIES`.
"""

import argparse
import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from proactive_notify import Event, Message, Policy, Shop, Staff, StaffMessage, Transient, event_from_wire
from proactive_notify.testing import RecordingTransport, Simulation
from timeline import Line, asked, rendered, told

HERE = Path(__file__).parent
#: After it a message is tried again. Without it the wait would be spread by chance, and no two runs alike.
HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Story:
    """What is to be told of an event file."""

    name: str
    title: str
    #: What happens, in three sentences.
    about: str
    shop: Shop
    #: From when to when the mail server is away; local time.
    outage: tuple[str, str] | None = None
    #: What the shop's policy says otherwise than the default.
    policy: Policy = Policy()
    #: How long the clock runs on after the last event.
    days_after: int = 7

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.shop.time_zone)


BRIGHTSIDE = Shop(name="Brightside", reply_to="help@brightside.example", country="US", time_zone="America/New_York")
KILN = Shop(name="Kiln", reply_to="help@kiln.example", country="GB", time_zone="Europe/London", locale="en-GB")
WERKSTATT = Shop(name="Werkstatt", reply_to="help@werkstatt.example", country="DE", time_zone="Europe/Berlin")
#: The bank holidays of England and Wales, https://www.gov.uk/bank-holidays: Boxing Day of 2026 is kept on the Monday.
CHRISTMAS = frozenset({date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1)})

STORIES = (
    Story(
        name="split_order",
        title="A split order, and one of its parcels is lost",
        about="Nora orders a lamp and two cushions, and they travel in two parcels. The lamp arrives; the parcel "
        "with the cushions is scanned once and never again. Nobody at the shop notices, but Nora is not left "
        "to find out.",
        shop=BRIGHTSIDE,
    ),
    Story(
        name="backorder_renewed",
        title="A backorder that is renewed twice",
        about="Four chairs are out of stock, and the maker's date moves, and moves again. Each time Amos hears of "
        "the new date before the old one has passed, and why. He decides to wait, and the chairs come.",
        shop=BRIGHTSIDE,
    ),
    Story(
        name="friday_night_question",
        title="A question on a Friday night",
        about="Priya asks on Friday at 22:40 whether a lid can be engraved. Nobody is there until Monday, and on "
        "Monday everybody is busy. She hears where her order stands, when a person answers, and that the "
        "answer is late.",
        shop=KILN,
    ),
    Story(
        name="delivered_then_not",
        title="Delivered, and then not",
        about="The carrier says that Joan's bowl was left in the porch, and it was not. It had gone to the wrong "
        "house, is fetched back and comes two days later. The first message was wrong, so the next ones must "
        "not pretend.",
        shop=KILN,
    ),
    Story(
        name="cancelled_while_packed",
        title="Cancelled while it is being packed",
        about="Dana cancels eight minutes after the label was made, and the parcel leaves all the same. It is "
        "turned round at the carrier's and comes back a week later. The money follows.",
        shop=BRIGHTSIDE,
    ),
    Story(
        name="item_never_found",
        title="The card is charged and the item is never found",
        about="Ruth's card is charged at once, and the last clock turns out to be scratched. Three stores are "
        "searched for another one, in vain. Nothing ships in nineteen days, and not one of her questions had "
        "to be asked.",
        shop=BRIGHTSIDE,
    ),
    Story(
        name="label_over_christmas",
        title="A label that is made and forgotten over Christmas",
        about="Sam's cups are packed on the eve of Christmas Eve, the carrier is told of them, and then everybody "
        "goes home. The parcel lies on a shelf until the fifth of January. Nothing was reported, so nothing "
        "could be noticed but the silence.",
        shop=KILN,
        policy=Policy(holidays=CHRISTMAS),
    ),
    Story(
        name="nine_scans",
        title="Nine scans in ninety seconds",
        about="The carrier's computers are down for two days and then hand over nine scans at once, in no order. "
        "Among them are a delay that is over and a parcel that is on the van and then at the door. Jana gets "
        "one message, and it is the last truth.",
        shop=WERKSTATT,
    ),
    Story(
        name="import_of_old_orders",
        title="A hundred old orders are imported",
        about="A shop begins to use the library and imports a hundred orders of the last fifteen weeks in one go. "
        "Most of them ended long ago, some are open, and of some the promised day has passed. No customer "
        "gets a mail about the past, the staff hear what is overdue, and what is still to come is watched.",
        shop=WERKSTATT,
    ),
    Story(
        name="three_days_of_outage",
        title="The mail server is away for three days",
        about="From Tuesday noon to Friday noon no mail can leave, and life goes on: one order is shipped and "
        "delivered, one stands still, one is placed and cancelled. Everything waits in the outbox. When mail "
        "works again each customer gets the newest truth and not three days of old news.",
        shop=WERKSTATT,
        outage=("2026-06-02T12:00", "2026-06-05T12:00"),
    ),
    Story(
        name="customer_who_moved",
        title="A customer who moved",
        about="Between order and parcel Leah changes her job, her address and her time zone. The parcel is on its "
        "way to the new flat when the carrier finds that a number is missing. Every mail goes to the address "
        "that holds, at an hour that is hers.",
        shop=BRIGHTSIDE,
    ),
    Story(
        name="clock_change",
        title="A night in which the clocks change",
        about="Ida and Theo order in the hour that exists twice, and a day that was promised has twenty-five hours."
        " Two business days later it is the same time by the clock on the wall, not by the clock of the "
        "machine. Nothing is said an hour too late or told twice because an hour came twice.",
        shop=WERKSTATT,
    ),
    Story(
        name="option_accepted",
        title="A long delay, and the customer waits",
        about="Mae's rug will be six weeks late. The law reads silence to so long a delay as a no, so the mail asks "
        "her to say that she waits, and until when. She does, and nothing more is asked of her.",
        shop=BRIGHTSIDE,
    ),
    Story(
        name="option_refused",
        title="A delay, and the customer cancels",
        about="Omar's bench would come two weeks late, and he needs it sooner. He answers the mail, and the same "
        "minute he reads by when his money is back. The shop cancels that day and refunds him in the next week.",
        shop=BRIGHTSIDE,
    ),
    Story(
        name="silence_near_date",
        title="A short delay, and no answer",
        about="Lena's lamp will be three weeks late, and the mail says that silence means that she waits until then. "
        "She does not answer. The lamp ships a day before the new date has passed.",
        shop=BRIGHTSIDE,
    ),
    Story(
        name="silence_no_date",
        title="A delay without a date, and no answer",
        about="Nobody told Jack a day, so the law does: thirty days. When they are over nobody knows when his desk can "
        "be made, he is asked whether he waits, and he does not answer. Thirty days later the law calls the order off, "
        "and nobody has to ask for the money.",
        shop=BRIGHTSIDE,
    ),
    Story(
        name="option_renewed",
        title="A delay that is renewed",
        about="Ines does not answer to a short delay, which is a yes. When the new date cannot be kept either she is "
        "asked again before it has passed, and this time silence would be a no. She answers late in the evening of "
        "the last day but one, and the blanket comes.",
        shop=BRIGHTSIDE,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Played:
    """A story that has been lived through."""

    story: Story
    messages: Sequence[Message]
    #: What the staff were told.
    asked: Sequence[StaffMessage]
    #: What ``notifier.why()`` returns, for each order.
    histories: Sequence[Any]
    #: Where the clock stood in the end.
    until: datetime


def arrivals(story: Story) -> list[tuple[datetime, list[Event]]]:
    """Return the events of a story, those that arrive at one instant together."""
    lines = (HERE / f"{story.name}.jsonl").read_text(encoding="utf-8").splitlines()
    arriving: list[tuple[datetime, Event]] = []
    for event in map(event_from_wire, map(json.loads, lines)):
        arriving.append((max(event.happened_at, arriving[-1][0]) if arriving else event.happened_at, event))
    return [(at, [event for _, event in batch]) for at, batch in groupby(arriving, key=lambda pair: pair[0])]


async def play(story: Story, *, store: Any = None) -> Played:
    """Live through a story on a virtual clock; ``store`` keeps what is left of it."""
    batches = arrivals(story)
    down, up = (datetime.fromisoformat(at).replace(tzinfo=story.zone) for at in story.outage or ("9999-01-01",) * 2)
    steps: list[tuple[datetime, Sequence[Event]]] = sorted([*batches, (down, ()), (up, ())], key=lambda step: step[0])
    end = batches[-1][0] + timedelta(days=story.days_after)
    desk: RecordingTransport[StaffMessage] = RecordingTransport()
    start = batches[0][0]
    async with Simulation(shop=story.shop, policy=story.policy, staff=Staff(desk), start=start, store=store) as sim:
        for at, events in steps:
            if at > end:
                break
            if events:
                await sim.record_at(at, *events)
                continue
            await sim.run_until(at)
            if at == down:
                sim.email.fail_until_told(Transient("come back in an hour", retry_after=HOUR))
            else:
                sim.email.recover()
        await sim.run_until(end)
        orders = dict.fromkeys(event.order_id for _, batch in batches for event in batch)
        histories = [found for order in orders if (found := await sim.notifier.why(order))]
        return Played(story=story, messages=sim.sent, asked=desk.sent, histories=histories, until=end)


def timeline(played: Played) -> str:
    """Return a story and its timeline as text."""
    story = played.story
    mails = defaultdict(list)
    for message in played.messages:
        mails[message.order_id].append(message)
    lines = [line for history in played.histories for line in told(history, mails[history.order.order_id], story.zone)]
    lines += [asked(message) for message in played.asked]
    if story.outage:
        said = ("the mail server is away: nothing can leave", "the mail server is back")
        moments = (datetime.fromisoformat(at).replace(tzinfo=story.zone) for at in story.outage)
        lines += [Line(at=at, order="", who="happens", text=text) for at, text in zip(moments, said, strict=True)]
    return rendered(story.title, story.about, lines, story.zone)


def main(arguments: Sequence[str] | None = None) -> None:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    reader.add_argument("--out", type=Path, default=HERE, help="the folder that gets the timelines")
    out = reader.parse_args(arguments).out
    for story in STORIES:
        (out / f"{story.name}.txt").write_text(timeline(asyncio.run(play(story))), encoding="utf-8")


if __name__ == "__main__":
    logging.disable()  # what the staff are told is logged as well; here it stands in the timelines
    main()
