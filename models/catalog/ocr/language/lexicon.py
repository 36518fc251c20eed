"""Words that are known to occur on forms, to tell likely readings from letters in a row."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterable

_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_LEAST = 2
"""Letters of a word that says something: single ones are known all."""


class Lexicon:
    """A set of words; case does not count."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(word.lower() for word in words)

    def __len__(self) -> int:
        return len(self._words)

    def known(self, text: str) -> tuple[int, int]:
        """How many words of the text are known, and how many there are; figures and single letters are no words."""
        words = words_of(text)
        return sum(word in self._words for word in words), len(words)

    def packed(self) -> str:
        """As ASCII text, for `unpacked`."""
        return base64.b85encode(zlib.compress("\n".join(sorted(self._words)).encode(), 9)).decode()

    @classmethod
    def unpacked(cls, text: str) -> Lexicon:
        """From the text of `packed`. Raises ValueError or zlib.error when it is none."""
        return cls(zlib.decompress(base64.b85decode(text)).decode().split("\n"))


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, those with a figure in them and single letters left out."""
    found = []
    for token in text.split():
        match = _WORD.search(token)
        if match and len(match[0]) >= _LEAST and not any(sign.isdigit() for sign in token):
            found.append(match[0].lower())
    return found
