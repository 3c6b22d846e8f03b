"""Events on the wire: CloudEvents in JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic_core import to_json

from proactive_notify.domain.events import EVENT_TYPES, CustomerUpdated, OrderPlaced
from proactive_notify.domain.wire import event_data, event_from_wire, event_json, event_to_wire
from proactive_notify.errors import EventInvalid

MONEY = {"amount": "136.23", "currency": "BRL"}
ITEMS = [{"name": "Bag", "quantity": 2, "price": MONEY, "sku": "B-1", "image_url": "https://shop.example/bag.png"}]
PARCEL = {"shipment_id": "S-1", "carrier": "ups", "tracking_code": "1Z9"}
#: Every field that each type has.
DATA: dict[str, dict[str, Any]] = {
    "order.placed": {
        "customer": {
            "id": "C-1",
            "name": "Ada",
            "email": "ada@example.org",
            "phone": "+4917112345678",
            "locale": "pt-BR",
            "time_zone": "America/Sao_Paulo",
            "sms_consent": True,
            "extra": {"push": "token"},
        },
        "items": ITEMS,
        "item_count": 2,
        "total": MONEY,
        "destination": {
            "name": "Ada",
            "street": "Rua 1",
            "city": "São Paulo",
            "region": "SP",
            "postal_code": "01000-000",
            "country": "BR",
        },
        "promises": {"ship_by": "2026-01-09", "deliver_by": "2026-01-14T12:00:00Z"},
        "order_url": "https://shop.example/orders/A-1",
        "payment": "authorized",
    },
    "order.accepted": {},
    "order.edited": {"item_count": 3, "promises": {"ship_by": "2026-01-12"}},
    "order.paid": {"amount": MONEY, "methods": ["credit_card", "voucher"], "statement_name": "ACME"},
    "order.payment_failed": {"reason": "declined", "pay_by": "2026-01-12"},
    "order.sourcing": {"note": "we look in our other stores", "expected_by": "2026-01-12"},
    "order.backordered": {"items": ITEMS, "expected_by": "2026-02-01", "reason": "sold out"},
    "order.delayed": {"reason": "flood", "ship_by": "2026-01-12", "deliver_by": "2026-01-20", "items": ITEMS},
    "order.packed": {"shipment_id": "S-1"},
    "order.shipped": {
        **PARCEL,
        "tracking_url": "https://ups.example/1Z9",
        "items": ITEMS,
        "deliver_by": "2026-01-14",
    },
    "tracking.updated": {
        **PARCEL,
        "status": "in_transit",
        "detail": "left the hub",
        "location": "Louisville, KY",
        "deliver_by": "2026-01-14",
    },
    "order.delivered": {"shipment_id": "S-1", "received_by": "neighbour", "place": "porch"},
    "order.ready_for_pickup": {"place": "Main Street 5", "until": "2026-01-20"},
    "order.picked_up": {},
    "order.cancelled": {"reason": "unavailable", "by": "shop", "items": ITEMS},
    "order.refunded": {"amount": MONEY, "reason": "cancelled"},
    "order.return_requested": {"items": ITEMS},
    "order.return_received": {"items": ITEMS},
    "customer.asked": {"text": "Where is my bag?\nIt is late.", "channel": "email"},
    "customer.answered": {"by": "Bob"},
    "customer.decided": {"decision": "wait", "message_id": "m-1"},
    "customer.updated": {"id": "C-2", "email": "new@example.org", "time_zone": "Europe/Berlin"},
    "promise.at_risk": {"promise": "news_by", "due_at": "2026-01-07T09:00:00Z"},
    "promise.broken": {"promise": "move_by", "parcel": "S-1", "due_at": "2026-01-07T09:00:00Z"},
    "order.closed": {"reason": "handed to people"},
}


def wire(name: str = "order.accepted", data: Any = None, **envelope: Any) -> dict[str, Any]:
    event = {
        "specversion": "1.0",
        "id": "1",
        "source": "shop",
        "type": name,
        "subject": "A-1",
        "time": "2026-01-05T09:00:00Z",
        "datacontenttype": "application/json",
        "data": {} if data is None else data,
    }
    return {key: value for key, value in {**event, **envelope}.items() if value is not ...}


def nested(depth: int) -> Any:
    """A list in a list in a list …"""
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


def test_every_type_is_tried() -> None:
    """The table of this module leaves no type out."""
    assert EVENT_TYPES.keys() == DATA.keys()


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_every_event_survives_the_wire(name: str) -> None:
    """What was read is written again, and reads as the same event."""
    sent = wire(name, DATA[name])
    event = event_from_wire(json.loads(json.dumps(sent)))

    assert EVENT_TYPES[name] is type(event)
    assert sent == event_to_wire(event)
    assert event == event_from_wire(event_to_wire(event))


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_what_the_wire_leaves_out_stays_out(name: str) -> None:
    """Fields that nobody gave are not written as if somebody had."""
    needed = {"note", "items", "status", "place", "amount", "decision", "promise", "due_at", "reason"}
    bare = {key: value for key, value in DATA[name].items() if key in needed}

    assert bare == event_to_wire(event_from_wire(wire(name, bare)))["data"]


@pytest.mark.parametrize(
    "said",
    [{}, {"notify": False}, {"notify": True}, {"gift": [1.5, None]}, {"promises": {}}, {"customer": {"name": "Zoë"}}],
    ids=["all", "silent", "told", "unknown", "no-promises", "bare-customer"],
)
@pytest.mark.parametrize("name", EVENT_TYPES)
def test_an_event_is_stored_as_it_stands_on_the_wire(name: str, said: dict[str, Any]) -> None:
    """The short way to an event's JSON gives what the long way gives, to the letter."""
    given = {key: value for key, value in DATA[name].items() if key != "promises"} if said else DATA[name]
    event = event_from_wire(wire(name, {**given, **said}))

    assert to_json(event_data(event)).decode() == event_json(event)


