"""Parts of a blank page that cannot be seen on a page laid over it: covered by a sheet, torn off, beyond the edge."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from models.blank_pages.placement import Placement

Mask = npt.NDArray[np.bool_]
"""(rows, columns) of cells of print, see `print_check.CELL`."""
Box = tuple[float, float, float, float]
"""Left, top, right, bottom in fractions of the blank page."""

_LEAST_SIDE = 3
"""Cells, 2.4 cm: less is missing where somebody wrote across print, or a stamp lies."""
_SOLID = 0.8
"""Of the print within a covered part, as much is not to be seen; where other text is printed some agrees by chance."""
_LEAST_CELLS = 4
"""Of print that must be missing."""
_STEPS = 12
"""Points each way at which a place is looked at."""


def covered_parts(unseen: Mask, printed: Mask) -> list[Mask]:
    """Parts so large and whole that something must lie over them.

    `unseen` are cells whose print is not there, `printed` those that have any. Of a cell without print the nearest one
    that has some tells whether it is covered.
    """
    told = _told_by_the_nearest(unseen, printed)
    square = np.ones((_LEAST_SIDE, _LEAST_SIDE), np.uint8)
    count, labels = cv2.connectedComponents(cv2.morphologyEx(told.astype(np.uint8), cv2.MORPH_OPEN, square))
    parts = []
    for number in range(1, count):
        part = labels == number
        # Sheets, and corners that are torn off, are convex; some print in there may agree by chance.
        inner = _hull(unseen & part)
        if (unseen & inner).sum() >= max(_LEAST_CELLS, _SOLID * (printed & inner).sum()):
            parts.append(np.asarray(part | inner))
    return parts


def _told_by_the_nearest(unseen: Mask, printed: Mask) -> Mask:
    if not printed.any():
        return np.zeros_like(unseen)
    cells, known = np.argwhere(np.ones_like(printed)), np.argwhere(printed)
    apart = ((cells[:, None] - known[None]) ** 2).sum(axis=2)
    return np.asarray(unseen[printed][apart.argmin(axis=1)].reshape(printed.shape))


def _hull(cells: Mask) -> Mask:
    found = np.zeros(cells.shape, np.uint8)
    points = cv2.findNonZero(cells.astype(np.uint8))
    if points is not None:
        cv2.fillConvexPoly(found, cv2.convexHull(points), (1,))
    return np.asarray(found > 0)


@dataclass(frozen=True)
class Hidden:
    """What of a blank page is not to be seen on a page laid over it."""

    covered: Mask
    cells: tuple[float, float]
    """How many columns and rows of cells the blank page has, parts of cells at its end counted."""
    placement: Placement

    def share(self, box: Box) -> float:
        """How much of a place of the blank page is covered or beyond the edge of the page, 0..1."""
        return float(self._at(box, self.covered).mean())

    def touches(self, box: Box) -> bool:
        """Whether any of a place may be hidden: edges are known to a cell."""
        return bool(self._at(box, self._nearly).any())

    @cached_property
    def _nearly(self) -> Mask:
        """The covered cells and those beside them."""
        return np.asarray(cv2.dilate(self.covered.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)

    def _at(self, box: Box, covered: Mask) -> Mask:
        left, top, right, bottom = box
        steps = (np.arange(_STEPS) + 0.5) / _STEPS
        x, y = (each.ravel() for each in np.meshgrid(left + steps * (right - left), top + steps * (bottom - top)))
        there = self.placement.map(np.stack([x, y], axis=1))
        beyond = ((there < 0) | (there > 1)).any(axis=1)
        (rows, columns), (across, down) = covered.shape, self.cells
        cells = np.clip((y * down).astype(int), 0, rows - 1), np.clip((x * across).astype(int), 0, columns - 1)
        return np.asarray(beyond | covered[cells])
