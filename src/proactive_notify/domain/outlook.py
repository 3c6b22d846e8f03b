"""
What a customer hears next of an order, and when, if nobody records anything before.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from .customers import Customer
from .promises import OpenedPromise

#: Whoever runs what is due once a minute is not late.
_LATE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """
    What follows when the next promise of an order breaks, as the planner says today.

    :attr:`notice`, :attr:`channel` and :attr:`subject` are empty where the customer is told nothing: then
    :attr:`rule` says why.
    """

    order_id: str
    customer: Customer = field(repr=False)
    #: The customer's, in which the days of promises end.
    zone: tzinfo
    #: When it was asked.
    at: datetime
    #: The one that breaks next.
    promise: OpenedPromise
    #: When it breaks: the staff, the customer or both hear then.
    speaks_at: datetime
    notice: str = ""
    channel: str = ""
    #: Of a text message its beginning.
    subject: str = ""
    #: When the message may leave, where that is later than :attr:`speaks_at`: quiet hours, another mail that day.
    leaves_at: datetime | None = None
    #: The day that the message will name for the word after it.
    next_word: date | None = None
    #: Why the customer is told nothing, or later.
    rule: str = ""
    #: What the staff are told when it breaks, a sentence each.
    staff: tuple[str, ...] = ()
    #: Types of events that answer the promise, each with the fields that matter.
    record: tuple[str, ...] = ()

    @property
    def left(self) -> timedelta:
        """How long until it breaks; negative where that moment has passed."""
        return self.speaks_at - self.at

    @property
    def is_overdue(self) -> bool:
        """It should have been looked at more than a minute ago, and was not: no worker runs."""
        return self.left < -_LATE
