"""`orders at-risk` lists who goes quiet next, and says when nobody looks after them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from proactive_notify import Customer, Email, EmailMessage, Notifier, Shop
from proactive_notify._store.sqlite import InlineSqlite
from proactive_notify.testing import (
    RecordingTransport,
    Simulation,
    VirtualClock,
    order_cancelled,
    order_paid,
    order_placed,
)
from tests.contract.command_line import CommandLine, Ran
from tests.contract.lived_stories import APP, named

ACME = Shop(name="Acme", time_zone="Europe/Berlin", country="DE")
ADA = Customer(name="Ada [bold]L[/bold]", email="ada@shop.example", phone="+4915112345678")
SECRETS = ("ada@", "bob@", "shop.example", "15112345678")
NOON = datetime(2026, 1, 5, 11, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A shop's file: A-1 should ship by Wednesday, A-2 waits for news, A-3 for money, A-4 has ended."""
    path = tmp_path / "orders.db"

    async def live() -> None:
        async with Simulation(store=InlineSqlite(str(path)), shop=ACME, start=NOON - timedelta(hours=2)) as sim:
            await sim.record(order_placed("A-1", customer=ADA, ship_by=date(2026, 1, 7)))
            await sim.record(order_placed("A-2", email="bob@shop.example"))
            await sim.record(order_placed("A-3"), order_paid("A-3"))
            await sim.record(order_cancelled("A-3"))
            await sim.record(order_placed("A-4"), order_cancelled("A-4"))
            await sim.advance(hours=2)

    asyncio.run(live())
    return path


@pytest.fixture
def at_risk(path: Path, command: CommandLine) -> Callable[..., Ran]:
    """The command, as it answers so long after noon."""

    def run(*arguments: str, after: timedelta = timedelta()) -> Ran:
        with shop_of(path, NOON + after):
            return command("orders", "at-risk", *APP, *arguments)

    return run


def shop_of(path: Path, at: datetime) -> AbstractContextManager[None]:
    wire: RecordingTransport[EmailMessage] = RecordingTransport()
    email = Email(wire, sender="Acme <orders@acme.example>")
    return named(Notifier(ACME, store=f"sqlite:///{path}", channels=[email], clock=VirtualClock(at)))


def squeezed(printed: str) -> list[str]:
    return [" ".join(line.split()) for line in printed.splitlines() if line.strip()]


