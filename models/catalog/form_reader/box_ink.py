"""How much new ink is in a box to mark, up to the very lines that are printed there."""

from __future__ import annotations

import cv2
import numpy as np

from models.catalog.form_reader.laid_page import LaidPage
from models.catalog.form_reader.strokes import PixelBox

_SPREAD = 1
"""Pixels around print that are taken for it: small boxes have no room for the caution that text can afford, and as
much is new in a box as is new in its middle."""
_LEAST_FREE = 0.02


def new_ink(page: LaidPage, box: PixelBox) -> float:
    """Of a box, as far as nothing is printed in it, the share that is ink; near 0 where print leaves nothing free."""
    left, top, right, bottom = box
    beyond = slice(max(0, top - _SPREAD), bottom + _SPREAD), slice(max(0, left - _SPREAD), right + _SPREAD)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _SPREAD + 1, 2 * _SPREAD + 1))
    near = cv2.dilate(page.printed[beyond], disc)
    near = near[top - beyond[0].start :, left - beyond[1].start :][: bottom - top, : right - left]
    free = near == 0
    if not free.size:
        return 0.0
    inked = np.count_nonzero(free & (page.darkness[top:bottom, left:right] > page.level))
    return float(inked / max(np.count_nonzero(free), _LEAST_FREE * free.size))
