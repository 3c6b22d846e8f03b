"""
What an error may quote of a value that is wrong: enough to find it, and never what could be an address or a number.
"""

import re

_HARMLESS = re.compile(r"[A-Za-z0-9_ .,:+/-]{0,40}")
_YEAR = re.compile(r"(?:19|20)\d\d-\d\d?\b")
#: Telephone numbers have at least so many digits (E.164 knows some of seven).
_DIGITS = 7


def quoted(value: object) -> str:
    """Return a value in quotes, ``'soon'``, or ``what was given`` if it is long, or could belong to a person."""
    text = str(value) if isinstance(value, str | int | float) else ""
    could_be_a_number = sum(map(str.isdigit, text)) >= _DIGITS and not _YEAR.match(text)
    return repr(text) if text and _HARMLESS.fullmatch(text) and not could_be_a_number else "what was given"
