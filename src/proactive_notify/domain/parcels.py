"""
A parcel of an order, and which parcel a fact is about.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from .events import OrderPacked, OrderReadyForPickup, OrderShipped, ParcelEvent, TrackingUpdated
from .items import Item
from .tracking import TrackingStatus

#: Between a parcel's name and the number of its life, from the second on.
_AGAIN = "#"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What is known about one parcel."""

    #: The shipment's id, else carrier and tracking code, else empty: the one parcel without a name.
    key: str
    #: Every key under which a fact may have spoken of it.
    keys: frozenset[str] = frozenset()
    carrier: str | None = None
    tracking_code: str | None = None
    #: The code before it, and the fact that changed it.
    former_code: str | None = None
    code_by: str = ""
    tracking_url: str | None = None
    #: What is in it; ``None``: all that was left.
    items: tuple[Item, ...] | None = None
    packed_at: datetime | None = None
    shipped_at: datetime | None = None
    #: The first fact that said so.
    shipped_by: str = ""
    delivered_at: datetime | None = None
    delivered_by: str = ""
    #: The facts that said of all parcels at once that they arrived.
    arrived_with: frozenset[str] = frozenset()
    received_by: str | None = None
    place: str | None = None
    status: TrackingStatus = TrackingStatus.UNKNOWN
    #: The event that set :attr:`status`.
    status_by: str = ""
    #: The last time the carrier said where it is.
    scanned_at: datetime | None = None
    #: Since when the carrier says that it does not know the number; ``None`` once it does.
    unknown_since: datetime | None = None
    #: When it came back to the shop.
    returned_at: datetime | None = None
    location: str | None = None
    detail: str | None = None
    #: It waits for the customer until then; a day or an instant.
    collect_until: object = None
    waits_at: str | None = None

    @property
    def is_shipped(self) -> bool:
        """The carrier has it, or had it."""
        return self.shipped_at is not None

    @property
    def is_delivered(self) -> bool:
        return self.delivered_at is not None and not self.status.is_coming_back

    @property
    def is_returned(self) -> bool:
        return self.status is TrackingStatus.RETURNED

    @property
    def is_lost(self) -> bool:
        return self.status is TrackingStatus.LOST and not self.is_delivered

    @property
    def is_under_way(self) -> bool:
        """It was handed over and has not come to an end: it has neither arrived nor come back, nor is it lost."""
        return self.is_shipped and not (self.is_delivered or self.is_returned or self.is_lost)


class ParcelKeys:
    """
    Finds the parcel that a fact is about, the same for every order of arrival.

    A fact with a shipment id names its parcel; a tracking code that some fact joined to a shipment id means that
    shipment. What the carrier says of a code that the shop never mentioned belongs to the one parcel without a name, if
    there is such a parcel. A fact that names none means the only parcel, if there is only one.
    """

    def __init__(self, events: Iterable[object]) -> None:
        about = [event for event in events if isinstance(event, ParcelEvent)]
        self._shipments = {
            code_key(event): event.shipment_id for event in about if event.shipment_id and event.tracking_code
        }
        by_shop = [event for event in about if isinstance(event, (OrderPacked, OrderShipped))]
        self._shop_keys = {self._joined(event) for event in by_shop if own_key(event)}
        shipped = {self._joined(event) for event in by_shop if own_key(event) and isinstance(event, OrderShipped)}
        only_named = next(iter(self._shop_keys)) if len(self._shop_keys) == 1 else ""
        #: What the shop means when it names no parcel: the one that it names elsewhere. A second handing over without
        #: a name beside one with a name is another parcel.
        self._packed, self._shipped = only_named, "" if shipped else only_named
        self._has_unnamed = any(not own_key(event) and not self._meant(event) for event in by_shop)
        named_by_anybody = {self._joined(event) for event in about if own_key(event)}
        #: What everybody else means when they name none.
        self._only = next(iter(named_by_anybody)) if len(named_by_anybody) == 1 and not self._has_unnamed else ""
        self._by_code = {
            event.tracking_code: (event.carrier, self._joined(event)) for event in by_shop if event.tracking_code
        }

    def key_of(self, event: ParcelEvent) -> str:
        """Return the key of the parcel that the fact is about."""
        if not own_key(event):
            return self._meant(event)
        key = self._joined(event)
        if key in self._shop_keys or event.shipment_id:
            return key
        carrier, known = self._by_code.get(event.tracking_code or "", (None, ""))
        if known and (event.carrier is None or carrier is None):
            return known
        only_the_carrier_knows_it = isinstance(event, (TrackingUpdated, OrderReadyForPickup))
        return "" if only_the_carrier_knows_it and self._has_unnamed else key

    def _meant(self, event: ParcelEvent) -> str:
        if isinstance(event, OrderPacked):
            return self._packed
        return self._shipped if isinstance(event, OrderShipped) else self._only

    def _joined(self, event: ParcelEvent) -> str:
        if event.shipment_id:
            return event.shipment_id
        return self._shipments.get(code_key(event)) or own_key(event)


def second_life(key: str) -> str:
    """Return the key of a parcel that is sent again, under the same name, after it had come back."""
    name, _, life = key.partition(_AGAIN)
    return f"{name}{_AGAIN}{int(life or 1) + 1}"


def not_replaced(parcels: Mapping[str, Parcel]) -> tuple[Parcel, ...]:
    """Return the parcels, sorted by key; what came back and was sent again is in the later one."""
    sent = [each.shipped_at for each in parcels.values() if each.shipped_at and not each.is_returned]
    last = max(sent, default=None)
    gone = {key for key, each in parcels.items() if last and each.is_returned and (each.returned_at or last) <= last}
    return tuple(parcels[key] for key in sorted(parcels.keys() - gone))


def code_key(event: ParcelEvent) -> str:
    """Return carrier and tracking code as one text; empty without a code."""
    return f"{(event.carrier or '').lower()}:{event.tracking_code}" if event.tracking_code else ""


def own_key(event: ParcelEvent) -> str:
    """Return the key that a fact alone gives its parcel; empty where it names none."""
    return event.shipment_id or code_key(event)


def left_over(items: Sequence[Item], taken: Iterable[Item]) -> tuple[Item, ...]:
    """Return ``items`` less what was ``taken``, by stock number or name."""
    gone: dict[str, int] = {}
    for item in taken:
        gone[item.key] = gone.get(item.key, 0) + item.quantity
    if not gone:
        return tuple(items)
    left = []
    for item in items:
        less = min(item.quantity, gone.get(item.key, 0))
        if not less:
            left.append(item)
            continue
        gone[item.key] -= less
        if item.quantity > less:
            left.append(item.model_copy(update={"quantity": item.quantity - less}))
    return tuple(left)
