"""What providers say later: what each word does to a message in each state, and that no word does it twice."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from proactive_notify import (
    AddressSuppressed,
    Customer,
    CustomerUpdated,
    MessageReopened,
    MessageState,
    Notice,
    Notifier,
    OrderShipped,
    Permanent,
    Policy,
    Receipt,
    ReceiptKind,
    Retry,
    Shop,
    StaffAsked,
    Transient,
    Uncertain,
    all_of,
)
from tests.contract.engine_cases import of, quiet
from tests.contract.test_sending import Paid, delivered, die_holding, paid, pushing, reachable, shipped
from tests.contract.test_worker import NEVER, soon, until
from tests.contract.wires import MONDAY, Stage, Wire, placed

QUEUED, CLAIMED, UNCERTAIN, SENT, SUPPRESSED, CANCELLED, EXPIRED, FAILED = (
    int(MessageState[name])
    for name in ("QUEUED", "CLAIMED", "UNCERTAIN", "SENT", "SUPPRESSED", "CANCELLED", "EXPIRED", "FAILED")
)
LOST, UNKNOWN_USER = Uncertain(code="timeout"), Permanent(code="550")
BACK = [ReceiptKind.BOUNCED, ReceiptKind.REJECTED]
ENOUGH = [ReceiptKind.COMPLAINED, ReceiptKind.UNSUBSCRIBED]
NEWS = [ReceiptKind.ACCEPTED, ReceiptKind.DELIVERED, ReceiptKind.DEFERRED]
NO_MORE_THAN_NEWS = [*NEWS, ReceiptKind.UNKNOWN]
ONLY_PUSH = Customer(name="Ada", extra={"push": "push:A-1"})


class Loud(Paid):
    """It goes by both channels."""

    key = "paid"
    channels = all_of("push", "pager")


class Parcel(Notice[OrderShipped]):
    """Another thing to tell of the same order."""

    key = "parcel"
    channels = ("push",)
    family = "parcel"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    for channel in ("push", "pager"):
        stage.template(f"paid/{channel}.text", f"paid by {channel}")
    stage.template("parcel/push.text", "on its way")
    return stage


async def recorded(notifier: Notifier, order_id: str = "A-1", customer: Customer | None = None) -> None:
    """An order with one message that is due."""
    await notifier.record(placed(order_id, customer=customer or reachable(order_id)), paid(order_id))


def about(stage: Stage, kind: ReceiptKind, order_id: str = "A-1", *, number: int = 0, **fields: Any) -> Receipt:
    """A provider's word about an order's message."""
    return Receipt(message_id=stage.messages("id", order_id)[number], kind=kind, **fields)


def notices(stage: Stage, order_id: str = "A-1") -> list[str]:
    return [row["state"] for row in stage.look("select state from pn_notice where order_id = ? order by pk", order_id)]


def suppressions(stage: Stage) -> list[tuple[str, str, int]]:
    found = stage.look("select channel, address, strikes from pn_suppression where strikes >= needed order by 1, 2")
    return [tuple(row.values()) for row in found]


async def brought_to(state: int, notifier: Notifier, stage: Stage, push: Wire) -> None:
    """An order whose one message, by push alone, is in a state."""
    answers = {UNCERTAIN: [LOST], FAILED: [UNKNOWN_USER]}
    await recorded(notifier, customer=ONLY_PUSH)
    if state == CLAIMED:
        await die_holding(stage)
    elif state != QUEUED:
        push.refuse(*answers.get(state, []))
        await notifier.run_until_idle()
    assert [state] == stage.messages()


# Each word, each state


@pytest.mark.parametrize("kind", [*NO_MORE_THAN_NEWS, *ENOUGH])
async def test_what_was_sent_stays_sent(stage: Stage, kind: ReceiptKind) -> None:
    """A word that does not say that a message came back leaves it sent, and it never goes again."""
    push = Wire()
    async with pushing(stage, push) as notifier:
        await brought_to(SENT, notifier, stage, push)

        assert 1 == await notifier.receive(about(stage, kind))

        stage.move(hours=2)
        await notifier.run_until_idle()

    assert ([SENT], ["told"]) == (stage.messages(), notices(stage))
    assert 1 == len(push.tried)


@pytest.mark.parametrize("kind", NO_MORE_THAN_NEWS)
@pytest.mark.parametrize("state", [QUEUED, CLAIMED, FAILED], ids=["queued", "claimed", "failed"])
async def test_a_word_of_news_changes_no_other_state(stage: Stage, kind: ReceiptKind, state: int) -> None:
    """Of a message that is not known to have left, news is noted and changes nothing."""
    push = Wire()
    async with pushing(stage, push) as notifier:
        await brought_to(state, notifier, stage, push)
        before = stage.messages("state, attempts, token, due_at"), stage.decisions(), stage.staff(), notices(stage)

        assert 1 == await notifier.receive(about(stage, kind))

        after = stage.messages("state, attempts, token, due_at"), stage.decisions(), stage.staff(), notices(stage)
    assert before == after


@pytest.mark.parametrize("kind", BACK)
@pytest.mark.parametrize("state", [QUEUED, FAILED], ids=["queued", "failed"])
async def test_what_did_not_leave_cannot_come_back(stage: Stage, kind: ReceiptKind, state: int) -> None:
    """A bounce of a message that was not sent, or has failed already, changes nothing."""
    push = Wire()
    async with pushing(stage, push) as notifier:
        await brought_to(state, notifier, stage, push)
        before = stage.messages("state, due_at"), stage.decisions(), stage.staff()
        await notifier.receive(about(stage, kind, suppress=True))

        assert before == (stage.messages("state, due_at"), stage.decisions(), stage.staff())

    assert [] == suppressions(stage)


@pytest.mark.parametrize("kind", BACK)
@pytest.mark.parametrize("state", [SENT, UNCERTAIN], ids=["sent", "uncertain"])
async def test_what_came_back_is_told_to_the_staff(stage: Stage, kind: ReceiptKind, state: int) -> None:
    """Where there is no other channel a bounce ends the message: a decision and one word to the staff say so."""
    heard: list[object] = []
    push = Wire()
    async with pushing(stage, push, observers=[heard.append]) as notifier:
        await brought_to(state, notifier, stage, push)
        await notifier.receive(about(stage, kind, code="5.1.1"))
        stage.move(hours=2)
        await notifier.run_until_idle()

    assert ([FAILED], ["open"], ["undelivered"]) == (stage.messages(), notices(stage), stage.staff())
    assert ("dropped", f"{kind}:5.1.1") == stage.decisions()[-1]
    assert 1 == len(push.tried)
    assert [("A-1", "paid", "push", "5.1.1")] == [
        (each.order_id, each.notice, each.channel, each.code) for each in of(MessageReopened, heard)
    ]
    assert ["undelivered"] == [each.word.subject for each in of(StaffAsked, heard)]


@pytest.mark.parametrize("kind", NEWS)
async def test_a_word_about_an_uncertain_message_proves_that_it_was_taken(stage: Stage, kind: ReceiptKind) -> None:
    """What a provider speaks of it had: the message does not go again, its notice is told, and what follows goes."""
    push = Wire()
    async with pushing(stage, push) as notifier:
        await brought_to(UNCERTAIN, notifier, stage, push)
        await notifier.record(paid(number=2))

        assert 1 == await notifier.receive(about(stage, kind))
        assert ([SENT, QUEUED], ["told", "open"]) == (stage.messages(), notices(stage))

        await notifier.run_until_idle()
        stage.move(hours=2)
        await notifier.run_until_idle()

    assert [SENT, SENT] == stage.messages()
    assert [None, None] == stage.messages("wire")
    assert 2 == len(push.tried)
    assert 2 == stage.decisions().count(("sent", "push"))


@pytest.mark.parametrize("kind", ENOUGH)
async def test_who_wants_no_more_gets_no_more(stage: Stage, kind: ReceiptKind) -> None:
    """A complaint or a farewell suppresses the address and is told to the staff; the next notice goes another way."""
    heard: list[object] = []
    push, pager = Wire(), Wire()
    async with pushing(stage, push, pager, observers=[heard.append]) as notifier:
        await recorded(notifier)
        await notifier.run_until_idle()
        await notifier.receive(about(stage, kind))

        assert ["told"] == notices(stage)

        await notifier.record(paid(number=2))
        await notifier.run_until_idle()

    assert [SENT, SUPPRESSED, SENT] == stage.messages()
    assert (1, 1) == (len(push.tried), len(pager.taken))
    assert [("push", "push:A-1", 1)] == suppressions(stage)
    assert [kind.value] == stage.staff()
    assert [("push", kind.value, "A-1")] == [
        (each.channel, each.cause, each.order_id) for each in of(AddressSuppressed, heard)
    ]
    assert [] == of(MessageReopened, heard)


@pytest.mark.parametrize("kind", ENOUGH)
async def test_who_complains_of_an_uncertain_message_has_it(stage: Stage, kind: ReceiptKind) -> None:
    """A complaint about a message of which nobody knew whether it was taken proves that; it does not go again."""
    push = Wire()
    async with pushing(stage, push) as notifier:
        await brought_to(UNCERTAIN, notifier, stage, push)
        await notifier.receive(about(stage, kind))
        stage.move(hours=2)
        await notifier.run_until_idle()

    assert ([SENT], ["told"]) == (stage.messages(), notices(stage))
    assert 1 == len(push.tried)
    assert [("push", "push:A-1", 1)] == suppressions(stage)


@pytest.mark.parametrize("kind", ENOUGH)
async def test_who_wants_no_more_is_heard_whatever_became_of_the_message(stage: Stage, kind: ReceiptKind) -> None:
    """A complaint about a message that was given up in doubt suppresses the address as any other."""
    push = Wire(lambda _: LOST)
    async with pushing(stage, push, policy=Policy(retry=Retry(attempts=1))) as notifier:
        await recorded(notifier, customer=ONLY_PUSH)
        await notifier.run_until_idle()

        assert [FAILED] == stage.messages()

        await notifier.receive(about(stage, kind))

    assert [("push", "push:A-1", 1)] == suppressions(stage)


@pytest.mark.parametrize("kind", BACK)
async def test_a_bounce_that_is_faster_than_our_commit_is_not_lost(stage: Stage, kind: ReceiptKind) -> None:
    """A provider that says *bounced* while we still write that it took the message is heard: the staff are told."""
    push = Wire()

    async def bounce(_: object) -> None:
        await notifier.receive(about(stage, kind, code="5.1.1"))

    push.meanwhile = bounce
    async with pushing(stage, push) as notifier:
        await recorded(notifier, customer=ONLY_PUSH)
        await notifier.run_until_idle()
        await notifier.receive(about(stage, kind, code="5.1.1"))
        await notifier.run_until_idle()

    assert ([FAILED], ["undelivered"]) == (stage.messages(), stage.staff())


# It comes back


async def test_what_came_back_goes_by_the_next_channel(stage: Stage) -> None:
    """A notice whose message came back is told on the next channel, once, and its decisions tell the story."""
    push, pager = Wire(), Wire()
    async with pushing(stage, push, pager) as notifier:
        await recorded(notifier)
        await notifier.run_until_idle()
        await notifier.receive(about(stage, ReceiptKind.BOUNCED, code="5.2.2"))

        assert ([FAILED, QUEUED], ["open"]) == (stage.messages(), notices(stage))

        await notifier.run_until_idle()
        stage.move(hours=2)
        await notifier.run_until_idle()

    assert ([FAILED, SENT], ["told"]) == (stage.messages(), notices(stage))
    assert (1, [("A-1", "paid")]) == (len(push.tried), pager.told)
    assert [
        ("queued", "order.paid"),
        ("sent", "push"),
        ("queued", "instead-of-push:bounced:5.2.2"),
        ("sent", "pager"),
    ] == stage.decisions()
    assert [] == stage.staff()
    assert [] == suppressions(stage)


async def test_a_worker_sends_by_the_next_channel_at_once(stage: Stage) -> None:
    """A bounce wakes the worker: nothing waits for its next poll."""
    push, pager = Wire(), Wire()
    async with pushing(stage, push, pager) as notifier, notifier.worker(poll=NEVER):
        await recorded(notifier)
        await until(lambda: [SENT] == stage.messages())
        await quiet(notifier)
        await notifier.receive(about(stage, ReceiptKind.BOUNCED))
        await until(lambda: pager.taken)

    assert [("A-1", "paid")] == pager.told


async def test_what_came_back_by_the_last_channel_is_the_staffs(stage: Stage) -> None:
    """When the next channel's message comes back too the staff hear, once."""
    push, pager = Wire(), Wire()
    async with pushing(stage, push, pager) as notifier:
        await recorded(notifier)
        await notifier.run_until_idle()
        await notifier.receive(about(stage, ReceiptKind.BOUNCED))
        await notifier.run_until_idle()
        await notifier.receive(about(stage, ReceiptKind.REJECTED, number=1))
        await notifier.run_until_idle()

    assert ([FAILED, FAILED], ["undelivered"]) == (stage.messages(), stage.staff())
    assert (1, 1) == (len(push.tried), len(pager.tried))


