"""
What an SMTP server's reply means for the message, as one table.

Sources: RFC 5321 sections 4.2 and 4.3.2 (codes), RFC 3463 and RFC 5248 (enhanced codes), RFC 4954 section 6 (AUTH),
RFC 7504 (521, 556), RFC 7505 (null MX).
"""

import re
from datetime import timedelta
from enum import Enum
from typing import NamedTuple

from ..errors import ChannelRefused, Permanent, SendError, Transient


class Phase(Enum):
    """What was answered. What is refused up to MAIL is ours; what RCPT refuses is the customer's."""

    CONNECT = "the greeting"
    EHLO = "EHLO"
    TLS = "STARTTLS"
    AUTH = "AUTH"
    MAIL = "MAIL FROM"
    RCPT = "RCPT TO"
    DATA = "DATA"
    #: The reply after the final dot.
    DOT = "the mail itself"


class Verdict(Enum):
    """What to do with the message."""

    TRANSIENT = "again later"
    PERMANENT = "never like this"
    #: The address must not be used again.
    SUPPRESS = "never to this address"
    #: Our credentials, sender or set-up: pause the channel.
    REFUSED = "not from us"


class Row(NamedTuple):
    """
    One row: it fits if the phase is listed, the code begins with ``code`` and the enhanced code is listed.

    No phases, or no enhanced codes: all of them. ``5.7`` stands for every code that begins with it.
    """

    phases: tuple[Phase, ...]
    code: str
    enhanced: tuple[str, ...]
    verdict: Verdict
    says: str
    retry_after: timedelta | None = None


_MESSAGE = (Phase.RCPT, Phase.DATA, Phase.DOT)
_OURS = (Phase.CONNECT, Phase.EHLO, Phase.TLS, Phase.AUTH, Phase.MAIL)

#: The first row that fits decides.
REPLIES: tuple[Row, ...] = (
    # Again later. Greylisting wants 5 to 15 minutes; a full mailbox or disk wants hours.
    Row((), "421", (), Verdict.TRANSIENT, "the server is closing or slows us down", timedelta(minutes=1)),
    Row((), "4", ("4.2.2", "4.3.1"), Verdict.TRANSIENT, "a mailbox or the server is full", timedelta(hours=1)),
    Row((), "4", ("4.7.1",), Verdict.TRANSIENT, "we are asked to wait", timedelta(minutes=5)),
    Row((), "450", (), Verdict.TRANSIENT, "the mailbox is busy, or we are asked to wait", timedelta(minutes=5)),
    Row((), "4", (), Verdict.TRANSIENT, "the server cannot take it now"),
    # Ours: no customer's address is to blame.
    Row((), "530", (), Verdict.REFUSED, "the server wants us to log in, or to use TLS"),
    Row((), "534", (), Verdict.REFUSED, "the server wants another way to log in"),
    Row((), "535", (), Verdict.REFUSED, "the user name or password is wrong"),
    Row((), "538", (), Verdict.REFUSED, "the server wants TLS before we log in"),
    Row((), "5", ("5.1.7", "5.1.8"), Verdict.REFUSED, "the sender's address is refused"),
    # Too large. At MAIL it is the declared SIZE that is refused, so it is this message and no other.
    Row((), "5", ("5.3.4", "5.2.3"), Verdict.PERMANENT, "the mail is too large"),
    Row((Phase.MAIL,), "552", (), Verdict.PERMANENT, "the mail is too large"),
    Row(_OURS, "5", (), Verdict.REFUSED, "the server refuses us"),
    # The address.
    Row(_MESSAGE, "5", ("5.2.2",), Verdict.TRANSIENT, "the mailbox is full", timedelta(hours=24)),
    Row(_MESSAGE, "5", ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"), Verdict.SUPPRESS, "there is no such address"),
    Row(_MESSAGE, "5", ("5.2.1",), Verdict.SUPPRESS, "the mailbox is disabled"),
    Row(_MESSAGE, "521", (), Verdict.SUPPRESS, "the host takes no mail"),
    Row(_MESSAGE, "556", (), Verdict.SUPPRESS, "the domain takes no mail"),
    # The policy, the content or our reputation; another channel may do. Never the address.
    Row(_MESSAGE, "5", ("5.7",), Verdict.PERMANENT, "refused by policy: look at SPF, DKIM, DMARC and our reputation"),
    Row(_MESSAGE, "5", ("5.4.1",), Verdict.PERMANENT, "the recipient was rejected"),
    Row((Phase.RCPT,), "553", (), Verdict.SUPPRESS, "the address is not allowed"),
    Row(_MESSAGE, "551", (), Verdict.PERMANENT, "the user is not local"),
    Row(_MESSAGE, "552", (), Verdict.PERMANENT, "the mail or the mailbox is over its limit"),
    Row(_MESSAGE, "50", (), Verdict.PERMANENT, "the server did not understand us"),
    Row(_MESSAGE, "55", (), Verdict.PERMANENT, "the server refuses it"),
    Row((), "5", (), Verdict.PERMANENT, "the server refuses it"),
)

#: How servers name what they took: Postfix and Mailjet; Exim and Exchange; sendmail; Amazon and Google.
#: No name may hold an ``@``: it could be an address.
_QUEUE_IDS = (
    re.compile(r"\bqueued as ([\w.-]{4,100})\b(?!@)", re.IGNORECASE),
    re.compile(r"id=([\w.-]{4,100})\b(?!@)", re.IGNORECASE),
    re.compile(r"^2\.\d\.\d ([\w.-]{4,100}) message accepted", re.IGNORECASE),
    re.compile(r"^(?:2\.\d\.\d )?ok:? +((?:\d{10} )?[\w-]{10,100}(?:\.[\w.-]{1,50})?)(?![\w.@-])", re.IGNORECASE),
)
_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?!\d)")


