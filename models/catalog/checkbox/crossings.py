"""Where a row and a column of sure boxes meet: forms set boxes in both, and a mark may hide the border of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.overlaps import away_from, extents
from models.catalog.checkbox.selection import Found

_SLACK = 0.3
"""Sides by which boxes of a row or column may stand off its line."""
_LIKE_SIZE = 0.12
_FEWEST = 3
"""Boxes in the row and the column together."""
_MOST = 64
_LEAST_RANGE = 40
"""Grey levels between paper and ink; what is more even than that is blank."""
UNKNOWN = 0.5
"""What the rules say of such a place."""


def crossings(grey: npt.NDArray[np.uint8], sure: Sequence[Found], taken: Sequence[Found]) -> list[Found]:
    """Places of the size of boxes that are `sure`, in pixels of the page, where there is something and none `taken`."""
    rows, columns = lines_of(sure, lambda box: box.top), lines_of(sure, lambda box: box.left)
    places: list[tuple[float, Found]] = []
    for row in rows:
        for column in columns:
            if len(row) + len(column) < _FEWEST or any(box in column for box in row):
                continue
            places.append(_meeting(row, column))
    if not places:
        return []
    places.sort(key=lambda place: place[0])
    near = [place for _, place in places if _is_inked(grey, place)]
    free = away_from(extents(near), extents(taken), 0.0)
    return [place for place, is_free in zip(near, free, strict=True) if is_free][:_MOST]


def lines_of(boxes: Sequence[Found], off: Callable[[Found], float]) -> list[list[Found]]:
    """The boxes by lines, those of like size together; `off` tells where the line of a box is."""
    lines: list[list[Found]] = []
    for box in sorted(boxes, key=off):
        for line in lines[-4:]:
            last = line[-1]
            if abs(off(last) - off(box)) <= _SLACK * box.side and is_like(last, box):
                line.append(box)
                break
        else:
            lines.append([box])
    return lines


def is_like(box: Found, other: Found) -> bool:
    """Whether both are of about one size."""
    return abs(box.side - other.side) <= _LIKE_SIZE * box.side


def _meeting(row: Sequence[Found], column: Sequence[Found]) -> tuple[float, Found]:
    """How far the nearest of both are, and the place in line with them."""
    left, top = column[0].left, row[0].top
    beside = min(row, key=lambda box: abs(box.left - left))
    above = min(column, key=lambda box: abs(box.top - top))
    wide, high = above.right - above.left, beside.bottom - beside.top
    place = Found(above.left, beside.top, above.left + wide, beside.top + high, UNKNOWN, beside.radio)
    return abs(beside.left - above.left) + abs(beside.top - above.top), place


def _is_inked(grey: npt.NDArray[np.uint8], place: Found) -> bool:
    part = grey[max(0, round(place.top)) : round(place.bottom), max(0, round(place.left)) : round(place.right)]
    return part.size > 0 and int(part.max()) - int(part.min()) >= _LEAST_RANGE
