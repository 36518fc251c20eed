"""The ink of a page without its rules, and the height of its letters as the unit of size."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.ink import ink_threshold, letter_height, relative_darkness

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
    darkness = relative_darkness(grey, reach=7)
    level = ink_threshold(darkness, paper=0.1, share=0.7, limits=(0.16, 0.35), usual=0.25)
    ink = (darkness > level).astype(np.uint8)
    usual = 1.7 / 25.4 * dpi * scale if dpi else _USUAL_UNIT
    unit = letter_height(ink, 4, 60) or float(np.clip(usual, 5, 30))
    rules = _rules(ink, max(20, round(_RULE * unit)))
    mask = cv2.morphologyEx(cv2.subtract(ink, rules), cv2.MORPH_CLOSE, np.ones((3, 1), np.uint8))
    return PageInk(scale, grey, np.asarray(mask), rules, unit)


def _rules(ink: Mask, length: int) -> Mask:
    lying = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    standing = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    return np.asarray(cv2.bitwise_or(lying, standing))
