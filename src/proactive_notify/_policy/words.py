"""
What a customer's text means: stop, start, help, where is it, or a question to the shop.

Whoever wants no more may say so in any reasonable way (47 CFR 64.1200(a)(10)), so a sentence counts and not only a
word. Two mistakes are not alike: a STOP that is not understood is unlawful, one that is understood too often moves a
customer to email. But a question that is buried under a STOP leaves the customer in silence, so :attr:`Reading.asks`
says if there is one besides.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from ..domain.consent import EATEN
from ..domain.replies import Meaning
from . import asking, sayings, wordings

#: What is read of a text: a text message has at most 1,600 characters.
_LONGEST = 2000
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘`´ʼ‛"))
#: Letters that are not made of a letter and an accent.
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ς": "σ"})
#: Accents, and what is not to be seen.
_UNSEEN = frozenset({"Mn", "Me", "Cf"})
_SENTENCE = re.compile(r"([^.!?;\n。！？؟…]+)([.!?;\n。！？؟…]*)")
#: A dash between blanks and a comma divide a sentence; a hyphen joins.
_COMMA = re.compile(r"\s+[-–—]+\s+|[,:،、，—–]+")
_NO_WORD = re.compile(r"[^\w,🛑]+|_+")
_QUESTION_MARKS = frozenset("?？؟")
#: "STOP! Where is it?", "Stop. Where is it?": the bare word at the very beginning, in capitals or as a sentence.
_CAPITALS = re.compile(r"\s*(?:(?:STOP|STOPALL|UNSUBSCRIBE)\s*[.,!;:\n-]|[Ss]top\s*[.\n])")
#: "no thanks STOP": in capitals between small letters, first or last.
_SHOUTED = re.compile(r"^\s*STOP\b(?! by\b)|(?<!bus )(?<!the )\bSTOP\W*$")
#: Something else is asked, or is wrong, in the very sentence that says stop.
_ASKS_TOO = re.compile(
    r"\b(?:wheres?|refund|wrong|cancel (?:my|the|our) order|donde|onde|cade|wo ist|ou est|dove|waar|где)\b"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text means."""

    meaning: Meaning
    #: It says stop, and asks something besides; or it says "cancel", which may be about the order.
    asks: bool = False


class _Sentence(NamedTuple):
    #: Folded, without polite words; a comma is a word of its own.
    text: str
    is_question: bool


def meaning(text: str, *, opt_out_type: str | None = None) -> Meaning:
    """
    Tell what a text means.

    Args:
        opt_out_type: what the provider took it for (Twilio's ``OptOutType``): it knows best, for it has acted on it.
    """
    return read(text, opt_out_type=opt_out_type).meaning


def read(text: str, *, opt_out_type: str | None = None) -> Reading:
    """
    Tell what a text means, and whether it asks something besides.

    Args:
        opt_out_type: as in :func:`meaning`.
    """
    found = _read(text[:_LONGEST])
    said = (opt_out_type or "").strip().lower()
    if said == Meaning.STOP:
        return Reading(Meaning.STOP, asks=found.asks or found.meaning in (Meaning.QUESTION, Meaning.STATUS))
    return Reading(Meaning(said)) if said in (Meaning.START, Meaning.HELP) else found


def fold(text: str) -> str:
    """Return a text in small letters, without accents, apostrophes and what is not to be seen."""
    plain = unicodedata.normalize("NFKC", text.translate(_APOSTROPHES)).casefold()
    seen = (each for each in unicodedata.normalize("NFD", plain) if unicodedata.category(each) not in _UNSEEN)
    return unicodedata.normalize("NFC", "".join(seen)).translate(_LETTERS)


def _read(text: str) -> Reading:
    folded, alone = fold(text), _alone()
    bare = re.sub(r"[\W_]+", "", folded)
    if bare in alone.cancel:
        return Reading(Meaning.STOP, asks=True)
    for words, what in ((alone.start, Meaning.START), (alone.help, Meaning.HELP)):
        if bare in words:
            return Reading(what)
    sentences = _sentences(folded)
    whole = " ".join(each.text for each in sentences).replace(" ,", "")
    is_alone = bare in alone.stop or bool(whole and alone.stop.issuperset(whole.split()))
    is_known = is_alone or not alone.sayings.isdisjoint({whole, folded.strip()})
    # "Chega?" is "does it arrive?", and "no more?" is a question about the goods.
    if is_known and (bare in EATEN or not any(each.is_question for each in sentences)):
        return Reading(Meaning.STOP, asks="wrong" in whole or "interest" in whole)
    return _stop(text, sentences) or _other(sentences)


def _stop(text: str, sentences: list[_Sentence]) -> Reading | None:
    said = [each for each in sentences if _says_stop(each)]
    if not said:
        return _stop_among_others(text, sentences)
    rest = [each for each in sentences if each not in said]
    asks = any(each.is_question or _asks_where(each) for each in rest)
    return Reading(Meaning.STOP, asks=asks or any(_ASKS_TOO.search(each.text) for each in said))


