"""Amounts of money."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from proactive_notify.domain.money import Money


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("136.23", "136.23"),
        (136, "136"),
        (0.1, "0.1"),
        (Decimal("1.50"), "1.50"),
        ("0", "0"),
        ("1e3", "1000"),
        (0.1 + 0.2, str(0.1 + 0.2)),
    ],
)
def test_an_amount_is_a_decimal(amount: Any, expected: str) -> None:
    """A float is read through its text, so a tenth is a tenth; the digits stay as they were said."""
    money = Money(amount=amount, currency="EUR")

    assert Decimal(expected) == money.amount
    assert expected == money.model_dump(mode="json")["amount"]


@pytest.mark.parametrize(
    "amount",
    ["-0.01", -1, "free", "", None, True, math.inf, math.nan, "NaN", "1e12", "1e-31", 1e-320, "1e-999999999", [], {}],
)
def test_what_is_no_amount_is_refused(amount: Any) -> None:
    """Negative, endless, absurdly large and other amounts are refused."""
    with pytest.raises(ValidationError):
        Money(amount=amount, currency="EUR")


@pytest.mark.parametrize("currency", ["eur", "EURO", "€", "", "EU\n", None])
def test_a_currency_has_three_capital_letters(currency: Any) -> None:
    """What cannot be an ISO 4217 code is refused."""
    with pytest.raises(ValidationError):
        Money(amount="1", currency=currency)


@given(cents=st.integers(0, 10**13 - 1))
def test_money_survives_the_wire(cents: int) -> None:
    """An amount with two digits comes back from JSON as it went."""
    money = Money(amount=Decimal(cents) / 100, currency="BRL")

    assert money == Money.model_validate_json(money.model_dump_json())
