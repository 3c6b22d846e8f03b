"""
Events in words: what happened, as a person in the shop says it.
"""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Any

from .._content.texts import carrier_name, first_name, person
from ..domain.customers import Customer
from ..domain.dates import parse_day_or_instant
from ..domain.event import Event
from ..domain.wire import event_data
from .days import day, hour

#: What each type of event says; fields in braces are its data, as :func:`_filled` makes them.
_SAID: Mapping[str, str] = {
    "order.placed": "{name} orders {goods}{total}",
    "order.accepted": "the shop takes the order on",
    "order.edited": "the order is changed: {changed}",
    "order.paid": "the money is taken{amount}",
    "order.payment_failed": "the money could not be taken",
    "order.sourcing": "the shop is looking for the goods",
    "order.backordered": "out of stock: {goods}",
    "order.delayed": "the shop says that it will be late{goods_of}",
    "order.packed": "{parcel} is packed: its label is made",
    "order.shipped": "{parcel} is handed to {carrier}{goods_in}",
    "tracking.updated": "{carrier} says of {parcel}: {status}{where}",
    "order.delivered": "{parcel} has arrived{received}",
    "order.ready_for_pickup": "{parcel} can be collected at {place}",
    "order.picked_up": "{parcel} was collected",
    "order.cancelled": "{what} is cancelled{by_whom}",
    "order.refunded": "money goes back{amount}",
    "order.return_requested": "{name} wants to return {what}",
    "order.return_received": "{what} came back",
    "customer.asked": "{name} asks",
    "customer.answered": "{person} answers {name}",
    "customer.decided": "{name} decides to {decision}",
    "customer.updated": "what is known of {name} changes: {changed}",
    "promise.at_risk": "nothing has come yet: the staff are asked",
    "order.closed": "the order is handed to people: no more mails come by themselves",
}
#: Dates that an event names and that are no promise of their own.
_DATES = {"expected_by": "expected by", "pay_by": "to be paid by", "until": "until"}
_WORDS = ("note", "reason", "detail", "text")
#: A question may be long.
_LONGEST = 300
#: What is no change that a reader knows by its name.
_NOT_CHANGES = frozenset({"promises", "payment", "customer_id"})


def name_of(customer: Customer) -> str:
    """Return how a customer is called: by the first name, else ``the customer``."""
    return first_name(person(customer.name)) or "the customer"


def fact_words(event: Event, *, customer: Customer, zone: tzinfo) -> str:
    """Return what an event says in one line, what somebody wrote in quotes."""
    data = event_data(event)
    pattern = _SAID.get(event.type)
    said = pattern.format_map(_filled(data, customer)) if pattern else event.type
    beside = event.happened_at.astimezone(zone).date()
    dates = [f"{word} {_day(data[key], zone, beside)}" for key, word in _DATES.items() if data.get(key)]
    quotes = [f"“{_short(data[key])}”" for key in _WORDS if data.get(key)] if event.type != "order.closed" else []
    return "; ".join([said, *dates, *quotes])


def _filled(data: Mapping[str, Any], customer: Customer) -> dict[str, Any]:
    goods = _goods(data.get("items") or ())
    counted = f"{data['item_count']} things" if data.get("item_count") else "something"
    carrier = carrier_name(data.get("carrier"))
    place, by = data.get("place"), data.get("received_by")
    return {
        **data,
        "name": name_of(customer),
        "goods": goods or counted,
        "goods_in": f", with {goods}" if goods else "",
        "goods_of": f": {goods}" if goods else "",
        "what": goods or "the order",
        "total": _money(data.get("total"), before=" for "),
        "amount": _money(data.get("amount"), before=": "),
        "parcel": f"parcel {data['shipment_id']}" if data.get("shipment_id") else "the parcel",
        "carrier": carrier or "the carrier",
        "status": str(data.get("raw_status") or data.get("status") or "").replace("_", " "),
        "where": f", {data['location']}" if data.get("location") else "",
        "received": f", taken by {by}" if by else f", {place}" if place else "",
        "place": place,
        "by_whom": f" by the {data['by']}" if data.get("by") else "",
        "person": _who(data.get("by")),
        "changed": _changed(data),
    }


def _who(by: str | None) -> str:
    return "a mail of ours" if by == "proactive_notify" else by or "a person"


def _changed(data: Mapping[str, Any]) -> str:
    """Which fields change, never what they say: they may be addresses."""
    names = [name.replace("_", " ") for name, value in data.items() if value and name not in _NOT_CHANGES]
    return ", ".join(names) or "its dates"


def _goods(items: Any) -> str:
    return ", ".join(f"{each.get('quantity', 1)} × {each['name']}" for each in items)


def _money(value: Mapping[str, Any] | None, *, before: str) -> str:
    return f"{before}{value['amount']} {value['currency']}" if value else ""


def _short(said: object) -> str:
    line = " ".join(str(said).split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _day(value: Any, zone: tzinfo, beside: date) -> str:
    due = parse_day_or_instant(value)
    if not isinstance(due, datetime):
        return day(due, beside=beside)
    return f"{day(due.astimezone(zone).date(), beside=beside)}, {hour(due, zone)}"
