"""What a text message says, what it costs, and who gets one."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from proactive_notify import (
    Channel,
    Customer,
    Email,
    Message,
    Notice,
    Notifier,
    OrderDelayed,
    OrderPlaced,
    Place,
    Policy,
    Shop,
    Sms,
    SmsMessage,
    UsageError,
    all_of,
    default_notices,
)
from proactive_notify._content.checking import flaws
from proactive_notify._content.rendering import Content
from proactive_notify._content.segments import Segments, segments
from proactive_notify._content.values import values_of
from proactive_notify._policy.quiet_hours import Territory
from proactive_notify.cli.check import problems_of
from proactive_notify.cli.sampling import rendered, sample
from proactive_notify.domain.folding import fold
from proactive_notify.domain.orders import Fact, Order
from proactive_notify.notices import Delayed
from proactive_notify.testing import RecordingTransport, Simulation
from tests.contract.telling import ORDER, fact, january, placed
from tests.unit.content_cases import LOCALES, NOTICES, broken, cases, event, notice
from tests.unit.content_cases import placed as placed_case

ADLER = Shop(name="Jonathan Adler", reply_to="hello@shop.example", country="US")
#: Words that a provider or a carrier takes for its own, so that the shop never sees them.
EATEN = "STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT START YES UNSTOP HELP INFO".split()
#: A number of each sort, as people write it.
MOBILE, LANDLINE, TOLL_FREE, PREMIUM = "+4915112345678", "+4930123456", "+4980012345678", "+499001234567"


@pytest.fixture
def wire() -> RecordingTransport[SmsMessage]:
    return RecordingTransport()


@pytest.fixture
def sms(wire: RecordingTransport[SmsMessage]) -> Sms:
    return Sms(wire, sender="+15005550006")


@pytest.fixture(scope="module")
def content() -> Content:
    return Content()


Said = dict[str, tuple[Notice[Any], str]]


@pytest.fixture(scope="module")
def said(content: Content) -> Said:
    """Every notice in every shape and language, as its text is rendered."""
    found: Said = {}
    for name, make in cases().items():
        made = make()
        for locale in LOCALES:
            values = values_of(made, locale=locale)
            text = content.render(made.key, "sms", ("text",), locale=locale, values=values)["text"]
            found[f"{name}, {locale}"] = (made, text)
    return found


def texting(**said: Any) -> Sms:
    return Sms(RecordingTransport(), sender="+15005550006", **said)


# What it says


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", default_notices, ids=lambda kind: kind.key)
def test_every_notice_has_a_text_of_two_parts(kind: type[Notice[Any]], locale: str, sms: Sms) -> None:
    """
    The sample fits two parts of GSM 03.38 in every language, begins with the shop's name, and says which order it is,
    where to read more and whom to ask.
    """
    notifier = Notifier(ADLER, store="sqlite://", channels=[Email(RecordingTransport(), sender="a@shop.example"), sms])
    sampled = replace(sample(kind, notifier), channels={"sms": ("text",)})
    text = sms.text(rendered(sampled, notifier, channel="sms", locale=locale)["text"], shop=ADLER)
    cost = segments(text)
    order = sampled.notice.order

    assert ("GSM-7", True) == (cost.encoding, cost.parts <= 2), (text, cost)
    assert text.startswith("Jonathan Adler: ")
    assert f" {order.order_id}" in text
    assert "hello@shop.example" in text
    assert re.search(r"^https://(shop|ups)\.example/\S+$", text, re.MULTILINE)


def test_texts_have_no_flaws(said: Said, content: Content) -> None:
    """Whoever waits reads the order, the reason, the date, what was paid, when the next word comes and whom to ask."""
    found = []
    for name, (made, text) in said.items():
        locale = name.rpartition(", ")[2]
        values = values_of(made, locale=locale)
        found += [
            f"{name}: {each}"
            for each in flaws(made.key, values, {"text": text}, content.language(locale).formats, is_mail=False)
        ]

    assert [] == found


def test_texts_are_about_texts(said: Said) -> None:
    """No text speaks of a mail, greets at length, or asks to answer with a word that the provider eats."""
    words = re.compile(rf"\b(?:{'|'.join(EATEN)})\b")
    asks = re.compile(rf"\b(?:reply|answer|text|responda|envie)\b[^.]*\b(?:{'|'.join(EATEN)})\b", re.IGNORECASE)
    found = [
        (name, text)
        for name, (_, text) in said.items()
        if re.search(r"mail\b(?!@)|Hello|Olá", text.replace("hello@shop.example", ""))
        or words.search(text)
        or asks.search(text)
    ]

    assert [] == found


def test_texts_stay_short_in_every_shape(said: Said, sms: Sms) -> None:
    """
    However much or little is known of an order, a text has at most three parts, one more where the law wants more said,
    and nothing in it is cut.
    """
    shop = Shop(name="Jonathan Adler", reply_to="hello@shop.example", country="US")
    texts = {name: sms.text(text, shop=shop) for name, (_, text) in said.items()}

    most = {name: 4 if " option-" in name else 3 for name in texts}

    assert {} == {name: text for name, text in texts.items() if segments(text).parts > most[name]}
    assert [] == [name for name, text in texts.items() if text.endswith("...") or "None" in text or ".." in text]


def test_long_words_do_not_make_a_long_text(sms: Sms, content: Content) -> None:
    """A reason of a page and a link of a kilometre: one is cut, the other left out, and the rest is said."""
    reason = "the truck " * 50
    events = placed_case(order_url="https://shop.example/" + "a" * 400)
    made = notice("delayed", *events, event(OrderDelayed, 2, reason=reason, ship_by="2026-03-12"))
    for locale in LOCALES:
        values = values_of(made, locale=locale)
        text = sms.text(content.render("delayed", "sms", ("text",), locale=locale, values=values)["text"], shop=ADLER)

        assert segments(text).parts <= 4
        assert "https://" not in text
        assert re.search(r"truck( the)?\.\.\. ", text)
        assert "12 " in text
        assert text.endswith("hello@shop.example")


def test_silence_is_not_called_a_delay_by_text(content: Content) -> None:
    """Where only the clock says that it is late, the text says that no shipment is recorded, and claims no more."""
    made = notice("delayed", *placed_case(), broken("ship_by"))
    text = content.render("delayed", "sms", ("text",), locale="en", values=values_of(made, locale="en"))["text"]

    assert "No shipment is recorded yet" in text
    assert "will be late" not in text


@pytest.mark.parametrize(
    ("shop", "way"),
    [
        (Shop(reply_to="help@acme.example", phone="+1 212 555 0100"), "Write to us: help@acme.example"),
        (Shop(phone="+1 212 555 0100"), "Call us: +1 212 555 0100"),
        (Shop(), "Questions? Answer this text; a person reads it."),
    ],
)
def test_a_person_can_always_be_reached(shop: Shop, way: str, content: Content) -> None:
    """By mail, else by phone, else by answering the text."""
    made = notice("order-received", *placed_case(), shop=shop)
    text = content.render("order-received", "sms", ("text",), locale="en", values=values_of(made, locale="en"))["text"]

    assert way == text.strip().splitlines()[-1]


# How it is written


@pytest.mark.parametrize(
    ("rendered", "shop", "expected"),
    [
        ("It’s here…\n", "Acme", "Acme: It's here..."),
        ("One.\n\nTwo\nlines.\n\n\nThree.", "Acme", "Acme: One.\nTwo lines.\nThree."),
        ("ACME: it is here", "Acme", "ACME: it is here"),
        ("It is here", "Café “Zoé”", 'Café "Zoé": It is here'),
        ("👍 It’s here", "Acme", "Acme: 👍 It’s here"),
    ],
)
def test_a_text_as_it_is_sent(rendered: str, shop: str, expected: str, sms: Sms) -> None:
    """The shop's name leads, once; a paragraph is a line; look-alikes are swapped where that helps."""
    assert expected == sms.text(rendered, shop=Shop(name=shop))


