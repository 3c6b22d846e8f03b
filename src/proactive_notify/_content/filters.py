"""
What templates can do with values: dates, money and quantities in a language, and plain lines laid out.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_name
from babel.numbers import format_currency, format_decimal
from babel.support import NullTranslations
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

ValueT = TypeVar("ValueT")

#: How many formatted values are remembered a kind.
_REMEMBERED = 4_096
#: How many things a sentence names before it says "and 5 more".
_NAMED = 8
#: A date or an amount, which is not broken over two lines even on a phone.
_ON_ONE_LINE = 30
_BLANK_LINES = re.compile(r"\n\s*\n")


class Formats:
    """
    Dates, money and quantities as one language writes them. What was written once is remembered.
    """

    def __init__(self, locale: Locale, catalogue: NullTranslations) -> None:
        self._locale = locale
        self._catalogue = catalogue
        self._days: dict[tuple[date, bool], str] = {}
        self._money: dict[tuple[Decimal, str], str] = {}
        self._zones: dict[str, str] = {}
        # Patterns of Unicode CLDR; a translator writes them in the order of the language.
        self._pattern = str(catalogue.pgettext("date", "EEEE, d MMMM"))
        self._pattern_with_year = str(catalogue.pgettext("date", "EEEE, d MMMM y"))
        self._moment = str(catalogue.pgettext("moment", "%(day)s, %(time)s (%(zone)s)"))

    @property
    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters for plain text, by the names that templates use."""
        return {
            "day": self.day,
            "moment": self.moment,
            "money": self.money,
            "quantity": self.quantity,
            "goods": self.goods,
            "clause": clause,
            "paragraphs": paragraphs,
            "rows": rows,
            "strong": strong,
        }

    @property
    def filters_html(self) -> dict[str, Callable[..., Any]]:
        """The filters inside HTML."""
        return self.filters | {"paragraphs": paragraphs_html, "strong": strong_html}

    def day_text(self, day: date, *, with_year: bool) -> str:
        """Return ``Friday, 6 March``, with its year if asked."""
        key = (day, with_year)
        if key not in self._days:
            pattern = self._pattern_with_year if with_year else self._pattern
            _remember(self._days, key, format_date(day, pattern, locale=self._locale))
        return self._days[key]

    @pass_context
    def day(self, context: Context, value: date) -> str:
        """Return the day of a date or an instant: ``Friday, 6 March``. The year is added where it is not this year."""
        day = value.date() if isinstance(value, datetime) else value
        return self.day_text(day, with_year=day.year != context["now"].year)

    @pass_context
    def moment(self, context: Context, value: datetime) -> str:
        """Return an instant: ``Friday, 6 March, 2:05 PM (Eastern Time)``."""
        time = format_time(value, "short", tzinfo=value.tzinfo, locale=self._locale).replace("\u202f", " ")
        return self._moment % {"day": self.day(context, value), "time": time, "zone": self._zone(value)}

    def money(self, value: Mapping[str, Any]) -> str:
        """Return an amount: ``$395.00``. It is rounded to what its currency can pay."""
        key = (value["amount"], value["currency"])
        if key not in self._money:
            _remember(self._money, key, format_currency(*key, locale=self._locale).replace("\xa0", " "))
        return self._money[key]

    def quantity(self, value: int) -> str:
        """Return a number: ``1,200``."""
        return str(value) if 0 <= value < 1_000 else format_decimal(value, locale=self._locale)

    def goods(self, items: Iterable[Mapping[str, Any]]) -> str:
        """Return things in a row: ``Leather bag, 2 × Brass candlestick``."""
        named = [
            f"{self.quantity(item['quantity'])} × {item['name']}" if item["quantity"] > 1 else str(item["name"])
            for item in items
        ]
        more = len(named) - _NAMED
        if more <= 1:
            return ", ".join(named)
        rest = self._catalogue.ngettext("and %(num)s more", "and %(num)s more", more) % {"num": self.quantity(more)}
        return f"{', '.join(named[:_NAMED])} {rest}"

    def _zone(self, value: datetime) -> str:
        name = getattr(value.tzinfo, "key", None)
        if name is None or name in ("UTC", "Etc/UTC"):
            offset = f"{value:%z}".removesuffix("00")
            return "UTC" if offset.strip("+0") == "" else f"UTC{offset}"
        if name not in self._zones:
            _remember(self._zones, name, get_timezone_name(value.tzinfo, locale=self._locale))
        return self._zones[name]


def _remember(known: dict[Any, str], key: object, text: str) -> None:
    if len(known) >= _REMEMBERED:
        known.clear()
    known[key] = text


def clause(text: str) -> str:
    """Return a text without its full stop, so that it can stand inside a sentence."""
    return text.strip().removesuffix(".")


def strong(text: str) -> str:
    """Return a text that stands out in HTML. In plain text nothing does."""
    return text


def strong_html(text: str) -> Markup:
    whole = ' style="white-space:nowrap"' if len(text) <= _ON_ONE_LINE else ""
    return Markup(f"<strong{whole}>{escape(text)}</strong>")


def paragraphs(text: str) -> str:
    """Return every paragraph on a line of its own. Blank lines part paragraphs."""
    return "\n\n".join(_paragraphs(text))


def paragraphs_html(text: Markup) -> Markup:
    return Markup("\n").join(Markup(f"<p>{each}</p>") for each in _paragraphs(text))


def rows(text: str, before: str = "", between: str = ": ", after: str = "") -> str:
    """
    Return every paragraph ``label | value`` as a row: between ``before`` and ``after``, with ``between`` in its middle.

    A row whose value is empty is left out. A row without ``|`` is a label alone, which needs no colon.
    """
    found = []
    for each in _paragraphs(text):
        label, bar, value = each.partition("|")
        if value:
            found.append(f"{before}{label.strip()}{between}{value.strip()}{after}")
        elif not bar:
            found.append(f"{before}{label}{between.removesuffix(': ')}{after}")
    # What stands around the rows was written by the template's author, so the whole is as safe to print as the text.
    return Markup("\n".join(found)) if isinstance(text, Markup) else "\n".join(found)


def _paragraphs(text: str) -> list[str]:
    return [" ".join(each.split()) for each in _BLANK_LINES.split(str(text)) if not each.isspace() and each]
