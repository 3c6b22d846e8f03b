"""Small stories written by hand: right ones, in which every promise is kept, and wrong ones, each with its rule."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.outside.checker import Expected, check

EMAIL = "ada@example.org"


def at(day: int, hour: int = 10, minute: int = 0) -> datetime:
    """A moment of the story: days are counted from Monday, 1 January 2018."""
    return datetime(2018, 1, 1, hour, minute, tzinfo=UTC) + timedelta(days=day - 1)


def iso(day: int) -> str:
    return at(day).date().isoformat()


@dataclass
class Story:
    """One order's events and messages, to be written down and checked."""

    until: datetime = field(default_factory=lambda: at(2))
    lines: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    decisions: list[dict[str, Any]] = field(default_factory=list)
    unreachable: int = 0

    def event(self, type: str, time: datetime, *, order: str = "A", **data: Any) -> Story:
        envelope = {"specversion": "1.0", "id": f"{order}:{len(self.lines)}", "source": "shop", "type": type}
        self.lines.append(envelope | {"subject": order, "time": time.isoformat(), "data": data})
        self.until = max(self.until, time)
        return self

    def placed(self, *promises: tuple[str, str], email: str = EMAIL, **data: Any) -> Story:
        customer = {"email": email, "time_zone": "UTC"} if email else {}
        return self.event("order.placed", at(1), customer=customer, promises=dict(promises), **data)

    def told(self, notice: str, when: datetime, *, occasion: str = "", order: str = "A", **row: Any) -> Story:
        number = len(self.messages)
        message = {"message_id": f"<{number}@x>", "order_id": order, "notice": notice, "channel": "email", "to": EMAIL}
        message |= {"occasion": occasion or f"{notice}:{number}", "at": when.isoformat(), "subject": notice}
        self.messages.append(message | {"text": f"{notice} {number}", "message_state": "sent"} | row)
        return self

    def confirmed(self) -> Story:
        return self.told("order-received", at(1), occasion="placed")

    def decided(self, decision: str, when: datetime, *, rule: str = "policy", notice: str = "") -> Story:
        row = {"at": when.isoformat(), "order_id": "A", "notice": notice, "occasion": "", "decision": decision}
        self.decisions.append(row | {"rule": rule})
        return self

    def write(self, folder: Path) -> Path:
        log = folder / "log.jsonl"
        orders = {line["subject"] for line in self.lines if line["type"] == "order.placed"}
        summary: dict[str, Any] = {
            "events": len(self.lines),
            "rejected": 0,
            "orders": len(orders),
            "messages": len(self.messages),
        }
        summary |= {"by_notice": Counter(row["notice"] for row in self.messages), "unreachable": self.unreachable}
        for path, rows in (
            (log, self.lines),
            (folder / "messages.jsonl", self.messages),
            (folder / "decisions.jsonl", self.decisions),
            (folder / "summary.json", [summary]),
        ):
            path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return log

    def findings(self, folder: Path, **expected: int) -> set[str]:
        """The names of the rules that this story breaks."""
        report = check(self.write(folder), folder, until=self.until, expected=Expected(**expected))
        return {finding.rule for finding in report.findings}

    def ends(self, day: int, hour: int = 12) -> Story:
        self.until = at(day, hour)
        return self


SHIP = ("ship_by", "2018-01-04T12:00:00+00:00")  # Thursday noon
DELIVER = ("deliver_by", "2018-01-10")  # Wednesday


def good() -> Story:
    """Placed on Monday, shipped on Wednesday, delivered on Friday."""
    story = Story().placed(SHIP, DELIVER).confirmed()
    story.event("order.shipped", at(3)).told("shipped", at(3, 10, 2), occasion="parcel:")
    return story.event("order.delivered", at(5)).told("delivered", at(5), occasion="parcel:").ends(20)


def silent_start(*promises: tuple[str, str]) -> Story:
    return Story().placed(*promises).confirmed()


def passed_the_day() -> Story:
    """Shipped, but not delivered by the tenth."""
    story = silent_start(DELIVER).event("order.shipped", at(3)).told("shipped", at(3))
    return story.told("holding", at(9, 17))


