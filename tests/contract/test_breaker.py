"""The circuit breaker: when it opens, what waits and what does not, the one probe, and how all goes on."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from proactive_notify import (
    BreakerClosed,
    BreakerOpened,
    Customer,
    Message,
    MessageState,
    Permanent,
    Policy,
    Promise,
    Transient,
    Uncertain,
)
from tests.contract.engine_cases import ListeningInline, of, quiet
from tests.contract.test_sending import Paid, delivered, paid, pushing, reachable, shipped
from tests.contract.test_worker import NEVER, soon, until
from tests.contract.wires import MONDAY, Stage, Wire, placed

QUEUED, UNCERTAIN, SENT, CANCELLED = (int(MessageState[name]) for name in ("QUEUED", "UNCERTAIN", "SENT", "CANCELLED"))
AWAY = Transient(code="421", is_outage=True)
#: The same, and what was refused so is not tried again in this test.
GONE = Transient(code="421", is_outage=True, retry_after=timedelta(days=1))
GREYLISTED, UNKNOWN_USER = Transient(code="451"), Permanent(code="550")
REST = timedelta(seconds=30)


class Legal(Paid):
    """The law sets its deadline: it leaves by the day on which the order should ship."""

    key = "paid"
    legal = True
    expires = None


class OnlyPush(Legal):
    """It has no other channel."""

    channels = ("push",)


class Hanging(Wire):
    """A wire on which messages stay while ``holds`` is set; ``held`` says how many do."""

    def __init__(self, answer: Any = lambda _: None) -> None:
        super().__init__(answer, meanwhile=self._wait)
        self.holds, self.held = False, 0
        self.reached, self.goes_on = asyncio.Event(), asyncio.Event()

    async def _wait(self, _: Message) -> None:
        if self.holds:
            self.held += 1
            self.reached.set()
            await soon(self.goes_on)
            self.held -= 1


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    for channel in ("push", "pager"):
        stage.template(f"paid/{channel}.text", f"paid by {channel}")
    return stage


async def recorded(notifier: Any, *names: str, **fields: Any) -> None:
    """Orders with one message each that is due by push, or as their customers can be reached."""
    for name in names:
        await notifier.record(placed(name, **{"customer": reachable(name), **fields}))
        await notifier.record(paid(name))


def names(letter: str, count: int) -> list[str]:
    return [f"{letter}-{number}" for number in range(count)]


def opened_until(heard: list[object]) -> datetime:
    """When the breaker that was opened last lets a message through again."""
    until: datetime = of(BreakerOpened, heard)[-1].until
    return until


def rows_of(stage: Stage, *order_ids: str) -> list[Any]:
    columns = "state, attempts, token, waits_for"
    return [row for order_id in order_ids for row in stage.messages(columns, order_id)]


async def break_down(notifier: Any, wire: Wire, letter: str = "X") -> None:
    """Five messages meet a provider that is away; they are tried again after a day."""
    wire.answer = lambda _: GONE
    await recorded(notifier, *names(letter, 5))
    await notifier.run_until_idle()
    wire.answer = lambda _: None
    wire.tried.clear()


# It opens


async def test_five_outages_in_a_row_open_it(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """After the fifth outage nothing more is tried; one word to the observers and one log line say so."""
    heard: list[object] = []
    push = Wire(lambda _: AWAY)
    async with pushing(stage, push, observers=[heard.append]) as notifier:
        await recorded(notifier, *names("A", 40))
        await notifier.run_until_idle()

    (opened,) = of(BreakerOpened, heard)
    assert 5 == len(push.tried)
    assert ("push", "421", 5) == (opened.channel, opened.code, opened.failures)
    assert REST <= opened.until - MONDAY <= 2 * REST
    (line,) = [record for record in caplog.records if "is away" in record.getMessage()]
    assert (logging.ERROR, True) == (line.levelno, "push" in line.getMessage() and "421" in line.getMessage())


async def test_messages_under_way_when_it_opens_are_no_second_opening(stage: Stage) -> None:
    """Thirty messages that meet the same outage at the same moment open it once."""
    heard: list[object] = []
    push = Hanging(lambda _: AWAY)
    push.holds = True
    async with pushing(stage, push, observers=[heard.append]) as notifier:
        await recorded(notifier, *names("A", 30))
        passing = asyncio.create_task(notifier.run_until_idle())
        await until(lambda: 30 == push.held)
        push.goes_on.set()
        await passing

    assert [5] == [each.failures for each in of(BreakerOpened, heard)]


async def test_four_outages_do_not_open_it(stage: Stage) -> None:
    """Four outages are four messages that are tried again later, and the fifth message is tried."""
    heard: list[object] = []
    push = Wire()
    push.refuse(*[AWAY] * 4)
    async with pushing(stage, push, observers=[heard.append]) as notifier:
        await recorded(notifier, *names("A", 6))
        await notifier.run_until_idle()

    assert (6, 2) == (len(push.tried), len(push.taken))
    assert [] == of(BreakerOpened, heard)


@pytest.mark.parametrize(
    "between",
    [
        pytest.param(None, id="taken"),
        pytest.param(UNKNOWN_USER, id="refused"),
        pytest.param(Permanent(code="5.1.1", suppress=True), id="suppressed"),
        pytest.param(GREYLISTED, id="greylisted"),
        pytest.param(Uncertain(code="timeout"), id="uncertain"),
    ],
)
async def test_any_answer_between_outages_begins_the_count_anew(stage: Stage, between: Exception | None) -> None:
    """A provider that takes a message, or says what is wrong with one, is there: four more outages do not open it."""
    heard: list[object] = []
    push = Wire()
    answers = [*[AWAY] * 4, between, *[AWAY] * 4, between]
    push.answer = lambda _: answers.pop(0)
    async with pushing(stage, push, observers=[heard.append]) as notifier:
        await recorded(notifier, *names("A", 10))
        await notifier.run_until_idle()

    assert (10, []) == (len(push.tried), of(BreakerOpened, heard))


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(UNKNOWN_USER, id="refused"),
        pytest.param(Permanent(code="5.1.1", suppress=True), id="suppressed"),
        pytest.param(GREYLISTED, id="greylisted"),
        pytest.param(Uncertain(code="timeout"), id="uncertain"),
    ],
)
async def test_what_is_wrong_with_messages_never_opens_it(stage: Stage, answer: Exception) -> None:
    """However many recipients are refused or greylisted in a row, the next message is tried."""
    heard: list[object] = []
    push = Wire(lambda _: answer)
    async with pushing(stage, push, observers=[heard.append]) as notifier:
        await recorded(notifier, *names("A", 40))
        await notifier.run_until_idle()

    assert (40, []) == (len(push.tried), of(BreakerOpened, heard))


async def test_an_uncertain_outage_counts(stage: Stage) -> None:
    """A server that goes away after the final dot is away: five of those open it, and each message is uncertain."""
    heard: list[object] = []
    push = Wire(lambda _: Uncertain(code="closed", is_outage=True))
    async with pushing(stage, push, observers=[heard.append]) as notifier:
        await recorded(notifier, *names("A", 8))
        await notifier.run_until_idle()

    assert (5, 1) == (len(push.tried), len(of(BreakerOpened, heard)))
    assert [UNCERTAIN] * 5 + [QUEUED] * 3 == [stage.messages("state", name)[0] for name in names("A", 8)]


# While it is open


async def test_while_it_is_open_nothing_is_tried_and_nothing_loses_its_place(stage: Stage) -> None:
    """What waits stays as it was: queued, with no try counted and no lease; what comes meanwhile waits too."""
    heard: list[object] = []
    push = Wire(lambda _: AWAY)
    async with pushing(stage, push, observers=[heard.append]) as notifier:
        await recorded(notifier, *names("A", 40))
        await notifier.run_until_idle()
        stage.move(seconds=10)
        await recorded(notifier, "B-1")
        for _ in range(3):
            await notifier.run_until_idle()
            stage.move(seconds=6)

        waiting = [*names("A", 40)[5:], "B-1"]
        assert opened_until(heard) > stage.clock.now()
        assert 5 == len(push.tried)
        assert {(QUEUED, 0, None)} == {row[:3] for row in rows_of(stage, *waiting)}
        assert [("queued", "order.paid")] == stage.decisions("A-39") == stage.decisions("B-1")


async def test_claims_leave_alone_what_waits_for_a_provider_that_is_away(stage: Stage) -> None:
    """While it is open a worker writes nothing about the messages that wait, however often it looks."""
    push, store = Wire(), ListeningInline(str(stage.path))
    async with pushing(stage, push, store=store) as notifier:
        await break_down(notifier, push)
        await recorded(notifier, *names("A", 5))
        async with notifier.worker(poll=0.001):
            await quiet(notifier)
            settled = store.ear.count("message_settle")
            await until(lambda: store.ear.count("message_claim") > 20)

            assert settled == store.ear.count("message_settle")

    assert [] == push.tried


async def test_other_channels_go_on(stage: Stage) -> None:
    """While one provider is away the messages of other channels leave."""
    push, pager = Wire(), Wire()
    async with pushing(stage, push, pager) as notifier:
        await break_down(notifier, push)
        await recorded(notifier, "B-1", customer=Customer(extra={"pager": "pager:B-1"}))
        await recorded(notifier, "C-1")
        await notifier.run_until_idle()

    assert [("B-1", "paid")] == pager.told
    assert [] == push.tried


async def test_each_process_has_its_own(stage: Stage) -> None:
    """Another process, whose way to the provider may be another one, is not kept from trying."""
    push, others = Wire(), Wire()
    async with pushing(stage, push) as notifier, pushing(stage, others) as other:
        await break_down(notifier, push)
        await recorded(notifier, "A-1")
        await notifier.run_until_idle()
        await other.run_until_idle()

    assert ([], [("A-1", "paid")]) == (push.tried, others.told)


# The probe


async def test_after_its_rest_one_message_asks_again(stage: Stage) -> None:
    """A moment before the rest ends nothing goes; then one message, and while it is under way no other one."""
    heard: list[object] = []
    push = Hanging()
    async with pushing(stage, push, observers=[heard.append]) as notifier:
        await break_down(notifier, push)
        await recorded(notifier, *names("A", 20))
        stage.clock.move_to(opened_until(heard) - timedelta(microseconds=1))
        await notifier.run_until_idle()

        assert [] == push.tried

        stage.move(seconds=1)
        push.holds = True
        async with notifier.worker(poll=0.001):
            await soon(push.reached)
            await quiet(notifier)
            passes = [asyncio.create_task(notifier.run_due()) for _ in range(3)]
            await quiet(notifier)
            under_way, others = len(push.tried), rows_of(stage, *names("A", 20)[1:])
            push.goes_on.set()
            await asyncio.gather(*passes)
            await until(lambda: 20 == len(push.taken))

    assert 1 == under_way
    assert [(QUEUED, 0, None)] * 19 == [row[:3] for row in others]
    assert sorted(names("A", 20)) == sorted(order_id for order_id, _ in push.told)


async def test_a_probe_that_fails_is_a_new_rest(stage: Stage) -> None:
    """While the provider is still away one message is tried each time a rest is over, and not one more."""
    heard: list[object] = []
    push = Wire()
    async with pushing(stage, push, observers=[heard.append]) as notifier:
        await break_down(notifier, push)
        await recorded(notifier, *names("A", 20))
        push.answer = lambda _: AWAY
        for tries in (1, 2, 3):
            stage.clock.move_to(opened_until(heard))
            await notifier.run_until_idle()

            assert tries == len(push.tried)
            assert REST <= opened_until(heard) - stage.clock.now() <= 2 * REST

    assert [5, 6, 7, 8] == [each.failures for each in of(BreakerOpened, heard)]
    assert [] == of(BreakerClosed, heard)


async def test_a_probe_that_is_taken_closes_it_and_the_backlog_leaves_in_its_sequence(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """When the provider is back all that waited leaves at once, each order's messages in the order of its lane."""
    heard: list[object] = []
    wire = Wire(lambda _: AWAY)
    async with stage.notifier(wire, observers=[heard.append]) as notifier:
        for name in names("A", 40):
            await notifier.record(placed(name), shipped(name))
        await notifier.run_until_idle()
        wire.answer = lambda _: None
        wire.tried.clear()
        stage.clock.move_to(opened_until(heard))
        await notifier.run_until_idle()
        late = stage.clock.now() + timedelta(minutes=1)
        stage.clock.move_to(late)
        await notifier.run_until_idle()

    assert 80 == len(wire.taken)
    for name in names("A", 40):
        assert ["order-received", "shipped"] == [notice for order_id, notice in wire.told if order_id == name]
    assert ["email"] == [each.channel for each in of(BreakerClosed, heard)]
    (line,) = [record for record in caplog.records if "is back" in record.getMessage()]
    assert logging.WARNING == line.levelno


