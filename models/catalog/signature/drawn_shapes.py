"""What is drawn on a page that no hand signs with: rings, charts, straight lines, what shines through from the back."""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from models.ink import FAINTEST, grey_page, relative_darkness
from schemas.prediction import Quad, bounds

_LOOK_PIXELS = 1400
"""Longer side at which the page is looked at."""
_STROKE = 0.25
"""Darkness from which ink hangs together."""
_USUAL, _OF_PLACE = 60, 70
"""Percentiles of darkness: of all strokes of the page, and of the ink in a place, whose rims are pale."""
_FAINT = 0.5
"""Of the page's usual darkness; of signatures of the evaluation 1 in 100 is paler than 0.56."""
_ROUND = 0.85
"""Of the circle around a thing, its convex hull covers at least as much if it is a ring, a disc or a pie chart."""
_RULE = 0.08
"""Of the page's longer side: as long a level or upright run is a rule."""
_MOST_OUTSIDE, _WIDER = 0.6, 1.7
"""Less of a thing is inside of a place of which it is so much wider, if the place is a piece of a drawing."""
_LARGEST = (0.5, 0.08)
"""Width and height, of the page's longer side; signatures are smaller, even with the line they stand on."""
_MOSTLY = 0.5
"""Of a place's width and height, a thing spans as much if it is what the place holds."""
_LONG_LINE = 0.5
"""Of a place's shorter side: as long straight pieces are no strokes of a pen."""
_STRAIGHT = 0.75
"""Of the length of all edges in a place, as much is in such pieces; of real signatures 1 in 50 has more."""


class DrawnShapes:
    """Looks at places of one page; the page is made ready when the first is asked about."""

    def __init__(self, grey: npt.NDArray[np.uint8]) -> None:
        self._page = grey

    def is_none_of_a_pen(self, quad: Quad) -> bool:
        """Whether an upright box, in pixels of the page, holds what no signature is."""
        rows, columns = self._cut(quad)
        if self._grey[rows, columns].size == 0:
            return False
        return self._is_faint(rows, columns) or self._is_of_a_drawing(rows, columns) or self._is_straight(rows, columns)

    @cached_property
    def _grey(self) -> npt.NDArray[np.uint8]:
        return grey_page(self._page, _LOOK_PIXELS)

    @cached_property
    def _darkness(self) -> npt.NDArray[np.float32]:
        return relative_darkness(self._grey)

    @cached_property
    def _usual(self) -> float:
        strokes = self._darkness[self._darkness > _STROKE]
        return float(np.percentile(strokes, _USUAL)) if strokes.size else 0.0

    @cached_property
    def _things(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Labels of what hangs together, and left, top, width, height and area of each."""
        strokes = (self._darkness > _STROKE).view(np.uint8)
        long = round(_RULE * max(strokes.shape))
        for side in ((1, long), (long, 1)):
            # A signature hangs together with the line it stands on, and so with a table.
            strokes -= cv2.morphologyEx(strokes, cv2.MORPH_OPEN, np.ones(side, np.uint8))
        _, labels, stats, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
        return np.asarray(labels, dtype=np.int32), np.asarray(stats, dtype=np.int32)

    def _cut(self, quad: Quad) -> tuple[slice, slice]:
        scale = self._grey.shape[0] / self._page.shape[0]
        left, top, right, bottom = (max(0, round(value * scale)) for value in bounds(quad))
        return slice(top, bottom + 1), slice(left, right + 1)

    def _is_faint(self, rows: slice, columns: slice) -> bool:
        part = self._darkness[rows, columns]
        ink = part[part > FAINTEST]
        return bool(ink.size) and float(np.percentile(ink, _OF_PLACE)) < _FAINT * self._usual

    def _is_of_a_drawing(self, rows: slice, columns: slice) -> bool:
        """Whether the largest thing that reaches into the place is round, or a whole of which the place is a part."""
        labels, stats = self._things
        part = labels[rows, columns]
        counts = np.bincount(part.ravel(), minlength=len(stats))
        counts[0] = 0
        largest = int(counts.argmax())
        left, top, width, height, area = stats[largest].tolist()
        if not counts[largest] or width < _MOSTLY * part.shape[1] or height < _MOSTLY * part.shape[0]:
            return False
        if counts[largest] < _MOST_OUTSIDE * area and width > _WIDER * part.shape[1]:
            return True
        if width > _LARGEST[0] * max(labels.shape) and height > _LARGEST[1] * max(labels.shape):
            return True
        thing = (labels[top : top + height, left : left + width] == largest).view(np.uint8)
        hull = cv2.convexHull(np.asarray(cv2.findNonZero(thing)))
        _, radius = cv2.minEnclosingCircle(hull)
        return cv2.contourArea(hull) >= _ROUND * np.pi * radius * radius

    def _is_straight(self, rows: slice, columns: slice) -> bool:
        part = np.ascontiguousarray(self._grey[rows, columns])
        found = cv2.createLineSegmentDetector().detect(part)[0]
        if found is None:
            return False
        ends = found.reshape(-1, 4)
        lengths = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
        return float(lengths[lengths > _LONG_LINE * min(part.shape)].sum()) > _STRAIGHT * float(lengths.sum())
