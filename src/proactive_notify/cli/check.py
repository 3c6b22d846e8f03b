"""
``proactive-notify check``: does every notice render on every channel in every language?
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import typer
from rich.table import Table

from .._content.values import values_of
from ..domain.notices import Notice
from ..errors import NoticeInvalid, ProactiveNotifyError, TemplateInvalid
from ..notifier import Notifier
from .application import AppOption, notifier_of, users_code
from .sampling import Sampled, chosen_locales, rendered, sample
from .showing import console, echo_json, listing, text
from .untranslated import untranslated

#: So many untranslated words are quoted; the rest is counted.
_QUOTED = 3


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something that a customer should not get to see. An empty field means: all of them."""

    notice: str
    channel: str = ""
    locale: str = ""
    problem: str
    #: It fails the check; else it is only worth knowing.
    is_grave: bool = True


def check(
    context: typer.Context,
    *,
    app: AppOption = None,
    locale: Annotated[
        list[str] | None, typer.Option(metavar="LOCALE", help="Look at this language only; may be given again.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """
    Render every notice on every channel in every language, and say what is wrong.

    Exit status: 0 all is well, 1 something is not.
    """
    try:
        notifier = notifier_of(context, app)
    except (NoticeInvalid, TemplateInvalid) as error:
        _show([], (), [Problem(notice="", problem=str(error))], as_json=as_json)
        raise typer.Exit(1) from None
    locales = chosen_locales(notifier, locale)
    problems = problems_of(notifier, locales)
    _show(notifier.notices, locales, problems, as_json=as_json)
    if any(each.is_grave for each in problems):
        raise typer.Exit(1)


def problems_of(notifier: Notifier, locales: Sequence[str]) -> list[Problem]:
    """Return what is wrong with the notices, in these languages."""
    return [each for kind in notifier.notices for each in _look_at(kind, notifier, locales)]


def _look_at(kind: type[Notice[Any]], notifier: Notifier, locales: Sequence[str]) -> Iterator[Problem]:
    try:
        sampled = sample(kind, notifier)
    except ProactiveNotifyError as error:
        yield Problem(notice=kind.key, problem=str(error))
        return
    if sampled.doubt:
        said = f"{kind.__name__}.sample() shows what no customer gets; {sampled.doubt}"
        yield Problem(notice=kind.key, problem=said, is_grave=False)
    for channel in sampled.channels:
        for locale in locales:
            yield from _look_at_message(sampled, notifier, channel, locale)


def _look_at_message(sampled: Sampled, notifier: Notifier, channel: str, locale: str) -> Iterator[Problem]:
    notice, parts = sampled.notice, sampled.channels[channel]
    where: dict[str, Any] = {"notice": notice.key, "channel": channel, "locale": locale}
    try:
        said = rendered(sampled, notifier, channel=channel, locale=locale)
        with users_code(f"the channel {channel}"):
            unfit = list(_unfit(sampled, notifier, channel, locale, said))
        with users_code(f"{type(notice).__name__}.context()"):
            found = notifier.content.check([notice], {channel: parts})
    except ProactiveNotifyError as error:
        yield Problem(**where, problem=str(error))
        return
    begins = f"{notice.key}, {channel}, {locale}: "
    yield from (Problem(**where, problem=each.removeprefix(begins)) for each in found if each.startswith(begins))
    yield from (Problem(**where, problem=each) for each in unfit)
    missing = untranslated(notifier.content, notice.key, channel, parts, locale=locale)
    if missing:
        quoted = ", ".join(repr(each) for each in missing[:_QUOTED])
        more = f" and {len(missing) - _QUOTED} more" if len(missing) > _QUOTED else ""
        yield Problem(**where, problem=f"no translation of {quoted}{more}")


def _unfit(sampled: Sampled, notifier: Notifier, name: str, locale: str, said: Mapping[str, str]) -> Iterable[str]:
    """What the channel says of the parts; of the longest that it sends, which introduces the sender."""
    channel = notifier.channels[name]
    known = channel.introduction(None)
    if known is not None:
        values = {**values_of(sampled.notice, locale=locale), **known}
        said = {**said, **notifier.content.introduction(name, locale=locale, values=values)}
    return channel.flaws(sampled.notice.key, said, shop=notifier.shop)


def _show(
    notices: Sequence[type[Notice[Any]]], locales: Sequence[str], problems: list[Problem], *, as_json: bool
) -> None:
    grave = [each for each in problems if each.is_grave]
    if as_json:
        keys = [kind.key for kind in notices]
        found = [asdict(each) for each in problems]
        echo_json({"ok": not grave, "notices": keys, "locales": list(locales), "problems": found})
        return
    screen = console()
    if notices:
        screen.print(_table(notices, locales, grave))
    for each in problems:
        where = ", ".join(part for part in (each.notice, each.channel, each.locale) if part)
        said = f"{where}: {each.problem}" if where else each.problem
        screen.print(text(said, style="red" if each.is_grave else "yellow"), soft_wrap=True)
    if grave:
        hint = "proactive-notify preview shows how a notice looks; --locale checks only the languages that you use"
        screen.print(text(f"{len(grave)} problem{'s'[: len(grave) > 1]}. {hint}."), soft_wrap=True)
    else:
        screen.print(text(f"All is well: {len(notices)} notices in {', '.join(locales)}.", style="green"))


def _table(notices: Sequence[type[Notice[Any]]], locales: Sequence[str], grave: list[Problem]) -> Table:
    table = listing("notice", *locales)
    for kind in notices:
        bad = {each.locale for each in grave if each.notice == kind.key}
        cells = [text("✗", "red") if {locale, ""} & bad else text("✓", "green") for locale in locales]
        table.add_row(text(kind.key), *cells)
    return table
