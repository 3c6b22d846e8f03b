"""
Where mails come back to, so that a bounce says which message it is about (VERP), and nobody can forge one.
"""

import hmac
import re
from dataclasses import dataclass, field

from ..errors import UsageError

#: The signature: the first 80 bits of HMAC-SHA-256 as hexadecimal digits. With 32 digits of the id and a mailbox of ten
#: characters the part before the ``@`` has 63 octets; RFC 5321 section 4.5.3.1.1 allows 64.
_DIGITS = 20
#: So that a secret which also signs something else signs nothing that could stand here.
_PURPOSE = b"proactive_notify return path\0"
_ID = re.compile(r"[0-9a-f]{32}")
_TOKEN = re.compile(r"(?<![0-9a-f])([0-9a-f]{32})[0-9a-f]{20}(?![0-9a-f])")
_MAILBOX = re.compile(r"(?=.{1,10}\Z)[a-z0-9]+(?:[._-][a-z0-9]+)*", re.IGNORECASE)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
#: What is left of the 254 octets that an address may have (RFC 5321 section 4.5.3.1.3), and a dot somewhere.
_DOMAIN = re.compile(rf"(?=.{{1,190}}\Z){_LABEL}(?:\.{_LABEL})+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPath:
    """
    Makes the envelope sender of each mail, and reads it back.

    ``bounce+<message id><signature>@bounces.shop.example``. The domain must be aligned with the one of the From address
    (same organisation), or DMARC loses SPF; its MX must lead to a mailbox that the shop reads.

    Whoever gets a mail sees its token, and can make up a bounce of that mail, but of no other.

    Args:
        secret: signs the tokens; at least 16 octets, the same on every machine, for as long as mails may bounce.
        domain: where bounces go, in ASCII (``xn--…``).
        mailbox: the part before the ``+``.

    Raises:
        UsageError: the secret is too short, or mailbox or domain cannot be one.
    """

    secret: bytes = field(repr=False)
    domain: str
    mailbox: str = "bounce"

    def __post_init__(self) -> None:
        if not isinstance(self.secret, bytes) or len(self.secret) < 16:
            raise UsageError(
                "the secret of a ReturnPath is at least 16 octets of bytes; make one with secrets.token_bytes(32)"
            )
        if not _MAILBOX.fullmatch(self.mailbox):
            raise UsageError("the mailbox of a ReturnPath is at most ten plain letters and digits, like bounce")
        if not _DOMAIN.fullmatch(self.domain):
            raise UsageError("the domain of a ReturnPath is a plain domain in ASCII, like bounces.shop.example")

    def token(self, message_id: str) -> str:
        """
        Return what stands for a message: its id and a signature, 52 hexadecimal digits.

        Raises:
            UsageError: the id is not one of ours, 32 hexadecimal digits.
        """
        if not _ID.fullmatch(message_id):
            raise UsageError("only a message's own id, 32 hexadecimal digits, can stand in a return path")
        return message_id + hmac.digest(self.secret, _PURPOSE + message_id.encode(), "sha256").hex()[:_DIGITS]

    def address(self, message_id: str) -> str:
        """
        Return the envelope sender of a message.

        Raises:
            UsageError: the id is not one of ours, 32 hexadecimal digits.
        """
        return f"{self.mailbox}+{self.token(message_id)}@{self.domain}"

    def message_id(self, text: str) -> str | None:
        """
        Return the message that a token, or an address with a token in it, stands for; ``None`` if it is not ours.

        Capitals are read as small letters: some servers on the way write addresses so.
        """
        for found in _TOKEN.finditer(text.lower()):
            if hmac.compare_digest(self.token(found[1]), found[0]):
                return found[1]
        return None
