"""The first text to a number says how to have no more; how long a text is of use; and how fast many parts may go."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from proactive_notify import (
    Caps,
    Customer,
    Email,
    Notice,
    Notifier,
    OrderDelayed,
    OrderPaid,
    Pace,
    Permanent,
    Policy,
    Receipt,
    ReceiptKind,
    Shop,
    Sms,
    TrackingUpdated,
    Transient,
    Uncertain,
    WhatsApp,
    default_notices,
)
from proactive_notify._content.segments import segments
from proactive_notify._policy.pace import SENDERS
from proactive_notify._store.sqlite import ThreadedSqlite
from proactive_notify.cli.check import problems_of
from proactive_notify.testing import RecordingTransport, Simulation
from tests.contract.wires import MONDAY, Stage, Wire, placed

ADA, AMERICAN = "+4915112345678", "+12125550100"
STOP = "Texts about your orders only. Reply STOP to opt out, HELP for help."
RATES = f"{STOP} Msg&data rates may apply."
ANY_HOUR = Policy(quiet_hours={})


class Paid(Notice[OrderPaid]):
    key = "paid"
    channels = ("sms",)
    expires = timedelta(hours=3)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.template("paid/sms.text", "We have your money.")
    return stage


def texting(stage: Stage, wire: Wire, *, sender: str = "+15005550006", **arguments: Any) -> Notifier:
    """A notifier that texts to Germany and the United States."""
    sms = Sms(wire, sender=sender, countries=["DE", "US", "BR"], **arguments.pop("sms", {}))
    return stage.notifier(**{"channels": [sms], "notices": [Paid], "policy": ANY_HOUR, **arguments})


async def paid(notifier: Notifier, name: str, *, phone: str = ADA, **customer: Any) -> None:
    who = Customer(phone=phone, sms_consent=True, **customer)
    await notifier.record(placed(name, customer=who), OrderPaid(order_id=name, id=name, at=MONDAY))


def last_lines(wire: Wire) -> list[str]:
    """The last line of each text that was taken."""
    return [message.text.splitlines()[-1] for message in wire.taken]


# The first text


async def test_the_first_text_says_how_to_have_no_more(stage: Stage) -> None:
    """The first text to a number begins with the shop's name and ends with its purpose and STOP; no later one does."""
    wire = Wire()
    async with texting(stage, wire) as notifier:
        for name in ("A-1", "A-2", "A-3"):
            await paid(notifier, name)
            await notifier.run_until_idle()
        await paid(notifier, "B-1", phone="+4915187654321")
        await notifier.run_until_idle()

    assert [f"Acme: We have your money.\n{STOP}", "Acme: We have your money."] == [each.text for each in wire.taken[:2]]
    assert [STOP, "Acme: We have your money.", "Acme: We have your money.", STOP] == last_lines(wire)


async def test_of_texts_that_leave_together_one_is_the_first(stage: Stage) -> None:
    """Ten texts to a number under way at the same moment, of two processes: one of them says it."""
    wires = [Wire(), Wire()]
    caps = {"caps": Caps(number_per_hour=None)}
    one, other = (texting(stage, each, store=ThreadedSqlite(str(stage.path)), sms=caps) for each in wires)
    async with one, other:
        for number in range(10):
            await paid(one, f"A-{number}")
        async with one.worker(), other.worker():
            await one.run_until_idle()
            await other.run_until_idle()
    lines = [line for wire in wires for line in last_lines(wire)]

    assert (10, 1) == (len(lines), lines.count(STOP))


