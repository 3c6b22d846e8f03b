"""The whole round: a mail goes over SMTP, the server takes it, later it comes back, and the shop acts on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from proactive_notify import (
    AddressSuppressed,
    Channel,
    Customer,
    Email,
    MessageReopened,
    MessageState,
    Notifier,
    Receipt,
    ReceiptKind,
    ReturnPath,
)
from proactive_notify.notices.placing import OrderReceived
from proactive_notify.receipts import Bounces
from proactive_notify.transports import SmtpTransport
from tests.contract import bounce_mails as mails
from tests.contract.smtp_cases import HandClock
from tests.contract.smtp_server import Mail, SmtpServer
from tests.contract.wires import Short, Stage, Wire, everything, placed

SENT, QUEUED, FAILED = int(MessageState.SENT), int(MessageState.QUEUED), int(MessageState.FAILED)
PATH = ReturnPath(secret=b"a secret of a shop, long enough", domain="bounces.acme.example")
STRANGER = ReturnPath(secret=b"what an attacker thinks it is", domain="bounces.acme.example")
BOTH = {"email": mails.CUSTOMER, "extra": {"pager": "pager:Ada"}}


class Confirmation(OrderReceived):
    """The confirmation of a shop that can reach its customers by pager, too."""

    channels: ClassVar[tuple[str, ...]] = ("email", "pager")


@dataclass
class Round:
    """A shop that has sent one mail, and the server that took it."""

    stage: Stage
    notifier: Notifier
    server: SmtpServer
    pager: Wire
    happenings: list[object]

    @property
    def mail(self) -> Mail:
        """The mail as the server has it."""
        return self.server.mails[-1]

    @property
    def envelope_id(self) -> str:
        """By what the server was told to name the mail in a report."""
        (command,) = [each for each in self.server.commands if each.startswith("MAIL")]
        return command.partition("ENVID=")[2].partition(" ")[0]

    @property
    def header(self) -> str:
        """The header of the mail, as a server returns it."""
        return self.mail.content.partition(b"\r\n\r\n")[0].decode().replace("\r\n", "\n") + "\n"

    async def comes(self, raw: bytes) -> list[Receipt]:
        """A mail has come to the shop's mailbox for bounces: read it, take in what it says, do what follows."""
        receipts = Bounces(PATH).read(raw)
        assert len(receipts) == await self.notifier.receive(receipts)
        await self.notifier.run_until_idle()
        return receipts

    @property
    def suppressed(self) -> list[tuple[str, str]]:
        rows = self.stage.look("select channel, address from pn_suppression where strikes >= needed")
        return [(row["channel"], row["address"]) for row in rows]

    def told(self, kind: type[object]) -> list[Any]:
        return [each for each in self.happenings if isinstance(each, kind)]


@asynccontextmanager
async def sent(stage: Stage, **customer: Any) -> AsyncIterator[Round]:
    """The confirmation of an order has left by email."""
    stage.template("order-received/pager.text", "We have your order {{ order.id }}.")
    pager, happenings = Wire(), list[object]()
    async with SmtpServer(extensions=("SIZE 10485760", "8BITMIME", "DSN")) as server:
        smtp = SmtpTransport("127.0.0.1", server.port, tls="none", clock=HandClock())
        channels = [
            Email(smtp, sender="Acme <orders@acme.example>", return_path=PATH),
            Channel("pager", message=Short, transport=pager, address=lambda customer: customer.extra.get("pager")),
        ]
        options = {"channels": channels, "notices": [Confirmation], "observers": [happenings.append]}
        async with stage.notifier(**options) as notifier:
            await notifier.record(placed(customer=Customer(name="Ada", **customer)))
            await notifier.run_until_idle()
            assert [SENT] == stage.messages()
            yield Round(stage, notifier, server, pager, happenings)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@pytest.fixture
async def round(stage: Stage) -> AsyncIterator[Round]:
    """A customer who can be reached on two channels."""
    async with sent(stage, **BOTH) as round:
        yield round


async def test_a_mail_names_its_way_back(round: Round) -> None:
    """On the wire the envelope's sender and the ENVID name the message, and its header names the shop as ever."""
    (message_id,) = round.stage.messages("id")

    assert (PATH.address(message_id), PATH.token(message_id)) == (round.mail.sender, round.envelope_id)
    assert "Acme <orders@acme.example>" == round.mail.parsed["From"]
    assert any("NOTIFY=FAILURE,DELAY" in command for command in round.server.commands)


async def test_a_mail_that_comes_back_goes_by_the_next_channel(round: Round) -> None:
    """A mail that was accepted and comes back is told on the next channel, once, and its address is suppressed."""
    receipts = await round.comes(mails.postfix(round.mail.sender, envelope_id=round.envelope_id, returned=round.header))

    assert [(ReceiptKind.BOUNCED, "5.1.1", True)] == [(each.kind, each.code, each.suppress) for each in receipts]
    assert [("email", FAILED), ("pager", SENT)] == round.stage.messages("channel, state")
    assert [("A-1", "order-received")] == round.pager.told
    assert [("email", mails.CUSTOMER)] == round.suppressed
    assert [] == round.stage.staff()
    assert ["5.1.1"] == [each.code for each in round.told(MessageReopened)]
    assert ["email"] == [each.channel for each in round.told(AddressSuppressed)]


