"""What templates see: plain values, in the customer's own zone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from proactive_notify._content.texts import carrier_name, first_name, person, place_name, plain
from proactive_notify._content.values import values_of
from proactive_notify.domain.events import OrderDelayed, OrderShipped
from proactive_notify.domain.notices import Notice
from proactive_notify.errors import NoticeInvalid

from .content_cases import NEXT_WORD, SHIPPED, broken, cases, event, notice, placed

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


class Own(Notice[OrderShipped]):
    """A notice whose context a test sets."""

    key = "own"
    gives: Mapping[str, object] = {}

    def context(self) -> Mapping[str, object]:
        return self.gives


def own(**gives: object) -> Own:
    base = notice("shipped", *placed(), SHIPPED, zone=SAO_PAULO)
    made = Own(base.event, base.order, base.moment)
    made.gives = gives
    return made


def leaves(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from leaves(each)
    else:
        yield value


def test_values_are_plain() -> None:
    """Templates see dicts, tuples and scalars, never an object of the library."""
    plain_types = {str, int, bool, type(None), Decimal, date, datetime}
    found = {type(leaf) for make in cases().values() for leaf in leaves(values_of(make(), locale="en"))}

    assert set() == found - plain_types


def test_values_have_the_same_names_for_every_notice() -> None:
    """A template may rely on the common values whatever is known of the order."""

    def shape(value: Mapping[str, Any]) -> dict[str, list[str]]:
        return {name: sorted(value[name]) for name in ("shop", "customer", "order", "dates")}

    shapes = [shape(values_of(make(), locale="en")) for make in cases().values()]

    assert all(shapes[0] == each for each in shapes)


def test_instants_are_in_the_orders_zone() -> None:
    """An instant is local before a template sees it, also what a notice gives by itself."""
    values = values_of(own(at=datetime(2026, 3, 5, 1, 0, tzinfo=UTC)), locale="en")

    assert datetime(2026, 3, 4, 22, 0, tzinfo=SAO_PAULO) == values["at"]
    assert date(2026, 3, 4) == values["at"].date()  # type: ignore[attr-defined]
    assert "America/Sao_Paulo" == values["zone"]


def test_a_deadline_is_the_day_on_which_it_ends() -> None:
    """An instant at local midnight ends the day before; the customer reads that day."""
    midnight = datetime(2026, 3, 13, 3, 0, tzinfo=UTC)
    values = values_of(own(pay_by=midnight, nested={"ship_by": midnight}), locale="en")

    assert (date(2026, 3, 12), {"ship_by": date(2026, 3, 12)}) == (values["pay_by"], values["nested"])


def test_a_day_is_the_same_everywhere() -> None:
    """A day that the shop told is that day in every zone."""
    delayed = event(OrderDelayed, 2, ship_by="2026-03-12")
    said = [
        values_of(notice("delayed", *placed(), delayed, zone=ZoneInfo(zone)), locale="en")
        for zone in ("Asia/Tokyo", "UTC")
    ]

    assert [date(2026, 3, 12)] * 2 == [each["new_ship_by"] for each in said]


def test_the_next_word_is_the_stored_one() -> None:
    """The day of the next word is handed in, never computed again; a notice may promise none."""
    live, ended = cases()["holding shipping full charged"](), cases()["cancelled whole full charged"]()

    assert (NEXT_WORD, None) == tuple(values_of(each, locale="en")["next_word"] for each in (live, ended))


@pytest.mark.parametrize(
    ("payment", "word", "is_charged"),
    [
        ("charged", "captured", True),
        ("captured", "captured", True),
        ("authorized", "authorized", False),
        ("pending", "pending", False),
        ("unknown", None, False),
    ],
)
def test_payment_is_a_word(payment: str, word: str | None, is_charged: bool) -> None:
    """What has become of the money is one plain word, and whether it was taken is told apart from it."""
    order: Any = values_of(notice("order-received", *placed(payment=payment)), locale="en")["order"]

    assert (word, is_charged) == (order["payment"], order["is_charged"])


def test_an_order_without_items_is_counted() -> None:
    """Where lines are unknown their number is still told; lines win over a number."""
    counted, listed = (
        values_of(notice("order-received", *placed(shape)), locale="en")["order"] for shape in ("counted", "full")
    )

    assert (2, 3) == (counted["item_count"], listed["item_count"])  # type: ignore[index]


def test_a_parcel_without_items_holds_what_is_left() -> None:
    """A parcel that was shipped without a list holds what no other parcel holds."""
    parcels = values_of(cases()["shipped rest full charged"](), locale="en")["parcels"]

    assert [["Leather bag"], ["Brass candlestick"]] == [[item["name"] for item in each["items"]] for each in parcels]  # type: ignore[attr-defined]


def test_a_date_that_has_passed_is_left_out() -> None:
    """Templates see only days that are still ahead."""
    before, after = (notice("holding", *placed(), broken("news_by", days)) for days in (1, 12))

    assert {"ship_by": date(2026, 3, 6), "deliver_by": date(2026, 3, 11)} == values_of(before, locale="en")["dates"]
    assert {"ship_by": None, "deliver_by": None} == values_of(after, locale="en")["dates"]


@pytest.mark.parametrize(
    ("gives", "message"),
    [
        pytest.param({"order": 1}, r"own: context\(\) names 'order'", id="name"),
        pytest.param({"thing": object()}, r"context\(\)\['thing'\] is of type object", id="object"),
        pytest.param({"a": {"b": [object()]}}, r"context\(\)\['a'\]\['b'\] is of type object", id="nested"),
        pytest.param({"at": datetime(2026, 3, 5)}, "a time without a zone", id="naive"),  # noqa: DTZ001
    ],
)
def test_a_wrong_context_is_told(gives: dict[str, object], message: str) -> None:
    """A notice that gives templates an object, or takes a common name, fails with the name."""
    with pytest.raises(NoticeInvalid, match=message):
        values_of(own(**gives), locale="en")


@pytest.mark.parametrize(
    ("name", "said", "greeted"),
    [
        ("Ada Lovelace", "Ada Lovelace", "Ada"),
        ("  Ada \t Lovelace ", "Ada Lovelace", "Ada"),
        ("Dr. Ada Lovelace", "Dr. Ada Lovelace", "Dr. Ada Lovelace"),
        ("A Lovelace", "A Lovelace", "A Lovelace"),
        ("Lovelace, Ada", "Lovelace, Ada", "Ada"),
        ("João", "João", "João"),
        ("Ada\u202eevil", "Adaevil", "Adaevil"),
        ("山田 太郎", "山田 太郎", "山田"),
        ("Ada " * 40, f"{'Ada ' * 14}Ada…", "Ada"),
        ("visit www.evil.example", None, None),
        ("https://evil.example", None, None),
        ("cheap-pills.shop now", None, None),
        ("12345", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_names_are_made_safe(name: str | None, said: str | None, greeted: str | None) -> None:
    """A name is one line, of bounded length, without a link; a title or an initial is no first name."""
    assert (said, greeted) == (person(name), first_name(person(name)))


@pytest.mark.parametrize(
    ("given", "said"), [("dhl", "DHL"), ("fedex", "FedEx"), ("royal mail", "Royal Mail"), ("GLS", "GLS")]
)
def test_carriers_are_named_as_they_are_written(given: str, said: str) -> None:
    """Programs give carriers in lower case; people do not read them so."""
    assert said == carrier_name(given)


@pytest.mark.parametrize(
    ("given", "said"), [("boa vista", "Boa Vista"), ("rio de janeiro", "Rio de Janeiro"), ("New York", "New York")]
)
def test_towns_are_named_as_they_are_written(given: str, said: str) -> None:
    """Data in lower case is printed as a name."""
    assert said == place_name(given)


def test_text_keeps_what_scripts_need() -> None:
    """Joiners that Persian, Indic scripts and emoji need stay; a lone surrogate, which no mail can hold, goes."""
    assert "می‌خواهم 👩‍👧" == plain("می‌خواهم 👩‍👧\ud800")
