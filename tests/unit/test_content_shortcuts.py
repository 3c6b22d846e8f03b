"""Shortcuts of the hot path: each gives what the long way gives, and none leads out of the sandbox."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from babel.dates import format_time
from babel.numbers import format_currency
from babel.support import NullTranslations
from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from proactive_notify._content.filters import Formats, escaped, paragraphs, paragraphs_html, rows
from proactive_notify._content.rendering import Content
from proactive_notify._content.values import values_of
from proactive_notify.errors import TemplateInvalid

from .content_cases import EMAIL, notice, placed

LOCALES = ["en", "pt_BR", "de_CH", "es", "hi_IN", "ar_EG", "ja", "fr", "pl"]
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=ZoneInfo("America/Sao_Paulo"))
#: Words, blanks of every kind, and what HTML and rows give a meaning to.
WORDS = st.text(st.sampled_from("ab |&<>'\"é×’🎁\n\t\r\x0b\x1c\xa0\u2003\u2028\u200d"), max_size=60)


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Content:
    """Templates that print one value each."""
    folder = tmp_path_factory.mktemp("templates")
    for key, template in {"text": "{{ value }}", "moment": "{{ value|moment }}"}.items():
        write(folder / key, "email.text", template)
    return Content([folder])


def write(folder: Path, name: str, template: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(template, encoding="utf-8")


def said(content: Content, key: str, *, part: str = "text", locale: str = "en", **values: object) -> str:
    return content.render(key, "email", (part,), locale=locale, values={"now": NOW, **values})[part]


# The same as the long way


@given(
    amount=st.decimals(0, 10**12, places=4, allow_nan=False, allow_infinity=False),
    currency=st.sampled_from(["USD", "EUR", "BRL", "JPY", "KWD", "CHF", "INR", "CLF", "XXX"]),
    locale=st.sampled_from(LOCALES),
)
@example(amount=Decimal("999.995"), currency="USD", locale="en")
@example(amount=Decimal("0.005"), currency="USD", locale="en")
@example(amount=Decimal("9999.5"), currency="JPY", locale="pl")
@example(amount=Decimal("1E+3"), currency="EUR", locale="es")
def test_amounts_are_written_as_babel_does(amount: Decimal, currency: str, locale: str) -> None:
    """An amount has the digits, the grouping, the rounding and the symbol that Babel gives it, in any language."""
    formats = Formats(Locale.parse(locale), NullTranslations())
    formats.money({"amount": Decimal(7), "currency": currency})

    expected = format_currency(amount, currency, locale=locale).replace("\xa0", " ")
    assert [expected] * 2 == [formats.money({"amount": amount, "currency": currency}) for _ in range(2)]


@pytest.mark.parametrize("amount", [-12.5, 3, Decimal("-0.5"), Decimal(10) ** 20])
def test_amounts_of_a_notices_own_may_be_any_number(amount: Any) -> None:
    """What a notice's own context gives may be negative, huge or no decimal, and is written all the same."""
    formats = Formats(Locale.parse("en"), NullTranslations())

    assert format_currency(amount, "USD", locale="en") == formats.money({"amount": amount, "currency": "USD"})


@given(minute=st.integers(0, 1439), locale=st.sampled_from(["en", "pt-BR"]))
def test_times_are_written_as_babel_does(content: Content, minute: int, locale: str) -> None:
    """A time of day is the same whether it was written before or not."""
    at = NOW.replace(hour=0, minute=0) + timedelta(minutes=minute)
    time = format_time(at, "short", tzinfo=at.tzinfo, locale=locale.replace("-", "_")).replace("\u202f", " ")

    for value in (at + timedelta(seconds=59), at):
        assert f" {time}" in said(content, "moment", locale=locale, value=value)


