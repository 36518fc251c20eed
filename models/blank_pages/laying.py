"""The page as seen through a placement: laid over the blank page, pixel by pixel."""

from __future__ import annotations

import cv2
import numpy as np

from models.blank_pages.placement import Placement
from models.ink import Ink

_STEP = 16
"""Between nodes of the map, in pixels; a perspective is straight enough between them."""
_ROWS = 8
"""Of nodes at a time: their map stays in the processor's cache, where that of a page would be 30 MB."""


def lay(page: Ink, placement: Placement, size: tuple[int, int]) -> Ink:
    """The page's ink in a picture of the blank page of `size` (width, height); none where the page ends."""
    across, down = (-(-side // _STEP) for side in size)
    # Resizing by a whole number maps pixel k * i + (k - 1) / 2 to pixel i, so the nodes lie at the middles.
    x, y = ((np.arange(count) + 0.5) * _STEP / side for count, side in zip((across, down), size, strict=True))
    nodes = np.stack(np.meshgrid(x, y), axis=2).reshape(-1, 2)
    on_page = placement.map(nodes) * (page.shape[1], page.shape[0]) - 0.5
    small = on_page.reshape(down, across, 2).astype(np.float32)
    padded = np.pad(small, ((1, 1), (1, 1), (0, 0)), mode="reflect", reflect_type="odd")
    laid = np.empty((size[1], size[0]), np.float32)
    for first in range(0, down, _ROWS):
        rows = laid[first * _STEP : (first + _ROWS) * _STEP]
        where = _enlarged(padded[first : first + _ROWS + 2])[: rows.shape[0], : size[0]]
        cv2.remap(page, where, None, cv2.INTER_LINEAR, rows, cv2.BORDER_CONSTANT, 0)
    return laid


def _enlarged(padded: np.ndarray) -> np.ndarray:
    """Without the outermost nodes: straight lines go on beyond the others, where resizing would repeat them."""
    large = cv2.resize(padded, None, fx=_STEP, fy=_STEP, interpolation=cv2.INTER_LINEAR)
    return np.asarray(large[_STEP:-_STEP, _STEP:-_STEP])
