"""Every notice, in every language, for orders in every shape: what it must say, and what it must not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from proactive_notify._content.checking import WAITING, flaws, preview, shown_words
from proactive_notify._content.rendering import Content
from proactive_notify._content.values import values_of
from proactive_notify.domain.customers import Shop
from proactive_notify.domain.notices import Notice

from .content_cases import EMAIL, LOCALES, NOTICES, SHIPPED, broken, cases, day_passed, event, notice, placed

Said = dict[str, str]
CONTENT = Content()


def said_of(each: Notice[Any], locale: str = "en") -> Said:
    values = values_of(each, locale=locale)
    return CONTENT.render(each.key, "email", EMAIL, locale=locale, values=values)


@pytest.fixture(scope="module")
def mails() -> list[tuple[str, str, Notice[Any], Said]]:
    """All cases in all languages: a name, the locale, the notice, what it says."""
    return [
        (name, locale, made, said_of(made, locale))
        for name, make in cases().items()
        for made in [make()]
        for locale in LOCALES
    ]


def test_every_notice_has_a_case(mails: list[tuple[str, str, Notice[Any], Said]]) -> None:
    """The cases cover all notices that are shipped."""
    assert NOTICES.keys() == {made.key for _, _, made, _ in mails}


def test_mails_have_no_flaws(mails: list[tuple[str, str, Notice[Any], Said]]) -> None:
    """No mail misses what a customer needs to read, or holds what mail programs cannot show."""
    found = {
        f"{name} {locale}": flawed
        for name, locale, made, said in mails
        if (flawed := list(flaws(made.key, values_of(made, locale=locale), said, CONTENT.language(locale).formats)))
    }

    assert {} == found


def lines_of(text: str) -> Iterator[str]:
    """The sentences of a plain part, and its rows as label and value."""
    for line in text.splitlines():
        label, colon, value = line.partition(": ")
        yield from (label, value) if colon and len(label) < 30 else [line]


def test_both_parts_say_the_same(mails: list[tuple[str, str, Notice[Any], Said]]) -> None:
    """Every line of the plain part stands in the HTML part too."""
    missing = set()
    for name, locale, _, said in mails:
        page = squeezed(shown_words(said["html"]))
        missing |= {
            f"{name} {locale}: {line}"
            for line in lines_of(said["text"])
            if line.strip() and "://" not in line and squeezed(line) not in page
        }

    assert set() == missing


def squeezed(text: str) -> str:
    return re.sub(r"\W+", "", text)


def test_the_subject_tells_which_order(mails: list[tuple[str, str, Notice[Any], Said]]) -> None:
    """The subject begins with what has happened and names the order."""
    assert {True} == {bool(re.match(r"\w.+ A-1001$", said["subject"])) for _, _, _, said in mails}


def test_the_preview_does_not_repeat_the_subject(mails: list[tuple[str, str, Notice[Any], Said]]) -> None:
    """What is shown beside the subject says something else than the subject."""
    assert [] == [
        f"{name} {locale}"
        for name, locale, _, said in mails
        if said["subject"] in preview(said["html"]) or preview(said["html"]) in said["subject"]
    ]


MONEY = {
    "charged": ("You were charged", "Cobramos"),
    "captured": ("You have been charged.", "A cobrança já foi feita."),
    "authorized": ("You have not been charged.", "Nada foi cobrado."),
    "pending": ("Your payment has not reached us yet.", "Seu pagamento ainda não chegou até nós."),
    "unknown": (
        "We can’t see here whether you have been charged.",
        "Não conseguimos ver aqui se a cobrança já foi feita.",
    ),
}
CHOICE = ("You can wait", "Você pode esperar ou")
REPLY = ("Reply to this mail; a person reads it.", "Responda a este e-mail: quem lê é uma pessoa.")
NEXT = ("You hear from us again by Tuesday, 10 March at the latest", "Você recebe notícias nossas até 10 de março")
REASON = ("The reason:", "O motivo:")
NO_REASON = ("We can’t give you a reason yet.", "Ainda não sabemos dizer o motivo.")
NO_DATE = ("We don’t know", "Ainda não sabemos")


def wanted_of(name: str, made: Notice[Any]) -> list[tuple[str, ...]]:
    """What somebody who waits must read: one of each of these groups, in English or Portuguese."""
    word, shape, payment = name.split()[1:4] if len(name.split()) == 4 else ("implied", "bare", "authorized")
    facts = [REPLY]
    if word != "failed" and (payment != "charged" or shape != "bare"):
        facts.append(MONEY[payment])
    if made.next_word():
        facts.append(NEXT)
    if made.key in ("sourcing", "backordered", "delayed", "delayed-again", "late", "not-picked-up"):
        facts.append(CHOICE)
    if made.key in ("backordered", "delayed", "delayed-again", "late", "not-picked-up"):
        facts.append((*REASON, *NO_REASON))
    if (made.key, word) == ("backordered", "bare") or word in ("undated", "neither", "silence", "told", "implied"):
        facts.append(NO_DATE)
    return facts


def test_who_waits_reads_all_that_matters(mails: list[tuple[str, str, Notice[Any], Said]]) -> None:
    """
    A mail that tells somebody to wait says the reason, the date or that it is not known, what they can do, whether
    they were charged, when the next word comes and who reads the answer, in both parts.
    """
    missing = [
        f"{name} {locale} {part}: {facts[0]}"
        for name, locale, made, said in mails
        if made.key in WAITING
        for part in ("text", "html")
        for words in [" ".join((shown_words(said[part]) if part == "html" else said[part]).split())]
        for facts in wanted_of(name, made)
        if not any(fact in words for fact in facts)
    ]

    assert [] == missing


def test_nothing_is_promised_in_the_wrong_language(mails: list[tuple[str, str, Notice[Any], Said]]) -> None:
    """A Portuguese mail holds no English sentence of ours."""
    english = re.compile(r"(?<!-)\b(your|order|reply|hear|mail|card|charged|shipped|we)\b", re.IGNORECASE)
    data = re.compile(
        r"the bag was not where our list said|a colleague is looking for your bag in our other stores|the bank declined"
        r"|we could not find the bag in any store|sold out|front door|a scratch"
    )
    found = [
        f"{name}: {hit[0]}"
        for name, locale, _, said in mails
        if locale == "pt-BR"
        and (hit := english.search(data.sub("", re.sub(r"https?://\S+", "", said["subject"] + said["text"]))))
    ]

    assert [] == found


def test_silence_is_not_called_a_delay() -> None:
    """When nobody said that an order is late, the mail says what was recorded, and claims no delay."""
    said = said_of(notice("delayed", *placed(), day_passed("ship_by", date(2026, 3, 6))))

    assert "No shipment recorded yet: your order A-1001" == said["subject"]
    assert (
        "We told you that your order would ship by Friday, 6 March. We have not recorded a shipment yet."
        in said["text"]
    )
    assert "will be late." not in said["text"]


def test_a_receipt_accepts_nothing() -> None:
    """The first mail says that the order was received; it must not read as its acceptance."""
    said = said_of(notice("order-received", *placed("full", "unknown")))

    assert "Received: your order A-1001" == said["subject"]
    assert not re.search(r"confirm|accept", said["text"] + shown_words(said["html"]), re.IGNORECASE)


def test_a_quick_payment_is_stated_by_the_next_mail() -> None:
    """The mail that follows a payment says what was charged, when, and how it shows on the statement."""
    said = said_of(notice("shipped", *placed(), SHIPPED))

    wanted = (
        "You were charged $395.00 on Monday, 2 March. Paid with: credit card. It shows as ADLER NYC on your statement."
    )
    assert wanted in " ".join(said["text"].split())


def test_an_ended_order_promises_no_next_word(mails: list[tuple[str, str, Notice[Any], Said]]) -> None:
    """Where nothing more will come, the mail does not promise that something will."""
    promised = re.compile("hear from us again by|Você recebe notícias nossas até")
    ended = [said for _, _, made, said in mails if not made.next_word()]

    assert ended
    assert not any(promised.search(said["text"]) or promised.search(said["html"]) for said in ended)


def test_a_date_that_has_passed_is_not_told_as_ahead() -> None:
    """Once the told days are over, no row says that the order ships or arrives by them."""
    said = said_of(notice("holding", *placed(), broken("news_by", 12)))

    assert not re.search("Ships by|Arrives by", said["text"])


def test_every_parcel_under_way_is_listed() -> None:
    """The shipping mail names each parcel's carrier, number and contents, and what is still to come."""
    names = cases()
    part, rest = (said_of(names[f"shipped {word} full charged"]()) for word in ("part", "rest"))

    assert "Partly shipped: your order A-1001" == part["subject"]
    assert "Still to come: 2 × Brass candlestick. We’ll write when it ships." in part["text"]
    assert "The rest has shipped: your order A-1001" == rest["subject"]
    for fact in ("Parcel 1 of 2", "Tracking: JD1", "Items: Leather bag", "Parcel 2 of 2", "Tracking: JD2"):
        assert fact in rest["text"]
    assert "Items: 2 × Brass candlestick" in rest["text"]


