"""
The order was placed.
"""

from ..domain.events import OrderPlaced
from ..domain.notices import Notice


class OrderReceived(Notice[OrderPlaced]):
    """We have your order. No timing rule ever holds this one back."""

    key = "order-received"
    legal = True
    severity = 100
    family = "receipt"
    expires = None

    def occasion(self) -> str:
        return "placed"
