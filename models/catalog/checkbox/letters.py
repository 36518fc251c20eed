"""Candidates that the text reader has read as letters of a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from models.catalog.checkbox.selection import Found
from schemas.prediction import Prediction

_BOX_LIKE = frozenset("oO0DQ口□■☐☑☒▢[](){}|xXvV✓✔✗✘CUuc")
"""What readers make of boxes and of marks in them."""
_SHORTEST_WORD = 3


def inside_words(found: Sequence[Found], earlier: Mapping[str, Prediction]) -> list[bool]:
    """For each box whether it lies in the middle of a word of letters; all False where no text was read.

    A word of box-like characters only, or one that only starts or ends with the box, keeps the box: readers
    often glue a box to its label.
    """
    words = [
        (word.text, word.quad)
        for prediction in earlier.values()
        for line in prediction.lines
        for word in line.words
        if len(word.text) >= _SHORTEST_WORD and not set(word.text) <= _BOX_LIKE
    ]
    return [any(_is_within(box, text, quad) for text, quad in words) for box in found]


def _is_within(box: Found, text: str, quad: Sequence[float]) -> bool:
    left, right = min(quad[0::2]), max(quad[0::2])
    top, bottom = min(quad[1::2]), max(quad[1::2])
    if not (top <= (box.top + box.bottom) / 2 <= bottom and box.bottom - box.top <= 1.1 * (bottom - top)):
        return False
    letter = (right - left) / len(text)
    return box.left > left + 0.8 * letter and box.right < right - 0.8 * letter
