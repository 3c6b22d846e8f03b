"""
What templates can do with values: dates, money and quantities in a language, and plain lines laid out.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, zip_longest
from typing import Any, TypeVar

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_name
from babel.numbers import format_currency, format_decimal, get_currency_precision
from babel.support import NullTranslations
from jinja2 import pass_context, pass_eval_context
from jinja2.filters import do_replace
from jinja2.nodes import EvalContext
from jinja2.runtime import Context
from markupsafe import Markup, escape

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")

#: How many formatted values are remembered a kind.
_REMEMBERED = 4_096
#: Above it Babel writes an amount by itself.
_LARGEST = Decimal(10) ** 15
#: How many things a sentence names before it says "and 5 more".
_NAMED = 8
#: A date or an amount, which is not broken over two lines even on a phone.
_ON_ONE_LINE = 30
#: Lines of which none is blank.
_PARAGRAPH = re.compile(r"\S(?:.*\S)?(?:[^\S\n]*\n[^\S\n]*\S(?:.*\S)?)*")


class Formats:
    """
    Dates, money and quantities as one language writes them. What was written once is remembered.
    """

    def __init__(self, locale: Locale, catalogue: NullTranslations) -> None:
        self._locale = locale
        self._catalogue = catalogue
        self._days: dict[tuple[date, bool, bool], str] = {}
        self._times: dict[tuple[int, int], str] = {}
        self._money: dict[tuple[Decimal, str], str] = {}
        self._money_shapes: dict[tuple[str, int], list[str]] = {}
        self._zones: dict[str, str] = {}
        # Patterns of Unicode CLDR; a translator writes them in the order of the language.
        self._pattern = str(catalogue.pgettext("date", "EEEE, d MMMM"))
        self._pattern_with_year = str(catalogue.pgettext("date", "EEEE, d MMMM y"))
        self._short = str(catalogue.pgettext("short date", "EEE, d MMM"))
        self._short_with_year = str(catalogue.pgettext("short date", "EEE, d MMM y"))
        self._moment = str(catalogue.pgettext("moment", "%(day)s, %(time)s (%(zone)s)"))

    @property
    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters for plain text, by the names that templates use."""
        return {
            "day": self.day,
            "short_day": self.short_day,
            "moment": self.moment,
            "money": self.money,
            "quantity": self.quantity,
            "goods": self.goods,
            "clause": clause,
            "replace": replace,
            "paragraphs": paragraphs,
            "rows": rows,
            "strong": strong,
        }

    @property
    def filters_html(self) -> dict[str, Callable[..., Any]]:
        """The filters inside HTML."""
        return self.filters | {"paragraphs": paragraphs_html, "strong": strong_html}

    def day_text(self, day: date, *, with_year: bool, short: bool = False) -> str:
        """Return ``Friday, 6 March`` or, if ``short``, ``Fri, 6 Mar``, with its year if asked."""
        key = (day, with_year, short)
        text = self._days.get(key)
        if text is None:
            pattern = self._pattern_with_year if with_year else self._pattern
            if short:
                pattern = self._short_with_year if with_year else self._short
            text = _remember(self._days, key, format_date(day, pattern, locale=self._locale))
        return text

    @pass_context
    def day(self, context: Context, value: date) -> str:
        """Return the day of a date or an instant: ``Friday, 6 March``. The year is added where it is not this year."""
        day = value.date() if isinstance(value, datetime) else value
        return self.day_text(day, with_year=day.year != context.parent["now"].year)

    @pass_context
    def short_day(self, context: Context, value: date) -> str:
        """Return the day of a date or an instant as text messages have it: ``Fri, 6 Mar``."""
        day = value.date() if isinstance(value, datetime) else value
        return self.day_text(day, with_year=day.year != context.parent["now"].year, short=True)

    @pass_context
    def moment(self, context: Context, value: datetime) -> str:
        """Return an instant: ``Friday, 6 March, 2:05 PM (Eastern Time)``."""
        return self._moment % {"day": self.day(context, value), "time": self._time(value), "zone": self._zone(value)}

    def money(self, value: Mapping[str, Any]) -> str:
        """Return an amount: ``$395.00``. It is rounded to what its currency can pay."""
        key = (value["amount"], value["currency"])
        text = self._money.get(key)
        return _remember(self._money, key, self._money_text(*key)) if text is None else text

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

    def _money_text(self, amount: Decimal, currency: str) -> str:
        """What Babel writes, in a fraction of its time: the digits, in the places where it has those of a sample."""
        places = get_currency_precision(currency)
        if not isinstance(amount, Decimal) or not 0 <= amount < _LARGEST:
            return self._by_babel(amount, currency)
        digits = f"{amount.quantize(Decimal(1).scaleb(-places)):f}".replace(".", "")
        key = (currency, len(digits))
        shape = self._money_shapes.get(key)
        if shape is None:
            sample = self._by_babel(Decimal("1" * len(digits)).scaleb(-places), currency)
            shape = _remember(self._money_shapes, key, sample.split("1"))
        if len(shape) != len(digits) + 1:
            return self._by_babel(amount, currency)
        return "".join(chain.from_iterable(zip_longest(shape, digits, fillvalue="")))

    def _by_babel(self, amount: Decimal, currency: str) -> str:
        return format_currency(amount, currency, locale=self._locale).replace("\xa0", " ")

    def _time(self, value: datetime) -> str:
        key = (value.hour, value.minute)
        text = self._times.get(key)
        if text is None:
            text = format_time(value, "short", tzinfo=value.tzinfo, locale=self._locale)
            text = _remember(self._times, key, text.replace("\u202f", " "))
        return text

    def _zone(self, value: datetime) -> str:
        name = getattr(value.tzinfo, "key", None)
        if name is None or name in ("UTC", "Etc/UTC"):
            offset = f"{value:%z}".removesuffix("00")
            return "UTC" if offset.strip("+0") == "" else f"UTC{offset}"
        text = self._zones.get(name)
        if text is None:
            text = _remember(self._zones, name, get_timezone_name(value.tzinfo, locale=self._locale))
        return text


