"""kill -9 around the sending of an SMS: no SMS goes twice, and nobody is left without a word."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from proactive_notify import MessageState
from tests.acceptance.fire.fast_clock import FastClock
from tests.acceptance.fire.processes import Stage, stage_in
from tests.acceptance.fire.stream import ask
from tests.acceptance.fire.texting import has_email
from tests.acceptance.fire.texts import Texts
from tests.acceptance.test_kill import Terminal
from tests.leaks import addresses_in, numbers_in

#: Between Twilio's answer and our commit: 50 kills.
WINDOW = {"unread": 17, "answered": 17, "settling": 16}
#: Before the answer, and while the doubt is looked into.
ELSEWHERE = {"composing": 3, "calling": 4, "taken": 5, "asked": 2, "found": 2}
#: A minute of the shop's is three seconds of ours: no message is under way for so long, on any machine.
SPEED = 20.0
#: Where the kills are while Twilio cannot be asked.
AWAY = ["taken", "calling", "answered", "unread", "settling", "composing", "calling"]
OF_USE_FOR = timedelta(minutes=30)


@pytest.fixture
def terminal(pytestconfig: pytest.Config) -> Terminal:
    return Terminal(pytestconfig)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with stage_in(tmp_path / "stage") as stage:
        yield stage


def plan() -> list[str]:
    """Where the kills are, in some order; a doubt comes first, so that there is one to look into."""
    places = list((Counter({**WINDOW, **ELSEWHERE}) - Counter(["taken", "answered"])).elements())
    random.Random(4).shuffle(places)
    return ["taken", "answered", *places]


def test_no_sms_goes_twice_and_nobody_goes_without(stage: Stage, terminal: Terminal) -> None:
    """
    A worker is killed 50 times between Twilio's answer and our commit, and at other places. What Twilio has is never
    sent again; what it never had comes by email, or where there is none by SMS; everybody has exactly one word.
    """
    texts = Texts(stage, FastClock.from_now(speed=SPEED), "--lease", 30)
    texts.open()
    for place in plan():
        texts.kill_at(place)
        terminal.say(str(texts.kills[-1]))
    texts.finish()
    terminal.say(*summary(texts))

    holds(texts)
    window = [kill for kill in texts.kills if kill.place in WINDOW]
    assert [] == [str(kill) for kill in window if not (kill.is_unknown and kill.was_taken)]
    assert dict.fromkeys(range(texts.orders), 1) == texts.words
    assert {} == {order: ids for order, ids in texts.mails.items() if not has_email(order)}
    assert [("told",)] * texts.orders == ask(texts.database, "select state from pn_notice")
    assert {text.sid for text in texts.texts} == {sid for (sid,) in references(texts)}
    assert 50 == len(window)


def test_where_twilio_cannot_be_asked_the_mail_goes_before_the_deadline(stage: Stage, terminal: Terminal) -> None:
    """
    While no look-up is answered, a message that Twilio perhaps has goes by email while the notice is of use, and never
    again by SMS; of who has no address Twilio is asked on.
    """
    clock = FastClock.from_now(speed=4 * SPEED)  # a doubt lasts longer that nobody can end
    texts = Texts(stage, clock, "--expires", OF_USE_FOR / timedelta(minutes=1))
    texts.open(twilio="away")
    for place in AWAY:
        texts.kill_at(place)
        terminal.say(str(texts.kills[-1]))
    texts.finish(whom=has_email)
    terminal.say(*summary(texts))

    holds(texts)
    perhaps_taken = {kill.order for kill in texts.kills if kill.place != "composing"}
    assert {order for order in perhaps_taken if has_email(order)} <= texts.mails.keys()
    assert {} == {order: ids for order, ids in texts.mails.items() if len(ids) > 1}
    assert [] == [order for order, at in texts.mailed_at.items() if at >= texts.placed_at(order) + OF_USE_FOR]
    silent = {order for order, count in texts.words.items() if not count}
    assert set() == {order for order in silent if has_email(order)} | (silent - texts.under_way)


def holds(texts: Texts) -> None:
    """What has to be true of whatever was killed."""
    assert {} == {order: count for order, count in Counter(text.order for text in texts.texts).items() if count > 1}
    assert [("ok",)] == ask(texts.database, "pragma integrity_check")
    assert [] == texts.stage.lines("fault")
    assert [] == [*addresses_in(texts.stage.output), *numbers_in(texts.stage.output)]


def references(texts: Texts) -> list[tuple[object, ...]]:
    """What the messages are called at Twilio that we know it has."""
    query = "select reference from pn_message where channel = 'sms' and state = ?"
    return ask(texts.database, query, int(MessageState.SENT))


def summary(texts: Texts) -> Iterator[str]:
    yield ""
    yield f"{'killed at':<10} kills in hand taken"
    for place, count in Counter(kill.place for kill in texts.kills).items():
        kills = [kill for kill in texts.kills if kill.place == place]
        yield f"{place:<10} {count:>5} {sum(k.in_hand for k in kills):>7} {sum(k.in_doubt for k in kills):>5}"
    yield f"{texts.orders} orders: {len(texts.texts)} texts, {len(texts.mails)} mails"
