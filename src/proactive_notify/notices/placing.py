"""
The order was placed, and what was bought may change.
"""

from collections.abc import Mapping

from ..domain.dates import last_day
from ..domain.event import Event
from ..domain.events import OrderEdited, OrderPlaced
from ..domain.items import Item
from ..domain.money import Money
from ..domain.notices import Notice
from ..domain.orders import Edit, ToldDate
from ..domain.promises import PromiseKind
from ..domain.samples import sample_order


class OrderReceived(Notice[OrderPlaced]):
    """We have your order. No timing rule ever holds this one back."""

    key = "order-received"
    legal = True
    severity = 100
    family = "receipt"
    expires = None

    def occasion(self) -> str:
        return "placed"


class OrderChanged(Notice[OrderEdited]):
    """What you ordered has changed: before and after, and the difference in price."""

    key = "order-changed"
    severity = 55

    def applies(self) -> bool:
        return self.order.is_live and (bool(self._edit.changed) or self._new_ship_by is not None)

    def still_true(self) -> bool:
        return self.applies()

    def context(self) -> Mapping[str, object]:
        edit, moved, zone = self._edit, self._new_ship_by, self.moment.zone
        told = self._new(PromiseKind.DELIVER_BY)
        return {
            "changed": edit.changed,
            "items_before": tuple({"name": item.name, "quantity": item.quantity} for item in edit.items),
            "items_now": tuple({"name": item.name, "quantity": item.quantity} for item in self.event.items),
            "total_before": edit.total if "total" in edit.changed else None,
            "difference": self._difference(edit.total),
            "new_ship_by": last_day(moved.due, zone) if moved else None,
            "new_deliver_by": last_day(told.due, zone) if told else None,
            "deliver_by_told": last_day(told.replaces, zone) if told and told.replaces else None,
        }

    @property
    def _edit(self) -> Edit:
        return next((each for each in self.order.edits if each.by == self.event.key), Edit(by="", changed=()))

    @property
    def _new_ship_by(self) -> ToldDate | None:
        return self._new(PromiseKind.SHIP_BY)

    def _new(self, kind: PromiseKind) -> ToldDate | None:
        """The date that this edit moved."""
        told = self.order.date_of(kind)
        return told if told is not None and told.set_by == self.event.key and told.replaces is not None else None

    def _difference(self, before: Money | None) -> Mapping[str, object] | None:
        """What is to pay more, or less where ``is_less``."""
        now = self.event.total
        if before is None or now is None or before.currency != now.currency or before.amount == now.amount:
            return None
        by = now.amount - before.amount
        return {"amount": abs(by), "currency": now.currency, "is_less": by < 0}

    @classmethod
    def sample(cls) -> tuple[Event, ...]:
        total = {"amount": "372.50", "currency": "USD"}
        items = (Item(name="Leather bag"), Item(name="Brass candlestick"))
        return sample_order(OrderEdited, items=items, total=total)
