"""What texts may cost: how many may go where, all workers together; what is over a cap is not lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from proactive_notify import (
    Caps,
    Customer,
    Email,
    Notice,
    Notifier,
    OrderPaid,
    Policy,
    Sms,
    Transient,
    UsageError,
    all_of,
)
from proactive_notify._store.sqlite import ThreadedSqlite
from tests.contract.engine_cases import ListeningInline
from tests.contract.test_worker import until
from tests.contract.wires import MONDAY, Stage, Wire, placed

QUEUED, SENT, FAILED = 0, 4, 8
ADA = "+4915112345678"
#: As many as there are, of everything.
NONE = dict.fromkeys(
    ("number_per_hour", "number_per_day", "prefix_per_hour", "prefix_per_day", "per_hour", "per_day"), None
)
ANY_HOUR = Policy(quiet_hours={})


class Paid(Notice[OrderPaid]):
    key = "paid"
    channels = ("sms", "email")


class PaidByText(Paid):
    key = "paid-by-text"
    channels = ("sms",)
    expires = None
    legal = True


class PaidOnBoth(Paid):
    key = "paid-on-both"
    channels = all_of("email", "sms")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    for key in ("paid", "paid-by-text", "paid-on-both"):
        for part in ("sms.text", "email.subject", "email.text", "email.html"):
            stage.template(f"{key}/{part}", "paid")
    return stage


def texting(
    stage: Stage,
    sms: Wire,
    email: Wire | None = None,
    *,
    caps: Caps | None = None,
    notice: type[Notice[Any]] = Paid,
    **arguments: Any,
) -> Notifier:
    """A notifier that texts to Germany and Austria, with caps."""
    text = Sms(sms, sender="+493012345678", countries=["DE", "AT"], caps=caps)
    channels = [text, Email(email or Wire(), sender="Acme <orders@acme.example>")]
    return stage.notifier(**{"channels": channels, "notices": [notice], "policy": ANY_HOUR, **arguments})


async def recorded(notifier: Notifier, count: int, *, phones: Sequence[str] = (ADA,), letter: str = "A") -> None:
    """So many orders that are paid, of these numbers in turn."""
    for number in range(count):
        name, phone = f"{letter}-{number}", phones[number % len(phones)]
        customer = Customer(email=f"{name.lower()}@example.org", phone=phone, sms_consent=True)
        await notifier.record(placed(name, customer=customer), OrderPaid(order_id=name, id=name, at=MONDAY))


def near(count: int) -> list[str]:
    """Numbers of one operator, one after the other."""
    return [f"+4915112345{number:03}" for number in range(count)]


def far(count: int) -> list[str]:
    """Numbers that begin with digits of their own."""
    return [f"+49151{2 + number}2345678" for number in range(count)]


# Each cap


@pytest.mark.parametrize(
    ("caps", "phones", "rule"),
    [
        ({"number_per_hour": 3}, [ADA], "number-per-hour"),
        ({"number_per_day": 3}, [ADA], "number-per-day"),
        ({"prefix_per_hour": 3}, near(6), "prefix-per-hour"),
        ({"prefix_per_day": 3}, near(6), "prefix-per-day"),
        ({"per_hour": 3}, far(6), "per-hour"),
        ({"per_day": 3}, far(6), "per-day"),
    ],
)
async def test_what_is_over_a_cap_goes_by_email(
    caps: dict[str, int], phones: list[str], rule: str, stage: Stage
) -> None:
    """Three texts leave; what comes after goes by the notice's next channel, and the decision names the cap."""
    sms, email = Wire(), Wire()
    async with texting(stage, sms, email, caps=Caps(**{**NONE, **caps})) as notifier:
        await recorded(notifier, 6, phones=phones)
        await notifier.run_until_idle()

    assert (3, 3) == (len(sms.taken), len(email.taken))
    over = [
        order for order in (f"A-{number}" for number in range(6)) if [FAILED, SENT] == stage.messages("state", order)
    ]
    assert 3 == len(over)
    assert all(("queued", f"instead-of-sms:over-cap:{rule}") in stage.decisions(order) for order in over)
    assert [] == [word for order in over for word in stage.staff(order)]


@pytest.mark.parametrize(
    ("caps", "phones"),
    [
        ({"number_per_hour": 1, "number_per_day": 1}, near(6)),
        ({"prefix_per_hour": 1, "prefix_per_day": 1}, far(6)),
    ],
)
async def test_a_cap_is_each_ones_own(caps: dict[str, int], phones: list[str], stage: Stage) -> None:
    """Other numbers, and numbers that begin otherwise, have room of their own."""
    sms = Wire()
    async with texting(stage, sms, caps=Caps(**{**NONE, **caps})) as notifier:
        await recorded(notifier, 6, phones=phones)
        await notifier.run_until_idle()

    assert 6 == len(sms.taken)


