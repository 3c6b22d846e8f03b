"""
Rules and receipts in words: why something was not told, not yet, or by another way.
"""

from collections.abc import Mapping

#: Rules without a part behind the colon.
_RULES: Mapping[str, str] = {
    "notify-false": "the shop recorded it with notify=false",
    "import": "it is an old order that was imported",
    "too-old": "it happened more than a week before it was recorded",
    "expired": "it came too late to be of use",
    "expired-uncertain": "nobody knows whether it was taken, and it is of no use any more",
    "no-longer-true": "it was no longer true",
    "unreachable": "no address of the customer is known for it",
    "no-address": "the customer has no such address any more",
    "suppressed": "the address must not be used: it was refused or unsubscribed before",
    "contradiction": "it contradicts what is known, and a person should look into it",
    "one-unforced-a-day": "one such mail a day is enough",
    "parcels-of-one-day": "parcels of one day are told together",
    "quiet-hours": "nobody is woken at night",
    "unknown-notice": "the shop's program knows no such notice any more",
    "unknown-channel": "the shop's program has no such channel any more",
    "cannot-render": "its template failed; the log says why",
    "not-taken": "the provider never had it",
    "paused": "the provider refused our credentials, and the channel rests",
    "circuit-open": "the provider is away, and the channel rests",
    "new-address": "the customer has a new address",
    "requeued": "somebody let it go again",
    "waits": "it waits for its time",
}
#: Rules whose second part says more: it follows in brackets.
_WITH_CODE: Mapping[str, str] = {
    "transient": "the provider asks to come back later",
    "uncertain": "nobody knows whether the provider took it",
    "refused": "the provider refused it",
    "over-cap": "there would be too many messages",
    "paused": _RULES["paused"],
    "bounced": "it came back",
    "rejected": "the provider dropped it",
    "complained": "the customer called it spam",
    "unsubscribed": "the customer wants no more on this channel",
}
_RECEIPTS: Mapping[str, str] = {
    "accepted": "the provider passes it on",
    "delivered": "delivered",
    "deferred": "the provider goes on trying",
    "bounced": "came back",
    "rejected": "dropped by the provider",
    "complained": "called spam by the customer",
    "unsubscribed": "answered with an unsubscription",
    "unknown": "the provider said something unknown",
}
#: Enhanced status codes (RFC 3463, section 3), by their class-less parts.
_CODES: Mapping[str, str] = {
    "1.1": "there is no such mailbox",
    "1.2": "there is no such domain",
    "1.10": "the domain takes no mail",
    "2.1": "the mailbox is closed",
    "2.2": "the mailbox is full",
    "4.7": "it was tried for too long",
    "7.1": "the receiver's rules forbid it",
}


def notice_name(key: str) -> str:
    """Return a notice as a reader sees it: its key without hyphens, in quotes."""
    return f"“{key.replace('-', ' ')}”"


def because(rule: str) -> str:
    """Return why, in words; a rule that is not known stays as it is."""
    first, colon, rest = rule.partition(":")
    if first == "said-by":
        return f"the message {notice_name(rest)} says it too"
    if first == "given-up":
        return f"it was given up: {because(rest)}"
    if first == "cannot-wait":
        return f"it could not wait: {because(rest)}"
    if first.startswith("instead-of-"):
        return f"not by {first.removeprefix('instead-of-')}: {because(rest)}"
    if first == "again":
        return f"it is tried again: {because(rest)}"
    if colon and first in _WITH_CODE:
        return f"{_WITH_CODE[first]}{_coded(rest)}"
    return _RULES.get(rule) or _WITH_CODE.get(rule) or rule


def receipt_words(receipt: str) -> str:
    """Return what a provider said of a message, in words and one after the other; its ids of other tries are not."""
    said = [each.partition(":") for each in receipt.split() if not each.startswith("again:")]
    return ", then ".join(f"{_RECEIPTS.get(first, first)}{_coded(code)}" for first, _, code in said)


def is_bad_receipt(receipt: str) -> bool:
    """Return whether the customer does not have the message, or did not want it."""
    return any(word in receipt for word in ("bounced", "rejected", "complained", "unsubscribed"))


def _coded(code: str) -> str:
    """A code in brackets, in words where it is a mail server's and means one thing."""
    if not code:
        return ""
    known = _CODES.get(code.partition(".")[2]) if code[:1] in "45" else None
    return f", {known} ({code})" if known else f" ({code})"
