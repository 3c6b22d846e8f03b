"""The readers and writers that face the outside, each with its inputs and with what must hold whatever comes."""

from __future__ import annotations

import gzip
import json
import os
import re
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

from proactive_notify import errors
from proactive_notify._content import mime
from proactive_notify._store import rows
from proactive_notify.domain.event import Event
from proactive_notify.domain.messages import EmailMessage
from proactive_notify.domain.receipts import Receipt, ReceiptKind
from proactive_notify.domain.return_path import ReturnPath
from proactive_notify.domain.wire import event_from_wire, event_to_wire
from proactive_notify.receipts import Bounces
from proactive_notify.simulation.event_log import EventLog, Rejected
from tests.contract import bounce_mails
from tests.fuzz import material
from tests.fuzz.material import MARK
from tests.fuzz.running import Target
from tests.unit.test_wire import DATA

#: No error may hold the address of anybody, nor a piece of it.
_ADDRESS = re.compile(rf"{MARK}[^ ]*@")


def _may_be_logged(said: str) -> None:
    assert not _ADDRESS.search(said), "it quotes an address"
    assert len(said) < 2000, "it is too long"
    assert "\n" not in said, "it has several lines"


# -- Mails as bytes ---------------------------------------------------------------------------------------------------

_USUAL: dict[str, Any] = {
    "message_id": "0123456789abcdef0123456789abcdef",
    "order_id": "A-1",
    "notice": "shipped",
    "occasion": "parcel:1",
    "to": f"{MARK}@example.org",
    "to_name": "Ada",
    "locale": "en",
    "at": datetime(2026, 1, 5, 9, tzinfo=UTC),
    "subject": "On its way",
    "text": "Hello\n",
    "html": "<p>Hello</p>\n",
    "sender": "Shop <orders@shop.example>",
    "reply_to": "",
    "headers": {},
    "return_path": "",
    "envelope_id": "",
}
_HEADER_NAMES = (
    "List-Unsubscribe",
    "X-Shop",
    "Feedback-ID",
    "Bcc",
    "subject",
    "X Y",
    "X:",
    "",
    "Ünder",
    "X\r\nBcc",
    "To",
)


def _make_mail(chance: Random) -> dict[str, Any]:
    free = ("subject", "text", "html", "to_name")
    made: dict[str, Any] = {name: material.text(chance) for name in free if chance.random() < 0.4}
    for name in ("to", "sender", "reply_to", "return_path"):
        if chance.random() < 0.12:
            made[name] = chance.choice((chance.choice(material.ADDRESSES), material.text(chance)))
    for name in ("message_id", "order_id", "locale", "envelope_id"):
        if chance.random() < 0.1:
            made[name] = material.text(chance)
    if chance.random() < 0.2:
        values = (material.text(chance), "<https://shop.example/" + "x" * chance.randint(1, 1200) + ">")
        made["headers"] = {chance.choice(_HEADER_NAMES): chance.choice(values) for _ in range(chance.randint(1, 3))}
    if chance.random() < 0.2:
        made["at"] = datetime(chance.choice((1, 1970, 2026, 9999)), 12, 31, 23, 59, 59, tzinfo=UTC)
    return made


def _judge_mail(made: dict[str, Any]) -> str:
    # Not validated: what a model refuses, for example half a character, comes to the writer as well.
    message = EmailMessage.model_construct(**{**_USUAL, **made})
    try:
        mime.envelope(message)
        wire = mime.encode(message)
        needs_smtputf8 = mime.needs_smtputf8(message)
    except errors.SendError as error:
        _may_be_logged(str(error))
        return type(error).__name__
    lines = wire.split(b"\r\n")
    assert lines[-1] == b"", "no line end at the end"
    assert not any(b"\r" in line or b"\n" in line or b"\0" in line for line in lines), "a stray CR, LF or NUL"
    assert max(map(len, lines)) <= 998, "a line over 998 octets"
    assert wire.isascii() or needs_smtputf8, "octets beyond ASCII"
    head = re.sub(rb"\r\n[ \t]", b" ", wire.partition(b"\r\n\r\n")[0]).split(b"\r\n")
    names = [line.partition(b":")[0].decode() for line in head]
    assert _expected_names(message) == names, f"headers: {names}"
    assert wire == mime.encode(message), "other bytes the second time"
    if len(wire) < 3000 and crc32(wire) % 8 == 0:
        _reads_back(message, wire)
    return "written"


