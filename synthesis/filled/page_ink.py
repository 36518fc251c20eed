"""Ink on one place of a page: the rest of the page is not touched, so that a full page takes little time."""

from __future__ import annotations

import cv2
import numpy as np

from synthesis.ink.crop_ink import Cover
from synthesis.sheet import Pixels

Colour = tuple[int, int, int]
"""Blue, green, red."""


def lay_ink(page: Pixels, cover: Cover, place: tuple[float, float], colour: Colour, strength: float) -> None:
    """Puts ink on `page` (blue-green-red) in place, its upper left corner at `place`; cut at the page's edges."""
    left, top = round(place[0]), round(place[1])
    rows, columns = page.shape[:2]
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(columns, left + cover.shape[1]), min(rows, top + cover.shape[0])
    if x1 <= x0 or y1 <= y0:
        return
    part = page[y0:y1, x0:x1].astype(np.float32)
    share = (cover[y0 - top : y1 - top, x0 - left : x1 - left] * np.float32(strength))[:, :, None]
    inked = part * (1 - share) + np.minimum(part, np.array(colour, dtype=np.float32)) * share
    page[y0:y1, x0:x1] = np.clip(np.rint(inked), 0, 255).astype(np.uint8)


def pressed(cover: Cover, random: np.random.Generator) -> Cover:
    """The ink of a pen, whose pressure varies slowly along the line."""
    rows, columns = cover.shape
    coarse = random.uniform(0.72, 1.05, (rows // 24 + 2, columns // 24 + 2)).astype(np.float32)
    pressure = cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(cover * pressure, 0, 1), dtype=np.float32)
