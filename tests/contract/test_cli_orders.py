"""What `orders show` and `orders why` say, and what they say of stores and orders that are not there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from proactive_notify import Customer, Item, Money, Shop, TrackingStatus, Transient
from proactive_notify._store.sqlite import InlineSqlite
from proactive_notify.cli.masking import masked
from proactive_notify.testing import Simulation, order_placed, order_shipped, tracking_updated
from tests.contract.command_line import CommandLine

ADA = Customer(name="Ada [bold]L[/bold]", email="ada@shop.example", phone="+491711234567", time_zone="Europe/Berlin")
SECRETS = ("ada@", "491711", "shop.example")


@pytest.fixture
async def orders(tmp_path: Path) -> Path:
    """A shop's file: A-1 was late and shipped, A-2 has no address, A-3 waits for a server that is away."""
    path = tmp_path / "orders.db"
    async with Simulation(store=InlineSqlite(str(path)), shop=Shop(name="Acme")) as sim:
        bags, price = Item(name="[red]Bag[/red]", quantity=2), Money(amount="12.50", currency="EUR")
        await sim.record(order_placed("A-1", customer=ADA, items=(bags,), total=price, ship_by=date(2026, 1, 7)))
        await sim.record(order_placed("A-2", email=None))
        await sim.advance(days=3, hours=6)
        await sim.record(order_shipped("A-1", carrier="dhl", tracking_code="JD1"))
        await sim.advance(days=1)
        await sim.record(tracking_updated("A-1", status=TrackingStatus.IN_TRANSIT, carrier="dhl", tracking_code="JD1"))
        sim.email.fail_until_told(Transient("451 later", code="451"))
        await sim.record(order_placed("A-3", email="bob@shop.example"))
    return path


@pytest.fixture
def store(orders: Path) -> Iterator[tuple[str, str]]:
    return ("--store", f"sqlite:///{orders}")


def squeezed(printed: str) -> list[str]:
    """The lines that were printed, each blank once."""
    return [" ".join(line.split()) for line in printed.splitlines() if line.strip()]


def test_show_says_what_an_order_is(command: CommandLine, store: tuple[str, str]) -> None:
    """State, customer with masked addresses, items, dates, parcels, promises and messages, and no markup."""
    ran = command("orders", "show", "A-1", *store)
    lines = squeezed(ran.out)

    assert 0 == ran.status
    assert [
        "Order A-1: shipped",
        "placed 2026-01-05 09:00",
        "customer Ada [bold]L[/bold], a***@s***.example, +***67, Europe/Berlin",
        "items 2 × [red]Bag[/red]",
        "total 12.50 EUR",
        "dates ship_by 2026-01-07",
        "Parcels (UTC)",
        "parcel carrier status shipped last scan delivered",
        "dhl:JD1 dhl in_transit 2026-01-08 15:00 2026-01-09 15:00",
        "Promises (UTC)",
    ] == lines[:10]
    assert "ship_by 2026-01-07 23:00 kept late" in lines
    assert "2026-01-05 09:00 order-received email sent Received: your order A-1" in lines
    assert [] == [secret for secret in SECRETS if secret in ran.out]


def test_show_has_the_same_as_json(command: CommandLine, store: tuple[str, str]) -> None:
    """The same as plain values, with masked addresses and instants in UTC."""
    ran = command("orders", "show", "A-1", *store, "--json")
    shown = ran.json

    assert ("A-1", "shipped", "2026-01-05T09:00:00Z") == tuple(shown[key] for key in ("order_id", "state", "placed_at"))
    assert {
        "name": "Ada [bold]L[/bold]",
        "email": "a***@s***.example",
        "phone": "+***67",
        "locale": None,
        "time_zone": "Europe/Berlin",
    } == shown["customer"]
    assert [{"name": "[red]Bag[/red]", "quantity": 2}] == shown["items"]
    assert "kept_late" == next(each["state"] for each in shown["promises"] if each["promise"] == "ship_by")
    assert [] == [secret for secret in SECRETS if secret in ran.out]


def why(command: CommandLine, order_id: str, *store: str) -> list[tuple[str, str, str]]:
    lines: list[dict[str, Any]] = command("orders", "why", order_id, *store, "--json").json["why"]
    assert sorted(each["at"] for each in lines) == [each["at"] for each in lines]
    return [(each["kind"], each["what"], each["why"]) for each in lines]


def test_why_tells_the_story_in_order_of_time(command: CommandLine, store: tuple[str, str]) -> None:
    """Events, decisions with their rules, messages, promises and words to the staff, causes before effects."""
    told = why(command, "A-1", *store)

    assert [
        ("event", "order.placed", "promises ship_by 2026-01-07, said by shop"),
        ("decision", "queued order-received", "order.placed"),
        ("message", "sent order-received", "email: Received: your order A-1"),
    ] == told[:3]
    assert ("promise", "ship_by was due", "kept late") in told
    broken = told.index(("event", "promise.broken", "promise ship_by, said by watchdog"))
    assert ("decision", "queued delayed", "promise.broken") == told[broken + 1]
    assert ("message", "sent delayed", "email: No shipment recorded yet: your order A-1") == told[broken + 2]
    assert "staff" in {kind for kind, _, _ in told}
    assert ("promise", "news_by is due", "open") in told


