"""Candidates that are letters, or pieces of letters: of a row of print, or between the walls of a cell."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

import numpy as np

from models.catalog.checkbox.page_ink import Mask
from models.catalog.checkbox.selection import Found
from models.ink_sums import Ints
from models.pieces import Labels, pieces_of

_GAP = 0.36
"""Heights between letters of a word at most; labels stand farther from their box."""
_LEVEL = 0.09
"""Heights by which top or bottom of letters in a row differ: capitals and figures."""
_FEWEST = 2
_MOST_WIDE = 1.4
"""Sides that a letter of print which runs down the page is wide, at most."""
_WALL_REACH, _WALL_COVER = 1.0, 0.45
"""Walls of a cell: how far from what is in it, in its widths, and which share of its lower half they accompany."""


class Amid(Enum):
    """What is around a candidate."""

    NOTHING = auto()
    WALLS = auto()
    LETTERS = auto()


def among_print(masks: Sequence[Mask], boxes: Sequence[Found]) -> list[Amid]:
    """Whether each box, in pixels of the masks, is a letter among others, or is written into a cell."""
    if not boxes:
        return []
    ink = np.max(np.stack(masks), axis=0)
    around = [Amid.WALLS if _in_cell(ink, box) else Amid.NOTHING for box in boxes]
    # Thin letters on a tint are dark on no mask, yet darker than what is around them.
    for mask in masks:
        pieces = pieces_of(mask)
        things = np.asarray(pieces.boxes, dtype=np.intp)
        for number, box in enumerate(boxes):
            if around[number] is Amid.LETTERS:
                continue
            thing = _thing(pieces.labels, box)
            if _in_row(thing, things, 0.6 * box.side) or _in_column(thing, things, box.side):
                around[number] = Amid.LETTERS
    return around


def _thing(labels: Labels, box: Found) -> int:
    """The number of the connected thing that most of the box's border is of; 0 where there is none."""
    left, top, right, bottom = (round(v) for v in box.extent)
    part = labels[max(0, top - 1) : bottom + 2, max(0, left - 1) : right + 2].copy()
    inset = max(3, round(box.side) // 5)
    part[inset:-inset, inset:-inset] = 0
    counts = np.bincount(part.ravel())
    counts[0] = 0
    return int(np.argmax(counts)) if counts.any() else 0


def _in_row(thing: int, things: Ints, least: float) -> bool:
    """Whether two things of the same height stand in its row, without room for a label between.

    Not where it is lower than `least`: a row of dots is a border.
    """
    left, top, width, height = things[thing]
    if thing == 0 or height < least:
        return False
    level = max(2.0, _LEVEL * height)
    row = (np.abs(things[:, 1] - top) <= level) & (np.abs(things[:, 1] + things[:, 3] - top - height) <= level)
    row &= (things[:, 2] < 2.2 * height) & (np.arange(len(things)) != thing)
    start, end = left, left + width
    count = 0
    rest = things[row]
    while len(rest):
        near = (rest[:, 0] <= end + _GAP * height) & (rest[:, 0] + rest[:, 2] >= start - _GAP * height)
        if not near.any():
            break
        count += int(near.sum())
        start = min(start, int(rest[near, 0].min()))
        end = max(end, int((rest[near, 0] + rest[near, 2]).max()))
        rest = rest[~near]
    return count >= _FEWEST


def _in_column(thing: int, things: Ints, side: float) -> bool:
    """The same of print that runs down the page; what a line joins to the box makes it no letter."""
    return things[thing, 2] <= _MOST_WIDE * side and _in_row(thing, things[:, [1, 0, 3, 2]], 0.6 * side)


def _in_cell(mask: Mask, box: Found) -> bool:
    """Whether an upright line stands close to the left and to the right, beside the lower half at least."""
    left, top, right, bottom = (round(v) for v in box.extent)
    reach, off = round(_WALL_REACH * (right - left)), max(3, (right - left) // 10)
    rows = slice((top + bottom) // 2, bottom + 1)
    walls = mask[rows, max(0, left - reach) : max(0, left - off)], mask[rows, right + off + 1 : right + reach + 1]
    return all(wall.size and float(wall.mean(axis=0).max()) > 2 * _WALL_COVER for wall in walls)
