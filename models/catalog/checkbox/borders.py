"""Boxes by borders of any make: every place and size is tried, and the network is left to say which are boxes.

Dots, dashes, three sides, corners and brackets have no strokes that could be paired, and a mark hides the strokes of
a thin border. What they share with a solid box is that most of four sides is inked and that nothing is beside them.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.frames import runs_on
from models.catalog.checkbox.ink_sums import Floats, InkSums, Ints
from models.catalog.checkbox.page_ink import Mask
from models.catalog.checkbox.selection import Found

_SIDES = (7, 8, 9, 10, 11, 12, 13, 15, 17, 19, 21, 24, 27, 30, 34, 39, 45, 51)
"""Sides tried, in pixels of half the working page; a side one pixel off still covers."""
_BRIDGED = 3
"""Gaps of a side below this are closed, in the same pixels: those between dots and dashes."""
_MEAN_COVER, _SECOND_COVER = 0.6, 0.5
"""Of the four sides; one alone may be missing."""
_SECOND_BESIDE, _THIRD_BESIDE, _MOST_BESIDE = 0.12, 0.25, 0.6
"""Ink in the strips along the four sides, least first: a box stands free, but for a stroke, a label or a rule."""
_INSIDE = 0.25
_LEAST = 0.5
_ROUNDING = 1e-6
_MOST = 700
_OVERLAP = 0.3


def find_borders(mask: Mask) -> list[Found]:
    """Places on the working page that may be boxes, likeliest first, hardly overlapping; most of them are none."""
    half = _pooled(mask)
    lying = _lines(half)
    upright = cv2.transpose(_lines(cv2.transpose(half)))
    found = [_of_side(lying, upright, side) for side in _SIDES if side + 2 < min(half.shape)]
    places = np.concatenate([np.zeros((0, 4)), *found])
    rated = _rated(InkSums(half), places)
    chosen = rated[_apart(rated)]
    return _in_place(InkSums(mask), chosen)


def _pooled(mask: Mask) -> Mask:
    """Half as wide and high; ink where any of four pixels is ink, so that dots come closer to one another."""
    height, width = (length // 2 * 2 for length in mask.shape)
    rows = np.maximum(mask[:height:2, :width], mask[1:height:2, :width])
    return np.ascontiguousarray(np.maximum(rows[:, ::2], rows[:, 1::2]))


def _lines(half: Mask) -> Mask:
    """Ink along rows without small gaps, give or take a pixel upwards and downwards."""
    closed = cv2.morphologyEx(half, cv2.MORPH_CLOSE, np.ones((1, _BRIDGED), np.uint8))
    return np.asarray(cv2.dilate(closed, np.ones((3, 1), np.uint8)), dtype=np.uint8)


def _of_side(lying: Mask, upright: Mask, side: int) -> Floats:
    """(n, 4): left, top, side and mean cover of the places at which squares of that size cover best."""
    height, width = lying.shape
    across, down = _inked(lying, (side - 1, 1)), _inked(upright, (1, side - 1))
    top, bottom = across[: height - side, 1 : width - side + 1], across[side:, 1 : width - side + 1]
    left, right = down[1 : height - side + 1, : width - side], down[1 : height - side + 1, side:]
    total = cv2.add(cv2.add(top, bottom), cv2.add(left, right))
    # The second least of four is the lesser of two: of the two pairs' mixed winners and losers.
    second = cv2.min(
        cv2.max(cv2.min(top, bottom), cv2.min(left, right)),
        cv2.min(cv2.max(top, bottom), cv2.max(left, right)),
    )
    least = math.ceil(4 * _MEAN_COVER * (side - 1) - _ROUNDING), math.ceil(_SECOND_COVER * (side - 1) - _ROUNDING)
    covered = cv2.compare(total, least[0], cv2.CMP_GE) & cv2.compare(second, least[1], cv2.CMP_GE)
    covered &= cv2.compare(total, cv2.dilate(total, np.ones((3, 3), np.uint8)), cv2.CMP_GE)
    peaks = cv2.findNonZero(covered)
    if peaks is None:
        return np.zeros((0, 4))
    x, y = peaks.reshape(-1, 2).T
    return np.column_stack([x, y, np.full(len(x), side), total[y, x] / (4 * (side - 1))]).astype(np.float64)


def _inked(lines: Mask, size: tuple[int, int]) -> npt.NDArray[np.uint16]:
    """Pixels of ink in a window of that width and height whose first pixel each place is."""
    return np.asarray(
        cv2.boxFilter(lines, cv2.CV_16U, size, anchor=(0, 0), normalize=False, borderType=cv2.BORDER_CONSTANT)
    )


def _rated(ink: InkSums, places: Floats) -> Floats:
    """(m, 4): left, top, side and value, likeliest first, of those places that stand free."""
    x, y, side = (places[:, k].astype(np.intp) for k in range(3))
    reach = np.maximum(2, np.rint(0.22 * side).astype(np.intp))
    left = ink.area(x - reach - 1, y, x - 1, y + side + 1)
    right = ink.area(x + side + 2, y, x + side + 2 + reach, y + side + 1)
    # Most places are within words: two sides are enough to know.
    free = np.flatnonzero((np.minimum(left, right) < _THIRD_BESIDE) & (np.maximum(left, right) < _MOST_BESIDE))
    x, y, side, reach, cover = x[free], y[free], side[free], reach[free], places[free, 3]
    above = ink.area(x, y - reach - 1, x + side + 1, y - 1)
    below = ink.area(x, y + side + 2, x + side + 1, y + side + 2 + reach)
    beside = np.sort([left[free], right[free], above, below], axis=0)
    value = cover - 0.6 * beside[1:3].mean(axis=0) - 0.4 * beside[3]
    fits = (beside[1] < _SECOND_BESIDE) & (beside[2] < _THIRD_BESIDE) & (beside[3] < _MOST_BESIDE) & (value >= _LEAST)
    x, y, side, value = x[fits], y[fits], side[fits], value[fits]
    value = value - _INSIDE * ink.area(x + 2, y + 2, x + side - 1, y + side - 1)
    order = np.argsort(-value, kind="stable")
    order = order[value[order] >= _LEAST]
    rated: Floats = np.column_stack([x, y, side, value])[order].astype(np.float64)
    return rated


def _apart(rated: Floats) -> Ints:
    """Of places that share more than a part of the smaller, the first; not more than `_MOST`."""
    x, y, side = (rated[:, k].copy() for k in range(3))
    left = np.arange(len(rated))
    kept: list[int] = []
    while len(left) and len(kept) < _MOST:
        kept.append(int(left[0]))
        wide = np.minimum(x + side, x[0] + side[0]) - np.maximum(x, x[0])
        high = np.minimum(y + side, y[0] + side[0]) - np.maximum(y, y[0])
        shared = np.clip(wide, 0, None) * np.clip(high, 0, None)
        rest = shared <= _OVERLAP * np.minimum(side, side[0]) ** 2
        x, y, side, left = x[rest], y[rest], side[rest], left[rest]
    return np.array(kept, dtype=np.intp)


def _in_place(ink: InkSums, rated: Floats) -> list[Found]:
    """On the working page, each side moved to where most ink is; without those whose sides go on as a table's do."""
    left, top, side = (np.rint(2 * rated[:, k]).astype(np.intp) for k in range(3))
    right, bottom = left + side + 1, top + side + 1
    inset = np.maximum(1, side // 8)
    steps = np.arange(-2, 3)

    def best(cover: list[Floats]) -> Ints:
        # Of equals the middle one.
        return np.asarray(steps[np.argmax(np.stack(cover) - 0.01 * np.abs(steps)[:, None], axis=0)], dtype=np.intp)

    rows = [best([ink.across(row + step, left + inset, right - inset) for step in steps]) for row in (top, bottom)]
    columns = [best([ink.down(x + step, top + inset, bottom - inset) for step in steps]) for x in (left, right)]
    boxes = np.stack([left + columns[0], top + rows[0], right + columns[1], bottom + rows[1]], axis=1)
    free = ~runs_on(ink, boxes)
    placed = np.column_stack([boxes, rated[:, 3]])[free]
    return [Found(x0, y0, x1, y1, value) for x0, y0, x1, y1, value in placed.tolist()]