def test_why_is_readable(command: CommandLine, store: tuple[str, str]) -> None:
    """The same as a story under its days, without addresses and without markup."""
    ran = command("orders", "why", "A-1", *store)
    lines = squeezed(ran.out)

    assert [
        "Order A-1: shipped",
        "Ada [bold]L[/bold], a***@s***.example, +***67",
        "Times are those of UTC. The days that Ada was told end in Europe/Berlin.",
        "Monday, 5 January 2026",
        "09:00 happened Ada orders 2 × [red]Bag[/red] for 12.50 EUR",
        "promised: the shop hands the parcel over by Wednesday, 7 January",
        "email “Received: your order A-1” [order-received]",
    ] == lines[:7]
    assert [] == [secret for secret in SECRETS if secret in ran.out]


def test_why_says_that_nobody_can_be_reached(command: CommandLine, store: tuple[str, str]) -> None:
    """A customer without any address is a decision with the rule `unreachable`, and a word to the staff."""
    told = why(command, "A-2", *store)

    assert ("decision", "dropped order-received", "unreachable") in told
    assert ("staff", "the customer cannot be told order-received: no address for email", "undelivered") in told


def test_why_says_what_has_not_left(command: CommandLine, store: tuple[str, str]) -> None:
    """A message that waits for another try is there, with how often it was tried and why it waits."""
    waiting = [each for each in why(command, "A-3", *store) if each[0] == "message"]

    assert [("message", "order-received by email is queued", "transient:451; tried 1×")] == waiting


def test_the_app_names_the_store_too(command: CommandLine, orders: Path, tmp_path: Path, monkeypatch: Any) -> None:
    """--app finds the notifier in the working directory, before the command and after it."""
    module = "from proactive_notify import Notifier\nshop = Notifier(store='sqlite:///orders.db')\n"
    (tmp_path / "named_store_app.py").write_text(module)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)

    after = command("orders", "show", "A-1", "--app", "named_store_app:shop")
    before = command("--app", "named_store_app:shop", "orders", "show", "A-1")

    assert (0, 0) == (after.status, before.status)
    assert after.out == before.out
    assert after.out.startswith("Order A-1: shipped")


def test_what_cannot_be_looked_up_ends_with_a_sentence(
    command: CommandLine, orders: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    """An order or a store that is not there: status 2, what to do, and no file is made."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("no database, and long enough to be looked at as if it were one" * 10)
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("create table orders (id)")
    unknown = "nothing is known of an order {!r} in the shop {!r}; look at the id and at --shop"
    expected = {
        ("A-9", "--store", "sqlite:///orders.db"): unknown.format("A-9", "shop"),
        ("A-1", "--store", "sqlite:///orders.db", "--shop", "b"): unknown.format("A-1", "b"),
        ("A-1", "--store", "sqlite:///orders.db", "--shop", "B!"): "--shop 'B!' is no key of a shop; "
        "it is lower case letters, digits, - and _",
        ("A-1", "--store", "sqlite:///away.db"): "--store: there is no file 'away.db' "
        f"(seen from {str(tmp_path)!r}); nothing was made",
        ("A-1", "--store", "sqlite://"): "--store 'sqlite://' names no file; "
        "write sqlite:///orders.db, or sqlite:////var/lib/orders.db",
        ("A-1", "--store", "postgresql://db/shop"): "--store 'postgresql://db/shop' names no file; "
        "write sqlite:///orders.db, or sqlite:////var/lib/orders.db",
        ("A-1", "--store", "sqlite:///notes.txt"): "--store: 'notes.txt' cannot be read: file is not a database",
        ("A-1", "--store", "sqlite:///other.db"): "--store: 'other.db' holds no orders of proactive_notify; "
        "name another file",
        ("A-1",): "say where the order is: --app shop.notify:notifier, or --store sqlite:///orders.db",
        ("A-1", "--store", "sqlite:///orders.db", "--app", "a:b"): "--app and --store are two ways to name one store; "
        "leave one out",
    }

    for arguments, said in expected.items():
        for word in ("show", "why"):
            ran = command("orders", word, *arguments)
            assert (2, "", f"proactive-notify: {said}\n") == (ran.status, ran.out, ran.err)
    assert not (tmp_path / "away.db").exists()
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        assert [("orders",)] == other.execute("select name from sqlite_master").fetchall()


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (None, None),
        ("", None),
        ("ada@shop.example", "a***@s***.example"),
        ("a@mail.shop.co.uk", "a***@m***.uk"),
        ("root@localhost", "r***@l***"),
        ("+491711234567", "+***67"),
        ("112", "***"),
        ("@", "***@***"),
    ],
)
def test_addresses_are_masked(address: str | None, shown: str | None) -> None:
    """Enough of an address is left to recognise it, and not enough to write to it."""
    assert shown == masked(address)
