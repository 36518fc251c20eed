"""Boxes that a ring by hand surrounds, alone or with their label: empty as they are, and perhaps chosen."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.selection import Found
from models.ink import relative_darkness
from models.pieces import pieces_of

Grey = npt.NDArray[np.uint8]

_SIDE = 14
"""Pixels that the side of a box is brought to."""
_INK = 0.15
_LEAST, _MOST = 1.5, 30.0
"""Sides that a ring is high and wide, at least and at most."""
_CORNER = 0.09
"""Of a ring's width and height, the corners in which a ring has no ink, and a frame of a form has."""
_THIN = 0.3
"""Share of the ground that a ring inks, at most."""
_DIRECTIONS, _AROUND = 48, 0.85
"""From the middle of the box, and the share of them in which the ring is met."""


def are_encircled(grey: Grey, boxes: Sequence[Found]) -> list[bool]:
    """For each box, in pixels of the page, whether one stroke that is no frame runs around it."""
    if not boxes:
        return []
    usual = float(np.median([box.side for box in boxes]))
    scale = min(1.0, _SIDE / usual)
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    ink = np.asarray(relative_darkness(np.asarray(small, np.uint8)) > _INK, dtype=np.uint8)
    pieces = pieces_of(ink)
    left, top, wide, high = pieces.boxes.astype(np.intp).T
    side = scale * usual
    rings = (np.minimum(wide, high) >= _LEAST * side) & (np.maximum(wide, high) <= _MOST * side)
    rings &= pieces.areas < _THIN * wide * high
    rings[0] = False
    answers = []
    for box in boxes:
        x0, y0, x1, y1 = (edge * scale for edge in box.extent)
        around = rings & (left < x0) & (top < y0) & (left + wide > x1) & (top + high > y1)
        answers.append(
            any(
                _is_round(pieces.labels, int(n), (left[n], top[n], wide[n], high[n]), ((x0 + x1) / 2, (y0 + y1) / 2))
                for n in np.flatnonzero(around)
            )
        )
    return answers


def _is_round(
    labels: npt.NDArray[np.int32], number: int, extent: tuple[int, int, int, int], middle: tuple[float, float]
) -> bool:
    """Whether the piece leaves the corners of its extent free and is met in nearly every direction from the middle."""
    left, top, wide, high = (int(edge) for edge in extent)
    own = labels[top : top + high, left : left + wide] == number
    across, down = max(1, round(_CORNER * wide)), max(1, round(_CORNER * high))
    ends = [(rows, columns) for rows in (own[:down], own[-down:]) for columns in (slice(across), slice(-across, None))]
    if any(rows[:, columns].any() for rows, columns in ends):
        return False
    thick = np.asarray(cv2.dilate(own.astype(np.uint8), np.ones((3, 3), np.uint8)))
    met = 0
    for angle in np.linspace(0, 2 * np.pi, _DIRECTIONS, endpoint=False):
        steps = np.arange(wide + high)
        x = np.rint(middle[0] - left + steps * np.cos(angle)).astype(np.intp)
        y = np.rint(middle[1] - top + steps * np.sin(angle)).astype(np.intp)
        within = (x >= 0) & (y >= 0) & (x < wide) & (y < high)
        met += bool(thick[y[within], x[within]].any())
    return met >= _AROUND * _DIRECTIONS
