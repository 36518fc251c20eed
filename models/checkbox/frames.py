"""Square frames: pairs of parallel strokes, then the ink along all four sides between them.

Strokes rather than outlines, since a tick across the border, a broken border or a touching label changes
the outline of a box but not its sides.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.checkbox.page_ink import Mask

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

SMALLEST, LARGEST = 15, 62
"""Side of a box in working pixels."""
_STROKE = 9
_MAX_STROKES = 12_000
_MAX_PARTNERS = 60
_MAX_PAIRS = 40_000
_SIDE_COVER, _MEAN_COVER = 0.68, 0.86
_ARM_COVER = 0.8


@dataclass(frozen=True, slots=True)
class Frames:
    """Candidate frames, one a row, in working pixels."""

    boxes: Floats
    """(n, 4): left, top, right, bottom, at the middle of the border."""
    scores: Floats
    """(n,): 0 to 1, how well the border is there and how empty it is just inside."""

    @staticmethod
    def none() -> Frames:
        """No candidate."""
        return Frames(np.zeros((0, 4)), np.zeros(0))


def find_frames(mask: Mask, sides: tuple[float, float] = (SMALLEST, LARGEST)) -> Frames:
    """All candidates in `mask` whose side is in the range `sides`, overlapping ones included."""
    upright = _from_upright_pairs(mask)
    lying = _from_upright_pairs(np.ascontiguousarray(mask.T))[:, [1, 0, 3, 2]]
    boxes = np.unique(np.concatenate([upright, lying, _from_outlines(mask)]), axis=0)
    lengths = (boxes[:, 2:] - boxes[:, :2]).mean(axis=1)
    boxes = boxes[(lengths >= sides[0]) & (lengths <= sides[1])]
    if not len(boxes):
        return Frames.none()
    return _score(mask, boxes)


def _from_outlines(mask: Mask) -> Ints:
    """The outlines of whatever stands alone and is square: a heavy cross hides the sides of its box as strokes."""
    rules = cv2.bitwise_or(
        cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, 2 * LARGEST), np.uint8)),
        cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2 * LARGEST, 1), np.uint8)),
    )
    _, _, stats, _ = cv2.connectedComponentsWithStats(cv2.subtract(mask, rules), connectivity=8)
    x, y, width, height = (stats[1:, k].astype(np.intp) for k in range(4))
    fits = (np.minimum(width, height) >= SMALLEST + 2) & (np.maximum(width, height) <= LARGEST + 2)
    fits &= (width < 1.34 * height) & (height < 1.34 * width)
    outlines = np.stack([x + 1, y + 1, x + width - 2, y + height - 2], axis=1)
    return np.asarray(outlines[fits][:_MAX_STROKES], dtype=np.intp)


def _from_upright_pairs(mask: Mask) -> Ints:
    """Boxes (left, top, right, bottom) between two upright strokes of like length beside one another."""
    strokes = _upright_strokes(mask)
    if len(strokes) < 2:
        return np.zeros((0, 4), np.intp)
    left, right = _pairs(strokes)
    if not len(left):
        return np.zeros((0, 4), np.intp)
    x0, x1 = strokes[left, 0], strokes[right, 0]
    across = _Along(cv2.dilate(mask, np.ones((3, 1), np.uint8)))
    top = np.minimum(strokes[left, 1], strokes[right, 1])
    bottom = np.maximum(strokes[left, 2], strokes[right, 2])
    y0 = _best_row(across, x0, x1, top, -1)
    y1 = _best_row(across, x0, x1, bottom, 1)
    boxes = np.stack([x0, y0, x1, y1], axis=1)
    sides = boxes[:, 2:] - boxes[:, :2]
    fits = (sides.min(axis=1) >= SMALLEST) & (sides.max(axis=1) <= LARGEST)
    fits &= (sides[:, 0] < 1.34 * sides[:, 1]) & (sides[:, 1] < 1.34 * sides[:, 0])
    return np.asarray(boxes[fits], dtype=np.intp)


def _upright_strokes(mask: Mask) -> Ints:
    """(n, 3): middle x, top and bottom of upright strokes a box side could be; the longest when there are too many."""
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 1), np.uint8))
    # Rules go first: the sides of boxes in rows above one another would join across them into one long stroke.
    rules = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, 2 * LARGEST), np.uint8))
    widened = cv2.dilate(cv2.subtract(joined, rules), np.ones((1, 2), np.uint8))
    strokes = cv2.morphologyEx(widened, cv2.MORPH_OPEN, np.ones((_STROKE, 1), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    x, y, width, height = (stats[1:, k].astype(np.intp) for k in range(4))
    keep = (height <= 1.4 * LARGEST) & (width <= 0.7 * height) & (width <= 14)
    found = np.stack([x + (width - 1) // 2, y, y + height - 1], axis=1)[keep]
    if len(found) > _MAX_STROKES:
        found = found[np.argsort(found[:, 1] - found[:, 2], kind="stable")[:_MAX_STROKES]]
    return np.asarray(found, dtype=np.intp)


def _pairs(strokes: Ints) -> tuple[Ints, Ints]:
    """Indices of strokes and their partners to the right at about their own length's distance."""
    x, top, bottom = strokes.T
    band = (top + bottom) // (2 * LARGEST)
    width = int(x.max()) + 2 * LARGEST
    order = np.argsort(band * width + x, kind="stable")
    keys = (band * width + x)[order]
    lefts: list[Ints] = []
    rights: list[Ints] = []
    for shift in (-1, 0, 1):
        start = np.searchsorted(keys, (band + shift) * width + x + SMALLEST)
        stop = np.searchsorted(keys, (band + shift) * width + x + LARGEST, side="right")
        count = np.minimum(stop - start, _MAX_PARTNERS)
        left = np.repeat(np.arange(len(x)), count)
        nth = np.arange(len(left)) - np.repeat(np.cumsum(count) - count, count)
        right = order[np.repeat(start, count) + nth]
        good = _match(x, top, bottom, left, right)
        lefts.append(left[good])
        rights.append(right[good])
    return np.concatenate(lefts)[:_MAX_PAIRS], np.concatenate(rights)[:_MAX_PAIRS]