async def test_the_caps_of_a_channel_that_says_nothing_are_safe(stage: Stage) -> None:
    """Without a word of the shop a number gets five texts an hour and ten a day, and numbers near it thirty an hour."""
    sms = Wire()
    async with texting(stage, sms) as notifier:
        await recorded(notifier, 20)
        await notifier.run_until_idle()

        assert 5 == len(sms.taken)

        for _ in range(23):
            stage.move(hours=1)
            await recorded(notifier, 1, letter=f"H{stage.clock.now():%H}")
            await notifier.run_until_idle()

        assert 10 == len(sms.taken)

        stage.move(days=2)
        await recorded(notifier, 40, phones=near(40), letter="N")
        await notifier.run_until_idle()

    assert 10 + 30 == len(sms.taken)


# The window


@pytest.mark.parametrize(
    ("caps", "window"),
    [({"number_per_hour": 2}, timedelta(hours=1)), ({"per_day": 2}, timedelta(days=1))],
)
async def test_what_has_no_other_channel_waits_for_room(caps: dict[str, int], window: timedelta, stage: Stage) -> None:
    """A legal notice that only a text can tell is held until its window has room, to the microsecond, and leaves."""
    sms = Wire()
    async with texting(stage, sms, caps=Caps(**{**NONE, **caps}), notice=PaidByText) as notifier:
        await recorded(notifier, 1)
        await notifier.run_until_idle()
        stage.clock.move_to(MONDAY + window / 2)
        await recorded(notifier, 2, letter="B")
        await notifier.run_until_idle()

        (cap,) = caps
        rule = f"over-cap:{cap.replace('_', '-')}"
        assert 2 == len(sms.taken)
        assert [(QUEUED, 1, rule, 0)] == stage.messages("state, held, waits_for, attempts", "B-1")
        assert ("held", rule) in stage.decisions("B-1")

        stage.clock.move_to(MONDAY + window - timedelta(microseconds=1))
        await notifier.run_until_idle()

        assert 2 == len(sms.taken)

        stage.move(microseconds=1)
        await notifier.run_until_idle()

    assert ["A-0", "B-0", "B-1"] == [order_id for order_id, _ in sms.told]


async def test_no_window_has_more_than_its_cap(stage: Stage) -> None:
    """However long a row waits: no hour has more than its cap, all of them leave, and few decisions are made of it."""
    sms, at = Wire(), []
    sms.answer = lambda _: at.append(stage.clock.now())
    caps = Caps(**{**NONE, "per_hour": 4})
    async with texting(stage, sms, caps=caps, notice=PaidByText) as notifier:
        await recorded(notifier, 20, phones=far(7))
        while len(sms.taken) < 20:
            await notifier.run_until_idle()
            stage.move(minutes=7)

    assert all(after - before >= timedelta(hours=1) for before, after in zip(at, at[4:], strict=False))
    assert at[-1] - at[0] < timedelta(hours=6)
    assert 20 * 6 * 12 > len(stage.look("select 1 from pn_decision where rule like 'over-cap%'"))


@pytest.mark.parametrize("cap", ["number_per_day", "prefix_per_day", "per_day"])
async def test_a_try_that_failed_counts_once(cap: str, stage: Stage) -> None:
    """A text that is tried again takes the room that it had; others find none while it may still leave."""
    sms = Wire()
    async with texting(stage, sms, caps=Caps(**{**NONE, cap: 1}), notice=PaidByText) as notifier:
        sms.refuse(Transient(code="503"))
        await recorded(notifier, 1)
        await notifier.run_until_idle()
        await recorded(notifier, 1, letter="B")
        await notifier.run_until_idle()
        stage.move(minutes=10)
        await notifier.run_until_idle()

    assert [SENT] == stage.messages("state", "A-0")
    assert [QUEUED] == stage.messages("state", "B-0")


# Beside a mail


async def test_beside_a_mail_what_is_over_a_cap_is_let_go(stage: Stage) -> None:
    """A notice that a mail has told already needs no text: the decision names the cap, and the staff hear nothing."""
    sms, email = Wire(), Wire()
    caps = Caps(**{**NONE, "number_per_hour": 1})
    async with texting(stage, sms, email, caps=caps, notice=PaidOnBoth) as notifier:
        await recorded(notifier, 3)
        for _ in range(2):
            await notifier.run_until_idle()
            stage.move(minutes=5)

    assert (1, 3) == (len(sms.taken), len(email.taken))
    assert ("dropped", "over-cap:number-per-hour") in stage.decisions("A-2")
    assert [] == stage.staff("A-2")


