"""
What Twilio's codes mean for a message, as one table with two readers.

:func:`refusal` reads the answer to a create call; :func:`receipt_of` reads the ``ErrorCode`` of a status callback.

Source of each row: ``https://www.twilio.com/docs/api/errors/<code>``. Twilio adds codes and splits old ones (21211,
21212, 21606 and 21614 on 10 July 2024), so a code that is not here is read with care: a 4xx or a delivery failure that
we do not know is the end of this try and the next channel's turn, and never suppresses a number.
"""

from datetime import timedelta
from enum import Enum
from typing import NamedTuple

from ..errors import ChannelRefused, Permanent, SendError, Transient, Uncertain


class Verdict(Enum):
    """What to do with the message."""

    TRANSIENT = "again later"
    PERMANENT = "never like this"
    #: The number must not be used again on this channel.
    SUPPRESS = "never to this number"
    #: Our credentials, sender or set-up: somebody of the shop has to act.
    REFUSED = "not from us"
    UNCERTAIN = "perhaps taken"


class Where(Enum):
    """Where a code is seen."""

    #: In the answer to the create call.
    API = "api"
    #: In a status callback (a delivery receipt).
    DLR = "dlr"
    BOTH = "api and dlr"


class Row(NamedTuple):
    """
    One code.

    ``retry_after``: not before; with ``PERMANENT`` it says when the *number* can be told something by SMS again.
    ``tries``: give up after so many. ``suppress_after``: the number is dead after so many such words; 0: never.
    ``is_outage``: other messages fare no better. ``alerts``: somebody of the shop has to hear of it. ``may_repeat``: it
    was perhaps delivered all the same.
    """

    code: int
    where: Where
    verdict: Verdict
    says: str
    retry_after: timedelta | None = None
    tries: int | None = None
    suppress_after: int = 0
    is_outage: bool = False
    alerts: bool = False
    may_repeat: bool = False

    @property
    def source(self) -> str:
        """Where Twilio says what the code means."""
        return f"https://www.twilio.com/docs/api/errors/{self.code}"


_SOON, _SHORTLY = timedelta(minutes=1), timedelta(minutes=10)
_HOUR, _HOURS, _DAY = timedelta(hours=1), timedelta(hours=4), timedelta(hours=24)

_API, _DLR, _BOTH = Where.API, Where.DLR, Where.BOTH
_AGAIN, _NEVER, _SUPPRESS = Verdict.TRANSIENT, Verdict.PERMANENT, Verdict.SUPPRESS
_REFUSED, _PERHAPS = Verdict.REFUSED, Verdict.UNCERTAIN

