"""
Text messages.
"""

import re
from collections.abc import Collection, Iterator, Mapping

from .._content.segments import cut, fitted, segments
from .._content.texts import one_line
from .._policy.pace import Pace
from .._policy.quiet_hours import Territory
from ..domain.customers import Customer, Shop
from ..domain.messages import SmsMessage
from ..domain.orders import Order
from ..errors import UsageError
from ..ports import Transport
from .channel import Channel
from .phone_numbers import Number, country_of, read, zones_of

#: Twilio takes 1,600 characters at most (error 21617), which are ten parts of GSM 03.38 and a little more.
_MOST_PARTS = 10
_BRAND_LIMIT = 40
_BLANK_LINES = re.compile(r"\n\s*\n")
_SENDER = re.compile(r"[^\x00-\x1f\x7f]{1,64}")
_COUNTRY = re.compile(r"[A-Za-z]{2}")


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
        pace: how fast it may send, all workers together; ``None``: as fast as the provider takes it.

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
    ) -> None:
        super().__init__(
            "sms", message=SmsMessage, transport=transport, address=_read_abroad, pace=pace, is_repeatable=False
        )
        self.sender = sender.strip()
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

    def _allows(self, number: Number, shop: Shop) -> bool:
        allowed = self.countries
        if allowed is None:
            home = shop.country or country_of(self.sender)
            return home is None or number.country == home.strip().upper()
        return number.country in allowed

    # -- what is said -------------------------------------------------------------------------------------------------

    def finished(self, parts: Mapping[str, str], *, shop: Shop) -> Mapping[str, str]:
        return {**parts, "text": self.text(parts["text"], shop=shop)}

    def extra(self, *, shop: Shop, customer: Customer) -> Mapping[str, object]:
        return {"sender": self.sender}

    def text(self, rendered: str, *, shop: Shop) -> str:
        """Return a rendered text as it is sent: the shop's name, a line for each paragraph, in its cheapest letters."""
        return cut(self._whole(rendered, shop), self.most_parts)

    def flaws(self, notice: str, parts: Mapping[str, str], *, shop: Shop) -> Iterator[str]:
        budget, cost = self.budgets.get(notice, self.budget), segments(self._whole(parts["text"], shop))
        if cost.parts > budget:
            units = "septets" if cost.encoding == "GSM-7" else "UTF-16 units"
            yield (
                f"text takes {cost.parts} parts ({cost.units} {units} in {cost.encoding}), "
                f"{cost.parts - budget} more than its budget of {budget}"
            )

    def _whole(self, rendered: str, shop: Shop) -> str:
        paragraphs = [" ".join(each.split()) for each in _BLANK_LINES.split(rendered)]
        said = "\n".join(each for each in paragraphs if each)
        brand = one_line(shop.name, limit=_BRAND_LIMIT)
        if not said.casefold().startswith(brand.casefold()):
            said = f"{brand}: {said}"
        return fitted(said, keep_accents=self.keep_accents)


def _read_abroad(customer: Customer) -> str | None:
    """Without an order: the number, if it has its country code."""
    number = read(customer.phone) if customer.sms_consent else None
    return number.e164 if number is not None else None
