"""
What an audit found, for a person: one page that needs nothing but a browser.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from .audit_stories import length, stories
from .audit_tally import OVER
from .auditing import AuditPlan
from .pages import bars, render

#: What is taken to be a word to the customer, said where the figures stand.
ASSUMED: Mapping[str, str] = {
    "facts": (
        "No log of sent messages was given, so every recorded fact counts as told at the moment of it: the kindest "
        "reading. The silences were at least so long."
    ),
    "milestones": (
        "No log of sent messages was given. Placed, shipped, ready to fetch, delivered, cancelled and refunded count "
        "as told at once, and so does a person’s answer; nothing else does."
    ),
    "sent": "What counts as told is what stands in the log of sent messages, and what a person answered.",
}
#: So many regions are shown.
_REGIONS = 12


def write_audit_report(plan: AuditPlan, found: Mapping[str, Any]) -> Path:
    """Write ``audit.html`` beside the other files of an audit, and return its path."""
    path = plan.out / "audit.html"
    phases = {name: each["silences"] for name, each in found["by_phase"].items()}
    said = render(
        "audit.html.jinja",
        found=found,
        names=[Path(name).name if name != "-" else "standard input" for name in plan.files],
        assumed=ASSUMED[found["told"]],
        overs=[
            (over, found["orders_over"][str(over)], percent(found["orders_over"][str(over)], found)) for over in OVER
        ],
        phases=list(zip(bars(phases), found["by_phase"].values(), strict=True)),
        weeks=bars(every_week(found["by_week"])),
        regions=_regions(found["by_region"]),
        more_regions=max(0, len(found["by_region"]) - _REGIONS),
        longest=length(found["longest_silence"]["hours"]),
        longest_ended=length(found["longest_silence_that_ended"]["hours"]),
        longest_played=length(found["played"]["longest_silence"]["hours"]),
        stories=stories(found["played"]["worst"]),
    )
    path.write_text(said, encoding="utf-8")
    return path


def percent(count: int, found: Mapping[str, Any]) -> str:
    """Return a count of orders as a share of all."""
    return f"{100 * count / max(1, found['orders']):.1f} %"


def every_week(counts: Mapping[str, int]) -> dict[str, int]:
    """Weeks without a silence count too: a gap in the picture is a gap in time."""
    if not counts:
        return {}
    first, last = date.fromisoformat(min(counts)), date.fromisoformat(max(counts))
    weeks = (str(first + timedelta(weeks=week)) for week in range((last - first).days // 7 + 1))
    return {week: counts.get(week, 0) for week in weeks}


def _regions(by_region: Mapping[str, Mapping[str, int]]) -> list[tuple[str, int, int, float]]:
    """The regions with the most silent orders: those, all orders, and the share in per cent."""
    shown = list(by_region.items())[:_REGIONS]
    return [
        (name, each["silent"], each["orders"], round(100 * each["silent"] / each["orders"], 1)) for name, each in shown
    ]
