"""
``proactive-notify preview``: what each notice looks like, as files to open in a browser.
"""

import difflib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import typer
from jinja2 import Environment, StrictUndefined

from ..domain.notices import Notice
from ..errors import UsageError
from ..notifier import Notifier
from .application import AppOption, notifier_of, users_code
from .sampling import Sampled, chosen_locales, rendered, sample
from .showing import console, echo_json, listing, text

#: The one part that a browser shows; everything else is text.
_PAGE = "html"


@dataclass(kw_only=True)
class Shown:
    """One notice in one language on one channel, as files."""

    notice: str
    about: str
    channel: str
    locale: str
    #: The subject, the title, or the first line of the text.
    headline: str
    files: list[str] = field(default_factory=list)


def preview(
    context: typer.Context,
    keys: Annotated[list[str] | None, typer.Argument(metavar="[KEY]…", help="Which notices; none named: all.")] = None,
    *,
    app: AppOption = None,
    locale: Annotated[
        list[str] | None, typer.Option(metavar="LOCALE", help="In this language only; may be given again.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where to write; a new temporary folder if left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """
    Write each notice, with its made-up sample, as files to open in a browser.
    """
    notifier = notifier_of(context, app)
    kinds = _kinds(notifier, keys or [])
    locales = chosen_locales(notifier, locale)
    written = [(sampled, locale) for kind in kinds for sampled in [sample(kind, notifier)] for locale in locales]
    folder = _folder(out)
    shown = [each for sampled, locale in written for each in _write(sampled, notifier, locale, folder)]
    index = folder / "index.html"
    index.write_text(_index(shown, notifier), encoding="utf-8")
    if as_json:
        echo_json({"folder": str(folder), "index": str(index), "notices": [vars(each) for each in shown]})
        return
    table = listing("notice", "language", "channel", "headline", "files")
    for each in shown:
        row = (each.notice, each.locale, each.channel, each.headline, " ".join(each.files))
        table.add_row(*map(text, row))
    screen = console()
    screen.print(table)
    screen.print(text(f"Open {index.resolve().as_uri()} in a browser.", style="bold"), soft_wrap=True)


def _kinds(notifier: Notifier, keys: Sequence[str]) -> list[type[Notice[Any]]]:
    by_key = {kind.key: kind for kind in notifier.notices}
    for key in keys:
        if key not in by_key:
            close = difflib.get_close_matches(key, by_key, n=1)
            hint = f"did you mean {close[0]}? There are" if close else "there are"
            raise UsageError(f"there is no notice {key!r}; {hint} {', '.join(by_key)}")
    return [by_key[key] for key in dict.fromkeys(keys)] or list(by_key.values())


def _folder(out: Path | None) -> Path:
    if out is None:
        return Path(tempfile.mkdtemp(prefix="proactive-notify-preview-"))
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out: {str(out)!r} is no folder that can be written to ({error.strerror})") from None
    return out


def _write(sampled: Sampled, notifier: Notifier, locale: str, folder: Path) -> list[Shown]:
    return [_write_message(sampled, notifier, channel, locale, folder) for channel in sampled.channels]


def _write_message(sampled: Sampled, notifier: Notifier, channel: str, locale: str, folder: Path) -> Shown:
    notice = sampled.notice
    parts = _as_sent(rendered(sampled, notifier, channel=channel, locale=locale), channel, notifier)
    short = [parts[name].strip() for name in parts if name != _PAGE]
    shown = Shown(
        notice=notice.key,
        about=(type(notice).__doc__ or "").strip().partition("\n")[0],
        channel=channel,
        locale=locale,
        headline=short[0].partition("\n")[0] if short else "",
    )
    name = f"{notice.key}.{locale}" if channel == "email" else f"{notice.key}.{locale}.{channel}"
    if _PAGE in parts:
        _put(folder, f"{name}.html", parts[_PAGE], shown)
    _put(folder, f"{name}.txt", _as_text(parts), shown)
    return shown


def _as_sent(parts: dict[str, str], channel: str, notifier: Notifier) -> dict[str, str]:
    with users_code(f"the channel {channel}"):
        return dict(notifier.channels[channel].finished(parts, shop=notifier.shop))


def _as_text(parts: dict[str, str]) -> str:
    """The parts but the page: short ones with their names, then the text."""
    named = [f"{name.capitalize()}: {said}" for name, said in parts.items() if name not in (_PAGE, "text")]
    return "\n".join([*named, "", parts["text"]] if "text" in parts else named)


def _put(folder: Path, name: str, content: str, shown: Shown) -> None:
    (folder / name).write_text(content, encoding="utf-8")
    shown.files.append(name)


def _index(shown: Sequence[Shown], notifier: Notifier) -> str:
    source = files(__package__).joinpath("preview.html.jinja").read_text(encoding="utf-8")
    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return page.from_string(source).render(shown=shown, shop=notifier.shop.name)
