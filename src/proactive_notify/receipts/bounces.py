"""
Mails that say what became of our mails: delivery reports (RFC 3464) and complaints (RFC 5965).
"""

import re
from collections.abc import Mapping
from email.message import Message

from ..domain.receipts import Receipt, ReceiptKind
from ..domain.return_path import ReturnPath
from .reports import Report, header_of, is_report, report_in, value, values

#: Where the address to which a mail came is written: Postfix and qmail, Postfix, Exim, others; last what its sender
#: wrote. A report is addressed to the envelope sender of the mail that it is about.
_CAME_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "To")
#: Where the envelope sender of the mail that came back is written.
_CAME_FROM = ("Return-Path", "X-Envelope-From")

#: RFC 3464 section 2.3.3. Expanded: delivered to the address, which is a list, and on its way to those on it. Relayed:
#: handed to a system that reports no success.
_ACTIONS: Mapping[str, ReceiptKind] = {
    "failed": ReceiptKind.BOUNCED,
    "delayed": ReceiptKind.DEFERRED,
    "delivered": ReceiptKind.DELIVERED,
    "expanded": ReceiptKind.DELIVERED,
    "relayed": ReceiptKind.ACCEPTED,
}
#: The worst first: a mail with one recipient that has several groups was forwarded by its recipient.
_WORST = (
    ReceiptKind.BOUNCED,
    ReceiptKind.DEFERRED,
    ReceiptKind.UNKNOWN,
    ReceiptKind.ACCEPTED,
    ReceiptKind.DELIVERED,
)
#: Code → after how many bounces the address is dead (RFC 3463 section 3, RFC 5248, RFC 7505). Never 5.3 (the system),
#: 5.6 (the content) or 5.7 (policy), and not 5.1.0, which servers say of senders, too.
_DEAD: Mapping[str, int] = {
    "5.1.1": 1,  # no such mailbox
    "5.1.2": 1,  # no such system
    "5.1.3": 1,  # no such address
    "5.1.6": 1,  # moved
    "5.1.10": 1,  # the domain takes no mail
    "5.2.1": 1,  # disabled
    "5.4.1": 2,  # Microsoft: the recipient is rejected
    "5.4.4": 2,  # no route: mostly a domain that there is not, sometimes a name server that is away
    "5.2.2": 3,  # full
}
#: The receiver ran out of patience: what was deferred has failed (RFC 3463 section 3.5).
_EXPIRED = "4.4.7"
#: RFC 5965 section 7.3. Not ``not-spam``, ``virus``, ``other`` or ``auth-failure`` (RFC 6591): no customer says them.
_COMPLAINTS = frozenset({"abuse", "fraud"})

