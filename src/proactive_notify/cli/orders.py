"""
``proactive-notify orders``: one order, why it is as it is, and which orders go quiet next.
"""

import asyncio
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from .._policy.zones import zone_named
from .._store.reading import History
from ..domain.customers import Customer
from ..domain.dates import day_or_instant_text, instant_text
from ..domain.items import Item
from ..domain.orders import Order
from ..domain.outlook import Outlook
from ..domain.parcels import Parcel
from ..domain.promises import OpenedPromise
from ..errors import UsageError
from ..notifier import Notifier
from .application import AppOption
from .choices import option_line, options_json
from .days import duration_of
from .locating import JsonOption, ShopOption, StoreOption, located
from .masking import masked
from .outlooks import DEFAULTS, outlook_json, print_outlooks
from .showing import console, echo_json, listing, text
from .story import Line, story
from .telling import print_hanging, print_head, print_standing, print_story

orders = typer.Typer(
    help="Look at orders: `show` one, `why` it is so, and who is `at-risk` of silence.", no_args_is_help=True
)

OrderArgument = Annotated[str, typer.Argument(metavar="ORDER", help="The order's id.")]


@orders.command()
def show(
    context: typer.Context,
    order_id: OrderArgument,
    *,
    app: AppOption = None,
    store: StoreOption = None,
    shop: ShopOption = "shop",
    as_json: JsonOption = False,
) -> None:
    """
    Show an order: its state, customer, items, dates, parcels, promises and messages. Addresses are masked.
    """
    history = _history(located(context, app, store, shop, what="the order is"), order_id)
    if as_json:
        echo_json(order_json(history))
        return
    screen = console()
    screen.print(_headline(history.order))
    screen.print(_facts(history.order))
    if history.order.parcels:
        screen.print(_parcels(history.order.parcels))
    if history.promises:
        screen.print(_promises(history.promises))
    if history.messages:
        screen.print(_messages(history))
    for each in history.options:
        screen.print(text(option_line(each)))


@orders.command()
def why(
    context: typer.Context,
    order_id: OrderArgument,
    *,
    app: AppOption = None,
    store: StoreOption = None,
    shop: ShopOption = "shop",
    as_json: JsonOption = False,
) -> None:
    """
    Tell why an order is as it is: what happened, what was said and what not and why, and what comes next.
    """
    notifier = located(context, app, store, shop, what="the order is")
    history, zone = _history(notifier, order_id), zone_named(notifier.shop.time_zone) or UTC
    lines, now = story(history, zone=zone), notifier.clock.now()
    if as_json:
        echo_json(_why_json(history, lines, now))
        return
    screen = console()
    print_head(screen, history, zone=zone)
    print_story(screen, lines, zone=zone)
    print_standing(screen, history, now=now, zone=zone)
    for each in history.options:
        print_hanging(screen, "choice", text(option_line(each)))
    if context.params["store"]:
        screen.print(text(DEFAULTS, "dim"))


def _why_json(history: History, lines: Iterable[Line], now: datetime) -> dict[str, Any]:
    return {
        "order_id": history.order.order_id,
        "state": history.order.state.value,
        "at": instant_text(now),
        "customer": _customer(history.order.customer),
        "why": [each.as_json() for each in lines],
        "next": outlook_json(history.outlook) if history.outlook else None,
        **options_json(history),
    }


@orders.command(name="at-risk")
def at_risk(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many orders.")] = 20,
    within: Annotated[str | None, typer.Option(metavar="DURATION", help="Only within so long: 90m, 12h, 3d.")] = None,
    app: AppOption = None,
    store: StoreOption = None,
    shop: ShopOption = "shop",
    as_json: JsonOption = False,
) -> None:
    """
    List who goes quiet next, soonest first: what they were promised, what they will be told, and what prevents it.

    Exit status: 0 nobody is overdue, 1 somebody is, because no worker runs.
    """
    until = duration_of(within) if within is not None else None
    notifier = located(context, app, store, shop, what="the orders are")

    async def read() -> tuple[Outlook, ...]:
        async with notifier:
            return await notifier.at_risk(limit=limit, within=until)

    found = asyncio.run(read())
    if as_json:
        echo_json([outlook_json(each) for each in found])
    else:
        screen = console()
        print_outlooks(screen, found, zone=zone_named(notifier.shop.time_zone) or UTC, within=until, limit=limit)
        if store and found:
            screen.print(text(DEFAULTS, "dim"))
    if any(each.is_overdue for each in found):
        raise typer.Exit(1)


def _history(notifier: Notifier, order_id: str) -> History:
    async def read() -> History | None:
        async with notifier:
            return await notifier.why(order_id)

    found = asyncio.run(read())
    if found is None:
        key = notifier.shop.key
        raise UsageError(f"nothing is known of an order {order_id!r} in the shop {key!r}; look at the id and at --shop")
    return found