async def test_after_it_closed_five_outages_are_needed_again(stage: Stage) -> None:
    """A breaker that closed forgets what was before it opened."""
    heard: list[object] = []
    push = Wire()
    async with pushing(stage, push, observers=[heard.append]) as notifier:
        await break_down(notifier, push)
        await recorded(notifier, "A-1")
        stage.clock.move_to(opened_until(heard))
        await notifier.run_until_idle()
        push.refuse(*[AWAY] * 4)
        await recorded(notifier, *names("B", 6))
        await notifier.run_until_idle()

    assert 1 == len(of(BreakerOpened, heard)) == len(of(BreakerClosed, heard))


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(UNKNOWN_USER, id="refused"),
        pytest.param(GREYLISTED, id="greylisted"),
        pytest.param(Uncertain(code="timeout"), id="uncertain"),
    ],
)
async def test_a_probe_whose_recipient_is_refused_proves_that_the_provider_is_there(
    stage: Stage, answer: Exception
) -> None:
    """A probe that is refused for what is wrong with itself closes the breaker, and the others leave."""
    heard: list[object] = []
    push = Wire()
    async with pushing(stage, push, observers=[heard.append]) as notifier:
        await break_down(notifier, push)
        await recorded(notifier, *names("A", 10))
        push.refuse(answer)
        stage.clock.move_to(opened_until(heard))
        await notifier.run_until_idle()

    assert (1, 9) == (len(of(BreakerClosed, heard)), len(push.taken))


