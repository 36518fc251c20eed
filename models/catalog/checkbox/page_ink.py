"""A page brought to the scale and contrast the box finder works at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.ink import grey_of, ink_threshold, letter_heights, relative_darkness

Mask = npt.NDArray[np.uint8]
Darkness = npt.NDArray[np.float32]

LETTER_HEIGHT = 12.0
"""Height in pixels of small letters (x-height) on the working page; boxes are 12 to 60 px there."""
_X_HEIGHT_MM = 1.7
_MAX_PIXELS = 3_200_000
_MIN_SCALE, _MAX_SCALE = 0.3, 3.0
_LETTERS = (5, 90)
_SMALLEST_SIDE = 24
_NEIGHBOURHOOD = 13
_OTHER_SIZE = 1.7
"""Times by which print must differ in size to be looked at by itself; boxes of four to one are found at a scale."""
_MOST_SCALES = 3
_LITTLE_PRINT = 60
"""Letters below which the commonest size tells little."""


@dataclass(frozen=True, slots=True)
class PageInk:
    """The working page."""

    scale: float
    """Working pixels for one pixel of the page as given."""
    darkness: Darkness
    """(height, width), 0 for paper, towards 1 for ink; relative to the paper around."""
    masks: tuple[Mask, ...]
    """Ink as 0 and 1: what is dark on this page, then what is darker than its neighbourhood (thin faint lines)."""


def working_page(pixels: npt.NDArray[np.uint8], dpi: float | None) -> PageInk | None:
    """The page at the first of its working scales; None where it is too small or too even to hold a box."""
    return next(working_pages(pixels, dpi), None)


def working_pages(pixels: npt.NDArray[np.uint8], dpi: float | None) -> Iterator[PageInk]:
    """The page at each of its working scales; none where it is too small or too even to hold a box.

    There is one for each size of print, since boxes are as large as their labels. Where there is hardly any print the
    scale comes from `dpi` too, or is kept: what looks like print may then be the boxes.
    """
    grey = grey_of(pixels)
    if min(grey.shape) < 8 or int(grey.max()) - int(grey.min()) < 20:
        return
    for scale in _working_scales(np.ascontiguousarray(grey), dpi):
        size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
        if min(size) < _SMALLEST_SIDE:
            continue
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        darkness = relative_darkness(np.asarray(cv2.resize(grey, size, interpolation=how), dtype=np.uint8))
        dark = _dark(darkness)
        around = cv2.blur(darkness, (_NEIGHBOURHOOD, _NEIGHBOURHOOD))
        darker = ((darkness - around > 0.06) & (darkness > 0.1)).astype(np.uint8)
        yield PageInk(scale, darkness, (dark, darker))


def _working_scales(grey: npt.NDArray[np.uint8], dpi: float | None) -> list[float]:
    sizes = _letter_heights(grey)
    letters = [height for height, _ in sizes]
    if sum(count for _, count in sizes) < _LITTLE_PRINT:
        letters.append(_X_HEIGHT_MM / 25.4 * dpi if dpi else LETTER_HEIGHT)
    most = float(np.sqrt(_MAX_PIXELS / grey.size))
    scales: list[float] = []
    for height in letters:
        scale = min(float(np.clip(LETTER_HEIGHT / height, _MIN_SCALE, _MAX_SCALE)), most)
        if all(max(scale / other, other / scale) >= _OTHER_SIZE for other in scales):
            scales.append(scale)
    return scales[:_MOST_SCALES]


def _letter_heights(grey: npt.NDArray[np.uint8]) -> list[tuple[float, int]]:
    """The heights of the small letters of each size of print, in pixels, and how many there are."""
    shrink = 0.5 ** int(np.ceil(np.log2(max(1.0, grey.size / _MAX_PIXELS)) / 2))
    if shrink < 1:
        grey = np.asarray(cv2.resize(grey, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    sizes = letter_heights(_dark(relative_darkness(grey)), *_LETTERS, apart=_OTHER_SIZE)
    return [(height / shrink, count) for height, count in sizes]


def _dark(darkness: Darkness) -> Mask:
    level = ink_threshold(darkness, paper=0.08, share=0.75, limits=(0.13, 0.4), usual=0.2)
    return (darkness > level).astype(np.uint8)
