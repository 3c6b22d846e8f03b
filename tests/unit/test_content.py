"""Templates: where they come from, what they may do, and what happens when they are wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from proactive_notify._content.rendering import Content
from proactive_notify._content.sources import shipped_templates
from proactive_notify._content.values import values_of
from proactive_notify.errors import TemplateInvalid

from .content_cases import EMAIL, NOTICES, SHIPPED, notice, placed

ZONE = ZoneInfo("America/Sao_Paulo")
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=ZONE)


def write(folder: Path, **files: str) -> Path:
    """Write templates of the notice ``x``; ``email_text`` names the file ``x/email.text``."""
    for name, text in files.items():
        path = folder / "x" / name.replace("_", ".")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def render(folder: Path, part: str, *, locale: str = "en", **values: Any) -> str:
    said: Mapping[str, object] = {"now": NOW, **values}
    return Content([folder]).render("x", "email", (part,), locale=locale, values=said)[part]


# Where templates come from


def test_what_is_shipped_is_compiled_once(tmp_path: Path) -> None:
    """Who uses the shipped templates alone shares them; a folder of one's own is nobody else's."""
    shared, own = Content().language("en"), Content([tmp_path]).language("en")

    assert shared is Content().language("en")
    assert own is not shared
    assert own is not Content([tmp_path]).language("en")


def test_shipped_templates_are_found() -> None:
    """Every notice that is shipped has its three parts, in a folder that is named by its key."""
    content = Content()

    assert [] == [(key, part) for key in NOTICES for part in EMAIL if not content.has(key, "email", part)]
    folders = {path.name for path in shipped_templates().iterdir()}
    assert NOTICES.keys() == {each for each in folders if not each.startswith(("_", "staff-"))}


def test_one_file_replaces_one_part(tmp_path: Path) -> None:
    """A file in the user's folder replaces that part of that notice, and nothing else."""
    (tmp_path / "shipped").mkdir()
    (tmp_path / "shipped" / "email.subject").write_text("Off it goes: {{ order.id }}\n")
    values = values_of(notice("shipped", *placed(), SHIPPED), locale="en")
    ours, theirs = (
        content.render("shipped", "email", EMAIL, locale="en", values=values)
        for content in (Content([tmp_path]), Content())
    )

    assert "Off it goes: A-1001" == ours["subject"]
    assert theirs["text"] == ours["text"]
    assert "<title>Off it goes: A-1001</title>" in ours["html"]


def test_a_shared_part_can_be_replaced(tmp_path: Path) -> None:
    """A layout file in the user's folder is taken by every notice, in MJML as in text."""
    (tmp_path / "_layout").mkdir()
    (tmp_path / "_layout" / "person.words").write_text("Ask for Grace.")
    values = values_of(notice("shipped", *placed(), SHIPPED), locale="en")
    said = Content([tmp_path]).render("shipped", "email", EMAIL, locale="en", values=values)

    assert "Ask for Grace." in said["text"]
    assert "<p>Ask for Grace.</p>" in said["html"]


