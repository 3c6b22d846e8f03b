"""
The replay's summary for a person: one page that needs nothing but a browser.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from .digest import Digest, stories
from .event_log import EventLog
from .replay import ReplayPlan

#: What a promise of each kind means, and what is done when it breaks.
_PROMISES: Mapping[str, tuple[str, str]] = {
    "ship_by": ("the day by which it should have shipped", "the customer is told “delayed”"),
    "deliver_by": ("the day by which it should have arrived", "the customer is told “late”"),
    "scan_by": ("the carrier should have scanned the parcel", "the customer hears in the next word"),
    "move_by": ("the carrier should have scanned it again", "the customer is told “no movement”"),
    "answer_by": ("somebody should have answered a question", "the customer is told that it is not forgotten"),
    "decide_by": ("the customer should have chosen to wait or to cancel", "the staff are told"),
    "refund_by": ("the money should have been back", "the staff are told"),
    "collect_by": ("the customer should have collected the parcel", "the customer hears in the next word"),
    "known_by": ("the order should have been placed", "the staff are told"),
}
_STAFF_WORDS: Mapping[str, str] = {
    "going-quiet": "half of a silence had passed without news; a word of theirs would have gone out instead",
    "undelivered": "a customer could not be told something",
    "contradiction": "a fact contradicted what was known, and changed nothing",
    "unknown-order": "facts came about an order that nobody placed",
    "import": "an old order was imported",
    "refund": "money should have been back, and no refund was recorded",
    "undecided": "a customer was offered to wait or to cancel, and did not choose",
    "question": "a customer asked something",
    "cancel": "a customer chose to cancel",
}
#: The last column of a histogram takes all that have more.
_COLUMNS = 16


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar of a chart."""

    label: str
    count: int
    #: Of the longest bar, from 0 to 100.
    length: float
    #: Of all bars together, in per cent.
    share: float
    about: str = ""


def write_report(plan: ReplayPlan, summary: Mapping[str, Any], *, log: EventLog) -> Path:
    """
    Write ``report.html`` beside the files that a replay wrote, and return its path.

    Args:
        summary: what the replay returned.
        log: what was replayed; it is read once more for the events of some orders, if it can be.
    """
    digest = Digest.of(plan.out)
    median, most = digest.spread(summary["orders"])
    chosen = digest.telling(summary["longest_silence"]["order_id"], median)
    source = files(__package__).joinpath("report.html.jinja").read_text(encoding="utf-8")
    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page.filters.update(number=_number, span=_span)
    path = plan.out / "report.html"
    said = page.from_string(source).render(
        summary=summary,
        names=[Path(name).name if name != "-" else "standard input" for name in plan.files],
        policy=plan.policy,
        first_day=digest.first_at[:10],
        last_day=digest.last_at[:10],
        median=median,
        most=most,
        notices=_bars(_largest_first(summary["by_notice"])),
        months=_bars(_every_month(summary["by_month"])),
        per_order=_bars(_histogram(digest.orders_by_count(summary["orders"]))),
        broken=_told(_without(summary["broken_by_kind"], "news_by"), _PROMISES),
        came_due=summary["broken_by_kind"].get("news_by", 0),
        staff=_told(summary["staff_words"], {key: (about, "") for key, about in _STAFF_WORDS.items()}),
        stories=stories(plan.out, chosen, log),
    )
    path.write_text(said, encoding="utf-8")
    return path


def _bars(counts: Mapping[str, int]) -> list[Bar]:
    longest, total = max(counts.values(), default=0) or 1, sum(counts.values()) or 1
    return [
        Bar(label=label, count=count, length=round(100 * count / longest, 2), share=round(100 * count / total, 1))
        for label, count in counts.items()
    ]


def _largest_first(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))


def _without(counts: Mapping[str, int], name: str) -> dict[str, int]:
    return {key: count for key, count in counts.items() if key != name}


def _every_month(counts: Mapping[str, int]) -> dict[str, int]:
    """Months without a message count too: a gap in the picture is a gap in time."""
    if not counts:
        return {}
    first, last = (date.fromisoformat(f"{month}-01") for month in (min(counts), max(counts)))
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    names = [f"{month // 12}-{month % 12 + 1:02}" for month in months]
    return {name: counts.get(name, 0) for name in names}


def _histogram(orders: Mapping[int, int]) -> dict[str, int]:
    """Messages → orders with so many; the last column is open."""
    if not orders:
        return {}
    last = min(max(orders), _COLUMNS)
    shown = {str(count): orders.get(count, 0) for count in range(min(orders), last + 1)}
    more = sum(number for count, number in orders.items() if count > last)
    return {**shown, f"{last + 1}+": more} if more else shown


def _told(counts: Mapping[str, int], meaning: Mapping[str, tuple[str, str]]) -> list[tuple[str, int, str, str]]:
    """Counts with what they mean, the largest first."""
    return [(key, count, *meaning.get(key, ("", ""))) for key, count in _largest_first(counts).items()]


def _number(value: float) -> str:
    return f"{value:,}"


def _span(hours: float) -> str:
    """So many hours in words: days where they are more than two."""
    days, rest = divmod(round(hours), 24)
    if hours < 48:
        return f"{hours:g} hours"
    return f"{days} days" + (f" {rest} hours" if rest else "")
