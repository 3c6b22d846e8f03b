"""
Where a shop's state is: the store of ``--app``, or that of ``--store`` and ``--shop``.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from ..channels import Email
from ..domain.customers import Shop
from ..errors import StoreUnusable, UsageError
from ..notifier import Notifier
from ..transports import ConsoleTransport
from .application import chosen_app, load_notifier

StoreOption = Annotated[
    str | None, typer.Option("--store", metavar="URL", help="Instead of --app: sqlite:///orders.db.")
]
ShopOption = Annotated[str, typer.Option("--shop", metavar="KEY", help="With --store: the key of Shop(key=…).")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]

_SQLITE = "sqlite:///"


def located(context: typer.Context, app: str | None, store: str | None, shop: str, *, what: str) -> Notifier:
    """
    Return the user's notifier, or one on the store: it has the shipped notices and email, and sends nothing.

    Args:
        what: what is looked for, for example ``the order is``.

    Raises:
        UsageError: neither is named, both are, or there is no such thing.
    """
    name = chosen_app(context, app)
    if name and store:
        raise UsageError("--app and --store are two ways to name one store; leave one out")
    if name:
        return load_notifier(name)
    if store is None:
        raise UsageError(f"say where {what}: --app shop.notify:notifier, or --store sqlite:///orders.db")
    _require_ours(store)
    email = Email(ConsoleTransport(), sender="Your shop <orders@shop.example>")
    try:
        return Notifier(Shop(key=shop), store=store, channels=[email])
    except ValueError:
        raise UsageError(f"--shop {shop!r} is no key of a shop; it is lower case letters, digits, - and _") from None


def _require_ours(url: str) -> None:
    """
    Make sure that there is a store: opening one would make it.

    Raises:
        StoreUnusable: there is no such file, or none of ours.
    """
    path = Path(url.removeprefix(_SQLITE))
    if not url.startswith(_SQLITE) or not path.name:
        raise StoreUnusable(
            f"--store {url!r} names no file; write sqlite:///orders.db, or sqlite:////var/lib/orders.db"
        )
    if not path.is_file():
        raise StoreUnusable(
            f"--store: there is no file {str(path)!r} (seen from {str(Path.cwd())!r}); nothing was made"
        )
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
            ours = db.execute("select 1 from sqlite_master where name = 'pn_order'").fetchone()
    except sqlite3.Error as error:
        raise StoreUnusable(f"--store: {str(path)!r} cannot be read: {error}") from None
    if not ours:
        raise StoreUnusable(f"--store: {str(path)!r} holds no orders of proactive_notify; name another file")