def _expected_names(message: EmailMessage) -> list[str]:
    first = ["From", "To", *(["Reply-To"] if message.reply_to else []), "Subject", "Date", "Message-ID", "In-Reply-To"]
    quiet = ["References", "Auto-Submitted", "X-Auto-Response-Suppress"]
    is_tag = re.fullmatch(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", message.locale.replace("_", "-"))
    further = [*(["Content-Language"] if is_tag else []), *message.headers, "MIME-Version", "Content-Type"]
    return [*first, *quiet, *further, *([] if message.html else ["Content-Transfer-Encoding"])]


def _reads_back(message: EmailMessage, wire: bytes) -> None:
    read = message_from_bytes(wire, policy=policy.default)
    parts = [part for part in read.walk() if not part.is_multipart()]
    plain = [part.get_payload(decode=True).decode() for part in parts]
    given = [message.text, *([message.html] if message.html else [])]
    assert [_lines(text) for text in given] == [_lines(text) for text in plain], "a part reads otherwise"
    assert message.subject == str(read["Subject"]), "the subject reads otherwise"


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")


# -- Bounces ----------------------------------------------------------------------------------------------------------

PATH = ReturnPath(secret=b"a secret of a shop, long enough", domain="bounces.shop.example")
_OURS = tuple(f"{number:032x}" for number in (0, 1, 0xABCDEF, 2**128 - 1))
_FORGED = (
    f"bounce+{_OURS[1]}{'0' * 20}@bounces.shop.example",
    f"bounce+{'f' * 52}@bounces.shop.example",
    f"{_OURS[1]}@shop.example",
    "staff@shop.example",
    "",
)
_MAKERS: tuple[Callable[[str], bytes], ...] = (
    bounce_mails.postfix,
    partial(bounce_mails.postfix, action="delayed", status="4.4.1", diagnostic="X-Postfix; timed out"),
    partial(bounce_mails.postfix, action="delivered", status="2.0.0", diagnostic="smtp; 250 2.0.0 ok"),
    partial(bounce_mails.postfix, action="relayed", status="2.1.9"),
    partial(bounce_mails.postfix, status="5.7.1", diagnostic="smtp; 550 5.7.1 blocked"),
    bounce_mails.exchange,
    bounce_mails.exim,
    bounce_mails.exim_of_old,
    bounce_mails.exim_warning_of_old,
    bounce_mails.gmail,
    bounce_mails.amazon,
    bounce_mails.complaint,
    bounce_mails.vacation,
    bounce_mails.challenge,
    bounce_mails.read_receipt,
    bounce_mails.answer,
)
_FIELDS = ("Action", "Status", "Diagnostic-Code", "Original-Envelope-Id", "Final-Recipient", "Feedback-Type", "X-Y")
_VALUES = (
    "failed",
    "delayed",
    "delivered",
    "Expanded",
    "abuse",
    "5.1.1",
    "4.4.7",
    "5.0.0",
    "9.9.9",
    "smtp; 550 5.1.1 gone",
    "smtp; 451 " + "5.1.1." * 400,
    "1" * 5000,
)


def _make_bounce(chance: Random) -> dict[str, Any]:
    is_signed = chance.random() < 0.8
    to = PATH.address(chance.choice(_OURS)) if is_signed else chance.choice(_FORGED)
    other = chance.choice(_MAKERS)(to)
    kind = chance.random()
    if kind < 0.55:
        raw = chance.choice(_MAKERS)(to)
    elif kind < 0.88:
        raw = _report_of_anything(chance, to)
    elif kind < 0.95:
        raw = _nested_report(chance, to)
    else:
        raw = (
            material.text(chance).encode("utf-8", "surrogatepass") + b"\n\n" + chance.randbytes(chance.randint(0, 400))
        )
    if chance.random() < 0.7:
        raw = material.damaged(chance, raw, other)
    return {"raw": raw, "_signed": is_signed}


def _report_of_anything(chance: Random, to: str) -> bytes:
    groups = []
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3)) if chance.random() < 0.98 else 150):
        names = chance.choices(_FIELDS, k=chance.randint(0, 5))
        values = [chance.choice((*_VALUES, to, material.text(chance, longest=40))) for _ in names]
        fields = zip(names, values, strict=True)
        groups.append("\n".join(f"{name}: {value}" for name, value in fields).encode("ascii", "replace").decode())
    kinds = ("message/delivery-status", "message/global-delivery-status", "message/feedback-report", "text/plain", "x")
    abouts = ("; report-type=delivery-status", "; report-type=feedback-report", "", ";;=;report-type*0*=x'y'%zz", '; "')
    encoding = chance.choice(("", "base64", "quoted-printable", "x-uuencode", "7bit"))
    about, returned = chance.choice(abouts), chance.choice(("", f"Return-Path: <{to}>"))
    kind = chance.choice(kinds)
    if chance.random() < 0.6:
        kind, about, encoding = kinds[0], abouts[0], ""
    return bounce_mails.report(to, *groups, kind=kind, about=about, encoding=encoding, returned=returned)


