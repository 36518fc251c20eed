"""Square frames: pairs of parallel strokes, then the ink along all four sides between them.

Strokes rather than outlines, since a tick across the border, a broken border or a touching label changes
the outline of a box but not its sides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.packed_rows import Rows, bridged, opened, packed, turned, unpacked, widened
from models.catalog.checkbox.page_ink import Mask
from models.ink_sums import Floats, InkSums, Ints, PageSums

Cover = Callable[[Ints, Ints, Ints], Floats]

SMALLEST, LARGEST = 15, 62
"""Side of a box in working pixels."""
_ASPECT = 1.34
_STROKE = 9
_MAX_STROKES = 12_000
_MAX_OUTLINES = 60_000
_MAX_PARTNERS = 60
_MAX_PAIRS = 40_000
_SIDE_COVER, _MEAN_COVER = 0.68, 0.86
_ARM_COVER = 0.8
_SOLID = 0.9
_JOINED = 2.1


@dataclass(frozen=True, slots=True)
class Frames:
    """Candidate frames, one a row, in working pixels."""

    boxes: Floats
    """(n, 4): left, top, right, bottom, at the middle of the border."""
    scores: Floats
    """(n,): 0 to 1, how well the border is there and how empty it is just inside."""

    cells: Floats
    """(m, 4): frames that go on into others, as the cells of tables and combs."""


def find_frames(page: PageSums, dark: PageSums) -> Frames:
    """All candidates on the page, overlapping ones included; `dark` tells what is black all over."""
    height, width = page.mask.shape
    rows, columns = packed(page.mask), packed(np.asarray(cv2.transpose(page.mask), dtype=np.uint8))
    posts, rules = opened(rows, 2 * LARGEST), opened(columns, 2 * LARGEST)
    level = turned(rules, height)
    upright = _from_pairs(_upright_strokes(rows, level, width), page.lying.across)
    lying = _from_pairs(_upright_strokes(columns, turned(posts, width), height), page.upright.down)[:, [1, 0, 3, 2]]
    boxes = np.concatenate([upright, lying, _from_outlines(unpacked(rows & ~(level | posts), width))])
    return _score(page, dark.plain, np.unique(boxes, axis=0))


def _from_outlines(mask: Mask) -> Ints:
    """The outlines of whatever stands alone and is square: a heavy cross hides the sides of its box as strokes.

    `mask` is without the long rules of tables.
    """
    x, y, width, height = _extents(mask).T
    fits = (np.minimum(width, height) >= SMALLEST + 2) & (np.maximum(width, height) <= LARGEST + 2)
    fits &= (width < _ASPECT * height) & (height < _ASPECT * width)
    outlines = np.stack([x + 1, y + 1, x + width - 2, y + height - 2], axis=1)
    return np.asarray(outlines[fits][:_MAX_STROKES], dtype=np.intp)


def _extents(mask: Mask) -> Ints:
    """(n, 4): left, top, width, height of everything connected in `mask`."""
    contours, hierarchy = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if hierarchy is None:
        return np.zeros((0, 4), np.intp)
    outer = np.flatnonzero(hierarchy[0, :, 3] < 0)[:_MAX_OUTLINES].tolist()
    rectangles = chain.from_iterable(cv2.boundingRect(contours[i]) for i in outer)
    return np.fromiter(rectangles, np.intp, 4 * len(outer)).reshape(-1, 4)


def _from_pairs(strokes: Ints, across: Cover) -> Ints:
    """Boxes (left, top, right, bottom) between two upright strokes of like length beside one another."""
    if len(strokes) < 2:
        return np.zeros((0, 4), np.intp)
    left, right = _pairs(strokes)
    if not len(left):
        return np.zeros((0, 4), np.intp)
    x0, x1 = strokes[left, 0], strokes[right, 0]
    tops, bottoms = strokes[:, 1], strokes[:, 2]
    long = np.maximum(bottoms[left] - tops[left], bottoms[right] - tops[right]) > 1.45 * (x1 - x0)
    top = np.where(long, np.maximum(tops[left], tops[right]), np.minimum(tops[left], tops[right]))
    bottom = np.where(long, np.minimum(bottoms[left], bottoms[right]), np.maximum(bottoms[left], bottoms[right]))
    y0 = _best_row(across, x0, x1, top, -1)
    y1 = _best_row(across, x0, x1, bottom, 1)
    boxes = np.stack([x0, y0, x1, y1], axis=1)
    sides = boxes[:, 2:] - boxes[:, :2]
    fits = (sides.min(axis=1) >= SMALLEST) & (sides.max(axis=1) <= LARGEST)
    return np.asarray(boxes[fits & are_square(boxes)], dtype=np.intp)


def are_square(boxes: Ints) -> npt.NDArray[np.bool_]:
    """Whether each is about as wide as high."""
    wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    return np.asarray((wide < _ASPECT * high) & (high < _ASPECT * wide))


def _upright_strokes(rows: Rows, rules: Rows, across: int) -> Ints:
    """(n, 3): middle x, top and bottom of upright strokes a box side could be; the longest when there are too many.

    `across` is the width of the page.
    """
    # Rules go first: the sides of boxes in rows above one another would join across them into one long stroke.
    strokes = unpacked(opened(widened(bridged(rows) & ~rules), _STROKE), across)
    x, y, width, height = _extents(strokes).T
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
    shorter = np.minimum(long_left, long_right)
    longer = np.maximum(long_left, long_right)
    # A mark can join a side to that of the box below; what is little longer is the stem of a letter.
    fits = (longer <= 1.45 * apart) | ((shorter <= 1.45 * apart) & (longer >= _JOINED * apart))
    return np.asarray((shorter >= 0.5 * apart) & fits & (meeting >= 0.45 * apart))


def _best_row(across: Cover, x0: Ints, x1: Ints, near: Ints, outward: int) -> Ints:
    """For each pair the innermost row near `near` that is inked between the two strokes.

    Innermost, since the next row outward is often the rule of the table that the box stands in.
    """
    side = x1 - x0
    steps = np.linspace(-0.4, 0.3, 18) * outward
    rows = np.rint(near[:, None] + steps[None, :] * side[:, None]).astype(np.intp)
    inset = np.maximum(1, side // 8)[:, None]
    cover = across(rows, x0[:, None] + inset, x1[:, None] - inset)
    enough = cover >= 0.93 * cover.max(axis=1, keepdims=True)
    return np.asarray(rows[np.arange(len(rows)), np.argmax(enough, axis=1)], dtype=np.intp)


def _score(page: PageSums, dark: InkSums, boxes: Ints) -> Frames:
    """Keep boxes with four sides that are emptier inside; those that run on into a table are cells."""
    x0, y0, x1, y1 = boxes.T
    side = np.minimum(x1 - x0, y1 - y0)
    inset = np.maximum(1, side // 8)
    lying, upright = page.lying.across, page.upright.down
    sides = np.stack(
        [
            lying(y0, x0 + inset, x1 - inset),
            lying(y1, x0 + inset, x1 - inset),
            upright(x0, y0 + inset, y1 - inset),
            upright(x1, y0 + inset, y1 - inset),
        ]
    )
    inner = _lines_inside(page.plain, boxes, np.maximum(3, np.rint(0.24 * side).astype(np.intp)))
    keep = (sides.min(axis=0) >= _SIDE_COVER) & (sides.mean(axis=0) >= _MEAN_COVER)
    keep &= np.sort(inner, axis=0)[2] <= 0.85
    # A solid block with a light figure in it, as the number of a section, has no border of its own.
    near = _lines_inside(dark, boxes, np.maximum(3, np.rint(0.15 * side).astype(np.intp)))
    around = _lines_inside(dark, boxes, -np.maximum(3, np.rint(0.12 * side).astype(np.intp)))
    keep &= (near.min(axis=0) < _SOLID) & (np.sort(around, axis=0)[1] < _SOLID)
    on = runs_on(page.plain, boxes)
    score = sides.mean(axis=0) * 0.6 + sides.min(axis=0) * 0.2 + (1 - inner.mean(axis=0)) * 0.2
    free = keep & ~on
    return Frames(
        boxes[free].astype(np.float64),
        np.asarray(score[free], dtype=np.float64),
        boxes[keep & on].astype(np.float64),
    )


def _lines_inside(plain: InkSums, boxes: Ints, deep: Ints) -> Floats:
    """(4, n): shares of ink along the four lines `deep` inside the border."""
    x0, y0, x1, y1 = boxes.T
    return np.stack(
        [
            plain.across(y0 + deep, x0 + deep, x1 - deep),
            plain.across(y1 - deep, x0 + deep, x1 - deep),
            plain.down(x0 + deep, y0 + deep, y1 - deep),
            plain.down(x1 - deep, y0 + deep, y1 - deep),
        ]
    )


def runs_on(plain: InkSums, boxes: Ints) -> npt.NDArray[np.bool_]:
    """Whether sides go on beyond the corners: a pair, as in tables and combs, or two from a field's corner."""
    x0, y0, x1, y1 = boxes.T
    side = np.minimum(x1 - x0, y1 - y0)
    near, far = np.maximum(3, side // 5), np.maximum(7, (6 * side) // 10)
    left = [_arm(plain.across, y, x0 - far, x0 - near) for y in (y0, y1)]
    right = [_arm(plain.across, y, x1 + near, x1 + far) for y in (y0, y1)]
    up = [_arm(plain.down, x, y0 - far, y0 - near) for x in (x0, x1)]
    down = [_arm(plain.down, x, y1 + near, y1 + far) for x in (x0, x1)]
    pairs = [arms[0] & arms[1] for arms in (left, right, up, down)]
    corners = [right[0] & down[0], left[0] & down[1], right[1] & up[0], left[1] & up[1]]
    return np.asarray(np.any([*pairs, *corners], axis=0))


def _arm(along: Cover, line: Ints, start: Ints, end: Ints) -> npt.NDArray[np.bool_]:
    """Whether a line runs from `start` to `end` in `line` or just beside it."""
    cover = np.max([along(line + step, start, end) for step in (-1, 0, 1)], axis=0)
    return np.asarray(cover > _ARM_COVER)
