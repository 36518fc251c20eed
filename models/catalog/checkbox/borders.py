"""Boxes by borders of any make: every place and size is tried, and the network is left to say which are boxes.

Dots, dashes, three sides, corners and brackets have no strokes that could be paired, and a mark hides the strokes of
a thin border. What they share with a solid box is that most of four sides is inked and that nothing is beside them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np

from models.catalog.checkbox.frames import Cover, are_square, runs_on
from models.catalog.checkbox.overlaps import extents
from models.catalog.checkbox.page_ink import Mask
from models.catalog.checkbox.selection import Found
from models.ink_sums import Floats, InkSums, Ints, PageSums

_SIDES = (7, 8, 9, 10, 11, 12, 13, 15, 17, 19, 21, 24, 27, 30, 34, 39, 45, 51)
"""Sides tried, in pixels of half the working page; a side one pixel off still covers."""
_LONGER = max(longer - side for side, longer in pairwise(_SIDES))
"""Pixels by which a side tried is longer than the one before, at most."""
_BRIDGED = 3
"""Gaps of a side below this are closed, in the same pixels: those between dots and dashes."""
_MEAN_COVER, _SECOND_COVER = 0.6, 0.5
"""Of the four sides; one alone may be missing."""
_SECOND_BESIDE, _THIRD_BESIDE, _MOST_BESIDE = 0.12, 0.25, 0.6
"""Ink in the strips along the four sides, least first: a box stands free, but for a stroke, a label or a rule."""
_INSIDE = 0.25
_CORNER, _SHORTEST = 0.22, 3
"""Share of a side, and pixels at least, that are looked at from each corner, of corners alone and of brackets."""
_ARM_COVER, _ARMS_COVER = 0.6, 0.8
"""Of each of those eight pieces, and of all together: leader dots stand in squares, too."""
_WHOLE = 0.85
"""Share of a side that is inked from where on it has no gap."""
_LARGEST_BY_CORNERS = 30
"""Side in pixels of half the working page; between larger ones that are tried corners would be missed."""
_UNKNOWN = 0.5
"""What is said of a place of which only the corners are there: letters and figures have corners, too."""
_BY_CORNERS, _SMALLER_FIRST = 0.2, 0.004
"""Taken from the value of a place of which only the corners are there, and for each pixel of its side from its rank."""
_LEAST = 0.5
_ROUNDING = 1e-6
_MOST, _MOST_BY_CORNERS = 700, 100
_OVERLAP = 0.3
_SAME = 0.7
"""Share of what two places cover together from which on they are one."""


def find_borders(page: PageSums) -> list[Found]:
    """Places on the working page that may be boxes, likeliest first, hardly overlapping; most of them are none."""
    half = _pooled(page.mask)
    sides = [side for side in _SIDES if side + 2 < min(half.shape)]
    lying, standing = _lines(half), _lines(np.ascontiguousarray(half.T))
    across, down = _along_sides(lying, sides), (inked.T for inked in _along_sides(standing, sides))
    ink = _Surroundings(half)
    corners = _Corners(lying, standing)
    whole, cornered = [np.zeros((0, 4))], [np.zeros((0, 4))]
    for side, inked, upright in zip(sides, across, down, strict=True):
        whole.append(_of_side(side, inked, upright, ink))
        if side <= _LARGEST_BY_CORNERS:
            cornered.append(corners.of_side(side, inked, upright, ink))
    by_sides = _in_place(page.plain, _apart(np.concatenate(whole), 0.0, _MOST), False)
    by_corners = _in_place(page.plain, _apart(np.concatenate(cornered), _SMALLER_FIRST, _MOST_BY_CORNERS), True)
    # Corners of several boxes make squares, too, which must not take the places of the boxes.
    return [*by_sides, *(replace(box, confidence=_UNKNOWN, cornered=True) for box in _elsewhere(by_corners, by_sides))]


def _pooled(mask: Mask) -> Mask:
    """Half as wide and high; ink where any of four pixels is ink, so that dots come closer to one another."""
    height, width = (length // 2 * 2 for length in mask.shape)
    rows = np.maximum(mask[:height:2, :width], mask[1:height:2, :width])
    return np.ascontiguousarray(np.maximum(rows[:, ::2], rows[:, 1::2]))


def _lines(half: Mask) -> Mask:
    """Ink along rows without small gaps, give or take a pixel upwards and downwards."""
    closed = cv2.morphologyEx(half, cv2.MORPH_CLOSE, np.ones((1, _BRIDGED), np.uint8))
    return np.asarray(cv2.dilate(closed, np.ones((3, 1), np.uint8)), dtype=np.uint8)


def _along_sides(lines: Mask, sides: Sequence[int]) -> Iterator[Mask]:
    """Ink along rows between the corners of a box of each of `sides`, by the first pixel between them."""
    short = _running(lines)
    inked, length = lines, 1
    for side in sides:
        while length < side - 1:
            more = min(_LONGER, side - 1 - length)
            inked = inked[:, :-more] + short[more - 1][:, length:]
            length += more
        yield inked


def _running(lines: Mask) -> list[Mask]:
    """Ink along rows in as many pixels as the number in the list, and one more, by the first pixel."""
    short = [lines]
    for more in range(1, _LONGER):
        short.append(short[-1][:, :-1] + lines[:, more:])
    return short


def _of_side(side: int, across: Mask, down: Mask, ink: _Surroundings) -> Floats:
    """(n, 4): left, top, side and value of the places at which squares of that size cover best and stand free."""
    top, bottom = across[:-side, 1:-1], across[side:, 1:-1]
    left, right = down[1:-1, :-side], down[1:-1, side:]
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
    return _free(np.asarray(x), np.asarray(y), side, total[y, x] / (4 * (side - 1)), ink)


class _Corners:
    """Where on a page there are corners of boxes, for each length of their arms."""

    def __init__(self, lying: Mask, standing: Mask) -> None:
        """Of lines that lie, and of those that stand by columns."""
        self._rows, self._columns = _running(lying), [np.ascontiguousarray(part.T) for part in _running(standing)]
        self._found: dict[int, tuple[Mask, Mask, Mask, Mask]] = {}

    def of_side(self, side: int, across: Mask, down: Mask, ink: _Surroundings) -> Floats:
        """As `_of_side`, the places of which all four corners are there and two sides have gaps."""
        long = min(_LONGER, max(_SHORTEST, round(_CORNER * side)))
        first, second, third, fourth = self._corners(long)
        height, width = first.shape[0] - side, first.shape[1] - side
        covered = first[:height, :width] & second[:height, side:]
        covered &= third[side:, :width]
        covered &= fourth[side:, side:]
        peaks = cv2.findNonZero(covered)
        if peaks is None:
            return np.zeros((0, 4))
        x, y = peaks.reshape(-1, 2).T
        rows, columns = self._rows[long - 1], self._columns[long - 1]
        arms = sum(rows[v, u] for v in (y, y + side) for u in (x + 1, x + side - long))
        arms += sum(columns[v, u] for v in (y + 1, y + side - long) for u in (x, x + side))
        there = np.flatnonzero(arms >= 8 * _ARMS_COVER * long - _ROUNDING)
        x, y, arms = x[there], y[there], arms[there]
        sides = np.sort([across[y, x + 1], across[y + side, x + 1], down[y + 1, x], down[y + 1, x + side]], axis=0)
        gaps = sides[1] <= _WHOLE * (side - 1)
        return _free(x[gaps], y[gaps], side, arms[gaps] / (8 * long) - _BY_CORNERS, ink)

    def _corners(self, long: int) -> tuple[Mask, Mask, Mask, Mask]:
        """Left top, right top, left bottom, right bottom: 1 where two arms of that length meet."""
        if long not in self._found:
            least = math.ceil(_ARM_COVER * long - _ROUNDING)
            height, width = self._columns[0].shape[0], self._rows[0].shape[1]
            rows = cv2.compare(self._rows[long - 1], least, cv2.CMP_GE)
            columns = cv2.compare(self._columns[long - 1], least, cv2.CMP_GE)
            right, left, down, up = (np.zeros((height, width), np.uint8) for _ in range(4))
            right[:, : rows.shape[1] - 1], left[:, long:] = rows[:, 1:], rows[:, : width - long]
            down[: columns.shape[0] - 1], up[long:] = columns[1:], columns[: height - long]
            self._found[long] = right & down, left & down, right & up, left & up
        return self._found[long]


class _Surroundings:
    """Running sums of the ink of a page with so much paper around it that no box looks beyond."""

    def __init__(self, half: Mask) -> None:
        self._margin = _reach(max(_SIDES)) + 2
        sums = cv2.integral(cv2.copyMakeBorder(half, *(self._margin,) * 4, cv2.BORDER_CONSTANT, value=(0,)))
        self._stride, self._sums = sums.shape[1], sums.ravel()

    def at(self, x: Ints, y: Ints) -> Ints:
        """Where those places are in the sums."""
        return np.asarray((y + self._margin) * self._stride + x + self._margin)

    def share(self, at: Ints, left: int, top: int, right: int, bottom: int) -> Floats:
        """Of ink from `left`, `top` to before `right`, `bottom`, counted from each of the places."""
        above, below = at + top * self._stride, at + bottom * self._stride
        sums = self._sums
        inked = sums[below + right] - sums[above + right] - sums[below + left] + sums[above + left]
        return np.asarray(inked / ((right - left) * (bottom - top)))


def _reach(side: int) -> int:
    """How far beside its border a box stands free."""
    return max(2, round(0.22 * side))


def _free(x: Ints, y: Ints, side: int, cover: Floats, ink: _Surroundings) -> Floats:
    """(m, 4): left, top, side and value of those places of that side that stand free."""
    near, far, reach = -1, side + 2, _reach(side)
    at = ink.at(x, y)
    left, right = ink.share(at, near - reach, 0, near, side + 1), ink.share(at, far, 0, far + reach, side + 1)
    # Most places are within words: two sides are enough to know.
    free = np.flatnonzero((np.minimum(left, right) < _THIRD_BESIDE) & (np.maximum(left, right) < _MOST_BESIDE))
    at, cover = at[free], cover[free]
    above, below = ink.share(at, 0, near - reach, side + 1, near), ink.share(at, 0, far, side + 1, far + reach)
    beside = np.sort([left[free], right[free], above, below], axis=0)
    value = cover - 0.6 * beside[1:3].mean(axis=0) - 0.4 * beside[3]
    fits = (beside[1] < _SECOND_BESIDE) & (beside[2] < _THIRD_BESIDE) & (beside[3] < _MOST_BESIDE) & (value >= _LEAST)
    value = value[fits] - _INSIDE * ink.share(at[fits], 2, 2, side - 1, side - 1)
    likely = value >= _LEAST
    kept = free[fits][likely]
    return np.column_stack([x[kept], y[kept], np.full(len(kept), side), value[likely]]).astype(np.float64)


def _apart(rated: Floats, by_side: float, most: int) -> Floats:
    """Of places (left, top, side, value) that share more than a part of the smaller, the best; not more than `most`.

    A pixel of side costs `by_side` of the value.
    """
    rated = rated[np.argsort(by_side * rated[:, 2] - rated[:, 3], kind="stable")]
    places = rated[:, :3].astype(np.intp)
    order = np.argsort(places[:, 0], kind="stable")
    left, top, side = np.ascontiguousarray(places[order].T, dtype=np.int32)
    right, bottom = left + side, top + side
    # Only what begins a side before a place or within it can share anything with it.
    first = np.searchsorted(left, left - max(_SIDES)).tolist()
    last = np.searchsorted(left, right).tolist()
    free = np.ones(len(places), np.bool_)
    kept: list[int] = []
    for number, place in enumerate(np.argsort(order).tolist()):
        if not free[place]:
            continue
        kept.append(number)
        if len(kept) == most:
            break
        near = slice(first[place], last[place])
        wide = np.minimum(right[near], right[place]) - np.maximum(left[near], left[place])
        high = np.minimum(bottom[near], bottom[place]) - np.maximum(top[near], top[place])
        shared = np.maximum(wide, 0) * np.maximum(high, 0)
        free[near] &= shared <= _OVERLAP * np.minimum(side[near], side[place]) ** 2
    return np.asarray(rated[kept])


def _elsewhere(found: Sequence[Found], others: Sequence[Found]) -> list[Found]:
    """Those of which none of the others has about the same place and size."""
    left, top, right, bottom = extents(others).T
    kept = []
    for box in found:
        wide = np.minimum(right, box.right) - np.maximum(left, box.left)
        high = np.minimum(bottom, box.bottom) - np.maximum(top, box.top)
        shared = np.maximum(wide, 0) * np.maximum(high, 0)
        whole = (right - left) * (bottom - top) + (box.right - box.left) * (box.bottom - box.top) - shared
        if not (shared >= _SAME * whole).any():
            kept.append(box)
    return kept


def _in_place(ink: InkSums, rated: Floats, by_corners: bool) -> list[Found]:
    """On the working page, each side moved to where most ink is; squares whose sides do not go on as a table's."""
    left, top, side = (np.rint(2 * rated[:, k]).astype(np.intp) for k in range(3))
    right, bottom = left + side + 1, top + side + 1
    inset = np.maximum(1, side // 8)
    steps = np.arange(-2, 3)

    def best(cover: list[Floats]) -> Ints:
        # Of equals the middle one.
        return np.asarray(steps[np.argmax(np.stack(cover) - 0.01 * np.abs(steps)[:, None], axis=0)], dtype=np.intp)

    def at_ends(cover: Cover, line: Ints, start: Ints, end: Ints) -> Floats:
        # A mark covers the middle of a line that is not there, hardly both of its ends.
        if by_corners:
            return np.minimum(cover(line, start, start + long), cover(line, end - long, end))
        return cover(line, start + inset, end - inset)

    long = np.maximum(2, np.rint(_CORNER * side).astype(np.intp))
    rows = [best([at_ends(ink.across, row + step, left, right) for step in steps]) for row in (top, bottom)]
    columns = [best([at_ends(ink.down, x + step, top, bottom) for step in steps]) for x in (left, right)]
    boxes = np.stack([left + columns[0], top + rows[0], right + columns[1], bottom + rows[1]], axis=1)
    free = are_square(boxes) & ~runs_on(ink, boxes)
    placed = np.column_stack([boxes, rated[:, 3]])[free]
    return [Found(x0, y0, x1, y1, value) for x0, y0, x1, y1, value in placed.tolist()]