def _stop_among_others(text: str, sentences: list[_Sentence]) -> Reading | None:
    """Find the bare word in a part of a text: "Got it, thanks. STOP"."""
    patterns = _patterns()
    parts = [(part.strip(), each.is_question) for each in sentences for part in each.text.split(",") if part.strip()]
    where = [
        number
        for number, (part, is_question) in enumerate(parts)
        if part in wordings.STOP_PART and (part in EATEN or not is_question)
    ]
    is_shouted = not text.isupper() and _SHOUTED.search(text) is not None
    if not where and (not is_shouted or any(patterns.not_stop.search(each.text) for each in sentences)):
        return None
    rest = " ".join(part for number, (part, _) in enumerate(parts) if number not in where)
    about = patterns.hold if where and where[0] else patterns.parcel
    is_about_it = about.search(rest) is not None
    is_machine = not text.isupper() and _CAPITALS.match(text) is not None
    if is_about_it and not is_machine:
        return None
    return Reading(Meaning.STOP, asks=is_about_it or any(each.is_question for each in sentences))


def _other(sentences: list[_Sentence]) -> Reading:
    if len(sentences) == 1 and _patterns().start.search(sentences[0].text):
        return Reading(Meaning.START)
    is_status = bool(sentences) and all(_asks_where(each) for each in sentences)
    return Reading(Meaning.STATUS if is_status else Meaning.QUESTION)


def _says_stop(sentence: _Sentence) -> bool:
    patterns = _patterns()
    if patterns.all_the_same.search(sentence.text):
        return True
    if sentence.is_question and sentence.text.startswith(("no more", "plus de", "geen", "keine", "basta")):
        return False
    return patterns.stop.search(sentence.text) is not None and patterns.not_stop.search(sentence.text) is None


def _asks_where(sentence: _Sentence) -> bool:
    text = sentence.text.replace(" ,", "")
    return text in _alone().status or _patterns().status.search(text) is not None


def _sentences(folded: str) -> list[_Sentence]:
    """Divide a folded text; what is only polite is left out."""
    found = []
    for said, mark in _SENTENCE.findall(folded):
        text = _without_polite_words(said)
        if text:
            found.append(_Sentence(text, not _QUESTION_MARKS.isdisjoint(mark)))
    return found


def _without_polite_words(said: str) -> str:
    text = " ".join(_NO_WORD.sub(" ", _COMMA.sub(" , ", said)).split())
    for saying in wordings.POLITE_SAYINGS:
        text = text.replace(saying, " ")
    words = [wordings.SLIPS.get(word, word) for word in text.split() if word not in wordings.POLITE]
    return re.sub(r"(?:^| ),(?=(?: ,)*$)|^(?:, )+|(?<=,) ,", "", " ".join(words)).strip(" ,")


class _Alone(NamedTuple):
    stop: frozenset[str]
    sayings: frozenset[str]
    cancel: frozenset[str]
    start: frozenset[str]
    help: frozenset[str]
    status: frozenset[str]


@lru_cache(maxsize=1)
def _alone() -> _Alone:
    """The words and sayings, folded as texts are."""
    return _Alone(
        stop=_folded(wordings.STOP_ALONE),
        sayings=_folded(wordings.STOP_SAYINGS_ALONE),
        cancel=_folded(wordings.CANCEL_ALONE),
        start=_folded(wordings.START_ALONE),
        help=_folded(wordings.HELP_ALONE),
        status=_folded(asking.STATUS_ALONE),
    )


def _folded(words: Iterable[str]) -> frozenset[str]:
    return frozenset(map(fold, words))


class _Patterns(NamedTuple):
    stop: re.Pattern[str]
    not_stop: re.Pattern[str]
    all_the_same: re.Pattern[str]
    parcel: re.Pattern[str]
    hold: re.Pattern[str]
    start: re.Pattern[str]
    status: re.Pattern[str]


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    """Made when the first text comes: it takes some time, and most programs never read one."""
    return _Patterns(
        stop=_any_of(*sayings.STOP),
        not_stop=_any_of(sayings.NOT_STOP),
        all_the_same=_any_of(sayings.STOP_ALL_THE_SAME),
        parcel=_any_of(sayings.PARCEL),
        hold=_any_of(sayings.HOLD),
        start=_any_of(sayings.START),
        status=_any_of(asking.STATUS),
    )


def _any_of(*blocks: str) -> re.Pattern[str]:
    """Return what finds any of the patterns, of which there is one in each line that is not set in."""
    lines = "".join(blocks).replace("\n    ", "").split("\n")
    whole = "|".join(f"(?:{line})" for line in lines if line)
    for name, text in {**sayings.NAMES, **asking.NAMES}.items():
        whole = whole.replace(name, "".join(line.strip() for line in text.split("\n")))
    return re.compile(fold(whole))
