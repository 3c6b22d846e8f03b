"""
Tells what happened around an order as lines that a shop owner reads.
"""

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from proactive_notify import Decision, Event, Message, StaffMessage, event_to_wire

WIDTH = 118
#: More old facts than this at one instant are counted and not listed.
MANY = 20
#: So many lines of a message to the staff are shown.
LISTED = 6
#: How the line begins that says what follows if nobody answers.
OTHERWISE = "Otherwise"
#: Cause before effect, where both are of one instant.
WHO = ("happens", "silence", "not told", "customer", "staff")
#: Why something was not told, by the first word of the rule.
RULES: Mapping[str, str] = {
    "no-longer-true": "it is no longer true",
    "one-unforced-a-day": "one such mail a day is enough; tomorrow at nine",
    "notify-false": "the shop asked for no mail",
    "import": "it is an old order that was imported",
    "too-old": "it happened more than a week ago",
    "expired": "it is of no use any more",
    "unreachable": "there is no address",
    "contradiction": "it contradicts what is known, and a person looks into it",
}
#: What a promise that nothing has kept means, by its kind.
BROKEN: Mapping[str, str] = {
    "news_by": "the customer should hear something, and there is no news",
    "ship_by": "the day of shipping is over, and nothing was handed over",
    "deliver_by": "the promised day is over, and nothing has arrived",
    "scan_by": "the label is made, and the carrier has not scanned the parcel",
    "move_by": "the parcel has not been scanned for days",
    "answer_by": "the question has not been answered",
    "decide_by": "the customer has not chosen",
    "refund_by": "the money should be back",
    "collect_by": "the parcel has not been collected",
    "known_by": "nobody has placed the order that facts came about",
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """Something at a moment."""

    at: datetime
    order: str
    #: ``happens``, ``silence``, ``not told``, ``customer`` or ``staff``.
    who: str
    text: str
    #: What stands below it.
    more: str = ""
    #: It happened earlier and arrives now.
    is_late: bool = False


def told(history: Any, messages: Sequence[Message], zone: ZoneInfo) -> Iterator[Line]:
    """Yield what happened around one order, and who heard what; ``history`` is what ``notifier.why()`` returns."""
    order = history.order.order_id
    for fact in history.facts:
        if fact.event.type != "promise.at_risk":
            yield _happening(order, fact, zone)
    for message in messages:
        subject = str(getattr(message, "subject", "(a text)")).replace(f" {order}", "")
        text = subject + _next_word(message)
        yield Line(at=message.at, order=order, who="customer", text=text, more=_heart(message))
    for decision in history.decisions:
        if decision.decision.value in ("merged", "held", "dropped"):
            yield Line(at=decision.at, order=order, who="not told", text=_why(decision))


def asked(message: StaffMessage) -> Line:
    """Return what the staff were told, in one message about as many orders as it concerns."""
    blocks = [block.splitlines() for block in message.text.split("\n\n")]
    orders = {line.order_id for line in message.lines}
    about = [block for block in blocks if block[0].partition(": ")[0] in orders]
    found = [" ".join(line for line in block if line == block[0] or line.startswith(OTHERWISE)) for block in about]
    left = len(found) - LISTED
    more = [*found[:LISTED], f"… and {left} more"] if left > 0 else found
    return Line(at=message.at, order="", who="staff", text=message.subject, more="\n".join(more))


def rendered(title: str, about: str, lines: Sequence[Line], zone: ZoneInfo) -> str:
    """Return a title, a paragraph, and the lines in order of time."""
    several = len({line.order for line in lines if line.order}) > 1
    written = [title, "=" * len(title), "", *textwrap.wrap(about, WIDTH), ""]
    day = ""
    for (at, who), group in groupby(sorted(lines, key=_in_turn), key=lambda line: (line.at, line.who)):
        local = at.astimezone(zone)
        for text, more, orders in _alike(list(group)):
            today = f"{local:%a %d %b %Y}"
            left = f"{'' if today == day else today:<15}  {_hour(local):<5}  {who:<8}  "
            named = f"{_counted(orders)}: " if several and any(orders) else ""
            hanging = " " * len(left)
            written += textwrap.wrap(named + text, WIDTH, initial_indent=left, subsequent_indent=hanging)
            for paragraph in more.splitlines():
                written += textwrap.wrap(
                    paragraph, WIDTH, initial_indent=f"{hanging}| ", subsequent_indent=f"{hanging}| "
                )
            day = today
    return "\n".join(written) + "\n"


def _in_turn(line: Line) -> tuple[datetime, int]:
    return line.at, WHO.index(line.who)


def _hour(local: datetime) -> str:
    """The hour; one that exists twice with the name of its time."""
    is_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{local:%H:%M %Z}" if is_twice else f"{local:%H:%M}"


def _alike(lines: list[Line]) -> list[tuple[str, str, list[str]]]:
    """What is the same for several orders is told once, and of a heap of old facts only how many they are."""
    found: dict[tuple[str, str], list[str]] = {}
    late = [line.order for line in lines if line.is_late]
    is_heap = len(late) > MANY
    for line in lines:
        if not (is_heap and line.is_late):
            found.setdefault((line.text, line.more), []).append(line.order)
    heap = [(f"{len(late)} facts of the past arrive", "", list(dict.fromkeys(late)))] if is_heap else []
    return heap + [(text, more, orders) for (text, more), orders in found.items()]


def _counted(orders: Sequence[str]) -> str:
    return ", ".join(orders) if len(orders) <= 3 else f"{len(orders)} orders"


def _heart(message: Message) -> str:
    """The paragraphs between the greeting and the facts about the order."""
    _, _, body = _text(message).partition(",\n\n")
    sentences = []
    for paragraph in body.split("\n\n"):
        if paragraph.startswith("Reply to this mail") or not paragraph.endswith((".", "?", "!", ":")):
            break
        sentences.append(" ".join(paragraph.split()))
    return "\n".join(sentences)


def _next_word(message: Message) -> str:
    """By which day the message says that the next one comes."""
    found = re.search(r"You hear from us again by (\w+, \d+ \w+)", _text(message))
    return f" (next word by {found[1]})" if found else ""


def _text(message: Message) -> str:
    return str(getattr(message, "text", ""))


def _why(decision: Decision) -> str:
    rule, _, rest = decision.rule.partition(":")
    if decision.decision.value == "merged":
        return f"{decision.notice}, because {rest} says it too"
    if rule in ("transient", "uncertain", "given-up"):
        return f"{decision.notice}, because it could not leave: {decision.rule}"
    return f"{decision.notice or 'nothing'}, because {RULES.get(rule, decision.rule)}"


def _happening(order: str, fact: Any, zone: ZoneInfo) -> Line:
    event, at = fact.event, fact.recorded_at
    if event.type == "promise.broken":
        return Line(at=at, order=order, who="silence", text=BROKEN[event_to_wire(event)["data"]["promise"]])
    if event.type == "order.closed":
        return Line(at=at, order=order, who="silence", text="from here on people look after the order")
    happened = event.happened_at.astimezone(zone)
    is_late = at - event.happened_at >= timedelta(minutes=1)
    late = f" (it happened on {happened:%a %d %b at %H:%M})" if is_late else ""
    return Line(at=at, order=order, who="happens", text=_said(event) + late, is_late=is_late)


def _said(event: Event) -> str:
    """What a fact says, in words."""
    data: Mapping[str, Any] = _filled(event_to_wire(event)["data"])
    said = SAID[event.type].format_map(data)
    extras = [f"{word} {_day(data[name])}" for name, word in EXTRAS.items() if name in data]
    extras += [f"“{data[name]}”" for name in ("note", "reason", "detail", "text") if name in data]
    return "; ".join([said, *extras])


#: What each type of event says; fields in braces are its data.
SAID: Mapping[str, str] = {
    "order.placed": "{customer} orders {items}",
    "order.accepted": "the shop takes the order on",
    "order.edited": "the order is changed: {changed}",
    "order.paid": "the card is charged {amount}",
    "order.payment_failed": "the money could not be taken",
    "order.sourcing": "the shop looks for the goods",
    "order.backordered": "out of stock: {items}",
    "order.delayed": "the shop says that it will be late",
    "order.packed": "{parcel} is packed, its label is made",
    "order.shipped": "{parcel} is handed over{items_in}",
    "tracking.updated": "the carrier says of {parcel}: {status}{where}",
    "order.delivered": "{parcel} has arrived{received}",
    "order.ready_for_pickup": "{parcel} can be collected at {place}",
    "order.picked_up": "{parcel} was collected",
    "order.cancelled": "{what} is cancelled{by_whom}",
    "order.refunded": "{amount} goes back",
    "order.return_requested": "the customer wants to return something",
    "order.return_received": "the return is back",
    "customer.asked": "the customer asks",
    "customer.answered": "{by} answers the customer",
    "customer.decided": "the customer decides: {decision}",
    "customer.updated": "the customer's data change: {changed}",
}
EXTRAS: Mapping[str, str] = {
    "ship_by": "to be shipped by",
    "deliver_by": "promised for",
    "expected_by": "expected by",
    "pay_by": "to be paid by",
    "until": "until",
}


def _filled(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event's data with the words that :data:`SAID` needs."""
    items = ", ".join(f"{item.get('quantity', 1)} × {item['name']}" for item in data.get("items", ()))
    amount, place = data.get("amount") or {}, data.get("place")
    shown = {"items", "promises", "customer"}
    return {
        **data,
        **data.get("promises", {}),
        "customer": (data.get("customer") or {}).get("name", "somebody"),
        "items": items or "something",
        "items_in": f" with {items}" if items else "",
        "what": items or "the order",
        "by_whom": f" by the {data['by']}" if data.get("by") else "",
        "parcel": f"parcel {data['shipment_id']}" if data.get("shipment_id") else "the parcel",
        "where": f", {data['location']}" if data.get("location") else "",
        "amount": f"{amount.get('amount', '')} {amount.get('currency', '')}".strip(),
        "received": f", taken by {data['received_by']}" if data.get("received_by") else f", {place}" if place else "",
        "changed": ", ".join(name.replace("_", " ") for name in data if name not in shown) or "its dates",
        "status": str(data.get("status", "")).replace("_", " "),
    }


def _day(value: Any) -> str:
    return f"{date.fromisoformat(str(value)[:10]):%a %d %b}"
