"""
Events as CloudEvents 1.0 in structured JSON: ``subject`` is the order id, ``data`` the rest.

Source of the envelope's rules: https://github.com/cloudevents/spec (version 1.0).
"""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from ..errors import EventInvalid
from .dates import instant_text
from .event import Event
from .events import EVENT_TYPES, OrderPlaced
from .promises import promises_to_wire
from .quoting import quoted

#: Field of the envelope → field of the event.
_ENVELOPE = {"id": "id", "source": "source", "subject": "order_id", "time": "at"}
_RESERVED = frozenset(_ENVELOPE.values())
#: The same as pydantic wants it.
_LEFT_OUT = set(_RESERVED)


def event_from_wire(wire: Any) -> Event:
    """
    Read one event.

    Raises:
        EventInvalid: the message says which field is wrong and why; it quotes no address.
    """
    if not isinstance(wire, Mapping):
        raise EventInvalid(f"an event is a JSON object, this is {_kind(wire)}")
    if wire.get("specversion") != "1.0":
        raise EventInvalid('specversion must be "1.0" (CloudEvents)')
    missing = [name for name in ("id", "source", "type", "subject", "time") if wire.get(name) in (None, "")]
    if missing:
        raise EventInvalid(f"missing: {', '.join(missing)}")
    name = wire["type"]
    if not isinstance(name, str) or name not in EVENT_TYPES:
        raise EventInvalid(f"unknown event type {quoted(name)}; known are {', '.join(sorted(EVENT_TYPES))}")
    data = wire.get("data")
    if not isinstance(data, (Mapping, type(None))):
        raise EventInvalid(f"data must be a JSON object, this is {_kind(data)}")
    return kept(event_from_data(name, {ours: wire[theirs] for theirs, ours in _ENVELOPE.items()}, data or {}))


def event_from_data(name: str, envelope: Mapping[str, Any], data: Mapping[str, Any]) -> Event:
    """
    Make an event of the type ``name`` from its envelope's fields and its data.

    Raises:
        EventInvalid: a field is wrong.
    """
    values = {k: v for k, v in data.items() if k not in _RESERVED}
    if name == "customer.updated" and "id" in data:
        values["customer_id"] = data["id"]
    try:
        return EVENT_TYPES[name](**{str(k): v for k, v in values.items()}, **envelope)
    except ValidationError as error:
        raise EventInvalid(_sentence(error)) from None
    except (UnicodeError, RecursionError):
        raise EventInvalid("a text is not valid Unicode, or the data is nested too deeply") from None


def event_data(event: Event) -> dict[str, Any]:
    """Return the ``data`` of an event as plain JSON values; what was not given is left out."""
    data = event.model_dump(mode="json", exclude_unset=True, exclude=_LEFT_OUT)
    if "promises" in data and isinstance(event, OrderPlaced):
        data["promises"] = promises_to_wire(event.promises)
    if "customer_id" in data and event.type == "customer.updated":
        data["id"] = data.pop("customer_id")
    if not event.notify:
        data["notify"] = False
    return data


def event_json(event: Event) -> str:
    """Return what :func:`event_data` returns, as JSON."""
    is_said_otherwise = not event.notify or "promises" in event.model_fields_set or event.type == "customer.updated"
    if is_said_otherwise or _has_unknown(event):
        return to_json(event_data(event)).decode()
    return event.model_dump_json(exclude_unset=True, exclude=_LEFT_OUT)


def event_to_wire(event: Event) -> dict[str, Any]:
    """Return a recorded event as it stands on the wire."""
    return {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "subject": event.order_id,
        "time": instant_text(event.happened_at),
        "datacontenttype": "application/json",
        "data": event_data(event),
    }


def kept(event: Event) -> Event:
    """
    Return the event if it can be written down and read again. What the models know always can.

    Raises:
        EventInvalid: a field that is not known holds half of a character, or is nested too deeply.
    """
    if _has_unknown(event):
        try:
            from_json(to_json(event_data(event)))
        except ValueError as error:
            is_deep = any(word in str(error) for word in ("depth", "recursion", "Circular"))
        else:
            return event
        said = "is nested too deeply" if is_deep else "holds half of a character (a lone surrogate like \\ud800)"
        raise EventInvalid(f"data {said}")
    return event


def _has_unknown(event: Event) -> bool:
    """Whether it holds what no model checked."""
    return bool(
        event.model_extra or getattr(event, "extra", None) or getattr(getattr(event, "customer", None), "extra", None)
    )


#: What pydantic says in its own terms, said in ours.
_WORDS: Mapping[str, str] = {
    "string_pattern_mismatch": "holds a line break, a control character or another one that may not stand there",
    "string_too_long": "is too long",
}


def _kind(value: Any) -> str:
    return {dict: "an object", list: "a list", str: "a text", type(None): "null"}.get(type(value), "a number")


def _sentence(error: ValidationError) -> str:
    shown = []
    for each in error.errors(include_url=False, include_input=False, include_context=False)[:3]:
        where = ".".join(str(part) for part in each["loc"])
        where = {"order_id": "subject", "at": "time"}.get(where, where)
        words = _WORDS.get(each["type"]) or each["msg"].removeprefix("Value error, ")
        shown.append(f"{where}: {words}" if where else words)
    return "; ".join(shown)