async def test_what_came_back_and_is_no_longer_true_is_not_told(stage: Stage) -> None:
    """The gate is asked before the next channel: what has become untrue meanwhile is dropped."""
    push, pager = Wire(), Wire()
    async with pushing(stage, push, pager) as notifier:
        await recorded(notifier)
        await notifier.run_until_idle()
        await notifier.record(shipped(), delivered())
        await notifier.receive(about(stage, ReceiptKind.BOUNCED))
        await notifier.run_until_idle()

    assert ([FAILED, CANCELLED], []) == (stage.messages(), pager.tried)
    assert ("dropped", "no-longer-true") == stage.decisions()[-1]


async def test_what_came_back_too_late_is_not_told(stage: Stage) -> None:
    """A bounce after a week finds a notice that is of no use any more: it expires, and the staff hear."""
    push, pager = Wire(), Wire()
    async with pushing(stage, push, pager) as notifier:
        await recorded(notifier)
        await notifier.run_until_idle()
        stage.move(days=8)
        await notifier.receive(about(stage, ReceiptKind.BOUNCED))
        await notifier.run_until_idle()

    assert ([FAILED, EXPIRED], []) == (stage.messages(), pager.tried)
    assert ["undelivered"] == stage.staff()


async def test_what_came_back_is_told_before_what_follows(stage: Stage) -> None:
    """A notice that is open again keeps its place in the order's lane: what was recorded since waits behind it."""
    push, pager = Wire(), Wire()
    async with pushing(stage, push, pager, notices=[Paid, Parcel]) as notifier:
        await recorded(notifier)
        await notifier.run_until_idle()
        await notifier.receive(about(stage, ReceiptKind.BOUNCED))
        pager.refuse(Transient(code="451"))
        await notifier.record(shipped())
        await notifier.run_until_idle()

        assert ([FAILED, QUEUED, QUEUED], 1) == (stage.messages("state"), len(push.tried))

        stage.move(minutes=1)
        await notifier.run_until_idle()

    assert [("sent", "pager"), ("sent", "push")] == stage.decisions()[-2:]


