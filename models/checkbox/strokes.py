"""Pen strokes that pass by boxes, and which box each of them is meant for.

Ticks overshoot: the tail of one runs through its neighbour's label or box, and some only graze their own
box. So strokes are followed on the page and given to the one box they come nearest to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from models.checkbox.page_ink import Mask
from models.checkbox.selection import Found

_REACH = 1.1
"""How far round a box strokes are looked for, in sides."""
_STRAIGHT = 0.75
"""Shortest straight piece of a stroke, in sides; letters of a label have shorter slants."""
_SLANTS = (20, 30, 40, 50, 60, 70)
_MOST_BOXES = 400
_MOST_STROKES = 2_000


@dataclass(frozen=True, slots=True)
class Strokes:
    """Slanting strokes of a page and whose they are."""

    labels: np.ndarray
    """(height, width) int32: the stroke each pixel belongs to, 0 for none."""
    owner: np.ndarray
    """(strokes + 1,): index of the box each stroke is meant for, -1 for none."""
    length: np.ndarray
    """(strokes + 1,): diagonal of each stroke's extent in pixels."""

    def reach(self, box: Found, index: int) -> tuple[float, float]:
        """Gap between the border and the nearest stroke owned by box `index`, and its length; in sides.

        The gap is 0 where it enters the box and 9 where there is none.
        """
        own = np.flatnonzero(self.owner == index)
        best = (9.0, 0.0)
        for stroke in own:
            ys, xs = self._pixels(box, int(stroke))
            if len(xs):
                away = np.hypot(
                    np.maximum(0, np.maximum(box.left - xs, xs - box.right)),
                    np.maximum(0, np.maximum(box.top - ys, ys - box.bottom)),
                )
                best = min(best, (float(away.min()) / box.side, float(self.length[stroke]) / box.side))
        return best

    def _pixels(self, box: Found, stroke: int) -> tuple[np.ndarray, np.ndarray]:
        y0, y1, x0, x1 = _around(box, self.labels.shape)
        ys, xs = np.nonzero(self.labels[y0:y1, x0:x1] == stroke)
        return ys + y0, xs + x0


def find_strokes(mask: Mask, boxes: Sequence[Found]) -> Strokes:
    """The strokes around `boxes`, each given to the box whose centre it comes nearest to."""
    canvas = np.zeros_like(mask)
    for box in boxes[:_MOST_BOXES]:
        y0, y1, x0, x1 = _around(box, mask.shape)
        canvas[y0:y1, x0:x1] |= _slanting(mask[y0:y1, x0:x1], box.side)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(canvas, connectivity=8)
    length = np.hypot(stats[:, 2], stats[:, 3]).astype(np.float64)
    nearest = np.full(count, np.inf)
    owner = np.full(count, -1, np.intp)
    for index, box in enumerate(boxes[:_MOST_BOXES]):
        y0, y1, x0, x1 = _around(box, mask.shape)
        ys, xs = np.nonzero(labels[y0:y1, x0:x1])
        found = labels[y0:y1, x0:x1][ys, xs]
        centre_x, centre_y = (box.left + box.right) / 2 - x0, (box.top + box.bottom) / 2 - y0
        away = np.hypot(xs - centre_x, ys - centre_y) / box.side
        for stroke in np.unique(found)[:_MOST_STROKES]:
            gap = float(away[found == stroke].min())
            if gap < nearest[stroke] and length[stroke] >= 1.05 * box.side:
                nearest[stroke], owner[stroke] = gap, index
    return Strokes(labels, owner, length)


def _around(box: Found, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Top, bottom, left, right of the surroundings of `box` inside a page of `shape`."""
    reach = _REACH * box.side
    return (
        max(0, int(box.top - reach)),
        min(shape[0], int(box.bottom + reach) + 1),
        max(0, int(box.left - reach)),
        min(shape[1], int(box.right + reach) + 1),
    )


def _slanting(crop: Mask, side: float) -> Mask:
    """What of `crop` lies on straight slanting pieces and is not a solid area."""
    if not crop.size:
        return crop
    core = np.ones((max(5, round(0.36 * side)),) * 2, np.uint8)
    solid = cv2.dilate(cv2.morphologyEx(crop, cv2.MORPH_OPEN, core), np.ones((3, 3), np.uint8))
    thin = cv2.subtract(crop, solid)
    found = np.zeros_like(crop)
    for kernel in _kernels(max(9, round(_STRAIGHT * side))):
        found |= cv2.morphologyEx(thin, cv2.MORPH_OPEN, kernel)
    # Thick borders hold short slants too; what a stroke loses by crossing a border is bridged again.
    long = max(9, round(0.8 * side))
    borders = cv2.bitwise_or(
        cv2.morphologyEx(crop, cv2.MORPH_OPEN, np.ones((1, long), np.uint8)),
        cv2.morphologyEx(crop, cv2.MORPH_OPEN, np.ones((long, 1), np.uint8)),
    )
    return np.asarray(cv2.morphologyEx(cv2.subtract(found, borders), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)))


def _kernels(length: int) -> list[Mask]:
    kernels: list[Mask] = []
    for slant in _SLANTS:
        across = max(2, round(length * np.cos(np.radians(slant))))
        down = max(2, round(length * np.sin(np.radians(slant))))
        kernel = np.zeros((down, across), np.uint8)
        cv2.line(kernel, (0, down - 1), (across - 1, 0), 1, 1)
        kernels += [kernel, np.ascontiguousarray(kernel[:, ::-1])]
    return kernels