@pytest.mark.parametrize(
    ("error", "again"), [(Transient(code="503"), True), (Permanent(code="30034"), False)], ids=["later", "never"]
)
async def test_a_first_text_that_nobody_got_was_none(error: Exception, again: bool, stage: Stage) -> None:
    """What the provider did not take introduced nobody: the next one does; what goes again still does, once each."""
    wire = Wire()
    wire.refuse(error)
    async with texting(stage, wire) as notifier:
        await paid(notifier, "A-1")
        await notifier.run_until_idle()
        await paid(notifier, "A-2")
        await notifier.run_until_idle()
        stage.move(minutes=10)
        await notifier.run_until_idle()
        await paid(notifier, "A-3")
        await notifier.run_until_idle()

    assert (2 + again, STOP) == (len(wire.taken), last_lines(wire)[0])
    assert ["Acme: We have your money."] * (1 + again) == last_lines(wire)[1:]


async def test_a_first_text_that_came_back_was_none(stage: Stage) -> None:
    """When the provider says later that the first text never arrived, the next one introduces the shop."""
    wire = Wire()
    async with texting(stage, wire) as notifier:
        for name in ("A-1", "A-2"):
            await paid(notifier, name)
            await notifier.run_until_idle()
        first = wire.taken[0]
        back = Receipt(message_id=first.message_id, kind=ReceiptKind.REJECTED, code="30005", at=stage.clock.now())
        await notifier.receive(back)
        await paid(notifier, "A-3")
        await notifier.run_until_idle()

    assert [STOP, "Acme: We have your money.", STOP] == last_lines(wire)


async def test_a_first_text_in_doubt_may_have_been_read(stage: Stage) -> None:
    """While nobody knows whether the first text arrived, the next one does not say it again."""
    wire = Wire()
    wire.refuse(Uncertain(code="timeout"))
    async with texting(stage, wire) as notifier:
        await paid(notifier, "A-1")
        await notifier.run_until_idle()
        await paid(notifier, "A-2")
        await notifier.run_until_idle()

    assert ["Acme: We have your money."] == last_lines(wire)


@pytest.mark.parametrize(
    ("who", "sender", "shop", "expected"),
    [
        ({"phone": AMERICAN}, "+15005550006", {}, RATES),
        ({"phone": "+17872345678"}, "+15005550006", {}, RATES),
        ({}, "MG" + "0" * 32, {}, STOP),
        ({}, "62226", {}, STOP),
        (
            {"phone": "+5511987654321", "locale": "pt-BR"},
            "+15005550006",
            {},
            "SMS apenas sobre seus pedidos. Responda STOP para nao receber mais, HELP para ajuda.",
        ),
        (
            {},
            "ACME",
            {"reply_to": "a@b.example"},
            "Texts about your orders only. To opt out, write to a@b.example.",
        ),
        ({}, "Acme Shop", {"phone": "+49 30 1"}, "Texts about your orders only. To opt out, call +49 30 1."),
        ({}, "ACME", {}, "Texts about your orders only."),
    ],
    ids=["american", "puerto-rico", "service", "short-code", "portuguese", "name", "name-and-phone", "name-alone"],
)
async def test_the_words_fit_the_number_and_the_sender(
    who: dict[str, str], sender: str, shop: dict[str, str], expected: str, stage: Stage
) -> None:
    """American numbers hear of rates; who cannot answer a name is told another way; and each in the right language."""
    wire = Wire()
    countries = {"countries": ["DE", "US", "PR", "BR"]}
    sms = Sms(wire, sender=sender, **countries)
    shops = Shop(name="Acme", **shop)
    async with stage.notifier(channels=[sms], notices=[Paid], policy=ANY_HOUR, shop=shops) as notifier:
        await paid(notifier, "A-1", **who)
        await notifier.run_until_idle()

    assert [expected] == last_lines(wire)


async def test_a_shop_has_its_own_words(stage: Stage) -> None:
    """`_layout/sms-first.words` in the shop's folder replaces what the first text says."""
    wire = Wire()
    stage.template("_layout/sms-first.words", "Text NO and we stop.")
    async with texting(stage, wire) as notifier:
        await paid(notifier, "A-1")
        await notifier.run_until_idle()

    assert ["Text NO and we stop."] == last_lines(wire)


