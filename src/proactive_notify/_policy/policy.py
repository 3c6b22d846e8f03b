"""
What a shop promises itself: how long silence may last, and who hears when it does.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any, Literal, Self

from ..errors import UsageError
from .law.laws import KEYS
from .quiet_hours import QuietHours
from .retry import Retry


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """
    The numbers of a shop. The defaults are the policy ``small-shop``.

    Counts of days are business days where the name says so. A *word* is any message that was really sent.

    Raises:
        UsageError: ``without_rules`` names a rule that does not exist.
    """

    #: Business days of silence while nothing is shipped and no date was told.
    news_without_date: int = 2
    #: Business days of silence while a told date is still ahead, or all is shipped.
    news_with_date: int = 5
    #: Business days of silence once the date has passed …
    news_past_date: int = 3
    #: … so many times; then the customer is offered the choice and it is :attr:`news_with_date`.
    news_past_date_times: int = 2
    #: Whose money was taken while nothing is handed over waits half of it for the first word, rounded up to whole
    #: business days; after that the usual time, or the same words would come day after day.
    halve_when_charged: bool = True
    #: Who had to ask, or whose order before went wrong, waits so many business days at most; the staff are asked after
    #: a third of it.
    news_watched: int = 3
    #: How long after ``ship_by`` we stay quiet.
    ship_grace: timedelta = timedelta(hours=4)
    #: Tell a delay before ``ship_by`` passes, everywhere. Where the law wants it (16 CFR 435.2(b)(1), United States) it
    #: is done in any case.
    speak_before_ship_by: bool = False
    #: Keys of rules of the law that do not count (``docs/law.md``).
    without_rules: Collection[str] = frozenset()
    #: When the customer hears on the day after ``deliver_by``, local time.
    late_at: time = time(10)
    #: Business days from the label to the carrier's first scan; the staff are asked after half of them.
    scan_within: int = 4
    #: Business days between scans, inside the shop's country and beyond it.
    move_within_domestic: int = 3
    move_within_international: int = 5
    #: Business days after the customer heard that nothing moves, until they hear that it still does not.
    still_after: int = 2
    #: Business days until the staff hear that the carrier does not know a parcel's number; the customer hears of it
    #: when the days between scans have passed.
    unknown_number_after: int = 1
    #: Business days until a person answers.
    answer_within: int = 1
    #: Business days until money is back (16 CFR 435.1(b): seven working days); the staff are asked two days before.
    refund_within: int = 7
    #: Messages that the clock causes go out between these, local time, on any day.
    opens: time = time(9)
    closes: time = time(18)
    #: Silence ends with the resolution so long after the last told date.
    close_after: timedelta = timedelta(days=30)
    #: An order without any date is expected so many days after it was placed (2011/83/EU, article 18(1)).
    implied_days: int = 30
    #: Facts older than this on arrival are recorded and not told.
    too_old: timedelta = timedelta(days=7)
    #: What the shop offers when an order fails; said to customers only if it is set.
    resolution: Literal["refund", "replacement"] | None = None
    #: Days that are no business days beside Saturdays and Sundays.
    holidays: Collection[date] = frozenset()
    #: Notice → how long after its cause it is still of use, instead of the notice's own.
    expires: Mapping[str, timedelta] = field(default_factory=dict)
    retry: Retry = Retry()
    #: Channel → when it must not wake anybody. A channel that is not named is never quiet, and email never is.
    quiet_hours: Mapping[str, QuietHours] = field(default_factory=lambda: {"sms": QuietHours()})

    def __post_init__(self) -> None:
        unknown = sorted(set(self.without_rules) - KEYS)
        if unknown:
            raise UsageError(f"there is no rule {unknown[0]!r} in without_rules; there are {', '.join(sorted(KEYS))}")

    @classmethod
    def named(cls, name: str) -> Self:
        """
        Return a policy by its name: ``small-shop``, ``big-retailer`` or ``quiet``.

        Raises:
            UsageError: there is no policy of this name.
        """
        numbers = _POLICIES.get(name)
        if numbers is None:
            raise UsageError(f"there is no policy {name!r}; there are {', '.join(_POLICIES)}")
        return cls(**numbers)


_POLICIES: Mapping[str, dict[str, Any]] = {
    "small-shop": {},
    "big-retailer": {"news_without_date": 1, "news_with_date": 3, "news_past_date": 2, "scan_within": 2},
    "quiet": {"news_without_date": 5, "news_with_date": 10, "news_past_date": 5, "news_past_date_times": 1},
}