# Suppression


async def test_an_address_that_is_to_blame_is_not_used_again(stage: Stage) -> None:
    """A bounce that blames the address suppresses it for all orders; in capitals too."""
    heard: list[object] = []
    push, pager = Wire(), Wire()
    async with pushing(stage, push, pager, observers=[heard.append]) as notifier:
        await recorded(notifier)
        await notifier.run_until_idle()
        await notifier.receive(about(stage, ReceiptKind.BOUNCED, code="5.1.1", suppress=True))
        await recorded(notifier, "B-1", Customer(extra={"push": "PUSH:A-1", "pager": "pager:B-1"}))
        await notifier.run_until_idle()

    assert 1 == len(push.tried)
    assert [("A-1", "paid"), ("B-1", "paid")] == pager.told
    assert [("push", "bounced:5.1.1", "A-1")] == [
        (each.channel, each.cause, each.order_id) for each in of(AddressSuppressed, heard)
    ]


async def test_an_address_may_be_given_a_second_chance(stage: Stage) -> None:
    """Where it takes two bounces, the first one suppresses nothing and the second, of another order, does."""
    push, pager = Wire(), Wire()
    same = {"extra": {"push": "push:same"}}
    async with pushing(stage, push, pager) as notifier:
        for number, name in enumerate(("A-1", "B-1", "C-1")):
            await recorded(notifier, name, Customer(**same))
            await notifier.run_until_idle()
            if number < 2:
                await notifier.receive(about(stage, ReceiptKind.BOUNCED, name, suppress=True, suppress_after=2))

    assert ["A-1", "B-1"] == [name for name, _ in push.asked]
    assert [SUPPRESSED] == stage.messages("state", "C-1")
    assert [("push", "push:same", 2)] == suppressions(stage)


