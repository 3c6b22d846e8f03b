"""A mail says a thing once, and names no day that something else has to come before."""

from __future__ import annotations

import pytest

from proactive_notify._content.rendering import Content
from proactive_notify._content.values import values_of
from proactive_notify.domain.events import OrderReadyForPickup, OrderShipped

from .content_cases import EMAIL, LOCALES, cases, event, notice, placed

CONTENT = Content()
#: What stands before the days that were told, in each language.
TOLD = {"en": ("Ships by", "Arrives by"), "pt-BR": ("Envio até", "Entrega até")}


def text_of(name: str, locale: str = "en") -> str:
    made = cases()[name]()
    return CONTENT.render(made.key, "email", EMAIL, locale=locale, values=values_of(made, locale=locale))["text"]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    "name", ["payment-pending full pending", "payment-failed told full charged", "holding failed full pending"]
)
def test_no_day_is_named_while_the_payment_is_missing(name: str, locale: str) -> None:
    """An order that waits for its payment does not say by when it ships; one that waits for nothing does."""
    told = [label for label in TOLD[locale] if label in text_of(name, locale)]
    usual = [label for label in TOLD[locale] if label in text_of("holding shipping full authorized", locale)]

    assert ([], [*TOLD[locale]]) == (told, usual)


@pytest.mark.parametrize("name", ["holding shipping full charged", "late told full charged"])
def test_that_the_money_was_taken_is_no_news_twice(name: str) -> None:
    """Where the charge has a sentence of its own, the last that is known is the order, if it was paid the same day."""
    text = text_of(name)

    assert "You were charged" in text
    assert "The last we know: your order reached us on" in text


@pytest.mark.parametrize("name", ["date-changed later full charged", "date-changed earlier full charged"])
def test_a_new_date_is_told_in_one_sentence(name: str) -> None:
    """The old day stands in one sentence, and what is in the parcel in one row."""
    text = text_of(name)

    assert 1 == text.count("Items:")
    assert 1 == text.count("as we told you")
    assert "We’re sorry: your order should now be" in text or "A little good news: your order should now be" in text


def test_who_collects_a_parcel_reads_its_number() -> None:
    """The number of the parcel is told where somebody may ask for it."""
    shipped = event(OrderShipped, 3, carrier="UPS", tracking_code="1Z999AA10123456784", shipment_id="S-1")
    waits = event(OrderReadyForPickup, 4, place="Main Street 5", shipment_id="S-1")
    made = notice("ready-for-pickup", *placed(), shipped, waits)
    said = CONTENT.render(made.key, "email", EMAIL, locale="en", values=values_of(made, locale="en"))

    assert "The number of the parcel: 1Z999AA10123456784." in said["text"]