async def test_a_probe_that_the_gate_drops_is_none(stage: Stage) -> None:
    """When the message that would ask is no longer true, the next one asks, and nothing is blocked."""
    heard: list[object] = []
    push = Wire()
    async with pushing(stage, push, observers=[heard.append]) as notifier:
        await break_down(notifier, push)
        await recorded(notifier, *names("A", 6))
        for name in ("A-0", "A-1"):
            await notifier.record(shipped(name), delivered(name))
        stage.clock.move_to(opened_until(heard))
        await notifier.run_until_idle()

    assert [CANCELLED] == stage.messages("state", "A-0") == stage.messages("state", "A-1")
    assert set(names("A", 6)[2:]) == {order_id for order_id, _ in push.told}


async def test_a_probe_that_cannot_be_rendered_is_none(stage: Stage) -> None:
    """When the message that would ask cannot be made, the next one asks."""
    stage.template("paid/push.text", "{% if order.id == 'A-0' %}{{ order.nothing.at_all }}{% endif %}paid")
    heard: list[object] = []
    push = Wire()
    async with pushing(stage, push, observers=[heard.append]) as notifier:
        await break_down(notifier, push)
        await recorded(notifier, *names("A", 4))
        stage.clock.move_to(opened_until(heard))
        await notifier.run_until_idle()

    assert set(names("A", 4)[1:]) == {order_id for order_id, _ in push.told}


