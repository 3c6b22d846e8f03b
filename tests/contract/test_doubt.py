"""What must not be sent twice, where nobody knows whether it was taken."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from proactive_notify import (
    Accepted,
    Channel,
    Customer,
    Message,
    Notice,
    Notifier,
    OrderDelayed,
    OrderPaid,
    Promise,
    Receipt,
    ReceiptKind,
    Transient,
    Uncertain,
)
from tests.contract.test_sending import due_in
from tests.contract.wires import MONDAY, Short, Stage, Wire, placed, short

SENDING, UNCERTAIN, SENT, FAILED = 2, 3, 4, 8


class Asked(Wire):
    """A wire that can be asked what it took."""

    def __init__(self) -> None:
        super().__init__()
        self.asked_for: list[str] = []
        #: What the provider has, by the message's id; an error where it cannot be asked.
        self.has: Callable[[Message], Accepted | None] = lambda _: None

    async def look_up(self, message: Message, *, since: datetime) -> Accepted | None:
        self.asked_for.append(message.message_id)
        return self.has(message)


class Paid(Notice[OrderPaid]):
    key = "paid"
    channels = ("pager", "push")


class Late(Notice[OrderDelayed]):
    key = "late-news"
    channels = ("pager", "push")
    legal = True
    expires = None


class PaidByPager(Notice[OrderPaid]):
    key = "paid-by-pager"
    channels = ("pager",)


CUSTOMER = Customer(name="Ada", extra={"pager": "pager:ada", "push": "push:ada"})


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    for name in (
        "paid/pager.text",
        "paid/push.text",
        "paid-by-pager/pager.text",
        "late-news/pager.text",
        "late-news/push.text",
    ):
        stage.template(name, "paid")
    return stage


def paging(stage: Stage, pager: Wire, push: Wire, notice: type[Notice[OrderPaid]] = Paid) -> Notifier:
    """A notifier by pager, which must not be sent twice, and by push."""
    once = Channel(
        "pager",
        message=Short,
        transport=pager,
        address=lambda customer: customer.extra.get("pager"),
        is_repeatable=False,
    )
    return stage.notifier(channels=[once, short("push", push)], notices=[notice])


def paid() -> tuple[object, object]:
    return placed(customer=CUSTOMER), OrderPaid(order_id="A-1", id="paid", source="shop")


async def doubted(notifier: Notifier, pager: Asked) -> None:
    """Send the message so that nobody knows whether it was taken."""
    pager.refuse(Uncertain(code="timeout"))
    await notifier.record(*paid())  # type: ignore[arg-type]
    await notifier.run_until_idle()


async def test_what_the_provider_has_is_not_sent_again(stage: Stage) -> None:
    """A message that the provider has after all is settled as sent, and nobody gets it twice."""
    pager, push = Asked(), Wire()
    async with paging(stage, pager, push) as notifier:
        await doubted(notifier, pager)
        before = stage.messages("state")
        pager.has = lambda _: Accepted(reference="SM1")
        stage.move(minutes=3)
        await notifier.run_until_idle()

    assert ([UNCERTAIN], [SENT]) == (before, stage.messages("state"))
    assert (1, 0, ["SM1"]) == (len(pager.tried), len(push.tried), stage.messages("reference"))


async def test_what_the_provider_never_had_goes_by_the_next_channel(stage: Stage) -> None:
    """A message that the provider does not have two minutes later goes by the next channel, and not before."""
    pager, push = Asked(), Wire()
    async with paging(stage, pager, push) as notifier:
        await doubted(notifier, pager)
        stage.move(minutes=1)
        await notifier.run_until_idle()
        too_early = len(push.tried)
        stage.move(minutes=3)
        await notifier.run_until_idle()

    assert (0, 1, 1) == (too_early, len(push.taken), len(pager.tried))
    assert [FAILED, SENT] == stage.messages("state")


async def test_what_the_provider_never_had_goes_again_where_there_is_no_other_channel(stage: Stage) -> None:
    """Without another channel a message that the provider never had goes once more."""
    pager = Asked()
    async with paging(stage, pager, Wire(), PaidByPager) as notifier:
        await doubted(notifier, pager)
        stage.move(minutes=3)
        await notifier.run_until_idle()

    assert (2, 1, [SENT]) == (len(pager.tried), len(pager.taken), stage.messages("state"))


async def test_a_receipt_ends_the_doubt(stage: Stage) -> None:
    """Whatever a provider says of a message proves that it had it: it is sent, and the provider is not asked."""
    pager, push = Asked(), Wire()
    async with paging(stage, pager, push) as notifier:
        await doubted(notifier, pager)
        [message_id] = stage.messages("id")
        assert 1 == await notifier.receive(Receipt(message_id=message_id, kind=ReceiptKind.DEFERRED))
        stage.move(hours=1)
        await notifier.run_until_idle()

    assert ([SENT], [], 0) == (stage.messages("state"), pager.asked_for, len(push.tried))


async def test_a_provider_that_cannot_be_asked_is_asked_later(stage: Stage) -> None:
    """While the provider cannot be asked the message stays in doubt, on no other channel."""
    pager, push = Asked(), Wire()
    async with paging(stage, pager, push) as notifier:
        await doubted(notifier, pager)
        pager.has = away
        stage.move(minutes=3)
        await notifier.run_until_idle()
        waiting = stage.messages("state")
        pager.has = lambda _: Accepted(reference="SM1")
        stage.move(hours=1)
        await notifier.run_until_idle()

    assert ([UNCERTAIN], [SENT], 1, 0) == (waiting, stage.messages("state"), len(pager.tried), len(push.tried))


async def test_the_body_is_written_down_before_the_call(stage: Stage) -> None:
    """While the provider is called the row says so, with what is being sent: a crash leaves one message in doubt."""
    pager, rows = Asked(), list[tuple[int, bool]]()

    async def look(_: Message) -> None:
        rows.extend((state, bool(wire)) for state, wire in stage.messages("state, wire"))

    pager.meanwhile = look
    async with paging(stage, pager, Wire()) as notifier:
        await notifier.record(*paid())  # type: ignore[arg-type]
        await notifier.run_until_idle()

    assert ([(SENDING, True)], [(SENT, None)]) == (rows, stage.messages("state, wire"))


async def test_after_a_crash_the_lease_ends_in_doubt(stage: Stage) -> None:
    """What was being sent when its sender died is uncertain when the lease has ended, and is looked up."""
    pager, push = Asked(), Wire()
    async with paging(stage, pager, push) as notifier:
        await notifier.record(*paid())  # type: ignore[arg-type]
        await notifier.run_until_idle()
        wire = pager.taken[0].model_dump_json()
        execute = "update pn_message set state = 2, token = 'dead', lease_until = 0, settled_at = null, wire = ?"
        await notifier.__aexit__(None, None, None)
        write(stage.path, execute, wire)
        write(stage.path, "update pn_notice set state = 'open', told_at = null")
    pager.has = lambda _: Accepted(reference="SM1")
    stage.move(minutes=5)
    async with paging(stage, pager, push) as notifier:
        await notifier.run_until_idle()

    assert ([SENT], 1, 1) == (stage.messages("state"), len(pager.tried), len(pager.asked_for))


def away(_: Message) -> Accepted | None:
    """The provider cannot be asked."""
    raise Transient(code="503")


async def test_the_end_of_use_ends_the_doubt(stage: Stage) -> None:
    """Where nobody can find out before a message is of no more use, it goes by the next channel while it still is."""
    pager, push = Asked(), Wire()
    async with paging(stage, pager, push) as notifier:
        await doubted(notifier, pager)
        pager.has = away
        while not push.tried:
            stage.move(seconds=due_in(stage).total_seconds())
            await notifier.run_until_idle()

    assert ([FAILED, SENT], 1, 1) == (stage.messages("state"), len(pager.tried), len(push.taken))
    assert Paid.expires is not None
    assert timedelta() < MONDAY + Paid.expires - push.taken[0].at <= timedelta(hours=2)


async def test_the_laws_deadline_ends_the_doubt(stage: Stage) -> None:
    """A legal notice whose doubt could only be asked about after the deadline goes by the next channel before it."""
    pager, push, deadline = Asked(), Wire(), MONDAY + timedelta(hours=6)
    async with paging(stage, pager, push, Late) as notifier:
        await notifier.record(placed(customer=CUSTOMER, promises=(Promise.ship_by(deadline),)))
        pager.refuse(Uncertain(code="timeout"))
        pager.has = away
        await notifier.record(OrderDelayed(order_id="A-1", id="late", source="shop", ship_by=date(2026, 2, 2)))
        await notifier.run_until_idle()
        while not push.tried:
            stage.move(seconds=due_in(stage).total_seconds())
            await notifier.run_until_idle()

    assert ([FAILED, SENT], 1, 1) == (stage.messages("state"), len(pager.tried), len(push.taken))
    assert deadline - timedelta(hours=2) < push.taken[0].at <= deadline


async def test_a_doubt_without_another_channel_lasts_to_the_end(stage: Stage) -> None:
    """Without another channel the provider is asked as long as the message is of use, and then the staff hear of it."""
    pager = Asked()
    async with paging(stage, pager, Wire(), PaidByPager) as notifier:
        await doubted(notifier, pager)
        pager.has = away
        for _ in range(7 * 24 - 1):
            stage.move(hours=1)
            await notifier.run_until_idle()
        waiting = stage.messages("state")
        for _ in range(3):
            stage.move(hours=1)
            await notifier.run_until_idle()

    assert ([UNCERTAIN], [FAILED]) == (waiting, stage.messages("state"))
    assert (1, "undelivered") == (len(pager.tried), stage.staff()[-1])


def write(path: Path, text: str, *values: object) -> None:
    db = sqlite3.connect(path)
    with db:
        db.execute(text, values)
    db.close()
