"""
One mail as an SMTP server is told of it: the envelope, the options that the server understands, and the bytes.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from ..errors import Permanent

#: RFC 3461 section 4: what need not be written as ``+2B``.
_XTEXT = re.compile(r"[!-*,-<>-~]+")
#: RFC 3461 section 4.4.
_ENVID_LIMIT = 100


class Mail(NamedTuple):
    """
    What goes over the wire.

    ``sender`` and ``recipient`` are plain addresses in UTF-8, checked by whoever read them; ``wire`` ends its lines
    with CRLF; ``envelope_id`` is what a delivery report names it by, empty if none is asked for.
    """

    sender: bytes
    recipient: bytes
    wire: bytes
    envelope_id: str = ""

    def commands(self, extensions: Mapping[str, str], *, is_plain: bool) -> tuple[bytes, bytes]:
        """
        Return ``MAIL`` and ``RCPT`` with what the server offers, without line ends.

        How long the mail is (RFC 1870), that an address in it is not ASCII (RFC 6531), and what a delivery report
        shall say (RFC 3461). ``is_plain`` leaves out what can be left out.

        Raises:
            Permanent: an address needs SMTPUTF8, and the server lacks it.
        """
        mail, rcpt = b"MAIL FROM:<%b>" % self.sender, b"RCPT TO:<%b>" % self.recipient
        if "size" in extensions and not is_plain:
            mail += b" SIZE=%d" % len(self.wire)
        if self.is_international:
            if not ("smtputf8" in extensions and "8bitmime" in extensions):
                raise Permanent("The part before the @ of an address is not ASCII, and the server lacks SMTPUTF8.")
            mail += b" BODY=8BITMIME SMTPUTF8"
        if self.envelope_id and "dsn" in extensions and not is_plain:
            mail += b" RET=HDRS"
            if len(envid := xtext(self.envelope_id)) <= _ENVID_LIMIT:
                mail += b" ENVID=" + envid
            rcpt += b" NOTIFY=FAILURE,DELAY"
        if b"\n" in mail or b"\r" in mail or b"\n" in rcpt or b"\r" in rcpt:
            raise Permanent("An address holds a line break.", code="address")
        return mail, rcpt

    @property
    def is_international(self) -> bool:
        """Whether there is an address in it that only SMTPUTF8 can tell."""
        return not (self.wire.isascii() and self.sender.isascii() and self.recipient.isascii())

    @property
    def body(self) -> bytes:
        """The bytes after ``354``: dots at the beginning of a line doubled, and the final dot (RFC 5321 4.5.2)."""
        wire = self.wire
        if b"\r\n." in wire:
            wire = wire.replace(b"\r\n.", b"\r\n..")
        if wire.startswith(b"."):
            wire = b"." + wire
        return wire + (b".\r\n" if wire.endswith(b"\r\n") else b"\r\n.\r\n")


def xtext(text: str) -> bytes:
    """Write ``text`` as RFC 3461 section 4 wants it in a parameter: ``a+b`` is ``a+2Bb``."""
    if _XTEXT.fullmatch(text):
        return text.encode("ascii")
    return b"".join(
        bytes((octet,)) if 33 <= octet <= 126 and octet not in b"+=" else b"+%02X" % octet for octet in text.encode()
    )
