"""
Runs the real engine over an event log in virtual time: one shard of it.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import channels
from .._policy.caps import NO_CAPS
from .._policy.history import customer_digest
from .._policy.policy import Policy
from .._store import rows
from .._store.recording import Recorded
from .._store.sqlite import InlineSqlite
from .._store.units import Statement, Unit
from ..domain.customers import Shop
from ..domain.dates import instant_text
from ..domain.decisions import Decision
from ..domain.events import OrderPlaced
from ..domain.messages import EmailMessage, Message, SmsMessage
from ..errors import EventInvalid
from ..ports import Transport
from .event_log import Arrival, EventLog, Rejected
from .recording import RecordingTransport
from .shard_files import ShardFile
from .simulation import Simulation
from .tally import SilenceMeter, Tally

if TYPE_CHECKING:
    from ..channels import Sms

#: The key of the shop of a replay.
_KEY = "replay"
#: Who texts in a replay: as long as a service's name, which is no sender of any country.
_SENDER = "a messaging service"
_CHANNELS: Mapping[type[Message], str] = {EmailMessage: "email", SmsMessage: "sms"}


@dataclass(frozen=True, kw_only=True)
class ReplayPlan:
    """What to replay, and how."""

    files: tuple[str, ...]
    out: Path
    policy: str = "small-shop"
    #: Inclusive; ``None``: the time of the last event.
    until: datetime | None = None
    #: Stop at the first line that is no valid event.
    strict: bool = False
    #: In whose name the mails are written.
    shop: Shop = Shop(key=_KEY)
    #: Text too, whoever agreed to it.
    sms: bool = False
    #: What a part of a text costs; ``None``: nobody said.
    sms_price: Decimal | None = None
    shard: int = 0
    shards: int = 1
    #: Order → the first order of the same customer, where they have several; found by :func:`with_their_first`.
    first_orders: Mapping[str, str] = field(default_factory=dict)

    def has(self, order_id: str) -> bool:
        """Return whether the order is in this shard. A customer's orders are, all or none: one follows the other."""
        return zlib.crc32(self.first_orders.get(order_id, order_id).encode()) % self.shards == self.shard


def with_their_first(log: EventLog) -> dict[str, str]:
    """Return the orders of customers who have ordered before, each with the first order of the customer."""
    first: dict[str, str] = {}
    found: dict[str, str] = {}
    for each in log.read(only=OrderPlaced.type):
        if isinstance(each, Arrival) and type(each.event) is OrderPlaced:
            digest, order_id = customer_digest(each.event.customer, "replay"), each.event.order_id
            if digest and first.setdefault(digest, order_id) != order_id:
                found[order_id] = first[digest]
    return found


