"""Boxes that are nothing but white places in a tinted ground."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.frames import are_square
from models.catalog.checkbox.overlaps import away_from, extents
from models.catalog.checkbox.selection import Found

Grey = npt.NDArray[np.uint8]

_SHRINK, _AROUND = 8, 21
"""The ground is what is commonest around: the page is shrunk by that, and the median of so many pixels taken."""
_COARSE = 2
"""Pixels of the page for one of those that places are looked for in: edges are found well enough."""
_LIGHTEST = 238
"""A lighter ground is no tint."""
_LEAST_PART = 0.01
"""Of the page that is tinted; of less the ground is not known well."""
_OFF = 12
"""Grey levels by which a place differs from its ground."""
_PEN_MM = 0.8
"""What is narrower is a stroke across the edge, or print."""
_SIDES_MM = (2.0, 9.0)
_USUAL_DPI = 150.0
_FILL, _WHITE = 0.8, 0.15
"""Of the square around a place: how much differs from the ground, and how much is lighter."""
_EDGE = 0.2
"""Sides around a place in which its edge lies."""
_MOST = 64
_LIKE_SIZE, _OFF_LINE = 0.3, 0.25
"""Sides by which a place may differ from boxes of its line, and its edges from theirs."""
_RULES = 0.95
"""What the rules say of such a place."""


def white_places(grey: Grey, dpi: float | None, taken: Sequence[Found]) -> list[Found]:
    """Squares on a tint that are whiter than it, whatever is written in them, in pixels of the page; none `taken`."""
    height, width = grey.shape
    if min(height, width) < _AROUND * _SHRINK:
        return []
    small = cv2.resize(grey, (width // _SHRINK, height // _SHRINK), interpolation=cv2.INTER_AREA)
    ground = cv2.medianBlur(small, _AROUND)
    tinted = ground <= _LIGHTEST
    if tinted.mean() < _LEAST_PART or not (tinted & (cv2.subtract(small, ground) > _OFF)).any():
        return []
    pixels_a_mm = (dpi or _USUAL_DPI) / 25.4 / _COARSE
    coarse = cv2.resize(grey, (width // _COARSE, height // _COARSE), interpolation=cv2.INTER_AREA)
    usual = cv2.resize(ground, (coarse.shape[1], coarse.shape[0]), interpolation=cv2.INTER_LINEAR)
    other = cv2.compare(cv2.absdiff(coarse, usual), _OFF, cv2.CMP_GT) & cv2.compare(usual, _LIGHTEST, cv2.CMP_LE)
    light = cv2.compare(cv2.subtract(coarse, usual), _OFF, cv2.CMP_GT) & cv2.compare(usual, _LIGHTEST, cv2.CMP_LE)
    pen = max(2, round(_PEN_MM * pixels_a_mm))
    # A stroke is filled up where white is on both of its sides, so what is outside of the box does not count to it.
    whole = cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((2 * pen, 2 * pen), np.uint8))
    # Between the white and a stroke there is everywhere a pixel as grey as the ground.
    joined = cv2.morphologyEx(other, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    boxes = np.unique(np.concatenate([_squares(mask, pen, pixels_a_mm) for mask in (other, joined, whole)]), axis=0)
    places = [
        Found(_COARSE * x0, _COARSE * y0, _COARSE * x1, _COARSE * y1, _RULES)
        for x0, y0, x1, y1 in boxes.tolist()
        if light[y0:y1, x0:x1].mean() >= 255 * _WHITE
    ]
    places += [place for one in places for place in _in_size_of(one, taken)]
    free = away_from(extents(places), extents(taken), 0.0)
    return [place for place, is_free in zip(places, free, strict=True) if is_free and _has_an_edge(grey, place)][:_MOST]


def _has_an_edge(grey: Grey, place: Found) -> bool:
    """Whether anything right around it differs: beside a band, the ground of plain paper is taken for a tint."""
    room = _EDGE * place.side
    left, top = max(0, round(place.left - room)), max(0, round(place.top - room))
    around = grey[top : round(place.bottom + room), left : round(place.right + room)]
    return bool(around.size) and int(around.max()) - int(around.min()) > _OFF


def _squares(mask: Grey, pen: int, pixels_a_mm: float) -> npt.NDArray[np.int32]:
    """(n, 4): left, top, right, bottom of what is square in the mask, of the size of a box and wider than a pen."""
    pieces = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((pen, pen), np.uint8))
    _, _, statistics, _ = cv2.connectedComponentsWithStats(pieces, connectivity=4)
    left, top, wide, high, area = statistics[1:].T
    low, up = (side * pixels_a_mm for side in _SIDES_MM)
    boxes = np.stack([left, top, left + wide, top + high], axis=1)
    fits = are_square(boxes) & (np.minimum(wide, high) >= low) & (np.maximum(wide, high) <= up)
    fits &= area >= _FILL * wide * high
    return np.asarray(boxes[fits][: 4 * _MOST], dtype=np.int32)


def _in_size_of(place: Found, boxes: Sequence[Found]) -> list[Found]:
    """As wide and high as the boxes in whose column or row it stands: a mark across its edge may hide where it ends."""
    like = [box for box in boxes if abs(box.side - place.side) <= _LIKE_SIZE * box.side]
    off = _OFF_LINE * place.side
    for line, is_column in (
        ([box for box in like if abs(box.left - place.left) <= off and abs(box.right - place.right) <= off], True),
        ([box for box in like if abs(box.top - place.top) <= off and abs(box.bottom - place.bottom) <= off], False),
    ):
        if not line:
            continue
        left, top, right, bottom = (float(edge) for edge in np.median(extents(line), axis=0))
        wide, high = right - left, bottom - top
        if is_column:
            tops = (place.top, place.bottom - high, (place.top + place.bottom - high) / 2)
            return [Found(left, y, right, y + high, _RULES) for y in tops]
        lefts = (place.left, place.right - wide, (place.left + place.right - wide) / 2)
        return [Found(x, top, x + wide, bottom, _RULES) for x in lefts]
    return []
