"""What the known facts say about an order's parcels, and so whether the order is at its end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.outside.arrivals import Event

OPEN, ENDED, UNSURE = "open", "ended", "unsure"
ARRIVED = frozenset({"order.delivered", "order.picked_up"})
UNDER_WAY = frozenset({"in_transit", "out_for_delivery", "available_for_pickup", "attempt_failed", "delayed"})


@dataclass(slots=True)
class Parcel:
    """One parcel as the facts known so far have it."""

    holds: int | None = None  # how many things; None: all that is left
    shipped: bool = False
    moved: bool = False
    delivered: bool = False
    status: str = ""


@dataclass(slots=True)
class Parcels:
    """All parcels of an order, and the facts about the order as a whole."""

    by_key: dict[str, Parcel] = field(default_factory=dict)
    ordered: int = 0
    cancelled: bool = False
    returned: bool = False
    arrived: bool = False  # a delivery that names no parcel
    muddled: bool = False  # facts that two good readers take differently

    @property
    def any_shipped(self) -> bool:
        """Whether anything at all was handed over, by any sign."""
        return self.arrived or any(p.shipped or p.moved or p.delivered for p in self.by_key.values())

    @property
    def any_delivered(self) -> bool:
        """Whether anything at all has arrived."""
        return self.arrived or any(parcel.delivered for parcel in self.by_key.values())

    @property
    def lost(self) -> bool:
        """Whether a parcel is known to be lost."""
        return any(parcel.status == "lost" for parcel in self.by_key.values())

    @property
    def covered(self) -> bool:
        """Whether the parcels hold everything that was ordered."""
        parcels = self.by_key.values()
        if any(parcel.holds is None for parcel in parcels):
            return True
        return sum(parcel.holds or 0 for parcel in parcels) >= self.ordered

    @property
    def life(self) -> str:
        """`open`, `ended`, or `unsure` where the facts allow both."""
        if self.muddled:
            return UNSURE
        if self.returned:
            return ENDED if all(parcel.delivered for parcel in self.by_key.values()) else UNSURE
        parcels = self.by_key.values()
        if not parcels:
            return ENDED if self.arrived or self.cancelled else OPEN
        if all(parcel.delivered for parcel in parcels):
            return ENDED if self.covered or self.cancelled else UNSURE if self.arrived else OPEN
        if self.cancelled and not self.any_shipped:
            return ENDED
        return OPEN


def parcel_key(data: dict[str, Any]) -> str:
    """The parcel an event is about: its shipment, else carrier and code, else the unnamed one."""
    if data.get("shipment_id"):
        return str(data["shipment_id"])
    if data.get("tracking_code"):
        return f"{data.get('carrier', '')}:{data['tracking_code']}"
    return ""


def things(items: object) -> int:
    """How many things a list of items names."""
    rows: Iterable[Any] = items if isinstance(items, list) else ()
    return sum(int(row.get("quantity", 1)) for row in rows)


def fold_parcels(facts: Sequence[Event]) -> Parcels:
    """Fold the facts, given in order of their effective time."""
    parcels = Parcels()
    for fact in facts:
        if fact.type == "order.placed":
            parcels.ordered += things(fact.data.get("items")) or int(fact.data.get("item_count") or 0)
        elif fact.type == "order.shipped":
            _shipped(parcels, fact)
        elif fact.type == "tracking.updated":
            _tracked(parcels, fact)
        elif fact.type in ARRIVED:
            _arrived(parcels, fact)
        elif fact.type == "order.cancelled":
            _cancelled(parcels, fact)
        elif fact.type in {"order.return_received", "order.return_requested"}:
            _returned(parcels, fact)
    return parcels


def _shipped(parcels: Parcels, fact: Event) -> None:
    known = parcel_key(fact.data) in parcels.by_key
    parcel = parcels.by_key.setdefault(parcel_key(fact.data), Parcel())
    if not known and (parcels.cancelled or parcels.arrived or parcels.returned):
        parcels.muddled |= parcels.cancelled or parcels.returned or len(parcels.by_key) > 1
        parcel.delivered = parcels.arrived
    parcel.shipped = True
    items = fact.data.get("items")
    parcel.holds = things(items) if items else None


def _tracked(parcels: Parcels, fact: Event) -> None:
    parcels.muddled |= parcels.cancelled and parcel_key(fact.data) not in parcels.by_key
    parcel = parcels.by_key.setdefault(parcel_key(fact.data), Parcel())
    status = str(fact.data.get("status", "unknown"))
    if parcel.delivered and status in UNDER_WAY:
        return  # a contradiction: what has arrived is not under way
    if status == "delivered":
        parcel.delivered = True
    elif status in UNDER_WAY:
        parcel.moved = True
    elif status == "cancelled" and not parcel.shipped and not parcel.moved:
        del parcels.by_key[parcel_key(fact.data)]  # the label was voided; that parcel never was one
    elif status in {"return_to_sender", "returned", "cancelled"}:
        parcels.muddled = True
    parcel.status = status


def _arrived(parcels: Parcels, fact: Event) -> None:
    key = parcel_key(fact.data)
    if key:
        parcels.muddled |= key not in parcels.by_key
        parcels.by_key.setdefault(key, Parcel()).delivered = True
        return
    parcels.arrived = True
    for parcel in parcels.by_key.values():
        parcel.delivered = True


def _cancelled(parcels: Parcels, fact: Event) -> None:
    items = fact.data.get("items")
    if items:
        parcels.ordered -= things(items)
    else:
        parcels.cancelled = True


def _returned(parcels: Parcels, fact: Event) -> None:
    if fact.type == "order.return_requested":
        parcels.muddled = True
    elif not fact.data.get("items"):
        parcels.muddled = False
        parcels.returned = True
