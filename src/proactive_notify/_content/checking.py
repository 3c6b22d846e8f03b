"""
Looks at a rendered message: does it say what a customer needs to know, in both of its parts, and can mail programs
show it?
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from .filters import Formats, clause

#: Notices that tell somebody to wait.
_DELAYS = frozenset({"sourcing", "backordered", "holding", "delayed", "delayed-again", "late"})
WAITING = _DELAYS | {"not-picked-up", "tracking-broken", "no-movement", "still-no-movement", "trouble"}
#: Days of which a template says that they are not known where they are ``None``.
_DATES = ("new_ship_by", "new_deliver_by", "expected_by")
#: Gmail cuts a mail at 102 KB, and drops a style sheet of more than 8 KB.
_HTML_LIMIT, _STYLE_LIMIT = 80_000, 8_000
#: A longer line cannot be sent without encoding (RFC 5322 allows 998 octets).
_LINE_LIMIT = 900
_SUBJECT_LIMIT = 150
_PREVIEW = range(30, 131)

_STYLES = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)
_NOT_SHOWN = re.compile(r"<(style|title|head)\b.*?</\1>|<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_PREVIEW_BLOCK = re.compile(r"<body[^>]*>\s*<div[^>]*display:\s*none[^>]*>(.*?)</div>", re.DOTALL)
_PADDING = re.compile("[\u034f\u200c\u00a0]+")
_IMAGE = re.compile(r"<img\b[^>]*>")
_LINK = re.compile(r"""href\s*=\s*["']?([^"'\s>]*)""")


def shown_words(page: str) -> str:
    """Return the words of an HTML page as somebody reads them, on one line."""
    return " ".join(html.unescape(_TAG.sub(" ", _NOT_SHOWN.sub(" ", page))).split())


def preview(page: str) -> str:
    """Return what a mail program shows beside the subject; empty where the page says nothing about it."""
    found = _PREVIEW_BLOCK.search(page)
    return " ".join(_PADDING.sub(" ", html.unescape(found[1])).split()) if found else ""


Values = Mapping[str, Any]
Say = Callable[[Mapping[str, Any]], Mapping[str, str]]


def flaws(
    notice: str,
    values: Mapping[str, Any],
    said: Mapping[str, str],
    formats: Formats,
    say: Say | None = None,
    *,
    is_mail: bool = True,
) -> Iterator[str]:
    """
    Return what is wrong with the parts of a message, a few words each.

    A notice that tells somebody to wait is asked twice. Every value that matters must stand in it, as the language
    writes it. And where a value is not known, or there is a choice, it must say something that it does not say
    otherwise: so words of any language will do, and none are looked for.

    Args:
        notice: its key; notices that tell somebody to wait must say more than others.
        values: what the templates saw.
        said: the rendered parts by name.
        formats: how the language writes a date.
        say: renders the parts from other values.
        is_mail: a text has room for less.
    """
    for part, text in said.items():
        if not text.strip():
            yield f"{part} is empty"
    if "subject" in said:
        yield from _subject_flaws(said["subject"])
    if "text" in said:
        yield from _text_flaws(said["text"])
    if "html" in said:
        yield from _html_flaws(said["html"])
    if notice in (WAITING if is_mail else _DELAYS):
        wanted = {what: forms for what, *forms in _facts(values, formats, is_mail=is_mail)}
        for part in {"text", "html"} & said.keys():
            words = shown_words(said[part]) if part == "html" else " ".join(said[part].split())
            for what, forms in wanted.items():
                if not any(form in words for form in forms):
                    yield f"{part} does not say {what}"
        if say is not None and is_mail:
            yield from _left_unsaid(_questions(values), said, say)
        if say is not None and values.get("option"):
            yield from _left_unsaid(_questions_of_the_law(values), said, say)


def _left_unsaid(questions: Iterable[tuple[str, Values, Values]], said: Mapping[str, str], say: Say) -> Iterator[str]:
    """What the message passes over in silence: it is the same whether it is so or not."""
    for what, so, else_ in questions:
        spoken, unspoken = say(so), say(else_)
        for part in ("text", "html"):
            if part in said and not set(_sentences(spoken[part])) - set(_sentences(unspoken[part])):
                yield f"{part} does not say {what}"


def _questions(values: Mapping[str, Any]) -> Iterator[tuple[str, Values, Values]]:
    """What must be said, values with which it must be said, and values with which it need not."""
    day, dates = values["now"].date(), [name for name in _DATES if name in values]
    order = values["order"]
    if dates:
        unknown = {**values, **dict.fromkeys(dates), "dates": dict.fromkeys(values["dates"])}
        yield "that the date is not known", unknown, {**unknown, **dict.fromkeys(dates, day)}
    if "reason" in values:
        yield "that no reason is known", {**values, "reason": None}, {**values, "reason": "reason"}
    if "offers_choice" in values:
        yield "what the customer can choose", {**values, "offers_choice": True}, {**values, "offers_choice": False}
    if "awaited" in values and not dates:
        here, there = ({**values, "awaited": each} for each in ("found", "stock"))
        yield "what is waited for", here, there
    charged = {**values, "order": {**order, "is_charged": True, "payment": "captured"}}
    yield "whether money was taken", charged, {**values, "order": {**order, "is_charged": False, "payment": "pending"}}


def _questions_of_the_law(values: Mapping[str, Any]) -> Iterator[tuple[str, Values, Values]]:
    """What an option must say in whatever room there is (16 CFR 435.2(b)(1), and for renewals (b)(2))."""
    option = values["option"]
    yes, no = ({**values, "option": {**option, "silence": each, "is_dated": True}} for each in ("consent", "cancelled"))
    undated = {**no, "option": {**no["option"], "is_dated": False}}
    yield "that the customer can wait or cancel", {**values, "offers_choice": True}, {**values, "offers_choice": False}
    yield "that silence is a yes", yes, no
    yield "that silence is a no", no, yes
    yield "that consent without a date can be taken back", undated, no


def _sentences(text: str) -> list[str]:
    """Pieces of a text or of a page, as they are parted by full stops, rows and paragraphs."""
    return [each for piece in re.split(r"[.!?]\s|\n|<[^>]*>", _NOT_SHOWN.sub(" ", text)) if (each := piece.strip())]


def _facts(values: Mapping[str, Any], formats: Formats, *, is_mail: bool) -> Iterator[tuple[str, ...]]:
    """
    What a customer who waits must be able to read: what it is, and its words, of which one form is enough. A text has
    room for less than a mail.
    """
    this_year = values["now"].year

    def written(day: date) -> tuple[str, str]:
        long, short = (formats.day_text(day, with_year=day.year != this_year, short=each) for each in (False, True))
        return long, short

    yield "which order it is", values["order"]["id"]
    if values["next_word"]:
        yield "when the next word comes", *written(values["next_word"])
    if values["shop"]["reply_to"]:
        yield "where a person can be reached", values["shop"]["reply_to"]
    if values["order"]["is_charged"] and values["order"]["paid"]:
        yield "what was charged", formats.money(values["order"]["paid"])
    for reason in ("reason", "note"):
        if values.get(reason):
            yield "the reason", " ".join(clause(values[reason]).split())
    if values.get("option"):
        yield "until when silence counts", *written(values["option"]["until"])
    for name in (*_DATES, "missed"):
        if values.get(name) and not values.get("implied"):
            yield f"the date ({name})", *written(values[name])
    if is_mail:
        yield from _more_facts(values, written)


def _more_facts(values: Mapping[str, Any], written: Callable[[date], tuple[str, str]]) -> Iterator[tuple[str, ...]]:
    if values["notice"] == "holding" and values["last_fact"]:
        parcels = [each[name] for each in values["parcels"] for name in ("scanned_at", "shipped_at") if each[name]]
        known = [values["last_fact"]["at"], values["order"]["paid_at"], *parcels]
        known += [] if any(known[1:]) else [values["order"]["placed_at"]]
        yield "the last that is known", *(form for at in known if at for form in written(at.date()))
    if values["notice"] in ("no-movement", "still-no-movement") and values["parcel"]:
        yield "when it was last seen", *written(values["parcel"]["scanned_at"].date())
    if values.get("packed_at"):
        yield "when it was packed", *written(values["packed_at"])


def _subject_flaws(subject: str) -> Iterator[str]:
    if len(subject) > _SUBJECT_LIMIT:
        yield f"subject has {len(subject)} characters, more than {_SUBJECT_LIMIT}"


def _text_flaws(text: str) -> Iterator[str]:
    longest = max(len(line.encode()) for line in text.splitlines() or [""])
    if longest > _LINE_LIMIT:
        yield f"text has a line of {longest} octets, more than {_LINE_LIMIT}"


def _html_flaws(page: str) -> Iterator[str]:
    size = len(page.encode())
    if size > _HTML_LIMIT:
        yield f"html has {size:,} octets, more than {_HTML_LIMIT:,}"
    style = sum(len(sheet.encode()) for sheet in _STYLES.findall(page))
    if style > _STYLE_LIMIT:
        yield f"html has {style:,} octets of style sheets, more than {_STYLE_LIMIT:,}"
    shown = len(preview(page))
    if shown not in _PREVIEW:
        yield f"html has a preview of {shown} characters, not {_PREVIEW.start} to {_PREVIEW.stop - 1}"
    for wanted, what in _WANTED.items():
        if not re.search(wanted, page):
            yield f"html has no {what}"
    for image in _IMAGE.findall(page):
        if "alt=" not in image:
            yield "html has an image without alt"
    for address in _LINK.findall(page):
        if not address.startswith(("https://", "http://", "mailto:", "tel:")):
            yield "html has a link that is none"
    if re.search(r"<script\b|<form\b|javascript:", page):
        yield "html has what mail programs remove"


_WANTED = {
    r"^\s*<!doctype html>": "doctype",
    r"<html[^>]*\slang=\"\w": "lang",
    r"<html[^>]*\sdir=\"(ltr|rtl)\"": "dir",
    r"<title>[^<]*\S[^<]*</title>": "title",
    r"charset=utf-8|charset=UTF-8|charset=\"utf-8\"": "charset",
    r"name=\"viewport\"": "viewport",
    r"name=\"color-scheme\" content=\"light dark\"": "colour scheme",
    r"role=\"article\"": "article",
    r"aria-roledescription=\"email\"": "role description",
    r"<h1\b": "heading",
}
