"""
Pages for people: each is one file that needs nothing but a browser.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined


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


def bars(counts: Mapping[str, int]) -> list[Bar]:
    """Return a bar for each count, in their order."""
    longest, total = max(counts.values(), default=0) or 1, sum(counts.values()) or 1
    return [
        Bar(label=label, count=count, length=round(100 * count / longest, 2), share=round(100 * count / total, 1))
        for label, count in counts.items()
    ]


def render(name: str, **values: Any) -> str:
    """Return a page; what comes from outside stands there as text."""
    page = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(lambda part: files(__package__).joinpath(part).read_text(encoding="utf-8")),
    )
    page.filters.update(number=number, span=span)
    return page.get_template(name).render(**values)


def number(value: float) -> str:
    """Return a number with commas."""
    return f"{value:,}"


def span(hours: float) -> str:
    """Return so many hours in words: days where they are more than two."""
    days, rest = divmod(round(hours), 24)
    if hours < 48:
        return f"{hours:g} hours"
    return f"{days} days" + (f" {rest} hours" if rest else "")
