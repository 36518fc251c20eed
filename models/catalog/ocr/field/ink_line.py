"""Makes crops of handwriting alike before they are read: rules and frames taken out, cut to the ink, one height."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from models.ink import ink_threshold, relative_darkness

Grey = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.uint8]

HEIGHT = 48
"""Rows of a line as the networks read it."""
MARGIN = 0.16
"""Paper left above and below the ink, as a share of the ink's height."""
WIDEST = 1280
"""Columns; what is longer is squeezed."""
_WORKING_ROWS = 96
_REACH = 11
"""How far paper is looked for, in steps of 8 pixels: about a crop's height."""
_FLATTEST = 0.3
"""Height kept at least, as a share of the crop's: a dash must not become a bar."""


def ink_line(crop: Grey) -> Grey | None:
    """A (HEIGHT, width) grey line, ink 0 and paper 255, of a (h, w) grey crop of one line; None without ink."""
    if min(crop.shape) < 4:
        return None
    if crop.shape[0] > _WORKING_ROWS:
        size = (max(1, round(crop.shape[1] * _WORKING_ROWS / crop.shape[0])), _WORKING_ROWS)
        crop = np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    darkness = relative_darkness(crop, _REACH)
    level = ink_threshold(darkness, 0.12, 0.7, (0.15, 0.5), 0.3)
    mask = (darkness > level).astype(np.uint8)
    drawn = drawn_lines(mask)
    mask, drawn = _without_specks(cv2.bitwise_and(mask, 1 - drawn), drawn)
    points = cv2.findNonZero(mask)
    if points is None:
        return None
    left, top, width, height = cv2.boundingRect(points)
    darkness[drawn > 0] = 0
    strength = darkness / max(float(np.percentile(darkness[mask > 0], 80)), level)
    grey = np.asarray(255 - np.clip(strength, 0, 1) * 255, dtype=np.uint8)
    return _fitted(grey, (left, top, width, height), crop.shape[0])


def drawn_lines(mask: Mask) -> Mask:
    """Where rules and frames are, 1 there; pixels of strokes that cross them are left out."""
    rows, columns = mask.shape
    # A scan is straight to a degree or so: over this length a rule stays within its own thickness.
    across = _long_runs(mask, max(16, min(round(0.9 * rows), round(0.6 * columns))), 0.45)
    down = _long_runs(np.ascontiguousarray(mask.T), round(0.5 * rows), 0.55).T
    down = _near_sides(np.ascontiguousarray(down), round(0.12 * rows))
    crossing = _crossed(mask, across) | _crossed(np.ascontiguousarray(mask.T), np.ascontiguousarray(down.T)).T
    return np.asarray((across | down) & ~crossing & 1, dtype=np.uint8)


def _long_runs(mask: Mask, length: int, span: float) -> Mask:
    """Thin horizontal runs of at least `length` that together span at least `span` of the width."""
    runs = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    joined = cv2.dilate(runs, np.ones((3, 9), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    keep = np.zeros(count, dtype=np.uint8)
    for number in range(1, count):
        _, _, width, height, _ = stats[number]
        keep[number] = width >= span * mask.shape[1] and height <= 4 + 0.15 * mask.shape[0] + 0.03 * width
    chosen = keep[labels]
    # The soft edge of a rule is darker than paper too.
    return np.asarray(cv2.dilate(runs & chosen, np.ones((3, 3), np.uint8)) & chosen, dtype=np.uint8)


def _near_sides(down: Mask, reach: int) -> Mask:
    down[:, reach : max(reach, down.shape[1] - reach)] = 0
    return down


def _crossed(mask: Mask, across: Mask) -> Mask:
    """Where a stroke comes from above a rule and goes on below it."""
    if not across.any():
        return np.zeros_like(mask)
    rest = mask & (1 - across)
    thick = int(across.sum(axis=0).max()) + 2
    closed = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones((min(thick, 12), 1), np.uint8))
    return np.asarray(closed & across, dtype=np.uint8)


def _without_specks(mask: Mask, drawn: Mask) -> tuple[Mask, Mask]:
    """The ink without dust, and `drawn` with what little of a neighbour or a frame stands at the border of the crop."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count < 2:
        return mask, drawn
    rows, columns = mask.shape
    left, top, width, height, area = (stats[:, column] for column in range(5))
    at_border = (left <= 1) | (top <= 1) | (left + width >= columns - 1) | (top + height >= rows - 1)
    largest = float(area[1:].max())
    remnant = at_border & (area < 0.12 * largest) & ((height < 0.16 * rows) | (width < 0.05 * rows))
    keep = (area >= max(3, 0.02 * largest)) & ~remnant
    keep[0] = remnant[0] = False
    grown = cv2.dilate(remnant[labels].astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.asarray(keep[labels], dtype=np.uint8), np.asarray(drawn | (grown & ~keep[labels]), dtype=np.uint8)


def _fitted(grey: Grey, box: tuple[int, int, int, int], crop_rows: int) -> Grey:
    left, top, width, height = box
    tall = max(height, round(_FLATTEST * crop_rows), 8)
    margin = max(1, round(MARGIN * tall))
    middle = top + height / 2
    first, last = round(middle - tall / 2) - margin, round(middle + tall / 2) + margin
    start, end = left - margin, left + width + margin
    pads = (max(0, -first), max(0, last - grey.shape[0]), max(0, -start), max(0, end - grey.shape[1]))
    whole = cv2.copyMakeBorder(grey, *pads, cv2.BORDER_CONSTANT, value=(255,))
    part = whole[first + pads[0] : last + pads[0], start + pads[2] : end + pads[2]]
    scale = HEIGHT / part.shape[0]
    size = (min(WIDEST, max(8, round(part.shape[1] * scale))), HEIGHT)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(part, size, interpolation=method), dtype=np.uint8)
