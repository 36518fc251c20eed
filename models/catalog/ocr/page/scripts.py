"""Names the script of a text."""

from __future__ import annotations

import unicodedata
from collections import Counter

_OF_NAME = {
    "LATIN": "latin",
    "FULLWIDTH": "latin",
    "GREEK": "greek",
    "CYRILLIC": "cyrillic",
    "CJK": "han",
    "HIRAGANA": "hiragana",
    "KATAKANA": "katakana",
    "HALFWIDTH": "katakana",
}
"""By the first word of a letter's name in Unicode; those that a reader of ours knows."""


def script_of(text: str) -> str:
    """The script, in Unicode's name and small letters, of most letters of a text; empty where none is known."""
    names = (unicodedata.name(sign, "").partition(" ")[0] for sign in text if sign.isalpha())
    known = Counter(_OF_NAME[name] for name in names if name in _OF_NAME)
    return known.most_common(1)[0][0] if known else ""


def is_all_in(text: str, script: str) -> bool:
    """Whether a text has letters, and none of another script."""
    letters = [sign for sign in text if sign.isalpha()]
    return bool(letters) and all(script_of(letter) == script for letter in letters)