def test_unknown_data_is_kept() -> None:
    """Fields of which we know nothing come back as they went."""
    data = {"terminal": "T-7", "nested": {"a": [1, None]}}

    assert data == event_to_wire(event_from_wire(wire("order.accepted", data)))["data"]


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_a_field_of_another_type_is_kept(name: str) -> None:
    """What one type knows comes back as it went where it stands in another type, which does not."""
    others = {key: value for each in DATA.values() for key, value in each.items()}
    unknown = {
        key: others[key] for key in others.keys() - EVENT_TYPES[name].model_fields.keys() - {"id", "customer_id"}
    }

    assert DATA[name] | unknown == event_to_wire(event_from_wire(wire(name, DATA[name] | unknown)))["data"]


@pytest.mark.parametrize("name", ["order_id", "source", "at"])
def test_data_cannot_speak_for_the_envelope(name: str) -> None:
    """A field of data that is called like the envelope's does not replace it."""
    event = event_from_wire(wire("order.accepted", {name: "other"}))

    assert ("A-1", "shop", "2026-01-05T09:00:00+00:00") == (event.order_id, event.source, event.happened_at.isoformat())


def test_a_customers_id_is_not_the_events() -> None:
    """`customer.updated` may change the customer's id."""
    event = event_from_wire(wire("customer.updated", {"id": "C-2"}))

    assert isinstance(event, CustomerUpdated)
    assert ("1", "C-2") == (event.id, event.customer_id)


@pytest.mark.parametrize("name", ["order.placed", "tracking.updated"])
def test_every_event_can_be_silent(name: str) -> None:
    """`notify: false` comes and goes over the wire."""
    event = event_from_wire(wire(name, {**DATA[name], "notify": False}))

    assert event.notify is False
    assert event_to_wire(event)["data"]["notify"] is False


