"""Words of a line and where they stand, estimated from where the recogniser saw each character."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from models.catalog.ocr.page.recognition import ReadLine
from schemas.prediction import Quad, Word, corner_quad

_OUTWARDS = 0.8
"""Of the distance to its neighbour, how far the first or last of a line reaches from its middle: capitals are wide."""


def words_of(
    line: ReadLine, corners: npt.NDArray[np.float32], confidence: Callable[[int, int], float]
) -> tuple[Word, ...]:
    """The words of `line`, split at white space; quads on the line's `corners` ((4, 2), clockwise).

    `confidence` is asked with each word's first character and the one past its last.

    A character reaches half way to its neighbours, so a word's ends are good to about half a character. The first and
    the last reach as far to the other side and a little further: beyond may stand a box that was read as nothing.
    """
    words: list[Word] = []
    edges = _edges(line.centres)
    start: int | None = None
    for index in range(len(line.text) + 1):
        inside = index < len(line.text) and not line.text[index].isspace()
        if inside and start is None:
            start = index
        elif not inside and start is not None:
            words.append(
                Word(
                    text=line.text[start:index],
                    quad=_between(corners, edges[start], edges[index]),
                    confidence=confidence(start, index),
                )
            )
            start = None
    return tuple(words)


def _edges(centres: tuple[float, ...]) -> list[float]:
    if not centres:
        return []
    if len(centres) == 1:
        return [0.0, 1.0]
    first, last = (_OUTWARDS * (right - left) for left, right in (centres[:2], centres[-2:]))
    between = ((left + right) / 2 for left, right in pairwise(centres))
    return [max(0.0, centres[0] - first), *between, min(1.0, centres[-1] + last)]


def _between(corners: npt.NDArray[np.float32], start: float, end: float) -> Quad:
    top_left, top_right, bottom_right, bottom_left = corners.astype(float)
    top, bottom = top_right - top_left, bottom_right - bottom_left
    points = (top_left + start * top, top_left + end * top, bottom_left + end * bottom, bottom_left + start * bottom)
    return corner_quad(points)
