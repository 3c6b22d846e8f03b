"""What the contract tests of the engine share: a wire that does as it is told, and a look into the tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from proactive_notify import Accepted, Channel, Customer, Email, Message, Notice, Notifier, OrderPlaced, Policy, Shop
from proactive_notify._policy.cases import Rulebook
from proactive_notify._store.sqlite import InlineSqlite
from proactive_notify.notices import default_notices
from proactive_notify.testing import VirtualClock

MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
TABLES = (
    "pn_order",
    "pn_event",
    "pn_parcel",
    "pn_promise",
    "pn_notice",
    "pn_message",
    "pn_decision",
    "pn_staff_word",
    "pn_suppression",
    "pn_pause",
)


def rules(*, notices: Sequence[type[Notice[Any]]] = default_notices) -> Rulebook:
    """What a shop decided, as the units of work take it."""
    return Rulebook(
        shop=Shop(),
        policy=Policy(),
        notices=tuple(notices),
        addresses={"email": lambda order: order.customer.mailbox},
        zones_of_country=lambda _: (),
    )


def placed(order_id: str = "A-1", **fields: Any) -> OrderPlaced:
    """An order as the shop's own code would record it again and again: with its id and its time."""
    usual: dict[str, Any] = {
        "id": f"{order_id}:placed",
        "source": "shop",
        "at": MONDAY,
        "customer": Customer(name="Ada", email=f"{order_id.lower()}@example.org"),
    }
    return OrderPlaced(order_id=order_id, **{**usual, **fields})


def look(path: Path, query: str, *values: Any) -> list[dict[str, Any]]:
    """The rows of a query, asked on a connection of its own."""
    db = sqlite3.connect(path)
    db.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in db.execute(query, values)]
    finally:
        db.close()


def everything(path: Path) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables, but for what says how often and when somebody asked, and what each store keys anew."""
    found = {table: look(path, f"select * from {table}") for table in TABLES}
    for row in found["pn_order"]:
        del row["version"], row["touched_at"], row["customer"]
    return found


class Wire:
    """
    A transport that does as it is told.

    Args:
        answer: what to raise for a message; ``None`` to take it.
        meanwhile: what happens while a message is under way.
    """

    def __init__(
        self,
        answer: Callable[[Message], BaseException | None] = lambda _: None,
        *,
        meanwhile: Callable[[Message], Awaitable[object]] | None = None,
    ) -> None:
        self.answer, self.meanwhile = answer, meanwhile
        self.tried: list[Message] = []
        self.taken: list[Message] = []

    async def send(self, message: Message) -> Accepted:
        self.tried.append(message)
        if self.meanwhile is not None:
            await self.meanwhile(message)
        error = self.answer(message)
        if error is not None:
            raise error
        self.taken.append(message)
        return Accepted(reference=f"wire-{len(self.taken)}")

    def refuse(self, *errors: BaseException) -> None:
        """Answer the next messages with these errors, one each, and take what comes after."""
        waiting = list(errors)
        self.answer = lambda _: waiting.pop(0) if waiting else None

    @property
    def told(self) -> list[tuple[str, str]]:
        """What was taken: order and notice."""
        return [(message.order_id, message.notice) for message in self.taken]

    @property
    def asked(self) -> list[tuple[str, str]]:
        """What was tried: order and notice."""
        return [(message.order_id, message.notice) for message in self.tried]


class Short(Message):
    """A message with one part, for channels that only tests have."""

    parts: ClassVar[tuple[str, ...]] = ("text",)

    text: str


def short(name: str, wire: Wire) -> Channel:
    """A channel of one part; its address stands in the customer's ``extra`` under the channel's name."""
    return Channel(name, message=Short, transport=wire, address=lambda customer: customer.extra.get(name))


class Stage:
    """A database file, a clock that stands still, and notifiers on them: as many processes would have."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "orders.db"
        self.templates = folder / "templates"
        self.templates.mkdir()
        self.clock = VirtualClock(MONDAY)

    def notifier(self, wire: Wire | None = None, **arguments: Any) -> Notifier:
        """A notifier on the file; by email on ``wire`` unless channels are given."""
        email = Email(wire or Wire(), sender="Acme <orders@acme.example>")
        usual = {
            "store": InlineSqlite(str(self.path)),
            "channels": [email],
            "clock": self.clock,
            "templates": [self.templates],
        }
        shop = arguments.pop("shop", Shop(name="Acme", reply_to="help@acme.example"))
        return Notifier(shop, **{**usual, **arguments})

    def template(self, name: str, text: str) -> None:
        """Write a template part, for example ``paid/push.text``."""
        file = self.templates / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def move(self, **duration: float) -> None:
        """Move the clock on."""
        self.clock.move_to(self.clock.now() + timedelta(**duration))

    def look(self, query: str, *values: Any) -> list[dict[str, Any]]:
        return look(self.path, query, *values)

    def messages(self, columns: str = "state", order_id: str = "A-1") -> list[Any]:
        """One column of an order's messages, or tuples of several, in the order of the lane."""
        found = self.look(f"select {columns} from pn_message where order_id = ? order by pk", order_id)
        return [next(iter(row.values())) if len(row) == 1 else tuple(row.values()) for row in found]

    def decisions(self, order_id: str = "A-1") -> list[tuple[str, str]]:
        """What was decided about an order, and by which rule."""
        found = self.look("select decision, rule from pn_decision where order_id = ? order by pk", order_id)
        return [(row["decision"], row["rule"]) for row in found]

    def staff(self, order_id: str = "A-1") -> list[str]:
        """The subjects of the words to the staff."""
        found = self.look("select subject from pn_staff_word where order_id = ? order by pk", order_id)
        return [row["subject"] for row in found]
