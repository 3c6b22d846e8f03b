"""
Amounts of money: a decimal and its ISO 4217 currency.
"""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from .quoting import quoted

_LIMIT = Decimal(10) ** 12
#: More than any currency or float has. Without it twelve characters, ``1e-999999999``, are a gigabyte when written out.
_MOST_DECIMALS = 30


def _parse_amount(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise ValueError(f"expected an amount like 136.23, found {type(value).__name__}")
    try:
        amount = Decimal(str(value))
    except ArithmeticError:
        raise ValueError(f"{quoted(value)} is not an amount like 136.23") from None
    if not amount.is_finite() or amount < 0:
        raise ValueError("an amount must be finite and not negative")
    if amount >= _LIMIT:
        raise ValueError("an amount must be below a million million")
    if int(amount.as_tuple().exponent) < -_MOST_DECIMALS:
        raise ValueError(f"an amount has at most {_MOST_DECIMALS} digits after the point")
    return amount


def _amount_text(amount: Decimal) -> str:
    return format(amount, "f")


class Money(BaseModel):
    """
    An amount in a currency. Floats are read through ``str``, so ``0.1`` is exactly a tenth.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    amount: Annotated[Decimal, BeforeValidator(_parse_amount), PlainSerializer(_amount_text, when_used="json")]
    #: ISO 4217, three capital letters.
    currency: str = Field(pattern=r"^[A-Z]{3}$")