def test_a_tracking_link_is_a_link() -> None:
    """The parcel's address on the web is a button in HTML and stands in the plain part."""
    said = said_of(notice("shipped", *placed(), SHIPPED))

    assert 'href="https://ups.example/1Z9"' in said["html"]
    assert "Follow the parcel: https://ups.example/1Z9" in said["text"]


def test_what_the_shop_offers_is_said_only_if_it_offers_it() -> None:
    """The last word offers money or a new parcel only where the shop does; the legal right stands always."""
    names = cases()
    said = {
        word: said_of(names[f"resolution {word} full charged"]())["text"]
        for word in ("person", "refund", "replacement")
    }

    assert [False, True, False] == ["We offer you your money back" in text for text in said.values()]
    assert [False, False, True] == ["We offer to send it to you again" in text for text in said.values()]
    assert all("the law is on your side" in text for text in said.values())


def test_a_cancelled_order_says_what_happens_with_the_money() -> None:
    """It depends on whether the money was taken, only reserved, or perhaps on its way."""
    names = cases()
    said = {
        word: said_of(names[f"cancelled whole full {word}"]())["text"] for word in ("charged", "authorized", "unknown")
    }

    assert "You get back everything you paid" in said["charged"]
    assert "Your card has not been charged, and it will not be." in said["authorized"]
    assert "If you have paid for it, or a payment still arrives, you get it back." in said["unknown"]


