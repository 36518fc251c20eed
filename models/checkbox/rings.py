"""Round radio buttons: thin rings that stand alone and come in groups of one size."""

from __future__ import annotations

import cv2
import numpy as np

from models.checkbox.page_ink import Mask
from models.checkbox.selection import Found

_SMALLEST, _LARGEST = 13, 56
_MOST_HOLES = 20_000
_MOST_RINGS = 400
_LIKE_SIZE = 0.1
_CLEAR_LEFT, _CLEAR_RIGHT = 0.4, 0.22


def find_rings(mask: Mask, least: float) -> list[Found]:
    """Rings of confidence `least` and above. A lone ring is never sure: it may be a letter or a bullet."""
    contours, hierarchy = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    if hierarchy is None:
        return []
    rings: list[tuple[int, int, int, int, float]] = []
    holes = np.flatnonzero(hierarchy[0, :, 3] >= 0)[:_MOST_HOLES]
    for hole in holes:
        ring = _ring(contours[hole], contours[hierarchy[0, hole, 3]], mask)
        if ring is not None:
            rings.append(ring)
    rings = rings[:_MOST_RINGS]
    sizes = np.array([(ring[2] - ring[0] + ring[3] - ring[1]) / 2 for ring in rings])
    found: list[Found] = []
    for ring, size in zip(rings, sizes, strict=True):
        alike = int(np.sum(np.abs(sizes - size) <= _LIKE_SIZE * size)) - 1
        confidence = min(0.95, 0.35 + 0.2 * min(alike, 3)) * ring[4]
        if confidence >= least:
            left, top, right, bottom, _ = ring
            found.append(Found(left, top, right, bottom, confidence, radio=True))
    return found


def _ring(hole: Mask, outer: Mask, mask: Mask) -> tuple[int, int, int, int, float] | None:
    """Left, top, right, bottom at the middle of the ring, and how round it is; None if it is none."""
    if len(hole) < 2 * _SMALLEST or len(outer) < 3 * _SMALLEST:
        return None
    x, y, width, height = cv2.boundingRect(hole)
    outer_x, outer_y, outer_width, outer_height = cv2.boundingRect(outer)
    size = (width + height + outer_width + outer_height) / 4
    if not _SMALLEST <= size <= _LARGEST or not 0.87 < outer_width / outer_height < 1.15:
        return None
    if (outer_width - width) > 0.42 * size or (outer_height - height) > 0.42 * size:
        return None
    ellipse = np.pi / 4
    # A contour runs through pixel centres, so a disc of n pixels across has the area of one of n - 1.
    inner_round = cv2.contourArea(hole) / max(1.0, ellipse * (width - 1) * (height - 1))
    outer_round = cv2.contourArea(outer) / max(1.0, ellipse * (outer_width - 1) * (outer_height - 1))
    off_round = max(abs(inner_round - 1), abs(outer_round - 1))
    if off_round > 0.085 or not _is_clear(mask, outer_x, outer_y, outer_width, outer_height):
        return None
    left, top = (x + outer_x) // 2, (y + outer_y) // 2
    right, bottom = (x + width + outer_x + outer_width) // 2, (y + height + outer_y + outer_height) // 2
    return left, top, right, bottom, 1 - 3 * max(0.0, off_round - 0.03)


def _is_clear(mask: Mask, x: int, y: int, width: int, height: int) -> bool:
    """Whether nothing is beside the ring, as there would be in a word."""
    rows = slice(y, y + height)
    left = mask[rows, max(0, x - round(_CLEAR_LEFT * width)) : max(0, x - 1)]
    right = mask[rows, x + width + 1 : x + width + round(_CLEAR_RIGHT * width)]
    return not left.any() and not right.any()