def enhanced_code(code: int, text: str) -> str:
    """
    Read the enhanced code (RFC 3463) from a reply's text; empty if there is none.

    If its class and the basic code disagree, the basic code is trusted and this is empty.
    """
    found = _ENHANCED.match(text.lstrip())
    return found[0] if found and found[1] == str(code)[:1] else ""


def find_row(phase: Phase, code: int, enhanced: str) -> Row | None:
    """Return the first row that fits; none for a reply that is no refusal at all."""
    for row in REPLIES:
        if row.phases and phase not in row.phases:
            continue
        if not str(code).startswith(row.code):
            continue
        if row.enhanced and not any(f"{enhanced}.".startswith(f"{given}.") for given in row.enhanced):
            continue
        return row
    return None


def refusal(phase: Phase, code: int, text: str) -> SendError:
    """
    Turn a reply that is no success into our error.

    Its text says the phase, the code and the row's own words; the server's are left out, for they may hold an address.
    A reply that cannot be in its place (another 2xx or 3xx, or none at all) is ``Transient``.
    """
    enhanced = enhanced_code(code, text)
    answer = f"{code} {enhanced}".rstrip() if code > 0 else ""
    row = find_row(phase, code, enhanced)
    if row is None:
        return Transient(f"The reply to {phase.value} makes no sense: {answer or 'unreadable'}.", code=answer)
    says = f"The server answered {answer} to {phase.value}: {row.says}."
    match row.verdict:
        case Verdict.TRANSIENT:
            return Transient(says, code=answer, retry_after=row.retry_after)
        case Verdict.REFUSED:
            return ChannelRefused(says, code=answer)
        case Verdict.PERMANENT | Verdict.SUPPRESS:
            return Permanent(says, code=answer, suppress=row.verdict is Verdict.SUPPRESS)


def queue_id(text: str) -> str:
    """Read the server's own id of the mail from its last reply; empty if it said none that we know."""
    for pattern in _QUEUE_IDS:
        if found := pattern.search(text):
            return found[1]
    return ""