def test_a_shop_without_an_address_still_has_a_person() -> None:
    """Without an address to write to, the mail asks to reply to it."""
    said = said_of(notice("holding", *placed(), broken("news_by"), shop=Shop(name="Tiny")))

    assert "Reply to this mail; a person reads it." in said["text"]
    assert "write to" not in said["text"]


def test_a_name_cannot_carry_an_advertisement() -> None:
    """Whoever orders chooses name and address; a name that holds a link is not printed."""
    from_spammer = placed(customer={"name": "WIN at https://evil.example", "email": "victim@example.org"})
    said = said_of(notice("order-received", *from_spammer))

    assert not any("evil" in part for part in said.values())
    assert "Hello," in said["text"]


def test_a_name_cannot_break_out() -> None:
    """Marks that turn the reading direction are taken out of names, and tags in them are shown, not obeyed."""
    items = ({"name": "<b>Bag</b> \u202egab"},)
    said = said_of(notice("order-received", *placed(items=items)))

    assert "<b>Bag</b> gab" in said["text"]
    assert "&lt;b&gt;Bag&lt;/b&gt; gab" in said["html"]


def test_an_order_of_hundreds_of_things_fits() -> None:
    """A long order is cut to what a mail program shows, and the mail says how much more there is."""
    items = tuple({"name": f"Thing {number} {'x' * 100}", "quantity": 1} for number in range(200))
    order = placed(items=items)
    received, shipped = said_of(notice("order-received", *order)), said_of(notice("shipped", *order, SHIPPED))

    assert len(received["html"].encode()) < 80_000 > len(shipped["html"].encode())
    assert "and 160 more" in received["text"]
    assert "and 192 more" in shipped["text"]


def test_words_of_the_shop_are_taken_as_they_are() -> None:
    """A reason that ends with a full stop makes no second one."""
    said = said_of(cases()["payment-failed told full authorized"]())

    assert "The reason: the bank declined." in said["text"]
    assert ".." not in said["text"]


def test_the_day_of_an_edit_is_told(mails: list[tuple[str, str, Notice[Any], Said]]) -> None:
    """A changed date is told together with the one it replaces."""
    said = next(
        said for name, locale, _, said in mails if name == "date-changed earlier full charged" and locale == "en"
    )

    assert "by Monday, 9 March, and not by Wednesday, 11 March as we told you" in said["text"]


def test_a_question_is_not_answered_by_a_shipping_date() -> None:
    """The mail about an open question says that it is open."""
    asked = event(NOTICES["holding"].events[0], 0, id="x", promise="answer_by", due_at="2026-03-06T12:00:00Z")
    said = said_of(notice("holding", *placed(), asked))

    assert "Your question is still open: order A-1001" == said["subject"]
    assert "Your question is with us and has not been answered yet." in said["text"]