@given(text=WORDS)
@example(text="a | \n\nb")
@example(text="a\n \nb")
@example(text=" a\nb \n\n\n c  d")
def test_paragraphs_are_what_blank_lines_part(text: str) -> None:
    """A paragraph is what stands between blank lines, on one line with single spaces, whatever kind its blanks are."""
    parted = [" ".join(each.split()) for each in re.split(r"\n\s*\n", text) if each.strip()]

    assert "\n\n".join(parted) == paragraphs(text)
    assert "\n".join(f"<p>{each}</p>" for each in parted) == paragraphs_html(Markup(text))


@given(text=WORDS)
def test_rows_keep_what_is_safe_safe(text: str) -> None:
    """Rows of safe text are safe, rows of any other are text, and both say the same."""
    safe, plain = rows(Markup(text), "<b>", ": ", "</b>"), rows(text, "<b>", ": ", "</b>")

    assert (Markup, str) == (type(safe), type(plain))
    assert plain == str(safe)


@given(value=st.one_of(WORDS, WORDS.map(Markup), st.integers(), st.none()))
def test_escaping_is_markupsafes(value: object) -> None:
    """What is printed into HTML is escaped as markupsafe does it."""
    assert str(escape(value)) == str(escaped(value))


@given(text=st.text(st.sampled_from("ab \n\t\x00\xa0\u202e"), max_size=40))
def test_text_is_tidied_whatever_its_blanks(content: Content, text: str) -> None:
    """Plain text has no blank at a line's end, no two empty lines together, and no character that does harm."""
    lean = re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in text.split("\n"))).strip()

    assert re.sub("[\x00\u202e]", "", lean) + "\n" == said(content, "text", value=text)


def test_equal_amounts_and_dates_share_no_language(content: Content) -> None:
    """What one language has written is not taken for another."""
    values = values_of(notice("order-received", *placed()), locale="en")

    english, portuguese, again = (
        content.render("order-received", "email", EMAIL, locale=locale, values=values)
        for locale in ("en", "pt-BR", "en")
    )

    assert english == again
    assert {"$395.00", "US$ 395,00"} == {
        price for price in ("$395.00", "US$ 395,00") if price in f"{english['text']} {portuguese['text']}"
    }
    assert "US$" not in english["text"]


# The sandbox


class Thing:
    """An object that has no business in a template."""

    secret = "password"

    def __init__(self) -> None:
        self._inner = "inner"

    def shout(self) -> str:
        return self.secret


class Sly(dict[str, object]):
    """A dict with something to hide."""

    secret = "password"


