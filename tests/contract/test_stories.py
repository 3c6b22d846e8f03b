"""Hard cases from beginning to end: who hears what, and when, as it stands in examples/stories/."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from docs.why import story_teller
from proactive_notify import CustomerAnswered, MessageState
from proactive_notify.simulation.event_log import Arrival, EventLog

STORIES = Path(__file__).resolve().parents[2] / "examples" / "stories"
NAMES = sorted(path.stem for path in STORIES.glob("*.jsonl"))
COMMAND = "python examples/stories/tell.py"


@pytest.fixture(scope="module")
def tell() -> Iterator[ModuleType]:
    """The program that tells the stories."""
    with story_teller() as program:
        yield program


class Lives:
    """Each story is lived through once."""

    def __init__(self, tell: ModuleType) -> None:
        self.tell = tell
        self._played: dict[str, Any] = {}

    async def of(self, name: str) -> Any:
        if name not in self._played:
            (story,) = (each for each in self.tell.STORIES if each.name == name)
            self._played[name] = await self.tell.play(story)
        return self._played[name]


@pytest.fixture(scope="module")
def lives(tell: ModuleType) -> Lives:
    """What came of the stories."""
    return Lives(tell)


def test_there_are_seventeen(tell: ModuleType) -> None:
    """Each story has its events, its timeline and a few words of what it is about."""
    assert 17 == len(NAMES)
    assert NAMES == sorted(path.stem for path in STORIES.glob("*.txt"))
    assert NAMES == sorted(story.name for story in tell.STORIES)
    assert {3} == {story.about.count(". ") + 1 for story in tell.STORIES}


@pytest.mark.parametrize("name", NAMES)
def test_the_events_can_be_replayed(name: str) -> None:
    """Every line is an event, so ``proactive-notify replay`` takes the files as they are."""
    found = list(EventLog([str(STORIES / f"{name}.jsonl")]).read())

    assert [] == [each for each in found if not isinstance(each, Arrival)]


@pytest.mark.parametrize("name", NAMES)
async def test_who_hears_what_is_what_the_timeline_says(name: str, lives: Lives) -> None:
    """Who hears what and when is what stands beside the events."""
    expected = (STORIES / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    lived = lives.tell.timeline(await lives.of(name)).splitlines()
    changed = "\n".join(difflib.unified_diff(expected, lived, f"{name}.txt", "as it is now", lineterm=""))

    if changed:
        pytest.fail(f"{changed}\n\nIf that is meant: {COMMAND}\n")


@pytest.mark.parametrize("name", NAMES)
async def test_nobody_is_told_twice(name: str, lives: Lives) -> None:
    """No notice is told twice for one reason, and no mail repeats the one before word for word on the same day."""
    played = await lives.of(name)
    reasons = Counter((each.order_id, each.notice, each.occasion, type(each)) for each in played.messages)
    words = Counter((each.order_id, each.subject, each.text, each.at.date()) for each in played.messages)

    assert [] == [reason for reason, count in (*reasons.items(), *words.items()) if count > 1]


@pytest.mark.parametrize("name", NAMES)
async def test_every_silence_is_spoken_for(name: str, lives: Lives) -> None:
    """By the day that a message names the next one has come, or a person has spoken, or the order has ended."""
    played = await lives.of(name)
    story = played.story
    broken = [each for history in played.histories for each in unspoken(history, until=played.until)]
    down = [datetime.fromisoformat(at).replace(tzinfo=story.zone) for at in story.outage or ()]

    assert [] == [(order, day) for order, day in broken if not (down and down[0] < day < down[1])]


def unspoken(history: Any, *, until: datetime) -> Iterator[tuple[str, datetime]]:
    """Yield the days that a message named for the next word, and by which none came although it was awaited."""
    sent = sorted((m for m in history.messages if m.state is MessageState.SENT), key=lambda m: m.settled_at)
    spoken = [fact.recorded_at for fact in history.facts if isinstance(fact.event, CustomerAnswered)]
    for message, following in pairwise([*sent, None]):
        day, next_at = message.next_word, following.settled_at if following else until
        by_a_person = any(message.settled_at < at <= next_at for at in spoken)
        is_over = following is None and not history.order.is_live
        if day is not None and day < next_at and not by_a_person and not is_over:
            yield history.order.order_id, day


def test_one_command_writes_them_anew(tell: ModuleType, tmp_path: Path) -> None:
    """``python examples/stories/tell.py --out FOLDER`` writes every timeline."""
    tell.main(["--out", str(tmp_path)])

    assert NAMES == sorted(path.stem for path in tmp_path.glob("*.txt"))


# What the customer would not have wanted to live


async def told(lives: Lives, name: str, notice: str, order: str = "") -> list[Any]:
    """The mails of a story with this notice."""
    played = await lives.of(name)
    return [each for each in played.messages if each.notice == notice and order in ("", each.order_id)]


async def test_what_is_lost_and_called_off_is_waited_for_no_more(lives: Lives) -> None:
    """One parcel arrived, the other is lost, its items are cancelled and their money is back: nothing is to come."""
    (history,) = (await lives.of("split_order")).histories

    assert not history.order.is_live


async def test_a_lost_parcel_is_not_said_to_be_on_its_way(lives: Lives) -> None:
    """Who hears that the lost items are cancelled does not hear that they are coming."""
    (mail,) = await told(lives, "split_order", "cancelled")

    assert "on its way to you" not in mail.text


async def test_a_reason_that_is_known_is_not_said_to_be_unknown(lives: Lives) -> None:
    """Amos was told why and until when on Friday; on Wednesday the shop does not pretend to know neither."""
    first, *_ = await told(lives, "backorder_renewed", "delayed")

    assert "We can’t give you a reason yet" not in first.text
    assert "22 May" in first.text


async def test_a_cancelled_parcel_that_leaves_is_looked_into(lives: Lives) -> None:
    """The customer was told that nothing comes, and something does: the staff hear of it."""
    (history,) = (await lives.of("cancelled_while_packed")).histories

    assert "contradiction" in [word.subject for word in history.staff]


async def test_after_an_outage_she_hears_that_her_order_is_cancelled(lives: Lives) -> None:
    """One mail may say both, but one of them says it."""
    mails = [each for each in (await lives.of("three_days_of_outage")).messages if each.order_id == "W-412"]

    assert any("cancelled" in each.text for each in mails)


async def test_a_confirmation_that_is_late_promises_nothing(lives: Lives) -> None:
    """What was cancelled while mail was away is not said to ship."""
    (mail,) = await told(lives, "three_days_of_outage", "order-received", "W-412")

    assert "write when it ships" not in mail.text


async def test_the_last_we_know_is_the_last_we_know(lives: Lives) -> None:
    """Once the parcel is packed, that its order arrived is not the last that is known."""
    mails = await told(lives, "label_over_christmas", "holding")
    packed = [each for each in mails if each.at.date().isoformat() > "2026-12-23"]

    assert [] == [each.at for each in packed if "your order reached us" in each.text]


async def test_the_list_after_an_import_names_what_is_overdue(lives: Lives) -> None:
    """Of an order that was delivered or cancelled no date is overdue."""
    histories = (await lives.of("import_of_old_orders")).histories
    ended = [each for each in histories if each.order.is_ended and each.order.imported]

    assert [] == [word.text for each in ended for word in each.staff if "have passed" in word.text]


async def test_staff_who_have_just_recorded_something_are_not_asked_for_news(lives: Lives) -> None:
    """What the shop recorded a moment ago, and the customer has heard, is not asked for, though the date has passed."""
    played = await lives.of("backorder_renewed")
    told = [each.at for each in played.messages if each.notice in ("backordered", "payment-received", "shipped")]
    asked = [each.at for each in played.asked if "Going quiet" in each.text or "nothing new" in each.text]

    assert asked
    assert [] == [at for at in asked if any(0 <= (at - mail).total_seconds() < 3600 for mail in told)]


async def test_no_news_is_not_told_every_day(lives: Lives) -> None:
    """The first word comes early; after it the same words do not come day after day."""
    mails = await told(lives, "item_never_found", "holding")
    days = [each.at.date() for each in mails]

    assert [] == [later for earlier, later in pairwise(days) if (later - earlier).days == 1]


async def test_what_has_shipped_is_not_said_to_ship(lives: Lives) -> None:
    """A part of it left a minute before the card was charged."""
    mails = await told(lives, "split_order", "payment-received")

    assert [] == [each.text for each in mails if "write when your order ships" in each.text]


async def test_who_asks_where_it_is_does_not_hear_that_it_is_there(lives: Lives) -> None:
    """Joan says that the porch is empty: that it arrived is what the carrier reports, and no more is known."""
    (mail,) = await told(lives, "delivered_then_not", "question-received")

    assert "carrier reports" in mail.text


async def test_one_mail_for_an_edit_says_all_of_it(lives: Lives) -> None:
    """The edit moved the day as well as the door: one mail for both says that it is later than was told."""
    played = await lives.of("customer_who_moved")
    edited = [each for each in played.messages if each.at.date().isoformat() == "2026-07-08"]

    assert any("Friday, 17 July" in each.text for each in edited)
