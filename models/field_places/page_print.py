"""What is printed on a blank page, apart: lines across, lines down, solid bars, and all the rest, which is letters."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.ink import relative_darkness

Mask = npt.NDArray[np.uint8]
Grey = npt.NDArray[np.uint8]

DPI = 200
"""Of pages as they are looked at here."""
POINT = DPI / 72
"""Pixels."""
_INK = 0.2
"""Darkness of letters and lines."""
_FAINT, _DARKER, _NEAR = 0.08, 0.05, 6.0
"""Pale lines: as dark at least, and darker than what is around them, so many points far."""
_PAPER_REACH = 11
_LEAST_ACROSS, _LEAST_DOWN = 14.0, 9.0
"""Points; strokes of letters are shorter."""
_SOLID = 3.5
"""Points; no line is so thick."""
_DOT_HEIGHT, _DOT_WIDTH, _DOT_GAP, _LEAST_DOTTED = 2.0, 6.0, 3.6, 24.0
"""Points, of lines that are dotted or dashed."""
_SPECK = 4
"""Pixels in one piece."""


@dataclass(frozen=True, slots=True)
class PagePrint:
    """Masks of one size, 1 where something is."""

    across: Mask
    down: Mask
    solid: Mask
    letters: Mask
    dotted: Mask
    """Those lines across that are rows of dots or dashes."""
    shade: npt.NDArray[np.float32]
    """How much darker than the page's paper each pixel is, 0 to 1: tints too."""


def page_print(grey: Grey) -> PagePrint:
    """Of a grey page of DPI."""
    darkness = relative_darkness(grey, _PAPER_REACH)
    ink = (darkness > _INK).astype(np.uint8)
    near = pixels(_NEAR)
    drawn = ink | ((darkness > _FAINT) & (darkness - cv2.blur(darkness, (near, near)) > _DARKER)).astype(np.uint8)
    thick = pixels(_SOLID)
    across = cv2.morphologyEx(drawn, cv2.MORPH_OPEN, np.ones((1, pixels(_LEAST_ACROSS)), np.uint8))
    down = cv2.morphologyEx(drawn, cv2.MORPH_OPEN, np.ones((pixels(_LEAST_DOWN), 1), np.uint8))
    # What is long in one direction and thick in the other is a bar or a tint.
    solid = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((thick, thick), np.uint8))
    solid |= cv2.morphologyEx(across, cv2.MORPH_OPEN, np.ones((thick, 1), np.uint8))
    across, down = across & (1 - solid), down & (1 - solid)
    dotted = _dotted(ink & (1 - across) & (1 - down))
    across |= dotted
    lines = cv2.dilate(across, np.ones((3, 1), np.uint8)) | cv2.dilate(down, np.ones((1, 3), np.uint8))
    letters = _without_specks(ink & (1 - lines) & (1 - cv2.dilate(solid, np.ones((5, 5), np.uint8))))
    paper = max(float(np.percentile(grey, 80)), 1.0)
    shade = np.asarray(np.clip(1 - grey.astype(np.float32) / paper, 0, 1), dtype=np.float32)
    return PagePrint(_mask(across), _mask(down), _mask(solid), letters, _mask(dotted), shade)


def _mask(found: npt.NDArray[np.generic]) -> Mask:
    return np.asarray(found, dtype=np.uint8)


def pixels(points: float) -> int:
    """At least one."""
    return max(1, round(points * POINT))


def _dotted(ink: Mask) -> Mask:
    """Rows of dots or dashes that are dense enough to be a line to write on, filled to lines."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    height, width = stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_WIDTH]
    small = (height <= pixels(_DOT_HEIGHT)) & (width <= pixels(_DOT_WIDTH))
    small[0] = False
    if count < 2 or not small.any():
        return np.zeros_like(ink)
    dots = small[labels].astype(np.uint8)
    joined = cv2.morphologyEx(dots, cv2.MORPH_CLOSE, np.ones((1, pixels(_DOT_GAP)), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    long = (stats[:, cv2.CC_STAT_WIDTH] >= pixels(_LEAST_DOTTED)) & (
        stats[:, cv2.CC_STAT_HEIGHT] <= 1.5 * pixels(_DOT_HEIGHT)
    )
    long[0] = False
    return np.asarray(long[labels], dtype=np.uint8)


def _without_specks(mask: Mask) -> Mask:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    kept = stats[:, cv2.CC_STAT_AREA] > _SPECK
    kept[0] = False
    return np.asarray(kept[labels], dtype=np.uint8)