def test_accents_are_the_shops_choice() -> None:
    """Accents that cost a part are left out, unless the shop keeps them."""
    rendered, shop = "não " * 30, Shop(name="Acme")

    assert Segments("GSM-7", 125, 1) == segments(texting().text(rendered, shop=shop))
    assert "UCS-2" == segments(texting(keep_accents=True).text(rendered, shop=shop)).encoding


def test_a_text_never_has_more_than_its_most_parts() -> None:
    """Whatever a template makes of an order, the bill has an end."""
    shop = Shop(name="Acme")

    assert [6, 3] == [
        segments(each.text("word " * 400, shop=shop)).parts for each in (texting(), texting(most_parts=3))
    ]


# Who gets one


def order_of(*, to: str | None = None, **customer: Any) -> Order:
    said = {"sms_consent": True, **customer}
    place = Place(country=to) if to else None
    event = OrderPlaced(
        order_id="A-1", id="1", source="s", at=placed().at, customer=Customer(**said), destination=place
    )
    return fold("A-1", [Fact(event, event.happened_at)])


@pytest.mark.parametrize(
    ("phone", "shop", "to", "expected"),
    [
        (MOBILE, "DE", None, MOBILE),
        ("+49 (151) 1234-5678", "DE", None, MOBILE),
        ("0151 12345678", "DE", None, MOBILE),
        ("0049 151 12345678", "DE", None, MOBILE),
        ("0151 12345678", "US", "DE", None),
        ("tel:+49-151-12345678", "DE", None, MOBILE),
        ("(11) 98765-4321", "BR", "BR", "+5511987654321"),
        ("5511987654321", "BR", None, "+5511987654321"),
        ("0151 12345678", None, None, None),
        ("0151 12345678", None, "DE", None),
        (LANDLINE, "DE", None, None),
        (TOLL_FREE, "DE", None, None),
        (PREMIUM, "DE", None, None),
        ("+49151", "DE", None, None),
        ("+1 212 555 0100 ext. 12", "US", None, None),
        ("+1 212 555 0100", "US", None, "+12125550100"),
        ("+1 416 555 0100", "US", None, None),
        (MOBILE, "US", None, None),
        ("call me", "DE", None, None),
        ("", "DE", None, None),
        (None, "DE", None, None),
    ],
)
def test_where_a_text_goes(phone: str | None, shop: str | None, to: str | None, expected: str | None, sms: Sms) -> None:
    """
    A number is read as it is written where the order goes, and texted only if it can receive texts and is of the shop's
    country, or where that is not known of the sender's.
    """
    assert expected == sms.address_of(order_of(phone=phone, to=to), shop=Shop(country=shop))