def test_it_says_who_and_what_and_when(at_risk: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    """Soonest first: the customer masked, the promise and what else comes in words, and whose turn it is."""
    monkeypatch.setenv("COLUMNS", "200")
    ran = at_risk()
    late, stock = "“No shipment recorded yet: your order A-1”", "order.backordered (items, expected_by)"
    delayed = "order.delayed (reason, ship_by or deliver_by)"

    assert 0 == ran.status
    assert [
        "Who goes quiet next (times are those of Europe/Berlin)",
        "A-2 in 45 hours Ada, b***@s***.example",
        "promised Ada hears from us by Wednesday, 7 January",
        "else Wednesday, 7 January, 09:00, in 45 hours: Ada hears by email “No news yet: your order A-2” [holding]",
        f"who acts the shop: order.sourcing (note, expected_by), {stock}, {delayed} or customer.answered answers it",
        "A-1 in 2 days Ada [bold]L[/bold], a***@s***.example, +***78",
        "promised the shop hands the parcel over by Wednesday, 7 January",
        f"else Thursday, 8 January, 09:00, in 2 days: Ada hears by email {late} [delayed]",
        f"who acts the shop: order.shipped, {delayed} or order.sourcing (note, expected_by) answers it",
        "A-3 in 8 days Ada, a***@e***.org",
    ] == squeezed(ran.out)[:10]
    assert "the staff hear that the customer's money should be back and no refund has been recorded" in ran.out
    assert "3 orders." == squeezed(ran.out)[-1]
    assert [] == [secret for secret in SECRETS if secret in ran.out]


def test_the_json_has_the_same(at_risk: Callable[..., Ran]) -> None:
    """Plain values: instants in UTC, seconds that are left, keys to grep for, and masked addresses."""
    ran = at_risk("--json")
    first, second, third = ran.json

    assert ["A-2", "A-1", "A-3"] == [each["order_id"] for each in (first, second, third)]
    assert {
        "order_id": "A-1",
        "customer": {"name": "Ada [bold]L[/bold]", "email": "a***@s***.example", "phone": "+***78"},
        "promise": "ship_by",
        "due_at": "2026-01-07T23:00:00Z",
        "ask_at": "2026-01-06T23:00:00Z",
        "speaks_at": "2026-01-08T08:00:00Z",
        "seconds_left": 69 * 3600,
        "is_overdue": False,
        "notice": "delayed",
        "channel": "email",
        "subject": "No shipment recorded yet: your order A-1",
        "next_word": "2026-01-13",
        "rule": "promise.broken",
    } == {name: value for name, value in second.items() if name not in ("parcel", "leaves_at", "staff", "record")}
    assert (None, None) == (third["notice"], third["subject"])
    assert [] == [secret for secret in SECRETS if secret in ran.out]


def test_it_lists_as_many_as_asked_for(at_risk: Callable[..., Ran]) -> None:
    """`--limit` counts orders and says that there may be more; `--within` leaves out what is later."""
    assert ["A-2"] == [each["order_id"] for each in at_risk("--limit", "1", "--json").json]
    assert "1 order, and there may be more: --limit 10 shows them." == squeezed(at_risk("--limit", "1").out)[-1]
    assert ["A-2", "A-1"] == [each["order_id"] for each in at_risk("--within", "3d", "--json").json]
    assert "Nobody goes quiet within 2 hours: no promise of an open order ends.\n" == at_risk("--within", "120m").out


def test_who_is_overdue_ends_with_one(at_risk: Callable[..., Ran]) -> None:
    """Where the moment to speak has passed no worker runs: it says so, what to do, and exits with 1."""
    after = timedelta(days=2)
    ran = at_risk(after=after)
    lines = squeezed(ran.out)
    do = "start `proactive-notify worker`, or call `notifier.run_due()`"

    assert 1 == ran.status
    assert "A-2 overdue for 3 hours Ada, b***@s***.example" == lines[1]
    assert lines[3].startswith(
        "else overdue since 09:00, for 3 hours, because no worker runs: Ada hears by email “No news yet: your order"
    )
    assert f"1 order is overdue, because no worker runs: {do}." == lines[-1]
    assert [True, False, False] == [each["is_overdue"] for each in at_risk("--json", after=after).json]
    assert 1 == at_risk("--json", after=after).status


def test_a_moment_is_not_overdue(at_risk: Callable[..., Ran]) -> None:
    """A worker looks every second: what is due since a moment is not overdue, and two minutes later it is."""
    spoken = timedelta(hours=45, seconds=30)

    assert (0, 1) == (at_risk(after=spoken).status, at_risk(after=spoken + timedelta(minutes=2)).status)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_it_fits(width: int, at_risk: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is wider than the terminal."""
    monkeypatch.setenv("COLUMNS", str(width))

    assert [] == [line for line in at_risk().out.splitlines() if len(line) > width]


def test_the_file_is_enough(path: Path, command: CommandLine) -> None:
    """With --store it is by the default policy, which it says."""
    ran = command("orders", "at-risk", "--store", f"sqlite:///{path}")

    assert 1 == ran.status
    assert "what comes next is by the defaults; --app is exact" in " ".join(ran.out.split())


@pytest.mark.parametrize("said", ["", "3", "d", "-1d", "3 fortnights", "1.5h"])
def test_what_is_no_duration_ends_with_a_sentence(said: str, at_risk: Callable[..., Ran]) -> None:
    """What --within cannot read is said, with what to write."""
    ran: Any = at_risk(f"--within={said}")

    assert (2, "") == (ran.status, ran.out)
    assert f"proactive-notify: {said!r} is no duration; write 90m, 12h, 3d or 2w\n" == ran.err