_WORD = re.compile(r"[a-z-]+")
_CODE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)")
#: A reply and its enhanced code, which have one class: ``550 5.1.1``, ``550-5.1.1``, ``#550 5.1.1``, ``554 (#5.1.1)``.
_REPLY = re.compile(r"(?<![\d.])(([245])\d\d)[ -]+\(?#?(\2\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
#: A reply alone, where RFC 3464 section 2.3.6 has it: behind ``smtp;``.
_BASIC = re.compile(r"\s*(?:[\w-]+\s*;)?\s*([245]\d\d)(?![\d.]*\d)")


class Bounces:
    """
    Reads the mails that come to a :class:`ReturnPath`.

    ::

        receipts = Bounces(return_path).read(raw)      # the bytes of one mail of that mailbox
        await notifier.receive(receipts)

    A mail counts only if it carries a token that we have signed: as ``Original-Envelope-Id``, in the address to which
    it came, or in the ``Return-Path`` of the mail that came back. A ``Message-ID`` proves nothing, for it can be
    guessed, and the addresses in a report are never looked at.

    Vacation replies, challenges, notes that a mail was read (RFC 8098) and ordinary mails say nothing.

    A bounce that is no report, as old servers write it, has no field that a program could trust, and in free text a
    bounce, a warning and a vacation reply look alike. One mark is unmistakable: ``X-Failed-Recipients``, which Exim
    writes when it gives up, and only then. Such a mail, come to a signed address, is a bounce; but since nothing says
    why it bounced, the address is not suppressed.
    """

    def __init__(self, return_path: ReturnPath) -> None:
        self._return_path = return_path

    def verify(self, headers: Mapping[str, str], body: bytes, *, url: str = "") -> bool:
        """Return true: the proof is in each mail, and :meth:`parse` asks for it."""
        return True

    def parse(self, body: bytes, *, url: str = "") -> list[Receipt]:
        """Do what :meth:`read` does."""
        return self.read(body)

    def read(self, raw: bytes) -> list[Receipt]:
        """
        Return what a mail says about a message of ours: at most one receipt, none if it says nothing.

        It raises nothing, whatever the bytes are; beyond 1 MiB they are not read.
        """
        mail = header_of(raw)
        if not is_report(mail):
            return self._read_plain(mail)
        report = report_in(mail)
        if report is None:
            return []
        message_id = self._message(mail, report)
        if message_id is None:
            return []
        found = _delivery(message_id, report.groups) if report.is_about_delivery else _complaint(message_id, report)
        return [] if found is None else [found]

    def _read_plain(self, mail: Message) -> list[Receipt]:
        if not value(mail, "X-Failed-Recipients"):
            return []
        message_id = self._first(values(mail, *_CAME_TO))
        return [] if message_id is None else [Receipt(message_id=message_id, kind=ReceiptKind.BOUNCED)]

    def _message(self, mail: Message, report: Report) -> str | None:
        """The message that a report is about, by the first token that is ours."""
        named = [text for group in report.groups for text in values(group, "Original-Envelope-Id")]
        came_from = [text for group in report.groups for text in values(group, "Original-Mail-From")]
        return self._first([*named, *values(mail, *_CAME_TO), *came_from, *values(report.returned, *_CAME_FROM)])

    def _first(self, texts: list[str]) -> str | None:
        return next((found for text in texts if (found := self._return_path.message_id(text))), None)


def _delivery(message_id: str, groups: tuple[Message, ...]) -> Receipt | None:
    """One receipt of all groups: the worst of them. The address is dead only if each group says so."""
    found = [receipt for group in groups if (receipt := _of_recipient(message_id, group)) is not None]
    if not found:
        return None
    worst = min(found, key=lambda each: _WORST.index(each.kind))
    needed = max(each.suppress_after for each in found)
    return worst.model_copy(update={"suppress": all(each.suppress for each in found), "suppress_after": needed})


def _of_recipient(message_id: str, group: Message) -> Receipt | None:
    status = _CODE.match(value(group, "Status"))
    codes = _codes(status[0] if status else "", value(group, "Diagnostic-Code"))
    word = _WORD.match(value(group, "Action").lower())
    if word is None and status is None:
        return None
    code = codes[0] if codes else ""
    kind = _ACTIONS.get(word[0] if word else "") or _kind_of(code)
    needed = _needed(codes) if kind is ReceiptKind.BOUNCED else None
    return Receipt(message_id=message_id, kind=kind, code=code, suppress=needed is not None, suppress_after=needed or 1)


def _kind_of(code: str) -> ReceiptKind:
    """What a group means whose ``Action`` is missing, or none that there is."""
    if code.startswith("5") or code == _EXPIRED:
        return ReceiptKind.BOUNCED
    return {"4": ReceiptKind.DEFERRED, "2": ReceiptKind.DELIVERED}.get(code[:1], ReceiptKind.UNKNOWN)


def _codes(status: str, diagnostic: str) -> list[str]:
    """
    Return what the two fields say, the most telling first: the status, unless it is a vague one like ``5.0.0``.

    Of a diagnosis only the code is taken: its text may hold addresses.
    """
    found = [status]
    if reply := _REPLY.search(diagnostic):
        found += reply[3], reply[1]
    elif basic := _BASIC.match(diagnostic):
        found.append(basic[1])
    return sorted((code for code in found if code), key=_vagueness)


def _vagueness(code: str) -> int:
    """Tell how little a code says: 0 for ``5.1.1``, 1 for ``5.1.0``, 2 for ``550``, 3 for ``5.0.0``."""
    if "." not in code:
        return 2
    return 3 if code.endswith(".0.0") else int(code.endswith(".0"))


def _needed(codes: list[str]) -> int | None:
    """Return after how many bounces the address is dead; ``None`` if no code says that it is, or one says otherwise."""
    needed = [_DEAD.get(code) for code in codes if not _vagueness(code)]
    is_final = not any(code.startswith("4") for code in codes)
    known = [each for each in needed if each is not None]
    return max(known) if is_final and known and len(known) == len(needed) else None


def _complaint(message_id: str, report: Report) -> Receipt | None:
    kind = next((text for group in report.groups for text in values(group, "Feedback-Type")), "").strip().lower()
    if kind not in _COMPLAINTS:
        return None
    return Receipt(message_id=message_id, kind=ReceiptKind.COMPLAINED, code=kind, suppress=True)
