"""Tells a field that nobody filled in from one with writing, whatever the form prints at its borders."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.ocr.field.field_view import darkness_of
from models.catalog.ocr.field.frames import without_frames
from models.catalog.ocr.field.ink_line import drawn_lines

Grey = npt.NDArray[np.uint8]

LEAST_ROWS = 8
SHARP_ROWS = 30
"""Height from which strokes may break into pieces a pixel apart; lower crops have letters as near as that."""
FAINTEST = 0.2
"""Darkness, as a share of the paper's brightness, below which nothing is ink: pencil is darker, tints are not."""
OVER_GRAIN = 5
"""Darkness of ink in standard deviations of the paper's noise: of 100,000 pixels none is that dark by chance."""
DUSTY = 0.002
"""Share of the crop's pixels that are specks from which on neighbours are not joined: they would make strokes."""
SMALLEST = 0.14
"""Longer side of the smallest thing that is writing, as a share of the crop's height; below is dust, dots, dashes of a
dotted rule."""
SMALLEST_BROKEN = 0.2
"""The same of what fell into pieces further apart: two grains of dust side by side are smaller."""
FLAT = 0.14
"""Height of what may be a piece of a rule, as a share of the crop's, if enough of it stands in a row."""
CUT_OFF = 0.3
"""Height up to which what touches the upper or lower border comes from the row beyond, as a share of the crop's."""
LABEL_ZONE, FOOT_ZONE = 0.3, 0.2
"""Upper and lower part of the crop in which labels stand and nobody writes without leaving them."""
SIDE_ZONE = 0.12
"""Distance from a side, as a share of the crop's height, up to which a thin upright line is the frame."""
THINNEST = 0.06
"""Width, as a share of the crop's height, of a wall or fold that passes through the crop from border to border."""
WIDE = 2
"""Width by height of a crop in which what passes from border to border is no letter."""
PALE, THROUGHOUT, EVEN = 0.5, 0.9, 0.5
"""Darkness, of that of ink, which folds keep throughout, the share of the rows that counts as all, and of their own
darkness what they keep there: a tall letter stops short of the border, where only grain goes on."""
OVER_GRAIN_ALL_ALONG = 3
"""As OVER_GRAIN, for what has to be dark in nearly all rows."""
SOFT = 0.12
"""Darkness down to which what has a pixel of ink is a stroke: pale thin ones are as dark as ink in places only."""
REACH, CROWDED = 0.02, 0.25
"""Half of the gap over which pieces of a broken stroke are joined, as a share of the crop's height, and how much of the
crop the surroundings of all pieces may fill: in a crowd neighbours tell nothing."""
THICKEST_WALL, AT_BORDER = 0.1, 0.15
"""Width of a comb's wall, and how near to the crop's foot it ends, as shares of the crop's height."""
ALIKE, LEAST_TICKS, LEAST_PITCH = 0.06, 3, 0.4
"""Ticks of a comb end at one height and are as tall, to this share of the height; so many at least, as far apart."""


def is_too_small(crop: Grey) -> bool:
    """Whether nobody could write there."""
    return bool(min(crop.shape) < LEAST_ROWS)


def is_blank(crop: Grey) -> bool:
    """Whether a grey crop of one field shows nothing but rules, frames, remnants of labels and of its neighbours, dust.

    A mark smaller than SMALLEST of the crop's height, such as a single full stop, counts as nothing.
    """
    if is_too_small(crop):
        return True
    rows, columns = crop.shape
    darkness = darkness_of(crop)
    grain = _grain(darkness)
    level = max(FAINTEST, OVER_GRAIN * grain)
    dark = np.asarray(darkness > level, dtype=np.uint8)
    drawn = drawn_lines(dark)
    mask = _strokes(darkness > max(SOFT, OVER_GRAIN * grain), dark & (1 - drawn), drawn)
    if columns >= WIDE * rows:
        mask[:, _passing(darkness, max(PALE * level, OVER_GRAIN_ALL_ALONG * grain))] = 0
    mask &= without_frames(dark)
    return not any(_has_writing(_pieces(mask, reach), smallest, rows, columns) for reach, smallest in _joins(mask))


def _has_writing(things: npt.NDArray[np.int32], smallest: float, rows: int, columns: int) -> bool:
    written = _written(things, smallest, rows, columns)
    return bool((written & ~_walls(things, rows) & ~_ticks(things, rows)).any())


