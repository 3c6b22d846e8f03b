"""
Which of the messages that Twilio has is the one we sent.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from ..domain.messages import SmsMessage, WhatsAppMessage

#: Twilio's clock and ours may differ by so much.
SLACK = timedelta(seconds=60)
#: A trial account's messages begin so.
_TRIAL = "Sent from your Twilio trial account - "
#: What Smart Encoding puts in the place of what GSM 03.38 lacks, as far as NFKC does not: quotes and dashes.
_LOOK_ALIKES = str.maketrans(
    dict.fromkeys("‘’‚‛′‹›`´", "'") | dict.fromkeys("“”„‟″«»", '"') | dict.fromkeys("‐‑‒–—―−", "-")
)
_NOT_DIGITS = re.compile(r"\D")


def essence(text: str) -> str:
    """Return what is left of a text whatever a provider does to its blanks, line ends, quotes and dashes."""
    # Before NFKC, which makes a blank and an accent of some quotes.
    plain = unicodedata.normalize("NFKC", text.translate(_LOOK_ALIKES)).translate(_LOOK_ALIKES)
    shown = "".join(each for each in plain if unicodedata.category(each) != "Cf")
    return " ".join(shown.split())


class Search:
    """
    One search, for a message that may have been taken at ``since`` or later.

    Attributes:
        reference: the SID of the newest message that is the one; empty: none is.
        cannot_tell: a message could be the one, but Twilio does not show its text (it was redacted or deleted).
        may_be_older: every message that was seen is young enough, so there may be others behind them.
    """

    def __init__(self, message: SmsMessage | WhatsAppMessage, *, since: datetime) -> None:
        self._to, self._earliest = _digits(message.to), since - SLACK
        self._says = _says(message)
        self.reference, self.cannot_tell, self.may_be_older = "", False, True

    def look_at(self, found: Iterable[Any]) -> None:
        """Look at messages as Twilio's client gives them, the newest first."""
        self.reference, self.cannot_tell, self.may_be_older = "", False, True
        for each in found:
            if each.date_created is None or each.date_created < self._earliest:
                self.may_be_older = False
            elif each.direction == "outbound-api" and _digits(each.to or "") in ("", self._to):
                self._compare(each)

    def _compare(self, each: Any) -> None:
        if not each.body:
            self.cannot_tell = True
        elif not self.reference and self._says(essence(each.body.removeprefix(_TRIAL))):
            self.reference = each.sid


def _says(message: SmsMessage | WhatsAppMessage) -> Callable[[str], bool]:
    """
    Return the question whether a text is that of ``message``.

    What WhatsApp makes of a template is not known here, but every variable stands in it.
    """
    if isinstance(message, SmsMessage):
        ours = essence(message.text)
        return lambda theirs: theirs == ours
    values = [essence(value) for value in message.variables.values()]
    return lambda theirs: all(value in theirs for value in values)


def _digits(address: str) -> str:
    return _NOT_DIGITS.sub("", address)
