"""
A report about a mail (``multipart/report``, RFC 6522), taken apart.

Only the report itself is looked into, never what is nested in it: a report about a report is a report about a mail.
The work grows with the size of the input and with nothing else, whatever the input is.
"""

import binascii
import re
from email.message import Message
from email.parser import HeaderParser
from typing import NamedTuple

#: How much of a mail is read, in bytes. What a program reads stands before the mail that came back.
LONGEST = 1024 * 1024
#: Our mails have one recipient; an address that is forwarded has some more.
_MOST_GROUPS = 100
_MOST_PARTS = 10
#: A Content-Type is cut here: the standard library takes quadratic time over its parameters.
_LONGEST_TYPE = 1000
#: What is read of any other value.
_LONGEST_VALUE = 10_000

#: RFC 3464 and its form for addresses beyond ASCII (RFC 6533).
_STATUS = ("message/delivery-status", "message/global-delivery-status")
#: RFC 5965.
_FEEDBACK = ("message/feedback-report",)
#: The mail that came back, or its header alone, each also in its form of RFC 6533.
_RETURNED = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
_BLANK = re.compile(r"\n[ \t]*\n")


class Report(NamedTuple):
    """What a report says, field by field."""

    #: It is about delivery (RFC 3464), not a complaint (RFC 5965).
    is_about_delivery: bool
    #: The groups of fields. Delivery: those about the mail, then those of each recipient. Complaint: one.
    groups: tuple[Message, ...]
    #: The header of the mail that came back; empty if none did.
    returned: Message


def header_of(raw: bytes) -> Message:
    """Return the header of a mail, with the rest as its payload; what is not ASCII is replaced."""
    text = raw[:LONGEST].decode("ascii", "replace")
    return _header(text.replace("\r\n", "\n").replace("\r", "\n"))


def values(header: Message, *names: str) -> list[str]:
    """Return the values of some fields, in the order of the names."""
    return [str(value)[:_LONGEST_VALUE] for name in names for value in header.get_all(name, ())]


def value(header: Message, name: str) -> str:
    """Return the value of a field; empty if there is none."""
    return next(iter(values(header, name)), "").strip()


def is_report(mail: Message) -> bool:
    """Tell whether a mail says of itself that it is a report of any kind."""
    return _type(mail).get_content_type() == "multipart/report"


def report_in(mail: Message) -> Report | None:
    """Take a report apart; ``None`` if it is about something else, for example about a mail that was read."""
    kind = _type(mail)
    about = _parameter(kind, "report-type").lower()
    boundary = _parameter(kind, "boundary")
    if not boundary:
        return None
    wanted = {"delivery-status": _STATUS, "feedback-report": _FEEDBACK, "": _STATUS + _FEEDBACK}.get(about, ())
    parts = [(_type(part).get_content_type(), part) for part in _parts(mail, boundary)]
    for found, part in parts:
        if found in wanted:
            returned = [_header(_text(each)) for name, each in parts if name in _RETURNED]
            return Report(found in _STATUS, _groups(_text(part)), returned[0] if returned else Message())
    return None


def _header(text: str) -> Message:
    return HeaderParser().parsestr(text)


def _type(header: Message) -> Message:
    """The Content-Type alone, at a length that cannot be used against us."""
    kind = Message()
    kind["Content-Type"] = value(header, "Content-Type")[:_LONGEST_TYPE] or "text/plain"
    return kind


def _parameter(kind: Message, name: str) -> str:
    """A parameter of the Content-Type as plain text; one that is encoded (RFC 2231) is not, and no report's is."""
    found = kind.get_param(name)
    return found.strip() if isinstance(found, str) else ""


def _parts(mail: Message, boundary: str) -> list[Message]:
    line = re.compile(rf"^--{re.escape(boundary)}(--)?[ \t]*$", re.MULTILINE)
    # What is split off is, by turns, a text and the two dashes that end the last part, or None.
    pieces = line.split(f"\n{mail.get_payload()}", maxsplit=_MOST_PARTS)
    found = []
    for ended, text in zip(pieces[1::2], pieces[2::2], strict=True):
        if ended:
            break
        found.append(_header(text.removeprefix("\n")))
    return found


def _text(part: Message) -> str:
    """The content of a part, decoded if it must be; what cannot be decoded stays as it is."""
    text = str(part.get_payload())
    data = text.encode("ascii", "replace")
    encoding = value(part, "Content-Transfer-Encoding").lower()
    if encoding == "quoted-printable":
        data = binascii.a2b_qp(data)
    elif encoding == "base64":
        try:
            data = binascii.a2b_base64(data)
        except binascii.Error:
            return text
    else:
        return text
    return data.decode("ascii", "replace").replace("\r\n", "\n").replace("\r", "\n")


def _groups(text: str) -> tuple[Message, ...]:
    groups = _BLANK.split(text.strip("\n"), maxsplit=_MOST_GROUPS)
    return tuple(_header(group.strip("\n")) for group in groups[:_MOST_GROUPS] if group.strip())
