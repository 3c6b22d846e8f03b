"""
A kind of thing to tell a customer. The shipped notices subclass :class:`Notice`, and so do yours.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import UnionType
from typing import Any, ClassVar, Generic, TypeVar, Union, get_args, get_origin

from ..errors import NoticeInvalid
from .customers import Shop
from .dates import last_day
from .event import Event
from .events import PromiseAtRisk, PromiseBroken
from .options import DelayOption, LegalClock
from .orders import Order
from .parcels import Parcel
from .promises import OpenedPromise, PromiseKind
from .samples import sample_order

EventT = TypeVar("EventT", bound=Event)
#: Promises about one parcel; that without a name is meant where they name none.
_OF_A_PARCEL = frozenset({PromiseKind.SCAN_BY, PromiseKind.MOVE_BY, PromiseKind.COLLECT_BY})
_KEY = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")


class NoticeState(StrEnum):
    """Where the intent to tell stands."""

    OPEN = "open"
    TOLD = "told"
    DROPPED = "dropped"


class all_of(tuple[str, ...]):  # noqa: N801  it reads as a word in a declaration: channels = all_of("email", "sms")
    """Tell on every one of these channels that can reach the customer, not only on the first."""

    __slots__ = ()

    def __new__(cls, *channels: str) -> "all_of":
        return super().__new__(cls, channels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A notice that the order has had so far: told, or about to be."""

    notice: str
    occasion: str
    state: NoticeState
    #: When it was told, or queued where it has not been told.
    at: datetime
    #: The key of the event that caused it.
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What a notice may know beside its event and its order."""

    now: datetime
    shop: Shop
    #: The order's zone: the customer's, else the destination's, else the shop's.
    zone: Any
    tellings: tuple[Telling, ...] = ()
    #: From then on silence ends with the resolution.
    closes_at: datetime | None = None
    #: The customer is offered to wait or to cancel.
    offers_choice: bool = False
    #: What the shop offers when an order fails: ``refund``, ``replacement`` or nothing.
    resolution: str | None = None
    #: The day by which the customer hears again; the stored promise.
    next_word: date | None = None
    #: What the order was promised so far.
    promises: tuple[OpenedPromise, ...] = ()
    #: Where the order stands under a law that lets the customer choose; ``None``: there is none.
    clock: LegalClock | None = None

    @property
    def must_cancel(self) -> DelayOption | None:
        """The option after which the law calls the order off; ``None`` while it does not."""
        return self.clock.must_cancel if self.clock is not None else None

    def promised(self, kind: PromiseKind) -> date | None:
        """Return the day by which the open promise of this kind is due; the last of several."""
        due = max((each.due_at for each in self.promises if each.kind is kind and each.is_open), default=None)
        return last_day(due, self.zone) if due is not None else None

    def told(self, *notices: str) -> tuple[Telling, ...]:
        """Return the tellings of these notices that were not dropped."""
        return tuple(t for t in self.tellings if t.notice in notices and t.state is not NoticeState.DROPPED)

    @property
    def last_word_at(self) -> datetime | None:
        """When the customer last heard from us."""
        return max((t.at for t in self.tellings if t.state is NoticeState.TOLD), default=None)


class Notice(Generic[EventT]):
    """
    Something worth telling a customer.

    Declare which events cause it as ``Notice[TrackingUpdated]`` or ``Notice[OrderDelivered | TrackingUpdated]``. The
    class is checked when it is made.

    Raises:
        NoticeInvalid: the class cannot work as it is declared.
    """

    #: The template folder, the column, and what everybody greps: lower case words joined by hyphens.
    key: ClassVar[str] = ""
    #: The first of these that can reach the customer; ``all_of(...)`` for every one.
    channels: ClassVar[tuple[str, ...]] = ("email",)
    #: ``False``: at most one such notice a day an order; another waits, and merges into whatever goes first.
    forced: ClassVar[bool] = True
    #: The law asks for it: it changes channel rather than miss its deadline, and does not expire.
    legal: ClassVar[bool] = False
    #: Of two unsent notices a milder one that the clock caused, or that is unforced, gives way. 0 to 100.
    severity: ClassVar[int] = 50
    #: An unsent notice is superseded by a newer one of the same family.
    family: ClassVar[str] = "progress"
    #: How long after its cause it is still of use; ``None``: for ever.
    expires: ClassVar[timedelta | None] = timedelta(days=7)
    #: The events that cause it; read from ``Notice[…]``.
    events: ClassVar[tuple[type[Event], ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.events = _caused_by(cls) or cls.events
        _check(cls)

    def __init__(self, event: EventT, order: Order, moment: Moment) -> None:
        self.event = event
        self.order = order
        self.moment = moment

    @property
    def parcel(self) -> Parcel | None:
        """The parcel that the event is about; the only one where it names none."""
        return parcel_of(self.event, self.order)

    def applies(self) -> bool:
        """Return whether the event is news of this kind."""
        return True

    def occasion(self) -> str:
        """
        Return why now. The same occasion is told once in an order's life; it must come from facts.
        """
        return self.event.key

    def still_true(self) -> bool:
        """Return whether it may still be said. Asked again at the moment of sending."""
        return True

    def context(self) -> Mapping[str, object]:
        """Return what the templates see beside the common values: plain values only."""
        return {}

    def patience(self) -> timedelta:
        """Return how long to wait for something newer before sending."""
        return timedelta()

    def next_word(self) -> bool:
        """Return whether the message promises when the next one comes. An ended order promises nothing."""
        return self.order.is_live

    @classmethod
    def sample(cls) -> tuple[Event, ...]:
        """Return a made-up order for previews, as events; the last one causes the notice."""
        return sample_order(cls.events[0])


def parcel_of(event: Event, order: Order) -> Parcel | None:
    """Return the parcel that ``event`` is about; the only one where it names none."""
    if not order.parcels:
        return None
    for parcel in order.parcels:
        if event.key in (parcel.shipped_by, parcel.delivered_by, parcel.status_by):
            return parcel
    named = getattr(event, "parcel", None) or getattr(event, "shipment_id", None)
    if named:
        return order.parcel(named)
    if isinstance(event, PromiseAtRisk | PromiseBroken) and event.promise in _OF_A_PARCEL and order.parcel(""):
        return order.parcel("")
    code = getattr(event, "tracking_code", None)
    by_code = [parcel for parcel in order.parcels if code and parcel.tracking_code == code]
    if by_code:
        return by_code[0]
    return order.parcels[0] if len(order.parcels) == 1 else None


def _caused_by(cls: type) -> tuple[type[Event], ...]:
    for base in getattr(cls, "__orig_bases__", ()):
        if isinstance(get_origin(base), type) and issubclass(get_origin(base), Notice):
            (argument,) = get_args(base)
            members = get_args(argument) if get_origin(argument) in (Union, UnionType) else (argument,)
            return tuple(each for each in members if isinstance(each, type) and issubclass(each, Event))
    return ()


_DECLARED = ("key", "channels", "forced", "legal", "severity", "family", "expires")
_HOOKS = ("applies", "occasion", "still_true", "context", "patience", "next_word", "sample")


def _check(cls: type[Notice[Any]]) -> None:
    name = cls.__name__
    for own in vars(cls):
        close = difflib.get_close_matches(own, (*_DECLARED, *_HOOKS), n=1, cutoff=0.8)
        if close and own not in (*_DECLARED, *_HOOKS, "events"):
            raise NoticeInvalid(f"{name}.{own} looks like {close[0]}, which is what a notice declares; rename it")
    if not cls.key:
        raise NoticeInvalid(
            f'{name} has no key; write key = "{_suggested_key(name)}" and a template folder of that name'
        )
    if not isinstance(cls.key, str) or not _KEY.match(cls.key):
        raise NoticeInvalid(f"{name}.key is {cls.key!r}; write lower case words joined by hyphens")
    if not cls.events:
        raise NoticeInvalid(f"{name} does not say which event causes it; write class {name}(Notice[OrderShipped])")
    if isinstance(cls.channels, str) or not cls.channels or not all(isinstance(c, str) and c for c in cls.channels):
        raise NoticeInvalid(f'{name}.channels must be names in a tuple, like ("email",)')
    if not isinstance(cls.severity, int) or not 0 <= cls.severity <= 100:
        raise NoticeInvalid(f"{name}.severity must be a number from 0 to 100")
    if cls.expires is not None and (not isinstance(cls.expires, timedelta) or cls.expires <= timedelta()):
        raise NoticeInvalid(f"{name}.expires must be a positive timedelta, or None for never")


def _suggested_key(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()