def test_without_consent_there_is_no_address(sms: Sms) -> None:
    """Who did not agree to texts gets none."""
    order = order_of(phone=MOBILE, sms_consent=False)

    assert None is sms.address_of(order, shop=Shop(country="DE"))
    assert None is sms.address(order.customer)


@pytest.mark.parametrize(
    ("countries", "sender", "reached"),
    [
        (["DE", "at"], "+15005550006", ["DE", "AT"]),
        ([], "+15005550006", []),
        (None, "+15005550006", ["US"]),
        (None, "ACME", ["DE", "AT", "US"]),
    ],
)
def test_which_countries_are_texted(countries: list[str] | None, sender: str, reached: list[str]) -> None:
    """Those that are named; else the sender's; where nobody says anything, all of them."""
    numbers = {"DE": MOBILE, "AT": "+436641234567", "US": "+12125550100"}
    sms = Sms(RecordingTransport(), sender=sender, countries=countries)

    assert reached == [
        country for country, phone in numbers.items() if sms.address_of(order_of(phone=phone), shop=Shop())
    ]


def test_a_national_number_is_read_where_the_order_goes() -> None:
    """The same digits are another person's number in another country; the destination decides."""
    sms, phone = texting(countries=["DE", "AT"]), "0664 1234567"

    assert "+436641234567" == sms.address_of(order_of(phone=phone, to="AT"), shop=Shop(country="DE"))
    assert None is sms.address_of(order_of(phone=phone, to="DE"), shop=Shop(country="AT"))


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (MOBILE, Territory(country="DE", zones=("Europe/Berlin",))),
        ("+12065550123", Territory(country="US", zones=("America/Los_Angeles",))),
        ("+8006427676", Territory()),
        ("nonsense", Territory()),
    ],
)
def test_what_a_number_tells(number: str, expected: Territory, sms: Sms) -> None:
    """Its country, and the zones of its prefix."""
    assert expected == sms.territory(number)


