"""
The choice that a customer is given when a date cannot be kept: to wait, or to cancel.

Nothing of it is stored: it is derived from the order's facts and from what was really sent.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Silence(StrEnum):
    """What it means that the customer does not answer."""

    #: They agree to wait until the date that they were told.
    CONSENT = "consent"
    #: The order is cancelled, and what was paid goes back.
    CANCELLED = "cancelled"


class OptionState(StrEnum):
    """How an option stands."""

    #: It was not sent, or it came back: nobody was offered anything.
    UNSENT = "unsent"
    #: It was sent when its time was over.
    LATE = "late"
    OPEN = "open"
    #: The customer wants to wait.
    AGREED = "agreed"
    #: The customer did not answer, which the law reads as a yes.
    CONSENTED = "consented"
    #: The customer wants to cancel.
    REFUSED = "refused"
    #: A newer one took its place before there was an answer.
    REPLACED = "replaced"
    #: The goods were handed over before there was an answer.
    SHIPPED = "shipped"
    #: The shop called the order off before there was an answer.
    CANCELLED = "cancelled"
    #: Nobody agreed in time: the order is to be cancelled, and the money to go back.
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayOption:
    """
    One offer to wait or to cancel, and what became of it.
    """

    order_id: str
    #: By which notice it was offered; both empty where nothing was offered although the law asked for it.
    notice: str = ""
    occasion: str = ""
    #: The id of the message by which it was told first.
    message: str = ""
    #: 0 for the first, *n* for its *n*-th renewal.
    renewal: int = 0
    #: Which case of the law it is, ``A`` to ``F`` (``docs/law.md``); empty where no law counts them.
    case: str = ""
    #: The day or instant by which it is to ship now; ``None``: not known.
    revised: date | datetime | None = None
    #: When it was sent, and not when it was queued; ``None``: it was not, or it came back.
    offered_at: datetime | None = None
    #: What silence means; ``None`` where the law knows no such thing.
    silence: Silence | None = None
    #: Until when silence is waited out.
    until: datetime | None = None
    #: ``wait`` or ``cancel``, as the customer decided.
    answer: str | None = None
    answered_at: datetime | None = None
    state: OptionState = OptionState.UNSENT
    #: The order is to be cancelled since then …
    ended_at: datetime | None = None
    #: … and what was paid is back by the end of this day.
    refund_by: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalClock:
    """
    Where an order stands under a law that binds its seller to ship in time, or to ask.
    """

    #: By when it was to ship first: the day that was told, else the law's own.
    ship_by: date | datetime
    #: Nobody told the customer that day.
    is_implied: bool
    #: Until then it has shipped, or the customer was asked, or has agreed; ``None``: they agreed to any delay.
    deadline: datetime | None
    options: tuple[DelayOption, ...] = ()
    #: The option after which the order is to be cancelled and refunded; ``None`` while it is not.
    must_cancel: DelayOption | None = None

    @property
    def is_offered(self) -> bool:
        """The customer was given the choice."""
        return any(each.offered_at is not None for each in self.options)

    @property
    def open_option(self) -> DelayOption | None:
        """The newest offer, while it has not been answered."""
        return next((each for each in reversed(self.options) if each.state is OptionState.OPEN), None)

    def option(self, notice: str, occasion: str) -> DelayOption | None:
        """Return what this notice offers, or offered."""
        return next((each for each in self.options if (each.notice, each.occasion) == (notice, occasion)), None)