async def test_observers_hear_of_a_suppression_when_there_is_one(stage: Stage) -> None:
    """A bounce that is the first of the two that it takes is no suppression, and nobody is told of one."""
    heard: list[object] = []
    push = Wire()
    async with pushing(stage, push, observers=[heard.append]) as notifier:
        await brought_to(SENT, notifier, stage, push)
        await notifier.receive(about(stage, ReceiptKind.BOUNCED, suppress=True, suppress_after=2))

    assert [] == suppressions(stage)
    assert [] == of(AddressSuppressed, heard)


# Twice, unknown, another's


@pytest.mark.parametrize("kind", list(ReceiptKind))
@pytest.mark.parametrize("state", [SENT, UNCERTAIN], ids=["sent", "uncertain"])
async def test_the_same_receipt_twice_changes_nothing(stage: Stage, kind: ReceiptKind, state: int) -> None:
    """Providers repeat themselves, at once and days later: the second time everything is as after the first."""
    heard: list[object] = []
    push, pager = Wire(), Wire()
    async with pushing(stage, push, pager, observers=[heard.append]) as notifier:
        await brought_to(state, notifier, stage, push)
        receipt = about(stage, kind, code="1.2.3", suppress=True)

        assert 1 == await notifier.receive(receipt)

        before = stage.messages("state, due_at"), stage.decisions(), stage.staff(), suppressions(stage), len(heard)

        assert 3 == await notifier.receive(receipt, [receipt, receipt])

        after = stage.messages("state, due_at"), stage.decisions(), stage.staff(), suppressions(stage), len(heard)
    assert before == after


