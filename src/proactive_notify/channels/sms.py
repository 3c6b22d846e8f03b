"""
Text messages.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal

from .._content.segments import cut, fitted, segments
from .._content.texts import one_line
from .._policy.caps import Caps
from .._policy.pace import Pace
from .._policy.quiet_hours import Territory
from ..domain.customers import Customer, Shop
from ..domain.messages import Message, SmsMessage
from ..domain.orders import Order
from ..errors import UsageError
from ..ports import Transport
from .channel import Channel
from .phone_numbers import Number, country_of, prefix_of, read, zones_of

#: Twilio takes 1,600 characters at most (error 21617), which are ten parts of GSM 03.38 and a little more.
_MOST_PARTS = 10
_BRAND_LIMIT = 40
_BLANK_LINES = re.compile(r"\n\s*\n")
_SENDER = re.compile(r"[^\x00-\x1f\x7f]{1,64}")
_COUNTRY = re.compile(r"[A-Za-z]{2}")
#: A name of at most 11 letters and digits (3GPP TS 23.040, 9.1.2.5), which nobody can answer.
_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 &._+-]{1,11}")
#: Where carriers ask for "Msg&data rates may apply" (CTIA): the United States and its territories.
_RATES_APPLY = frozenset({"US", "AS", "GU", "MP", "PR", "VI"})


class Sms(Channel):
    """
    Text messages on a transport, to customers who agreed to them (``Customer.sms_consent``).

    The shop's name leads every text. What looks like a character of GSM 03.38 is swapped for it, so that no curly quote
    makes the text twice as dear; accents are left out where that saves a part.

    A number is read in E.164, or as people write it in the country to which the order goes, else in the shop's. One
    that cannot receive texts, or is of a country that is not allowed, is no address: the notice goes by its next
    channel.

    Args:
        sender: a number in E.164, a messaging service or a name, whatever the transport sends from.
        countries: ISO 3166-1 alpha-2 codes of the countries whose numbers may be texted, against fraud with dear
            numbers. ``None``: the shop's country; where that is not known the sender's, where it is a number; else all.
        parts: the most parts that a text of a notice's sample may take; ``proactive-notify check`` tells longer ones.
        parts_of: the same for single notices, by their key.
        most_parts: the most parts that are ever sent, at most 10: what is longer, because an order has long words, is
            cut.
        keep_accents: leave out no accent, whatever it costs.
        pace: how fast it may send, all workers together, counted in parts; ``None``: as fast as the provider takes it.
            ``Pace.of_sender("toll-free")`` knows what Twilio's senders may.
        caps: how many texts may leave.
        price_per_part: what a part costs, in whatever currency the shop counts; a replay adds it up.

    Raises:
        UsageError: the sender is blank, a country is no country's code, or a number of parts is none.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        sender: str,
        countries: Collection[str] | None = None,
        parts: int = 2,
        parts_of: Mapping[str, int] | None = None,
        most_parts: int = 6,
        keep_accents: bool = False,
        pace: Pace | None = None,
        caps: Caps | None = None,
        price_per_part: Decimal | None = None,
    ) -> None:
        super().__init__(
            "sms",
            message=SmsMessage,
            transport=transport,
            address=_read_abroad,
            pace=pace,
            is_repeatable=False,
            caps=caps or Caps(),
        )
        self.sender, self.price_per_part = sender.strip(), price_per_part
        self.budgets: Mapping[str, int] = dict(parts_of or {})
        self.budget, self.most_parts, self.keep_accents = parts, most_parts, keep_accents
        if not _SENDER.fullmatch(self.sender):
            raise UsageError("an sms needs a sender: a number in E.164, a messaging service or a name")
        if isinstance(countries, str) or not all(_COUNTRY.fullmatch(each) for each in countries or ()):
            raise UsageError('countries are codes of two letters in a list, like ["US", "CA"]')
        if not 1 <= most_parts <= _MOST_PARTS:
            raise UsageError(f"most_parts is a number from 1 to {_MOST_PARTS}")
        if not all(1 <= each <= most_parts for each in (parts, *self.budgets.values())):
            raise UsageError(f"a text has from 1 to {most_parts} parts")
        self.countries = None if countries is None else frozenset(each.upper() for each in countries)

    # -- who is reached -----------------------------------------------------------------------------------------------

    def address_of(self, order: Order, *, shop: Shop) -> str | None:
        """Return the customer's number in E.164; ``None`` without consent, and for one that must not be texted."""
        customer, place = order.customer, order.destination
        if not customer.sms_consent or not customer.phone:
            return None
        home = place.country if place is not None and place.country else shop.country
        number = read(customer.phone, country=home)
        return number.e164 if number is not None and self._allows(number, shop) else None

    def territory(self, address: str) -> Territory:
        return Territory(country=country_of(address), zones=zones_of(address))

    def home(self, shop: Shop) -> str | None:
        """Return whose numbers are texted where no ``countries`` are named; ``None``: those of all countries."""
        home = (shop.country or country_of(self.sender) or "").strip()
        return home.upper() or None

    def prefix(self, address: str) -> str:
        return prefix_of(address)

    @property
    def is_answered(self) -> bool:
        """Whether a customer can answer, and so write STOP; not where the sender is a name."""
        return not _NAME.fullmatch(self.sender)

    def _allows(self, number: Number, shop: Shop) -> bool:
        allowed = self.countries
        if allowed is None:
            home = self.home(shop)
            return home is None or number.country == home
        return number.country in allowed

    # -- what is said -------------------------------------------------------------------------------------------------

    def finished(self, parts: Mapping[str, str], *, shop: Shop) -> Mapping[str, str]:
        return {**parts, "text": self.text(parts["text"], shop=shop, introduction=parts.get("introduction", ""))}

    def extra(self, *, shop: Shop, customer: Customer) -> Mapping[str, object]:
        return {"sender": self.sender}

    def cost(self, message: Message) -> int:
        return segments(message.text).parts if isinstance(message, SmsMessage) else 1

    def introduction(self, address: str | None) -> Mapping[str, object]:
        rates_apply = address is None or country_of(address) in _RATES_APPLY
        return {"is_answered": self.is_answered, "rates_apply": rates_apply}

    def text(self, rendered: str, *, shop: Shop, introduction: str = "") -> str:
        """
        Return a rendered text as it is sent: the shop's name, a line for each paragraph, in its cheapest letters.

        Args:
            introduction: stands last and is never cut; the text may have one part more.
        """
        tail = f"\n{' '.join(introduction.split())}" if introduction.strip() else ""
        most = min(self.most_parts + 1, _MOST_PARTS) if tail else self.most_parts
        whole = fitted(self._whole(rendered, shop) + tail, keep_accents=self.keep_accents)
        if segments(whole).parts <= most:
            return whole
        return cut(
            fitted(self._whole(rendered, shop), keep_accents=self.keep_accents),
            most,
            tail=fitted(tail, keep_accents=self.keep_accents),
        )

    def flaws(self, notice: str, parts: Mapping[str, str], *, shop: Shop) -> Iterator[str]:
        budget = self.budgets.get(notice, self.budget)
        text = fitted(self._whole(parts["text"], shop), keep_accents=self.keep_accents)
        yield from _too_long("text", text, budget)
        if parts.get("introduction") and segments(text).parts <= budget:
            first = self._whole(f"{parts['text']}\n\n{parts['introduction']}", shop)
            yield from _too_long("the first text", fitted(first, keep_accents=self.keep_accents), budget + 1)

    def _whole(self, rendered: str, shop: Shop) -> str:
        paragraphs = [" ".join(each.split()) for each in _BLANK_LINES.split(rendered)]
        said = "\n".join(each for each in paragraphs if each)
        brand = one_line(shop.name, limit=_BRAND_LIMIT)
        if not said.casefold().startswith(brand.casefold()):
            said = f"{brand}: {said}"
        return said


def _too_long(what: str, text: str, budget: int) -> Iterator[str]:
    cost = segments(text)
    if cost.parts > budget:
        units = "septets" if cost.encoding == "GSM-7" else "UTF-16 units"
        yield (
            f"{what} takes {cost.parts} parts ({cost.units} {units} in {cost.encoding}), "
            f"{cost.parts - budget} more than its budget of {budget}"
        )


def _read_abroad(customer: Customer) -> str | None:
    """Without an order: the number, if it has its country code."""
    number = read(customer.phone) if customer.sms_consent else None
    return number.e164 if number is not None else None
