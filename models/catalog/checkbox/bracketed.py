"""Choices set as brackets with room for a letter, as of typewriters and plain text: `[ ]`, `[X]`, `( )`, `(x)`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from models.catalog.checkbox.verdict import said
from schemas.prediction import Checkbox, CheckboxState, Prediction, Quad, TextLine, Word, bounds, box_quad

_WHOLE = re.compile(r"([\[(])(_{0,2}[xXvV\u221a\u2713\u2717*]?_{0,2})[\])]")
"""A label may follow without a gap."""
_OPENING = ("[", "(")
_MOST_WORDS = 3
"""Readers part brackets and sign where there are gaps between them."""
_MARKS = {
    **dict.fromkeys("xX\u2717", CheckboxState.CROSSED),
    **dict.fromkeys("vV\u221a\u2713", CheckboxState.TICKED),
    "*": CheckboxState.MARKED,
}
_WIDEST = 3.2
"""Width over height: with more room between the brackets something else is asked for."""
_LEAST = 0.65
"""Confidence of what was read."""
_DETECTION = 0.9
_ASIDE = 1.0
"""Heights by which two of a column may stand aside of one another."""


@dataclass(frozen=True, slots=True)
class Bracketed:
    """A pair of brackets, and what is in it."""

    quad: Quad
    sign: str
    square: bool
    confidence: float
    leads: bool
    """Its line begins with it, and goes on."""

    @property
    def state(self) -> CheckboxState:
        """What the sign says."""
        return _MARKS.get(self.sign, CheckboxState.EMPTY)


def bracketed(earlier: Mapping[str, Prediction], others: Sequence[Checkbox]) -> list[Checkbox]:
    """The choices among what was read, those left out that are in `others`, which were drawn.

    Brackets stand around much: one kind counts where some are marked and some are not, or two that are square and empty
    stand in a column; and a square one that is marked where a line begins. Telephone
    numbers leave `( )` empty, and lists are numbered `(v)`.
    """
    found = [one for prediction in earlier.values() for line in prediction.lines for one in _pairs(line)]
    chosen = [one for square in (True, False) for one in _choices([each for each in found if each.square is square])]
    return [
        Checkbox(one.state, one.quad, said(one.confidence), _DETECTION, radio=not one.square)
        for one in chosen
        if not any(_is_in(one.quad, other.quad) for other in others)
    ]


def _choices(found: Sequence[Bracketed]) -> Sequence[Bracketed]:
    empty = [one for one in found if one.state is CheckboxState.EMPTY]
    column = any(_in_column(one, other) for one in empty for other in empty if one is not other and one.square)
    if empty and (column or len(empty) < len(found)):
        return found
    return [one for one in found if one.square and one.leads and one.state is not CheckboxState.EMPTY and not empty]


def _pairs(line: TextLine) -> Iterator[Bracketed]:
    words = line.words
    for first, word in enumerate(words):
        if word.text[:1] not in _OPENING:
            continue
        for last in range(first, min(first + _MOST_WORDS, len(words))):
            text = "".join(one.text for one in words[first : last + 1])
            whole = _WHOLE.match(text)
            if whole is None:
                continue
            parts = words[first : last + 1]
            # What stands in the brackets is told by them: alone it is a letter of no word, read unsurely.
            sure = sum(one.confidence for one in parts) / len(parts)
            quad = _together(word, words[last], whole.end() - len(text) + len(words[last].text))
            left, top, right, bottom = bounds(quad)
            if sure >= _LEAST and (last == first or right - left <= _WIDEST * (bottom - top)):
                leads = first == 0 and last + 1 < len(words)
                yield Bracketed(quad, whole[2].strip("_"), whole[1] == "[", sure, leads)
            break


def _together(word: Word, last: Word, letters: int) -> Quad:
    """From the start of a word up to so many letters of the last one."""
    (left, top, _, low), (begin, high, end, bottom) = bounds(word.quad), bounds(last.quad)
    return box_quad(left, min(top, high), begin + (end - begin) * letters / len(last.text), max(low, bottom))


def _in_column(one: Bracketed, other: Bracketed) -> bool:
    left, top, _, bottom = bounds(one.quad)
    beside, above, _, _ = bounds(other.quad)
    return abs(left - beside) <= _ASIDE * (bottom - top) and abs(top - above) > bottom - top


def _is_in(quad: Quad, other: Quad) -> bool:
    left, top, right, bottom = bounds(quad)
    x, y = sum(other[0::2]) / 4, sum(other[1::2]) / 4
    return left <= x <= right and top <= y <= bottom