async def test_a_complaint_that_is_repeated_after_another_word_is_no_news(stage: Stage) -> None:
    """A complaint that a provider repeats is told to the staff once, also when it said *delivered* in between."""
    push = Wire()
    async with pushing(stage, push) as notifier:
        await brought_to(SENT, notifier, stage, push)
        complained, arrived = about(stage, ReceiptKind.COMPLAINED), about(stage, ReceiptKind.DELIVERED)
        await notifier.receive(complained, arrived, complained)

    assert ["complained"] == stage.staff()


async def test_what_a_provider_said_is_on_the_row(stage: Stage) -> None:
    """A message's row says what was heard of it, and when the last of it was said."""
    push = Wire()
    async with pushing(stage, push) as notifier:
        await brought_to(SENT, notifier, stage, push)
        said_at = MONDAY + timedelta(minutes=7)
        await notifier.receive(about(stage, ReceiptKind.DEFERRED, code="4.2.2"))
        await notifier.receive(about(stage, ReceiptKind.DELIVERED, at=said_at))

    assert [("deferred:4.2.2 delivered", int(said_at.timestamp() * 1e6))] == stage.messages("receipt, receipt_at")


async def test_a_receipt_about_nothing_of_ours_is_passed_over(stage: Stage) -> None:
    """Ids that nobody knows are counted as none, and the ones beside them are heard."""
    push = Wire()
    async with pushing(stage, push) as notifier:
        await brought_to(SENT, notifier, stage, push)
        unknown = Receipt(message_id="0" * 32, kind=ReceiptKind.BOUNCED, suppress=True)

        assert 0 == await notifier.receive(unknown)
        assert 0 == await notifier.receive()
        assert 1 == await notifier.receive(unknown, about(stage, ReceiptKind.BOUNCED), unknown)

    assert [FAILED] == stage.messages()


async def test_another_shops_message_is_not_ours(stage: Stage) -> None:
    """Two shops share a file: a receipt that reaches the wrong one changes nothing."""
    push = Wire()
    async with (
        pushing(stage, push, shop=Shop(key="one")) as one,
        pushing(stage, Wire(), shop=Shop(key="other")) as other,
    ):
        await brought_to(SENT, one, stage, push)

        assert 0 == await other.receive(about(stage, ReceiptKind.BOUNCED, suppress=True))

    assert ([SENT], [], []) == (stage.messages(), stage.staff(), suppressions(stage))


