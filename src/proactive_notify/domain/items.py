"""
What was ordered, and what has become of the money.
"""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from .customers import Optional, PlainText
from .event import Link
from .money import Money


class Item(BaseModel):
    """A line of an order."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True, hide_input_in_errors=True)

    name: PlainText
    quantity: int = Field(default=1, ge=1, le=100_000)
    price: Money | None = None
    sku: Optional = None
    image_url: Link = None

    @property
    def key(self) -> str:
        """What makes two lines the same thing: the stock number, else the name."""
        return self.sku or self.name


def _items_from_wire(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return tuple({"name": each} if isinstance(each, str) else each for each in value)
    return value


#: Lines of an order; a bare name means one of it.
Items = Annotated[tuple[Item, ...], BeforeValidator(_items_from_wire)]


class Payment(StrEnum):
    """What has become of the customer's money."""

    PENDING = "pending"
    #: Reserved on the card, not taken.
    AUTHORIZED = "authorized"
    #: Taken.
    CAPTURED = "captured"
    FAILED = "failed"
