"""Choices set as brackets with room for a letter, as of typewriters and plain text: `[ ]`, `[X]`, `( )`, `(x)`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from models.catalog.checkbox.verdict import said
from schemas.prediction import Checkbox, CheckboxState, Prediction, Quad, TextLine, Word, bounds, box_quad

_WHOLE = re.compile(r"([\[(])([xXvV\u221a\u2713\u2717*_]?)[\])]")
_OPEN, _CLOSE = re.compile(r"[\[(]_?"), re.compile(r"_?[\])]")
"""A label may follow without a gap."""
_MARKS = {
    **dict.fromkeys("xX\u2717", CheckboxState.CROSSED),
    **dict.fromkeys("vV\u221a\u2713", CheckboxState.TICKED),
    "*": CheckboxState.MARKED,
}
_WIDEST = 2.2
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

    @property
    def state(self) -> CheckboxState:
        """What the sign says."""
        return _MARKS.get(self.sign, CheckboxState.EMPTY)


def bracketed(earlier: Mapping[str, Prediction], others: Sequence[Checkbox]) -> list[Checkbox]:
    """The choices among what was read, those left out that are in `others`, which were drawn.

    Brackets stand around much: one kind counts where some are marked and some are not, or two that are square and empty
    stand in a column. Telephone numbers leave `( )` empty, and lists are numbered `(v)`.
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
    return found if empty and (column or len(empty) < len(found)) else ()


def _pairs(line: TextLine) -> Iterator[Bracketed]:
    for word in line.words:
        whole = _WHOLE.match(word.text)
        if whole is not None and word.confidence >= _LEAST:
            quad = _together(word, word, whole.end())
            yield Bracketed(quad, whole[2], whole[1] == "[", word.confidence)
    for word, following in pairwise(line.words):
        closing = _CLOSE.match(following.text)
        sure = (word.confidence + following.confidence) / 2
        if closing is None or not _OPEN.fullmatch(word.text) or sure < _LEAST:
            continue
        quad = _together(word, following, closing.end())
        left, top, right, bottom = bounds(quad)
        if right - left <= _WIDEST * (bottom - top):
            yield Bracketed(quad, "", word.text[0] == "[", sure)


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
