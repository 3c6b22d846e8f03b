"""
An order's story as a person reads it: days as headings, a line each for what happened, and where it stands now.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo

from rich.console import Console
from rich.text import Text

from .._store.reading import History
from ..domain.messages import MessageState
from ..domain.outlook import Outlook
from ..domain.parcels import Parcel
from ..domain.promises import PromiseKind
from ..domain.tracking import TrackingStatus
from .days import day, hour, moment, span, zone_name
from .expectations import promised, turn
from .facts import name_of
from .masking import masked
from .reasons import because, notice_name
from .showing import text
from .story import Line

#: How wide the words before the text are.
_TIME, _LABEL = 7, 11
_STYLES = {"event": "", "promise": "cyan", "decision": "dim", "message": "green", "receipt": "", "staff": "yellow"}
#: States that do not say by their names what they mean.
_STATES = {"part_shipped": "a part of it is shipped", "unknown": "nobody has recorded who placed it"}


def print_head(screen: Console, history: History, *, zone: tzinfo) -> None:
    """Print which order it is, whose, and in which zone the times are."""
    order, name = history.order, name_of(history.order.customer)
    screen.print(text(f"Order {order.order_id}: ", "bold").append_text(text(order.state.value, "bold cyan")))
    customer = order.customer
    known = (customer.name, masked(customer.email), masked(customer.phone))
    screen.print(text(", ".join(filter(None, known)) or "Nothing is known of the customer."))
    theirs = zone_name(history.zone)
    days = "" if theirs == zone_name(zone) else f" The days that {name} was told end in {theirs}."
    print_hanging(screen, "", text(f"Times are those of {zone_name(zone)}.{days}", "dim"), before="")


def print_story(screen: Console, lines: Iterable[Line], *, zone: tzinfo) -> None:
    """Print the lines that have words, under their days."""
    today, before, told = None, "", [each for each in lines if each.words]
    wide = max([_TIME, *(len(hour(each.at, zone)) + 2 for each in told)])
    for line in told:
        local = line.at.astimezone(zone)
        if local.date() != today:
            today, before = local.date(), ""
            screen.print()
            screen.print(text(day(today) + f" {today.year}", "bold"))
        at = hour(line.at, zone)
        _print_line(screen, line, f" {'' if at == before else at}".ljust(wide))
        before = at


def _print_line(screen: Console, line: Line, at: str) -> None:
    style = "red" if line.is_bad and line.label != "silence" else _STYLES.get(line.kind, "")
    said = Text().append_text(text(line.words, style))
    said.append_text(_bracketed(line.name))
    print_hanging(screen, line.label or line.kind, said, before=at)
    for each in line.more:
        print_hanging(screen, "", text(each, "dim"), before=" " * len(at))


def _bracketed(name: str) -> Text:
    """What to search for, behind the words."""
    return text(f" [{name}]", "dim") if name else Text()


def print_hanging(screen: Console, label: str, said: Text, *, before: str = " " * _TIME) -> None:
    """Print a text beside its time and its label; its lines stand below one another, as wide as the screen is."""
    left = Text().append(before, "dim").append(f"{label.ljust(_LABEL)} " if label or before else "", "bold")
    for wrapped in said.wrap(screen, max(20, screen.width - left.cell_len)):
        wrapped.rstrip()
        screen.print(left + wrapped, soft_wrap=True)
        left = Text(" " * left.cell_len)


# -- where it stands now -----------------------------------------------------------------------------------------------


def print_standing(screen: Console, history: History, *, now: datetime, zone: tzinfo) -> None:
    """Print what is awaited, who acts next, and what the customer hears next."""
    local = now.astimezone(zone).date()
    screen.print()
    screen.print(text(f"Now: {day(local)} {local.year}, {hour(now, zone)}", "bold"))
    for label, said in _standing(history, now, zone):
        print_hanging(screen, label, said)


def _standing(history: History, now: datetime, zone: tzinfo) -> Iterator[tuple[str, Text]]:
    order, outlook = history.order, history.outlook
    state = order.state.value
    if outlook is None:
        owed = f"{name_of(order.customer)} is owed nothing more, and nobody has to act"
        yield "state", text(f"{_STATES.get(state, state)}: {owed}")
    else:
        yield "state", text(_STATES.get(state, state))
    if outlook is not None and order.parcels:
        yield "parcels", text("; ".join(map(_parcel_words, order.parcels)))
    yield from _awaited(history, now)
    yield from _waiting(history, now, zone)
    if outlook is not None:
        yield "next", next_words(outlook, zone)
        yield "who acts", text(answer_words(outlook))


def _parcel_words(parcel: Parcel) -> str:
    """What the carrier says of it, or how far the shop has brought it."""
    state = parcel.status.value.replace("_", " ")
    if parcel.is_delivered:
        state = "delivered"
    elif parcel.status in (TrackingStatus.UNKNOWN, TrackingStatus.PRE_TRANSIT):
        state = "handed over" if parcel.is_shipped else "packed"
    return f"{parcel.key or 'the only one'} {state}"


def _awaited(history: History, now: datetime) -> Iterator[tuple[str, Text]]:
    """The open promises; the next word is told by itself."""
    standing = [each for each in history.promises if each.is_open and each.kind is not PromiseKind.NEWS_BY]
    label = "awaited"
    for each in sorted(standing, key=lambda promise: promise.due_at):
        yield label, text(promised(each, history.order, history.zone, beside=now))
        label = ""


def _waiting(history: History, now: datetime, zone: tzinfo) -> Iterator[tuple[str, Text]]:
    for each in history.messages:
        if each.state <= MessageState.UNCERTAIN:
            tried = f", tried {each.attempts}×" if each.attempts else ""
            when = moment(each.due_at, zone, beside=now)
            why = because(each.waits_for or "waits")
            said = text(f"{notice_name(each.notice)} by {each.channel} goes {when}{tried}: {why}", "yellow")
            yield "waits", Text().append_text(said).append_text(_bracketed(each.waits_for))


def next_words(outlook: Outlook, zone: tzinfo) -> Text:
    """Return when the customer hears next if nothing is recorded before, and what."""
    name, at = name_of(outlook.customer), outlook.leaves_at or outlook.speaks_at
    when = f"{moment(at, zone, beside=outlook.at)}, in {span(at - outlook.at)}"
    if outlook.is_overdue:
        was = moment(outlook.speaks_at, zone, beside=outlook.at)
        when = f"overdue since {was}, for {span(outlook.left)}, because no worker runs"
    said = Text().append(f"{when}: ", "red" if outlook.is_overdue else "")
    if not outlook.notice:
        told = "; ".join(outlook.staff)
        so = f"the staff hear that {told}" if told else f"nothing is said: {because(outlook.rule)}"
        return said.append_text(text(so)).append_text(_bracketed(outlook.rule or outlook.promise.kind))
    subject = f"“{outlook.subject}”" if outlook.subject else notice_name(outlook.notice)
    said.append_text(text(f"{name} hears by {outlook.channel} "))
    return said.append_text(text(subject, "green")).append_text(_bracketed(outlook.notice))


def answer_words(outlook: Outlook) -> str:
    """Return who can answer the promise before, and by recording what."""
    return f"{turn(outlook.promise.kind, outlook.record)}: {_either(outlook.record)} answers it"


def _either(record: Sequence[str]) -> str:
    return record[0] if len(record) == 1 else f"{', '.join(record[:-1])} or {record[-1]}"
