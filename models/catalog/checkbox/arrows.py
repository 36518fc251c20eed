"""The buttons of lists and counters: a square with a solid triangle in it, which no pen draws."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.selection import Found

Grey = npt.NDArray[np.uint8]

_SIZE = 48
"""Pixels to which the place is brought."""
_INSET = 0.12
"""Sides from the edge: the border, which is none of the arrow."""
_LEAST_RANGE = 40
_ALONE = 0.9
"""Of the ink in the box, what the arrow has."""
_AREA = (0.02, 0.4)
"""Of the box, what the arrow covers."""
_SOLID, _TRIANGLE = 0.86, 0.78
"""Of its hull, and of the smallest triangle around it, what the arrow covers."""


def is_arrow_button(grey: Grey, box: Found) -> bool:
    """Whether a triangle and nothing else stands in a box, in pixels of the page, off its border."""
    left, top, right, bottom = (round(edge) for edge in box.extent)
    place = grey[max(0, top) : bottom, max(0, left) : right]
    if min(place.shape) < 8 or int(place.max()) - int(place.min()) < _LEAST_RANGE:
        return False
    edge = round(_INSET * _SIZE)
    inside = cv2.resize(place, (_SIZE, _SIZE), interpolation=cv2.INTER_AREA)[edge:-edge, edge:-edge]
    if int(inside.max()) - int(inside.min()) < _LEAST_RANGE:
        return False
    _, ink = cv2.threshold(inside, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    contours, _ = cv2.findContours(ink, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    arrow = max(contours, key=len)
    x, y, wide, high = cv2.boundingRect(arrow)
    area = float(ink[y : y + high, x : x + wide].sum())
    if min(x, y) == 0 or x + wide == ink.shape[1] or y + high == ink.shape[0] or area < _ALONE * float(ink.sum()):
        return False
    # A contour runs through the middles of pixels: half of its length lies outside.
    hull = cv2.convexHull(arrow)
    around = cv2.contourArea(hull) + cv2.arcLength(hull, True) / 2
    triangle, _ = cv2.minEnclosingTriangle(arrow.astype(np.float32))
    share = area / ink.size
    return bool(
        _AREA[0] <= share <= _AREA[1]
        and area >= _SOLID * around
        and area >= _TRIANGLE * (triangle + cv2.arcLength(hull, True) / 2)
        and area <= 0.68 * wide * high
    )
