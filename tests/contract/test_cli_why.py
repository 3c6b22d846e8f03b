"""`orders why` tells an order's story so that who has never seen the code understands it."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import proactive_notify
from docs.why import story_teller
from proactive_notify import (
    Customer,
    CustomerAnswered,
    CustomerAsked,
    Email,
    EmailMessage,
    Notifier,
    OrderPacked,
    OrderSourcing,
    Receipt,
    ReceiptKind,
    Shop,
    Sms,
    SmsMessage,
    Staff,
    StaffMessage,
    Transient,
)
from proactive_notify._store.sqlite import InlineSqlite
from proactive_notify.cli.reasons import because, receipt_words
from proactive_notify.cli.story import story
from proactive_notify.cli.telling import print_story
from proactive_notify.notices import Delayed, Holding, OrderReceived, Packed, Shipped
from proactive_notify.testing import (
    RecordingTransport,
    Simulation,
    VirtualClock,
    order_delayed,
    order_placed,
    order_shipped,
)
from tests.contract.command_line import CommandLine
from tests.contract.lived_stories import APP, NAMES, Lived, live, named

ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
ANSI = "\x1b["


class Shelf:
    """Each story is lived through once."""

    def __init__(self, tell: Any, folder: Path) -> None:
        self._tell, self._folder = tell, folder
        self._lived: dict[str, Lived] = {}

    def __getitem__(self, name: str) -> Lived:
        if name not in self._lived:
            self._lived[name] = live(self._tell, name, self._folder)
        return self._lived[name]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """The stories, lived through."""
    with story_teller() as tell:
        yield Shelf(tell, tmp_path_factory.mktemp("stories"))


def why(command: CommandLine, lived: Lived, order_id: str, *more: str) -> str:
    with named(lived.notifier()):
        ran = command("orders", "why", order_id, *APP, *more)
    assert (0, "") == (ran.status, ran.err)
    return ran.out


def squeezed(printed: str) -> str:
    """What was printed, as one line with each blank once."""
    return " ".join(printed.split())


# Every story


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("name", NAMES)
def test_it_fits_and_uses_the_width(
    name: str, width: int, command: CommandLine, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No line is wider than the terminal, none ends in blanks, and a wider terminal has fewer lines."""
    monkeypatch.setenv("COLUMNS", str(width))
    lived = shelf[name]
    lines = why(command, lived, lived.orders[0]).splitlines()
    monkeypatch.setenv("COLUMNS", str(width // 2 + 20))
    narrow = why(command, lived, lived.orders[0]).splitlines()

    assert [] == [line for line in lines if len(line) > width or line != line.rstrip()]
    assert len(lines) < len(narrow)


@pytest.mark.parametrize("name", NAMES)
def test_all_that_was_said_is_there(name: str, command: CommandLine, shelf: Shelf) -> None:
    """The subject of every mail stands there once, no address does, and nothing of the program's own words."""
    lived = shelf[name]
    for order_id in lived.orders[:4]:
        told = squeezed(why(command, lived, order_id))
        subjects = lived.subjects[order_id]

        assert [] == [each for each in subjects if subjects.count(each) != told.count(f"“{each}” [")]
        assert [] == ADDRESS.findall(told)
        assert [] == [word for word in (" None", "{", "}", "_by", "datetime", "promise.") if word in told]
        assert ANSI not in told


@pytest.mark.parametrize("name", NAMES)
def test_the_json_has_everything(name: str, command: CommandLine, shelf: Shelf) -> None:
    """Every fact, promise, decision, message and word to the staff is a line with its instant, and no address is."""
    lived = shelf[name]
    order_id = lived.orders[0]
    printed = why(command, lived, order_id, "--json")
    said = json.loads(printed)
    history = asyncio.run(read(lived.notifier(), order_id))
    lines: list[dict[str, Any]] = said["why"]
    count = {kind: sum(line["kind"] == kind for line in lines) for kind in ("event", "promise", "staff")}
    decisions = [(line["decision"], line["rule"]) for line in lines if "decision" in line]

    assert {"event": len(history.facts), "promise": len(history.promises), "staff": len(history.staff)} == count
    assert [(each.decision.value, each.rule) for each in history.decisions] == decisions
    assert {each.message_id for each in history.messages} == {each["message_id"] for each in lines if "to" in each}
    assert [] == [line for line in lines if not line["at"].endswith("Z")]
    assert [] == ADDRESS.findall(printed)


async def read(notifier: Notifier, order_id: str) -> Any:
    async with notifier:
        return await notifier.why(order_id)


# Each kind of line

ADA = Customer(name="Ada Lovelace", email="ada@shop.example", phone="+4915112345678", sms_consent=True)
ACME = Shop(name="Acme", time_zone="Europe/Berlin", country="DE")


class Both(Holding):
    """It goes by text where mail fails."""

    channels = ("email", "sms")


class Acme:
    """A shop of which a customer's order is told."""

    def __init__(self, path: Path, command: CommandLine) -> None:
        self.path, self.command = path, command
        self.texts: RecordingTransport[SmsMessage] = RecordingTransport()
        self.notices = [OrderReceived, Packed, Both, Delayed, Shipped]
        self.now = datetime(2026, 1, 5, 9, tzinfo=UTC)

    def live(self, what_happens: Callable[[Simulation], Awaitable[object]], *, staff: Staff | None = None) -> None:
        async def lived() -> None:
            store = InlineSqlite(str(self.path))
            channels = [Sms(self.texts, sender="Acme")]
            async with Simulation(
                store=store, shop=ACME, channels=channels, notices=self.notices, staff=staff, start=self.now
            ) as sim:
                await what_happens(sim)
                self.now = sim.now

        asyncio.run(lived())

    def why(self, *more: str) -> str:
        """What the command says where the simulation ended, each blank once."""
        with named(self.notifier()):
            ran = self.command("orders", "why", "A-1", *APP, *more)
        assert (0, "") == (ran.status, ran.err)
        return squeezed(ran.out)

    def notifier(self) -> Notifier:
        """The shop's notifier where the simulation ended."""
        email: RecordingTransport[EmailMessage] = RecordingTransport()
        return Notifier(
            ACME,
            store=f"sqlite:///{self.path}",
            channels=[Email(email, sender="Acme <orders@acme.example>"), Sms(self.texts, sender="Acme")],
            notices=self.notices,
            clock=VirtualClock(self.now),
        )


@pytest.fixture
def acme(tmp_path: Path, command: CommandLine) -> Acme:
    return Acme(tmp_path / "orders.db", command)


def test_a_promise_stands_with_the_fact_that_made_it(acme: Acme) -> None:
    """What is promised, moved and kept, in words and below what did it; days are those of the customer."""

    async def happens(sim: Simulation) -> None:
        await sim.record(order_placed("A-1", customer=ADA, ship_by=date(2026, 1, 9)))
        await sim.record_at(sim.after(days=1), order_delayed("A-1", ship_by=date(2026, 1, 14), reason="no leather"))
        await sim.record_at(sim.after(days=2), order_shipped("A-1", carrier="dhl"))

    acme.live(happens)
    told = acme.why()

    assert "Ada orders something promised: the shop hands the parcel over by Friday, 9 January" in told
    assert "the shop says that it will be late; “no leather”" in told
    assert "promised: the shop hands the parcel over by Wednesday, 14 January, no longer by Friday, 9 January" in told
    assert "the parcel is handed to DHL kept: the shop hands the parcel over by Wednesday, 14 January" in told


def test_a_broken_promise_is_a_line_of_its_own(acme: Acme) -> None:
    """A date that passed is not kept, a silence is a silence, and what keeps the date later keeps it late."""

    async def happens(sim: Simulation) -> None:
        await sim.record(order_placed("A-1", customer=ADA, ship_by=date(2026, 1, 9)))
        await sim.advance(days=9)
        await sim.record(order_shipped("A-1"))

    acme.live(happens)
    told = acme.why()

    assert "not kept the parcel should have been handed over by Friday, 9 January, and that is not recorded" in told
    assert "silence Ada is to hear from us by " in told
    assert "kept late: the shop hands the parcel over by Friday, 9 January" in told
    assert "Saturday, 10 January 2026 09:00 not kept" in told


def test_a_message_says_what_became_of_it(acme: Acme) -> None:
    """Who accepted it, what the provider said of it later, and the day that it named."""

    async def happens(sim: Simulation) -> None:
        await sim.record(order_placed("A-1", customer=ADA))
        (mail,) = sim.sent
        await sim.advance(minutes=4)
        await sim.notifier.receive(Receipt(message_id=mail.message_id, kind=ReceiptKind.DELIVERED, at=sim.now))

    acme.live(happens)

    assert (
        "email “Received: your order A-1” [order-received] accepted by the mail server; delivered 10:04; "
        "next word by Wednesday, 7 January"
    ) in acme.why()
    (receipt,) = (each for each in json.loads(acme.why("--json"))["why"] if each["kind"] == "receipt")
    assert ("2026-01-05T09:04:00Z", "delivered") == (receipt["at"], receipt["why"])


def test_what_came_back_goes_another_way(acme: Acme) -> None:
    """A mail that bounced says so, and the text that goes instead says why; neither shows an address."""

    async def happens(sim: Simulation) -> None:
        await sim.record(order_placed("A-1", customer=ADA))
        await sim.advance(days=2)
        mail = sim.sent[-1]
        back = Receipt(message_id=mail.message_id, kind=ReceiptKind.BOUNCED, code="5.1.1", suppress=True, at=sim.now)
        await sim.notifier.receive(back)
        await sim.notifier.run_due()

    acme.live(happens)
    told = acme.why()

    assert "accepted by the mail server; came back, there is no such mailbox (5.1.1) 10:00; next word by" in told
    assert "another way “holding”: not by email: it came back, there is no such mailbox (5.1.1)" in told
    assert "[instead-of-email:bounced:5.1.1]" in told
    assert "sms “holding” [holding] accepted by the provider" in told
    assert [] == [secret for secret in ("ada@", "shop.example", "15112345678") if secret in told]


def test_what_is_held_says_why_and_until_when(acme: Acme) -> None:
    """One such mail a day is enough: the other is told later, and where it stands now it is said when it goes."""

    async def happens(sim: Simulation) -> None:
        await sim.record(order_placed("A-1", customer=ADA))
        for hours, parcel in ((1, "S-1"), (2, "S-2")):
            await sim.record_at(sim.after(hours=hours), OrderPacked(order_id="A-1", shipment_id=parcel))

    async def tomorrow(sim: Simulation) -> None:
        await sim.advance(days=1)

    acme.live(happens)
    told = acme.why()
    acme.live(tomorrow)

    assert "later “packed”: one such mail a day is enough [one-unforced-a-day]" in told
    assert "waits “packed” by email goes Tuesday, 6 January, 09:00: one such mail a day is enough" in told
    assert "parcels S-1 packed; S-2 packed" in told
    assert "it waited since Monday, 5 January, 13:00; accepted by the mail server" in acme.why()


def test_what_waits_for_a_server_says_so(acme: Acme) -> None:
    """A message that cannot leave stands where the order stands; when it has left it says how long it waited."""

    async def away(sim: Simulation) -> None:
        sim.email.fail_until_told(Transient("later", code="451", retry_after=timedelta(hours=1)))
        await sim.record(order_placed("A-1", customer=ADA))
        await sim.advance(hours=3, minutes=1)

    async def back(sim: Simulation) -> None:
        await sim.advance(hours=1)

    acme.live(away)
    waiting = acme.why()
    acme.live(back)

    assert "waits “order received” by email goes 14:00, tried 4×: the provider asks to come back later (451)" in waiting
    assert (
        "14:00 email “Received: your order A-1” [order-received] it waited since 10:00 and was tried 5 times"
        in acme.why()
    )


def test_the_staff_say_when_they_were_told(acme: Acme) -> None:
    """A word to the staff says when it was told, or that it was not; their own answer to the customer is a line."""
    desk: RecordingTransport[StaffMessage] = RecordingTransport()

    async def happens(sim: Simulation) -> None:
        await sim.record(order_placed("A-1", customer=ADA))
        await sim.record_at(sim.after(hours=1), CustomerAsked(order_id="A-1", text="Is it  \n red?"))

    async def answered(sim: Simulation) -> None:
        await sim.advance(minutes=10)
        await sim.record(CustomerAnswered(order_id="A-1", by="Tom"))

    acme.live(happens)
    assert "staff the customer asked something and waits for a person (not told yet) [question]" in acme.why()
    acme.live(answered, staff=Staff(desk))
    told = acme.why()

    assert "staff the customer asked something and waits for a person (told 11:02) [question]" in told
    assert "Ada asks; “Is it red?” promised: a person answers Ada by Tuesday, 6 January" in told
    assert "Tom answers Ada kept: a person answers Ada by Tuesday, 6 January" in told


def test_late_facts_say_when_they_happened(acme: Acme) -> None:
    """What arrives late says when it happened; what never happened at two times says nothing."""

    async def happens(sim: Simulation) -> None:
        await sim.record(order_placed("A-1", customer=ADA))
        await sim.advance(days=1)
        await sim.record(OrderSourcing(order_id="A-1", note="we look for it", at=sim.after(hours=-20)))

    acme.live(happens)

    assert "the shop is looking for the goods; “we look for it” (it happened Monday, 5 January, 14:00)" in acme.why()


def test_where_it_stands_ends_the_story(acme: Acme) -> None:
    """What is awaited, what the customer hears next and when, and whose turn it is: as the JSON has it."""

    async def happens(sim: Simulation) -> None:
        await sim.record(order_placed("A-1", customer=ADA, ship_by=date(2026, 1, 9)))
        await sim.advance(hours=1)

    acme.live(happens)
    told = acme.why()
    now = told[told.index("Now: ") :]

    assert now.startswith("Now: Monday, 5 January 2026, 11:00 state placed awaited the shop hands the parcel over by ")
    assert "Ada hears by email “" in now
    assert "who acts the shop: " in now
    said = json.loads(acme.why("--json"))["next"]
    assert f"“{said['subject']}” [{said['notice']}]" in now
    assert not said["is_overdue"]


def test_an_order_of_nobody(acme: Acme) -> None:
    """Of an order that nobody placed the facts are told, and who has to say whose it is."""

    async def happens(sim: Simulation) -> None:
        await sim.record(order_shipped("A-1"))

    acme.live(happens)
    told = acme.why()

    assert "Nothing is known of the customer." in told
    assert "state nobody has recorded who placed it" in told
    assert "the staff hear that facts came about an order that nobody placed [" in told
    assert "who acts the shop: order.placed answers it" in told


def test_a_file_without_its_program_says_that_it_guesses(acme: Acme) -> None:
    """With --store the policy is the default, and the last line says so; with --app it does not."""

    async def happens(sim: Simulation) -> None:
        await sim.record(order_placed("A-1", customer=ADA))

    acme.live(happens)
    ran = acme.command("orders", "why", "A-1", "--store", f"sqlite:///{acme.path}")

    assert "what comes next is by the defaults; --app is exact" in squeezed(ran.out)
    assert "by the defaults" not in acme.why()


# Colour


def test_only_what_is_bad_is_red(acme: Acme) -> None:
    """In a terminal the time is dim and the words are not: each part of a line has its own colour."""

    async def happens(sim: Simulation) -> None:
        await sim.record(order_placed("A-1", customer=ADA, ship_by=date(2026, 1, 6)))
        await sim.advance(days=3)

    acme.live(happens)
    printed = in_a_terminal(acme)

    assert "\x1b[2m 10:00 \x1b[0m\x1b[1mhappened    \x1b[0mAda orders something\n" in printed
    assert "\x1b[1mnot kept    \x1b[0m\x1b[31mthe parcel should have been handed over" in printed
    assert "\x1b[32m“Received: your order A-1”\x1b[0m\x1b[2m [order-received]\x1b[0m\n" in printed


def in_a_terminal(acme: Acme) -> str:
    """The story as a terminal gets it that is not wide."""
    file = io.StringIO()
    screen = Console(file=file, width=100, force_terminal=True, color_system="standard", markup=False, highlight=False)
    history = asyncio.run(read(acme.notifier(), "A-1"))
    print_story(screen, story(history, zone=history.zone), zone=history.zone)
    return file.getvalue()


@pytest.mark.parametrize(
    ("variables", "is_coloured"),
    [({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False), ({}, False)],
)
def test_colour_is_for_terminals(acme: Acme, variables: dict[str, str], is_coloured: bool) -> None:
    """A terminal shows colours, `NO_COLOR` has none, and a pipe is plain."""

    async def happens(sim: Simulation) -> None:
        await sim.record(order_placed("A-1", customer=ADA))

    acme.live(happens)
    program = [sys.executable, "-m", "proactive_notify", "orders", "why", "A-1", "--store", f"sqlite:///{acme.path}"]
    plain = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    ran = subprocess.run(program, env={**plain, **variables}, capture_output=True, text=True, check=True)

    assert is_coloured == bool(re.search(r"\x1b\[[\d;]*3\dm", ran.stdout))
    assert "Received: your order A-1" in ran.stdout


# Words


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("said-by:delayed", "the message “delayed” says it too"),
        ("given-up:transient:451", "it was given up: the provider asks to come back later (451)"),
        (
            "given-up:uncertain:transient:timeout",
            "it was given up: nobody knows whether the provider took it (transient:timeout)",
        ),
        ("instead-of-sms:cannot-wait:quiet-hours", "not by sms: it could not wait: nobody is woken at night"),
        ("again:bounced:4.2.2", "it is tried again: it came back, the mailbox is full (4.2.2)"),
        ("over-cap:number", "there would be too many messages (number)"),
        ("refused:550 5.1.1", "the provider refused it, there is no such mailbox (550 5.1.1)"),
        ("paused:535", "the provider refused our credentials, and the channel rests (535)"),
        ("requeued", "somebody let it go again"),
        ("no-rule-of-ours", "no-rule-of-ours"),
    ],
)
def test_rules_are_said_in_words(rule: str, words: str) -> None:
    """Every part of a rule is said; what is not known is said as it is."""
    assert words == because(rule)


def test_every_rule_of_the_program_has_words() -> None:
    """What the program can decide is said in words, whatever it decides."""
    source = Path(proactive_notify.__file__).parent
    decided = re.compile(r"""(?:rule=|return |_decide\(Verdict\.\w+, |failed\(|paused\()"([a-z]+(?:-[a-z]+)+)\"""")
    files = [*(source / "_policy").glob("*.py"), *(source / "_engine").glob("*.py")]
    rules = {rule for path in files for rule in decided.findall(path.read_text(encoding="utf-8"))}

    assert {"no-longer-true", "one-unforced-a-day", "notify-false", "cannot-render"} <= rules
    assert [] == sorted(rule for rule in rules - NO_RULES if because(rule) == rule)


#: Words of the program that look like rules.
NO_RULES: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("receipt", "words"),
    [
        ("delivered", "delivered"),
        ("deferred:4.2.2 delivered", "the provider goes on trying, the mailbox is full (4.2.2), then delivered"),
        ("bounced:5.1.1", "came back, there is no such mailbox (5.1.1)"),
        ("accepted again:SM1 delivered", "the provider passes it on, then delivered"),
        ("complained", "called spam by the customer"),
    ],
)
def test_receipts_are_said_in_words(receipt: str, words: str) -> None:
    """What a provider said is told one after the other, without its own ids."""
    assert words == receipt_words(receipt)
