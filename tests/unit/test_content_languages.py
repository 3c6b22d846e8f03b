"""Languages: which one a customer gets, and that a catalogue is whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

import proactive_notify
from proactive_notify._content.rendering import Content
from proactive_notify._content.sources import shipped_templates
from proactive_notify.errors import TemplateInvalid

TEMPLATES = shipped_templates()
LOCALE = TEMPLATES / "_locale"
CATALOGUES = {path.parents[1].name: path for path in LOCALE.glob("*/LC_MESSAGES/proactive_notify.po")}


def catalogue(folder: Path, locale: str, *entries: str) -> Path:
    path = folder / "_locale" / locale / "LC_MESSAGES" / "proactive_notify.po"
    path.parent.mkdir(parents=True)
    path.write_text(
        "\n\n".join(['msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"', *entries]), encoding="utf-8"
    )
    return folder


@pytest.mark.parametrize(
    ("wanted", "default", "chosen"),
    [
        ("pt-BR", "en", "pt-BR"),
        ("pt_br", "en", "pt-BR"),
        ("pt", "en", "pt-BR"),
        ("pt-PT", "en", "pt-BR"),
        ("en-GB", "pt-BR", "en"),
        ("de", "pt-BR", "pt-BR"),
        ("de-AT", "en", "en"),
        (None, "pt", "pt-BR"),
        ("", "fr", "en"),
        ("not a tag at all", "en", "en"),
    ],
)
def test_a_customer_gets_the_nearest_language(wanted: str | None, default: str, chosen: str) -> None:
    """The customer's own locale, else its language, else the shop's, else English."""
    assert chosen == Content().choose_locale(wanted, default)


def test_shipped_languages() -> None:
    """English and Brazilian Portuguese are shipped."""
    assert ("en", "pt-BR") == Content().locales


def test_a_language_is_added_by_one_file(tmp_path: Path) -> None:
    """A catalogue in the user's folder adds a language; what it does not translate stays English."""
    catalogue(tmp_path, "de", 'msgid "Hello,"\nmsgstr "Guten Tag,"')
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "email.text").write_text(
        "{% trans %}Hello,{% endtrans %} {% trans %}Payment{% endtrans %} {{ lang }}"
    )
    content = Content([tmp_path])

    assert ("de", "en", "pt-BR") == content.locales
    assert "Guten Tag, Payment de\n" == content.render("x", "email", ("text",), locale="de", values={})["text"]


def test_words_are_replaced_by_one_entry(tmp_path: Path) -> None:
    """A user's catalogue wins over the shipped one, entry by entry, and English has one too."""
    catalogue(tmp_path, "pt_BR", 'msgid "Hello,"\nmsgstr "Oi,"')
    catalogue(tmp_path, "en", 'msgid "Hello,"\nmsgstr "Hi there,"')
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "email.text").write_text("{% trans %}Hello,{% endtrans %} {% trans %}Payment{% endtrans %}")
    content = Content([tmp_path])
    said = {each: content.render("x", "email", ("text",), locale=each, values={})["text"] for each in content.locales}

    assert {"en": "Hi there, Payment\n", "pt-BR": "Oi, Pagamento\n"} == said


def test_plural_forms_are_chosen_by_number(tmp_path: Path) -> None:
    """Words that depend on a number take its plural form."""
    (tmp_path / "x").mkdir()
    words = "{% trans count=n, number=n %}one item{% pluralize %}{{ number }} items{% endtrans %}"
    (tmp_path / "x" / "email.text").write_text(words)
    content = Content([tmp_path])
    said = [
        content.render("x", "email", ("text",), locale=locale, values={"n": number})["text"].strip()
        for locale in content.locales
        for number in (1, 2)
    ]

    assert ["one item", "2 items", "um item", "2 itens"] == said


def test_a_percent_sign_stays_one(tmp_path: Path) -> None:
    """A percent sign in words to translate is printed as it is."""
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "email.text").write_text(
        "{% trans n=5 %}100% of {{ n }}{% endtrans %} {% trans %}5%{% endtrans %}"
    )

    assert "100% of 5 5%\n" == Content([tmp_path]).render("x", "email", ("text",), locale="en", values={})["text"]


def test_a_broken_catalogue_is_told(tmp_path: Path) -> None:
    """A catalogue that cannot be read fails with its path."""
    catalogue(tmp_path, "de", "what is this")
    content = Content([tmp_path])

    with pytest.raises(TemplateInvalid, match=r"the catalogue .*de.*proactive_notify\.po cannot be read"):
        content.render("delivered", "email", ("subject",), locale="de", values={})


def test_a_translation_with_a_wrong_name_is_told(tmp_path: Path) -> None:
    """A translation that asks for a value which the words do not have fails with that name, and no mail is rendered."""
    catalogue(tmp_path, "de", 'msgid "Hello %(name)s,"\nmsgstr "Hallo %(nmae)s,"')
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "email.text").write_text("{% trans %}Hello {{ name }},{% endtrans %}")

    with pytest.raises(TemplateInvalid, match="nmae"):
        Content([tmp_path]).render("x", "email", ("text",), locale="de", values={"name": "Ada"})


def test_a_folder_that_is_no_locale_is_told(tmp_path: Path) -> None:
    """A catalogue below a folder that is not named by a locale fails when the content is made."""
    catalogue(tmp_path, "klingon")

    with pytest.raises(TemplateInvalid, match="_locale/klingon is not named by a locale"):
        Content([tmp_path])


# The shipped catalogues

Entry = tuple[str | None, str | tuple[str, ...]]


@pytest.fixture(scope="module")
def words() -> set[Entry]:
    """All that is to be translated, as `pybabel extract` finds it: context and words."""
    with (LOCALE / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    folders = (TEMPLATES, Path(proactive_notify.__file__).parent / "_content")
    found = (
        entry
        for folder in folders
        for entry in extract_from_dir(folder, methods, options, KEYWORDS, directory_filter=lambda _: True)
    )
    return {(context, message) for _, _, message, _, context in found}


KEYWORDS = {"gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "_": None}


@pytest.fixture(params=sorted(CATALOGUES))
def shipped(request: pytest.FixtureRequest) -> Catalog:
    with CATALOGUES[request.param].open("rb") as file:
        return read_po(file, locale=request.param)


def entries(catalog: Catalog) -> Iterator[tuple[Entry, tuple[str, ...]]]:
    for message in catalog:
        if message.id:
            said = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
            identity = tuple(message.id) if isinstance(message.id, (list, tuple)) else message.id
            yield (message.context, identity), tuple(said)


def test_catalogues_are_whole(words: set[Entry], shipped: Catalog) -> None:
    """Every word of the templates is translated, none is left that nobody prints, none is doubtful."""
    translated = dict(entries(shipped))

    assert set() == words - translated.keys()
    assert set() == translated.keys() - words
    assert [] == [key for key, said in translated.items() if not all(said)]
    assert not any(message.fuzzy for message in shipped if message.id)


def test_translations_keep_the_values(shipped: Catalog) -> None:
    """A translation names the same values as the words that it translates, and its last character fits theirs."""
    place = re.compile(r"%\((\w+)\)s")
    for (_, source), said in entries(shipped):
        last = source[-1] if isinstance(source, tuple) else source
        for text in said[-1:]:
            assert set(place.findall(last)) == set(place.findall(text)), last
            assert last.rstrip()[-1:] in ".?:" if text.endswith((".", "?", ":")) else True, (last, text)
