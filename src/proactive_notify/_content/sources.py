"""
Where templates come from: the user's folders first, then the shipped ones. MJML becomes HTML on the way.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from jinja2 import BaseLoader, Environment, TemplateNotFound
from jinja2.loaders import split_template_path
from mjml import mjml2html

from ..errors import TemplateInvalid

_LABEL = re.compile(r'aria-label=".*?" aria-roledescription=', re.DOTALL)
#: What a part may be written in, beside its own name.
_WRITTEN_IN = {"html": ("html", "mjml")}


def shipped_templates() -> Path:
    """
    Return the folder of the shipped templates.

    An installed package carries them as ``proactive_notify/_templates``; in a checkout, and in an editable install of
    one, they are ``templates/`` at its root.
    """
    package = Path(__file__).resolve().parent.parent
    carried = package / "_templates"
    return carried if carried.is_dir() else package.parent.parent / "templates"


class Sources(BaseLoader):
    """
    Finds a template by its name in the first folder that has it.

    Raises:
        TemplateInvalid: a folder is missing, or a file is not UTF-8 or not MJML.
    """

    def __init__(self, folders: Sequence[str | os.PathLike[str]]) -> None:
        self.folders = (*map(Path, folders), shipped_templates())
        for folder in self.folders:
            if not folder.is_dir():
                raise TemplateInvalid(f"there is no folder of templates at {folder}")

    def part(self, key: str, channel: str, part: str) -> str | None:
        """Return the name of the template of a part: the one in the earliest folder; ``None`` where there is none."""
        for folder in self.folders:
            for ending in _WRITTEN_IN.get(part, (part,)):
                if (folder / key / f"{channel}.{ending}").is_file():
                    return f"{key}/{channel}.{ending}"
        return None

    def looked_for(self, key: str, channel: str, part: str) -> str:
        """Return the path at which a part would have to be, for people."""
        ending = _WRITTEN_IN.get(part, (part,))[-1]
        below = f"{key}/{channel}.{ending}"
        return " or ".join(str(folder / below) for folder in self.folders)

    def path(self, name: str) -> Path | None:
        """Return the file with this name below the folders, from the first folder that has it."""
        try:
            pieces = split_template_path(name)
        except TemplateNotFound:
            return None
        return next((path for folder in self.folders if (path := folder.joinpath(*pieces)).is_file()), None)

    def all(self, name: str) -> Iterator[Path]:
        """Every file with this name, the shipped one first."""
        return (path for folder in reversed(self.folders) if (path := folder / name).is_file())

    def read(self, name: str) -> tuple[str, Path]:
        """Return a file's text and path."""
        path = self.path(name)
        if path is None:
            raise TemplateNotFound(name)
        try:
            return path.read_text(encoding="utf-8"), path
        except UnicodeDecodeError:
            raise TemplateInvalid(f"{path} is not UTF-8") from None

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        text, path = self.read(template)
        return self._html(text, path) if path.suffix == ".mjml" else text, str(path), _is_fresh

    def _html(self, text: str, file: Path) -> str:
        missing: list[str] = []

        def included(path: str) -> str:
            try:
                return self.read(path)[0]
            except TemplateNotFound:
                missing.append(path)
                raise

        try:
            html = mjml2html(text, disable_comments=True, fonts={}, include_loader=included)
        except ValueError as error:
            why = f"there is no {missing[0]} to include" if missing else error
            raise TemplateInvalid(f"{file} cannot be read as MJML: {why}") from None
        _, unknown, rest = html.partition("<mj-")
        if unknown:
            element = rest.split()[0].partition(">")[0]
            raise TemplateInvalid(f"{file} holds <mj-{element}>, which is no MJML element, or not one for that place")
        # MJML repeats the title as a label and escapes quotes as Rust does; inside a Jinja tag they must stay quotes.
        return _LABEL.sub(lambda label: label[0].replace('\\"', '"'), html)


def _is_fresh() -> bool:
    return True
