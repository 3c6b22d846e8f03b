"""
Mail addresses as they go on the wire (RFC 5321 section 4.1.2, RFC 5322 section 3.4).
"""

import re
from typing import NamedTuple

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_DOMAIN_LITERAL = re.compile(r"\[(?:[0-9.]+|IPv6:[0-9A-Fa-f:.]+)\]")
_DOT_ATOM = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_PLAIN = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@({_LABEL}(?:\.{_LABEL})+)")
#: Without angle brackets, which RFC 5321 would allow in quotes: no mailbox has them, and too many programs trip.
_QUOTED = re.compile(r'"(?:[^"\\<>\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|\\[\x20-;=?-\x7e])*"')
#: What may stand in a local part without quotes, besides letters of any script: atoms and dots, also misplaced ones.
_LOOSE = re.compile(r"[^\x00-\x20\x7f-\xa0()<>\[\]:;@\\,\"\u2028\u2029\ud800-\udfff]+")
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)

#: IDNA 2008 keeps what IDNA 2003 (the standard library's codec) maps to something else: another host.
_DEVIATIONS = re.compile("([ßς\u200c\u200d])")
_DOTS = re.compile("[.\u3002\uff0e\uff61]")


class AddressInvalid(ValueError):
    """This cannot be a mail address. The text never holds the address."""


class Address(NamedTuple):
    """
    One mailbox.

    ``local`` is quoted where it must be and ASCII unless it needs SMTPUTF8; ``domain`` is ASCII (A-labels).
    """

    name: str
    local: str
    domain: str

    @property
    def spec(self) -> str:
        """``local@domain``: what stands between the angle brackets."""
        return f"{self.local}@{self.domain}"


def parse_address(text: str) -> Address:
    """
    Read ``ada@shop.example`` or ``Ada <ada@shop.example>``.

    Raises:
        AddressInvalid: it is no address, or longer than RFC 5321 section 4.5.3.1 allows (64 octets before the ``@``,
            255 after it, 254 together).
    """
    if plain := _PLAIN.fullmatch(text):
        name, local, domain = "", plain[1], plain[2]
    else:
        text = text.strip()
        if _UNSAFE.search(text):
            raise AddressInvalid("it holds a line break or another control character")
        name, spec = _split(text)
        local, at, domain = spec.rpartition("@")
        if not at:
            raise AddressInvalid("it holds no @")
        local, domain = _local_part(local), ascii_domain(domain)
    octets = len(local) if local.isascii() else len(local.encode())
    if octets > 64 or len(domain) > 255 or octets + len(domain) > 253:
        raise AddressInvalid("it is too long")
    return Address(name, local, domain)


def ascii_domain(domain: str) -> str:
    """
    Turn a domain into ASCII: ``bücher.example`` is ``xn--bcher-kva.example``.

    Mapped as the standard library does it (RFC 3490), but ß, ς and the joiners are kept, as RFC 5891 wants them.

    Raises:
        AddressInvalid: it is no domain.
    """
    if not domain.isascii():
        domain = ".".join(_a_label(label) for label in _DOTS.split(domain))
    if not (_DOMAIN.fullmatch(domain) or _DOMAIN_LITERAL.fullmatch(domain)):
        raise AddressInvalid("the part after the @ is no domain")
    return domain


def _a_label(label: str) -> str:
    if label.isascii():
        return label
    pieces = _DEVIATIONS.split(label.replace("ẞ", "ß"))
    try:
        mapped = "".join(piece if _DEVIATIONS.fullmatch(piece) else _mapped(piece) for piece in pieces)
        return mapped if mapped.isascii() else f"xn--{mapped.encode('punycode').decode('ascii')}"
    except UnicodeError:
        pass
    raise AddressInvalid("the part after the @ is no domain")


def _mapped(piece: str) -> str:
    """Map case, width and composition, as the codec does on its way there and back."""
    return piece.lower() if piece.isascii() else piece.encode("idna").decode("idna")


def _local_part(local: str) -> str:
    if _DOT_ATOM.fullmatch(local) or _QUOTED.fullmatch(local):
        return local
    if not _LOOSE.fullmatch(local):
        raise AddressInvalid("the part before the @ is not allowed")
    # Some mailboxes have dots where the grammar allows none; the same mailbox in quotes is allowed.
    has_stray_dots = local.startswith(".") or local.endswith(".") or ".." in local
    return f'"{local}"' if has_stray_dots else local


def _split(text: str) -> tuple[str, str]:
    """Split ``"Ada L." <ada@shop.example>`` into name and address."""
    if not text.endswith(">"):
        return "", text
    name, bracket, spec = text[:-1].rpartition("<")
    if not bracket:
        raise AddressInvalid("it holds a > without its <")
    name = name.rstrip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = _ESCAPED.sub(r"\1", name[1:-1])
    return name, spec.strip()
