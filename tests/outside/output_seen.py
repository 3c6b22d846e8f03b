"""What a replay wrote, as it stands in its directory, and what one order's share of it is."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.outside.arrivals import Event, Log, lines_of
from tests.outside.days import instant
from tests.outside.order_seen import OrderSeen


@dataclass(frozen=True, slots=True)
class Message:
    """One line of messages.jsonl."""

    order: str
    notice: str
    occasion: str
    channel: str
    to: str
    at: datetime
    message_id: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of decisions.jsonl."""

    order: str
    at: datetime
    notice: str
    decision: str
    rule: str

    @property
    def unreachable(self) -> bool:
        """Whether it says that nobody can be reached."""
        return "unreachable" in self.rule


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be, with what was expected and what was there."""

    order: str
    rule: str
    text: str

    @property
    def line(self) -> str:
        """The finding as it is printed."""
        return f"{self.order}: {self.rule}: {self.text}"


@dataclass(frozen=True)
class Output:
    """The three files of a replay."""

    messages: Sequence[Message]
    decisions: Sequence[Decision]
    summary: Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """One order with all that was said about it."""

    order: OrderSeen
    messages: Sequence[Message]
    decisions: Sequence[Decision]
    until: datetime

    @property
    def id(self) -> str:
        """The order's id."""
        return self.order.id

    @cached_property
    def unreachable(self) -> list[Decision]:
        """The decisions that stand where a message would stand if there were an address."""
        found = []
        for decision in self.decisions:
            state = self.order.at(decision.at) if decision.unreachable else None
            if state is not None and not state.email:
                found.append(decision)
        return found

    def events(self, *types: str) -> list[Event]:
        """The order's events of these types, in order of arrival."""
        return [event for event in self.order.events if event.type in types]

    def told(self, *notices: str) -> list[Message]:
        """The messages of these notices."""
        return [message for message in self.messages if message.notice in notices]

    def finding(self, rule: str, text: str) -> Finding:
        """A finding about this order."""
        return Finding(self.id, rule, text)


def read_output(folder: Path) -> Output:
    """Read what a replay wrote."""
    messages = [_message(json.loads(line)) for line in lines_of(folder / "messages.jsonl")]
    decisions = [_decision(json.loads(line)) for line in lines_of(folder / "decisions.jsonl")]
    return Output(messages, decisions, json.loads((folder / "summary.json").read_text(encoding="utf-8")))


def cases(log: Log, output: Output, until: datetime) -> list[Case]:
    """One case an order, also for orders that only the output knows."""
    messages: dict[str, list[Message]] = defaultdict(list)
    decisions: dict[str, list[Decision]] = defaultdict(list)
    for message in output.messages:
        messages[message.order].append(message)
    for decision in output.decisions:
        decisions[decision.order].append(decision)
    found = []
    for id in [*log.orders, *(id for id in messages if id not in log.orders)]:
        closed = sorted({decision.at for decision in decisions[id] if decision.decision == "closed"})
        events = [event for event in log.orders.get(id, []) if event.arrival <= until]
        found.append(Case(OrderSeen(id, events, closed), messages[id], decisions[id], until))
    return found


def _message(row: dict[str, Any]) -> Message:
    return Message(
        order=row["order_id"],
        notice=row["notice"],
        occasion=str(row["occasion"]),
        channel=row["channel"],
        to=row["to"],
        at=instant(row["at"]),
        message_id=row["message_id"],
        subject=row["subject"],
        text=row["text"],
    )


def _decision(row: dict[str, Any]) -> Decision:
    return Decision(
        order=row.get("order_id") or "",
        at=instant(row["at"]),
        notice=row.get("notice") or "",
        decision=row["decision"],
        rule=str(row.get("rule") or ""),
    )
