"""A picture cut to what it holds: nothing but large strokes, which a page shows small."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from models.catalog.signature.cues import is_surely_read
from models.catalog.signature.region_input import Grey
from models.ink import grey_page, relative_darkness
from models.pieces import pieces_of
from schemas.prediction import Prediction, Quad, bounds, box_quad

_LOOK_PIXELS, _DRAWN_PIXELS = 700, 1000
"""Longer side at which the picture is looked at, and, at most, at which it is laid on the sheet."""
_STROKE = 0.25
"""Darkness from which ink hangs together."""
_PIECES, _GRAIN = 25, 6
"""Of ink, so many at most: print has more; pixels of a piece below which it is grain."""
_FILLED, _HIGH = 0.35, 0.12
"""Of the picture's width, the ink spans as much at least, and of its longer side its largest piece is as high: no
signature on a page is."""
_SHEET = 4.0
"""Widths of the ink in the sheet on which it is looked at, as wide as a signature is on a page."""
_TONE = 60
"""Percentile of the picture's rim that is its paper."""


def margin_around(grey: Grey, earlier: Mapping[str, Prediction]) -> float:
    """Paper to put around a picture that holds a few large strokes and no print, of its width; 0 around any other."""
    lines = [line for prediction in earlier.values() for line in prediction.lines]
    if any(is_surely_read(line) for line in lines):
        return 0.0
    small = grey_page(grey, _LOOK_PIXELS)
    things = pieces_of((relative_darkness(small) > _STROKE).astype(np.uint8))
    kept = things.areas >= _GRAIN
    if not 0 < np.count_nonzero(kept) <= _PIECES:
        return 0.0
    left, _, width, height = things.boxes[kept].T
    span = float((left + width).max() - left.min()) / small.shape[1]
    if span < _FILLED or int(height.max()) < _HIGH * max(small.shape):
        return 0.0
    return float(max(0.0, (_SHEET * span - 1) / 2))


def on_a_sheet(grey: Grey, margin: float) -> tuple[Grey, Callable[[Quad], Quad]]:
    """The picture with so much paper of its own tone around it, and the way back from there to its pixels."""
    small = grey_page(grey, _DRAWN_PIXELS)
    scale, around = small.shape[1] / grey.shape[1], round(margin * small.shape[1])
    rim = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])
    sheet = np.pad(small, around, constant_values=int(np.percentile(rim, _TONE)))
    high, wide = grey.shape

    def back(quad: Quad) -> Quad:
        left, top, right, bottom = ((value - around) / scale for value in bounds(quad))
        return box_quad(max(0.0, left), max(0.0, top), min(float(wide), right), min(float(high), bottom))

    return np.asarray(sheet, dtype=np.uint8), back
