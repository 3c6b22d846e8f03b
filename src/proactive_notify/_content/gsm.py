"""
The alphabet of text messages: GSM 03.38 (3GPP TS 23.038, 6.2.1), and how other text can be written in it.

A single character that is not in it sends the whole text in UCS-2, with fewer than half as many characters a part.
"""

import unicodedata
from collections.abc import Mapping

#: The basic table, one septet each, in its order. Position 27 is the escape to the extension.
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: The extension table: an escape and a septet each, and the two are never parted.
EXTENSION = "\f^{}\\[~]|€"

_SEPTETS: Mapping[str, int] = {**dict.fromkeys(BASIC, 1), **dict.fromkeys(EXTENSION, 2)}

#: What looks like a character of the alphabet, by that character. It holds what Twilio's Smart Encoding swaps.
_LIKE = {
    '"': "«»“”„‟″‶ʺˮ❝❞〝〞＂",
    "'": "‘’‚‛′‵ʹʻʼʽˈˊˋ`´❛❜＇",
    "<": "‹＜",
    ">": "›＞",
    "-": "‐‑‒–—―−⁃﹘﹣－⸺",
    "...": "…",
    "..": "‥",
    ".": "․。．",
    ",": "、，﹐､",
    ":": "：︓∶",
    ";": "；﹔",
    "!": "！﹗ǃ",
    "?": "？﹖",
    "!!": "‼",
    "(": "（﹙❨❪",
    ")": "）﹚❩❫",
    "[": "［〔❲",
    "]": "］〕❳",
    "{": "｛﹛❴",
    "}": "｝﹜❵",
    "/": "／⁄∕÷⧸",
    "\\": "＼﹨⧵⧹",
    "|": "｜∣⏐¦",
    "_": "＿‗",
    "*": "＊•·∙⁎∗✱",
    "x": "×✕",
    "+": "＋﹢",
    "=": "＝﹦",
    "%": "％﹪",
    "&": "＆﹠",
    "#": "＃﹟",
    "@": "＠﹫",
    "$": "＄﹩",
    "^": "＾ˆ",
    "~": "～˜∼",
    "1/4": "¼",
    "1/2": "½",
    "3/4": "¾",
    "(c)": "©",
    "(R)": "®",
    "TM": "™",
    "No": "№",
    " ": "\t\v\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    "\n": "\u2028\u2029",
    # Nothing is seen of these.
    "": "\xad\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f\ufeff",
}
_SWAPPED = str.maketrans(
    {
        **{other: plain for plain, others in _LIKE.items() for other in others},
        # Digits and letters as wide as Chinese characters.
        **{chr(0xFEE0 + ord(plain)): plain for plain in BASIC if plain.isascii() and plain.isalnum()},
    }
)
#: Letters that are no base letter with an accent, and what people write where they have no such letter.
_PLAIN = str.maketrans(
    {
        "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ħ": "h", "Ħ": "H",
        "ı": "i", "œ": "oe", "Œ": "OE", "ẞ": "SS", "º": "o", "ª": "a", "ŋ": "n", "Ŋ": "N",
    }
)  # fmt: skip


def septets(character: str) -> int:
    """Return how many septets a character takes, 1 or 2; 0 for one that is not in the alphabet."""
    return _SEPTETS.get(character, 0)


def is_gsm(text: str) -> bool:
    """Return whether a text can be sent in GSM 03.38."""
    return _SEPTETS.keys() >= set(text)


def swapped(text: str) -> str:
    """
    Return ``text`` with look-alikes instead of quotes, dashes, blanks and the like that are not in the alphabet.

    What has no look-alike stays as it is. A cedilla or an accent stays: that is :func:`unaccented`'s.
    """
    return unicodedata.normalize("NFC", text).translate(_SWAPPED)


def unaccented(text: str) -> str:
    """
    Return ``text`` without the accents that are not in the alphabet: ``amanhã às 9`` is ``amanha às 9``.

    Of another script nothing is changed.
    """
    return "".join([each if each in _SEPTETS else _base(each) for each in text.translate(_PLAIN)])


def _base(character: str) -> str:
    apart = unicodedata.normalize("NFD", character)
    return apart[0] if apart[0] in _SEPTETS and all(map(unicodedata.combining, apart[1:])) else character
