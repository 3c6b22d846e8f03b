"""
Which law an order is under: that of the place it goes to.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from . import eu, uk, us
from .rules import Rule

#: Every rule that there is.
RULES: tuple[Rule, ...] = (*us.RULES, *eu.RULES, *uk.RULES)
KEYS = frozenset(each.key for each in RULES)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)  # there is one for each place and choice of rules
class Law:
    """The rules of a place that a shop has not turned off."""

    #: ``us``, ``eu`` or ``uk``.
    place: str
    rules: tuple[Rule, ...]
    #: The keys of those rules.
    keys: frozenset[str]
    #: Silence may be consent there, or end an order.
    has_options: bool = False
    #: An order without a date arrives after so many days at most.
    delivery_days: int | None = None
    #: The day on which an order was to be refunded → the last one on which it may be; ``None``: the law sets none.
    refund_day: Callable[[date], date] | None = None


def law_of(country: str | None, *, without: Collection[str] = frozenset()) -> Law | None:
    """
    Return the law of a country, ISO 3166-1 alpha-2 in whatever capitals; ``None``: none that is known here.

    Args:
        without: keys of rules that are turned off.
    """
    return _law_of(country.strip().upper() if country else "", frozenset(without))


@lru_cache(maxsize=512)
def _law_of(country: str, without: frozenset[str]) -> Law | None:
    if country in us.COUNTRIES:
        rules, keys = _left(us.RULES, without)
        refund_day = us.refund_day if us.REFUND in keys else None
        has_options = {us.SHIP_IN_TIME, us.OFFER} <= keys
        return Law(place="us", rules=rules, keys=keys, has_options=has_options, refund_day=refund_day)
    for place, module in (("eu", eu), ("uk", uk)):
        if country in module.COUNTRIES:
            rules, keys = _left(module.RULES, without)
            return Law(
                place=place,
                rules=rules,
                keys=keys,
                delivery_days=module.DELIVERY_DAYS if module.DELIVERY in keys else None,
                refund_day=_days_after(module.REFUND_DAYS) if module.REFUND in keys else None,
            )
    return None


def _days_after(days: int) -> Callable[[date], date]:
    return lambda since: since + timedelta(days=days)


def _left(rules: tuple[Rule, ...], without: frozenset[str]) -> tuple[tuple[Rule, ...], frozenset[str]]:
    left = tuple(each for each in rules if each.key not in without)
    return left, frozenset(each.key for each in left)
