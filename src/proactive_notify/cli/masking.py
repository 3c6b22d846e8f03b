"""
Addresses as somebody may see them: enough to recognise, not enough to write to.
"""

_HIDDEN = "***"
#: So many digits of a phone number stay at its end.
_DIGITS = 2


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
