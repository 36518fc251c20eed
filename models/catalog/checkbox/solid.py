"""Solid squares and discs in line with sure boxes of their size: boxes filled to the border, or set as filled ones.

Alone such a shape is the bullet of a list or an ornament, and the network takes it for none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.frames import are_square
from models.catalog.checkbox.overlaps import away_from, extents
from models.catalog.checkbox.selection import Found

Grey = npt.NDArray[np.uint8]

_DARK, _SPARSE = 0.5, 8
"""Of the paper's grey, which is told from so few of the pixels."""
_CORE = 0.6
"""Sides of a box that a shape is thick, at least: print is thinner."""
_LIKE_SIZE, _SLACK = 0.2, 0.15
"""In sides: by how much a shape may differ in size and stand off the line of the boxes."""
_COMPANY = 2
_SQUARE, _DISC = 0.94, (0.72, 0.85)
"""Share of the square around it that is dark."""
_ROUGH, _SMALLER, _LARGER, _OFF, _MUCH_COMPANY = 0.86, 0.85, 1.6, 0.22, 3
"""The same of what a pen filled beyond the border; in sides of boxes its size, and how far its middle is off theirs;
and how many there must be."""
_ROOM, _MOST_AROUND = 0.4, 0.05
"""Sides around such a shape, and the share of them that may be dark."""
_MOST = 64
ROUGHLY = 0.75
"""Confidence of these."""
CONFIDENCE = 0.9


def solid_places(grey: Grey, sure: Sequence[Found], taken: Sequence[Found]) -> list[Found]:
    """Shapes as dark as they are large, in line with two `sure` boxes and more, in pixels of the page."""
    if len(sure) < _COMPANY:
        return []
    dark = cv2.compare(grey, float(_DARK * np.median(grey[::_SPARSE, ::_SPARSE])), cv2.CMP_LT)
    core = max(3, round(_CORE * min(box.side for box in sure)))
    # The cores of thick shapes, then the whole of each.
    thick = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((core, core), np.uint8))
    if not thick.any():
        return []
    _, _, statistics, _ = cv2.connectedComponentsWithStats(dark & cv2.dilate(thick, np.ones((core, core), np.uint8)))
    left, top, wide, high, area = statistics[1:].T
    boxes = np.stack([left, top, left + wide, top + high], axis=1)
    share = area / np.maximum(1, wide * high)
    disc = (share >= _DISC[0]) & (share <= _DISC[1])
    chosen = np.flatnonzero(are_square(boxes) & ((share >= _SQUARE) | disc))[: 8 * _MOST]
    found = [
        Found(x0, y0, x1, y1, CONFIDENCE, radio)
        for (x0, y0, x1, y1), radio in zip(boxes[chosen].tolist(), disc[chosen].tolist(), strict=True)
    ]
    like = [shape for shape in found if sum(_in_line(shape, box) for box in sure) >= _COMPANY]
    others = np.flatnonzero((share >= _ROUGH) & ~((share >= _SQUARE) & are_square(boxes)))[: 8 * _MOST]
    rough = [Found(x0, y0, x1, y1, ROUGHLY) for x0, y0, x1, y1 in boxes[others].tolist()]
    like += [
        replace(shape, radio=sure[0].radio)
        for shape in rough
        if _is_over_a_place(shape, sure) and _is_free(dark, shape)
    ]
    free = away_from(extents(like), extents(taken), 0.0)
    return [shape for shape, is_free in zip(like, free, strict=True) if is_free][:_MOST]


def _is_free(dark: Grey, shape: Found) -> bool:
    """Whether nothing dark is around it, as there is in a code or an emblem."""
    left, top, right, bottom = (round(edge) for edge in shape.extent)
    room = max(2, round(_ROOM * shape.side))
    around = dark[max(0, top - room) : bottom + room, max(0, left - room) : right + room]
    own = dark[top:bottom, left:right]
    return cv2.countNonZero(around) - cv2.countNonZero(own) <= _MOST_AROUND * max(1, around.size - own.size)


def _is_over_a_place(shape: Found, sure: Sequence[Found]) -> bool:
    """Whether a place in line with `sure` boxes is scribbled full, beyond its border."""
    x, y = (shape.left + shape.right) / 2, (shape.top + shape.bottom) / 2
    company = 0
    for box in sure:
        off = min(abs(x - (box.left + box.right) / 2), abs(y - (box.top + box.bottom) / 2))
        wide, high = shape.right - shape.left, shape.bottom - shape.top
        sized = min(wide, high) >= _SMALLER * box.side and max(wide, high) <= _LARGER * box.side
        company += sized and off <= _OFF * box.side
    return company >= _MUCH_COMPANY


def _in_line(shape: Found, box: Found) -> bool:
    slack = _SLACK * box.side
    return (
        shape.radio == box.radio
        and abs(shape.side - box.side) <= _LIKE_SIZE * box.side
        and (abs(shape.left - box.left) <= slack or abs(shape.bottom - box.bottom) <= slack)
    )
