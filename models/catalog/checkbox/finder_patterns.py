"""The squares in the corners of QR codes, which look like filled boxes (ISO/IEC 18004, 6.3.3)."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from schemas.prediction import Quad, bounds

_MODULES = 7
_SAMPLES = 4
"""Pixels for each module."""
_GROWN = (1.0, 7 / 5, 7 / 3)
"""Sides of the outer square in those of the square that was found."""
_SLACK = 0.15
"""Sides by which what was found may lie beside."""
_ALIKE = 0.75
"""Correlation with the pattern: a pen leaves no ring of paper as even."""


def is_finder_pattern(grey: npt.NDArray[np.uint8], quad: Quad) -> bool:
    """Whether a box on a (height, width) page is a dark ring, a bright one, and a dark square, as 1 : 1 : 3 : 1 : 1.

    The box may be the outer square, the inner one, or the ring between, and not quite on it.
    """
    left, top, right, bottom = bounds(quad)
    side = max(right - left, bottom - top)
    return any(_is_one(grey, (left + right) / 2, (top + bottom) / 2, grown * side) for grown in _GROWN)


def _is_one(grey: npt.NDArray[np.uint8], x: float, y: float, side: float) -> bool:
    reach = (0.5 + _SLACK) * side
    x0, y0, x1, y1 = (round(v) for v in (x - reach, y - reach, x + reach, y + reach))
    if x0 < 0 or y0 < 0 or x1 > grey.shape[1] or y1 > grey.shape[0] or side < _MODULES:
        return False
    size = round((1 + 2 * _SLACK) * _MODULES * _SAMPLES)
    crop = cv2.resize(grey[y0:y1, x0:x1], (size, size), interpolation=cv2.INTER_AREA)
    return bool(cv2.matchTemplate(crop, _pattern(), cv2.TM_CCOEFF_NORMED).max() >= _ALIKE and np.ptp(crop) > 60)


@lru_cache(maxsize=1)
def _pattern() -> npt.NDArray[np.uint8]:
    modules = np.zeros((_MODULES, _MODULES), np.uint8)
    modules[1:-1, 1:-1] = 255
    modules[2:-2, 2:-2] = 0
    return np.kron(modules, np.ones((_SAMPLES, _SAMPLES), np.uint8))
