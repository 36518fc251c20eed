"""Candidates that are letters, or pieces of letters: of a row of print, or between the walls of a cell."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

import numpy as np

from models.catalog.checkbox.page_ink import Mask
from models.catalog.checkbox.selection import Found
from models.ink_sums import Ints
from models.pieces import Labels, pieces_of

_GAP, _WIDE_GAP = 0.36, 0.5
"""Heights between letters of a word at most, and where all are as wide as one another; labels stand farther from their
box."""
_LOWEST, _LARGEST = 0.6, 1.5
"""Sides of a box that a letter in its place is high, at least, and large, at most."""
_TALLEST = 1.9
"""Heights of letters without ascenders and descenders that the others are high, at most."""
_LEVEL = 0.09
"""Heights by which top or bottom of letters in a row differ: capitals and figures."""
_FEWEST = 2
_MOST_WIDE = 1.4
"""Sides that a letter of print which runs down the page is wide, at most."""
_WALL_REACH, _WALL_COVER = 1.6, 0.45
"""Walls of a cell: how far from what is in it, in its widths, and which share of its lower half they accompany."""


class Amid(Enum):
    """What is around a candidate."""

    NOTHING = auto()
    SPACED = auto()
    """Letters that stand farther apart, as in faces of a typewriter, and are of any height."""
    WALLS = auto()
    LETTERS = auto()


_ORDER = list(Amid)


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
            found = max(_in_row(thing, things, box.side), _in_column(thing, things, box.side), key=_ORDER.index)
            around[number] = max(found, around[number], key=_ORDER.index)
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


def _in_row(thing: int, things: Ints, side: float) -> Amid:
    """LETTERS where two things of the same height stand in its row, without room for a label between.

    Not where it is far lower than `side`, that of the box: a row of dots is a border.
    """
    left, top, width, height = (int(edge) for edge in things[thing])
    if thing == 0 or height < _LOWEST * side:
        return Amid.NOTHING
    level = max(2.0, _LEVEL * height)
    above, below = things[:, 1] - top, things[:, 1] + things[:, 3] - top - height
    others = (things[:, 2] < 2.2 * height) & (np.arange(len(things)) != thing)
    row = others & (np.abs(above) <= level) & (np.abs(below) <= level)
    if len(_word(things[row], left, left + width, _GAP * height)) >= _FEWEST:
        return Amid.LETTERS
    if max(width, height) > _LARGEST * side:
        # A box with a mark that goes beyond it, which may come near the label.
        return Amid.NOTHING
    # Between them stand letters that reach as far up and down, and farther; of two letters one may.
    row |= others & (above <= level) & (below >= -level) & (things[:, 3] < _TALLEST * height)
    word = _word(things[row], left, left + width, _WIDE_GAP * height)
    is_level = np.abs(word[:, 3] - height) <= level
    spaced = int(is_level.sum()) >= _FEWEST or (len(word) == 1 and not is_level.any())
    return Amid.SPACED if spaced else Amid.NOTHING


def _word(things: Ints, start: int, end: int, gap: float) -> Ints:
    """Those that follow one another without such a gap, from what begins and ends there."""
    followed = [things[:0]]
    while len(things):
        near = (things[:, 0] <= end + gap) & (things[:, 0] + things[:, 2] >= start - gap)
        if not near.any():
            break
        followed.append(things[near])
        start = min(start, int(things[near, 0].min()))
        end = max(end, int((things[near, 0] + things[near, 2]).max()))
        things = things[~near]
    return np.concatenate(followed)


def _in_column(thing: int, things: Ints, side: float) -> Amid:
    """The same of print that runs down the page; what a line joins to the box makes it no letter."""
    if things[thing, 2] > _MOST_WIDE * side:
        return Amid.NOTHING
    return _in_row(thing, things[:, [1, 0, 3, 2]], side)


def _in_cell(mask: Mask, box: Found) -> bool:
    """Whether an upright line stands close to the left and to the right, beside the lower half at least."""
    left, top, right, bottom = (round(v) for v in box.extent)
    reach, off = round(_WALL_REACH * (right - left)), max(3, (right - left) // 10)
    rows = slice((top + bottom) // 2, bottom + 1)
    walls = mask[rows, max(0, left - reach) : max(0, left - off)], mask[rows, right + off + 1 : right + reach + 1]
    return all(wall.size and float(wall.mean(axis=0).max()) > 2 * _WALL_COVER for wall in walls)
