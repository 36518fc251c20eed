"""The part of a page that is written on, where a far turn was undone on a canvas much larger than the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from schemas.prediction import Prediction, bounds

_FAR_DEGREES = 10.0
"""Up to here the canvas is hardly larger; and a page may be as blank as it likes."""
_AROUND = 0.05
"""Of the canvas' longer side, what is kept around lines and boxes: signatures stand below them."""

Part = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""


def written_part(earlier: Mapping[str, Prediction], shape: Sequence[int]) -> Part:
    """All of a page of that shape (height, width) unless it was turned far and something on it was found."""
    height, width = shape[:2]
    whole = (0, 0, width, height)
    skews = [found.skew for found in earlier.values() if found.skew is not None]
    if not any(skew.straightened and abs(skew.angle_degrees) > _FAR_DEGREES for skew in skews):
        return whole
    lines = [bounds(line.quad) for found in earlier.values() for line in found.lines if line.text]
    boxes = [bounds(box.quad) for found in earlier.values() for box in found.checkboxes]
    if not lines and not boxes:
        return whole
    places, around = np.array([*lines, *boxes]), _AROUND * max(height, width)
    left, top = np.maximum(places[:, :2].min(axis=0) - around, 0).astype(int)
    right, bottom = np.minimum(places[:, 2:].max(axis=0) + around, (width, height)).astype(int)
    return int(left), int(top), int(right), int(bottom)
