"""
Where mails come back to, so that a bounce says which message it is about (VERP), and nobody can forge one.
"""

import hmac
import re
from dataclasses import dataclass, field

from ..errors import UsageError

#: Half of a SHA-256: 80 bits, in base 32 hex digits' worth of hexadecimal; a local part may have 64 octets.
_DIGITS = 20
_TOKEN = re.compile(r"([0-9a-f]{32})([0-9a-f]{20})")
_LOCAL = re.compile(r"[a-z0-9][a-z0-9._-]{0,9}", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPath:
    """
    Makes the envelope sender of each mail, and reads it back.

    ``bounce+<message id><signature>@bounces.shop.example``. The domain must be aligned with the one of the From address
    (same organisation), or DMARC loses SPF; its MX must lead to a mailbox that the shop reads.

    Args:
        secret: signs the tokens; at least 16 octets, the same on every machine, for as long as mails may bounce.
        domain: where bounces go.
        mailbox: the part before the ``+``.

    Raises:
        UsageError: the secret is too short, or the mailbox cannot be one.
    """

    secret: bytes = field(repr=False)
    domain: str
    mailbox: str = "bounce"

    def __post_init__(self) -> None:
        if len(self.secret) < 16:
            raise UsageError(
                "the secret of a ReturnPath needs at least 16 octets; make one with secrets.token_bytes(32)"
            )
        if not _LOCAL.fullmatch(self.mailbox):
            raise UsageError("the mailbox of a ReturnPath is at most ten plain letters and digits, like bounce")

    def token(self, message_id: str) -> str:
        """Return what stands for a message: its id and a signature, 52 hexadecimal digits."""
        return message_id + hmac.digest(self.secret, message_id.encode(), "sha256").hex()[:_DIGITS]

    def address(self, message_id: str) -> str:
        """Return the envelope sender of a message."""
        return f"{self.mailbox}+{self.token(message_id)}@{self.domain}"

    def message_id(self, text: str) -> str | None:
        """Return the message that a token, or an address with a token in it, stands for; ``None`` if it is not ours."""
        for found in _TOKEN.finditer(text):
            if hmac.compare_digest(self.token(found[1]), found[0]):
                return found[1]
        return None