@pytest.mark.parametrize(
    "template",
    [
        "{{ order.__class__ }}",
        "{{ order.__class__.__mro__ }}",
        "{{ order.id.__class__ }}",
        "{{ order|attr('__class__') }}",
        "{{ order['__class__'] }}",
        "{{ now.__reduce__() }}",
        "{{ thing._inner }}",
        "{{ thing.__init__.__globals__ }}",
        "{{ thing.shout.__globals__ }}",
        "{{ sly.__class__ }}",
        "{{ range.__self__ }}",
        "{{ gettext.__globals__ }}",
        "{{ self.__init__ }}",
        "{{ cycler }}",
        "{{ joiner }}",
        "{{ lipsum }}",
        "{{ order.update(id='B') }}",
        "{{ order.clear() }}",
        "{{ items.append(1) }}",
        "{{ order.setdefault('x', 1) }}",
        "{% set order.id = 'B' %}",
        "{{ '{0.__class__}'.format(order) }}",
        "{{ '%s'.__mod__ }}",
        "{% for name, value in order.items() %}{{ value.__class__ }}{% endfor %}",
        "{{ [order]|map(attribute='__class__')|first }}",
        "{{ held.id }}",
        "{{ environment.getattr }}",
        "{{ context.parent }}",
    ],
)
def test_templates_reach_nothing_but_values(tmp_path: Path, template: str) -> None:
    """No template reaches what lies behind a value: no attribute with an underscore, no class, no way to change one."""
    write(tmp_path / "x", "email.text", template)
    order: dict[str, object] = {"id": "A-1"}
    values = {"order": order, "items": [1], "thing": Thing(), "sly": Sly(id="A-1")}

    for _ in range(2):
        with pytest.raises(TemplateInvalid):
            said(Content([tmp_path]), "x", **values)
    assert {"id": "A-1"} == order


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("{{ order.items }}", "two"),
        ("{{ order.get }}", "three"),
        ("{{ order['items'] }}", "two"),
        ("{{ (order or none).items }}", "two"),
        ("{{ order.total.amount }}", "7"),
        ("{{ order.keys()|list|length }}", "4"),
        ("{{ sly.id }}", "A-1"),
        ("{{ 'yes' if order.nothing is defined else 'no' }}", "no"),
        ("{{ 'yes' if nothing.id is defined else 'no' }}", None),
        ("{% macro one(order) %}{{ order.total.amount }}{% endmacro %}{{ one({'total': {'amount': 9}}) }}", "9"),
        ("{% for order in [order] if order.id %}{{ order.id }}{{ loop.index }}{% endfor %}", "A-11"),
        ("{% set order = {'id': 'B'} %}{{ order.id }}", "B"),
    ],
)
def test_a_values_own_names_come_first(tmp_path: Path, template: str, shown: str | None) -> None:
    """A name that a value holds is taken from it, even where a dict has a method of that name; else as Jinja has it."""
    write(tmp_path / "x", "email.text", template)
    write(tmp_path / "x", "email.html", template)
    order = {"id": "A-1", "items": "two", "get": "three", "total": {"amount": Decimal(7)}}
    content = Content([tmp_path])

    for part, end in (("text", "\n"), ("html", "")):
        if shown is None:
            with pytest.raises(TemplateInvalid, match="'nothing' is undefined"):
                said(content, "x", part=part, order=order, sly=Sly(id="A-1"))
        else:
            assert f"{shown}{end}" == said(content, "x", part=part, order=order, sly=Sly(id="A-1"))


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("{{ value }}", "&lt;i&gt; &amp; &#34;&#39;"),
        ("{{ value|paragraphs }}", "<p>&lt;i&gt; &amp; &#34;&#39;</p>"),
        ("{{ value|strong }}", '<strong style="white-space:nowrap">&lt;i&gt; &amp; &#34;&#39;</strong>'),
        ("{{ value|replace('i', '<b>') }}", "&lt;&lt;b&gt;&gt; &amp; &#34;&#39;"),
        ("{{ value|replace('i', '<b>'|safe) }}", "&lt;<b>&gt; &amp; &#34;&#39;"),
        ("{{ value|clause }}", "&lt;i&gt; &amp; &#34;&#39;"),
        ("{{ [value]|join }}", "&lt;i&gt; &amp; &#34;&#39;"),
        ("{% set x %}{{ value }}{% endset %}{{ x }}", "&lt;i&gt; &amp; &#34;&#39;"),
        ("{% macro m() %}{{ value }}{% endmacro %}{{ m() }}", "&lt;i&gt; &amp; &#34;&#39;"),
        ("{% filter rows('<b>', '', '</b>') %}a | {{ value }}{% endfilter %}", "<b>a&lt;i&gt; &amp; &#34;&#39;</b>"),
        ("{% autoescape false %}{{ value }}{% endautoescape %}", "<i> & \"'"),
        ("{{ value|safe }}", "<i> & \"'"),
        ("{{ 5 }}{{ none }}", "5None"),
    ],
)
def test_html_is_escaped_once_on_every_way(tmp_path: Path, template: str, shown: str) -> None:
    """Text from outside is escaped in HTML, once, whichever filter, macro or block it passes."""
    write(tmp_path / "x", "email.html", template)

    assert shown == said(Content([tmp_path]), "x", part="html", value="<i> & \"'")
