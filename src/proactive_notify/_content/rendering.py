"""
Turns a notice's values into the parts of a message.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from functools import lru_cache
from typing import Any

from babel.support import NullTranslations
from jinja2 import StrictUndefined, Template, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ..domain.notices import Notice
from ..errors import NoticeInvalid, TemplateInvalid
from .catalogues import Catalogues
from .checking import flaws
from .compiler import Compiler
from .filters import Formats, escaped
from .inlining import Include
from .sources import Sources
from .texts import one_line, plain
from .translating import Trans
from .values import values_of

#: Parts that are one line whatever their template does.
ONE_LINE = frozenset({"subject", "title"})
#: What templates can call.
_FUNCTIONS = ("range", "namespace", "gettext", "ngettext", "pgettext", "npgettext", "_")
#: Longer than any message that arrives whole; a template that goes wild is stopped here.
_LIMIT = 1_000_000
#: What an expression in a template can raise, beside Jinja's own errors.
_GOES_WRONG = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


class Environment(ImmutableSandboxedEnvironment):
    """A sandbox in which a value's own names win over the methods of ``dict``."""

    code_generator_class = Compiler
    escaped = staticmethod(escaped)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Every context copies the globals, and a plain dict is copied ten times faster than Jinja's chain of maps."""
        return {**self.globals, **(d or {})}

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


class Language:
    """The templates of one locale: words as they are, and words inside HTML."""

    def __init__(self, locale: str, sources: Sources, catalogues: Catalogues) -> None:
        catalogue = catalogues.read(locale)
        babel_locale = catalogues.babel_locale(locale)
        self.formats = Formats(babel_locale, catalogue)
        said = {"lang": locale, "direction": babel_locale.text_direction}
        self.plain = _environment(sources, catalogue, said, autoescape=False)
        self.plain.filters.update(self.formats.filters)
        self.html = _environment(sources, catalogue, said, autoescape=True)
        self.html.filters.update(self.formats.filters_html)


def _environment(
    sources: Sources, catalogue: NullTranslations, said: Mapping[str, str], *, autoescape: bool
) -> Environment:
    made = Environment(
        loader=sources, undefined=StrictUndefined, autoescape=autoescape, auto_reload=False, cache_size=-1
    )
    made.policies["ext.i18n.trimmed"] = True
    made.extend(catalogue=catalogue)
    made.add_extension(Trans)
    made.add_extension(Include)
    made.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    made.globals = {**{name: made.globals[name] for name in _FUNCTIONS}, **said}
    return made


@lru_cache(maxsize=32)
def _shipped(locale: str) -> Language:
    """What is shipped does not change: all that use nothing else have it compiled once."""
    sources = Sources(())
    return Language(locale, sources, Catalogues(sources))


