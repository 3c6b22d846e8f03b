"""
What the templates see: frozen plain values, never the objects of the domain.

Instants are in the order's zone before a template sees them, and a deadline is the day on which it ends.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any

from ..domain.customers import Place, Shop
from ..domain.dates import last_day
from ..domain.events import OrderPacked, TrackingUpdated
from ..domain.items import Item
from ..domain.money import Money
from ..domain.notices import Moment, Notice
from ..domain.orders import Order
from ..domain.parcels import Parcel, left_over
from ..domain.promises import PromiseKind
from ..domain.tracking import TrackingStatus
from ..errors import NoticeInvalid
from .texts import carrier_name, first_name, link, one_line, person, place_name, plain, reason

Values = dict[str, Any]


def values_of(notice: Notice[Any], *, locale: str) -> dict[str, object]:
    """
    Return what the templates of ``notice`` see: the common values, and its own ``context()`` under its names.

    Raises:
        NoticeInvalid: ``context()`` gives something that is not a plain value, or takes a common value's name.
    """
    order, moment = notice.order, notice.moment
    zone = moment.zone
    parcel = notice.parcel
    said: dict[str, object] = {
        "notice": notice.key,
        "locale": locale,
        "now": moment.now.astimezone(zone),
        "zone": getattr(zone, "key", None) or str(zone),
        "shop": values_of_shop(moment.shop),
        "customer": _customer(order),
        "order": _order(order, zone),
        "parcels": tuple(_parcel(each, order, zone) for each in order.parcels if each.is_under_way),
        "parcel": _parcel(parcel, order, zone) if parcel else None,
        "dates": _dates(order, moment),
        "last_fact": _last_fact(order, zone),
        "next_word": moment.next_word if notice.next_word() else None,
    }
    for name, value in notice.context().items():
        if name in said:
            raise NoticeInvalid(f"{notice.key}: context() names {name!r}, which every template has already")
        given = reason(value) if name == "reason" and isinstance(value, str) else value
        said[name] = _own(given, zone, path=f"{notice.key}: context()[{name!r}]", deadline=_is_deadline(name))
    return said


def values_of_shop(shop: Shop) -> Values:
    """Return what the templates see of the shop."""
    return {
        "name": one_line(shop.name, limit=80),
        "reply_to": shop.reply_to,
        "url": link(shop.url),
        "phone": shop.phone,
    }


def _customer(order: Order) -> Values:
    name = person(order.customer.name)
    return {"name": name, "first_name": first_name(name)}


def _order(order: Order, zone: tzinfo) -> Values:
    lines, left = _items(order.items), () if order.is_cancelled else order.still_to_ship
    counted = sum([line["quantity"] for line in lines]) or None
    return {
        "id": one_line(order.order_id, limit=80),
        "url": link(order.order_url),
        "placed_at": _local(order.placed_at, zone),
        "items": lines,
        "item_count": counted or order.item_count or None,
        "still_to_come": lines if left is order.items else _items(left),
        "total": money(order.total),
        "destination": _destination(order.destination),
        "state": order.state.value,
        "is_ended": order.is_ended,
        "is_wholly_shipped": order.is_wholly_shipped,
        "is_cancelled": order.is_cancelled,
        **_payment(order, zone),
    }


def _payment(order: Order, zone: tzinfo) -> Values:
    refunds = tuple(
        {"amount": money(each.amount), "at": _local(each.at, zone), "reason": each.reason} for each in order.refunds
    )
    return {
        "payment": order.payment.value if order.payment else None,
        "is_charged": order.is_charged,
        "is_refunded": order.is_refunded,
        "paid": money(order.paid),
        "paid_at": _local(order.paid_at, zone),
        "methods": tuple(one_line(method, limit=40) for method in order.payment_methods),
        "statement_name": one_line(order.statement_name, limit=40) if order.statement_name else None,
        "refunds": refunds,
        "refunded": _sum([each.amount for each in order.refunds]),
    }


def _sum(amounts: Sequence[Money]) -> Values | None:
    """Amounts as one; ``None`` where there is nothing, or more than one currency."""
    currencies = {each.currency for each in amounts}
    if len(currencies) != 1:
        return None
    return {"amount": sum((each.amount for each in amounts), Decimal()), "currency": currencies.pop()}


def money(value: Money | None) -> Values | None:
    """Return an amount as ``{"amount": Decimal, "currency": "BRL"}``."""
    return {"amount": value.amount, "currency": value.currency} if value is not None else None


def _items(items: Sequence[Item]) -> tuple[Values, ...]:
    return tuple(
        [
            {"name": one_line(each.name, limit=120), "quantity": each.quantity, "price": money(each.price)}
            for each in items
        ]
    )


def _destination(place: Place | None) -> Values | None:
    """Where it goes, shortened: a mail need not repeat the street."""
    if place is None:
        return None
    city = place_name(place.city)
    region, country = one_line(place.region or "", limit=80), one_line(place.country or "", limit=80)
    around = region or country
    short = f"{city}, {around}" if city and around else city or around
    if not short:
        return None
    return {"city": city or None, "region": region or None, "country": country or None, "short": short}


def _parcel(parcel: Parcel, order: Order, zone: tzinfo) -> Values:
    if parcel.items is None:
        others = [item for each in order.shipped_parcels if each.key != parcel.key for item in each.items or ()]
        items = left_over(order.items, [*order.cancelled_items, *others])
    else:
        items = parcel.items
    until = parcel.collect_until
    return {
        "carrier": carrier_name(parcel.carrier),
        "code": one_line(parcel.tracking_code, limit=60) if parcel.tracking_code else None,
        "url": link(parcel.tracking_url),
        "status": parcel.status.value,
        "shipped_at": _local(parcel.shipped_at, zone),
        "delivered_at": _local(parcel.delivered_at, zone),
        "scanned_at": _local(parcel.scanned_at, zone),
        "location": one_line(parcel.location, limit=120) if parcel.location else None,
        "detail": one_line(parcel.detail, limit=300) if parcel.detail else None,
        "items": _items(items),
        "waits_at": one_line(parcel.waits_at, limit=200) if parcel.waits_at else None,
        "collect_until": last_day(until, zone) if isinstance(until, date) else None,
    }


def _dates(order: Order, moment: Moment) -> Values:
    """The days that stand and are still ahead; a day that has passed is no longer something to expect."""
    waits = order.is_live and not order.is_cancelled and not order.is_refunded and moment.must_cancel is None
    today = moment.now.astimezone(moment.zone).date()
    standing = {each.kind: _last_day(each.due, moment.zone) for each in order.dates if not each.implied}
    ahead = {kind: day for kind, day in standing.items() if day >= today}
    return {
        "ship_by": ahead.get(PromiseKind.SHIP_BY) if waits and not order.is_wholly_shipped else None,
        "deliver_by": ahead.get(PromiseKind.DELIVER_BY) if waits else None,
    }


def _last_fact(order: Order, zone: tzinfo) -> Values | None:
    """
    The last thing that somebody told us about the order: the event's type, the carrier's status, and when.

    That the carrier knows of a label is no more than that the parcel is packed.
    """
    fact = order.last_fact
    if fact is None:
        return None
    status = fact.status if isinstance(fact, TrackingUpdated) else None
    packed = [each.packed_at for each in order.parcels if each.packed_at and not each.is_shipped]
    if status in (TrackingStatus.PRE_TRANSIT, TrackingStatus.UNKNOWN) and packed:
        return {"what": OrderPacked.type, "status": None, "at": _local(max(packed), zone)}
    return {"what": fact.type, "status": status.value if status else None, "at": _local(order.last_fact_at, zone)}


def _local(instant: datetime | None, zone: tzinfo) -> datetime | None:
    return instant.astimezone(zone) if instant else None


def _last_day(due: date | datetime, zone: tzinfo) -> date:
    return last_day(due, zone) if isinstance(due, datetime) else _last_day_of_day(due, zone)


@lru_cache(maxsize=1_024)
def _last_day_of_day(day: date, zone: tzinfo) -> date:
    """What :func:`last_day` says of a whole day: many orders are promised for the same few."""
    return last_day(day, zone)


def _is_deadline(name: str) -> bool:
    return name.endswith(("_by", "_told"))


def _own(value: object, zone: tzinfo, *, path: str, deadline: bool = False) -> object:
    """A value of a notice's ``context()``, made plain."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return plain(value, limit=2_000)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise NoticeInvalid(f"{path} is a time without a zone; give it one, for example UTC")
        return last_day(value, zone) if deadline else value.astimezone(zone)
    if value is None or isinstance(value, (bool, int, float, Decimal, date)):
        return value
    if isinstance(value, Money):
        return money(value)
    if isinstance(value, Mapping):
        return {
            str(name): _own(each, zone, path=f"{path}[{name!r}]", deadline=_is_deadline(str(name)))
            for name, each in value.items()
        }
    if isinstance(value, (list, tuple)):
        return tuple(_own(each, zone, path=path) for each in value)
    raise NoticeInvalid(f"{path} is of type {type(value).__name__}; give templates plain values only, no objects")
