"""
When a message would wake somebody: not at night in the customer's own zone, and not when the law says so.

It is asked by the gate. Email is never held, since it wakes nobody; nor is what is urgent. What may not wait, because a
legal deadline would pass or it would be of no use any more, goes by another channel now.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..domain.notices import Notice
from ..domain.orders import Order
from ..errors import UsageError
from .law.sms_hours import sms_hours
from .law.us_states import STATES, state_code
from .open_hours import OpenHours, all_day_but, next_open
from .zones import ZonesOfCountry, zone_named

if TYPE_CHECKING:
    from .cases import Rulebook

#: The channel that is never held.
_WAKES_NOBODY = "email"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """
    A channel is quiet from ``begins`` until ``ends``, every day, in the customer's own zone.

    The zone is the customer's, else the destination's, else what the number's prefix says, else the shop's. Where that
    leaves several, it is quiet as long as it is quiet in one of them.

    Args:
        begins: local time, 21:00 if left out.
        ends: local time, 8:00 if left out; earlier than ``begins``: on the next day.
        law: keep also the hours that the law of the customer's country and state sets for texts.
        urgent: a notice of this severity or more passes at any hour. Of the shipped ones only ``order-received`` does,
            which no timing rule holds back, and ``order-status``, whose customer has just written.

    Raises:
        UsageError: it would be quiet all day.
    """

    begins: time = time(21)
    ends: time = time(8)
    law: bool = field(default=True, kw_only=True)
    urgent: int = field(default=95, kw_only=True)

    def __post_init__(self) -> None:
        if self.begins == self.ends:
            raise UsageError("quiet hours that end when they begin leave no hour to send; give them two times")
        if any(each.tzinfo is not None or each.second or each.microsecond for each in (self.begins, self.ends)):
            raise UsageError("quiet hours are local times of day in whole minutes, without a zone")

    @property
    def open_hours(self) -> OpenHours:
        """The hours that are left."""
        return all_day_but(self.begins, self.ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Territory:
    """What an address tells about where somebody is: a country, as ISO 3166-1 alpha-2, and IANA names of zones."""

    country: str | None = None
    zones: tuple[str, ...] = ()


def quiet_until(
    channel: str, notice: Notice[Any], order: Order, now: datetime, rules: "Rulebook", *, address: str = ""
) -> datetime | None:
    """
    Return when a message may leave at the earliest, aware UTC; ``None``: now.

    Args:
        address: of the message; its number is asked where customer and destination do not say enough.
    """
    quiet = rules.policy.quiet_hours.get(channel)
    if quiet is None or channel == _WAKES_NOBODY or notice.severity >= quiet.urgent:
        return None
    locate = rules.territories.get(channel)
    territory = locate(address) if locate is not None and address else Territory()
    zones = zones_around(
        order, territory, shops=rules.shop.time_zone, zones_of_country=rules.zones_of_country, year=now.year
    )
    opens = next_open(now, zones=zones, windows=[quiet.open_hours, *(_law(order, territory) if quiet.law else ())])
    return opens if opens > now else None


def zones_around(
    order: Order, number: Territory, *, shops: str, zones_of_country: ZonesOfCountry, year: int
) -> tuple[tzinfo, ...]:
    """
    Return the zones in one of which the customer is: the customer's own, the destination's, the number's, the shop's.

    Args:
        shops: the name of the shop's zone.
        year: zones that show the same time in it and in the next one count as one.
    """
    place = order.destination
    names: Sequence[str] = ()
    if place is not None and place.country:
        state = state_code(place.region) if place.country.strip().upper() == "US" else None
        names = STATES[state][1] if state else zones_of_country(place.country)
    for candidates in ((order.customer.time_zone or "",), names, number.zones, (shops,)):
        found = _apart(tuple(candidates), year)
        if found:
            return found
    return (UTC,)


def _law(order: Order, number: Territory) -> tuple[OpenHours, ...]:
    place = order.destination
    if place is not None and place.country:
        return tuple(each.hours for each in sms_hours(place.country, place.region))
    return tuple(each.hours for each in sms_hours(number.country))


@lru_cache(maxsize=512)
def _apart(names: tuple[str, ...], year: int) -> tuple[tzinfo, ...]:
    """The zones of these names; of those that show the same time in that year and the next only the first."""
    weeks = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(weeks=week) for week in range(104)]
    found: dict[tuple[object, ...], tzinfo] = {}
    for zone in map(zone_named, names):
        if zone is not None:
            found.setdefault(tuple(each.astimezone(zone).utcoffset() for each in weeks), zone)
    return tuple(found.values())