def long_after() -> Story:
    """Shipped and not heard of: ten days of words, until people take over on 10 February."""
    story = passed_the_day().told("late", at(11)).told("holding", at(16)).told("holding", at(19))
    return story.told("holding", at(26)).told("holding", at(33)).told("holding", at(38))


def unreachable() -> Story:
    story = Story(unreachable=1).placed(DELIVER, email="")
    return story.decided("dropped", at(1), rule="unreachable", notice="order-received").ends(2)


def unconfirmed() -> Story:
    return Story().placed(DELIVER).told("holding", at(3)).ends(4)


RIGHT: dict[str, Callable[[], Story]] = {
    "delivered in time": good,
    "no date: a word after two business days": lambda: silent_start().told("holding", at(3)).ends(5, 10),
    "no date: Friday's word holds until Tuesday": lambda: (
        silent_start().told("holding", at(3)).told("holding", at(5)).ends(9, 10)
    ),
    "a date ahead: five business days": lambda: silent_start(DELIVER).told("holding", at(8)).ends(10),
    "a person's word counts": lambda: (
        silent_start().event("customer.answered", at(2), by="Bo").told("holding", at(4)).ends(5)
    ),
    "late at ten the next day": lambda: passed_the_day().told("late", at(11)).ends(16, 10),
    "past its date: three, twice, then five": lambda: (
        silent_start(DELIVER)
        .told("holding", at(8))
        .told("late", at(11))
        .told("holding", at(16))
        .told("holding", at(19))
        .ends(26, 10)
    ),
    "delivered at the very hour at which it would be late": lambda: (
        passed_the_day().event("order.delivered", at(11)).told("delivered", at(11)).ends(20)
    ),
    "delayed four hours after the date": lambda: silent_start(SHIP, DELIVER).told("delayed", at(4, 16)).ends(5),
    "delayed in office hours": lambda: (
        silent_start(("ship_by", "2018-01-04T15:00:00+00:00"), DELIVER).told("delayed", at(5, 9)).ends(6)
    ),
    "a shipping day ends at midnight": lambda: (
        silent_start(("ship_by", "2018-01-04"), DELIVER).told("delayed", at(5, 9)).ends(6)
    ),
    "a new date replaces the old one": lambda: (
        silent_start(SHIP, DELIVER)
        .event("order.delayed", at(3), ship_by=iso(20), deliver_by=iso(25))
        .told("delayed", at(3))
        .ends(10, 10)
    ),
    "born past: told at once": lambda: silent_start(("deliver_by", "2017-12-30")).told("late", at(1)).ends(2),
    "no date at all: thirty days": lambda: (
        silent_start()
        .event("order.shipped", at(2))
        .told("shipped", at(2))
        .told("holding", at(9))
        .told("holding", at(16))
        .told("holding", at(23))
        .told("holding", at(30))
        .told("late", at(32))
        .ends(34)
    ),
    "closed thirty days after": lambda: long_after().told("resolution", at(41)).decided("closed", at(41)).ends(90),
    "woken after closing": lambda: (
        long_after()
        .told("resolution", at(41))
        .decided("closed", at(41))
        .event("order.delivered", at(60))
        .told("delivered", at(60))
        .ends(90)
    ),
    "lost: closed at once": lambda: (
        passed_the_day()
        .event("tracking.updated", at(10), status="lost")
        .told("resolution", at(10, 10, 2))
        .decided("closed", at(10, 10, 2))
        .ends(90)
    ),
    "cancelled": lambda: silent_start(DELIVER).event("order.cancelled", at(3)).told("cancelled", at(3)).ends(90),
    "a refund after the end is told": lambda: (
        good().event("order.refunded", at(8), amount={"amount": "5.00", "currency": "EUR"}).told("refunded", at(9, 9))
    ),
    "a question outlives the end": lambda: (
        good().event("customer.asked", at(6)).told("holding", at(8), occasion="answer_by:2018-01-08T10:00:00Z")
    ),
    "nobody to tell": unreachable,
    "an address comes later": lambda: (
        unreachable().event("customer.updated", at(2), email=EMAIL).told("holding", at(2, 11)).ends(3)
    ),
    "placed without a word": lambda: Story().placed(DELIVER, notify=False).told("holding", at(5)).ends(6),
    "an import": lambda: Story().event("order.paid", at(20), order="B").placed(DELIVER).ends(20),
    "shipped before placed": lambda: (
        Story().event("order.shipped", at(1, 8)).placed(DELIVER).confirmed().told("shipped", at(1, 10, 2)).ends(2)
    ),
    "two parcels": lambda: (
        silent_start(DELIVER)
        .event("order.shipped", at(2), shipment_id="1", items=[{"name": "Bag", "quantity": 1}])
        .told("shipped", at(2), occasion="parcel:1")
        .event("order.delivered", at(3), shipment_id="1")
        .told("delivered", at(3), occasion="parcel:1")
        .event("order.shipped", at(3, 12), shipment_id="2")
        .told("shipped", at(3, 12), occasion="parcel:2")
        .event("order.delivered", at(4), shipment_id="2")
        .told("delivered", at(4), occasion="parcel:2")
        .ends(30)
    ),
    "a parcel under way outlives the cancelling": lambda: (
        silent_start(DELIVER)
        .event("order.shipped", at(3))
        .told("shipped", at(3))
        .event("order.cancelled", at(4))
        .told("cancelled", at(4))
        .told("holding", at(11))
        .ends(12)
    ),
}