def _match(x: Ints, top: Ints, bottom: Ints, left: Ints, right: Ints) -> npt.NDArray[np.bool_]:
    apart = x[right] - x[left]
    long_left, long_right = bottom[left] - top[left] + 1, bottom[right] - top[right] + 1
    meeting = np.minimum(bottom[left], bottom[right]) - np.maximum(top[left], top[right])
    shorter, longer = np.minimum(long_left, long_right), np.maximum(long_left, long_right)
    return np.asarray((shorter >= 0.5 * apart) & (longer <= 1.45 * apart) & (meeting >= 0.45 * apart))


def _best_row(across: _Along, x0: Ints, x1: Ints, near: Ints, outward: int) -> Ints:
    """For each pair the innermost row near `near` that is inked between the two strokes.

    Innermost, since the next row outward is often the rule of the table that the box stands in.
    """
    side = x1 - x0
    steps = np.linspace(-0.4, 0.3, 18) * outward
    rows = np.rint(near[:, None] + steps[None, :] * side[:, None]).astype(np.intp)
    inset = np.maximum(1, side // 8)[:, None]
    cover = across.cover(rows, x0[:, None] + inset, x1[:, None] - inset)
    enough = cover >= 0.93 * cover.max(axis=1, keepdims=True)
    return np.asarray(rows[np.arange(len(rows)), np.argmax(enough, axis=1)], dtype=np.intp)


class _Along:
    """Shares of ink along rows, from running sums."""

    def __init__(self, mask: Mask) -> None:
        self._sums = np.asarray(cv2.integral(mask))

    def cover(self, row: Ints, start: Ints, end: Ints) -> Floats:
        """Share of ink in `row` from `start` to `end`; nothing outside of the page is ink."""
        height, width = self._sums.shape[0] - 1, self._sums.shape[1] - 1
        inside = (row >= 0) & (row < height)
        row = np.clip(row, 0, height - 1)
        start, stop = np.clip(start, 0, width), np.clip(end, 0, width)
        inked = self._sums[row + 1, stop] - self._sums[row, stop] - self._sums[row + 1, start] + self._sums[row, start]
        return np.where(inside, inked / np.maximum(end - start, 1), 0.0)


def _score(mask: Mask, boxes: Ints) -> Frames:
    """Keep boxes with four sides that are emptier inside and do not run on into a table."""
    rows = _Along(cv2.dilate(mask, np.ones((3, 1), np.uint8)))
    columns = _Along(np.ascontiguousarray(cv2.dilate(mask, np.ones((1, 3), np.uint8)).T))
    plain_rows, plain_columns = _Along(mask), _Along(np.ascontiguousarray(mask.T))
    x0, y0, x1, y1 = boxes.T
    side = np.minimum(x1 - x0, y1 - y0)
    inset = np.maximum(1, side // 8)
    sides = np.stack(
        [
            rows.cover(y0, x0 + inset, x1 - inset),
            rows.cover(y1, x0 + inset, x1 - inset),
            columns.cover(x0, y0 + inset, y1 - inset),
            columns.cover(x1, y0 + inset, y1 - inset),
        ]
    )
    deep = np.maximum(3, np.rint(0.24 * side).astype(np.intp))
    inner = np.stack(
        [
            plain_rows.cover(y0 + deep, x0 + deep, x1 - deep),
            plain_rows.cover(y1 - deep, x0 + deep, x1 - deep),
            plain_columns.cover(x0 + deep, y0 + deep, y1 - deep),
            plain_columns.cover(x1 - deep, y0 + deep, y1 - deep),
        ]
    )
    keep = (sides.min(axis=0) >= _SIDE_COVER) & (sides.mean(axis=0) >= _MEAN_COVER)
    keep &= np.sort(inner, axis=0)[2] <= 0.85
    keep &= ~_runs_on(plain_rows, plain_columns, boxes, side)
    hollow = 1 - inner.mean(axis=0)
    score = sides.mean(axis=0) * 0.6 + sides.min(axis=0) * 0.2 + hollow * 0.2
    return Frames(boxes[keep].astype(np.float64), np.asarray(score[keep], dtype=np.float64))


def _runs_on(rows: _Along, columns: _Along, boxes: Ints, side: Ints) -> npt.NDArray[np.bool_]:
    """Whether a pair of parallel sides goes on beyond the corners, as in the cells of tables and combs."""
    x0, y0, x1, y1 = boxes.T
    near, far = np.maximum(3, side // 5), np.maximum(7, (6 * side) // 10)
    left = [_arm(rows, y, x0 - far, x0 - near) for y in (y0, y1)]
    right = [_arm(rows, y, x1 + near, x1 + far) for y in (y0, y1)]
    up = [_arm(columns, x, y0 - far, y0 - near) for x in (x0, x1)]
    down = [_arm(columns, x, y1 + near, y1 + far) for x in (x0, x1)]
    pairs = [arms[0] & arms[1] for arms in (left, right, up, down)]
    total = np.sum([arm for arms in (left, right, up, down) for arm in arms], axis=0)
    return np.asarray(np.any(pairs, axis=0) | (total >= 4))


def _arm(along: _Along, row: Ints, start: Ints, end: Ints) -> npt.NDArray[np.bool_]:
    """Whether a line runs from `start` to `end` in `row` or just beside it."""
    cover = np.max([along.cover(row + step, start, end) for step in (-1, 0, 1)], axis=0)
    return np.asarray(cover > _ARM_COVER)