def test_plain_html_is_taken_where_it_comes_first(tmp_path: Path) -> None:
    """A page in plain HTML needs no MJML; MJML in an earlier folder wins over it."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir(), second.mkdir()
    write(second, email_html="<p>plain {{ name }}</p>")
    values = {"now": NOW, "name": "<Ada>"}

    assert "<p>plain &lt;Ada&gt;</p>" == render(second, "html", **values)
    write(
        first,
        email_mjml="<mjml><mj-body><mj-section><mj-column><mj-text>mjml</mj-text></mj-column></mj-section></mj-body></mjml>",
    )
    said = Content([first, second]).render("x", "email", ("html",), locale="en", values=values)["html"]
    assert "mjml" in said
    assert "plain" not in said


def test_mjml_keeps_the_tags_of_jinja(tmp_path: Path) -> None:
    """Tags of Jinja stand in text, in attributes, in the title, and between elements inside mj-raw."""
    body = """
    <mjml><mj-head><mj-title>{% include "x/email.subject" %}</mj-title></mj-head><mj-body>
      <mj-raw>{% for name in names %}</mj-raw>
      <mj-section><mj-column><mj-button href="{{ link }}">{{ name }}</mj-button></mj-column></mj-section>
      <mj-raw>{% endfor %}</mj-raw>
    </mj-body></mjml>"""
    write(tmp_path, email_mjml=body, email_subject='It is "new"')
    said = render(tmp_path, "html", names=("one", "two"), link="https://shop.example/?a=1&b=2")

    assert 2 == said.count('href="https://shop.example/?a=1&amp;b=2"')
    assert '<title>It is "new"</title>' in said
    assert "mj-" not in said.replace("mj-column", "").replace("mj-outlook", "")


# What is wrong is said


def test_a_missing_part_names_its_path(tmp_path: Path) -> None:
    """A part that is not there fails with the path at which it was looked for."""
    with pytest.raises(TemplateInvalid, match=r"the notice x has no part text for email; write .*x/email\.text"):
        render(tmp_path, "text")


def test_a_missing_folder_fails_at_once(tmp_path: Path) -> None:
    """A folder that is not there is an error when the content is made, not when a mail is due."""
    with pytest.raises(TemplateInvalid, match=r"there is no folder of templates at .*nowhere"):
        Content([tmp_path / "nowhere"])


@pytest.mark.parametrize(
    ("template", "message"),
    [
        pytest.param("one\n{{ no_such_value }}", r"x/email\.text, line 2: 'no_such_value' is undefined", id="value"),
        pytest.param("{{ order.idd }}", r"line 1: 'dict object' has no attribute 'idd'", id="attribute"),
        pytest.param("one\n{% if %}", r"x/email\.text, line 2: Expected an expression", id="syntax"),
        pytest.param("{{ order.id|nofilter }}", r"line 1: No filter named 'nofilter'", id="filter"),
        pytest.param(
            '{% include "nowhere.words" %}', r"includes nowhere\.words, and there is no such template", id="words"
        ),
        pytest.param(
            '{% include "nowhere.text" %}', r"includes nowhere\.text, and there is no such template", id="include"
        ),
        pytest.param('{% include "x/email.text" %}', r"x/email\.text", id="itself"),
        pytest.param("{{ order.id + 1 }}", r"x/email\.text, line 1: a TypeError", id="type"),
        pytest.param("{{ 1 // 0 }}", r"x/email\.text, line 1: a ZeroDivisionError", id="zero"),
        pytest.param("{{ order.__class__ }}", r"line 1: access to attribute '__class__'", id="sandbox"),
        pytest.param("{{ 'x' * 2000000 }}", r"made 2,000,000 characters", id="too-long"),
    ],
)
def test_a_wrong_template_says_where_and_why(tmp_path: Path, template: str, message: str) -> None:
    """What a template gets wrong is told with its file, line and reason."""
    write(tmp_path, email_text=template)

    with pytest.raises(TemplateInvalid, match=message):
        render(tmp_path, "text", order={"id": "A-1"})


def test_an_error_tells_nobody_the_values(tmp_path: Path) -> None:
    """An error in a template does not repeat the value that caused it: it may be somebody's address."""
    write(tmp_path, email_text="{{ 'abc'.index(email) }}")

    with pytest.raises(TemplateInvalid) as raised:
        render(tmp_path, "text", email="ada@example.org")
    assert "ada@" not in str(raised.value)
    assert raised.value.__suppress_context__


@pytest.mark.parametrize(
    ("mjml", "message"),
    [
        pytest.param("<mjml><mj-body>", "cannot be read as MJML", id="broken"),
        pytest.param("<mjml><mj-body><mj-sektion /></mj-body></mjml>", "holds <mj-sektion", id="unknown"),
        pytest.param(
            '<mjml><mj-body><mj-include path="no.mjml" /></mj-body></mjml>', "no no.mjml to include", id="include"
        ),
    ],
)
def test_wrong_mjml_says_why(tmp_path: Path, mjml: str, message: str) -> None:
    """MJML that cannot be read, an element that is none, and an include that is missing are told."""
    write(tmp_path, email_mjml=mjml)

    with pytest.raises(TemplateInvalid, match=message):
        render(tmp_path, "html")


def test_templates_stay_in_their_folders(tmp_path: Path) -> None:
    """No template can include a file outside the folders of templates."""
    (tmp_path / "secret").write_text("password")
    (tmp_path / "templates").mkdir()
    write(
        tmp_path / "templates",
        email_text='{% include "../secret" %}',
        email_mjml='<mjml><mj-body><mj-include path="../secret" /></mj-body></mjml>',
    )

    for part in ("text", "html"):
        with pytest.raises(TemplateInvalid):
            render(tmp_path / "templates", part)


def test_templates_cannot_change_values(tmp_path: Path) -> None:
    """Values are the same for every part: a template that tries to change one fails."""
    write(tmp_path, email_text="{{ order.update({'id': 'B-2'}) }}")

    with pytest.raises(TemplateInvalid, match="access to attribute 'update'"):
        render(tmp_path, "text", order={"id": "A-1"})


def test_check_finds_what_is_wrong(tmp_path: Path) -> None:
    """The check renders every notice in every language and tells each flaw once, in a sentence."""
    (tmp_path / "shipped").mkdir()
    (tmp_path / "shipped" / "email.text").write_text("{{ nothing }}")
    (tmp_path / "shipped" / "email.subject").write_text("x" * 151)
    made = notice("shipped", *placed(), SHIPPED)

    problems = Content([tmp_path]).check([made, made], {"email": EMAIL})

    assert 3 == len(problems), problems
    assert ["'nothing' is undefined" in problem for problem in problems] == [True, False, False]
    assert "shipped, email, en: subject has 151 characters, more than 150" == problems[1]


def test_check_finds_a_delay_that_hides_something(tmp_path: Path) -> None:
    """A user's own words for a delay that leave out the reason, the date or the charge are told by the check."""
    (tmp_path / "delayed").mkdir()
    (tmp_path / "delayed" / "email.text").write_text("Soon.")
    from_shop = NOTICES["delayed"].sample()

    problems = Content([tmp_path]).check([notice("delayed", *from_shop)], {"email": ("text",)})

    for what in (
        "the reason",
        "the date (new_ship_by)",
        "what was charged",
        "when the next word comes",
        "which order it is",
    ):
        assert f"delayed, email, en: text does not say {what}" in problems


