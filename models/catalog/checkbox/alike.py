"""Boxes whose border a mark hides, found where known boxes say that there may be one.

Forms set their boxes in rows and columns and in one size. So along the rows and columns of the boxes that are
known, every place is tried: are four sides of that size there, with nothing running along outside of them?
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.selection import Found, rate, share_of_one_piece
from models.ink_sums import Floats, InkSums, Ints, PageSums

_MOST_LINES = 120
_MOST_FOUND = 200
_SLACK = 2
"""Pixels by which a box may stand off the line of its neighbours."""
_SIDE_COVER, _MEAN_COVER = 0.75, 0.9
_OUTSIDE, _MEAN_OUTSIDE = 0.7, 0.4
_STRAIGHT = 0.66
_WHOLE = 0.95
"""Share of the border that is of one piece; letters in a row are not."""


def find_alike(page: PageSums, dark: InkSums, known: Sequence[Found], taken: Sequence[Found]) -> list[Found]:
    """Boxes of the size of, and in line with, those `known`, away from those `taken`; may overlap each other.

    Sides are looked for on `page`, and what runs beside them on `dark`.
    """
    rows = _lines((box.top, box.right - box.left, box.bottom - box.top) for box in known)
    stacked = [box for box in known if sum(abs(box.left - other.left) <= _SLACK + 1 for other in known) >= 2]
    columns = _lines((box.left, box.bottom - box.top, box.right - box.left) for box in stacked)
    turned = _along(_Turned(page.upright), _Turned(page.lying), _Turned(dark), columns)[:, [1, 0, 3, 2, 4]]
    places = np.concatenate([_along(page.lying, page.upright, dark, rows), turned])
    free = _away_from(places, taken)
    boxes = free[_are_straight(page.plain, free[:, :4].astype(np.intp))][:_MOST_FOUND]
    return [
        rate(box[:4], float(box[4]), page.mask)
        for box in boxes
        if share_of_one_piece(page.mask, *(int(v) for v in box[:4])) >= _WHOLE
    ]


def _away_from(places: Floats, taken: Sequence[Found]) -> Floats:
    """The distinct places whose middle is in none of the boxes `taken`."""
    places = np.unique(places, axis=0)
    x, y = (places[:, 0] + places[:, 2]) / 2, (places[:, 1] + places[:, 3]) / 2
    free = np.ones(len(places), np.bool_)
    for box in taken:
        free &= (x < box.left) | (x > box.right) | (y < box.top) | (y > box.bottom)
    return np.asarray(places[free])


def _are_straight(plain: InkSums, boxes: Ints) -> npt.NDArray[np.bool_]:
    """Whether each side is inked along one and the same row or column; those of round letters are not."""
    x0, y0, x1, y1 = boxes.T
    inset = np.maximum(1, (x1 - x0) // 8)
    sides = [np.max([plain.across(y + d, x0 + inset, x1 - inset) for d in (-1, 0, 1)], axis=0) for y in (y0, y1)]
    sides += [np.max([plain.down(x + d, y0 + inset, y1 - inset) for d in (-1, 0, 1)], axis=0) for x in (x0, x1)]
    return np.asarray(np.min(sides, axis=0) >= _STRAIGHT)


def _lines(wanted: Iterator[tuple[float, float, float]]) -> list[tuple[int, int, int]]:
    """Distinct lines and sizes, those within two pixels taken as one."""
    seen: dict[tuple[int, int, int], tuple[int, int, int]] = {}
    for one in wanted:
        first, second, third = (round(value) for value in one)
        seen.setdefault((first // 3, second // 3, third // 3), (first, second, third))
    return list(seen.values())[:_MOST_LINES]


class _Turned(InkSums):
    """Running sums with rows and columns exchanged."""

    def __init__(self, other: InkSums) -> None:
        self.sums = other.sums.T
        self.height, self.width = other.width, other.height


def _along(lying: InkSums, upright: InkSums, dark: InkSums, lines: Sequence[tuple[int, int, int]]) -> Floats:
    """(n, 5): left, top, right, bottom and value of boxes near each of `lines` (top, width, height)."""
    found = [_candidates(lying, *line) for line in lines]
    boxes = np.concatenate(found) if found else np.zeros((0, 4), np.intp)
    line = np.repeat(np.arange(len(found)), [len(one) for one in found])
    values = _values(lying, upright, dark, boxes)
    order = np.argsort(-values, kind="stable")[: int((values > 0).sum())]
    kept: dict[int, list[int]] = {}
    for index in order:
        left, _, right, _ = boxes[index]
        others = kept.setdefault(int(line[index]), [])
        if all(abs(other - left) > (right - left) // 2 for other in others):
            others.append(int(left))
        else:
            values[index] = 0.0
    best = values > 0
    return np.column_stack([boxes[best].astype(np.float64), values[best]])


def _candidates(lying: InkSums, top: int, width: int, height: int) -> Ints:
    """(n, 4): boxes of that size, near `top`, with an upper and a lower side.

    Nearly all places fail at these two, so everything else is looked at only where they are.
    """
    inset = max(1, min(width, height) // 8)
    enough = _SIDE_COVER * (width - 2 * inset)
    found = [np.zeros((0, 4), np.intp)]
    last = min(lying.height - height - 1, top + _SLACK)
    for row in range(max(0, top - _SLACK), last + 1 if lying.width > width else 0, 2):
        above, below = _runs(lying, row, width, inset), _runs(lying, row + height, width, inset)
        lefts = np.flatnonzero((above >= enough) & (below >= enough))
        found.append(np.stack([lefts, np.full_like(lefts, row), lefts + width, np.full_like(lefts, row + height)], 1))
    return np.concatenate(found)


def _runs(sums: InkSums, row: int, width: int, inset: int) -> Ints:
    """Ink in `row` between the corners of the box, for each left edge."""
    count = sums.width - width
    inked = sums.sums[row + 1] - sums.sums[row]
    return np.asarray(inked[width - inset : width - inset + count] - inked[inset : inset + count])


def _values(lying: InkSums, upright: InkSums, dark: InkSums, boxes: Ints) -> Floats:
    """How much better the four sides are inked than what is just outside; 0 where they are not."""
    x0, y0, x1, y1 = boxes.T
    inset = np.maximum(1, np.minimum(x1 - x0, y1 - y0) // 8)
    gap = np.maximum(4, np.minimum(x1 - x0, y1 - y0) // 5)
    sides = [lying.across(y, x0 + inset, x1 - inset) for y in (y0, y1)]
    sides += [upright.down(x, y0 + inset, y1 - inset) for x in (x0, x1)]
    outside = [dark.across(y, x0 + inset, x1 - inset) for y in (y0 - gap, y1 + gap)]
    # Beyond the edge of the page everything may be ink: what lies against it is no box.
    for x in (x0 - gap, x1 + gap):
        outside.append(np.where((x >= 0) & (x < dark.width), dark.down(x, y0 + inset, y1 - inset), 1.0))
    cover, beside = np.mean(sides, axis=0), np.mean(outside, axis=0)
    good = (np.min(sides, axis=0) >= _SIDE_COVER) & (cover >= _MEAN_COVER)
    good &= (np.max(outside, axis=0) <= _OUTSIDE) & (beside <= _MEAN_OUTSIDE)
    return np.where(good, 0.8 * cover + 0.2 * (1 - beside), 0.0)