def test_the_first_text_has_at_most_one_part_more() -> None:
    """Whatever the text is, saying it takes one part more at most, is never cut, and fits in what Twilio takes."""
    shop = Shop(name="Acme")
    for most in (1, 2, 6, 10):
        sms = Sms(RecordingTransport(), sender="+15005550006", parts=1, most_parts=most)
        for words in range(0, 400, 7):
            rendered = "word " * words + "end"
            plain, first = (sms.text(rendered, shop=shop, introduction=said) for said in ("", RATES))

            assert segments(first).parts <= min(segments(plain).parts + 1, 10)
            if segments(plain).parts < 10 and not plain.endswith("..."):
                assert first == f"{plain}\n{RATES}"
            assert first.endswith(f"\n{RATES}")
            assert first.startswith("Acme: ")
            assert len(first) <= 1600


def test_the_check_looks_at_the_first_text(tmp_path: Path) -> None:
    """Words that take two parts more fail the check, in the language that has them."""
    (tmp_path / "_layout").mkdir()
    (tmp_path / "_layout" / "sms-first.words").write_text("Texts about your orders only. " * 12, encoding="utf-8")
    (tmp_path / "paid").mkdir()
    (tmp_path / "paid" / "sms.text").write_text("We have your money.", encoding="utf-8")
    sms = Sms(RecordingTransport(), sender="+15005550006", parts=1)
    notifier = Notifier(Shop(), store="sqlite://", channels=[sms], notices=[Paid], templates=[tmp_path])
    found = [each.problem for each in problems_of(notifier, ["en"]) if each.is_grave]

    assert 1 == len(found)
    assert found[0].startswith("the first text takes 3 parts (")
    assert found[0].endswith("1 more than its budget of 2")


@pytest.mark.parametrize("locale", ["en", "pt-BR"])
def test_what_is_shipped_says_it_within_the_budget(locale: str) -> None:
    """Every shipped text of a shop with a long name takes one part more with the longest introduction, and no two."""
    texts: list[type[Notice[Any]]] = [
        type(kind.__name__, (kind,), {"key": kind.key, "channels": ("sms",), "__doc__": kind.__doc__})
        for kind in default_notices
        if kind.key != "order-status"
    ]
    shop = Shop(name="Jonathan Adler", reply_to="hello@shop.example", country="US")
    sms = Sms(RecordingTransport(), sender="+15005550006")
    notifier = Notifier(shop, store="sqlite://", channels=[sms], notices=texts)

    assert [] == [each for each in problems_of(notifier, [locale]) if each.is_grave]


# How long it is of use


async def test_a_text_says_how_long_it_is_of_use(stage: Stage) -> None:
    """The provider drops a text when its notice expires, so a text that was stuck there does not come the next day."""
    wire = Wire()
    async with texting(stage, wire) as notifier:
        await paid(notifier, "A-1")
        stage.move(hours=1)
        await notifier.run_until_idle()

    assert [timedelta(hours=2)] == [message.valid_for for message in wire.taken]


async def test_a_text_that_never_expires_names_no_time(stage: Stage) -> None:
    """Where a notice is of use for ever, the provider keeps its text as long as it can."""

    class Forever(Paid):
        key = "paid"
        expires = None

    wire = Wire()
    async with texting(stage, wire, notices=[Forever]) as notifier:
        await paid(notifier, "A-1")
        await notifier.run_until_idle()

    assert [None] == [message.valid_for for message in wire.taken]


async def test_whatsapp_says_how_long_it_is_of_use(stage: Stage) -> None:
    """A WhatsApp message ends with its notice, too."""

    class Chatted(Paid):
        key = "paid"
        channels = ("whatsapp",)

    stage.template("paid/whatsapp.variables", "A-1")
    wire = Wire()
    chat = WhatsApp(wire, sender="+15005550006", approved={"paid": "HX" + "0" * 32}, address=lambda who: who.phone)
    async with stage.notifier(channels=[chat], notices=[Chatted]) as notifier:
        await paid(notifier, "A-1")
        await notifier.run_until_idle()

    assert [timedelta(hours=3)] == [message.valid_for for message in wire.taken]


