"""
How many messages may go where: against fraud with dear numbers, and against mistakes that cost money.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ..errors import UsageError

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
#: What is over a cap is asked again after this part of its window at the earliest, or a long row of waiting messages
#: would be asked again each time that one of them leaves.
_PATIENCE = 12

#: What is counted together: one number, all numbers that begin alike, or all that the channel sends.
Scope = Literal["number", "prefix", "channel"]

_COUNTS: Mapping[str, tuple[Scope, timedelta]] = {
    "number_per_hour": ("number", _HOUR),
    "number_per_day": ("number", _DAY),
    "prefix_per_hour": ("prefix", _HOUR),
    "prefix_per_day": ("prefix", _DAY),
    "per_hour": ("channel", _HOUR),
    "per_day": ("channel", _DAY),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """At most ``most`` in any ``window``. ``name`` is what a decision calls it."""

    name: str
    scope: Scope
    most: int
    window: timedelta

    @property
    def patience(self) -> timedelta:
        """How long what is over it is left alone at least."""
        return self.window / _PATIENCE

    def room_at(self, oldest: datetime, now: datetime) -> datetime | None:
        """
        Return when the next one may leave; ``None``: now.

        Args:
            oldest: when the first of the last ``most`` left.
        """
        room_at = oldest + self.window
        return max(room_at, now + self.patience) if room_at > now else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """
    How many messages may leave in any hour and in any 24 hours; ``None``: as many as there are.

    Each try to send counts, all workers together. What is over a cap goes by the notice's next channel; where there is
    none it waits for room. No notice is lost to a cap.

    A prefix is the calling code and the next four digits: about what an area or an operator has. Fraud with text
    messages ("SMS pumping") goes to the numbers of one operator, who shares what they bring in (Twilio, *Preventing
    Fraud in Programmable Messaging*).

    The defaults are a small shop's. One order makes three texts on its worst day, so a number has room for three
    orders. A thousand a day is what T-Mobile takes of the smallest sender that is registered in the United States (a
    sole proprietor); who sends more has registered for it, and can say so here.

    Raises:
        UsageError: a number is less than one.
    """

    number_per_hour: int | None = 5
    number_per_day: int | None = 10
    prefix_per_hour: int | None = 30
    prefix_per_day: int | None = 100
    per_hour: int | None = 300
    per_day: int | None = 1000

    def __post_init__(self) -> None:
        if any(most < 1 for _, most in self._given()):
            raise UsageError("a cap lets at least one message pass; write None for no cap")

    def __iter__(self) -> Iterator[Cap]:
        for name, most in self._given():
            scope, window = _COUNTS[name]
            yield Cap(name=name.replace("_", "-"), scope=scope, most=most, window=window)

    def _given(self) -> Iterator[tuple[str, int]]:
        return ((name, most) for name in _COUNTS if (most := getattr(self, name)) is not None)


#: As many as there are.
NO_CAPS = Caps(
    number_per_hour=None, number_per_day=None, prefix_per_hour=None, prefix_per_day=None, per_hour=None, per_day=None
)