async def test_a_probe_that_is_cancelled_does_not_block_for_ever(stage: Stage) -> None:
    """After a pass that was cancelled while its probe was under way the next message asks."""
    heard: list[object] = []
    push = Hanging()
    async with pushing(stage, push, observers=[heard.append]) as notifier:
        await break_down(notifier, push)
        await recorded(notifier, *names("A", 4))
        stage.clock.move_to(opened_until(heard))
        push.holds = True
        passing = asyncio.create_task(notifier.run_due())
        await soon(push.reached)
        passing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await passing

        assert [UNCERTAIN] == stage.messages("state", "A-0")

        push.holds = False
        await notifier.run_until_idle()

    assert {"A-1", "A-2", "A-3"} <= {order_id for order_id, _ in push.told}
    assert 1 == len(of(BreakerClosed, heard))


@pytest.mark.parametrize("error", [ValueError("no"), asyncio.CancelledError()], ids=["foreign", "cancels itself"])
async def test_a_probe_whose_transport_breaks_does_not_block_for_ever(stage: Stage, error: BaseException) -> None:
    """A transport that fails with an error that is not ours says nothing of the provider: the next message asks."""
    heard: list[object] = []
    push = Wire()
    async with pushing(stage, push, observers=[heard.append]) as notifier:
        await break_down(notifier, push)
        await recorded(notifier, *names("A", 4))
        push.refuse(error)
        stage.clock.move_to(opened_until(heard))
        await notifier.run_until_idle()

    assert {"A-1", "A-2", "A-3"} <= {order_id for order_id, _ in push.told}


