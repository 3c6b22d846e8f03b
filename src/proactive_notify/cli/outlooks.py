"""
Who goes quiet next, as a list for people and as plain values.
"""

from collections.abc import Sequence
from datetime import timedelta, tzinfo
from typing import Any

from rich.console import Console

from ..domain.dates import instant_text
from ..domain.orders import Order
from ..domain.outlook import Outlook
from .days import span, zone_name
from .expectations import promised
from .masking import masked
from .showing import text
from .telling import answer_words, next_words, print_hanging

#: What is said of a file that was named without its program.
DEFAULTS = (
    "--store knows no policy, templates or channels of yours: what comes next is by the defaults; --app is exact."
)


def outlook_json(outlook: Outlook) -> dict[str, Any]:
    """Return what comes next for an order as plain values, with masked addresses."""
    promise, customer = outlook.promise, outlook.customer
    return {
        "order_id": outlook.order_id,
        "customer": {"name": customer.name, "email": masked(customer.email), "phone": masked(customer.phone)},
        "promise": promise.kind.value,
        "parcel": promise.parcel or None,
        "due_at": instant_text(promise.due_at),
        "ask_at": instant_text(promise.ask_at) if promise.ask_at else None,
        "speaks_at": instant_text(outlook.speaks_at),
        "seconds_left": int(outlook.left.total_seconds()),
        "is_overdue": outlook.is_overdue,
        "notice": outlook.notice or None,
        "channel": outlook.channel or None,
        "subject": outlook.subject or None,
        "leaves_at": instant_text(outlook.leaves_at) if outlook.leaves_at else None,
        "next_word": outlook.next_word.isoformat() if outlook.next_word else None,
        "rule": outlook.rule,
        "staff": list(outlook.staff),
        "record": list(outlook.record),
    }


def print_outlooks(
    screen: Console, found: Sequence[Outlook], *, zone: tzinfo, within: timedelta | None, limit: int
) -> None:
    """Print who goes quiet next, soonest first."""
    if not found:
        when = f" within {span(within)}" if within is not None else ""
        screen.print(text(f"Nobody goes quiet{when}: no promise of an open order ends."))
        return
    screen.print(
        text("Who goes quiet next", "bold").append(f"  (times are those of {zone_name(zone)})", "not bold dim")
    )
    for each in found:
        screen.print()
        _print(screen, each, zone)
    screen.print()
    screen.print(_sum(found, limit))


def _print(screen: Console, outlook: Outlook, zone: tzinfo) -> None:
    customer = outlook.customer
    known = ", ".join(filter(None, (customer.name, masked(customer.email), masked(customer.phone))))
    left = f"overdue for {span(outlook.left)}" if outlook.is_overdue else f"in {span(outlook.left)}"
    head = text(f"{outlook.order_id}  ", "bold").append(left, "bold red" if outlook.is_overdue else "bold cyan")
    screen.print(head.append_text(text(f"  {known or 'an unknown customer'}", "not bold")))
    order = Order(order_id=outlook.order_id, customer=customer)
    print_hanging(screen, "promised", text(promised(outlook.promise, order, outlook.zone, beside=outlook.at)))
    print_hanging(screen, "else", next_words(outlook, zone))
    print_hanging(screen, "who acts", text(answer_words(outlook)))


def _sum(found: Sequence[Outlook], limit: int) -> Any:
    overdue = sum(each.is_overdue for each in found)
    if overdue:
        many = "1 order is" if overdue == 1 else f"{overdue} orders are"
        do = "start `proactive-notify worker`, or call `notifier.run_due()`"
        return text(f"{many} overdue, because no worker runs: {do}.", "red")
    more = f", and there may be more: --limit {limit * 10} shows them" if len(found) == limit else ""
    return text(f"{len(found)} order{'s'[: len(found) != 1]}{more}.", "dim")
