"""
What an SMTP server's reply means for the message, as one table.

Sources: RFC 5321 sections 4.2 and 4.3.2 (codes), RFC 3463 and RFC 5248 (enhanced codes), RFC 3207 section 4 (STARTTLS),
RFC 4954 section 6 (AUTH), RFC 1870 section 6 (SIZE), RFC 6531 section 3.5 (SMTPUTF8), RFC 7372 (authentication of
mails), RFC 7504 (521, 556), RFC 7505 (null MX).
"""

import re
from datetime import timedelta
from enum import Enum
from typing import NamedTuple

from ..errors import ChannelRefused, Permanent, SendError, Transient, Uncertain


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

    ``is_outage``: the server itself is away or overloaded; ``tries``: give up after so many; ``suppress_after``: not
    before the address was refused so often. They are arguments of the errors.
    """

    phases: tuple[Phase, ...]
    code: str
    enhanced: tuple[str, ...]
    verdict: Verdict
    says: str
    retry_after: timedelta | None = None
    is_outage: bool = False
    tries: int | None = None
    suppress_after: int = 1


#: RFC 7372 (5.7.20 to 5.7.26); Yahoo's 5.7.9; Microsoft's 5.7.509 and 5.7.515.
_UNAUTHENTICATED = (*(f"5.7.{number}" for number in range(20, 27)), "5.7.9", "5.7.509", "5.7.515")

#: Before any mail is named.
_SESSION = (Phase.CONNECT, Phase.EHLO, Phase.TLS, Phase.AUTH)
_OURS = (*_SESSION, Phase.MAIL)
_MESSAGE = (Phase.RCPT, Phase.DATA, Phase.DOT)

_SOON, _SHORTLY = timedelta(minutes=1), timedelta(minutes=5)
_HOUR, _DAY = timedelta(hours=1), timedelta(hours=24)

_AGAIN, _NEVER, _SUPPRESS, _REFUSED = Verdict.TRANSIENT, Verdict.PERMANENT, Verdict.SUPPRESS, Verdict.REFUSED

#: The first row that fits decides.
REPLIES: tuple[Row, ...] = (
    # Again later. What a server says of itself is an outage, and so is whatever it says before a recipient is named;
    # what it says of a recipient or of one mail is none. Greylisting wants 5 to 15 minutes; a full disk wants hours.
    Row((), "421", (), _AGAIN, "the server is closing or slows us down", _SOON, is_outage=True),
    Row((), "4", ("4.3.1",), _AGAIN, "the server is full", _HOUR, is_outage=True),
    Row((), "4", ("4.3.2", "4.4.5"), _AGAIN, "the server is overloaded or takes nothing now", _SOON, is_outage=True),
    Row((), "4", ("4.2.2",), _AGAIN, "the mailbox is full", _HOUR),
    Row((), "4", ("4.5.3",), _AGAIN, "there were too many recipients for one connection", _SOON),
    Row((), "455", (), _AGAIN, "the server cannot take our parameters now"),
    Row((Phase.TLS,), "454", (), _AGAIN, "the server cannot start TLS now", is_outage=True),
    Row((Phase.AUTH,), "432", (), _AGAIN, "the server wants the password moved to another way first", is_outage=True),
    Row((Phase.AUTH,), "454", (), _AGAIN, "the server cannot check a log-in now", is_outage=True),
    Row(_OURS, "4", ("4.7.1",), _AGAIN, "we are asked to wait", _SHORTLY, is_outage=True),
    Row(_OURS, "450", (), _AGAIN, "we are asked to wait", _SHORTLY, is_outage=True),
    Row(_OURS, "4", (), _AGAIN, "the server cannot serve us now", is_outage=True),
    Row((), "4", ("4.7.1",), _AGAIN, "we are asked to wait", _SHORTLY),
    Row((), "450", (), _AGAIN, "the mailbox is busy, or we are asked to wait", _SHORTLY),
    Row((), "4", (), _AGAIN, "the server cannot take it now"),
    # Ours: no customer's address is to blame.
    Row((), "530", (), _REFUSED, "the server wants us to log in, or to use TLS"),
    Row((), "534", (), _REFUSED, "the server wants another way to log in"),
    Row((), "535", (), _REFUSED, "the user name or password is wrong"),
    Row((), "538", (), _REFUSED, "the server wants TLS before we log in"),
    Row((), "5", ("5.1.7", "5.1.8"), _REFUSED, "the sender's address is refused"),
    # One mail, and no other. At MAIL it is the declared SIZE (RFC 1870), or an address beyond ASCII (RFC 6531).
    Row((), "5", ("5.3.4", "5.2.3"), _NEVER, "the mail is too large"),
    Row((), "5", ("5.6.7",), _NEVER, "an address beyond ASCII is not taken"),
    Row((Phase.MAIL,), "552", (), _NEVER, "the mail is too large"),
    Row(_OURS, "5", (), _REFUSED, "the server refuses us"),
    # The address. A mailbox that is full for days is as good as none; Microsoft says 5.4.1 also while it learns.
    Row(_MESSAGE, "5", ("5.2.2",), _AGAIN, "the mailbox is full", _DAY, tries=3),
    Row(_MESSAGE, "5", ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"), _SUPPRESS, "there is no such address"),
    Row(_MESSAGE, "5", ("5.2.1",), _SUPPRESS, "the mailbox is disabled"),
    Row(_MESSAGE, "5", ("5.4.1",), _SUPPRESS, "the recipient was rejected", suppress_after=2),
    Row(_MESSAGE, "5", ("5.4.4",), _SUPPRESS, "no way leads to the domain", suppress_after=2),
    Row(_MESSAGE, "521", (), _SUPPRESS, "the host takes no mail"),
    Row(_MESSAGE, "556", (), _SUPPRESS, "the domain takes no mail"),
    # The policy, the content or our reputation; another channel may do. Never the address.
    Row(_MESSAGE, "5", _UNAUTHENTICATED, _NEVER, "our mails are not authenticated: look at SPF, DKIM and DMARC"),
    Row(_MESSAGE, "5", ("5.7",), _NEVER, "refused by policy: look at SPF, DKIM, DMARC and our reputation"),
    Row((Phase.RCPT,), "553", (), _SUPPRESS, "the address is not allowed"),
    Row(_MESSAGE, "551", (), _NEVER, "the user is not local"),
    Row(_MESSAGE, "552", (), _NEVER, "the mail or the mailbox is over its limit"),
    Row(_MESSAGE, "555", (), _NEVER, "the server does not know our parameters"),
    Row(_MESSAGE, "50", (), _NEVER, "the server did not understand us"),
    Row(_MESSAGE, "55", (), _NEVER, "the server refuses it"),
    Row((), "5", (), _NEVER, "the server refuses it"),
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
    A reply that cannot be in its place (another 2xx or 3xx, or none at all) is ``Transient`` before the final dot and
    ``Uncertain`` after it.
    """
    enhanced = enhanced_code(code, text)
    answer = f"{code} {enhanced}".rstrip() if code > 0 else ""
    row = find_row(phase, code, enhanced)
    if row is None:
        kind = Uncertain if phase is Phase.DOT else Transient
        says = f"The reply to {phase.value} makes no sense: {answer or 'unreadable'}."
        return kind(says, code=answer, is_outage=phase in _OURS)
    says = f"The server answered {answer} to {phase.value}: {row.says}."
    match row.verdict:
        case Verdict.TRANSIENT:
            again = row.retry_after
            return Transient(says, code=answer, retry_after=again, is_outage=row.is_outage, tries=row.tries)
        case Verdict.REFUSED:
            return ChannelRefused(says, code=answer)
        case Verdict.PERMANENT | Verdict.SUPPRESS:
            is_address = row.verdict is Verdict.SUPPRESS
            return Permanent(says, code=answer, suppress=is_address, suppress_after=row.suppress_after)


def queue_id(text: str) -> str:
    """Read the server's own id of the mail from its last reply; empty if it said none that we know."""
    for pattern in _QUEUE_IDS:
        if found := pattern.search(text):
            return found[1]
    return ""
