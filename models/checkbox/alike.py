"""Boxes whose border a mark hides, found where known boxes say that there may be one.

Forms set their boxes in rows and columns and in one size. So along the rows and columns of the boxes that are
known, every place is tried: are four sides of that size there, with nothing running along outside of them?
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from models.checkbox.ink_sums import Floats, InkSums, Ints, PageSums
from models.checkbox.selection import Found, rate, share_of_one_piece

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
    places: list[tuple[int, int, int, int, float]] = []
    for top, width, height in _lines((box.top, box.right - box.left, box.bottom - box.top) for box in known):
        for left, row, cover in _along(page.lying, page.upright, dark, top, height, width):
            places.append((left, row, left + width, row + height, cover))
    turned = (_Turned(page.upright), _Turned(page.lying), _Turned(dark))
    stacked = [box for box in known if sum(abs(box.left - other.left) <= _SLACK + 1 for other in known) >= 2]
    for left, height, width in _lines((box.left, box.bottom - box.top, box.right - box.left) for box in stacked):
        for top, column, cover in _along(*turned, left, width, height):
            places.append((column, top, column + width, top + height, cover))
    free = _away_from(np.array(places).reshape(-1, 5), taken)
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


def _along(
    lying: InkSums, upright: InkSums, dark: InkSums, top: int, height: int, width: int
) -> Iterator[tuple[int, int, float]]:
    """Left, top and value of the boxes of that size whose top is near `top`."""
    best = np.zeros(max(0, lying.width - width))
    rows = np.zeros(len(best), np.intp)
    if not len(best):
        return
    for row in range(max(0, top - _SLACK), min(lying.height - height - 1, top + _SLACK) + 1, 2):
        values = _value(lying, upright, dark, row, height, width)
        better = values > best
        best[better], rows[better] = values[better], row
    while len(best) and (value := float(best.max())) > 0:
        left = int(best.argmax())
        yield left, int(rows[left]), value
        best[max(0, left - width // 2) : left + width // 2 + 1] = 0


def _value(lying: InkSums, upright: InkSums, dark: InkSums, row: int, height: int, width: int) -> Floats:
    """For each left edge how much better the four sides are inked than what is just outside; 0 where they are not."""
    inset = max(1, min(width, height) // 8)
    gap = max(4, min(width, height) // 5)
    level = [_run(lying, row, width, inset), _run(lying, row + height, width, inset)]
    posts = _posts(upright, row + inset, row + height - inset)
    sides = np.stack([*level, posts[:-width], posts[width:]])
    outer = _posts(dark, row + inset, row + height - inset)
    # Beyond the edge of the page everything may be ink: what lies against it is no box.
    beside = np.pad(outer, gap, constant_values=1.0)
    outside = np.stack(
        [
            _run(dark, row - gap, width, inset),
            _run(dark, row + height + gap, width, inset),
            beside[: len(outer)][:-width],
            beside[2 * gap :][width:],
        ]
    )
    good = (sides.min(axis=0) >= _SIDE_COVER) & (sides.mean(axis=0) >= _MEAN_COVER)
    good &= (outside.max(axis=0) <= _OUTSIDE) & (outside.mean(axis=0) <= _MEAN_OUTSIDE)
    return np.where(good, 0.8 * sides.mean(axis=0) + 0.2 * (1 - outside.mean(axis=0)), 0.0)


def _run(sums: InkSums, row: int, width: int, inset: int) -> Floats:
    """Share of ink in `row` across the box, for each left edge."""
    count = sums.width - width
    if not 0 <= row < sums.height:
        return np.zeros(count)
    inked = (sums.sums[row + 1] - sums.sums[row]).astype(np.float64)
    return np.asarray(
        (inked[width - inset : width - inset + count] - inked[inset : inset + count]) / (width - 2 * inset)
    )


def _posts(sums: InkSums, start: int, end: int) -> Floats:
    """Share of ink in each column from row `start` to before `end`."""
    inked = (sums.sums[end] - sums.sums[start]).astype(np.float64)
    return np.asarray(np.diff(inked) / (end - start))