async def test_receipts_of_many_messages_come_together(stage: Stage) -> None:
    """A call with many receipts takes each for its own message."""
    push, pager = Wire(), Wire()
    names = [f"A-{number}" for number in range(7)]
    async with pushing(stage, push, pager) as notifier:
        for name in names:
            await recorded(notifier, name)
        await notifier.run_until_idle()
        kinds = [*BACK, *NO_MORE_THAN_NEWS, ReceiptKind.COMPLAINED]

        assert 7 == await notifier.receive(about(stage, kind, name) for kind, name in zip(kinds, names, strict=True))

        await notifier.run_until_idle()

    assert ["A-0", "A-1"] == [name for name, _ in pager.told]
    assert [FAILED, FAILED, SENT, SENT, SENT, SENT, SENT] == [stage.messages("state", name)[0] for name in names]


async def test_receipts_at_the_same_moment_are_each_taken_once(stage: Stage) -> None:
    """A provider that calls twice at the same moment, here and at another process, causes one try and one word."""
    push, pager = Wire(), Wire()
    async with pushing(stage, push, pager) as notifier, pushing(stage, push, pager) as other:
        await recorded(notifier)
        await notifier.run_until_idle()
        receipt = about(stage, ReceiptKind.BOUNCED)
        await asyncio.gather(*(each.receive(receipt) for each in (notifier, other, notifier, other)))
        await notifier.run_until_idle()

    assert ([FAILED, SENT], 1) == (stage.messages(), len(pager.tried))


# Addresses


async def test_a_corrected_address_gets_what_came_back(stage: Stage) -> None:
    """When the customer's address is corrected after a bounce, the same notice goes there, once."""
    push = Wire()
    async with pushing(stage, push) as notifier:
        await brought_to(SENT, notifier, stage, push)
        await notifier.receive(about(stage, ReceiptKind.BOUNCED, suppress=True))
        await notifier.record(CustomerUpdated(order_id="A-1", extra={"push": "push:new"}))
        await notifier.run_until_idle()
        await notifier.record(CustomerUpdated(order_id="A-1", name="Ada King"))
        await notifier.run_until_idle()

    assert ["push:A-1", "push:new"] == [message.to for message in push.taken]
    assert ([FAILED, SENT], ["told"]) == (stage.messages(), notices(stage))
    assert 1 == len(stage.look("select 1 from pn_notice"))


async def test_a_correction_does_not_tell_again_what_arrived(stage: Stage) -> None:
    """A corrected address gets nothing that was told, whatever provider said of it but that it came back."""
    push = Wire()
    async with pushing(stage, push) as notifier:
        await brought_to(SENT, notifier, stage, push)
        await notifier.receive(about(stage, ReceiptKind.COMPLAINED))
        await notifier.record(CustomerUpdated(order_id="A-1", extra={"push": "push:new"}))
        await notifier.run_until_idle()

    assert ["push:A-1"] == [message.to for message in push.tried]


async def test_what_came_back_from_a_corrected_address_is_the_staffs_where_the_rest_was_tried(stage: Stage) -> None:
    """Where every channel has been tried in vain, a bounce from the corrected address is told to the staff."""
    push, pager = Wire(), Wire(lambda _: UNKNOWN_USER)
    push.refuse(UNKNOWN_USER)
    async with pushing(stage, push, pager) as notifier:
        await recorded(notifier)
        await notifier.run_until_idle()
        pager.answer = lambda _: None
        await notifier.record(
            CustomerUpdated(order_id="A-1", extra={"push": "push:new", "pager": "pager:A-1"}),
        )
        await notifier.run_until_idle()

        assert ([FAILED, FAILED, SENT], ["undelivered"]) == (stage.messages(), stage.staff())

        await notifier.receive(about(stage, ReceiptKind.BOUNCED, number=2))
        await notifier.run_until_idle()

    assert ["undelivered", "undelivered"] == stage.staff()


# On all channels