async def test_beside_a_mail_that_does_not_leave_a_text_waits_for_room(stage: Stage) -> None:
    """While the mail waits for its server nothing is let go: the text leaves when its window has room."""
    sms, email = Wire(), Wire(lambda _: Transient(code="421"))
    caps = Caps(**{**NONE, "number_per_hour": 1})
    async with texting(stage, sms, email, caps=caps, notice=PaidOnBoth) as notifier:
        await recorded(notifier, 2)
        for _ in range(14):
            await notifier.run_until_idle()
            stage.move(minutes=5)

    assert (2, 0) == (len(sms.taken), len(email.taken))


# Several on one file


async def test_two_processes_share_the_caps(stage: Stage) -> None:
    """Two notifiers on one file that send at the same moment let no more pass than one."""
    wires = [Wire(), Wire()]
    caps = Caps(**{**NONE, "prefix_per_hour": 7})
    one, other = (texting(stage, wire, caps=caps, store=ThreadedSqlite(str(stage.path))) for wire in wires)
    async with one, other:
        await recorded(one, 40, phones=near(40))
        for _ in range(5):
            await asyncio.gather(*(each.run_due() for each in (one, other, one, other)))

    assert 7 == sum(len(wire.taken) for wire in wires)
    assert 40 == len(stage.look("select 1 from pn_message where state = 4"))


async def test_a_worker_keeps_the_caps_of_what_it_is_handed(stage: Stage) -> None:
    """What a worker takes from memory without a look at the table is counted as well."""
    sms, email = Wire(), Wire()
    notifier = texting(stage, sms, email, caps=Caps(**{**NONE, "number_per_day": 2}))
    async with notifier, notifier.worker():
        await recorded(notifier, 5)
        await until(lambda: len(sms.taken) + len(email.taken) == 5)

    assert (2, 3) == (len(sms.taken), len(email.taken))


async def test_two_shops_on_a_file_count_apart(stage: Stage) -> None:
    """A shop's texts take no room of another shop on the same file."""
    wires, caps = [Wire(), Wire()], Caps(**{**NONE, "number_per_day": 1})
    shops = [stage.notifier().shop.model_copy(update={"key": key}) for key in ("one", "other")]
    for shop, wire in zip(shops, wires, strict=True):
        async with texting(stage, wire, caps=caps, shop=shop) as notifier:
            await recorded(notifier, 2)
            await notifier.run_until_idle()

    assert [1, 1] == [len(wire.taken) for wire in wires]


async def test_email_is_not_counted(stage: Stage) -> None:
    """A mail costs no statement more: only channels with caps are asked about."""
    store = ListeningInline(str(stage.path))
    async with texting(stage, Wire(), store=store) as notifier:
        customer = Customer(email="ada@example.org")
        await notifier.record(placed(customer=customer), OrderPaid(order_id="A-1", at=MONDAY))
        await notifier.run_until_idle()

    asked = {statement.name for unit in store.ear.units for statement in unit}
    assert set() == {name for name in asked if name.startswith(("cap_", "message_count", "message_introduced"))}
    assert [] == stage.look("select 1 from pn_message where counted_at is not null")


@pytest.mark.parametrize("statement", ["cap_number", "message_count", "message_sending"])
async def test_a_store_that_fails_loses_no_text(statement: str, stage: Stage) -> None:
    """What could not be counted or written down is not sent, and goes a moment later."""
    store, sms = ListeningInline(str(stage.path)), Wire()
    async with texting(stage, sms, store=store) as notifier:
        await recorded(notifier, 1)
        store.ear.fails_at = statement
        await notifier.run_until_idle()

        assert (0, [(QUEUED, "transient:store")]) == (len(sms.tried), stage.messages("state, waits_for", "A-0"))

        store.ear.fails_at = ""
        stage.move(minutes=5)
        await notifier.run_until_idle()

    assert (1, [SENT]) == (len(sms.taken), stage.messages("state", "A-0"))


@pytest.mark.parametrize("wrong", [0, -1])
def test_a_cap_of_nothing_is_refused(wrong: int) -> None:
    """A cap under which nothing could ever leave is a mistake and said so."""
    with pytest.raises(UsageError, match="write None for no cap"):
        Caps(per_day=wrong)
