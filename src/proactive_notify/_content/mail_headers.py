"""
Header lines of a mail: folded, encoded and safe (RFC 5322 section 2.2, RFC 2047).

Lines are ASCII without their final CRLF, and hold CRLF where they are folded.
"""

import re
from binascii import b2a_base64
from datetime import datetime, timedelta

from .addresses import Address

#: RFC 5322 section 2.1.1, without CRLF: never more, and better not more.
LONGEST_LINE = 998
GOOD_LINE = 78
#: RFC 2047 section 2: a line with an encoded word, and an encoded word.
_ENCODED_LINE = 76
_ENCODED_WORD = 75

_PREFIX, _SUFFIX = "=?utf-8?B?", "?="
_FRAME = len(_PREFIX) + len(_SUFFIX)

#: Line breaks in any guise, other controls, and halves of characters.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
#: Marks that turn the direction of the text that follows, and so can hide what it says.
_TURNS = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_TOKEN = re.compile(r" *[^ ]+")
#: RFC 5322 section 3.6.8 allows more, which nobody has. An encoded word of 12 octets fits on its line.
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,46}")
_NAME_BEGIN = re.compile(r"[A-Za-z0-9_-]{0,20}")

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class HeaderInvalid(ValueError):
    """This cannot stand in a header. The text names the header and never its value."""


def tidy(text: str, *, limit: int = 200) -> str:
    """
    Make a header's value of any text: no controls, no marks that turn its direction, single spaces, at most ``limit``.

    For names and subjects that customers and shops have written. The writers below do not clean, they refuse.
    """
    words = _TURNS.sub("", _UNSAFE.sub(" ", text)).split()
    return " ".join(words)[:limit].rstrip()


def text_header(name: str, value: str) -> str:
    """Write a header of free text, for example ``Subject``; it reads back exactly as it was."""
    check(name, value)
    line = f"{name}: {value}"
    if value.isascii() and "=?" not in value and value == value.strip(" "):
        if len(line) <= GOOD_LINE:
            return line
        folded = _folded(name, value)
        if all(len(part) <= GOOD_LINE for part in folded):
            return "\r\n".join(folded)
    return f"{name}: {_encoded_words(value, column=len(name) + 2)}"


def plain_header(name: str, value: str) -> str:
    """
    Write a header that a program reads, for example ``List-Unsubscribe``: never encoded, folded only at its spaces.

    Raises:
        HeaderInvalid: it is not ASCII, or a piece between two spaces does not fit into a line.
    """
    check(name, value)
    if not value.isascii():
        raise HeaderInvalid(f"The header {name} must be ASCII: write addresses in it percent-encoded.")
    line = f"{name}: {value.strip(' ')}"
    if len(line) <= GOOD_LINE:
        return line
    folded = _folded(name, value.strip(" "))
    if any(len(part) > LONGEST_LINE for part in folded):
        raise HeaderInvalid(f"The header {name} has a piece that is longer than a line may be ({LONGEST_LINE}).")
    return "\r\n".join(folded)


def address_header(name: str, address: Address) -> str:
    """Write ``From``, ``To`` or ``Reply-To``: ASCII, but for a local part that is not (it needs SMTPUTF8)."""
    display, spec = address.name, address.spec
    if not display:
        return f"{name}: {spec}" if len(name) + 2 + len(spec) <= GOOD_LINE else f"{name}:\r\n {spec}"
    check(name, display)
    column = len(name) + 2
    if "=?" in display or not display.isascii() or len(display) > 60:
        phrase = _encoded_words(display, column=column)
    elif _ATOMS.fullmatch(display):
        phrase = display
    else:
        escaped = display.replace("\\", "\\\\").replace('"', '\\"')
        phrase = f'"{escaped}"'
    used = len(f"{name}: {phrase}".rpartition("\r\n")[2])
    gap = " " if used + len(spec) + 3 <= _ENCODED_LINE else "\r\n "
    return f"{name}: {phrase}{gap}<{spec}>"


def date_header(at: datetime) -> str:
    """
    Write ``Date`` (RFC 5322 section 3.3).

    Raises:
        HeaderInvalid: ``at`` knows no offset from UTC.
    """
    offset = at.utcoffset()
    if offset is None:
        raise HeaderInvalid("The message's time has no offset from UTC.")
    sign, offset = ("-", -offset) if offset < timedelta() else ("+", offset)
    hours, minutes = divmod(offset // timedelta(minutes=1), 60)
    day = f"{_DAYS[at.weekday()]}, {at.day:02d} {_MONTHS[at.month - 1]} {at.year:04d}"
    return f"Date: {day} {at.hour:02d}:{at.minute:02d}:{at.second:02d} {sign}{hours:02d}{minutes:02d}"


def check(name: str, value: str) -> None:
    """
    Refuse what could end the header and begin another.

    Raises:
        HeaderInvalid: a line break or another control in the value, or a name that is none.
    """
    if not _NAME.fullmatch(name):
        begin = _NAME_BEGIN.match(name)
        raise HeaderInvalid(f"A header's name that begins with {begin[0] if begin else ''!r} is none, or too long.")
    if _UNSAFE.search(value):
        raise HeaderInvalid(f"The header {name} holds a line break or another control character.")


def _folded(name: str, value: str) -> list[str]:
    """Cut at spaces, which stay: a line that follows begins with them."""
    lines = [f"{name}:"]
    for token in _TOKEN.findall(f" {value}"):
        is_first = len(lines) == 1 and lines[0] == f"{name}:"
        if is_first or len(lines[-1]) + len(token) <= GOOD_LINE:
            lines[-1] += token
        else:
            lines.append(token)
    return lines


def _encoded_words(text: str, *, column: int) -> str:
    """Write ``text`` as encoded words of at most 75 octets, cut between characters; the first begins at ``column``."""
    data = text.encode()
    words = []
    room = (_ENCODED_LINE - column - _FRAME) // 4 * 3
    start = 0
    while start < len(data):
        end = min(start + room, len(data))
        while end < len(data) and data[end] & 0xC0 == 0x80:
            end -= 1
        words.append(f"{_PREFIX}{b2a_base64(data[start:end], newline=False).decode('ascii')}{_SUFFIX}")
        start, room = end, (_ENCODED_WORD - _FRAME) // 4 * 3
    return "\r\n ".join(words)