async def test_what_came_back_on_one_of_all_channels_stays_told(stage: Stage) -> None:
    """A notice that went by two channels is told while one of them has arrived; the bounce is a word to the staff."""
    push, pager = Wire(), Wire()
    async with pushing(stage, push, pager, notices=[Loud]) as notifier:
        await recorded(notifier)
        await notifier.run_until_idle()
        await notifier.receive(about(stage, ReceiptKind.BOUNCED))
        await notifier.record(CustomerUpdated(order_id="A-1", extra={"push": "push:new", "pager": "pager:new"}))
        await notifier.run_until_idle()

        assert (["told"], [FAILED, SENT]) == (notices(stage), stage.messages())

    assert (1, 1) == (len(push.tried), len(pager.tried))
    assert ["undelivered"] == stage.staff()


async def test_what_came_back_on_all_channels_is_open_again(stage: Stage) -> None:
    """When nothing of a notice arrived it is open, and a corrected address gets it."""
    push, pager = Wire(), Wire()
    async with pushing(stage, push, pager, notices=[Loud]) as notifier:
        await recorded(notifier)
        await notifier.run_until_idle()
        await notifier.receive(about(stage, ReceiptKind.BOUNCED), about(stage, ReceiptKind.REJECTED, number=1))

        assert ["open"] == notices(stage)

        await notifier.record(CustomerUpdated(order_id="A-1", extra={"push": "push:new"}))
        await notifier.run_until_idle()

    assert ["told"] == notices(stage)
    assert ["push:A-1", "push:new"] == [message.to for message in push.taken]


# What is proven is as what was sent


async def test_what_is_proven_moves_the_silence_budget(stage: Stage) -> None:
    """A mail whose arrival was learnt from its receipt names the same next word as one that was taken at once."""
    wire = Wire()
    wire.refuse(LOST)
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed())
        await notifier.run_until_idle()
        (before,) = stage.look("select due_at from pn_promise where kind = 'news_by' and state = 0")
        (named,) = stage.messages("next_word")
        await notifier.receive(about(stage, ReceiptKind.DELIVERED))
        (after,) = stage.look("select due_at, ordinal from pn_promise where kind = 'news_by' and state = 0")

    assert [SENT] == stage.messages()
    assert before["due_at"] == named == after["due_at"]
    assert 2 == after["ordinal"]


async def test_what_is_proven_is_on_the_row_as_what_was_sent(stage: Stage) -> None:
    """The row of a mail whose arrival was learnt from its receipt has its subject and its locale."""
    wire = Wire()
    wire.refuse(LOST)
    async with stage.notifier(wire) as notifier:
        await notifier.record(placed(customer=Customer(email="joao@example.org", locale="pt-BR")))
        await notifier.run_until_idle()
        await notifier.receive(about(stage, ReceiptKind.DELIVERED))

    assert [(wire.tried[0].subject, "pt-BR")] == stage.messages("subject, locale")


# Nobody is named


async def test_no_word_names_anybody(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """What is logged and what observers hear of receipts holds no address."""
    caplog.set_level(logging.DEBUG)
    heard: list[object] = []
    wire = Wire()
    async with stage.notifier(wire, observers=[heard.append]) as notifier:
        for kind in ReceiptKind:
            await notifier.record(placed(f"{kind}-1"))
            await notifier.run_until_idle()
            await notifier.receive(about(stage, kind, f"{kind}-1", code="5.1.1", suppress=True))

    text = caplog.text + repr(heard)
    assert "example.org" not in text
    assert "order bounced-1: order-received by email: bounced:5.1.1" in caplog.text


async def test_a_bounce_meets_a_message_under_way(stage: Stage) -> None:
    """A bounce that comes while a message of the order is under way harms neither."""
    goes_on, reached = asyncio.Event(), asyncio.Event()
    push = Wire()
    async with pushing(stage, push, pager := Wire()) as notifier, notifier.worker(poll=NEVER):
        await recorded(notifier)
        await until(lambda: [SENT] == stage.messages())

        async def wait(_: object) -> None:
            reached.set()
            await soon(goes_on)

        push.meanwhile = wait
        await notifier.record(paid(number=2))
        await soon(reached)
        await notifier.receive(about(stage, ReceiptKind.BOUNCED))
        goes_on.set()
        await until(lambda: [FAILED, SENT, SENT] == stage.messages())

    assert [("A-1", "paid")] == pager.told
    assert 2 == len(push.taken)