# Parts and the pace


async def test_a_pace_counts_parts(stage: Stage) -> None:
    """Three parts a text at one part a second: a text every three seconds; the first one takes a part more."""
    wire, at = Wire(), []
    wire.answer = lambda _: at.append(stage.clock.now())
    stage.template("paid/sms.text", "word " * 80)
    pace = {"pace": Pace(per_second=1), "caps": Caps(number_per_hour=None, number_per_day=None)}
    async with texting(stage, wire, sms=pace) as notifier:
        for number in range(5):
            await paid(notifier, f"A-{number}")
        for _ in range(20):
            await notifier.run_until_idle()
            stage.move(seconds=1)

    assert [4, 3, 3, 3, 3] == [segments(message.text).parts for message in wire.taken]
    assert [0, 4, 7, 10, 13] == [(each - MONDAY).total_seconds() for each in at]


async def test_two_processes_count_parts_together(stage: Stage) -> None:
    """The parts that one process sent hold up the other."""
    wires = [Wire(), Wire()]
    stage.template("paid/sms.text", "word " * 80)
    pace = {"pace": Pace(per_second=1), "caps": Caps(number_per_hour=None, number_per_day=None)}
    one, other = (texting(stage, wire, sms=pace) for wire in wires)
    async with one, other:
        for number in range(40):
            await paid(one, f"A-{number}")
        for second in range(61):
            await (one, other)[second % 2].run_until_idle()
            stage.move(seconds=1)
    parts = sum(segments(message.text).parts for wire in wires for message in wire.taken)

    assert 61 <= parts <= 61 + 3
    assert min(len(wire.taken) for wire in wires) > 5


@pytest.mark.parametrize("kind", SENDERS)
def test_every_kind_of_sender_has_its_pace(kind: str) -> None:
    """A kind of sender is a name, one text at a time."""
    assert Pace(per_second=SENDERS[kind]) == Pace.of_sender(kind)


def test_paces_are_those_that_twilio_names() -> None:
    """A toll-free number sends three parts a second, a sole proprietor one, numbers outside the United States ten."""
    assert {"toll-free": 3, "sole-proprietor": 1, "short-code": 100, "outside-us": 10}.items() <= SENDERS.items()


# What goes beside a mail


ADLER = Shop(name="Jonathan Adler", reply_to="hello@shop.example", country="US")
CONSENTED = Customer(name="Ada", email="ada@example.org", phone=AMERICAN, sms_consent=True)


def on_the_way(status: str, hour: int) -> TrackingUpdated:
    at = MONDAY + timedelta(hours=hour)
    return TrackingUpdated(
        order_id="A-1", id=status, source="ups", at=at, carrier="ups", tracking_code="1Z", status=status
    )


async def told(*, channels: list[Any], customer: Customer = CONSENTED) -> tuple[Simulation, list[str]]:
    """Channel and notice of what a customer hears of an order that is delayed twice and then out for delivery."""
    async with Simulation(shop=ADLER, channels=channels, policy=ANY_HOUR, start=MONDAY) as sim:
        await sim.record(placed(customer=customer))
        for number, day in enumerate(("2026-01-19", "2026-01-26"), 1):
            at = MONDAY + timedelta(hours=number)
            late = OrderDelayed(order_id="A-1", id=f"late-{number}", source="shop", at=at, ship_by=day)
            await sim.record_at(at, late)
        for hour, status in enumerate(("in_transit", "out_for_delivery"), 3):
            await sim.record_at(MONDAY + timedelta(hours=hour), on_the_way(status, hour))
        await sim.advance(hours=1)
        return sim, [f"{'sms' if hasattr(m, 'valid_for') else 'email'} {m.notice}" for m in sim.sent]


