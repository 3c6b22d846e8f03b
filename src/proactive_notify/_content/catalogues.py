"""
Languages: catalogues are ``_locale/<locale>/LC_MESSAGES/proactive_notify.po``, read as they are.
"""

from io import BytesIO

from babel import Locale
from babel.core import UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.support import NullTranslations, Translations

from ..errors import TemplateInvalid
from .sources import Sources

DOMAIN = "proactive_notify"
#: What the templates are written in.
SOURCE = "en"


class Catalogues:
    """
    The catalogues below the folders of templates. A user's catalogue adds to the shipped one and wins over it.
    """

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        names = {
            path.name
            for folder in sources.folders
            for path in folder.glob("_locale/*")
            if (path / "LC_MESSAGES" / f"{DOMAIN}.po").is_file()
        }
        self._names = {_tag(name): name for name in sorted(names)} | {SOURCE: SOURCE}
        self.locales = tuple(sorted(self._names))
        self._by_wish = self._wishes()

    def choose(self, wanted: str | None, default: str) -> str:
        """Return the locale that serves a wish best, as a BCP 47 tag: ``pt`` and ``pt-PT`` are served by ``pt-BR``."""
        if wanted in self._names:
            return wanted
        for wish in (wanted, default):
            pieces = (wish or "").replace("_", "-").lower().split("-")
            while pieces:
                found = self._by_wish.get("-".join(pieces))
                if found:
                    return found
                pieces.pop()
        return SOURCE

    def read(self, locale: str) -> NullTranslations:
        """
        Return the translations of a locale.

        Raises:
            TemplateInvalid: a catalogue cannot be read.
        """
        translations: NullTranslations = NullTranslations()
        for path in self._sources.all(f"_locale/{self._names[locale]}/LC_MESSAGES/{DOMAIN}.po"):
            try:
                with path.open("rb") as file:
                    catalogue = read_po(file, locale=None, domain=DOMAIN, abort_invalid=True)
            except (PoFileError, UnicodeDecodeError, ValueError) as error:
                raise TemplateInvalid(f"the catalogue {path} cannot be read: {error}") from None
            compiled = BytesIO()
            write_mo(compiled, catalogue)
            compiled.seek(0)
            newer = Translations(compiled, domain=DOMAIN)
            translations = translations.merge(newer) if isinstance(translations, Translations) else newer
        return translations

    def babel_locale(self, locale: str) -> Locale:
        """Return what Babel knows of a locale."""
        return Locale.parse(self._names[locale])

    def _wishes(self) -> dict[str, str]:
        """Every tag that is served, in lower case: the locales, and their languages where no locale is just that."""
        languages = {tag.partition("-")[0].lower(): tag for tag in reversed(self.locales)}
        return languages | {tag.lower(): tag for tag in self.locales}


def _tag(name: str) -> str:
    try:
        Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        raise TemplateInvalid(f"_locale/{name} is not named by a locale, like pt_BR") from None
    return name.replace("_", "-")