def test_check_is_content_with_what_is_shipped() -> None:
    """The samples of all notices pass the check in every language."""
    samples = [notice(key, *each.sample()) for key, each in NOTICES.items()]

    assert [] == Content().check(samples, {"email": EMAIL})


# What templates do with values


def test_a_subject_is_one_line(tmp_path: Path) -> None:
    """Whatever a template does, a subject holds no line break and no control character."""
    write(tmp_path, email_subject="one\n two {{ name }}\n")

    assert "one two x y z" == render(tmp_path, "subject", name="x\r\ny\u2028z\x07\u202e")


def test_text_is_tidy(tmp_path: Path) -> None:
    """Plain text has no trailing blanks, no heaps of empty lines, and ends with one line end."""
    write(tmp_path, email_text="\n\n one  \n{% if true %}\n\n\n two {% endif %}\n\n\n\nthree\x00\n\n")

    assert "one\n\ntwo\n\nthree\n" == render(tmp_path, "text")


@pytest.mark.parametrize(
    ("template", "english", "portuguese"),
    [
        ("{{ day|day }}", "Friday, 6 March", "6 de março (sexta-feira)"),
        ("{{ far|day }}", "Monday, 4 January 2027", "4 de janeiro de 2027 (segunda-feira)"),
        ("{{ at|day }}", "Monday, 2 March", "2 de março (segunda-feira)"),
        (
            "{{ at|moment }}",
            "Monday, 2 March, 9:30 AM (Brasilia Time)",
            "2 de março (segunda-feira), às 09:30, Horário de Brasília",
        ),
        ("{{ utc|moment }}", "Monday, 2 March, 12:30 PM (UTC)", "2 de março (segunda-feira), às 12:30, UTC"),
        ("{{ price|money }}", "$1,395.50", "US$ 1.395,50"),
        ("{{ yen|money }}", "¥1,396", "JP¥ 1.396"),
        ("{{ 1200|quantity }}", "1,200", "1.200"),
        ("{{ items|goods }}", "Bag, 2 × Stick", "Bag, 2 × Stick"),
        (
            "{{ (items * 6)|goods }}",
            "Bag, 2 × Stick, Bag, 2 × Stick, Bag, 2 × Stick, Bag, 2 × Stick and 4 more",
            "Bag, 2 × Stick, Bag, 2 × Stick, Bag, 2 × Stick, Bag, 2 × Stick e mais 4",
        ),
        ("{{ 'Because. '|clause }}", "Because", "Because"),
        ("{% filter rows %}a | 1\n\nb |\n\nc{% endfilter %}", "a: 1\nc", "a: 1\nc"),
        ("{% filter paragraphs %}a\n b\n\n \n\nc{% endfilter %}", "a b\n\nc", "a b\n\nc"),
    ],
)
def test_filters_write_as_the_language_does(tmp_path: Path, template: str, english: str, portuguese: str) -> None:
    """Dates, money, quantities and rows are written as people of the language write them."""
    write(tmp_path, email_text=template)
    values = {
        "day": date(2026, 3, 6),
        "far": date(2027, 1, 4),
        "at": NOW,
        "utc": NOW.astimezone(ZoneInfo("UTC")),
        "price": {"amount": Decimal("1395.50"), "currency": "USD"},
        "yen": {"amount": Decimal("1395.50"), "currency": "JPY"},
        "items": ({"name": "Bag", "quantity": 1}, {"name": "Stick", "quantity": 2}),
    }

    said = [render(tmp_path, "text", locale=locale, **values) for locale in ("en", "pt-BR")]

    assert [f"{english}\n", f"{portuguese}\n"] == said


def test_html_is_escaped_and_text_is_not(tmp_path: Path) -> None:
    """The same words are safe in HTML, also inside translations and filters, and plain in text."""
    template = (
        "{{ name }} {% trans %}Hello {{ name }},{% endtrans %} {{ name|strong }} "
        "{% filter rows %}a | {{ name }}{% endfilter %}"
    )
    write(tmp_path, email_text=template, email_html=template)

    assert "<i> Hello <i>, <i> a: <i>\n" == render(tmp_path, "text", name="<i>")
    safe = '&lt;i&gt; Hello &lt;i&gt;, <strong style="white-space:nowrap">&lt;i&gt;</strong> a: &lt;i&gt;'
    assert safe == render(tmp_path, "html", name="<i>")


def test_an_included_template_sees_what_stands_around_it(tmp_path: Path) -> None:
    """What is included in a loop sees the loop's values, whether it is taken when compiled or when rendered."""
    write(tmp_path, a_words="{{ each }}{{ end }}", b_text="{{ each }}{{ end }}")
    write(
        tmp_path,
        email_text='{% set end = "!" %}{% for each in (1, 2) %}'
        '{% include "x/a.words" %}{% include "x/b.text" %}{% endfor %}',
    )

    assert "1!1!2!2!\n" == render(tmp_path, "text")