@pytest.mark.parametrize("ending", [ValueError("no"), GONE], ids=["foreign", "outage"])
async def test_a_message_from_before_the_outage_lets_no_second_probe_go(stage: Stage, ending: Exception) -> None:
    """While the probe is under way, a message that was under way since before the outage may end as it will."""
    heard: list[object] = []
    old, probe = asyncio.Event(), asyncio.Event()
    goes_on = {"OLD-1": old, **dict.fromkeys(names("A", 3), probe)}
    answers = {"OLD-1": ending, **dict.fromkeys(names("X", 5), GONE)}

    async def wait(message: Message) -> None:
        if message.order_id in goes_on:
            await soon(goes_on[message.order_id])

    push = Wire(lambda message: answers.get(message.order_id), meanwhile=wait)
    async with pushing(stage, push, observers=[heard.append]) as notifier, notifier.worker(poll=0.001):
        await recorded(notifier, "OLD-1")
        await until(lambda: push.tried)
        await recorded(notifier, *names("X", 5))
        await until(lambda: of(BreakerOpened, heard))
        await recorded(notifier, *names("A", 3))
        push.tried.clear()
        stage.clock.move_to(opened_until(heard))
        await until(lambda: push.tried)
        old.set()
        await quiet(notifier)
        stage.clock.move_to(opened_until(heard))
        await quiet(notifier)
        under_way = len(push.tried)
        probe.set()
        await until(lambda: 3 == len(push.taken))

    assert 1 == under_way


# What cannot wait


async def test_what_would_expire_goes_by_the_next_channel_at_once(stage: Stage) -> None:
    """A message that is of no use when the provider is back goes by the next channel, and a decision says why."""
    push, pager = Wire(), Wire()
    short_lived = Policy(expires={"paid": timedelta(seconds=29)})
    async with pushing(stage, push, pager, policy=short_lived) as notifier:
        await break_down(notifier, push)
        pager.taken.clear()
        await recorded(notifier, "A-1")
        await notifier.run_until_idle()

    assert ([], [("A-1", "paid")]) == (push.tried, pager.told)
    assert [("queued", "order.paid"), ("queued", "instead-of-push:cannot-wait:circuit-open"), ("sent", "pager")] == (
        stage.decisions()
    )
    assert [] == stage.staff()


async def test_what_the_law_sets_a_deadline_goes_by_the_next_channel_at_once(stage: Stage) -> None:
    """A legal notice whose deadline comes before the rest is over changes channel; one with a later deadline waits."""
    push, pager = Wire(), Wire()
    soon_due, later = (Promise.ship_by(MONDAY + timedelta(seconds=seconds)) for seconds in (20, 3600))
    async with pushing(stage, push, pager, notices=[Legal]) as notifier:
        await break_down(notifier, push)
        await recorded(notifier, "A-1", promises=(soon_due,))
        await recorded(notifier, "B-1", promises=(later,))
        await notifier.run_until_idle()

    assert ([], [("A-1", "paid")]) == (push.tried, pager.told)
    assert ("queued", "instead-of-push:cannot-wait:circuit-open") in stage.decisions()
    assert [(QUEUED, 0)] == [row[:2] for row in rows_of(stage, "B-1")]


async def test_what_cannot_wait_does_not_wait_where_the_breaker_opens_in_the_same_pass(stage: Stage) -> None:
    """Of messages that are claimed together the first five find the outage, and the others go by the next channel."""
    push, pager = Wire(lambda _: AWAY), Wire()
    async with pushing(stage, push, pager, notices=[Legal]) as notifier:
        soon_due = Promise.ship_by(MONDAY + timedelta(seconds=5))
        await recorded(notifier, *names("A", 12), promises=(soon_due,))
        await notifier.run_until_idle()

    assert 5 == len(push.tried)
    assert set(names("A", 12)) == {order_id for order_id, _ in pager.told}


