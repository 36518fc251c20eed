"""The ink of a page without its rules, and the height of its letters as the unit of size."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.uint8]

_LONGEST = 1600
_USUAL_UNIT = 11.0
_RULE = 7.0
"""Shortest ruled line, in units."""


@dataclass(frozen=True, slots=True)
class PageInk:
    """A page at working scale."""

    scale: float
    """Working pixels for one pixel of the page as given."""
    grey: Mask
    mask: Mask
    """1 where ink is, ruled lines left out."""
    rules: Mask
    """1 where ruled lines are."""
    unit: float
    """Height of small letters in working pixels."""


def working_page(pixels: npt.NDArray[np.uint8], dpi: float | None) -> PageInk | None:
    """The page at working scale; None where it is too small or too even to hold writing."""
    grey = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    if min(grey.shape) < 24 or int(grey.max()) - int(grey.min()) < 20:
        return None
    scale = min(1.0, _LONGEST / max(grey.shape))
    size = (max(8, round(grey.shape[1] * scale)), max(8, round(grey.shape[0] * scale)))
    grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    darkness = _relative_darkness(grey)
    ink = (darkness > _ink_threshold(darkness)).astype(np.uint8)
    usual = 1.7 / 25.4 * dpi * scale if dpi else _USUAL_UNIT
    unit = _letter_height(ink) or float(np.clip(usual, 5, 30))
    rules = _rules(ink, max(20, round(_RULE * unit)))
    mask = cv2.morphologyEx(cv2.subtract(ink, rules), cv2.MORPH_CLOSE, np.ones((3, 1), np.uint8))
    return PageInk(scale, grey, np.asarray(mask), rules, unit)


def _relative_darkness(grey: Mask) -> npt.NDArray[np.float32]:
    """How much darker each pixel is than the paper around it, as a share of the paper's brightness."""
    height, width = grey.shape
    small = cv2.resize(grey, (max(1, width // 8), max(1, height // 8)), interpolation=cv2.INTER_AREA)
    paper = cv2.GaussianBlur(cv2.dilate(small, np.ones((7, 7), np.uint8)), (5, 5), 0)
    around = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    return np.asarray(np.clip(1 - grey.astype(np.float32) / np.maximum(around, 48), 0, 1), dtype=np.float32)


def _ink_threshold(darkness: npt.NDArray[np.float32]) -> float:
    sample = darkness[::2, ::2]
    inked = (sample[sample > 0.1] * 255).astype(np.uint8)
    if inked.size < 50:
        return 0.25
    level, _ = cv2.threshold(inked.reshape(-1, 1), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return float(np.clip(0.7 * level / 255, 0.16, 0.35))


def _letter_height(ink: Mask) -> float | None:
    """The commonest height of things that look like letters; None where there are fewer than 30."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    width, height, area = (stats[1:, k].astype(np.float64) for k in (2, 3, 4))
    like = (height >= 4) & (width >= 2) & (height < 60) & (width < 2.2 * height) & (height < 6 * width)
    like &= (area > 0.15 * width * height) & (area < 0.85 * width * height)
    heights = height[like]
    if heights.size < 30:
        return None
    levels = np.arange(4, 60, dtype=np.float64)
    counts = [np.sum(np.abs(heights - level) <= 0.12 * level + 0.5) for level in levels]
    return float(levels[int(np.argmax(counts))])


def _rules(ink: Mask, length: int) -> Mask:
    lying = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    standing = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    return np.asarray(cv2.bitwise_or(lying, standing))
