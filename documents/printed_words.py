"""The words that a PDF page's own text says, and where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from documents.pdf_content import pdf_content

Box = tuple[float, float, float, float]
_APART = 0.8
"""Of a letter's larger side, or the page's usual one: letters farther apart are of two words, whatever the PDF says."""
_BLANK = "_\N{REPLACEMENT CHARACTER}"
"""Underscores are drawn to be written on; with the words beside them they would be one word."""


@dataclass(frozen=True, slots=True)
class PdfWord:
    """A word as the PDF says it."""

    text: str
    box: Box
    """Left, top, right, bottom in fractions of the page as a viewer shows it."""


def printed_words(path: Path, page_number: int) -> tuple[PdfWord, ...]:
    """The visible words of page `page_number` (from 1), in the PDF's order; none where the page is a picture.

    Fields' values are not among them. Raises DocbeamError for a file that cannot be opened.
    """
    content = pdf_content(path, page_number)
    return tuple(
        PdfWord(content.text[first:last], (float(left), float(top), float(right), float(bottom)))
        for first, last in _words(content.text, content.boxes)
        for left, top in [content.boxes[first:last, :2].min(axis=0)]
        for right, bottom in [content.boxes[first:last, 2:].max(axis=0)]
        if left < right and top < bottom
    )


def _words(text: str, boxes: npt.NDArray[np.float64]) -> Iterator[tuple[int, int]]:
    """The first character of each word, and the one behind its last."""
    heights = (boxes[:, 3] - boxes[:, 1])[np.isfinite(boxes[:, 0])]
    usual = float(np.median(heights)) if heights.size else 0.0
    first: int | None = None
    for place, character in enumerate(text):
        blank = character.isspace() or character in _BLANK or not np.isfinite(boxes[place, 0])
        if first is not None and (blank or not _goes_on(boxes[place - 1], boxes[place], usual)):
            yield first, place
            first = None
        if not blank and first is None:
            first = place
    if first is not None:
        yield first, len(text)


def _goes_on(last: npt.NDArray[np.float64], letter: npt.NDArray[np.float64], usual: float) -> bool:
    """Whether a letter stands beside the last one: in its row, or in its column where the page is turned."""
    apart = max(letter[0] - last[2], last[0] - letter[2], letter[1] - last[3], last[1] - letter[3])
    return bool(apart < _APART * max(usual, *(letter[2:] - letter[:2]), *(last[2:] - last[:2])))
