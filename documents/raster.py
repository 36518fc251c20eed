"""The pixels of one page, and the rules that every page's pixels obey."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

MAX_SIDE = 30_000
"""OpenCV's warps take sides below 32 768 pixels; straightening a page adds to its sides."""
_LEAST_INCHES, _COARSE_DPI = 2.5, 400.0
"""Shorter than a cheque card, and finer than office scanners are set to."""
_LEAST_SIDE = 400
"""Pixels; less is a stamp indeed."""
_GREY_TOLERANCE = 4
"""Rounding of JPEG colour leaves grey pages with channels a few levels apart; no ink is that pale."""


@dataclass(frozen=True, slots=True)
class RasterPage:
    """One page as a viewer shows it."""

    pixels: Pixels
    """(height, width) grey or (height, width, 3) BGR, contiguous."""
    dpi: float | None
    """Of these pixels; None where an image does not say."""
    negative: bool = False
    """The file shows it bright on dark; these pixels are turned over."""


def budget_scale(width: float, height: float, max_pixels: int) -> float:
    """The factor, at most 1, that brings a page of `width` x `height` pixels below `max_pixels` and `MAX_SIDE`."""
    return min(1.0, math.sqrt(max_pixels / (width * height)), MAX_SIDE / max(width, height))


def credible_dpi(dpi: float, longer_side: float) -> float | None:
    """`dpi` of a page whose longer side has so many pixels; None where it makes a full scan of a stamp.

    Programs put a scan on a page of any size: then what they say of it says nothing of the size of its print.
    """
    doubtful = dpi > _COARSE_DPI and _LEAST_SIDE <= longer_side < _LEAST_INCHES * dpi
    return None if doubtful else dpi


def grey_if_colourless(pixels: Pixels) -> Pixels:
    """`pixels` (h, w) or (h, w, 3) BGR as a contiguous copy, reduced to grey when no pixel has a colour."""
    if pixels.ndim == 2:
        return pixels.copy()
    # A coarse look finds the colour of most coloured pages at a hundredth of the cost.
    if _has_colour(np.ascontiguousarray(pixels[::10, ::10])) or _has_colour(pixels):
        return pixels.copy()
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def _has_colour(pixels: Pixels) -> bool:
    blue, green, red = cv2.split(pixels)
    return any(
        cv2.norm(first, second, cv2.NORM_INF) > _GREY_TOLERANCE for first, second in ((blue, green), (green, red))
    )