def test_numbers_are_amounts_and_names_are_items() -> None:
    """Amounts may be numbers, items bare names, promises days or instants, with a grace of their own."""
    data = {
        "items": ["Bag"],
        "total": {"amount": 136.23, "currency": "BRL"},
        "promises": {"ship_by": {"due": "2026-01-09", "grace": "PT2H"}},
    }
    event = event_from_wire(wire("order.placed", data))

    assert isinstance(event, OrderPlaced)
    assert ("Bag", 1) == (event.items[0].name, event.items[0].quantity)
    assert "136.23" == str(event.total and event.total.amount)
    assert {"due": "2026-01-09", "grace": "PT2H"} == event_to_wire(event)["data"]["promises"]["ship_by"]


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ([], "JSON object, this is a list"),
        ("text", "this is a text"),
        (None, "this is null"),
        (7, "this is a number"),
        (wire(specversion="0.3"), "specversion"),
        (wire(specversion=...), "specversion"),
        (wire(id=...), "missing: id"),
        (wire(source="", subject=None), "missing: source, subject"),
        (wire("order.teleported"), "unknown event type 'order.teleported'; known are customer.answered"),
        (wire(type=["order.placed"]), "unknown event type"),
        (wire(extra=1, data={"x": "\ud800"}), "data holds half of a character"),
        (wire("order.placed", {"customer": {"extra": {"x": "\udfff"}}}), "data holds half of a character"),
        (wire("customer.updated", {"extra": {"x": "\udfff"}}), "data holds half of a character"),
        (wire("customer.asked", {"text": "\ud800"}), "text: .*unicode"),
        (
            wire("promise.broken", {"promise": "ship_by", "parcel": "\ud800", "due_at": "2026-01-05T09:00:00Z"}),
            "parcel: ",
        ),
        (wire(data={"x": nested(250)}), "data is nested too deeply"),
        (wire(data={"x": nested(5000)}), "data is nested too deeply|the data is nested too deeply"),
        (wire("tracking.updated", {"status": 7}), "^status must be a text$"),
        (wire("tracking.updated", {"status": None}), "^status must be a text$"),
        (wire(data=[1]), "data must be a JSON object"),
        (wire(time="2026-01-05T09:00:00"), "time: the time has no time zone"),
        (wire(time="Monday"), "time: 'Monday' is not a time"),
        (wire(subject="A\n1"), "subject:"),
        (wire("order.refunded", {}), "amount:"),
        (wire("order.refunded", {"amount": {"amount": "-1", "currency": "EUR"}}), "amount.amount: an amount must be"),
        (wire("order.delayed", {"ship_by": "soon"}), "ship_by: 'soon' is neither a date"),
        (wire("order.placed", {"promises": {"ship_by": "soon"}}), "promises.*neither a date"),
        (wire("order.placed", {"order_url": "javascript:x"}), "order_url: a link must begin"),
        (wire("customer.decided", {"decision": "maybe"}), "decision:"),
        (wire("order.backordered", {"items": [{"name": "Bag", "quantity": 0}]}), "items.0.quantity:"),
    ],
)
def test_what_is_malformed_is_refused_with_a_reason(broken: Any, words: str) -> None:
    """The message says which field is wrong and why."""
    with pytest.raises(EventInvalid, match=words):
        event_from_wire(broken)


def test_a_refusal_quotes_no_address() -> None:
    """What the customer's data holds does not reach a log by way of the error."""
    data = {"customer": {"name": "Ada\nBcc: x", "email": "ada@example.org\n", "phone": 4917112345678}}
    with pytest.raises(EventInvalid) as caught:
        event_from_wire(wire("order.placed", data))

    assert "customer." in str(caught.value)
    assert not any(word in str(caught.value) for word in ("ada@", "Bcc", "4917"))


@pytest.mark.parametrize("value", ["ada@example.org", "+49 171 1234567", "0171-1234567", 4917112345678])
@pytest.mark.parametrize(
    "make",
    [
        lambda value: wire(time=value),
        wire,
        lambda value: wire("order.delayed", {"ship_by": value}),
        lambda value: wire("order.refunded", {"amount": {"amount": f"{value} EUR", "currency": "EUR"}}),
        lambda value: wire("tracking.updated", {"status": "in_transit", "deliver_by": value}),
        lambda value: wire("order.placed", {"promises": {"ship_by": value}}),
    ],
)
def test_a_value_that_could_be_a_persons_is_not_quoted(value: Any, make: Any) -> None:
    """Where a wrong value is quoted otherwise, one that could be an address or a telephone number is not."""
    with pytest.raises(EventInvalid) as caught:
        event_from_wire(make(value))

    assert str(value)[:6] not in str(caught.value)