def _nested_report(chance: Random, to: str) -> bytes:
    raw = chance.choice(_MAKERS)(to)
    for depth in range(chance.choice((1, 2, 5, 40))):
        mark = f"b{depth}".encode()
        head = b"To: %b\r\nContent-Type: multipart/%b; boundary=%b\r\n\r\n--%b\r\n"
        kind = chance.choice((b"report", b"mixed", b"digest", b"report; report-type=delivery-status"))
        inner = chance.choice((b"Content-Type: message/rfc822\r\n\r\n", b""))
        raw = head % (to.encode(), kind, mark, mark) + inner + raw + b"\r\n--" + mark + b"--\r\n"
    return raw


@cache
def _bounces() -> Bounces:
    return Bounces(PATH)


def _judge_bounce(made: dict[str, Any]) -> str:
    receipts = _bounces().read(made.get("raw", b""))
    assert made["_signed"] or not receipts, "a forged report is believed"
    if not receipts:
        return "nothing"
    (receipt,) = receipts
    assert isinstance(receipt, Receipt)
    assert receipt.message_id in _OURS, "a message that nobody named"
    assert not receipt.suppress or receipt.kind in (ReceiptKind.BOUNCED, ReceiptKind.COMPLAINED), "a wrong suppression"
    assert re.fullmatch(r"|\d\d\d|\d\.\d+\.\d+|abuse|fraud", receipt.code), "the code is a stranger's text"
    return receipt.kind.value


# -- Events -----------------------------------------------------------------------------------------------------------


def _make_event(chance: Random) -> Any:
    name = chance.choice(tuple(DATA))
    made: Any = {
        "specversion": "1.0",
        "id": "1",
        "source": "shop",
        "type": name,
        "subject": "A-1",
        "time": material.moment(chance) if chance.random() < 0.3 else "2026-01-05T09:00:00Z",
        "data": DATA[name],
    }
    if chance.random() < 0.2:
        made["data"] = {**DATA[chance.choice(tuple(DATA))], **made["data"]}
    for _ in range(chance.choice((0, 1, 1, 1, 1, 2, 4))):
        made = material.changed(chance, made)
    return made


def _judge_event(made: Any) -> str:
    try:
        event = event_from_wire(made)
    except errors.EventInvalid as error:
        _may_be_logged(str(error))
        return "refused"
    wire = event_to_wire(event)
    again = event_to_wire(event_from_wire(wire))
    assert _as_text(wire) == _as_text(again), "an event changes on its way out and in"
    _is_kept(event)
    return "read"


def _is_kept(event: Event) -> None:
    """An event that was taken can be written into a store and read from it, and is what it was."""
    row = tuple(rows.event_row(event, event.happened_at))
    for value in row:
        assert isinstance(value, str) or -(2**63) <= value < 2**63, "a number that no database takes"
    "".join(value for value in row if isinstance(value, str)).encode()
    kept = rows.fact(row).event
    assert row == tuple(rows.event_row(kept, event.happened_at)), "an event changes on its way into the store and out"


def _as_text(wire: Any) -> str:
    return json.dumps(wire, sort_keys=True)


# -- Event logs -------------------------------------------------------------------------------------------------------


def _make_log(chance: Random) -> dict[str, Any]:
    made = [_make_event(chance) for _ in range(chance.choice((1, 1, 2, 3)))]
    ends = chance.choice((b"\n", b"\n", b"\r\n", b"\n\n", b"\r"))
    data = ends.join(material.as_line(chance, each) for each in made) + chance.choice((b"", b"\n"))
    if chance.random() < 0.5:
        data = material.damaged(chance, data)
    is_packed = chance.random() < 0.1
    if is_packed:
        data = gzip.compress(data, compresslevel=1, mtime=0)
        data = material.damaged(chance, data) if chance.random() < 0.7 else data
    return {"data": data, "_name": "log.jsonl.gz" if is_packed and chance.random() < 0.7 else "log.jsonl"}


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """A folder of this process, in memory where there is such a place; it goes with the process."""
    memory = Path("/dev/shm")
    return tempfile.TemporaryDirectory(prefix="fuzz-", dir=memory if os.access(memory, os.W_OK) else None)


def _judge_log(made: dict[str, Any]) -> str:
    path = Path(_folder().name) / made["_name"]
    path.write_bytes(made.get("data", b""))
    log = EventLog([str(path)])
    try:
        found = list(log.read())
        count = log.count()
    except errors.UsageError as error:
        _may_be_logged(str(error))
        return "unreadable"
    assert len(found) == count, "a line is lost"
    arrivals = [each for each in found if not isinstance(each, Rejected)]
    for each in found:
        if isinstance(each, Rejected):
            _may_be_logged(each.reason)
    for arrival in arrivals:
        _is_kept(arrival.event)
    return "read" if arrivals else "rejected"


TARGETS = {
    target.name: target
    for target in (
        Target("mails", _make_mail, _judge_mail),
        Target("bounces", _make_bounce, _judge_bounce),
        Target("events", _make_event, _judge_event),
        Target("logs", _make_log, _judge_log),
    )
}
