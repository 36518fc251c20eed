"""How noisy a page is: grain of a sensor and specks alike."""

from __future__ import annotations

import cv2
import numpy as np

from models.catalog.page_quality.frame import Frame

_GRID = 5
_SIDE = 128
_BLOCK = 8
_QUIET = 20
"""Per cent of the blocks that are taken for bare paper."""


def grain_of(frame: Frame) -> float:
    """Standard deviation, in levels, of what a mean of 3 x 3 pixels takes away on bare paper.

    Measured at full size in 25 squares, in blocks of 8 pixels, of which the quietest fifth counts: text and rules
    are in the others. Grain g leaves g * sqrt(8/9); specks of black and white count by their share of the pixels.
    """
    found = []
    height, width = frame.pixels.shape[:2]
    side = min(_SIDE, height, width)
    for row in range(_GRID):
        for column in range(_GRID):
            left = round((width - side) * (column + 0.5) / _GRID)
            top = round((height - side) * (row + 0.5) / _GRID)
            part = frame.full(left, top, side).astype(np.float32)
            if side >= _BLOCK:
                found.append(_deviations(part - cv2.blur(part, (3, 3))))
    if not found:
        return 0.0
    return float(np.percentile(np.concatenate(found), _QUIET) * np.sqrt(9 / 8))


def _deviations(rest: np.ndarray) -> np.ndarray:
    count = rest.shape[0] // _BLOCK
    whole = rest[: count * _BLOCK, : count * _BLOCK]
    squares = cv2.resize(whole * whole, (count, count), interpolation=cv2.INTER_AREA)
    return np.asarray(np.sqrt(squares).ravel())
