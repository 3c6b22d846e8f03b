"""
A notice made from its sample: a made-up order, folded and planned as the engine would.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from .._content.values import values_of
from .._engine.territories import zones_of_country
from .._policy.calendar import Calendar
from .._policy.cases import Case, QueuedNotice, Rulebook, moment_of
from .._policy.lawful import MUST_CANCEL
from .._policy.options import legal_clock
from .._policy.promising import closing_time, news_promise, wanted_promises
from ..domain.event import Event
from ..domain.notices import Moment, Notice, NoticeState
from ..domain.orders import Fact, Order
from ..domain.promises import OpenedPromise
from ..errors import UsageError
from ..notifier import Notifier
from .application import users_code

#: When the first event of a sample happens that names no time itself; each next one an hour later.
_BEGINS = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Sampled:
    """A notice with the channels on which this notifier would tell it."""

    notice: Notice[Any]
    #: Channel → its parts.
    channels: Mapping[str, tuple[str, ...]]
    #: Why no customer would get it like this; empty where one would.
    doubt: str = ""


def sample(kind: type[Notice[Any]], notifier: Notifier) -> Sampled:
    """
    Return the notice that ``kind.sample()`` causes.

    Raises:
        UsageError: ``sample()`` failed, or gave no events, or they do not cause this notice.
    """
    with users_code(f"{kind.__name__}.sample()"):
        events = tuple(kind.sample())
    if not events or not all(isinstance(each, Event) for each in events):
        raise UsageError(f"{kind.__name__}.sample() must return events; the last one causes the notice")
    if not isinstance(events[-1], kind.events):
        raise UsageError(f"{kind.__name__}.sample() ends with {type(events[-1]).__name__}, which does not cause it")
    with users_code(f"{kind.__name__} on its sample"):
        notice = kind(*_told(_filled(events), notifier, kind))
        doubt = "" if notice.still_true() else "what it says is not true when it happens: still_true() is false"
        doubt = doubt if notice.applies() else "its last event is no news of this kind: applies() is false"
    wanted = {name: notifier.channels[name].parts for name in kind.channels if name in notifier.channels}
    return Sampled(notice=notice, channels=wanted, doubt=doubt)


def rendered(sampled: Sampled, notifier: Notifier, *, channel: str, locale: str) -> dict[str, str]:
    """
    Return the parts of the message, before the channel has finished them.

    Raises:
        TemplateInvalid: a template is missing or cannot be rendered.
        UsageError: the notice's own code failed.
    """
    notice = sampled.notice
    with users_code(f"{type(notice).__name__}.context()"):
        values = values_of(notice, locale=locale)
    return notifier.content.render(notice.key, channel, sampled.channels[channel], locale=locale, values=values)


def chosen_locales(notifier: Notifier, wanted: Sequence[str] | None) -> tuple[str, ...]:
    """
    Return the locales that were asked for; all where none was.

    Raises:
        UsageError: there is no such locale.
    """
    there = notifier.content.locales
    for each in wanted or ():
        if each not in there:
            raise UsageError(f"there is no language {each!r}; there are {', '.join(there)}")
    return tuple(dict.fromkeys(wanted or there))


def _filled(events: tuple[Event, ...]) -> list[Event]:
    return [
        each.filled(id=f"sample-{number}", source="sample", at=_BEGINS + timedelta(hours=number))
        for number, each in enumerate(events)
    ]


def _told(
    events: Sequence[Event], notifier: Notifier, kind: type[Notice[Any]] | None = None
) -> tuple[Event, Order, Moment]:
    """What a notice is made of: its event, the order, and the moment, in which the customer knows what came before."""
    *before, last = events
    now = max(each.happened_at for each in events)
    case = Case(order_id=last.order_id, facts=[Fact(each, each.happened_at) for each in events])
    if before:
        case.notices = _told_before(before, notifier)
    addresses = {name: partial(channel.address_of, shop=notifier.shop) for name, channel in notifier.channels.items()}
    rules = Rulebook(
        shop=notifier.shop,
        policy=notifier.policy,
        notices=notifier.notices,
        addresses=addresses,
        zones_of_country=zones_of_country,
    )
    order, calendar = case.order, rules.calendar(case.order)
    next_word = None
    if order.is_live:
        due_at = news_promise(order, (), calendar, now).due_at
        next_word = due_at.astimezone(calendar.zone).date()
    case.promises = _promised(order, calendar, now, notifier)
    closes_at = closing_time(order, calendar)
    clock = legal_clock(case, rules, now) if kind is not None and kind.key == MUST_CANCEL else None
    moment = moment_of(case, rules, now, closes_at=closes_at, offers_choice=False, next_word=next_word, clock=clock)
    return last, order, moment


def _promised(order: Order, calendar: Calendar, now: datetime, notifier: Notifier) -> list[OpenedPromise]:
    wanted = wanted_promises(order, (), calendar, now=now, country=notifier.shop.country)
    return [
        OpenedPromise(
            kind=each.kind,
            ordinal=number,
            parcel=each.parcel,
            set_by=each.set_by,
            due_at=each.due_at,
            ask_at=each.ask_at,
            speak_at=each.speak_at,
        )
        for number, each in enumerate(wanted, start=1)
    ]


def _told_before(events: Sequence[Event], notifier: Notifier) -> list[QueuedNotice]:
    """The notices that ``events`` caused, one after the other, as if each had been told at once."""
    told: list[QueuedNotice] = []
    for count, event in enumerate(events, start=1):
        made_of = _told(events[:count], notifier)
        for kind in notifier.notices:
            if isinstance(event, kind.events):
                notice = kind(*made_of)
                if notice.applies() and notice.still_true():
                    told.append(_as_told(notice))
    return told


def _as_told(notice: Notice[Any]) -> QueuedNotice:
    at = notice.event.happened_at
    return QueuedNotice(
        row=0,
        notice=notice.key,
        occasion=notice.occasion(),
        state=NoticeState.TOLD,
        cause=notice.event.key,
        queued_at=at,
        told_at=at,
    )