class Replay:
    """
    One shard of a replay.

    Args:
        behind: a real transport that gets the mails too.
        progress: called with the number of lines that were read.
    """

    def __init__(
        self,
        plan: ReplayPlan,
        *,
        behind: Transport | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.plan = plan
        self.tally = Tally()
        self._progress = progress or (lambda _: None)
        self._silence = SilenceMeter()
        self._store = InlineSqlite()
        self._email: RecordingTransport[EmailMessage] = RecordingTransport(behind, each=self._sent)
        self._sms = _texts(plan, RecordingTransport(each=self._texted)) if plan.sms else None
        self._messages, self._decisions, self._rejects = (
            ShardFile(plan.out, name, plan.shard) for name in ("messages", "decisions", "rejected")
        )
        self._orders: set[str] = set()
        self._first_at: datetime | None = None
        self._last_at: datetime | None = None

    async def run(self) -> Tally:
        """
        Replay this shard; its files are complete when it returns.

        Raises:
            EventInvalid: a line is not valid, and the replay is strict.
            UsageError: a file cannot be read.
        """
        try:
            arrivals = self._arrivals()
            first = next(arrivals, None)
            if first is not None:
                await self._replay(first, arrivals)
        finally:
            for file in (self._messages, self._decisions, self._rejects):
                file.close()
        self.tally.longest_silence = self._silence.longest
        self.tally.orders = len(self._orders)
        return self.tally

    async def _replay(self, first: Arrival, rest: Iterator[Arrival]) -> None:
        policy, shop = Policy.named(self.plan.policy), self.plan.shop
        start = self._first_at or first.at
        texts = [self._sms] if self._sms is not None else []
        async with Simulation(
            start=start, shop=shop, policy=policy, store=self._store, email=self._email, channels=texts
        ) as sim:
            for at, batch in groupby(chain([first], rest), key=lambda arrival: arrival.at):
                await self._record(sim, at, list(batch))
            until = self.plan.until or self._last_at
            if until is not None:
                await sim.run_until(max(until, sim.now))
            self._silence.end(sim.now)
            await self._take_stock()

    def _arrivals(self) -> Iterator[Arrival]:
        """Yield the arrivals of this shard; invalid lines are the first shard's, but each stops a strict replay."""
        until = self.plan.until
        for number, found in enumerate(EventLog(self.plan.files).read(), start=1):
            self._progress(number)
            if isinstance(found, Rejected):
                if self.plan.shard == 0 or self.plan.strict:
                    self._reject(found)
                continue
            self._first_at = self._first_at or found.at
            if until is not None and found.at > until:
                self.tally.left_out += self.plan.shard == 0
                continue
            self._last_at = found.at
            if self.plan.has(found.event.order_id):
                yield found

    def _reject(self, found: Rejected) -> None:
        if self.plan.strict:
            said = f"{found.file}, line {found.line}: {found.reason}"
            raise EventInvalid(f"{said}. Mend the line, or leave --strict out: then the rest goes on")
        self.tally.rejected += 1
        line = {"file": found.file, "line": found.line, "reason": found.reason}
        position = f"{self.plan.files.index(found.file):06}:{found.line:012}"
        self._rejects.add(rows.moment(0), position, line)

    async def _record(self, sim: Simulation, at: datetime, batch: list[Arrival]) -> None:
        """Record what arrives at one instant as one batch; if that is refused, line by line."""
        try:
            self._took(await sim.record_at(at, *(each.event for each in batch)), at, count=len(batch))
        except EventInvalid:
            for each in batch:
                try:
                    self._took(await sim.record_at(at, each.event), at, count=1)
                except EventInvalid as error:
                    self._reject(Rejected(file=each.file, line=each.line, reason=str(error)))

    def _took(self, recorded: Recorded, at: datetime, *, count: int) -> None:
        self.tally.events += recorded.new
        self.tally.repeated += count - recorded.new
        self._orders.update(order.order_id for order in recorded.orders)
        self._silence.recorded(recorded, at)

    def _texted(self, message: SmsMessage) -> None:
        sms = self._sms
        if sms is not None:
            parts = sms.cost(message)
            self.tally.sms_parts += parts
            self.tally.sms_cost += parts * (sms.price_per_part or 0)
        self._sent(message)

    def _sent(self, message: Message) -> None:
        self.tally.by_notice[message.notice] += 1
        self.tally.by_month[f"{message.at:%Y-%m}"] += 1
        self._silence.heard(message.order_id, message.at, for_the_last_time=message.notice == "resolution")
        self._messages.add(message.at, message.order_id, message_line(message))

    async def _take_stock(self) -> None:
        """Write the decisions down, and count what is in the store."""
        tally = self.tally
        decisions, broken, words = await self._store.read(lambda: _stock(_KEY))
        for each in decisions:
            self._decisions.add(each.at, each.order_id, decision_line(each))
        tally.unreachable = len({each.order_id for each in decisions if each.rule == "unreachable"})
        tally.closed = sum(each.decision == "closed" for each in decisions)
        tally.broken.update(broken)
        tally.staff_words.update(words)


def _stock(shop: str) -> Unit[tuple[list[Decision], dict[str, int], dict[str, int]]]:
    decisions = yield Statement("decision_all", {"shop": shop})
    broken = yield Statement("promise_broken", {"shop": shop})
    words = yield Statement("staff_count", {"shop": shop})
    return [rows.decision(each) for each in decisions], dict(map(tuple, broken)), dict(map(tuple, words))


def _texts(plan: ReplayPlan, transport: Transport) -> "Sms":
    """Texts to numbers of all countries, as many as there are: what they would have cost."""
    return channels.Sms(transport, sender=_SENDER, caps=NO_CAPS, price_per_part=plan.sms_price)


def message_line(message: Message) -> dict[str, Any]:
    """Return a message as it stands in ``messages.jsonl``."""
    parts = {part: getattr(message, part) for part in ("subject", "text") if hasattr(message, part)}
    return {
        "message_id": message.message_id,
        "order_id": message.order_id,
        "notice": message.notice,
        "occasion": message.occasion,
        "channel": _CHANNELS.get(type(message), type(message).__name__),
        "to": message.to,
        "at": instant_text(message.at),
        "subject": "",
        "text": "",
        **parts,
        "message_state": "sent",
    }


def decision_line(decision: Decision) -> dict[str, Any]:
    """Return a decision as it stands in ``decisions.jsonl``."""
    return {
        "at": instant_text(decision.at),
        "order_id": decision.order_id,
        "notice": decision.notice,
        "occasion": decision.occasion,
        "decision": decision.decision.value,
        "rule": decision.rule,
    }