def _remember(known: dict[KeyT, ValueT], key: KeyT, value: ValueT) -> ValueT:
    if len(known) >= _REMEMBERED:
        known.clear()
    known[key] = value
    return value


def clause(text: str) -> str:
    """Return a text without its full stop, so that it can stand inside a sentence."""
    return text.strip().removesuffix(".")


@pass_eval_context
def replace(context: EvalContext, text: str, old: str, new: str, count: int | None = None) -> str:
    """Jinja's own filter, and in place for what is usual: plain texts."""
    if type(text) is type(old) is type(new) is str and count is None:
        return text.replace(old, new)
    return do_replace(context, text, old, new, count)


def strong(text: str) -> str:
    """Return a text that stands out in HTML. In plain text nothing does."""
    return text


def strong_html(text: str) -> Markup:
    whole = ' style="white-space:nowrap"' if len(text) <= _ON_ONE_LINE else ""
    return Markup(f"<strong{whole}>{escaped(text)}</strong>")


def escaped(value: object) -> str:
    """Return what ``markupsafe.escape`` makes of a value, sooner for the many that hold nothing to escape."""
    if type(value) is Markup:
        return value
    if type(value) is str and not ("&" in value or "<" in value or ">" in value or '"' in value or "'" in value):
        return value
    return escape(value)


def paragraphs(text: str) -> str:
    """Return every paragraph on a line of its own. Blank lines part paragraphs."""
    return "\n\n".join(_paragraphs(text))


def paragraphs_html(text: str) -> Markup:
    return Markup("\n".join([f"<p>{each}</p>" for each in _paragraphs(escaped(text))]))


def rows(text: str, before: str = "", between: str = ": ", after: str = "") -> str:
    """
    Return every paragraph ``label | value`` as a row: between ``before`` and ``after``, with ``between`` in its middle.

    A row whose value is empty is left out. A row without ``|`` is a label alone, which needs no colon.
    """
    found, alone = [], f"{between.removesuffix(': ')}{after}"
    for each in _paragraphs(text):
        label, bar, value = each.partition("|")
        if value:
            found.append(f"{before}{label.strip()}{between}{value.strip()}{after}")
        elif not bar:
            found.append(f"{before}{label}{alone}")
    # What stands around the rows was written by the template's author, so the whole is as safe to print as the text.
    return Markup("\n".join(found)) if isinstance(text, Markup) else "\n".join(found)


def _paragraphs(text: str) -> list[str]:
    text = str(text)  # the methods of Markup take several times as long
    found: list[str] = _PARAGRAPH.findall(text)
    # Printable but for line ends: then the only blanks are spaces.
    if "  " in text or not text.replace("\n", "").isprintable():
        return [" ".join(each.split()) for each in found]
    return [" ".join(each.split()) if "\n" in each else each for each in found]
