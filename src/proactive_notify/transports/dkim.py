"""
Mails signed with the shop's own key (DKIM, RFC 6376). Mostly the provider signs; this is for those who send themselves.
"""

import re
from binascii import Error as NoBase64
from datetime import datetime
from typing import Any

from .._content.addresses import AddressInvalid, ascii_domain
from ..errors import ChannelRefused, MissingExtra, UsageError

#: Signed where they are there: RFC 6376 section 5.4.1, and RFC 8058 section 4 for the last.
_SIGNED = (
    "from to subject date message-id reply-to in-reply-to references mime-version content-type "
    "content-transfer-encoding list-id list-help list-unsubscribe list-unsubscribe-post"
).split()
#: Signed once more than they are there, so that no second one can be put before them (RFC 6376 section 8.15).
_ONCE = ("from", "to", "subject", "date", "message-id")
#: RFC 8301 section 3.2: what a signer must have at least; 2,048 is what it should have.
_LEAST_BITS = 1024
_SELECTOR = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?)*")
#: What a header's line begins with.
_NAME = re.compile(rb"^([!-9;-~]+):", re.MULTILINE)


class Dkim:
    """
    Signs mails as they go on the wire: RSA with SHA-256, relaxed/relaxed, the whole body.

    A signature with a key of 2,048 bits takes some 10 ms. Where many mails leave, let the mail server sign them.

    Args:
        domain: who signs; the same organisation as the From address, or DMARC does not count it.
        selector: the public key stands in the DNS under ``<selector>._domainkey.<domain>``.
        private_key: an RSA key in PEM (PKCS#1 or PKCS#8), without a password.

    Raises:
        MissingExtra: ``dkimpy`` is not installed.
        UsageError: the domain, the selector or the key cannot be used. The text holds nothing of the key.
    """

    def __init__(self, *, domain: str, selector: str, private_key: bytes | str) -> None:
        self.domain = _domain(domain)
        if not _SELECTOR.fullmatch(selector):
            raise UsageError("`selector` of Dkim is a label of the DNS, like s1 or mail.2026.")
        self.selector = selector
        self._library = _dkimpy()
        self._key = _readable(private_key, self._library)

    def __repr__(self) -> str:
        return f"Dkim(domain={self.domain!r}, selector={self.selector!r})"

    def sign(self, wire: bytes, *, at: datetime) -> bytes:
        """
        Return the mail with its ``DKIM-Signature`` before it; the same mail and time give the same bytes.

        Args:
            wire: a whole mail; its lines end with CRLF.
            at: when it is signed (``t=``); aware.

        Raises:
            ChannelRefused: the mail cannot be signed with this set-up.
        """
        present = {name.lower().decode("ascii") for name in _NAME.findall(wire.partition(b"\r\n\r\n")[0])}
        names = [name.encode("ascii") for name in (*(each for each in _SIGNED if each in present), *_ONCE)]
        selector, domain = self.selector.encode("ascii"), self.domain.encode("ascii")
        relaxed = (b"relaxed", b"relaxed")
        try:
            signer = self._signer(wire, at)
            signature: bytes = signer.sign(selector, domain, self._key, canonicalize=relaxed, include_headers=names)
        except self._library.DKIMException as error:
            failure = type(error).__name__
        else:
            return signature + wire
        raise ChannelRefused(f"The mail cannot be signed with DKIM ({failure}).", code="dkim")

    def _signer(self, wire: bytes, at: datetime) -> Any:
        stamp = str(int(at.timestamp())).encode("ascii")

        class Signer(self._library.DKIM):  # type: ignore[misc, name-defined]  # dkimpy has no types
            """Takes the time of the mail, where dkimpy takes the clock's."""

            def gen_header(self, fields: list[tuple[bytes, bytes]], *rest: Any) -> Any:
                return super().gen_header(
                    [(b"t", stamp) if tag == b"t" else (tag, said) for tag, said in fields], *rest
                )

        return Signer(wire)


def _dkimpy() -> Any:
    try:
        import dkim  # type: ignore[import-untyped]
        import dkim.crypto  # type: ignore[import-untyped]
    except ImportError:
        raise MissingExtra('Dkim needs dkimpy: pip install "proactive-notify[dkim]"') from None
    return dkim


def _domain(domain: str) -> str:
    try:
        found = ascii_domain(domain)
    except AddressInvalid:
        found = ""
    if "." not in found or found.startswith("["):
        raise UsageError("`domain` of Dkim is no domain, like shop.example.")
    return found


def _readable(private_key: bytes | str, library: Any) -> bytes:
    """The key as dkimpy reads it, once it is known that it does."""
    key = private_key.encode() if isinstance(private_key, str) else bytes(private_key)
    key = b"\n".join(line.strip() for line in key.strip().splitlines())
    try:
        numbers = library.crypto.parse_pem_private_key(key)
        is_whole = numbers["prime1"] * numbers["prime2"] == numbers["modulus"]
        bits = numbers["modulus"].bit_length() if is_whole else 0
    except (library.crypto.UnparsableKeyError, NoBase64, LookupError, ValueError):
        bits = 0
    if bits == 0:
        raise UsageError("`private_key` of Dkim is no RSA key in PEM without a password.")
    if bits < _LEAST_BITS:
        raise UsageError(f"`private_key` of Dkim has {bits} bits; RFC 8301 wants 2048, and at least {_LEAST_BITS}.")
    return key
