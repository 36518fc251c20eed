"""Lines that may be in one script as well as in another: the Russian word for east, in capitals, reads as BOCTOK.

No look at such a line alone can tell; what else is on its page can.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from schemas.prediction import TextLine, TextState

_LATIN = {
    "cyrillic": frozenset("ABCEHKMOPTXYaceopxykmti") | {"\u0406"},
    "greek": frozenset("ABEHIKMNOPTXYZov"),
}
"""Latin letters that look like those of a script, as the recogniser answers them."""
LEAST_LETTERS = 2
"""A lone letter is a mark or a number of a list."""
LEAST_SHARE = 0.25
"""Of the lines with letters on a page, as many show that it is in a script; and two at least."""
LEAST_LINES = 2


def may_be_in(text: str, script: str) -> bool:
    """Whether the letters of a text that was read as Latin all look like letters of `script`."""
    letters = [sign for sign in text if sign.isalpha()]
    return len(letters) >= LEAST_LETTERS and _LATIN.get(script, frozenset()).issuperset(letters)


def doubted(lines: Sequence[TextLine]) -> list[TextLine]:
    """The lines of a page; those that may be in the script which the page shows are partly read, with confidence 0."""
    shown = Counter(line.script for line in lines if line.script in _LATIN)
    written = sum(bool(line.script) for line in lines)
    scripts = [name for name, count in shown.items() if count >= max(LEAST_LINES, LEAST_SHARE * written)]
    return [_doubtful(line) if any(may_be_in(line.text, name) for name in scripts) else line for line in lines]


def _doubtful(line: TextLine) -> TextLine:
    words = tuple(replace(word, confidence=0.0) for word in line.words)
    return replace(line, state=TextState.PARTLY_READ, confidence=0.0, words=words)
