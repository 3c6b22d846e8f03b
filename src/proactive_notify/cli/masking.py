"""
Addresses as somebody may see them: enough to recognise, not enough to write to.
"""

from collections.abc import Mapping
from typing import Any

_HIDDEN = "***"
#: So many digits of a phone number stay at its end.
_DIGITS = 2
#: What names somebody's address in an event's data, and what may hold anything.
_ADDRESSES = frozenset({"email", "phone"})
_PRIVATE = frozenset({"street", "extra"})


def masked(address: str | None) -> str | None:
    """Return ``ada@shop.example`` as ``a***@s***.example`` and ``+491711234567`` as ``+***67``; ``None`` stays."""
    if not address:
        return None
    local, at, domain = address.rpartition("@")
    if not at:
        plus = "+" if address.startswith("+") else ""
        return f"{plus}{_HIDDEN}{address[-_DIGITS:]}" if len(address) > 2 * _DIGITS else _HIDDEN
    name, dot, ending = domain.rpartition(".")
    return f"{local[:1]}{_HIDDEN}@{(name or ending)[:1]}{_HIDDEN}{dot}{ending if dot else ''}"


def masked_data(data: Any) -> Any:
    """Return an event's data as plain values: addresses are masked, streets and what the shop added are hidden."""
    if isinstance(data, Mapping):
        return {name: _masked_field(name, value) for name, value in data.items()}
    return [masked_data(each) for each in data] if isinstance(data, list | tuple) else data


def _masked_field(name: str, value: Any) -> Any:
    if name in _PRIVATE and value:
        return _HIDDEN
    return masked(value) if name in _ADDRESSES and isinstance(value, str) else masked_data(value)
