"""A picture cut to what it holds: nothing but large strokes, which a page shows small."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from models.catalog.signature.region_input import Grey
from models.ink import grey_page, relative_darkness
from models.pieces import pieces_of
from schemas.prediction import Prediction

_LOOK_PIXELS = 700
"""Longer side at which the picture is looked at."""
_STROKE = 0.25
"""Darkness from which ink hangs together."""
_PIECES, _GRAIN = 25, 6
"""Of ink, so many at most: print has more; pixels of a piece below which it is grain."""
_FILLED, _HIGH = 0.35, 0.12
"""Of the picture's width, the ink spans as much at least, and of its longer side its largest piece is as high: on a page
no signature is."""
_SHEET = 4.0
"""Widths of the ink in the sheet on which it is looked at, as wide as a signature is on a page."""
_SURE = 0.95


def margin_around(grey: Grey, earlier: Mapping[str, Prediction]) -> int:
    """Pixels of paper to put around a picture that holds a few large strokes and no print; 0 around any other."""
    lines = [line for prediction in earlier.values() for line in prediction.lines]
    if any(line.text and line.confidence >= _SURE for line in lines):
        return 0
    small = grey_page(grey, _LOOK_PIXELS)
    strokes = (relative_darkness(small) > _STROKE).astype(np.uint8)
    things = pieces_of(strokes)
    kept = things.areas >= _GRAIN
    if not 0 < np.count_nonzero(kept) <= _PIECES:
        return 0
    left, _, width, height = things.boxes[kept].T
    span = float((left + width).max() - left.min()) / small.shape[1]
    if span < _FILLED or height.max() < _HIGH * max(small.shape):
        return 0
    return round((_SHEET * span * grey.shape[1] - grey.shape[1]) / 2)


def on_a_sheet(grey: Grey, margin: int) -> Grey:
    """The picture with so much paper of its own tone around it."""
    tone = float(np.percentile(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]]), 60))
    return np.asarray(cv2.copyMakeBorder(grey, *[margin] * 4, cv2.BORDER_CONSTANT, value=tone), dtype=np.uint8)