WRONG: dict[str, tuple[str, Callable[[], Story]]] = {
    "no confirmation": ("first-is-confirmation", unconfirmed),
    "a late confirmation": (
        "first-is-confirmation",
        lambda: Story().placed(DELIVER).told("order-received", at(1, 10, 5)).ends(2),
    ),
    "something before the confirmation": (
        "first-is-confirmation",
        lambda: Story().placed(DELIVER).event("order.paid", at(1)).told("payment-received", at(1)).confirmed().ends(2),
    ),
    "a second confirmation": ("first-is-confirmation", lambda: good().told("order-received", at(5))),
    "told of an order nobody placed": (
        "first-is-confirmation",
        lambda: Story().event("order.shipped", at(1)).told("shipped", at(1)).ends(2),
    ),
    "told although nobody was to be": (
        "first-is-confirmation",
        lambda: Story().placed(DELIVER, notify=False).confirmed().ends(2),
    ),
    "nobody to tell, and no decision": ("unreachable", lambda: Story(unreachable=1).placed(DELIVER, email="").ends(2)),
    "nobody to tell, and told": ("unreachable", lambda: unreachable().told("holding", at(1, 12))),
    "the same occasion twice": ("no-double", lambda: good().told("delivered", at(5, 10, 1), occasion="parcel:")),
    "the same text on one day": (
        "no-double",
        lambda: silent_start(DELIVER).told("holding", at(3), text="x").told("holding", at(3, 11), text="x").ends(4),
    ),
    "the same message id": ("no-double", lambda: good().told("delivered", at(5, 10, 1), message_id="<0@x>")),
    "a word after the delivery": ("quiet-after-end", lambda: good().told("question-received", at(7))),
    "a held word after the delivery": ("quiet-after-end", lambda: good().told("payment-received", at(6, 9))),
    "a word after the closing": (
        "quiet-after-end",
        lambda: long_after().told("resolution", at(41)).decided("closed", at(41)).told("holding", at(46)).ends(90),
    ),
    "a word long after the event after the end": (
        "quiet-after-end",
        lambda: good().event("order.refunded", at(8), amount="5 EUR").told("refunded", at(9, 18)),
    ),
    "an answer long after the end": (
        "quiet-after-end",
        lambda: good().event("customer.asked", at(6)).told("holding", at(12), occasion="answer_by:2018-01-12"),
    ),
    "no date: three business days of silence": (
        "silence-budget",
        lambda: silent_start().told("holding", at(4)).ends(5),
    ),
    "a date ahead: six business days of silence": ("silence-budget", lambda: silent_start(DELIVER).ends(9)),
    "past its date: four business days of silence": (
        "silence-budget",
        lambda: silent_start(DELIVER).told("holding", at(8)).told("late", at(11)).ends(17),
    ),
    "silence that began before a person spoke": (
        "silence-budget",
        lambda: silent_start().event("customer.answered", at(5)).ends(6),
    ),
    "nobody to tell, and no decision instead": ("silence-budget", lambda: unreachable().ends(9)),
    "a parcel under way after the cancelling": (
        "silence-budget",
        lambda: (
            silent_start(DELIVER)
            .event("order.shipped", at(3))
            .told("shipped", at(3))
            .event("order.cancelled", at(4))
            .told("cancelled", at(4))
            .ends(12)
        ),
    ),
    "the day passed unheard": ("promised-day-heard", lambda: passed_the_day().ends(12)),
    "the day heard an hour late": ("promised-day-heard", lambda: passed_the_day().told("late", at(11, 11)).ends(12)),
    "the shipping date passed unheard": ("promised-day-heard", lambda: silent_start(SHIP, DELIVER).ends(5)),
    "delayed at night": (
        "promised-day-heard",
        lambda: silent_start(("ship_by", "2018-01-04T15:00:00+00:00"), DELIVER).told("delayed", at(4, 19)).ends(6),
    ),
    "the thirtieth day passed unheard": (
        "promised-day-heard",
        lambda: silent_start().event("order.shipped", at(2)).told("shipped", at(2)).ends(34),
    ),
    "born past and not told": ("promised-day-heard", lambda: silent_start(("deliver_by", "2017-12-30")).ends(2)),
    "the new date passed unheard": (
        "promised-day-heard",
        lambda: silent_start(DELIVER).event("order.shipped", at(3), deliver_by=iso(4)).told("shipped", at(3)).ends(6),
    ),
    "late although delivered": ("never-untrue", lambda: good().told("late", at(5, 10, 1))),
    "late before its day": ("never-untrue", lambda: silent_start(DELIVER).told("late", at(5)).ends(6)),
    "delayed although shipped": (
        "never-untrue",
        lambda: (
            silent_start(SHIP, DELIVER)
            .event("order.shipped", at(3))
            .told("shipped", at(3))
            .told("delayed", at(4, 16), occasion="ship_by:2018-01-04T12:00:00Z")
            .ends(5)
        ),
    ),
    "shipped although delivered": ("never-untrue", lambda: good().told("shipped", at(5, 10, 1))),
    "shipped although nobody said so": ("never-untrue", lambda: silent_start(DELIVER).told("shipped", at(2)).ends(3)),
    "the payment told a week later": (
        "news-is-fresh",
        lambda: silent_start(DELIVER).event("order.paid", at(2)).told("payment-received", at(8)).ends(9),
    ),
    "a handover untold": ("milestones-told", lambda: silent_start(DELIVER).event("order.shipped", at(3)).ends(4)),
    "a delivery untold": ("milestones-told", lambda: passed_the_day().event("order.delivered", at(10)).ends(11)),
    "a cancelling untold": ("milestones-told", lambda: silent_start(DELIVER).event("order.cancelled", at(3)).ends(4)),
    "closed too early": (
        "closed",
        lambda: passed_the_day().told("resolution", at(10)).decided("closed", at(10)).ends(11),
    ),
    "closed without a word": ("closed", lambda: long_after().decided("closed", at(41)).ends(45)),
    "an empty text": ("well-formed", lambda: silent_start(DELIVER).told("holding", at(3), text=" ").ends(4)),
    "another's address": ("well-formed", lambda: silent_start(DELIVER).told("holding", at(3), to="bo@x.org").ends(4)),
    "after the end of the replay": ("well-formed", lambda: silent_start(DELIVER).told("holding", at(3)).ends(2)),
    "out of order": ("time-order", lambda: silent_start(DELIVER).told("holding", at(4)).told("holding", at(3)).ends(5)),
}
