"""Solid squares on a page without any other box: a form of which every box is filled, or set as filled.

What tells them from the bullets of a list is their size: bullets are lower than the capitals beside them, boxes
higher. What tells them from a legend is that all are of one grey.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.frames import are_square
from models.catalog.checkbox.selection import Found
from models.pieces import pieces_of

Grey = npt.NDArray[np.uint8]

_DARK, _SPARSE = 0.5, 8
"""Of the paper's grey, which is told from so few of the pixels."""
_PRINT = 0.8
"""Likewise, of print: thin letters are paler than solid squares."""
_SIDES_MM = (2.0, 9.0)
_USUAL_DPI = 150.0
_SQUARE = 0.94
"""Share of the square around it that is dark."""
_CAPITALS = 1.12
"""Heights of the letters beside a box that it is high, at least."""
_LABEL = (0.25, 6.0)
"""Sides beside a box between which its label begins, and up to where it is looked at."""
_ABOVE = 0.5
"""Sides above and below a box up to where its label may reach."""
_RIM = 0.08
"""Sides around a shape that are its own soft edge."""
_FREE, _FREE_INK = 0.25, 0.04
"""Sides around a box in which there is hardly anything, and the share of ink there."""
_LIKE_SIZE, _LIKE_GREY, _SLACK = 0.12, 25, 0.2
_FEWEST = 3
_MOST = 64
CONFIDENCE = 0.75
"""Nothing but its make says that it is a box."""


def solid_squares(grey: Grey, dpi: float | None) -> list[Found]:
    """Three and more solid squares of one size and grey in line, higher than their labels; in pixels of the page."""
    paper = float(np.median(grey[::_SPARSE, ::_SPARSE]))
    dark = cv2.compare(grey, _DARK * paper, cv2.CMP_LT)
    low, high = (side * (dpi or _USUAL_DPI) / 25.4 for side in _SIDES_MM)
    core = max(5, round(0.8 * low))
    thick = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((core, core), np.uint8))
    if not thick.any():
        return []
    _, _, statistics, _ = cv2.connectedComponentsWithStats(dark & cv2.dilate(thick, np.ones((core, core), np.uint8)))
    left, top, wide, tall, area = statistics[1:].T
    boxes = np.stack([left, top, left + wide, top + tall], axis=1)
    fits = are_square(boxes) & (area >= _SQUARE * wide * tall) & (np.minimum(wide, tall) >= low)
    fits &= np.maximum(wide, tall) <= high
    found = [Found(x0, y0, x1, y1, CONFIDENCE) for x0, y0, x1, y1 in boxes[fits][: 4 * _MOST].tolist()]
    if len(found) < _FEWEST:
        return []
    ink = cv2.compare(grey, _PRINT * paper, cv2.CMP_LT)
    free = [shape for shape in found if _stands_free(ink, shape) and _is_higher_than_its_label(ink, shape)]
    greys = [float(np.median(grey[round(s.top) : round(s.bottom), round(s.left) : round(s.right)])) for s in free]
    return [shape for n, shape in enumerate(free) if _company(n, free, greys) >= _FEWEST - 1][:_MOST]


def _stands_free(ink: Grey, shape: Found) -> bool:
    left, top, right, bottom = (round(edge) for edge in shape.extent)
    room = max(2, round(_FREE * shape.side))
    if min(left, top) < room or right + room > ink.shape[1] or bottom + room > ink.shape[0]:
        return False
    around = ink[top - room : bottom + room, left - room : right + room] > 0
    rim = room - max(1, round(_RIM * shape.side))
    own = around[rim:-rim, rim:-rim]
    return float(around.sum() - own.sum()) <= _FREE_INK * (around.size - own.size)


def _is_higher_than_its_label(ink: Grey, shape: Found) -> bool:
    """Whether letters stand beside it, on either side, and it is higher than they are."""
    left, top, right, bottom = (round(edge) for edge in shape.extent)
    near, far, above = (round(sides * shape.side) for sides in (*_LABEL, _ABOVE))
    rows = slice(max(0, top - above), bottom + above)
    for columns in (slice(right + near, right + far), slice(max(0, left - far), max(0, left - near))):
        strip = np.ascontiguousarray(ink[rows, columns])
        if not strip.any():
            continue
        _, y, wide, tall = pieces_of((strip > 0).astype(np.uint8)).boxes[1:].T
        level = (y < above + shape.side) & (y + tall > above) & (tall >= 0.25 * shape.side) & (wide < 2 * shape.side)
        level &= (tall < 1.4 * shape.side) & ((y > 0) | (rows.start == 0))
        if level.sum() >= 2:
            return bool(shape.side >= _CAPITALS * float(np.percentile(tall[level], 85)))
    return False


def _company(number: int, shapes: Sequence[Found], greys: Sequence[float]) -> int:
    own = shapes[number]
    slack = _SLACK * own.side
    return sum(
        other is not own
        and abs(other.side - own.side) <= _LIKE_SIZE * own.side
        and abs(grey - greys[number]) <= _LIKE_GREY
        and (abs(other.left - own.left) <= slack or abs(other.bottom - own.bottom) <= slack)
        for other, grey in zip(shapes, greys, strict=True)
    )
