"""Candidates that the text reader has read as letters of a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from models.catalog.checkbox.selection import Found
from schemas.prediction import Prediction, bounds

_BOX_LIKE = frozenset("oO0DQ口□■☐☑☒▢[](){}|xXvV✓✔✗✘CUuc")
"""What readers make of boxes and of marks in them."""
_SHORTEST_WORD = 3


def inside_words(found: Sequence[Found], earlier: Mapping[str, Prediction]) -> list[bool]:
    """For each box whether it lies in the middle of a word of letters; all False where no text was read.

    A word of box-like characters only, or one that only starts or ends with the box, keeps the box: readers
    often glue a box to its label.
    """
    words = [
        (len(word.text), *bounds(word.quad))
        for prediction in earlier.values()
        for line in prediction.lines
        for word in line.words
        if len(word.text) >= _SHORTEST_WORD and not set(word.text) <= _BOX_LIKE
    ]
    count, left, top, right, bottom = np.array(words, dtype=np.float64).reshape(-1, 5).T
    letter = (right - left) / count
    within = []
    for box in found:
        middle = (box.top + box.bottom) / 2
        level = (top <= middle) & (middle <= bottom) & (box.bottom - box.top <= 1.1 * (bottom - top))
        inside = (box.left > left + 0.8 * letter) & (box.right < right - 0.8 * letter)
        within.append(bool((level & inside).any()))
    return within
