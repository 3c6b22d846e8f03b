"""
A silence as a short story for the owner of the shop.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from .._policy.zones import zone_named
from ..domain.dates import parse_instant

#: What the customer last heard, or what ended the silence, in words.
_WORDS: Mapping[str, str] = {
    "order.placed": "the order was placed",
    "order.accepted": "the shop took the order on",
    "order.edited": "the order was changed",
    "order.paid": "the money was taken",
    "order.payment_failed": "the payment failed",
    "order.sourcing": "somebody went looking for the goods",
    "order.backordered": "something was out of stock",
    "order.delayed": "the shop said that it would be late",
    "order.packed": "the parcel was packed",
    "order.shipped": "the parcel was handed to the carrier",
    "tracking.updated": "the carrier reported on the parcel",
    "order.ready_for_pickup": "the goods were ready to be fetched",
    "order.delivered": "the parcel was delivered",
    "order.picked_up": "the customer fetched the goods",
    "order.cancelled": "the order was cancelled",
    "order.refunded": "the money went back",
    "order.return_requested": "the customer asked to send something back",
    "order.return_received": "the goods came back",
    "order.closed": "the order was handed to people",
    "customer.answered": "a person answered the customer",
}
#: Of what would have been said so many words are told one by one; of the rest it is said how many there are.
_TOLD = 4


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A word that would have been said, and where it stands in the silence: 0 its beginning, 100 its end."""

    day: str
    notice: str
    subject: str
    place: float


@dataclass(frozen=True, kw_only=True)
class SilenceStory:
    """One silence, told. Days are those of the customer's zone."""

    order_id: str
    region: str
    phase: str
    length: str
    business_days: int
    since: str
    until: str
    before: str
    after: str
    is_ended: bool
    promised: str
    #: Where the promised day stands in the silence; ``None`` outside it.
    promised_place: float | None
    #: ``None``: the engine did not play the order.
    said: tuple[Mark, ...] | None

    @property
    def told(self) -> tuple[Mark, ...]:
        """The words that are told one by one: the first ones, and the last."""
        said = self.said or ()
        return said if len(said) <= _TOLD + 1 else (*said[:_TOLD], said[-1])

    @property
    def untold(self) -> int:
        """How many words lie between those."""
        return len(self.said or ()) - len(self.told)


def stories(lines: Iterable[Mapping[str, Any]]) -> list[SilenceStory]:
    """Tell silences: lines of ``silences.jsonl``."""
    return [_story(each) for each in lines]


def _story(line: Mapping[str, Any]) -> SilenceStory:
    zone = zone_named(line["time_zone"]) or UTC
    since, until = (parse_instant(line[name]) for name in ("since", "until"))
    promised = line["promised"]
    passed = _end_of(promised, zone) if promised else None
    said = line["would_have_said"]
    return SilenceStory(
        order_id=line["order_id"],
        region=line["region"],
        phase=line["phase"],
        length=length(line["hours"]),
        business_days=line["business_days"],
        since=_day(since, zone),
        until=_day(until, zone),
        before=_sentence(line["heard"]) if line["heard"] else "The order was placed, and nothing was sent.",
        after=_sentence(line["ended_by"]) if line["ended_by"] else "Here the log ends. Still not a word.",
        is_ended=bool(line["ended_by"]),
        promised=_day(passed - timedelta(seconds=1), zone) if passed else "",
        promised_place=_place(passed, since, until) if passed and since < passed < until else None,
        said=None if said is None else _marks(said, since, until, zone, line["order_id"]),
    )


def _marks(
    said: Sequence[Mapping[str, str]], since: datetime, until: datetime, zone: tzinfo, order_id: str
) -> tuple[Mark, ...]:
    times = [parse_instant(each["at"]) for each in said]
    return tuple(
        Mark(
            day=_day(at, zone),
            notice=each["notice"],
            subject=each["subject"].replace(order_id, "…"),
            place=_place(at, since, until),
        )
        for at, each in zip(times, said, strict=True)
    )


def length(hours: float) -> str:
    """Return a length in whole days, or in hours where it is less than two days."""
    return f"{round(hours)} hours" if hours < 48 else f"{int(hours // 24):,} days"


def _place(at: datetime, since: datetime, until: datetime) -> float:
    return round(100 * ((at - since) / (until - since)), 2)


def _end_of(promised: str, zone: tzinfo) -> datetime:
    if "T" in promised:
        return parse_instant(promised)
    return datetime.fromisoformat(promised).replace(tzinfo=zone) + timedelta(days=1)


def _day(at: datetime, zone: tzinfo) -> str:
    local = at.astimezone(zone)
    return f"{local.day} {local:%b %Y}"


def _sentence(what: str) -> str:
    words = _WORDS.get(what) or f"the message “{what}” was sent"
    return f"{words[0].upper()}{words[1:]}."
