"""
What a text message costs: its encoding, and in how many parts it goes (3GPP TS 23.038 and 23.040, 9.2.3.24.1).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from .gsm import is_gsm, septets, swapped, unaccented

#: Units of one message: alone, and as a part of several, where the header that joins them takes six octets.
_GSM = (160, 153)
_UCS = (70, 67)


@dataclass(frozen=True, slots=True)
class Segments:
    """
    How a text is sent.

    ``units`` are septets in ``GSM-7`` and UTF-16 code units in ``UCS-2``. Providers charge, and count their speed, by
    ``parts``; an empty text has none.
    """

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    parts: int


def segments(text: str) -> Segments:
    """Return how ``text`` is sent, exactly as it is. What takes two units is never cut, so a part may end short."""
    if is_gsm(text):
        return _counted("GSM-7", [septets(each) for each in text], *_GSM)
    return _counted("UCS-2", [2 if ord(each) > 0xFFFF else 1 for each in text], *_UCS)


def fitted(text: str, *, keep_accents: bool = False) -> str:
    """
    Return the text that says the same and costs the least: one curly quote must not double the price.

    Look-alikes are swapped if that makes it GSM 03.38; accents are left out if that takes it there in fewer parts, as
    is usual in text messages. Where neither helps, the text stays as it is.

    Args:
        keep_accents: never leave out an accent, whatever it costs.
    """
    if is_gsm(text):
        return text
    most = segments(text).parts
    like = swapped(text)
    if is_gsm(like) and segments(like).parts <= most:
        return like
    plain = text if keep_accents else unaccented(like)
    return plain if is_gsm(plain) and segments(plain).parts < most else text


def cut(text: str, parts: int, *, tail: str = "") -> str:
    """
    Return the beginning of ``text`` that goes in so many parts, at a blank if there is one near, with ``...``.

    Args:
        tail: what stands after it and is never cut.
    """
    if segments(text + tail).parts <= parts:
        return text + tail
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if segments(f"{text[:middle]}...{tail}").parts <= parts else (low, middle - 1)
    head = text[:low]
    at_blank = head.rfind(" ")
    return f"{(head[:at_blank] if at_blank > low * 3 // 4 else head).rstrip()}...{tail}"


def _counted(encoding: Literal["GSM-7", "UCS-2"], sizes: Iterable[int], alone: int, joined: int) -> Segments:
    units, parts, filled = 0, 0, joined
    for size in sizes:
        units += size
        filled += size
        if filled > joined:
            parts, filled = parts + 1, size
    return Segments(encoding, units, min(parts, 1) if units <= alone else parts)
