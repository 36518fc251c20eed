"""Solid squares and discs in line with sure boxes of their size: boxes filled to the border, or set as filled ones.

Alone such a shape is the bullet of a list or an ornament, and the network takes it for none.
"""

from __future__ import annotations

from collections.abc import Sequence

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
_MOST = 64
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
    free = away_from(extents(like), extents(taken), 0.0)
    return [shape for shape, is_free in zip(like, free, strict=True) if is_free][:_MOST]


def _in_line(shape: Found, box: Found) -> bool:
    slack = _SLACK * box.side
    return (
        shape.radio == box.radio
        and abs(shape.side - box.side) <= _LIKE_SIZE * box.side
        and (abs(shape.left - box.left) <= slack or abs(shape.bottom - box.bottom) <= slack)
    )