@pytest.mark.parametrize(
    "make", [mails.postfix, mails.exchange, mails.exim, mails.exim_of_old, mails.gmail, mails.amazon]
)
async def test_every_systems_report_brings_it_back(round: Round, make: Any) -> None:
    """Whichever system reports, by the address alone, the customer is told on the next channel."""
    await round.comes(make(round.mail.sender))

    assert [("email", FAILED), ("pager", SENT)] == round.stage.messages("channel, state")


async def test_what_comes_back_leaves_nobody_in_silence(stage: Stage) -> None:
    """Where there is no other channel the staff are called in, and the order is not forgotten."""
    async with sent(stage, email=mails.CUSTOMER) as round:
        await round.comes(mails.postfix(round.mail.sender))

        assert [FAILED] == stage.messages()
        assert ["undelivered"] == stage.staff()
        assert [] != stage.look("select kind from pn_promise where state = 0")


async def test_the_same_report_twice_changes_nothing(round: Round) -> None:
    """A report that is read again, as after a crash of the program that reads the mailbox, has no effect."""
    raw = mails.postfix(round.mail.sender)
    await round.comes(raw)
    before = everything(round.stage.path)
    await round.comes(raw)

    assert before == everything(round.stage.path)
    assert 1 == len(round.pager.told)


@pytest.mark.parametrize(
    "make", [mails.postfix, mails.exchange, mails.exim, mails.exim_of_old, mails.gmail, mails.amazon, mails.complaint]
)
@pytest.mark.parametrize("guess", ["another secret", "no signature", "a changed digit", "the message id alone"])
async def test_a_forged_bounce_changes_nothing(round: Round, make: Any, guess: str) -> None:
    """Who knows the mail, its id and the shop's domain, but not the secret, can reopen and suppress nothing."""
    (message_id,) = round.stage.messages("id")
    local, _, domain = PATH.address(message_id).partition("@")
    forged = {
        "another secret": STRANGER.address(message_id),
        "no signature": f"bounce+{message_id}@bounces.acme.example",
        "a changed digit": f"{local[:-1]}{'1' if local.endswith('0') else '0'}@{domain}",
        "the message id alone": "orders@acme.example",
    }
    before = everything(round.stage.path)
    receipts = await round.comes(make(forged[guess]).replace(mails.SENT.encode(), round.header.encode()))

    assert [] == receipts
    assert before == everything(round.stage.path)
    assert [] == round.pager.told


async def test_a_delay_is_no_failure(round: Round) -> None:
    """While the server still tries, the message counts as sent, and nobody is told a second time."""
    delayed = mails.postfix(round.mail.sender, action="delayed", status="4.4.1", diagnostic="X-Postfix; timed out")
    await round.comes(delayed)

    assert [SENT] == round.stage.messages()
    assert ([], []) == (round.pager.told, round.suppressed)

    await round.comes(mails.postfix(round.mail.sender, status="4.4.7", diagnostic="X-Postfix; timed out"))

    assert [("email", FAILED), ("pager", SENT)] == round.stage.messages("channel, state")
    assert [] == round.suppressed


async def test_a_refusal_by_policy_blames_no_address(round: Round) -> None:
    """A mail that comes back because of its content goes by the next channel; its address stays good."""
    refused = mails.postfix(round.mail.sender, status="5.7.1", diagnostic="smtp; 550 5.7.1 looks like spam")
    await round.comes(refused)

    assert [("email", FAILED), ("pager", SENT)] == round.stage.messages("channel, state")
    assert [] == round.suppressed


async def test_a_full_mailbox_is_given_up_when_it_stays_full(round: Round) -> None:
    """An address whose mailbox is full is suppressed when the third mail to it has come back."""
    full = mails.postfix(round.mail.sender, status="5.2.2", diagnostic="smtp; 552 5.2.2 mailbox full")
    await round.comes(full)

    assert [] == round.suppressed
    for number in (2, 3):
        await round.notifier.record(placed(f"B-{number}", customer=Customer(email=mails.CUSTOMER)))
        await round.notifier.run_until_idle()
        await round.comes(full.replace(round.server.mails[0].sender.encode(), round.mail.sender.encode()))

    assert [("email", mails.CUSTOMER)] == round.suppressed


async def test_a_complaint_ends_mail_and_tells_the_staff(round: Round) -> None:
    """A customer who calls our mail spam has had it: nothing is sent again, and nothing by mail from then on."""
    await round.comes(mails.complaint("feedback@acme.example", return_path=round.mail.sender))

    assert [SENT] == round.stage.messages()
    assert ([], [("email", mails.CUSTOMER)]) == (round.pager.told, round.suppressed)
    assert ["complained"] == round.stage.staff()


async def test_a_vacation_reply_changes_nothing(round: Round) -> None:
    """What looks like a bounce and is none leaves all as it was."""
    before = everything(round.stage.path)
    for make in (mails.vacation, mails.challenge, mails.read_receipt, mails.answer, mails.exim_warning_of_old):
        assert [] == await round.comes(make(round.mail.sender))

    assert before == everything(round.stage.path)
