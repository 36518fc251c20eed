"""A page brought to the scale and contrast the box finder works at."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.uint8]
Darkness = npt.NDArray[np.float32]

LETTER_HEIGHT = 12.0
"""Height in pixels of small letters (x-height) on the working page; boxes are 12 to 60 px there."""
_X_HEIGHT_MM = 1.7
_MAX_PIXELS = 3_200_000
_MIN_SCALE, _MAX_SCALE = 0.3, 3.0
_FAINT = 0.13
_SMALLEST_SIDE = 24
_NEIGHBOURHOOD = 13


@dataclass(frozen=True, slots=True)
class PageInk:
    """The working page."""

    scale: float
    """Working pixels for one pixel of the page as given."""
    darkness: Darkness
    """(height, width), 0 for paper, towards 1 for ink; relative to the paper around."""
    masks: tuple[Mask, ...]
    """Ink as 0 and 1: what is dark on this page, then what is darker than its neighbourhood (thin faint lines)."""


def working_page(pixels: npt.NDArray[np.uint8], dpi: float | None) -> PageInk | None:
    """The page at working scale; None where it is too small or too even to hold a box.

    The scale comes from the letters on the page; where there are hardly any, from `dpi`; else it is kept.
    """
    grey = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    if min(grey.shape) < 8 or int(grey.max()) - int(grey.min()) < 20:
        return None
    scale = _working_scale(np.ascontiguousarray(grey), dpi)
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    if min(size) < _SMALLEST_SIDE:
        return None
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    darkness = relative_darkness(np.asarray(cv2.resize(grey, size, interpolation=how), dtype=np.uint8))
    dark = (darkness > ink_threshold(darkness)).astype(np.uint8)
    around = cv2.blur(darkness, (_NEIGHBOURHOOD, _NEIGHBOURHOOD))
    darker = ((darkness - around > 0.06) & (darkness > 0.1)).astype(np.uint8)
    return PageInk(scale, darkness, (dark, darker))


def relative_darkness(grey: npt.NDArray[np.uint8]) -> Darkness:
    """How much darker each pixel is than the paper around it, as a share of the paper's brightness."""
    height, width = grey.shape
    small = cv2.resize(grey, (max(1, width // 8), max(1, height // 8)), interpolation=cv2.INTER_AREA)
    paper = cv2.GaussianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), (5, 5), 0)
    around = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    dark = 1 - grey.astype(np.float32) / np.maximum(around, 48)
    return np.asarray(np.clip(dark, 0, 1), dtype=np.float32)


def ink_threshold(darkness: Darkness) -> float:
    """The darkness from which a pixel is ink: Otsu over all that is not plain paper, kept within 0.13 and 0.4."""
    sample = darkness[::2, ::2]
    inked = (sample[sample > 0.08] * 255).astype(np.uint8)
    if inked.size < 50:
        return 0.2
    level, _ = cv2.threshold(inked.reshape(-1, 1), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return float(np.clip(0.75 * level / 255, _FAINT, 0.4))


def _working_scale(grey: npt.NDArray[np.uint8], dpi: float | None) -> float:
    letters = _letter_height(grey)
    if letters is None:
        letters = _X_HEIGHT_MM / 25.4 * dpi if dpi else LETTER_HEIGHT
    scale = float(np.clip(LETTER_HEIGHT / letters, _MIN_SCALE, _MAX_SCALE))
    return min(scale, float(np.sqrt(_MAX_PIXELS / grey.size)))


def _letter_height(grey: npt.NDArray[np.uint8]) -> float | None:
    """The height of the small letters in pixels; None where fewer than 30 things look like letters."""
    shrink = min(1.0, float(np.sqrt(_MAX_PIXELS / grey.size)))
    if shrink < 1:
        grey = np.asarray(cv2.resize(grey, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    darkness = relative_darkness(grey)
    mask = (darkness > ink_threshold(darkness)).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    width, height, area = (stats[1:, k].astype(np.float64) for k in (2, 3, 4))
    if count < 2:
        return None
    like = (height >= 5) & (width >= 2) & (height < 90) & (width < 2.2 * height) & (height < 6 * width)
    like &= (area > 0.15 * width * height) & (area < 0.85 * width * height)
    heights = height[like]
    if heights.size < 30:
        return None
    return _mode(heights) / shrink


def _mode(heights: npt.NDArray[np.float64]) -> float:
    """The commonest height, by a kernel that widens with height, so that specks of many sizes do not win."""
    levels = np.arange(5, 90, dtype=np.float64)
    counts = np.array([np.sum(np.abs(heights - level) <= 0.12 * level + 0.5) for level in levels])
    return float(levels[int(np.argmax(counts))])