#: Each code once, in order. 57012 is missing on purpose: it is in Twilio's log only (our check of a signature failed).
CODES: tuple[Row, ...] = (
    Row(20003, _API, _REFUSED, "the account SID, the token or the key is wrong", alerts=True),
    Row(20005, _API, _REFUSED, "the account is not active", alerts=True),
    Row(20404, _API, _REFUSED, "there is no such account or resource", alerts=True),
    Row(20429, _API, _AGAIN, "too many calls at a time", _SOON, is_outage=True),
    Row(20500, _API, _PERHAPS, "an internal error"),
    Row(20503, _API, _PERHAPS, "the service is not available"),
    Row(21211, _API, _SUPPRESS, "the number is not valid", suppress_after=1),
    Row(21212, _API, _REFUSED, "the sender is not valid", alerts=True),
    Row(21265, _API, _SUPPRESS, "the number is a short code", suppress_after=1),
    Row(21266, _API, _SUPPRESS, "the number is the sender's own", suppress_after=1),
    Row(21267, _API, _REFUSED, "a trial account cannot send under a name", alerts=True),
    Row(21408, _API, _NEVER, "sending to this country is switched off", alerts=True),
    Row(21602, _API, _NEVER, "the text is missing", alerts=True),
    Row(21603, _API, _REFUSED, "the sender is missing", alerts=True),
    Row(21604, _API, _NEVER, "the number is missing", alerts=True),
    Row(21606, _API, _REFUSED, "the sender is not ours or cannot send SMS", alerts=True),
    Row(21608, _API, _NEVER, "a trial account sends to verified numbers only", alerts=True),
    Row(21609, _API, _REFUSED, "the URL for status callbacks is not valid", alerts=True),
    Row(21610, _BOTH, _SUPPRESS, "the customer said STOP", suppress_after=1),
    Row(21611, _API, _AGAIN, "the sender's queue is full", _SHORTLY, is_outage=True, alerts=True),
    Row(21612, _API, _NEVER, "no way leads from this sender to this number", alerts=True),
    Row(21614, _API, _SUPPRESS, "the number cannot receive SMS", suppress_after=1),
    Row(21617, _API, _NEVER, "the text is longer than 1,600 characters", alerts=True),
    Row(21619, _API, _NEVER, "the text is empty", alerts=True),
    Row(21635, _API, _SUPPRESS, "the number is a landline", suppress_after=1),
    Row(21659, _API, _REFUSED, "the sender is no number of Twilio's", alerts=True),
    Row(21660, _API, _REFUSED, "the sender belongs to another account", alerts=True),
    Row(21661, _API, _REFUSED, "the sender cannot send SMS", alerts=True),
    Row(21703, _API, _REFUSED, "the messaging service has no sender", alerts=True),
    Row(21704, _API, _REFUSED, "the messaging service has no number", alerts=True),
    Row(21705, _API, _REFUSED, "the messaging service is not valid", alerts=True),
    Row(21710, _API, _REFUSED, "the sender is in a messaging service already", alerts=True),
    Row(21711, _API, _REFUSED, "the sender is in another messaging service", alerts=True),
    Row(21712, _API, _REFUSED, "the sender is in another messaging service", alerts=True),
    Row(30001, _DLR, _AGAIN, "the queue was full; it was not sent", _SHORTLY, tries=2),
    Row(30002, _DLR, _REFUSED, "the account is suspended", alerts=True),
    Row(30003, _DLR, _AGAIN, "the telephone is off or out of reach", _HOURS, tries=3, suppress_after=3),
    Row(30004, _DLR, _SUPPRESS, "the carrier or the customer blocks us", suppress_after=1),
    Row(30005, _DLR, _SUPPRESS, "nobody has this number", suppress_after=1),
    Row(30006, _DLR, _SUPPRESS, "a landline, or a carrier that cannot be reached", suppress_after=1),
    Row(30007, _DLR, _NEVER, "the carrier takes it for spam", alerts=True),
    Row(30008, _DLR, _AGAIN, "unknown error", _SHORTLY, tries=2, may_repeat=True),
    Row(30010, _DLR, _NEVER, "it costs more than the most we pay", alerts=True),
    Row(30022, _DLR, _AGAIN, "the carrier's rate for our 10DLC campaign is used up", _SOON),
    Row(30023, _DLR, _NEVER, "the day's number of messages for our 10DLC brand is used up", _DAY, alerts=True),
    Row(30027, _DLR, _NEVER, "the day's number of messages at T-Mobile is used up", _DAY, alerts=True),
    Row(30032, _DLR, _REFUSED, "our toll-free number is not verified", alerts=True),
    Row(30033, _DLR, _REFUSED, "our 10DLC campaign is suspended", alerts=True),
    Row(30034, _DLR, _REFUSED, "our number is registered for no 10DLC campaign", alerts=True),
    Row(30035, _DLR, _NEVER, "our 10DLC number is not ready yet", alerts=True),
    Row(30036, _DLR, _NEVER, "it waited for longer than it was valid"),
    Row(30410, _DLR, _AGAIN, "the provider behind Twilio did not answer", _SHORTLY, tries=2, may_repeat=True),
    Row(30450, _DLR, _NEVER, "blocked as pumping of SMS", alerts=True),
    Row(30453, _DLR, _NEVER, "blocked as pumping of SMS", alerts=True),
    Row(35114, _API, _NEVER, "the time to send it is not valid", alerts=True),
    Row(35115, _API, _NEVER, "the time to send it is too near or too far", alerts=True),
    Row(35118, _API, _NEVER, "sending at a time needs a messaging service", alerts=True),
    Row(35125, _API, _AGAIN, "too many messages wait for their time", _HOUR, is_outage=True, alerts=True),
    Row(60728, _API, _AGAIN, "the account's messages for this hour are used up", _SHORTLY, is_outage=True, alerts=True),
    Row(63016, _DLR, _NEVER, "more than 24 hours after the customer wrote, WhatsApp takes templates only", alerts=True),
    Row(63018, _DLR, _AGAIN, "WhatsApp's rate is used up", _SOON),
    Row(63021, _DLR, _NEVER, "WhatsApp finds its content not valid", alerts=True),
    Row(63024, _DLR, _SUPPRESS, "nobody has WhatsApp at this number", suppress_after=1),
    Row(63038, _BOTH, _NEVER, "the account's messages for 24 hours are used up", _DAY, alerts=True),
)

_BY_CODE = {row.code: row for row in CODES}

#: A delivery failure without a code, or with one that is not in the table.
_UNKNOWN = "a code that we do not know"


