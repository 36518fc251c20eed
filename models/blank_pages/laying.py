"""The page as seen through a placement: laid over the blank page, pixel by pixel."""

from __future__ import annotations

import cv2
import numpy as np

from models.blank_pages.placement import Placement
from models.ink import Ink

_STEP = 16
"""Between nodes of the map, in pixels; a perspective is straight enough between them."""


def lay(page: Ink, placement: Placement, size: tuple[int, int]) -> Ink:
    """The page's ink in a picture of the blank page of `size` (width, height); none where the page ends."""
    across, down = (-(-side // _STEP) for side in size)
    # Resizing by a whole number maps pixel k * i + (k - 1) / 2 to pixel i, so the nodes lie at the middles.
    x, y = ((np.arange(count) + 0.5) * _STEP / side for count, side in zip((across, down), size, strict=True))
    nodes = np.stack(np.meshgrid(x, y), axis=2).reshape(-1, 2)
    on_page = placement.map(nodes) * (page.shape[1], page.shape[0]) - 0.5
    small = on_page.reshape(down, across, 2).astype(np.float32)
    whole = _enlarged(small)[: size[1], : size[0]]
    laid = cv2.remap(page, whole, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(laid, dtype=np.float32)


def _enlarged(small: np.ndarray) -> np.ndarray:
    """With straight lines continued beyond the outermost nodes, where resizing would repeat them."""
    padded = np.pad(small, ((1, 1), (1, 1), (0, 0)), mode="reflect", reflect_type="odd")
    large = cv2.resize(padded, None, fx=_STEP, fy=_STEP, interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(large[_STEP:-_STEP, _STEP:-_STEP])
