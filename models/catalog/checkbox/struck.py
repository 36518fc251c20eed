"""Strokes that come from far off and go on elsewhere: they strike out a page, and mark no box on their way."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.crops import Extent
from models.ink import relative_darkness

Grey = npt.NDArray[np.uint8]

_REACH = 4.0
"""Sides around the box that are looked at."""
_BEYOND = 1.9
"""Sides by which such a stroke goes on beyond both ends of the box: more than the arms of a cross, less than a page."""
_NEARLY, _FAR, _LEVEL = 0.25, 3.55, 0.97
"""The same of one that begins right beside a box and strikes out the line after it: at one end, and at the other. It is
as level or as upright as that, since ticks go on as far, but slant."""
_ASIDE, _ASIDE_STRAIGHT, _PAST = 0.6, 0.38, 0.9
"""Sides by which such a stroke may pass beside the middle; along a side of the box lies the rule of a table. What goes
on far beyond both ends may touch a corner, too."""
_SIDE = 24
"""Pixels of the box's side where strokes are looked for."""
_INK = 0.18
_GAP = 5
_BORDER, _LEFT, _LEAST_LEFT = 0.2, 0.3, 0.025
"""Sides from the edge that a border takes, how much darker than paper ink is, and the share of it that a mark has."""


def without_strokes(grey: Grey, box: Extent) -> Grey | None:
    """The page without the straight strokes that run through the box and on at both ends; None if there are none."""
    left, top, right, bottom = box
    side = (right - left + bottom - top) / 2
    reach = round(_REACH * side)
    x0, y0 = max(0, round(left) - reach), max(0, round(top) - reach)
    window = grey[y0 : round(bottom) + reach, x0 : round(right) + reach]
    scale = _SIDE / side
    small = np.asarray(cv2.resize(window, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    ink = (relative_darkness(small) > _INK).astype(np.uint8)
    middle = np.array([(left + right) / 2 - x0, (top + bottom) / 2 - y0]) * scale
    least = round((1 + 2 * _BEYOND) * _SIDE)
    ink = _reaching_far(ink, middle)
    if not ink.any():
        return None
    lines = cv2.HoughLinesP(ink, 1, np.pi / 360, round(0.8 * least), minLineLength=least, maxLineGap=_GAP)
    through = [line for line in (() if lines is None else lines.reshape(-1, 4)) if _runs_through(line, middle)]
    if not through:
        return None
    cover = np.zeros(small.shape, np.uint8)
    for x, y, u, v in through:
        cv2.line(cover, (int(x), int(y)), (int(u), int(v)), (1,), 2)
    # The stroke is as wide as the ink around its middle line, but nowhere wider than a pen.
    stroke = cv2.dilate(cover, np.ones((5, 5), np.uint8)) & ink
    wide = cv2.resize(stroke, (window.shape[1], window.shape[0]), interpolation=cv2.INTER_NEAREST)
    wide = cv2.dilate(wide, np.ones((3, 3), np.uint8))
    out = grey.copy()
    out[y0 : y0 + window.shape[0], x0 : x0 + window.shape[1]][wide > 0] = np.percentile(window, 80)
    return out


def has_ink_left(grey: Grey, box: Extent) -> bool:
    """Whether there is more in a box than a stroke that was taken out of it has left: of a mark it takes the middle."""
    left, top, right, bottom = box
    inset = _BORDER * (right - left + bottom - top) / 2
    inside = grey[round(top + inset) : round(bottom - inset), round(left + inset) : round(right - inset)]
    if not inside.size:
        return False
    paper = float(np.percentile(inside, 80))
    return bool((inside < (1 - _LEFT) * paper).mean() > _LEAST_LEFT)


def _reaching_far(ink: Grey, middle: npt.NDArray[np.float64]) -> Grey:
    """What hangs together with ink in the box, if it goes far enough; most marks do not, and lines are dear to find."""
    joined = cv2.dilate(ink, np.ones((_GAP + 2, _GAP + 2), np.uint8))
    count, pieces = cv2.connectedComponents(joined, connectivity=8)
    x, y = (round(float(v)) for v in middle)
    half = round(_PAST * _SIDE)
    own_pieces = np.zeros(count, np.uint8)
    own_pieces[np.unique(pieces[max(0, y - half) : y + half + 1, max(0, x - half) : x + half + 1])] = 1
    own = own_pieces[pieces] & ink
    rows, columns = np.nonzero(own)
    if not len(rows) or np.hypot(columns - middle[0], rows - middle[1]).max() < (0.5 + _BEYOND) * _SIDE:
        return np.zeros_like(ink)
    return np.asarray(own, dtype=np.uint8)


def _runs_through(line: npt.NDArray[np.int32], middle: npt.NDArray[np.float64]) -> bool:
    """Whether the line passes by the middle of the box, well off its sides, and on beyond both ends, far beyond one."""
    start, end = line[:2].astype(np.float64), line[2:].astype(np.float64)
    along = (end - start) / np.hypot(*(end - start))
    away = middle - start
    aside = abs(float(away[0] * along[1] - away[1] * along[0]))
    less, more = sorted(reach / _SIDE - 0.5 for reach in (float(away @ along), float((end - middle) @ along)))
    straight, level = max(abs(along)) > 0.99, max(abs(along)) > _LEVEL
    beside = _ASIDE_STRAIGHT if straight else _PAST if less >= _FAR else _ASIDE
    return aside <= beside * _SIDE and (less >= _BEYOND or (level and less >= _NEARLY and more >= _FAR))
