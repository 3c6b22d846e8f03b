"""What a customer's text means, in many languages and with many slips."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_notify._policy.words import Reading, fold, meaning, read
from proactive_notify.domain.consent import EATEN
from proactive_notify.domain.replies import Meaning

CORPUS = Path(__file__).with_name("words")

STOP, START, HELP, STATUS, QUESTION = Meaning.STOP, Meaning.START, Meaning.HELP, Meaning.STATUS, Meaning.QUESTION


def lines(name: str) -> list[list[str]]:
    """The lines of a corpus, taken apart at the bars; what begins with ``# `` is a note."""
    found = (CORPUS / name).read_text(encoding="utf-8").splitlines()
    return [line.split(" | ") for line in found if line.strip() and not line.startswith("# ")]


MEANS_STOP = lines("means_stop.txt")
MEANS_OTHER = lines("means_other.txt")


# The corpus


@pytest.mark.parametrize(("language", "text"), MEANS_STOP)
def test_whoever_wants_no_more_is_understood(language: str, text: str) -> None:
    """A text that means stop, in whichever words, is one."""
    assert (language, STOP) == (language, meaning(text))


@pytest.mark.parametrize(("language", "means", "text"), MEANS_OTHER)
def test_whoever_means_something_else_is_not_stopped(language: str, means: str, text: str) -> None:
    """A text that only sounds like stop means what it says: a question, where the order is, start, or help."""
    assert (language, Meaning(means)) == (language, meaning(text))


def test_the_corpus_is_large_and_nothing_is_in_it_twice() -> None:
    """There are at least a hundred texts of each kind, in at least eight languages, and each is there once."""
    stop, other = [text for _, text in MEANS_STOP], [text for _, _, text in MEANS_OTHER]

    assert min(len(stop), len(other)) >= 100
    assert min(len({language for language, *_ in corpus}) for corpus in (MEANS_STOP, MEANS_OTHER)) >= 8
    assert [] == [text for text, count in Counter(stop + other).items() if count > 1]


# What the provider knows


@pytest.mark.parametrize(
    ("said", "found"), [("STOP", STOP), ("START", START), ("HELP", HELP), ("stop", STOP), (" Help ", HELP)]
)
def test_what_the_provider_took_it_for_counts(said: str, found: Meaning) -> None:
    """Twilio's own word for what a text was counts before the text, for Twilio has acted on it."""
    assert found is meaning("where is my order?", opt_out_type=said)


@pytest.mark.parametrize("said", [None, "", "MAYBE", "QUESTION"])
def test_a_word_of_the_provider_that_is_none_changes_nothing(said: str | None) -> None:
    """Without a word of the provider's, or with one that we do not know, the text itself counts."""
    assert [STOP, QUESTION] == [meaning(text, opt_out_type=said) for text in ("STOP", "Is it blue?")]


@pytest.mark.parametrize(("word", "means"), EATEN.items())
@pytest.mark.parametrize("shape", ["{}", "{}.", " {} ", "{}!"])
def test_what_twilio_eats_means_to_us_what_it_means_to_twilio(word: str, means: Meaning, shape: str) -> None:
    """The words that Twilio acts on by itself mean the same here, in capitals and small, with a full stop."""
    texts = [shape.format(each) for each in (word, word.upper(), word.title())]

    assert [means] * 3 == [meaning(text) for text in texts]


# What must not be buried


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("STOP", False),
        ("Please stop texting me", False),
        ("How do I stop these texts?", False),
        ("Got my parcel, thanks. Stop texting me", False),
        ("Stop texting me. Where is my order?", True),
        ("STOP. Wrong address, don't ship it", True),
        ("stop texting me and refund me", True),
        ("CANCEL", True),
        ("Annulla", True),
        ("cancelar", True),
        ("You have the wrong number", True),
        ("Stop. Did you get my address?", True),
    ],
)
def test_a_question_is_not_buried_under_a_stop(text: str, asks: bool) -> None:
    """A text that says stop and asks something says both; "cancel" alone may be about the order."""
    assert Reading(STOP, asks=asks) == read(text)


def test_a_stop_of_the_providers_does_not_bury_a_question() -> None:
    """Where the provider took a text for STOP that also asks something, it still asks."""
    assert Reading(STOP, asks=True) == read("where is my order?", opt_out_type="STOP")
    assert Reading(STOP) == read("STOP", opt_out_type="STOP")


# How it is written


@pytest.mark.parametrize(
    "text",
    [
        "Don’t text me",
        "don´t text me",
        "DON'T TEXT ME",
        "d\u200bon't text me",
        "don't  text\nme",
        "ｄｏｎ'ｔ ｔｅｘｔ ｍｅ",
        "do not text me 😡😡",
    ],
)
def test_the_same_in_other_letters(text: str) -> None:
    """Curly quotes, capitals, wide letters, blanks that are not to be seen, and pictures change nothing."""
    assert STOP is meaning(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Arrêtez !", "arretez !"),
        ("NÃO", "nao"),
        ("Straße", "strasse"),
        ("łódź", "lodz"),
        ("İPTAL", "iptal"),
        ("don’t", "dont"),
        ("Пишите", "пишите"),
        ("Присылайте", "присылаите"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    """A folded text has small letters without accents and apostrophes."""
    assert folded == fold(text)


@pytest.mark.parametrize("text", ["", "   ", "?", "!!!", "👍", "\x00", "....", ",,,", "12345"])
def test_a_text_that_says_nothing_is_for_the_shop(text: str) -> None:
    """A text without a word, as a picture comes with, is a question to the shop: a person looks at it."""
    assert Reading(QUESTION) == read(text)


@given(st.text(max_size=300))
def test_every_text_means_something(text: str) -> None:
    """Whatever is written is read without an error, and only a STOP can ask something besides."""
    found = read(text)

    assert found.meaning is STOP or not found.asks


@pytest.mark.parametrize("begins", ["", "where is my order ", "when will it ", "stop ", "dont ", "if you ", "hor auf "])
@pytest.mark.parametrize(
    "piece",
    [
        "stop ", "the ", "a ", "1", "1 ", "a1", "ab 1 ", "no me ", "stop the ", "je ne veux plus ", "keine ", "?", ", ",
        "stop,", "please ", "get be ", "why stop ", "если ", "别", "ß", "\u0301",
    ],
)  # fmt: skip
def test_a_long_text_is_read_quickly(begins: str, piece: str) -> None:
    """A text that is made to keep us busy is read in less than a second."""
    meaning("stop")
    began = time.perf_counter()

    meaning(begins + piece * 20_000 + "x")

    assert time.perf_counter() - began < 1.0