def _joins(mask: Grey) -> list[tuple[int, float]]:
    """Over how many pixels pieces of ink are joined, and how large writing has to be then, in heights of the crop."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    specks = np.count_nonzero(stats[1:, 2:4].max(axis=1, initial=0) <= 2)
    if mask.shape[0] < SHARP_ROWS or specks > DUSTY * mask.size:
        return [(0, SMALLEST)]
    far = round(REACH * mask.shape[0])
    while far > 1 and (count - 1) * (4 * far + 1) ** 2 > CROWDED * mask.size:
        far -= 1
    return [(1, SMALLEST)] + ([(far, SMALLEST_BROKEN)] if far > 1 else [])


def _strokes(soft: npt.NDArray[np.bool_], ink: Grey, drawn: Grey) -> Grey:
    """The ink with what hangs on it and is somewhat paler; rules and their soft edges are none."""
    free = soft & (cv2.dilate(drawn, np.ones((3, 3), np.uint8)) == 0)
    _, labels = cv2.connectedComponents(free.astype(np.uint8) | ink, connectivity=8)
    inked = np.unique(labels[ink > 0])
    return np.asarray(np.isin(labels, inked[inked > 0]), dtype=np.uint8)


def _passing(darkness: npt.NDArray[np.float32], level: float) -> npt.NDArray[np.bool_]:
    """Which columns have a fold or a wall of the frame that passes from border to border, and those beside it."""
    along = cv2.dilate(darkness, np.ones((1, 3), np.uint8))
    least = np.maximum(level, EVEN * np.median(along, axis=0))
    passing = (along > least).mean(axis=0, keepdims=True) >= THROUGHOUT
    return np.asarray(cv2.dilate(passing.astype(np.uint8), np.ones((1, 3), np.uint8))[0] > 0)


def _pieces(mask: Grey, reach: int) -> npt.NDArray[np.int32]:
    """Left, top, width, height, area of connected pieces of ink; those up to twice `reach` pixels apart are one."""
    size = 2 * reach + 1
    margin = cv2.dilate(mask, np.ones((size, size), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(margin, connectivity=8)
    joined = np.array(stats[1:], dtype=np.int32)
    first = np.where(joined[:, :2] > 0, joined[:, :2] + reach, 0)
    end = joined[:, :2] + joined[:, 2:4]
    end = np.where(end < np.array(mask.shape[::-1]), end - reach, end)
    joined[:, :2], joined[:, 2:4] = first, np.maximum(end - first, 1)
    return joined


def _grain(darkness: npt.NDArray[np.float32]) -> float:
    """Standard deviation of the paper's noise, from neighbours: most pairs of them lie on paper."""
    return float(np.median(np.abs(np.diff(darkness, axis=1)))) / 0.954


def _written(things: npt.NDArray[np.int32], smallest: float, rows: int, columns: int) -> npt.NDArray[np.bool_]:
    """Which connected pieces of ink are writing."""
    left, top, width, height = (things[:, column] for column in range(4))
    right, bottom = left + width, top + height
    large = np.maximum(width, height) >= smallest * rows
    flat = (height <= FLAT * rows) & (width > 2 * height)
    rule = flat & (_width_in_line(top + height / 2, width * flat, FLAT * rows) > min(2 * rows, 0.5 * columns))
    cut_off = ((top <= 1) | (bottom >= rows - 1)) & (height < CUT_OFF * rows)
    beside = ((left <= 1) | (right >= columns - 1)) & (width < SIDE_ZONE * rows)
    near_side = (right <= SIDE_ZONE * rows + width) & (left <= SIDE_ZONE * rows)
    near_side |= left >= columns - SIDE_ZONE * rows - width
    whole = (top <= 2) & (bottom >= rows - 2) & (width <= FLAT * rows)
    thin = width <= np.maximum(3, THINNEST * rows)
    whole &= thin | (left <= 2 * SIDE_ZONE * rows) | (right >= columns - 2 * SIDE_ZONE * rows)
    frame = near_side & (width <= SIDE_ZONE * rows) & (height >= 0.6 * rows) & ((top <= 2) | (bottom >= rows - 2))
    outside = (bottom <= LABEL_ZONE * rows) | (top >= (1 - FOOT_ZONE) * rows)
    return np.asarray(large & ~rule & ~cut_off & ~beside & ~frame & ~whole & ~outside)


def _walls(things: npt.NDArray[np.int32], rows: int) -> npt.NDArray[np.bool_]:
    """Which pieces are the walls or ticks of a comb: several thin bars that stand on the foot or hang from the top."""
    top, width, height = (things[:, column] for column in (1, 2, 3))
    bar = (width <= np.maximum(4, THICKEST_WALL * rows)) & (height >= 2 * width)
    bar &= (top + height >= (1 - AT_BORDER) * rows) | (top <= AT_BORDER / 3 * rows)
    return np.asarray(bar if np.count_nonzero(bar) > 1 else np.zeros_like(bar))


def _ticks(things: npt.NDArray[np.int32], rows: int) -> npt.NDArray[np.bool_]:
    """Which pieces are a comb's ticks wherever its foot is: upright bars of one height, evenly apart."""
    left, top, width, height = (things[:, column] for column in range(4))
    middle, near = left + width / 2, max(2.0, ALIKE * rows)
    bars = np.flatnonzero((width <= np.maximum(4, THICKEST_WALL * rows)) & (height >= 1.5 * width))
    found = np.zeros(len(things), dtype=np.bool_)
    for bar in bars:
        alike = bars[
            (abs(top[bars] - top[bar]) <= near) & (abs(top[bars] + height[bars] - top[bar] - height[bar]) <= near)
        ]
        gaps = np.diff(np.sort(middle[alike]))
        pitch = float(gaps.min(initial=np.inf))
        if len(alike) < LEAST_TICKS or pitch < LEAST_PITCH * rows:
            continue
        steps = gaps / pitch
        if (abs(steps - np.round(steps)) <= 0.1 * np.round(steps)).all():
            found[alike] = True
    return found


def _width_in_line(
    middles: npt.NDArray[np.float64], widths: npt.NDArray[np.int32], reach: float
) -> npt.NDArray[np.float64]:
    """For each thing the width of all at its height together: noise breaks a faint rule into pieces."""
    order = np.argsort(middles)
    heights = middles[order]
    sums = np.concatenate([[0.0], np.cumsum(widths[order], dtype=np.float64)])
    first = np.searchsorted(heights, middles - reach, side="left")
    end = np.searchsorted(heights, middles + reach, side="right")
    return np.asarray(sums[end] - sums[first])
