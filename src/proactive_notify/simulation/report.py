"""
The replay's summary for a person: one page that needs nothing but a browser.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from .digest import Digest, stories
from .event_log import EventLog
from .pages import bars, render
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
    path = plan.out / "report.html"
    said = render(
        "report.html.jinja",
        summary=summary,
        names=[Path(name).name if name != "-" else "standard input" for name in plan.files],
        policy=plan.policy,
        first_day=digest.first_at[:10],
        last_day=digest.last_at[:10],
        median=median,
        most=most,
        notices=bars(_largest_first(summary["by_notice"])),
        months=bars(_every_month(summary["by_month"])),
        per_order=bars(_histogram(digest.orders_by_count(summary["orders"]))),
        broken=_told(_without(summary["broken_by_kind"], "news_by"), _PROMISES),
        came_due=summary["broken_by_kind"].get("news_by", 0),
        staff=_told(summary["staff_words"], {key: (about, "") for key, about in _STAFF_WORDS.items()}),
        stories=stories(plan.out, chosen, log),
    )
    path.write_text(said, encoding="utf-8")
    return path


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