class Content:
    """
    What messages say: templates and catalogues, from the user's folders and then the shipped ones.

    Args:
        templates: folders that look like the shipped one. A file in an earlier folder replaces the same file in a
            later one, and nothing else.

    Raises:
        TemplateInvalid: a folder is missing, or a catalogue is not named by a locale.
    """

    def __init__(self, templates: Sequence[str | os.PathLike[str]] = ()) -> None:
        self._sources = Sources(templates)
        self._catalogues = Catalogues(self._sources)
        self._languages: dict[str, Language] = {}
        self._templates: dict[tuple[str, str, str, str], Template] = {}

    @property
    def locales(self) -> tuple[str, ...]:
        """The locales that messages can be written in, as BCP 47 tags."""
        return self._catalogues.locales

    def choose_locale(self, wanted: str | None, default: str) -> str:
        """Return the one of :attr:`locales` that serves best; ``default`` where ``wanted`` cannot be served at all."""
        return self._catalogues.choose(wanted, default)

    def has(self, key: str, channel: str, part: str) -> bool:
        """Return whether there is a template for this part."""
        return self._sources.part(key, channel, part) is not None

    def render(
        self, key: str, channel: str, parts: Sequence[str], *, locale: str, values: Mapping[str, object]
    ) -> dict[str, str]:
        """
        Return the text of each of ``parts``.

        Args:
            key: the notice's key, which is the template folder.
            parts: for example ``("subject", "text", "html")``. ``html`` comes from ``<channel>.mjml``, or from
                ``<channel>.html`` where that stands in an earlier folder or beside it.
            locale: a BCP 47 tag; one that is not there is served as :meth:`choose_locale` would.
            values: what :func:`~proactive_notify._content.values.values_of` returns.

        Raises:
            TemplateInvalid: a template is missing or cannot be rendered.
        """
        if locale not in self._catalogues.locales:
            locale = self.choose_locale(locale, locale)
        return {part: self._part(key, channel, part, locale, values) for part in parts}

    def introduction(self, channel: str, *, locale: str, values: Mapping[str, object]) -> dict[str, str]:
        """
        Return what the first message to an address says beside its parts, as part ``introduction``.

        Raises:
            TemplateInvalid: ``_layout/<channel>-first.words`` is missing or cannot be rendered.
        """
        said = self.render("_layout", f"{channel}-first", ("words",), locale=locale, values=values)
        return {"introduction": said["words"]}

    def check(self, notices: Iterable[Notice[Any]], channels: Mapping[str, Sequence[str]]) -> list[str]:
        """
        Render each notice in every locale on those of its channels that are in ``channels``, with their parts.

        Returns:
            What is wrong, a sentence each; nothing where all is well.
        """
        problems: dict[str, None] = {}
        for notice in notices:
            wanted = {name: channels[name] for name in notice.channels if name in channels}
            for channel, parts in wanted.items():
                for locale in self.locales:
                    problems |= dict.fromkeys(self._flaws(notice, channel, parts, locale))
        return list(problems)

    def language(self, locale: str) -> Language:
        """Return the templates of a locale."""
        if locale not in self._languages:
            is_shipped = len(self._sources.folders) == 1
            made = _shipped(locale) if is_shipped else Language(locale, self._sources, self._catalogues)
            self._languages[locale] = made
        return self._languages[locale]

    def _flaws(self, notice: Notice[Any], channel: str, parts: Sequence[str], locale: str) -> Iterator[str]:
        said: dict[str, str] = {}
        try:
            values = values_of(notice, locale=locale)
        except NoticeInvalid as error:
            yield str(error)
            return
        for part in parts:
            try:
                said |= self.render(notice.key, channel, (part,), locale=locale, values=values)
            except TemplateInvalid as error:
                yield str(error)
        whole = len(said) == len(parts)

        def say(other: Mapping[str, object]) -> dict[str, str]:
            return self.render(notice.key, channel, parts, locale=locale, values=other)

        formats = self.language(locale).formats
        found = flaws(notice.key, values, said, formats, say if whole else None, is_mail=channel == "email")
        yield from (f"{notice.key}, {channel}, {locale}: {flaw}" for flaw in found)

    def _part(self, key: str, channel: str, part: str, locale: str, values: Mapping[str, object]) -> str:
        template = self._templates.get((locale, key, channel, part))
        if template is None:
            template = self._templates[locale, key, channel, part] = self._load(key, channel, part, locale)
        try:
            # As Template.render() does it, with one copy of the values instead of two.
            seen = template.new_context({**template.globals, **values}, shared=True)
            text = "".join(template.root_render_func(seen))
        except (TemplateError, *_GOES_WRONG) as error:
            raise TemplateInvalid(_what_went_wrong(error, template)) from None
        if len(text) > _LIMIT:
            raise TemplateInvalid(f"{template.filename} made {len(text):,} characters; {_LIMIT:,} is the most")
        if part == "html":
            return text
        return one_line(text) if part in ONE_LINE else _tidy(text)

    def _load(self, key: str, channel: str, part: str, locale: str) -> Template:
        name = self._sources.part(key, channel, part)
        if name is None:
            wanted = self._sources.looked_for(key, channel, part)
            raise TemplateInvalid(f"the notice {key} has no part {part} for {channel}; write {wanted}")
        language = self.language(locale)
        environment = language.html if part == "html" else language.plain
        try:
            return environment.get_template(name)
        except (TemplateError, RecursionError) as error:
            raise TemplateInvalid(_what_went_wrong(error, None, name=name)) from None


def _tidy(text: str) -> str:
    """Plain text without trailing blanks, heaps of empty lines and characters that do harm; one line end at the end."""
    # Printable but for line ends: then the only blanks are spaces, and nothing does harm.
    is_clean = text.replace("\n", "").isprintable()
    if not is_clean or "\n " in text or " \n" in text:
        text = "\n".join([line.strip() for line in text.split("\n")])
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    text = text.strip()
    return f"{text}\n" if is_clean else f"{plain(text, limit=_LIMIT)}\n"


def _what_went_wrong(error: Exception, template: Template | None, *, name: str = "") -> str:
    """
    A sentence for people. It names files, lines and names of values, never a value: that may be somebody's address.
    """
    where = template.filename if template else name
    if isinstance(error, TemplateNotFound):
        return f"{where} includes {error.name}, and there is no such template"
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or where}, line {error.lineno}: {error.message}"
    trace, line = error.__traceback__, 0
    while trace is not None:
        made: Template | None = trace.tb_frame.f_globals.get("__jinja_template__")
        if made is not None:
            where, line = trace.tb_frame.f_code.co_filename, made.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    what = error.message if isinstance(error, TemplateError) else f"a {type(error).__name__}"
    return f"{where}, line {line}: {what}"
