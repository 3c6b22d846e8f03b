"""Texts wake nobody: what the gate does with quiet hours."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from proactive_notify import (
    Customer,
    CustomerUpdated,
    Email,
    Notice,
    Notifier,
    OrderPaid,
    Policy,
    QuietHours,
    Sms,
    Uncertain,
    all_of,
)
from proactive_notify.testing import VirtualClock
from tests.contract.wires import MONDAY, Stage, Wire, placed

QUEUED, SENT, EXPIRED, FAILED = 0, 4, 7, 8
#: Half past ten at night in Berlin.
NIGHT = MONDAY.replace(hour=21, minute=30)
ADA = Customer(name="Ada", email="ada@example.org", phone="+4915112345678", sms_consent=True, time_zone="Europe/Berlin")


class Paid(Notice[OrderPaid]):
    key = "paid"
    channels = ("sms", "email")


class PaidInTime(Paid):
    key = "paid-in-time"
    expires = timedelta(hours=2)


class PaidByText(PaidInTime):
    key = "paid-by-text"
    channels = ("sms",)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.clock = VirtualClock(NIGHT)
    for key in ("paid", "paid-in-time", "paid-by-text"):
        for part in ("sms.text", "email.subject", "email.text", "email.html"):
            stage.template(f"{key}/{part}", "paid")
    return stage


def texting(stage: Stage, sms: Wire, email: Wire, notice: type[Notice[OrderPaid]], policy: Policy | None) -> Notifier:
    channels = [Sms(sms, sender="+493012345678"), Email(email, sender="Acme <orders@acme.example>")]
    return stage.notifier(channels=channels, notices=[notice], policy=policy)


async def paid_at_night(
    stage: Stage, notice: type[Notice[OrderPaid]], *, policy: Policy | None = None
) -> tuple[Wire, Wire]:
    """Somebody pays late at night, and all that is due is sent."""
    sms, email = Wire(), Wire()
    async with texting(stage, sms, email, notice, policy) as notifier:
        await notifier.record(placed(customer=ADA), OrderPaid(order_id="A-1", at=NIGHT))
        await notifier.run_until_idle()
    return sms, email


async def test_a_text_waits_for_the_morning(stage: Stage) -> None:
    """At night a text is held, with its rule and until the customer's own morning; then it leaves."""
    sms, email = await paid_at_night(stage, Paid)

    assert ([QUEUED], ["quiet-hours"]) == (stage.messages("state"), stage.messages("waits_for"))
    assert ("held", "quiet-hours") in stage.decisions()
    assert [] == [*sms.tried, *email.tried]

    stage.clock.move_to((NIGHT + timedelta(days=1)).replace(hour=7, minute=0))
    async with texting(stage, sms, email, Paid, None) as notifier:
        await notifier.run_until_idle()

    assert (1, 0, [SENT]) == (len(sms.taken), len(email.taken), stage.messages("state"))


class PaidOnBoth(Paid):
    key = "paid-on-both"
    channels = all_of("email", "sms")


@pytest.mark.parametrize("notice", [Paid, PaidOnBoth])
async def test_who_agrees_no_more_gets_no_text_in_the_morning(notice: type[Notice[OrderPaid]], stage: Stage) -> None:
    """Consent that ends overnight holds for what waits: no text leaves, a mail tells it, and the staff hear nothing."""
    for part in ("sms.text", "email.subject", "email.text", "email.html"):
        stage.template(f"paid-on-both/{part}", "paid")
    sms, email = await paid_at_night(stage, notice)
    stage.move(hours=1)
    async with texting(stage, sms, email, notice, None) as notifier:
        withdrawn = CustomerUpdated(order_id="A-1", sms_consent=False, at=stage.clock.now())
        await notifier.record(withdrawn)
        await notifier.run_until_idle()
        stage.clock.move_to((NIGHT + timedelta(days=1)).replace(hour=7, minute=0))
        await notifier.run_until_idle()

    assert ([], 1) == (sms.tried, len(email.taken))
    assert [] == stage.staff()


class PaidOnBothInTime(PaidOnBoth):
    expires = timedelta(hours=2)


async def test_beside_a_mail_nobody_is_woken(stage: Stage) -> None:
    """A text that cannot wait for the morning does not leave at night where a mail tells the same; then it is over."""
    for part in ("sms.text", "email.subject", "email.text", "email.html"):
        stage.template(f"paid-on-both/{part}", "paid")
    sms, email = await paid_at_night(stage, PaidOnBothInTime)

    assert (0, 1) == (len(sms.tried), len(email.taken))

    stage.clock.move_to((NIGHT + timedelta(days=1)).replace(hour=7, minute=0))
    async with texting(stage, sms, email, PaidOnBothInTime, None) as notifier:
        await notifier.run_until_idle()

    assert (0, [SENT, EXPIRED]) == (len(sms.tried), sorted(stage.messages("state")))
    assert [] == stage.staff()


async def test_what_cannot_wait_for_the_morning_goes_by_email(stage: Stage) -> None:
    """What would be of no use any more in the morning goes by email now."""
    sms, email = await paid_at_night(stage, PaidInTime)

    assert (0, 1, [FAILED, SENT]) == (len(sms.tried), len(email.taken), stage.messages("state"))


async def test_what_cannot_wait_and_has_no_other_way_is_texted(stage: Stage) -> None:
    """Where there is no other channel, what cannot wait is texted at night."""
    sms, _ = await paid_at_night(stage, PaidByText)

    assert (1, [SENT]) == (len(sms.taken), stage.messages("state"))


async def test_a_shop_may_say_that_nothing_is_quiet(stage: Stage) -> None:
    """Without quiet hours a text leaves at once; with hours of the shop's own it keeps those."""
    sms, _ = await paid_at_night(stage, Paid, policy=Policy(quiet_hours={}))

    assert 1 == len(sms.taken)

    hours = {"sms": QuietHours(NIGHT.time().replace(hour=23), NIGHT.time().replace(hour=5), law=False)}
    folder = stage.path.parent / "other"
    folder.mkdir()
    other = Stage(folder)
    other.clock = VirtualClock(NIGHT)
    for part in ("sms.text", "email.subject", "email.text", "email.html"):
        other.template(f"paid/{part}", "paid")
    sms, _ = await paid_at_night(other, Paid, policy=Policy(quiet_hours=hours))

    assert 1 == len(sms.taken)


async def test_a_text_that_was_perhaps_taken_is_not_sent_again(stage: Stage) -> None:
    """Nobody can tell a text that comes twice from two texts: in doubt it does not go again by itself."""
    sms, email = Wire(), Wire()
    sms.refuse(Uncertain(code="timeout"))
    async with texting(stage, sms, email, Paid, Policy(quiet_hours={})) as notifier:
        await notifier.record(placed(customer=ADA), OrderPaid(order_id="A-1", at=NIGHT))
        for _ in range(12):
            await notifier.run_until_idle()
            stage.move(minutes=10)

    assert (1, [], ["uncertain:no-receipt"]) == (len(sms.tried), email.taken, stage.messages("waits_for"))
