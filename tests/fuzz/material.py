"""What generated inputs are made of: texts that people and attackers write, and ways to damage what is whole."""

from __future__ import annotations

import json
from random import Random
from typing import Any

#: Stands in every address that is generated, so that a test can look for it where no address may be.
MARK = "zq7mark"
ADDRESSES = (
    f"{MARK}@example.org",
    f"ada.{MARK}@shop.example",
    f'"a b"{MARK}@example.org',
    f'"{MARK} x"@example.org',
    f"{MARK}@bücher.example",
    f"jö{MARK}@example.org",
    f"{MARK}@[192.0.2.1]",
    f"{MARK}..x@example.org",
    f"Ada <{MARK}@example.org>",
    f"{MARK}@localhost",
    f"{MARK}@{'d' * 70}.example",
    f"{MARK * 12}@example.org",
    f"{MARK}@example.org\r\nBcc: {MARK}@example.net",
    f"{MARK}@exam\x00ple.org",
    f"<{MARK}@example.org",
    f"{MARK}@",
    MARK,
    f"{MARK}@ⅷ.example",
    f"{MARK}@faß.example",
    f"{MARK}@xn--.example",
    f"@{MARK}:a@b.example",
)
WORDS = (
    "Ada Lovelace",
    "João da Silva",
    "王小明",
    "Ναταλία",
    "Иван Петров",
    "محمد علي",
    "דוד כהן",
    "สมชาย",
    "अमिताभ",
    "👩‍🚀🎁🏳️‍🌈",
    "Z̷̡̛a̶͂l̵͝g̷͌o̸",
    "﷽",
    "\u202eevil\u202c",
    "\u2066\u2069\u200f\u061c",
    "\u200b\ufeff\u00ad",
    "a\u2028b\u2029c\x85d",
    "\r\nBcc: victim@example.net\r\n\r\n",
    "a\rb\nc",
    "\x00",
    "\x07\x1b[31m\x7f\x9b",
    "\ud800",
    "\udc00x\ud83d",
    "=?utf-8?q?=0D=0A?=",
    "=?utf-8?B?4pyT?= =?x?",
    '"quoted" \\ back, (comment) <x@y>;:',
    "{{ 7 * 7 }}{% raw %}",
    "<script>alert(1)</script>&amp;",
    "٣٤٥",
    "ⅷ½²",
    "İıſßẞ",
    ".",
    "..",
    "-",
    " ",
    "\t",
    "'; drop table pn_event; --",
    "%s%n{0}",
    "../../etc/passwd",
    "nan",
    "1e400",
    "1e-400000",
    "+491711234567",
    "--",
    "From ",
)
_ALPHABETS = (
    (0x20, 0x7E),
    (0x00, 0x1F),
    (0x7F, 0xFF),
    (0x370, 0x5FF),
    (0x600, 0x6FF),
    (0x2000, 0x206F),
    (0x4E00, 0x9FFF),
    (0xD7F0, 0xE010),
    (0xFE00, 0xFFFF),
    (0x1F300, 0x1FAFF),
    (0x10FFF0, 0x10FFFF),
)


