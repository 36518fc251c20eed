"""What the network sees of a box: its wide surroundings, the box always in the same place and size."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

Crops = npt.NDArray[np.float32]
"""(n, 1, CROP, CROP): 0 for paper, 1 for the darkest ink of the crop."""
Extent = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""

CROP = 64
REACH = 3.2
"""Width of the crop in sides of the box: enough to see whose stroke it is that runs through."""
_FINER = 2
"""A large box is first brought down to this many times the crop's resolution, then averaged."""
_LEAST_CONTRAST = 36.0


def cut(grey: npt.NDArray[np.uint8], boxes: Sequence[Extent]) -> Crops:
    """The crops of `boxes` out of a grey page (height, width); beyond the page its edge goes on."""
    windows = np.empty((len(boxes), CROP, CROP), np.uint8)
    for window, box in zip(windows, boxes, strict=True):
        window[:] = _window(grey, box)
    return levelled(windows)[:, None]


def levelled(crops: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Grey levels (n, height, width) as shares of the way from paper to the darkest ink of each; clipped to -0.5..1.

    What is all but even is not stretched to the full.
    """
    darkest, paper = quantiles(crops, (0.01, 0.8))[:, :, None, None].astype(np.float32)
    contrast = np.maximum(paper - darkest, _LEAST_CONTRAST)
    levels = paper - crops
    np.divide(levels, contrast, out=levels)
    return np.asarray(np.clip(levels, -0.5, 1.0, out=levels), dtype=np.float32)


def quantiles(crops: npt.NDArray[np.uint8], shares: Sequence[float]) -> npt.NDArray[np.intp]:
    """(shares, n): the grey levels below which those shares of each crop's pixels lie; much faster than by sorting."""
    counts = [cv2.calcHist([crop], [0], None, [256], [0, 256]).ravel() for crop in crops]
    below = np.cumsum(np.array(counts).reshape(-1, 256), axis=1)
    return np.array([(below < share * crops[0].size).sum(axis=1) for share in shares])


def _window(grey: npt.NDArray[np.uint8], box: Extent) -> npt.NDArray[np.uint8]:
    left, top, right, bottom = box
    side = float(np.sqrt(max(1.0, right - left) * max(1.0, bottom - top)))
    x, y = (left + right) / 2, (top + bottom) / 2
    size = CROP * _FINER if side * REACH > 1.5 * CROP else CROP
    step = side * REACH / size
    # Pixel k of the crop is at x + (k - (size - 1) / 2) * step, in pixels whose middles are at half numbers.
    matrix = np.array([[step, 0, x - 0.5 - (size - 1) / 2 * step], [0, step, y - 0.5 - (size - 1) / 2 * step]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    window = cv2.warpAffine(grey, matrix, (size, size), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    if size != CROP:
        window = cv2.resize(window, (CROP, CROP), interpolation=cv2.INTER_AREA)
    return np.asarray(window, dtype=np.uint8)
