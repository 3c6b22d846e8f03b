"""The check of a delay: whose words leave something unsaid, in whatever language, is told what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from proactive_notify._content.rendering import Content

from .content_cases import NOTICES, SCANNED, SHIPPED, broken, cases, notice, placed

#: A delay in somebody's own words, piece by piece.
DELAYED = {
    "which order it is": "{{ order.id }}.",
    "the reason": "{% if reason %}{{ reason }}{% else %}Warum, wissen wir nicht{% endif %}.",
    "the date (new_ship_by)": "{% if new_ship_by %}{{ new_ship_by|day }}{% else %}Wann, wissen wir nicht{% endif %}.",
    "what the customer can choose": "{% if offers_choice %}Warten oder abbestellen{% endif %}.",
    "what was charged": "{% if order.is_charged %}Bezahlt: {{ order.paid|money if order.paid else '' }}{% endif %}.",
    "when the next word comes": "{% if next_word %}{{ next_word|day }}{% endif %}.",
    "where a person can be reached": "{{ shop.reply_to }}.",
}
#: What stays where a piece knows its value and passes over that it is not known.
HALVES = {
    "that no reason is known": ("the reason", "{% if reason %}{{ reason }}{% endif %}."),
    "that the date is not known": ("the date (new_ship_by)", "{% if new_ship_by %}{{ new_ship_by|day }}{% endif %}."),
    "whether money was taken": ("what was charged", "{% if order.paid %}{{ order.paid|money }}{% endif %}."),
}


def flaws_of(folder: Path, key: str, text: str) -> list[str]:
    """What the check finds in a plain part in somebody's own words, in English."""
    (folder / key).mkdir()
    (folder / key / "email.text").write_text(text, encoding="utf-8")
    samples = {
        "delayed": NOTICES["delayed"].sample(),
        "holding": (*placed(), SHIPPED, SCANNED, broken("news_by", 8)),
        "no-movement": (*placed(), SHIPPED, SCANNED, broken("move_by", 8, parcel="ups:1Z9")),
    }
    found = Content([folder]).check([notice(key, *samples[key])], {"email": ("text",)})
    begins = f"{key}, email, en: text does not say "
    return [each.removeprefix(begins) for each in found if each.startswith(begins)]


def test_a_delay_that_says_all_is_well(tmp_path: Path) -> None:
    """Nobody's words are looked for: a delay in a language that we do not have passes if it says what matters."""
    assert [] == flaws_of(tmp_path, "delayed", " ".join(DELAYED.values()))


@pytest.mark.parametrize("left_out", DELAYED)
def test_what_a_delay_leaves_out_is_told(left_out: str, tmp_path: Path) -> None:
    """Each piece that is missing is named."""
    assert left_out in flaws_of(
        tmp_path, "delayed", " ".join(text for name, text in DELAYED.items() if name != left_out)
    )


@pytest.mark.parametrize("unsaid", HALVES)
def test_what_is_not_known_must_be_said(unsaid: str, tmp_path: Path) -> None:
    """A mail that says a date, a reason or the charge where there is one must also say that there is none."""
    piece, text = HALVES[unsaid]

    assert [unsaid] == flaws_of(tmp_path, "delayed", " ".join({**DELAYED, piece: text}.values()))


@pytest.mark.parametrize(
    ("key", "unsaid"),
    [
        ("holding", "the last that is known"),
        ("holding", "what is waited for"),
        ("no-movement", "when it was last seen"),
        ("no-movement", "what is waited for"),
    ],
)
def test_silence_says_what_is_known_and_awaited(key: str, unsaid: str, tmp_path: Path) -> None:
    """Where nothing moves the mail says the last that is known, with its date, and what is waited for."""
    assert unsaid in flaws_of(
        tmp_path, key, " ".join(DELAYED[name] for name in ("which order it is", "what was charged"))
    )


#: What the law wants said beside it, piece by piece (16 CFR 435.2(b)(1)).
OPTION = {
    "until when silence counts": "{{ option.until|day }}. ",
    "that silence is a yes": "{% if option.silence == 'consent' %}Schweigen heißt Ja. {% endif %}",
    "that silence is a no": "{% if option.silence == 'cancelled' %}Schweigen heißt Nein. {% endif %}",
    "that consent without a date can be taken back": "{% if not option.is_dated %}Immer kündbar. {% endif %}",
}


@pytest.mark.parametrize("left_out", [None, *OPTION])
@pytest.mark.parametrize("part", ["email", "sms"])
def test_an_option_that_leaves_something_out_is_refused(left_out: str | None, part: str, tmp_path: Path) -> None:
    """A delay that offers what the law asks for says what silence means, and until when, in a mail and in a text."""
    said = " ".join([*DELAYED.values(), *(text for name, text in OPTION.items() if name != left_out)])
    (tmp_path / "delayed").mkdir()
    (tmp_path / "delayed" / f"{part}.text").write_text(said, encoding="utf-8")
    made = cases()["delayed option-no full captured"]()
    found = Content([tmp_path]).check([made], {part: ("text",)})
    begins = f"delayed, {part}, en: text does not say "

    assert ([left_out] if left_out else []) == [each.removeprefix(begins) for each in found if each.startswith(begins)]


@pytest.mark.parametrize("key", ["delayed", "delayed-again"])
@pytest.mark.parametrize("word", ["yes", "no", "undated", "unrecorded"])
def test_the_shipped_options_are_whole(key: str, word: str) -> None:
    """Each shipped offer says all that the law asks for, as a mail and as a text, in every language."""
    made = cases()[f"{key} option-{word} full captured"]()

    assert [] == Content().check([made], {"email": ("subject", "text", "html"), "sms": ("text",)})
