"""Squares too small for the working scale of a large page, by what is connected: four straight sides."""

from __future__ import annotations

import numpy as np

from models.catalog.checkbox.crossings import UNKNOWN
from models.catalog.checkbox.selection import Found
from models.ink_sums import PageSums
from models.pieces import pieces_of

_SMALLEST, _LARGEST = 7, 17
"""Working pixels, border included."""
_ASPECT = 1.2
_SIDES = 0.85
"""Ink along each side: letters are round, or open."""
_MOST = 500


def small_squares(page: PageSums) -> list[Found]:
    """In working pixels; of those alone in their row and column nothing is said."""
    x, y, wide, high = pieces_of(page.mask).boxes[1:].astype(np.intp).T
    fits = (np.minimum(wide, high) >= _SMALLEST) & (np.maximum(wide, high) <= _LARGEST)
    fits &= (wide < _ASPECT * high) & (high < _ASPECT * wide)
    left, top, right, bottom = x[fits], y[fits], (x + wide - 1)[fits], (y + high - 1)[fits]
    ink = page.plain
    sides = [ink.across(row, left, right + 1) for row in (top, bottom)]
    sides += [ink.down(column, top, bottom + 1) for column in (left, right)]
    there = np.flatnonzero(np.min(sides, axis=0) >= _SIDES)[:_MOST]
    boxes = np.stack([left, top, right, bottom], axis=1)[there]
    return [Found(x0, y0, x1, y1, UNKNOWN, cornered=True) for x0, y0, x1, y1 in boxes.tolist()]
