"""The squares in the corners of QR codes, which look like filled boxes (ISO/IEC 18004, 6.3.3)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from schemas.prediction import Quad, bounds

_MODULES = 7
_MOST_PIXELS = 9_000_000
"""Of a page on which codes are looked for, which is dear; on a larger one their modules are larger."""
_SAMPLES = 4
"""Pixels for each module."""
_GROWN = (1.0, 7 / 5, 7 / 3)
"""Sides of the outer square in those of the square that was found."""
_SLACK = 0.15
"""Sides by which what was found may lie beside."""
_MORE_THAN_A_CODE, _OFF = 3, 0.25
"""In a line; and sides by which those of one size stand off it."""
_BESIDE = (0.15, 0.9)
"""Sides from the border of what is looked at beside a place."""
_LEAST_MODULES = 0.32
_SIDES_AMID = 3
"""The fourth is the edge of the code."""
_ALIKE = 0.75
"""Correlation with the pattern: a pen leaves no ring of paper as even."""


def is_finder_pattern(grey: npt.NDArray[np.uint8], quad: Quad) -> bool:
    """Whether a box on a (height, width) page is a dark ring, a bright one, and a dark square, as 1 : 1 : 3 : 1 : 1.

    The box may be the outer square, the inner one, or the ring between, and not quite on it.
    """
    left, top, right, bottom = bounds(quad)
    side = max(right - left, bottom - top)
    return any(_is_one(grey, (left + right) / 2, (top + bottom) / 2, grown * side) for grown in _GROWN)


def are_finder_patterns(grey: npt.NDArray[np.uint8], quads: Sequence[Quad]) -> list[bool]:
    """For each box whether it is such a pattern; three in a line with no modules beside are boxes with a square in
    them, since a code has two in a line.
    """
    alike = [is_finder_pattern(grey, quad) for quad in quads]
    free = [quad for quad, is_one in zip(quads, alike, strict=True) if is_one and not _sides_amid_modules(grey, quad)]
    return [
        is_one and not (quad in free and sum(_in_line(quad, other) for other in free) >= _MORE_THAN_A_CODE)
        for quad, is_one in zip(quads, alike, strict=True)
    ]


def _in_line(quad: Quad, other: Quad) -> bool:
    own, others = np.array(bounds(quad)), np.array(bounds(other))
    slack = _OFF * float(own[2] - own[0])
    off = np.abs(own - others)
    return bool(off[[0, 2]].max() <= slack or off[[1, 3]].max() <= slack)


def outside_of_codes(grey: npt.NDArray[np.uint8], quads: Sequence[Quad]) -> list[bool]:
    """For each place on a (height, width) page whether it is outside of all matrix codes.

    Within one is what has modules on three sides; what has some on one is, if a QR code is found around it.
    """
    sides = [_sides_amid_modules(grey, quad) for quad in quads]
    codes = _qr_codes(grey) if any(0 < count < _SIDES_AMID for count in sides) else []
    return [
        count < _SIDES_AMID and not any(cv2.pointPolygonTest(code, _middle(quad), False) >= 0 for code in codes)
        for count, quad in zip(sides, quads, strict=True)
    ]


def _qr_codes(grey: npt.NDArray[np.uint8]) -> list[npt.NDArray[np.float32]]:
    """The corners (4, 2) of each."""
    scale = min(1.0, math.sqrt(_MOST_PIXELS / grey.size))
    if scale < 1:
        grey = np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    # Light on dark, too.
    answers = [cv2.QRCodeDetector().detectMulti(view) for view in (grey, cv2.bitwise_not(grey))]
    return [
        corners / np.float32(scale)
        for found, several in answers
        if found and several is not None
        for corners in np.asarray(several, dtype=np.float32)
    ]


def _middle(quad: Quad) -> tuple[float, float]:
    left, top, right, bottom = bounds(quad)
    return (left + right) / 2, (top + bottom) / 2


def _sides_amid_modules(grey: npt.NDArray[np.uint8], quad: Quad) -> int:
    """Beside how many of the four sides there is a third of ink and no more than two, as in matrix codes."""
    left, top, right, bottom = bounds(quad)
    side = (right - left + bottom - top) / 2
    near, far = _BESIDE[0] * side, _BESIDE[1] * side
    x0, y0 = round(left - far), round(top - far)
    x1, y1 = round(right + far), round(bottom + far)
    if x0 < 0 or y0 < 0 or x1 > grey.shape[1] or y1 > grey.shape[0] or side < _MODULES:
        return 0
    window = grey[y0:y1, x0:x1].astype(np.float32)
    ink = window < (float(window.min()) + float(window.max())) / 2
    wide, edge = round(far), round(near)
    strips = (ink[: wide - edge, wide:-wide], ink[edge - wide :, wide:-wide], ink[wide:-wide, : wide - edge])
    shares = [float(strip.mean()) for strip in (*strips, ink[wide:-wide, edge - wide :]) if strip.size]
    return sum(_LEAST_MODULES <= share <= 1 - _LEAST_MODULES for share in shares)


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
