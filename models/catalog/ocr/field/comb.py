"""Splits a comb field into its cells."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.ocr.field.characters import INKED, Ink, ink_of

Grey = npt.NDArray[np.uint8]
Profile = npt.NDArray[np.float32]
"""A value for each column of the crop."""
Edges = npt.NDArray[np.float64]
"""(cells + 1,) columns at which cells end."""

LEAST_PITCH = 6
"""Narrower cells, in pixels, are not looked for."""
MARGIN = 0.06
"""Of a cell's width that is cut with it on both sides: strokes cross their borders."""
SEARCHED = 0.3
"""How far the first and last border are looked for from the sides of the crop, in widths of a cell."""
STEPS = 13
WALL = 0.25
"""Height of the shortest tick that parts two cells, as a share of the crop's."""
THICKEST = 7
"""Pixels of a wall; wider strokes are none."""
FAINTEST = 70.0
"""Ink of 255 from which a line counts fully as a wall: frames are often printed pale."""
CLEAR = 0.5
"""Mean strength from which walls are believed in; below, the borders run where least is written."""


def cells_of(crop: Grey, count: int) -> list[Grey]:
    """The `count` cells of a grey crop of one row of cells, from left to right, each a little wide.

    Borders are equally far apart. They are looked for where vertical lines stand, and where there are none (cells
    that only guides or a baseline mark) where the ink leaves room. A crop too narrow for its cells is cut evenly.
    """
    rows, columns = crop.shape
    if count <= 1:
        return [crop]
    narrow = columns < LEAST_PITCH * count or rows < LEAST_PITCH
    edges = np.linspace(0, columns, count + 1) if narrow else _edges(crop, count)
    margin = MARGIN * (edges[-1] - edges[0]) / count
    lefts = np.clip(np.round(edges[:-1] - margin), 0, columns - 1).astype(int)
    rights = np.clip(np.round(edges[1:] + margin), 1, columns).astype(int)
    return [crop[:, left : max(right, left + 1)] for left, right in zip(lefts, rights, strict=True)]


def _edges(crop: Grey, count: int) -> Edges:
    darkness = ink_of(crop)
    strength, edges = _best(_walls(darkness), count)
    if strength >= CLEAR:
        return edges
    ink = np.asarray(darkness > INKED, dtype=np.float32).mean(axis=0)
    return _best(-3 * ink, count)[1]


def _best(worth: Profile, count: int) -> tuple[float, Edges]:
    """The borders whose inner ones stand at the columns worth most, and how much they are worth on average."""
    columns = len(worth)
    offsets = np.linspace(0, SEARCHED, STEPS)
    starts, ends = (grid.ravel()[:, None] for grid in np.meshgrid(offsets, offsets))
    pitch = columns / count
    first, last = starts * pitch, columns - 1 - ends * pitch
    edges = first + (last - first) * (np.arange(count + 1) / count)
    values = worth[np.round(edges[:, 1:-1]).astype(int)].mean(axis=1)
    # Between equals, those that use the whole crop.
    chosen = int(np.argmax(values - (0.1 / SEARCHED) * (starts + ends)[:, 0]))
    return float(values[chosen]), edges[chosen]


def _walls(darkness: Ink) -> Profile:
    """How much of a wall each column holds, 0 to 1."""
    rows = darkness.shape[0]
    upright = cv2.morphologyEx(darkness, cv2.MORPH_OPEN, np.ones((max(3, round(WALL * rows)), 1), np.uint8))
    lines = cv2.morphologyEx(upright, cv2.MORPH_TOPHAT, np.ones((1, THICKEST), np.uint8))
    # Ticks stand on the ground line, so the lower half tells walls from the stems of letters best.
    strength = lines[rows // 2 :].max(axis=0, keepdims=True)
    return np.asarray(np.minimum(cv2.dilate(strength, np.ones((1, 3), np.uint8))[0] / FAINTEST, 1), dtype=np.float32)
