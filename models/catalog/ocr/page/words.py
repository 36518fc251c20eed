"""Words of a line and where they stand, estimated from where the recogniser saw each character."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from models.catalog.ocr.page.recognition import ReadLine
from schemas.prediction import Quad, Word, corner_quad


def words_of(
    line: ReadLine, corners: npt.NDArray[np.float32], confidence: Callable[[int, int], float]
) -> tuple[Word, ...]:
    """The words of `line`, split at white space; quads on the line's `corners` ((4, 2), clockwise).

    `confidence` is asked with each word's first character and the one past its last.

    A character reaches half way to its neighbours, so a word's ends are good to about half a character.
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
    return [0.0, *((left + right) / 2 for left, right in pairwise(centres)), 1.0]


def _between(corners: npt.NDArray[np.float32], start: float, end: float) -> Quad:
    top_left, top_right, bottom_right, bottom_left = corners.astype(float)
    top, bottom = top_right - top_left, bottom_right - bottom_left
    points = (top_left + start * top, top_left + end * top, bottom_left + end * bottom, bottom_left + start * bottom)
    return corner_quad(points)
