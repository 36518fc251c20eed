"""Light that has washed the ink out: around a spot of it, ink fades step by step from full to nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.page_quality.frame import Frame, Grey
from schemas.prediction import Quad

_CELL_LETTERS = 1.7
"""Side of a cell in letters' heights: enough for a stroke in each."""
_REACH = 1.5
"""Cells over which the neighbours' ink is averaged."""
_FAINT = 0.65
"""Of the page's usual depth of ink: neighbourhoods below it are faint."""
_STEPS = (0.06, 0.22, 0.42, 0.75)
"""Bounds of the three steps of fading, as shares of the usual depth."""
_SMOOTH = 0.12
"""Of the usual depth: light fades ink so evenly that neighbouring cells differ by no more; pen strokes differ more."""
_BRIGHT = 240
_FEW_CELLS = 8


@dataclass(frozen=True, slots=True)
class Glare:
    """How much of the page's ink lies in the fading rim of light."""

    share: float
    """Of the cells with ink, those that fade, as far as they fade in more than one step and evenly: print that is
    merely pale is of one step, and thin strokes of a pen differ from cell to cell."""
    quad: Quad | None
    """Around the fading cells, in pixels of the page."""


def glare_of(frame: Frame, depth: Grey, contrast: float, letter_height: float | None, grain: float) -> Glare:
    """The fading ink of a page whose ink is usually `contrast` levels darker than its paper."""
    letter = max(4.0, (letter_height or 8.0 * frame.scale) / frame.scale)
    cell = min(max(8, round(_CELL_LETTERS * letter)), *depth.shape)
    ink = _ink_in_cells(depth, cell) / contrast
    inked = ink > max(_STEPS[0], 3 * grain / contrast / frame.scale)
    if np.count_nonzero(inked) < _FEW_CELLS:
        return Glare(0.0, None)
    bright = inked & _bright(frame, ink.shape)
    fading = bright & (_around(np.minimum(ink, 1.2), inked) < _FAINT) & (ink < _STEPS[3])
    first, second, third = (
        int(np.count_nonzero(fading & (ink < high) & (ink >= low))) for low, high in pairwise(_STEPS)
    )
    share = 2 * min(first + second, second + third, first + third) / int(np.count_nonzero(inked))
    evenness = min(1.0, _SMOOTH / max(_roughness(np.minimum(ink, 1.0), inked, bright), 1e-6)) ** 2
    return Glare(min(1.0, share) * evenness, _quad_of(fading, cell * frame.scale))


def _ink_in_cells(depth: Grey, cell: int) -> npt.NDArray[np.float32]:
    """The depth that the darkest 3 % of each cell's pixels reach."""
    rows, columns = depth.shape[0] // cell, depth.shape[1] // cell
    whole = depth[: rows * cell, : columns * cell].reshape(rows, cell, columns, cell)
    pixels = whole.transpose(0, 2, 1, 3).reshape(rows, columns, cell * cell)
    place = math.floor(0.97 * (cell * cell - 1))
    return np.asarray(np.partition(pixels, place, axis=2)[:, :, place], dtype=np.float32)


def _around(ink: npt.NDArray[np.float32], inked: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """Mean ink of the inked cells around each."""
    weight = inked.astype(np.float32)
    total = cv2.GaussianBlur(ink * weight, (0, 0), _REACH)
    return np.asarray(total / np.maximum(cv2.GaussianBlur(weight, (0, 0), _REACH), 1e-3), dtype=np.float32)


def _roughness(ink: npt.NDArray[np.float32], inked: npt.NDArray[np.bool_], chosen: npt.NDArray[np.bool_]) -> float:
    """How much a faint cell usually differs from the mean of its inked neighbours."""
    ring = np.ones((3, 3), np.float32)
    ring[1, 1] = 0
    weight = inked.astype(np.float32)
    neighbours = cv2.filter2D(weight, -1, ring)
    mean = cv2.filter2D(ink * weight, -1, ring) / np.maximum(neighbours, 1)
    faint = chosen & (neighbours >= 2) & (ink < _STEPS[3])
    return float(np.median(np.abs(ink - mean)[faint])) if faint.any() else 0.0


def _bright(frame: Frame, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Cells with paper as bright as light makes it; pale print in the shade is not washed out."""
    paper = cv2.resize(frame.paper, (shape[1], shape[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(paper >= max(_BRIGHT, 0.98 * float(np.median(paper))))


def _quad_of(fading: npt.NDArray[np.bool_], side: int) -> Quad | None:
    rows, columns = np.nonzero(fading)
    if not rows.size:
        return None
    left, right = float(columns.min() * side), float((columns.max() + 1) * side)
    top, bottom = float(rows.min() * side), float((rows.max() + 1) * side)
    return (left, top, right, top, right, bottom, left, bottom)
