"""
What in a shop's own addresses mailbox providers refuse, as far as can be told without asking the DNS.

Sources: Google, *Email sender guidelines* (support.google.com/mail/answer/81126); Yahoo, *Sender best practices*
(senders.yahooinc.com); RFC 7489 section 3.1 (alignment); RFC 2606 and RFC 6761 (names that nobody owns).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .._content.addresses import Address, AddressInvalid, parse_address
from .findings import Finding, Grade

#: Domains of mailboxes that anybody can have, and the relays that may send for them. Each provider's DMARC record asks
#: to refuse mail in its name from elsewhere; Google says it of gmail.com, Yahoo of its own since 2014.
FREEMAIL: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (frozenset({"gmail.com", "googlemail.com"}), frozenset({"gmail.com", "google.com", "googlemail.com"})),
    (
        frozenset({"yahoo.com", "ymail.com", "rocketmail.com", "aol.com"})
        | frozenset(f"yahoo.{end}" for end in "de fr it es ca in co.uk co.in co.jp com.br com.mx com.au".split()),
        frozenset({"yahoo.com", "aol.com", "yahoo.co.jp"}),
    ),
    (
        frozenset({"outlook.com", "hotmail.com", "live.com", "msn.com", "passport.com"})
        | frozenset(f"{name}.{end}" for name in ("outlook", "hotmail", "live") for end in "de fr it es co.uk".split()),
        frozenset({"outlook.com", "office365.com", "office.com", "hotmail.com", "live.com"}),
    ),
    (frozenset({"icloud.com", "me.com", "mac.com"}), frozenset({"me.com", "icloud.com"})),
    (
        frozenset({"gmx.de", "gmx.net", "gmx.com", "gmx.at", "gmx.ch", "web.de"}),
        frozenset({"gmx.net", "gmx.com", "web.de"}),
    ),
    (frozenset({"proton.me", "protonmail.com", "pm.me"}), frozenset({"protonmail.ch", "proton.me"})),
    (frozenset({"mail.ru", "bk.ru", "inbox.ru", "list.ru"}), frozenset({"mail.ru"})),
    (frozenset({"yandex.ru", "yandex.com", "ya.ru"}), frozenset({"yandex.ru", "yandex.com", "yandex.net"})),
    (frozenset({"qq.com", "foxmail.com"}), frozenset({"qq.com"})),
    (frozenset({"163.com", "126.com", "yeah.net"}), frozenset({"163.com", "126.com", "yeah.net"})),
    (frozenset({"t-online.de", "magenta.de"}), frozenset({"t-online.de"})),
    (frozenset({"orange.fr", "wanadoo.fr"}), frozenset({"orange.fr"})),
    (frozenset({"uol.com.br", "bol.com.br"}), frozenset({"uol.com.br"})),
)
_NOBODYS = frozenset({"example", "test", "invalid", "localhost", "local", "internal"})
_NOBODYS_TOO = frozenset({"example.com", "example.net", "example.org"})
#: Under the two letters of a country, what is no organisation yet: shop.co.uk is one, co.uk is none.
_REGISTRIES = frozenset("ac co com edu gob gov go gv id ltd me mil ne net nom or org plc sch".split())
_NO_REPLY = re.compile(
    r"(do[._-]?)?not?[._-]?(reply|respond|answer)|(ne-?pas-?repondre|nao-?responda|no-?responder|nicht-?antworten)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """
    How a shop sends.

    Args:
        sender: the From address, with or without a name.
        server: the host that takes the mails; empty where nobody knows.
        is_local: the server is on this machine, as in development.
        has_provider: a server elsewhere took our log-in, so a provider sends for us, and may sign.
        reply_to: where answers go; empty: to the sender; ``None``: nobody said, so it is not judged.
        return_path: the domain to which mails come back; empty: the sender's address.
        is_signed: mails are signed here (DKIM).
        signed_by: the domain in whose name; empty: nobody knows.
    """

    sender: str
    server: str = ""
    is_local: bool = False
    has_provider: bool = False
    reply_to: str | None = None
    return_path: str = ""
    is_signed: bool = False
    signed_by: str = ""


def organisation(domain: str) -> str:
    """
    Return the organisational domain: ``shop.co.uk`` of ``mail.shop.co.uk``.

    By the usual shape of domains alone. The true answer is in the public suffix list, which is not part of the library.
    """
    labels = domain.lower().rstrip(".").split(".")
    is_registry = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _REGISTRIES
    return ".".join(labels[-3 if is_registry else -2 :])


def is_aligned(one: str, other: str) -> bool:
    """Tell whether two domains belong to one organisation: relaxed alignment (RFC 7489 section 3.1)."""
    return organisation(one) == organisation(other)


def sender_domain(sender: str) -> str:
    """Return the domain of a From address; empty if it is none."""
    try:
        return parse_address(sender).domain.lower()
    except AddressInvalid:
        return ""


def sender_findings(sending: Sending) -> Iterator[Finding]:
    """Yield what is to be said of the From address, the signature, the way back and the way to answer."""
    about = "Sender"
    try:
        sender = parse_address(sending.sender)
    except AddressInvalid as error:
        said = f"The sender is no mail address: {error}."
        advice = 'Write sender="Your shop <orders@your-domain>".'
        yield Finding(about=about, check="From", grade=Grade.WRONG, says=said, advice=advice)
        return
    for finding in (_from(sender, sending), _name(sender), _dkim(sender, sending), _return_path(sender, sending)):
        if finding is not None:
            yield finding
    if sending.reply_to is not None:
        yield _reply_to(sender, sending.reply_to)


def dns_findings(sending: Sending) -> Iterator[Finding]:
    """Yield which records decide, and were not asked for; none where the shop has no domain of its own."""
    try:
        sender = parse_address(sending.sender)
    except AddressInvalid:
        return
    if _from(sender, sending).grade is not Grade.WELL:
        return
    owner = organisation(sender.domain)
    for check, name, wanted in (
        ("SPF", sending.return_path or sender.domain, "v=spf1 … with whoever sends for you in it"),
        ("DKIM", f"<selector>._domainkey.{sending.signed_by or owner}", "v=DKIM1 …; who signs names the selector"),
        ("DMARC", f"_dmarc.{owner}", "v=DMARC1; p=none, or stricter"),
    ):
        about = "DNS (not asked from here; Gmail and Yahoo will ask)"
        yield Finding(about=about, check=check, grade=Grade.NOTE, says=f"dig +short TXT {name}", advice=wanted)


def _from(sender: Address, sending: Sending) -> Finding:
    domain = sender.domain.lower()
    grade, says, advice = Grade.WELL, sender.spec, ""
    relays = next((relays for domains, relays in FREEMAIL if domain in domains), None)
    if domain.startswith("[") or "." not in domain or domain.rpartition(".")[2] in _NOBODYS or domain in _NOBODYS_TOO:
        grade = Grade.WARNING if sending.is_local else Grade.WRONG
        says = f"{sender.spec}: nobody can own {domain}, so every mailbox provider refuses mail from it."
        advice = "Send from an address at a domain of your own before customers get mails."
    elif relays is not None and organisation(sending.server) in relays:
        grade = Grade.WARNING
        says = f"{sender.spec} is a private mailbox: its provider lets it send some hundred mails a day."
        advice = "Send from an address at a domain of your own."
    elif relays is not None:
        grade = Grade.WRONG
        says = f"{sender.spec} through {sending.server or 'another server'}: {domain} lets only its own servers send."
        advice = (
            "Gmail refuses such mail with 550 5.7.26 and Yahoo with 5.7.9. "
            f"Send from an address at a domain of your own, and answers can still go to {sender.spec} (Reply-To)."
        )
    return Finding(about="Sender", check="From", grade=grade, says=says, advice=advice)


def _name(sender: Address) -> Finding | None:
    if "@" in sender.name:
        says, advice = "The sender's name holds an @: providers take that for a trick.", "Write the shop's name there."
    elif not sender.name:
        says, advice = (
            "The sender has no name.",
            f'Write sender="Your shop <{sender.spec}>", so that customers know you.',
        )
    else:
        return None
    return Finding(about="Sender", check="name", grade=Grade.WARNING, says=says, advice=advice)


def _dkim(sender: Address, sending: Sending) -> Finding | None:
    if any(sender.domain.lower() in domains for domains, _ in FREEMAIL):
        return None
    owner, advice = organisation(sender.domain), ""
    if not sending.is_signed:
        grade = Grade.NOTE if sending.has_provider else Grade.WARNING
        says = "Mails are not signed here. Gmail and Yahoo want that from whoever sends 5,000 a day."
        who = "your provider" if sending.has_provider else "your server"
        advice = (
            f"If {who} signs for {owner}, all is well: Authentication-Results of a test mail say "
            f"dkim=pass header.d={owner}. Else switch it on there."
        )
    elif not sending.signed_by:
        grade, says = Grade.NOTE, "Mails are signed here; for which domain is not to be seen."
        advice = f"It has to be {owner}: Authentication-Results of a test mail should say dkim=pass header.d={owner}."
    elif is_aligned(sending.signed_by, sender.domain):
        grade, says = Grade.WELL, f"Mails are signed for {sending.signed_by}."
    else:
        grade = Grade.WRONG
        says = f"Mails are signed for {sending.signed_by}, which is not the organisation of {sender.domain}."
        advice = f"DMARC counts only a signature of {owner}: sign with its key."
    return Finding(about="Sender", check="DKIM", grade=grade, says=says, advice=advice)


def _return_path(sender: Address, sending: Sending) -> Finding:
    grade, advice = Grade.WELL, ""
    if not sending.return_path:
        grade = Grade.NOTE
        says = "What cannot be delivered comes back to the From address, where a person has to read it."
        advice = "With Email(…, return_path=ReturnPath(…)) the library reads it and tries the next channel."
    elif is_aligned(sending.return_path, sender.domain):
        says = f"Mails come back to {sending.return_path}, which is aligned with {sender.domain}."
    else:
        is_signed = bool(sending.signed_by) and is_aligned(sending.signed_by, sender.domain)
        grade = Grade.WARNING if is_signed else Grade.WRONG
        says = f"Mails come back to {sending.return_path}, which is not the organisation of {sender.domain}."
        advice = f"SPF counts for DMARC only if they are: use a domain like bounces.{organisation(sender.domain)}."
    return Finding(about="Sender", check="return path", grade=grade, says=says, advice=advice)


def _reply_to(sender: Address, reply_to: str) -> Finding:
    grade, advice = Grade.WARNING, 'Name a mailbox that a person reads: Shop(reply_to="help@your-domain").'
    try:
        answers = parse_address(reply_to) if reply_to else sender
    except AddressInvalid as error:
        grade, says = Grade.WRONG, f"Reply-To is no mail address: {error}."
    else:
        if _NO_REPLY.match(answers.local):
            says = f"A customer who answers writes to {answers.spec}, where nobody reads."
        elif not reply_to:
            says = f"No Reply-To: a customer who answers writes to {answers.spec}. Does a person read that?"
        else:
            grade, says, advice = Grade.WELL, f"Answers go to {answers.spec}.", ""
    return Finding(about="Sender", check="Reply-To", grade=grade, says=says, advice=advice)