async def test_what_is_urgent_goes_by_text_beside_the_mail() -> None:
    """The first delay and the day of delivery are told on both; all else, the second delay too, by mail alone."""
    sms = Sms(RecordingTransport(), sender="+15005550006")
    _, said = await told(channels=[sms])

    assert ["sms delayed", "sms out-for-delivery"] == [each for each in said if each.startswith("sms")]
    expected = ["order-received", "delayed", "delayed-again", "shipped", "out-for-delivery"]
    assert [f"email {notice}" for notice in expected] == [each for each in said if each.startswith("email")]


@pytest.mark.parametrize("customer", [{"sms_consent": False}, {"phone": None}])
async def test_without_consent_or_number_all_goes_by_mail(customer: dict[str, Any]) -> None:
    """Who did not agree to texts, or has no number, hears all of it by mail."""
    sms = Sms(RecordingTransport(), sender="+15005550006")
    _, said = await told(channels=[sms], customer=CONSENTED.model_copy(update=customer))

    assert ["email"] * 5 == [each.split()[0] for each in said]


async def test_a_shop_without_texts_sends_the_same_mails() -> None:
    """Whether a shop texts or not makes no difference for its mails."""
    sms = Sms(RecordingTransport(), sender="+15005550006")
    (_, without), (_, beside) = await told(channels=[]), await told(channels=[sms])

    assert without == [each for each in beside if each.startswith("email")]


async def test_a_text_that_fails_beside_a_mail_is_no_matter_for_the_staff(stage: Stage) -> None:
    """The mail has told it and has named the next word: a number that is refused changes neither."""
    sms, email = Wire(), Wire()
    sms.refuse(Transient(code="503"), Permanent(code="21211"))
    channels = [Email(email, sender="Acme <orders@acme.example>"), Sms(sms, sender="+15005550006")]
    late = OrderDelayed(order_id="A-1", id="late", source="shop", at=MONDAY, ship_by="2026-01-19")
    next_word = "select due_at from pn_promise where kind = 'news_by' and state = 0"
    async with stage.notifier(channels=channels, policy=ANY_HOUR) as notifier:
        await notifier.record(placed(customer=CONSENTED))
        await notifier.run_until_idle()
        await notifier.record(late)
        await notifier.run_until_idle()
        named = stage.look(next_word)
        stage.move(hours=23)
        await notifier.run_until_idle()

    assert named == stage.look(next_word)
    assert (2, ["order-received", "delayed"]) == (len(sms.tried), [message.notice for message in email.taken])
    assert ("dropped", "refused:21211") in stage.decisions()
    assert [] == stage.staff()


async def test_a_text_that_fails_where_there_is_no_mail_is_told_to_the_staff(stage: Stage) -> None:
    """Who has no mail address was told nothing: the staff hear of it."""
    sms = Wire(lambda _: Permanent(code="21211"))
    channels = [Email(Wire(), sender="Acme <orders@acme.example>"), Sms(sms, sender="+15005550006")]
    late = OrderDelayed(order_id="A-1", id="late", source="shop", at=MONDAY, ship_by="2026-01-19")
    async with stage.notifier(channels=channels, policy=ANY_HOUR) as notifier:
        await notifier.record(placed(customer=Customer(phone=AMERICAN, sms_consent=True)))
        await notifier.run_until_idle()
        before = len(stage.staff())
        await notifier.record(late)
        await notifier.run_until_idle()

    assert ["undelivered"] == stage.staff()[before:]


def test_a_price_is_the_shops() -> None:
    """Nothing is guessed: without a price there is none."""
    assert None is Sms(Wire(), sender="ACME").price_per_part
    assert Decimal("0.0079") == Sms(Wire(), sender="ACME", price_per_part=Decimal("0.0079")).price_per_part
