"""From the window in which a signature was seen to the box around its strokes."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.signature.region_input import Grey, inked
from schemas.prediction import Quad, bounds, box_quad

_AROUND = 0.35
"""Of the window's height, and half of that of its width, is looked at on each side: strokes go on beyond it."""
_ROWS = 160
"""Height at which strokes are looked for."""
_INK = 0.45
"""Of the darkest ink, from which a pixel belongs to a stroke."""
_LONGEST_RUN = 1 / 3
"""Share of the width from which on a straight level run is a rule and no stroke."""
_INSIDE = 0.5
"""Share of a stroke's extent that must be in the window."""
_LARGE = 0.5
"""Strokes at least this share of the largest count: print beside a signature is smaller than its large letters."""
_LOOSER = 1.1
"""How much larger than the found strokes the moved window is at least."""

Strokes = npt.NDArray[np.float64]
"""(n, 4): left, top, width, height."""


def ink_box(grey: Grey, window: Quad) -> Quad:
    """The upright box, in pixels of the page, around the large strokes in `window`; the window where there are none.

    Looked at twice, the second time with the window moved over the strokes that were found.
    """
    first = _around_strokes(grey, window)
    if first is None:
        return window
    return _around_strokes(grey, _moved(window, first)) or first


def overlap(one: Quad, other: Quad) -> float:
    """Of two upright boxes: the share of the smaller that is in the larger."""
    (l1, t1, r1, b1), (l2, t2, r2, b2) = bounds(one), bounds(other)
    shared = max(0.0, min(r1, r2) - max(l1, l2)) * max(0.0, min(b1, b2) - max(t1, t2))
    return shared / max(min((r1 - l1) * (b1 - t1), (r2 - l2) * (b2 - t2)), 1e-9)


def _moved(window: Quad, found: Quad) -> Quad:
    left, top, right, bottom = bounds(found)
    x, y = (left + right) / 2, (top + bottom) / 2
    wide = max(window[4] - window[0], _LOOSER * (right - left))
    high = max(window[5] - window[1], _LOOSER * (bottom - top))
    return box_quad(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)


def _around_strokes(grey: Grey, window: Quad) -> Quad | None:
    left, top, right, bottom = bounds(window)
    across, down = _AROUND * (right - left) / 2, _AROUND * (bottom - top)
    x0, y0 = int(max(0, left - across)), int(max(0, top - down))
    part = grey[y0 : max(0, int(bottom + down)), x0 : max(0, int(right + across))]
    if min(part.shape) < 2:
        return None
    scale = min(1.0, _ROWS / part.shape[0])
    size = max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale))
    small = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    window_here = [(v - o) * scale for v, o in zip((left, top, right, bottom), (x0, y0, x0, y0), strict=True)]
    strokes = _large(_strokes(small), window_here)
    if not len(strokes):
        return None
    first, last = strokes[:, :2].min(axis=0) / scale, (strokes[:, :2] + strokes[:, 2:]).max(axis=0) / scale
    high, wide = grey.shape
    return box_quad(x0 + first[0], y0 + first[1], min(wide, x0 + last[0]), min(high, y0 + last[1]))


def _strokes(grey: Grey) -> Strokes:
    """Extents of what is connected, rules taken out."""
    mask = (inked(grey) > _INK).astype(np.uint8)
    run = max(25, round(mask.shape[1] * _LONGEST_RUN))
    rules = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, run), np.uint8))
    mask[cv2.dilate(rules, np.ones((3, 3), np.uint8)) > 0] = 0
    # A stroke that a rule was taken out of is one stroke still.
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 3), np.uint8)), dtype=np.uint8)
    return np.asarray(cv2.connectedComponentsWithStats(mask, connectivity=8)[2][1:, :4], dtype=np.float64)


def _large(strokes: Strokes, window: list[float]) -> Strokes:
    left, top, wide, high = strokes.T
    inside_x = np.minimum(left + wide, window[2]) - np.maximum(left, window[0])
    inside_y = np.minimum(top + high, window[3]) - np.maximum(top, window[1])
    shared = np.clip(inside_x, 0, None) * np.clip(inside_y, 0, None)
    inside = shared > _INSIDE * wide * high
    if not inside.any():
        # The window sees a part of something large.
        inside = (shared > 0) & (shared == shared.max(initial=0))
    size = np.maximum(high, wide / 2)
    return np.asarray(strokes[inside & (size >= _LARGE * size[inside].max(initial=0))])
