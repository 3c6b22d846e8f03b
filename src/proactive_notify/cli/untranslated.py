"""
Words of templates that a language has no translation of.
"""

import copy
from collections.abc import Iterator
from gettext import NullTranslations
from typing import Any

from jinja2 import Environment, TemplateError, TemplateNotFound, nodes
from jinja2.ext import extract_from_ast
from jinja2.meta import find_referenced_templates

from .._content.rendering import Content
from ..errors import TemplateInvalid

#: What templates are written in: their words need no translation into it.
SOURCE = "en"


class _Misses(NullTranslations):
    """Is asked for what a catalogue lacks, and writes it down."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def gettext(self, message: str) -> str:
        self.words.append(message)
        return message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1)

    def pgettext(self, context: str, message: str) -> str:
        return self.gettext(message)

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1)


def untranslated(content: Content, key: str, channel: str, parts: tuple[str, ...], *, locale: str) -> list[str]:
    """
    Return the words of a notice's templates, and of what they include, that ``locale`` lacks.

    A template that cannot be read is passed over: rendering it says so.
    """
    if locale.partition("-")[0] == SOURCE:
        return []
    environment: Any = content.language(locale).plain
    catalogue, misses = copy.copy(environment.catalogue), _Misses()
    catalogue.add_fallback(misses)
    reader = _reader()
    names = [name for part in parts if (name := environment.loader.part(key, channel, part))]
    for parsed in _all(names, environment, reader):
        for _, function, words in extract_from_ast(parsed, ("gettext", "ngettext", "pgettext", "npgettext")):
            said = [words] if isinstance(words, str) else [each for each in words or () if each is not None]
            count = [1] if function in ("ngettext", "npgettext") else []
            getattr(catalogue, function)(*said, *count)
    return list(dict.fromkeys(misses.words))


def _reader() -> Environment:
    """An environment that only reads: the words stay as they are."""
    made = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    made.policies["ext.i18n.trimmed"] = True
    made.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    return made


def _all(names: list[str], environment: Any, reader: Environment) -> Iterator[nodes.Template]:
    """Yield templates and all that they include, each once."""
    seen: set[str] = set()
    while names:
        name = names.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            source = environment.loader.get_source(environment, name)[0]
            parsed = reader.parse(source, name)
        except (TemplateError, TemplateNotFound, TemplateInvalid):
            continue
        names += [each for each in find_referenced_templates(parsed) if each]
        yield parsed
