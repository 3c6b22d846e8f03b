"""What a text message costs, and how it is made to cost less."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proactive_notify._content.gsm import BASIC, EXTENSION, is_gsm, septets, swapped, unaccented
from proactive_notify._content.segments import Segments, cut, fitted, segments

#: Text of every sort: of the alphabet, of its extension, look-alikes, accents, other scripts, emoji.
TEXTS = st.text(st.sampled_from("aB1 \n€^~éçãâ’“–…\xa0Жя你😀👍🏽\u200d\ufe0f"), max_size=400)


# The alphabet


def test_the_alphabet_has_its_size() -> None:
    """The basic table has 128 places, one of which is the escape; the extension adds ten characters."""
    assert 127 == len(BASIC) == len(set(BASIC))
    assert 10 == len(EXTENSION) == len(set(EXTENSION))
    assert set() == set(BASIC) & set(EXTENSION)


def test_places_of_the_alphabet() -> None:
    """Characters stand where 3GPP TS 23.038 has them: so none is missing and none is moved."""
    with_escape = BASIC[:27] + "\x1b" + BASIC[27:]
    places = {0x00: "@", 0x09: "Ç", 0x0A: "\n", 0x0D: "\r", 0x10: "Δ", 0x11: "_", 0x1A: "Ξ", 0x1C: "Æ", 0x1F: "É"}
    places |= {0x20: " ", 0x24: "¤", 0x30: "0", 0x40: "¡", 0x41: "A", 0x5B: "Ä", 0x5F: "§", 0x60: "¿", 0x61: "a"}
    places |= {0x7A: "z", 0x7B: "ä", 0x7F: "à"}

    assert places == {place: with_escape[place] for place in places}


@pytest.mark.parametrize(
    ("characters", "size"),
    [
        ("àèéìòùäöüßÄÖÜÑñÇÉÅåÆæØø", 1),
        ("^{}\\[~]|€\f", 2),
        ("çáíóúâêîôû’“”–—…\xa0`´\tЖ你😀", 0),
    ],
)
def test_what_a_character_takes(characters: str, size: int) -> None:
    """One septet, two with an escape, or none: then all of the text goes in UCS-2."""
    assert {size} == {septets(each) for each in characters}
    assert (size > 0) == is_gsm(characters)


# Parts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Segments("GSM-7", 0, 0)),
        ("a", Segments("GSM-7", 1, 1)),
        ("a" * 160, Segments("GSM-7", 160, 1)),
        ("a" * 161, Segments("GSM-7", 161, 2)),
        ("a" * 306, Segments("GSM-7", 306, 2)),
        ("a" * 307, Segments("GSM-7", 307, 3)),
        ("€" * 80, Segments("GSM-7", 160, 1)),
        ("€" * 81, Segments("GSM-7", 162, 2)),
        ("a" * 152 + "€" + "a" * 153, Segments("GSM-7", 307, 3)),
        # 306 septets are two full parts, but not where an escape would be parted from its character.
        ("a" * 152 + "€" + "a" * 152, Segments("GSM-7", 306, 3)),
        ("a" * 153 + "€" + "a" * 151, Segments("GSM-7", 306, 2)),
        ("ê" * 70, Segments("UCS-2", 70, 1)),
        ("ê" * 71, Segments("UCS-2", 71, 2)),
        ("ê" * 134, Segments("UCS-2", 134, 2)),
        ("ê" * 135, Segments("UCS-2", 135, 3)),
        ("😀" * 35, Segments("UCS-2", 70, 1)),
        ("😀" * 36, Segments("UCS-2", 72, 2)),
        ("a" * 66 + "😀" + "a" * 66, Segments("UCS-2", 134, 3)),
        ("a" * 67 + "😀" + "a" * 65, Segments("UCS-2", 134, 2)),
        ("’" + "a" * 69, Segments("UCS-2", 70, 1)),
        ("’" + "a" * 70, Segments("UCS-2", 71, 2)),
    ],
    ids=lambda value: f"{value[:3]}×{len(value)}" if isinstance(value, str) else "",
)
def test_parts_are_counted_as_they_are_sent(text: str, expected: Segments) -> None:
    """The encoding, its units and the parts; what takes two units never straddles two parts."""
    assert expected == segments(text)


@given(TEXTS)
def test_parts_agree_with_laying_them_out(text: str) -> None:
    """However the text is made, its parts are as many as one gets by filling one after the other."""
    found = segments(text)
    encoded = [len(each.encode("utf-16-le")) // 2 for each in text]
    sizes, alone, joined = (list(map(septets, text)), 160, 153) if is_gsm(text) else (encoded, 70, 67)
    parts: list[int] = []
    for size in sizes:
        if parts and parts[-1] + size <= joined:
            parts[-1] += size
        else:
            parts.append(size)

    assert sum(sizes) == found.units
    assert (min(1, len(parts)) if sum(sizes) <= alone else len(parts)) == found.parts


# Fitting


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“It’s here” – at last… 5\xa0€", '"It\'s here" - at last... 5 €'),
        ("It’s", "It's"),
        ("‘a’ ‚b‛ `c´ ″d″ «e» ‹f›", "'a' 'b' 'c' \"d\" \"e\" <f>"),
        ("a‐b‑c‒d–e—f―g−h", "a-b-c-d-e-f-g-h"),
        ("\u2009thin\u202fnarrow\u3000wide\tend\u2028line", " thin narrow wide end\nline"),
        ("soft\xadhy\u200bphen\ufeff", "softhyphen"),
        ("ＡＢ１２！（％）＠", "AB12!(%)@"),
        ("2 × ½ • 3 ÷ 4", "2 x 1/2 * 3 / 4"),
        ("e\u0301 a\u0300", "é à"),
    ],
)
def test_look_alikes_are_swapped(text: str, expected: str) -> None:
    """What only looks like a character of the alphabet becomes that character, and the text stays GSM 03.38."""
    assert expected == fitted(text)
    assert is_gsm(expected)


def test_one_curly_quote_does_not_double_the_price() -> None:
    """A text of 160 characters stays one part when a word processor made its quotes curly."""
    text = "It’s " + "a" * 155

    assert (3, 1) == (segments(text).parts, segments(fitted(text)).parts)


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "“Привет”, it’s you",
        "“你好”…",
        "Your order’s here 👍",
        "Amanhã não",  # one part either way: nothing is gained
        "…" * 70,  # one part as it is, two as 210 full stops
    ],
)
def test_what_would_not_gain_stays_as_it_is(text: str) -> None:
    """A text that is in the alphabet, cannot be, or would not be cheaper is left alone, quotes and all."""
    assert text == fitted(text)


def test_accents_are_left_out_where_that_saves_a_part() -> None:
    """Portuguese of a hundred letters is one part without accents and two with them; a shop may keep them."""
    text = "Seu pedido vai atrasar: não achamos a bolsa. Previsão de envio: 12 de março (quinta-feira). Até já, você."
    plain = "Seu pedido vai atrasar: nao achamos a bolsa. Previsao de envio: 12 de marco (quinta-feira). Até já, voce."

    assert plain.replace("Até já", "Até ja") == fitted(text)
    assert (2, 1) == (segments(text).parts, segments(fitted(text)).parts)
    assert text == fitted(text, keep_accents=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("çãõáíóúâêô ÇÃÕÁÉ", "caoaiouaeo ÇAOAÉ"),
        ("señor, où, façade, Köln, Århus", "señor, où, facade, Köln, Århus"),
        ("Łódź, Đakovo, ığş, œuvre, nº 5", "Lódz, Dakovo, igs, oeuvre, no 5".replace("ó", "o")),
        ("Ελλάδα Ж й 你 😀", "Ελλάδα Ж й 你 😀"),
    ],
)
def test_accents_that_the_alphabet_has_stay(text: str, expected: str) -> None:
    """A letter keeps the accent that the alphabet has, and letters of other scripts are not touched."""
    assert expected == unaccented(text)


@given(TEXTS)
def test_fitting_never_costs_more(text: str) -> None:
    """A fitted text has no more parts than the text itself, is in one of two alphabets only, and fits already."""
    found = fitted(text)

    assert segments(found).parts <= segments(text).parts
    assert found == text or is_gsm(found)
    assert found == fitted(found)


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_swapping_touches_no_letter(text: str) -> None:
    """Letters and digits that are in the alphabet come out as they went in."""
    kept = [each for each in unicodedata.normalize("NFC", text) if each in BASIC and each.isalnum()]

    assert kept == [each for each in swapped("".join(kept)) if each.isalnum()]


# Cutting


@pytest.mark.parametrize("parts", [1, 2, 3])
@pytest.mark.parametrize("word", ["abcd ", "não é ", "😀 ", "x"])
def test_a_long_text_is_cut_to_its_parts(word: str, parts: int) -> None:
    """What is too long ends with three dots, uses the room there is, and is cut at a blank where there is one."""
    text = word * 600
    found = cut(text, parts)

    assert parts == segments(found).parts
    assert found.endswith("...")
    assert text.startswith(found[:-3])
    assert " " not in word or text[len(found) - 3] == " "


def test_a_short_text_is_not_cut() -> None:
    """What fits stays whole."""
    assert "a" * 160 == cut("a" * 160, 1)