async def test_what_cannot_wait_and_has_no_next_channel_waits(stage: Stage) -> None:
    """Where there is no other channel, or the customer has no address on it, the message leaves after the rest."""
    heard: list[object] = []
    push, pager = Wire(), Wire()
    async with pushing(stage, push, pager, notices=[Legal], observers=[heard.append]) as notifier:
        await break_down(notifier, push)
        soon_due = Promise.ship_by(MONDAY + timedelta(seconds=20))
        await recorded(notifier, "A-1", promises=(soon_due,), customer=Customer(extra={"push": "push:A-1"}))
        await notifier.run_until_idle()

        assert [(QUEUED, 0, None, "circuit-open")] == rows_of(stage, "A-1")

        stage.clock.move_to(opened_until(heard))
        await notifier.run_until_idle()

    assert ([("A-1", "paid")], []) == (push.told, pager.told)
    assert [SENT] == stage.messages("state")
    assert [] == stage.staff()


async def test_what_was_perhaps_sent_waits_although_it_would_expire(stage: Stage) -> None:
    """A message that the customer has perhaps read does not change channel while the provider is away."""
    push, pager = Wire(), Wire()
    short_lived = Policy(expires={"paid": timedelta(seconds=90)})
    async with pushing(stage, push, pager, policy=short_lived) as notifier:
        push.refuse(Uncertain(code="timeout"))
        await recorded(notifier, "A-1")
        await notifier.run_until_idle()
        stage.move(seconds=60)
        await break_down(notifier, push)
        pager.taken.clear()
        await notifier.run_until_idle()

    assert [] == push.tried
    assert [UNCERTAIN] == stage.messages("state")
    assert "A-1" not in {order_id for order_id, _ in pager.told}


async def test_a_worker_sends_what_cannot_wait_at_once(stage: Stage) -> None:
    """With a worker that only wakes when it is woken, a message that cannot wait leaves by the next channel."""
    push, pager = Wire(), Wire()
    async with pushing(stage, push, pager, notices=[Legal]) as notifier:
        await break_down(notifier, push)
        async with notifier.worker(poll=NEVER):
            await recorded(notifier, "A-1", promises=(Promise.ship_by(MONDAY + timedelta(seconds=20)),))
            await until(lambda: pager.taken)

    assert ([], [("A-1", "paid")]) == (push.tried, pager.told)


async def test_what_cannot_wait_is_not_looked_at_again_and_again_while_the_probe_is_under_way(stage: Stage) -> None:
    """A message past its deadline that has only the one channel waits in peace until the probe has its answer."""
    heard: list[object] = []
    push, store = Hanging(), ListeningInline(str(stage.path))
    async with pushing(stage, push, notices=[OnlyPush], store=store, observers=[heard.append]) as notifier:
        await break_down(notifier, push)
        soon_due = Promise.ship_by(MONDAY + timedelta(seconds=5))
        await recorded(notifier, *names("A", 4), promises=(soon_due,))
        await notifier.run_until_idle()
        stage.clock.move_to(opened_until(heard) + timedelta(seconds=1))
        push.holds = True
        async with notifier.worker(poll=NEVER):
            await soon(push.reached)
            before = store.ear.count("message_settle")
            await quiet(notifier, turns=300)
            written = store.ear.count("message_settle") - before
            push.goes_on.set()
            await until(lambda: 4 == len(push.taken))

    assert 3 >= written


async def test_it_says_when_it_is_asked_again(stage: Stage) -> None:
    """What the breaker kept back at its opening is due again when its rest is over, and no earlier."""
    heard: list[object] = []
    push = Wire(lambda _: AWAY)
    async with pushing(stage, push, observers=[heard.append]) as notifier:
        await recorded(notifier, *names("A", 8))
        await notifier.run_until_idle()

    kept_back = [stage.messages("due_at", name)[0] for name in names("A", 8)[5:]]
    assert {opened_until(heard)} == {datetime.fromtimestamp(at / 1e6, UTC) for at in kept_back}