class Failure(NamedTuple):
    """
    What a status callback with ``undelivered`` or ``failed`` means.

    ``suppress`` and ``suppress_after`` are those of :class:`~proactive_notify.domain.receipts.Receipt`; the rest is as
    in :class:`Row`.
    """

    code: str
    verdict: Verdict
    says: str
    suppress: bool = False
    suppress_after: int = 1
    retry_after: timedelta | None = None
    tries: int | None = None
    alerts: bool = False
    may_repeat: bool = False


def find_row(code: object) -> Row | None:
    """Return the row of a code, given as a number or as digits; ``None`` if there is none."""
    if isinstance(code, str):
        code = int(code) if code.isascii() and code.isdigit() and len(code) <= 9 else None
    return _BY_CODE.get(code) if isinstance(code, int) else None


def receipt_of(code: str | int | None) -> Failure:
    """
    Read the ``ErrorCode`` of a status callback.

    A code that is not in the table, or none at all: ``PERMANENT``, so it falls over once, and nothing is suppressed.
    """
    row = find_row(code)
    if row is None:
        return Failure(_digits(code), Verdict.PERMANENT, _UNKNOWN)
    return Failure(
        str(row.code),
        row.verdict,
        row.says,
        suppress=row.suppress_after > 0,
        suppress_after=max(row.suppress_after, 1),
        retry_after=row.retry_after,
        tries=row.tries,
        alerts=row.alerts,
        may_repeat=row.may_repeat,
    )


def answer_row(status: int, code: object = None) -> Row:
    """
    Return the row that decides on an answer to the create call.

    Args:
        status: of HTTP. A 2xx is for a message that was created and has failed already.
        code: Twilio's own, from the body; anything but a number counts as none.

    A code of the table proves that it was refused, whatever the status; but under a 5xx only one that the create call
    is known to answer does. Without such a proof a 5xx is ``UNCERTAIN``: creating is not idempotent, and a blind repeat
    may send twice (Twilio, error 20500).
    """
    row = find_row(code)
    if row is not None and (status < 500 or row.where is not Where.DLR):
        return row
    return _BY_STATUS.get(status) or _BY_CLASS.get(status // 100, _BY_CLASS[4])


def refusal(status: int, code: object = None, *, retry_after: timedelta | None = None) -> SendError:
    """
    Turn an answer to the create call that is no success into our error, as :func:`answer_row` reads it.

    Its text says the codes and the row's own words; Twilio's are left out, for they hold the number.

    Args:
        retry_after: what the header ``Retry-After`` asks for (RFC 9110 section 10.2.3).
    """
    row, answer = answer_row(status, code), _digits(code) or str(status)
    says = f"Twilio answered {status}{f' ({answer})' if answer != str(status) else ''}: {row.says}."
    match row.verdict:
        case Verdict.TRANSIENT:
            again = retry_after or row.retry_after
            return Transient(says, code=answer, retry_after=again, is_outage=row.is_outage, tries=row.tries)
        case Verdict.REFUSED:
            return ChannelRefused(says, code=answer)
        case Verdict.UNCERTAIN:
            return Uncertain(says, code=answer, retry_after=retry_after, is_outage=True)
        case Verdict.PERMANENT | Verdict.SUPPRESS:
            dead, after = row.suppress_after > 0, max(row.suppress_after, 1)
            return Permanent(says, code=answer, retry_after=row.retry_after, suppress=dead, suppress_after=after)


#: What is left: by the class of the status. A redirect is no answer of Twilio's API: our base URL leads elsewhere.
_BY_CLASS = {
    2: Row(200, _DLR, _NEVER, _UNKNOWN),
    3: Row(300, _API, _REFUSED, "a redirect, which the API never answers", alerts=True),
    4: Row(400, _API, _NEVER, _UNKNOWN, alerts=True),
    5: Row(500, _API, _PERHAPS, "an error of its own"),
}
#: Statuses of HTTP that say enough without a code of Twilio's (RFC 9110 section 15.5).
_BY_STATUS = {
    401: _BY_CODE[20003],
    404: _BY_CODE[20404],
    407: Row(407, _API, _REFUSED, "a proxy wants us to log in", alerts=True),
    408: Row(408, _API, _AGAIN, "our request did not come whole", _SOON, is_outage=True),
    429: _BY_CODE[20429],
    500: _BY_CODE[20500],
    503: _BY_CODE[20503],
}


def _digits(code: object) -> str:
    """A code as it may stand in a log line: digits or nothing. What is no number could be anything."""
    if isinstance(code, bool):
        return ""
    text = str(code) if isinstance(code, int | str) else ""
    return text if text.isascii() and text.isdigit() and len(text) <= 9 else ""
