"""Boxes blacked out so that no border shows, where the page has other boxes of that size in the same row or column."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from models.checkbox.page_ink import Mask
from models.checkbox.selection import Found

_MOST = 200
_CONFIDENCE = 0.75


def find_solids(mask: Mask, known: Sequence[Found]) -> list[Found]:
    """Black squares like, and in line with, at least two of the `known` boxes."""
    sides = np.array([box.side for box in known])
    if len(sides) < 2:
        return []
    core = max(5, round(0.3 * float(np.median(sides))))
    solid = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((core, core), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    found: list[Found] = []
    for x, y, width, height, area in stats[1 : min(count, 5_000)]:
        side = (width + height) / 2
        if not 0.8 < width / height < 1.25 or area < 0.6 * width * height or len(found) >= _MOST:
            continue
        if abs(float(np.median(sides)) - side) > 0.3 * side:
            continue
        box = Found(x, y, x + width - 1, y + height - 1, _CONFIDENCE, solid=True)
        if sum(_in_line(box, other) for other in known) >= 2:
            found.append(box)
    return found


def _in_line(one: Found, other: Found) -> bool:
    alike = abs(one.side - other.side) <= 0.25 * other.side
    row = abs(one.top + one.bottom - other.top - other.bottom) <= 0.6 * other.side
    column = abs(one.left + one.right - other.left - other.right) <= 0.6 * other.side
    return alike and (row or column)
