"""Tells a field that nobody filled in from one with writing, whatever the form prints at its borders."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.ocr.field.ink_line import drawn_lines
from models.ink import ink_threshold, relative_darkness

Grey = npt.NDArray[np.uint8]

LEAST_ROWS = 8
_REACH = 11
FAINTEST = 0.14
"""Darkness, as a share of the paper's brightness, below which nothing is ink."""
SMALLEST = 0.14
"""Longer side of the smallest thing that is writing, as a share of the crop's height; below is dust, dots, dashes of a
dotted rule."""
FLAT = 0.14
"""Height of what may be a piece of a rule, as a share of the crop's, if enough of it stands in a row."""
CUT_OFF = 0.3
"""Height up to which what touches the upper or lower border comes from the row beyond, as a share of the crop's."""
LABEL_ZONE, FOOT_ZONE = 0.3, 0.2
"""Upper and lower part of the crop in which labels stand and nobody writes without leaving them."""
SIDE_ZONE = 0.12
"""Distance from a side, as a share of the crop's height, up to which a thin upright line is the frame."""


def is_blank(crop: Grey) -> bool:
    """Whether a grey crop of one field shows nothing but rules, frames, remnants of labels and of its neighbours, dust.

    A mark smaller than SMALLEST of the crop's height, such as a single full stop, counts as nothing.
    """
    rows, columns = crop.shape
    if rows < LEAST_ROWS or columns < LEAST_ROWS:
        return True
    # Specks of a bilevel scan are single pixels; strokes are not, where the crop is large enough to be read.
    smooth = cv2.medianBlur(crop, 3) if rows >= 30 else crop
    darkness = relative_darkness(np.asarray(smooth, dtype=np.uint8), _REACH)
    level = max(ink_threshold(darkness, 0.12, 0.7, (0.15, 0.5), 0.3), FAINTEST, 3 * _grain(darkness))
    mask = np.asarray(darkness > level, dtype=np.uint8)
    mask &= 1 - drawn_lines(mask)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    return not _written(stats[1:], rows, columns).any()


def _grain(darkness: npt.NDArray[np.float32]) -> float:
    """Standard deviation of the paper's noise, from neighbours: most pairs of them lie on paper."""
    return float(np.median(np.abs(np.diff(darkness, axis=1)))) / 0.954


def _written(things: npt.NDArray[np.int32], rows: int, columns: int) -> npt.NDArray[np.bool_]:
    """Which connected pieces of ink are writing."""
    left, top, width, height = (things[:, column] for column in range(4))
    right, bottom = left + width, top + height
    large = np.maximum(width, height) >= SMALLEST * rows
    flat = (height <= FLAT * rows) & (width > 2 * height)
    rule = flat & (_width_in_line(top + height / 2, width * flat, FLAT * rows) > min(2 * rows, 0.5 * columns))
    cut_off = ((top <= 1) | (bottom >= rows - 1)) & (height < CUT_OFF * rows)
    beside = ((left <= 1) | (right >= columns - 1)) & (width < SIDE_ZONE * rows)
    near_side = (right <= SIDE_ZONE * rows + width) & (left <= SIDE_ZONE * rows)
    near_side |= left >= columns - SIDE_ZONE * rows - width
    whole = (top <= 2) & (bottom >= rows - 2) & (width <= FLAT * rows)
    whole &= (left <= 2 * SIDE_ZONE * rows) | (right >= columns - 2 * SIDE_ZONE * rows)
    frame = near_side & (width <= SIDE_ZONE * rows) & (height >= 0.6 * rows) & ((top <= 2) | (bottom >= rows - 2))
    outside = (bottom <= LABEL_ZONE * rows) | (top >= (1 - FOOT_ZONE) * rows)
    return np.asarray(large & ~rule & ~cut_off & ~beside & ~frame & ~whole & ~outside)


def _width_in_line(
    middles: npt.NDArray[np.float64], widths: npt.NDArray[np.int32], reach: float
) -> npt.NDArray[np.float64]:
    """For each thing the width of all at its height together: noise breaks a faint rule into pieces."""
    together = np.abs(middles[:, None] - middles) <= reach
    return np.asarray(together @ widths.astype(np.float64))
