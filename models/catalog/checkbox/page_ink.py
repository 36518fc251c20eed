"""A page brought to the scale and contrast the box finder works at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.page_parts import MOST_PIXELS, Part, parts_of
from models.ink import grey_of, heights_of_letters, ink_threshold, relative_darkness, sizes_of_print
from models.square_groups import groups_of_squares

Mask = npt.NDArray[np.uint8]
Darkness = npt.NDArray[np.float32]

LETTER_HEIGHT = 12.0
"""Height in pixels of small letters (x-height) on the working page; boxes are 12 to 60 px there."""
_X_HEIGHT_MM = 1.7
_MOST_IN_PARTS = 24_000_000
"""Working pixels of a page in parts, at all scales together."""
_TOO_SMALL = 1.5
"""Times by which print has to be smaller than wanted on the working page of the whole, to be looked at in parts."""
_FINEST = 1.0
"""Scale of parts at most."""
_MIN_SCALE, _MAX_SCALE = 0.3, 3.0
_LETTERS = (5, 90)
_SMALLEST_SIDE = 24
_LEAST_RANGE = 20
"""Grey levels; what is more even than that is blank."""
_NEIGHBOURHOOD = 13
_OTHER_SIZE = 1.7
"""Times by which print must differ in size to be looked at by itself; boxes of four to one are found at a scale."""
_MOST_SCALES = 3
_COARSEST = 0.3
"""Where a page is reduced by more for its print to be measured, that is measured in parts of the page, too."""
_LITTLE_PRINT = 60
"""Letters below which the commonest size tells little."""
_FOUND_FROM = 15.0
"""Working pixels of a side from where on boxes are found, beside print of which letters are about as high."""
_AROUND = 12
"""Sides around the squares of one size that are looked at, too: marked boxes of a row or column are no squares."""
_SMALL_SIDE, _FINEST_OF_SMALL, _FINER = 22.0, 4.0, 1.15
"""Working pixels that smaller boxes are brought to, by which scale at most, and by how much more than it is already."""


@dataclass(frozen=True, slots=True)
class PageInk:
    """The working page."""

    scale: float
    """Working pixels for one pixel of the page as given."""
    darkness: Darkness
    """(height, width), 0 for paper, towards 1 for ink; relative to the paper around."""
    masks: tuple[Mask, ...]
    """Ink as 0 and 1: what is dark on this page, then what is darker than its neighbourhood (thin faint lines)."""
    left: int = 0
    top: int = 0
    """Where on the page as given it begins."""
    is_part: bool = False
    """Of a page that is too large to be worked on as a whole."""
    side: float | None = None
    """Of the boxes that it is looked at for, in working pixels; None where they may be of any size."""


def working_page(pixels: npt.NDArray[np.uint8], dpi: float | None) -> PageInk | None:
    """The page at the first of its working scales; None where it is too small or too even to hold a box."""
    return next(working_pages(pixels, dpi), None)


def working_pages(pixels: npt.NDArray[np.uint8], dpi: float | None) -> Iterator[PageInk]:
    """The page at each of its working scales, or its parts; none that are too small or too even to hold a box.

    There is one for each size of print, since boxes are as large as their labels. Where there is hardly any print the
    scale comes from `dpi` too, or is kept: what looks like print may then be the boxes.
    """
    grey = grey_of(pixels)
    if min(grey.shape) < 8 or int(grey.max()) - int(grey.min()) < _LEAST_RANGE:
        return
    grey = np.ascontiguousarray(grey)
    darkness, shrink = _reduced(grey)
    scales = _working_scales(grey, _dark(darkness), shrink, dpi)
    for scale in scales:
        parts = parts_of(grey.shape[0], grey.shape[1], scale)
        for part in parts:
            ink = _ink(_cut(grey, part), scale)
            if ink is not None:
                yield replace(ink, left=part.left, top=part.top, is_part=len(parts) > 1)
    either = np.maximum(_dark(darkness), _darker(darkness))
    yield from _for_small_boxes(grey, either, shrink, max(scales, default=1.0))


def _for_small_boxes(grey: npt.NDArray[np.uint8], mask: Mask, shrink: float, finest: float) -> Iterator[PageInk]:
    """Parts of the page with boxes that are too small at the `finest` of its scales."""
    height, width = grey.shape
    for group in groups_of_squares(mask, _FOUND_FROM / finest * shrink, alone=True):
        side = group.side / shrink
        left, top, right, bottom = (edge / shrink for edge in group.extent)
        room = _AROUND * side
        part = Part(
            max(0, int(left - room)),
            max(0, int(top - room)),
            min(width, int(right + room)),
            min(height, int(bottom + room)),
        )
        pixels = (part.right - part.left) * (part.bottom - part.top)
        scale = min(_SMALL_SIDE / side, _FINEST_OF_SMALL, float(np.sqrt(MOST_PIXELS / pixels)))
        ink = _ink(_cut(grey, part), scale) if scale >= _FINER * finest else None
        if ink is not None:
            yield replace(ink, left=part.left, top=part.top, side=scale * side)


def _cut(grey: npt.NDArray[np.uint8], part: Part) -> npt.NDArray[np.uint8]:
    return grey[part.top : part.bottom, part.left : part.right]


def _ink(grey: npt.NDArray[np.uint8], scale: float) -> PageInk | None:
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    if min(size) < _SMALLEST_SIDE or int(grey.max()) - int(grey.min()) < _LEAST_RANGE:
        return None
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    darkness = relative_darkness(np.asarray(cv2.resize(grey, size, interpolation=how), dtype=np.uint8))
    return PageInk(scale, darkness, (_dark(darkness), _darker(darkness)))


def _working_scales(grey: npt.NDArray[np.uint8], mask: Mask, shrink: float, dpi: float | None) -> list[float]:
    """By the sizes of print on the page, of which `mask` shows the ink, reduced by `shrink`."""
    sizes = _letter_heights(grey, mask, shrink)
    letters = [height for height, _ in sizes]
    if sum(count for _, count in sizes) < _LITTLE_PRINT:
        letters.append(_X_HEIGHT_MM / 25.4 * dpi if dpi else LETTER_HEIGHT)
    whole = float(np.sqrt(MOST_PIXELS / grey.size))
    left = float(_MOST_IN_PARTS)
    scales: list[float] = []
    for height in letters:
        wanted = float(np.clip(LETTER_HEIGHT / height, _MIN_SCALE, _MAX_SCALE))
        scale = min(wanted, whole)
        finer = min(wanted, _FINEST, float(np.sqrt(left / grey.size)))
        if wanted > _TOO_SMALL * whole and finer > whole:
            scale = finer
        if all(max(scale / other, other / scale) >= _OTHER_SIZE for other in scales):
            scales.append(scale)
            left = max(0.0, left - scale * scale * grey.size) if scale > whole else left
    return scales[:_MOST_SCALES]


def _reduced(grey: npt.NDArray[np.uint8]) -> tuple[Darkness, float]:
    """The page reduced to what may be worked on as a whole; and by how much."""
    shrink = 0.5 ** int(np.ceil(np.log2(max(1.0, grey.size / MOST_PIXELS)) / 2))
    small = grey
    if shrink < 1:
        small = np.asarray(cv2.resize(grey, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return relative_darkness(small), shrink


def _letter_heights(grey: npt.NDArray[np.uint8], mask: Mask, shrink: float) -> list[tuple[float, int]]:
    """The heights of the small letters of each size of print, in pixels, and how many there are."""
    sizes = [(height / shrink, count) for height, count in _sizes(heights_of_letters(mask, *_LETTERS))]
    if shrink > _COARSEST:
        return sizes
    # On a page reduced so much small print is lost.
    parts = (_cut(grey, part) for part in parts_of(grey.shape[0], grey.shape[1], 1.0))
    heights = [heights_of_letters(_dark(relative_darkness(part)), *_LETTERS) for part in parts]
    return [*_sizes(np.concatenate(heights)), *sizes]


def _sizes(heights: npt.NDArray[np.float64]) -> list[tuple[float, int]]:
    return sizes_of_print(heights, *_LETTERS, apart=_OTHER_SIZE)


def _dark(darkness: Darkness) -> Mask:
    level = ink_threshold(darkness, paper=0.08, share=0.75, limits=(0.13, 0.4), usual=0.2)
    return (darkness > level).astype(np.uint8)


def _darker(darkness: Darkness) -> Mask:
    """What is darker than its neighbourhood."""
    around = cv2.blur(darkness, (_NEIGHBOURHOOD, _NEIGHBOURHOOD))
    return np.asarray((darkness - around > 0.06) & (darkness > 0.1), dtype=np.uint8)
