"""Negatives: pages whose print is bright on dark, as microfilm, inverted scans and screens show them."""

from __future__ import annotations

import cv2
import numpy as np

from documents.raster import Pixels

_LOOK_PIXELS = 800
"""Longer side at which a page is looked at."""
_MARGIN = 0.04
"""Of each side: the white frame of a black picture is no print."""
_TILES = 8
_DARK = 100
_MOSTLY = 0.9
"""Of all tiles, as many are dark paper; a sheet photographed on a dark desk has bright ones in its middle."""
_BRIGHTER = 80
_INK = (0.003, 0.3)
"""Share of the page that is bright; less is a dark picture of nothing, more is paper."""
_STROKE = 15
"""Pixels of the look: what is as bright and wider is no print."""
_WIDE = 0.3
"""Of what is bright, as much may be that wide."""


def is_negative(pixels: Pixels) -> bool:
    """Whether (h, w) grey or (h, w, 3) BGR pixels show thin bright print on evenly dark paper."""
    scale = min(1.0, _LOOK_PIXELS / max(pixels.shape[:2]))
    size = [max(1, round(side * scale)) for side in pixels.shape[1::-1]]
    # The grey of coloured print is enough, and the smaller picture is quicker to make grey.
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY) if small.ndim == 3 else small
    margin = [round(_MARGIN * side) for side in grey.shape]
    grey = grey[margin[0] : grey.shape[0] - margin[0], margin[1] : grey.shape[1] - margin[1]]
    tiles = [part for rows in np.array_split(grey, _TILES) for part in np.array_split(rows, _TILES, axis=1)]
    medians = [float(np.median(part)) for part in tiles if part.size]
    if np.mean([each < _DARK for each in medians]) < _MOSTLY:
        return False
    bright = np.asarray(grey > float(np.median(grey)) + _BRIGHTER, dtype=np.uint8)
    share = float(bright.mean())
    wide = float(cv2.morphologyEx(bright, cv2.MORPH_OPEN, np.ones((_STROKE, _STROKE), np.uint8)).mean())
    return _INK[0] <= share <= _INK[1] and wide <= _WIDE * share


def as_positive(pixels: Pixels) -> Pixels:
    """A negative's pixels turned over: dark on bright."""
    return np.asarray(255 - pixels, dtype=np.uint8)
