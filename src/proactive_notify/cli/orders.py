"""
``proactive-notify orders``: one order, and why it is as it is.
"""

import asyncio
from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .._store.reading import History
from ..domain.customers import Customer
from ..domain.dates import day_or_instant_text, instant_text
from ..domain.items import Item
from ..domain.orders import Order
from ..domain.parcels import Parcel
from ..domain.promises import OpenedPromise
from ..errors import UsageError
from ..notifier import Notifier
from .application import AppOption
from .choices import option_line, options_json
from .locating import JsonOption, ShopOption, StoreOption, located
from .masking import masked
from .showing import console, echo_json, listing, text
from .story import Line, story

orders = typer.Typer(help="Look at an order: `show` what it is, `why` it is so.", no_args_is_help=True)

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
    Show why an order is as it is: events, promises, decisions with their rules, and messages, in order of time.
    """
    history = _history(located(context, app, store, shop, what="the order is"), order_id)
    lines = story(history)
    if as_json:
        echo_json(
            {
                "order_id": order_id,
                "state": history.order.state.value,
                "why": [each.as_json() for each in lines],
                **options_json(history),
            }
        )
        return
    screen = console()
    screen.print(_headline(history.order))
    _print_story(screen, lines)
    for each in history.options:
        screen.print(text(option_line(each)))


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


_STYLES = {"event": "", "promise": "cyan", "decision": "dim", "message": "green", "staff": "yellow"}


def _print_story(screen: Console, lines: Iterable[Line]) -> None:
    table = listing("when (UTC)", "", "what", "why")
    for each in lines:
        style = "red" if each.is_bad else _STYLES[each.kind]
        table.add_row(text(_when(each.at)), text(each.kind, "dim"), text(each.what, style), text(each.why))
    screen.print(table)


def _when(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def _day(due: date | datetime) -> str:
    return _when(due) if isinstance(due, datetime) else due.isoformat()