def text(chance: Random, *, longest: int = 400) -> str:
    """A text of any script and shape; once in a while a long one."""
    kind = chance.random()
    if kind < 0.3:
        return chance.choice(WORDS)
    if kind < 0.6:
        return " ".join(chance.choices(WORDS, k=chance.randint(1, 6)))
    if kind < 0.9:
        low, high = chance.choice(_ALPHABETS)
        return "".join(chr(chance.randint(low, high)) for _ in range(chance.randint(0, 24)))
    if kind < 0.98:
        return chance.choice(WORDS) * chance.randint(1, longest // 4)
    return chance.choice("aé王\n ") * chance.choice((longest, 40 * longest))


def number(chance: Random) -> Any:
    """A number as JSON may have it, and some that it may not."""
    return chance.choice(
        (0, 1, -1, 2.5, -0.0, 1e308, 1e-320, 2**31, 2**63, -(2**63) - 1, 10**40, 10**400, float("nan"), float("inf"))
    )


def moment(chance: Random) -> str:
    """A date or an instant, possible or not."""
    year = chance.choice((2026, 2026, 2026, 1, 0, 1969, 9999, 10000, 2016))
    day = f"{year:04}-{chance.randint(0, 13):02}-{chance.randint(0, 32):02}"
    zone = chance.choice(("Z", "z", "+00:00", "-23:59", "+24:00", "+14:00", "", " UTC", "-00:00", "+05:30:15"))
    clock = f"{chance.randint(0, 25):02}:{chance.randint(0, 61):02}:{chance.randint(0, 61):02}"
    fraction = chance.choice(("", "", ".5", ".123456", ".1234567890", "."))
    return chance.choice((day, f"{day}T{clock}{fraction}{zone}", f"{day} {clock}{zone}", f"{day}T{clock}"))


def anything(chance: Random, *, depth: int = 3) -> Any:
    """Any JSON value."""
    kind = chance.random()
    if kind < 0.4:
        return text(chance)
    if kind < 0.5:
        return number(chance)
    if kind < 0.58:
        return moment(chance)
    if kind < 0.66:
        return chance.choice((None, True, False, "", [], {}))
    if kind < 0.7:
        return chance.choice(ADDRESSES)
    if depth == 0:
        return "deep"
    if kind < 0.85:
        return [anything(chance, depth=depth - 1) for _ in range(chance.randint(0, 4))]
    return {text(chance): anything(chance, depth=depth - 1) for _ in range(chance.randint(0, 4))}


def nested(chance: Random) -> Any:
    """A value within a value within a value …"""
    found: Any = anything(chance, depth=0)
    for _ in range(chance.choice((50, 98, 120, 180, 250, 400))):
        found = [found] if chance.random() < 0.5 else {"a": found}
    return found


def changed(chance: Random, value: Any) -> Any:
    """A JSON value with one thing in it changed, at any depth: dropped, doubled, swapped for another kind."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        copy = dict(value)
        key = chance.choice(list(copy))
        kind = chance.random()
        if kind < 0.12:
            del copy[key]
        elif kind < 0.2:
            copy[chance.choice((text(chance), chance.choice(ADDRESSES)))] = copy.pop(key)
        elif kind < 0.28:
            copy[text(chance)] = anything(chance)
        else:
            copy[key] = changed(chance, copy[key])
        return copy
    if isinstance(value, list) and value and chance.random() < 0.8:
        items = list(value)
        place = chance.randrange(len(items))
        if chance.random() < 0.3:
            return items[:place] + items[place : place + 1] * chance.choice((0, 2, 300)) + items[place + 1 :]
        items[place] = changed(chance, items[place])
        return items
    if isinstance(value, str) and chance.random() < 0.5:
        place = chance.randint(0, len(value))
        return value[:place] + text(chance) + value[place + chance.randint(0, 3) :]
    return nested(chance) if chance.random() < 0.01 else anything(chance)


def as_line(chance: Random, value: Any) -> bytes:
    """A JSON value as bytes, in one of the ways that programs write it; now and then nested as deep as none does."""
    plain = json.dumps(value, ensure_ascii=chance.random() < 0.7)
    if chance.random() < 0.003:
        depth = chance.choice((200, 990, 2000, 20_000))
        plain = plain.replace('"data": {', '"data": {"deep": ' + chance.choice(("[", '{"a":')) * depth)
    return plain.encode("utf-8", "surrogatepass")


_PIECES = (
    b"\r\n",
    b"\n",
    b"\r",
    b"\n\n",
    b"\x00",
    b"\xff\xfe",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b'"',
    b"\\",
    b"\\ud800",
    b"\\u0000",
    b"{",
    b"[" * 200,
    b"--",
    b"=",
    b"=?utf-8?q?=",
    b";",
    b": ",
    b" ",
    b"\t",
    b"boundary=",
    b"Content-Type: ",
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: x-uuencode\r\n",
    b"charset*0*=utf-8''%ff",
    b"1e999999",
    b"9" * 5000,
    b"\x1f\x8b\x08",
)


def damaged(chance: Random, data: bytes, other: bytes = b"") -> bytes:
    """Bytes with something done to them: cut, spliced, doubled, flipped, shuffled; now and then blown up."""
    for _ in range(chance.choice((1, 1, 1, 1, 2, 2, 5))):
        if not data:
            return chance.randbytes(chance.randint(0, 60))
        data = chance.choice(_DAMAGES)(chance, data, other)
    if chance.random() < 0.0005:
        data = (data[:2000] or b"x") * (1_200_000 // (len(data[:2000]) or 1))
    return data


def _cut(chance: Random, data: bytes, other: bytes) -> bytes:
    return data[: chance.randrange(len(data))]


def _replaced(chance: Random, data: bytes, other: bytes) -> bytes:
    """A piece is dropped, or something else stands there, or before it."""
    at, length = chance.randrange(len(data)), chance.choice((0, 1, 2, 8, 64, 600))
    instead = (b"", chance.choice(_PIECES), chance.choice(_PIECES), chance.randbytes(chance.randint(1, 16)))
    return data[:at] + chance.choice(instead) + data[at + length :]


def _flipped(chance: Random, data: bytes, other: bytes) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]


def _repeated(chance: Random, data: bytes, other: bytes) -> bytes:
    """A piece is there several times, in its place or in another one."""
    at, length, to = chance.randrange(len(data)), chance.choice((1, 8, 64, 600)), chance.randrange(len(data))
    to = at if chance.random() < 0.5 else to
    return data[:to] + data[at : at + length] * chance.choice((1, 2, 40)) + data[to:]


def _spliced(chance: Random, data: bytes, other: bytes) -> bytes:
    return data[: chance.randrange(len(data))] + other[chance.randrange(len(other)) if other else 0 :]


def _lines_moved(chance: Random, data: bytes, other: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    one, two = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    if chance.random() < 0.5:
        del lines[chance.randrange(len(lines))]
    return b"".join(lines)


_DAMAGES = (_cut, _replaced, _replaced, _replaced, _flipped, _repeated, _spliced, _lines_moved)