# -- what it is -------------------------------------------------------------------------------------------------------


def order_json(history: History) -> dict[str, Any]:
    """Return what ``orders show --json`` prints."""
    order = history.order
    return {
        "order_id": order.order_id,
        "state": order.state.value,
        "placed_at": _instant(order.placed_at),
        "customer": _customer(order.customer),
        "items": [{"name": item.name, "quantity": item.quantity} for item in order.items],
        "total": f"{order.total.amount} {order.total.currency}" if order.total else None,
        "payment": order.payment.value if order.payment else None,
        "dates": {each.kind.value: day_or_instant_text(each.due) for each in order.dates},
        "parcels": [_parcel(each) for each in order.parcels],
        "promises": [_promise(each) for each in history.promises],
        "messages": [
            {
                "notice": each.notice,
                "occasion": each.occasion,
                "channel": each.channel,
                "state": each.state.name.lower(),
                "due_at": instant_text(each.due_at),
                "settled_at": _instant(each.settled_at),
                "attempts": each.attempts,
                "subject": each.subject,
                "waits_for": each.waits_for,
            }
            for each in history.messages
        ],
        **options_json(history),
    }


def _customer(customer: Customer) -> dict[str, Any]:
    known = {"name": customer.name, "email": masked(customer.email), "phone": masked(customer.phone)}
    return {**known, "locale": customer.locale, "time_zone": customer.time_zone}


def _parcel(parcel: Parcel) -> dict[str, Any]:
    return {
        "parcel": parcel.key,
        "carrier": parcel.carrier,
        "tracking_code": parcel.tracking_code,
        "status": parcel.status.value,
        "shipped_at": _instant(parcel.shipped_at),
        "scanned_at": _instant(parcel.scanned_at),
        "delivered_at": _instant(parcel.delivered_at),
    }


def _promise(promise: OpenedPromise) -> dict[str, Any]:
    return {
        "promise": promise.kind.value,
        "state": promise.state.name.lower(),
        "due_at": instant_text(promise.due_at),
        "parcel": promise.parcel or None,
    }


def _instant(moment: datetime | None) -> str | None:
    return instant_text(moment) if moment else None


# -- for a person -----------------------------------------------------------------------------------------------------


def _headline(order: Order) -> Text:
    return text(f"Order {order.order_id}: ", "bold").append_text(text(order.state.value, "bold cyan"))


def _facts(order: Order) -> Table:
    customer = _customer(order.customer)
    rows = {
        "placed": _when(order.placed_at),
        "customer": ", ".join(str(value) for value in customer.values() if value) or "nothing is known of them",
        "items": _items(order.items) or (f"{order.item_count} of them" if order.item_count else ""),
        "total": f"{order.total.amount} {order.total.currency}" if order.total else "",
        "payment": order.payment.value if order.payment else "",
        "dates": ", ".join(f"{each.kind.value} {_day(each.due)}" for each in order.dates),
    }
    table = listing("", "")
    for name, value in rows.items():
        if value:
            table.add_row(text(name, "dim"), text(value))
    return table


def _items(items: Iterable[Item]) -> str:
    return ", ".join(f"{item.quantity} × {item.name}" for item in items)


def _parcels(parcels: Iterable[Parcel]) -> Table:
    table = listing("parcel", "carrier", "status", "shipped", "last scan", "delivered", title="Parcels (UTC)")
    for each in parcels:
        moments = (each.shipped_at, each.scanned_at, each.delivered_at)
        row = (each.key or "the only one", each.carrier or "", each.status.value, *map(_when, moments))
        table.add_row(*map(text, row))
    return table


def _promises(promises: Iterable[OpenedPromise]) -> Table:
    table = listing("promise", "due", "state", title="Promises (UTC)")
    for each in sorted(promises, key=lambda promise: promise.due_at):
        style = {"BROKEN": "red", "OPEN": "cyan"}.get(each.state.name, "")
        state = each.state.name.lower().replace("_", " ")
        table.add_row(text(each.kind.value), text(_when(each.due_at)), text(state, style))
    return table


def _messages(history: History) -> Table:
    table = listing("when", "notice", "channel", "state", "subject", title="Messages (UTC)")
    for each in history.messages:
        state = each.state.name.lower() + (f", {each.waits_for}" if each.waits_for else "")
        row = (_when(each.settled_at or each.due_at), each.notice, each.channel, state, each.subject)
        table.add_row(*map(text, row))
    return table


def _when(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def _day(due: date | datetime) -> str:
    return _when(due) if isinstance(due, datetime) else due.isoformat()
