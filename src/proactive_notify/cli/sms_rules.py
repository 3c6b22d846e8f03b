"""
What the doctor says of texts without sending one: whom they may reach, and how customers can have no more of them.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..domain.customers import Shop
from .findings import Finding, Grade

if TYPE_CHECKING:
    from ..channels import Sms

#: Where no name may send (Twilio, *Alphanumeric Sender ID*).
_NO_NAMES = ("CA", "US")


def sms_findings(channel: "Sms", shop: Shop) -> Iterator[Finding]:
    """Return what can be said of a channel for texts."""
    about = f"Texts of {channel.name}"
    yield _countries(channel, shop, about)
    yield from _ways_out(channel, shop, about)
    if channel.pace is None:
        says = "It sends as fast as it can; what is too fast waits in the provider's queue, or fails there."
        advice = 'Say what your sender may, for example Sms(pace=Pace.of_sender("toll-free")).'
        yield Finding(about=about, check="pace", grade=Grade.NOTE, says=says, advice=advice)


def _countries(channel: "Sms", shop: Shop, about: str) -> Finding:
    if channel.countries is not None:
        says = f"It texts numbers of {', '.join(sorted(channel.countries)) or 'no country'} only."
        return Finding(about=about, check="countries", grade=Grade.WELL, says=says)
    home = channel.home(shop)
    if home is None:
        return Finding(
            about=about,
            check="countries",
            grade=Grade.WARNING,
            says="It texts numbers of all countries: who enters dear numbers at your checkout makes you pay for them.",
            advice='Name the countries that you deliver to, Sms(countries=["DE"]), or your own, Shop(country="DE").',
        )
    says = f"It texts numbers of {home} only."
    return Finding(about=about, check="countries", grade=Grade.WELL, says=says)


def _ways_out(channel: "Sms", shop: Shop, about: str) -> Iterator[Finding]:
    if channel.is_answered:
        says = "Customers can answer STOP. Tell the library what they answer, or nothing of it is heard."
        yield Finding(about=about, check="opting out", grade=Grade.NOTE, says=says)
        return
    way = shop.reply_to or shop.phone
    if way is None:
        says = "The sender is a name, which nobody can answer: a customer who wants no more texts cannot say so."
        advice = "Say where: Shop(reply_to=…) or Shop(phone=…); the first text to each number tells it."
        yield Finding(about=about, check="opting out", grade=Grade.WRONG, says=says, advice=advice)
    else:
        by = "by mail" if shop.reply_to else "by phone"
        says = f"The sender is a name, which nobody can answer; customers are told to say {by} that they want no more."
        advice = "Record what they say there: CustomerUpdated(sms_consent=False)."
        yield Finding(about=about, check="opting out", grade=Grade.NOTE, says=says, advice=advice)
    reached = channel.countries if channel.countries is not None else {channel.home(shop)}
    if unreachable := [country for country in _NO_NAMES if country in reached]:
        says = f"A name cannot send to {' and '.join(unreachable)}: carriers there take texts of numbers only."
        advice = "Send from a number that is registered there, or from a messaging service that has one."
        yield Finding(about=about, check="sender", grade=Grade.WRONG, says=says, advice=advice)
