"""A page brought to the scale and contrast the box finder works at."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.ink import grey_of, ink_threshold, letter_height, relative_darkness

Mask = npt.NDArray[np.uint8]
Darkness = npt.NDArray[np.float32]

LETTER_HEIGHT = 12.0
"""Height in pixels of small letters (x-height) on the working page; boxes are 12 to 60 px there."""
_X_HEIGHT_MM = 1.7
_MAX_PIXELS = 3_200_000
_MIN_SCALE, _MAX_SCALE = 0.3, 3.0
_LETTERS = (5, 90)
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
    grey = grey_of(pixels)
    if min(grey.shape) < 8 or int(grey.max()) - int(grey.min()) < 20:
        return None
    scale = _working_scale(np.ascontiguousarray(grey), dpi)
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    if min(size) < _SMALLEST_SIDE:
        return None
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    darkness = relative_darkness(np.asarray(cv2.resize(grey, size, interpolation=how), dtype=np.uint8))
    dark = _dark(darkness)
    around = cv2.blur(darkness, (_NEIGHBOURHOOD, _NEIGHBOURHOOD))
    darker = ((darkness - around > 0.06) & (darkness > 0.1)).astype(np.uint8)
    return PageInk(scale, darkness, (dark, darker))


def _working_scale(grey: npt.NDArray[np.uint8], dpi: float | None) -> float:
    letters = _letter_height(grey)
    if letters is None:
        letters = _X_HEIGHT_MM / 25.4 * dpi if dpi else LETTER_HEIGHT
    scale = float(np.clip(LETTER_HEIGHT / letters, _MIN_SCALE, _MAX_SCALE))
    return min(scale, float(np.sqrt(_MAX_PIXELS / grey.size)))


def _letter_height(grey: npt.NDArray[np.uint8]) -> float | None:
    """The height of the small letters in pixels; None where fewer than 30 things look like letters."""
    shrink = 0.5 ** int(np.ceil(np.log2(max(1.0, grey.size / _MAX_PIXELS)) / 2))
    if shrink < 1:
        grey = np.asarray(cv2.resize(grey, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    height = letter_height(_dark(relative_darkness(grey)), *_LETTERS)
    return None if height is None else height / shrink


def _dark(darkness: Darkness) -> Mask:
    level = ink_threshold(darkness, paper=0.08, share=0.75, limits=(0.13, 0.4), usual=0.2)
    return (darkness > level).astype(np.uint8)