@pytest.mark.parametrize(
    "wrong",
    [
        {"sender": " "},
        {"countries": "US"},
        {"countries": ["USA"]},
        {"parts": 0},
        {"parts": 7},
        {"most_parts": 11},
        {"parts_of": {"delayed": 0}},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    """A mistake is said when the channel is made."""
    with pytest.raises(UsageError):
        Sms(RecordingTransport(), **{"sender": "+15005550006", **wrong})


# On the way


async def test_who_has_no_mail_hears_by_text(sms: Sms, wire: RecordingTransport[SmsMessage]) -> None:
    """The shipped delay goes by text where there is no mail address, from the shop to the number in E.164."""
    customer = Customer(name="Ada", phone="(212) 555-0100", sms_consent=True)
    late = fact(OrderDelayed, 0.2, reason="it’s lost", ship_by=january(19))
    async with Simulation(shop=ADLER, channels=[sms], policy=Policy(quiet_hours={})) as sim:
        await sim.record(placed(customer=customer, ship_by=january(9)))
        await sim.record_at(late.at, late)

    (message,) = wire.sent
    assert ("delayed", ORDER, "+12125550100", "+15005550006") == (
        message.notice,
        message.order_id,
        message.to,
        message.sender,
    )
    assert message.text.startswith(
        "Jonathan Adler: Your order A-1 will be late: it's lost. It should ship by Mon, 19 Jan."
    )


async def test_both_are_told_where_a_notice_says_so(sms: Sms, wire: RecordingTransport[SmsMessage]) -> None:
    """A shop that wants the delay on both tells it on both, with the shipped words."""

    class LoudlyDelayed(Delayed):
        """The delay, by mail and by text."""

        key = "delayed"
        channels = all_of("email", "sms")

    customer = Customer(email="ada@example.org", phone="+12125550100", sms_consent=True)
    late = fact(OrderDelayed, 0.2, ship_by=january(19))
    async with Simulation(shop=ADLER, channels=[sms], notices=[LoudlyDelayed], policy=Policy(quiet_hours={})) as sim:
        await sim.record(placed(customer=customer, ship_by=january(9)))
        await sim.record_at(late.at, late)

    assert (1, 1) == (len(sim.email.sent), len(wire.sent))


# What the check says


class Long(Delayed):
    """A delay with much to say."""

    key = "delayed"
    channels = ("sms",)


def wordy(folder: Path, text: str) -> list[Path]:
    (folder / "delayed").mkdir()
    (folder / "delayed" / "sms.text").write_text(text, encoding="utf-8")
    return [folder]


FACTS = (
    "{{ order.id }} {{ (reason or '')|clause }} {{ new_ship_by|short_day }} {{ next_word|short_day }} "
    "{{ shop.reply_to }} {{ order.paid|money }} "
)


@pytest.mark.parametrize(
    ("words", "said", "expected"),
    [
        ("a" * 20, {}, []),
        ("a" * 300, {}, ["text takes 3 parts (410 septets in GSM-7), 1 more than its budget of 2"]),
        ("a" * 300, {"parts": 3}, []),
        ("a" * 300, {"parts_of": {"delayed": 3}}, []),
        (
            "a" * 300,
            {"parts": 3, "parts_of": {"delayed": 1}},
            ["text takes 3 parts (410 septets in GSM-7), 2 more than"],
        ),
        (
            "你" + "a" * 20,
            {"parts": 1},
            ["text takes 2 parts (131 UTF-16 units in UCS-2), 1 more than its budget of 1"],
        ),
        ("ab\n" * 1000, {}, ["text takes 21 parts (3109 septets in GSM-7), 19 more than its budget of 2"]),
    ],
)
def test_a_text_over_its_budget_fails_the_check(
    words: str, said: dict[str, Any], expected: list[str], tmp_path: Path
) -> None:
    """The check tells notice, language, parts and by how much, before anybody pays for it."""
    notifier = Notifier(
        ADLER, store="sqlite://", channels=[texting(**said)], notices=[Long], templates=wordy(tmp_path, FACTS + words)
    )
    found = [each for each in problems_of(notifier, ["en"]) if each.is_grave]

    assert [("delayed", "sms", "en")] * len(expected) == [(each.notice, each.channel, each.locale) for each in found]
    assert all(each.problem.startswith(wanted) for each, wanted in zip(found, expected, strict=True)), found


def test_what_is_shipped_is_within_its_budget(sms: Sms) -> None:
    """The check finds nothing about the shipped texts, in any language."""
    texts: list[type[Notice[Any]]] = [
        type(kind.__name__, (kind,), {"key": kind.key, "channels": ("sms",), "__doc__": kind.__doc__})
        for kind in NOTICES.values()
    ]
    notifier = Notifier(ADLER, store="sqlite://", channels=[sms], notices=texts)

    assert [] == [each for each in problems_of(notifier, list(LOCALES)) if each.is_grave]


def test_a_channel_of_ones_own_may_find_flaws() -> None:
    """What a channel says of its parts fails the check as well."""

    class Shout(Channel):
        def flaws(self, notice: str, parts: Any, *, shop: Shop) -> list[str]:
            return [f"{notice} is too quiet"] if parts["text"] else []

    class Word(Message):
        parts = ("text",)
        text: str

    channel = Shout("sms", message=Word, transport=RecordingTransport(), address=lambda customer: customer.phone)
    notifier = Notifier(ADLER, store="sqlite://", channels=[channel], notices=[Long])

    assert ["delayed is too quiet"] == [each.problem for each in problems_of(notifier, ["en"]) if each.is_grave]
