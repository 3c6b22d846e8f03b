"""
Text from outside, made safe to print: it cannot break a line, turn the reading direction, or advertise.
"""

import re
import unicodedata

#: Control characters (line breaks and tabs stay), marks that turn the reading direction, invisible ones, lone
#: surrogates. U+200C and U+200D stay: Persian, Indic scripts and emoji need them.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_A_LINK = re.compile(
    r"://|\bwww\.|@|\b[\w-]+\.(?:biz|click|cn|co|com|info|io|link|net|online|org|ru|shop|site|store|top|xyz)\b",
    re.IGNORECASE,
)
_NAME_LIMIT = 60
_SMALL_WORDS = frozenset("a am an da das de del der di do dos du e en la las le los of on the und y".split())
_NO_REASON = frozenset({"", "unknown", "none", "null", "other", "n/a", "-"})


def plain(text: str, *, limit: int = 500) -> str:
    """Return ``text`` without characters that do harm, cut to ``limit`` characters."""
    if not text.isprintable() and not text.replace("\n", "").isprintable():
        text = _UNWANTED.sub("", text)
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def one_line(text: str, *, limit: int = 500) -> str:
    """Return :func:`plain` text on one line, for a subject or a table."""
    line = " ".join(text.split())
    return line if len(line) <= limit and line.isprintable() else plain(line, limit=limit)


def person(name: str | None) -> str | None:
    """
    Return a person's name as it may be printed; ``None`` for none, and for one that holds an address or a link.

    Whoever orders chooses the name and the address, so a shop's own mail could carry anybody's advertisement.
    """
    if not name or (("." in name or "@" in name or ":" in name) and _A_LINK.search(name)):
        return None
    said = one_line(name if name.isascii() else unicodedata.normalize("NFC", name), limit=_NAME_LIMIT)
    return said if said[:1].isalpha() or any(map(str.isalpha, said)) else None


def first_name(name: str | None) -> str | None:
    """Return how to greet somebody: the first word of the name, or all of it where that is a title or an initial."""
    if not name:
        return None
    first, _, rest = name.partition(" ")
    if first.endswith(",") and rest:
        first = rest.split()[0]
    return name if first.endswith(".") or len(first) == 1 else first


def place_name(name: str | None) -> str:
    """Return a town's name as it is written: some shops' data has it in lower case."""
    said = one_line(name or "", limit=80)
    if not said.islower():
        return said
    words = (word if word in _SMALL_WORDS else word.title() for word in said.split())
    return " ".join(words)


def carrier_name(name: str | None) -> str | None:
    """Return a carrier's name as it is written: programs often give ``dhl`` for DHL."""
    if not name:
        return None
    said = one_line(name, limit=60)
    if not said.islower():
        return said
    return said.upper() if len(said) <= len("usps") else said.title().replace("Fedex", "FedEx")


def reason(text: str | None) -> str | None:
    """Return a reason; ``None`` for none, and for the words with which programs say that they know none."""
    return None if text is None or text.strip().lower() in _NO_REASON else text


def link(address: str | None) -> str | None:
    """Return an address on the web; ``None`` for what is none."""
    return address if address and address.lower().startswith(("https://", "http://")) else None
