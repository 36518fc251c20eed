"""Squares that lines join to one another: parts of circuits, nodes of charts, stops on a line. A box stands free."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.crossings import is_like
from models.catalog.checkbox.selection import Found

Grey = npt.NDArray[np.uint8]
Ink = npt.NDArray[np.bool_]

_LEAST_SIDE = 12
_REACH = 0.9
"""Sides from the border that a line which joins it goes on at least."""
_MIDDLE, _INSIDE = 0.25, 0.3
"""Sides from the corners within which none leaves, and from the border of what is looked at inside."""
_OFF = 0.15
"""Sides by which the border may lie further out than is said."""
_WHOLE, _MOST_INSIDE, _BESIDE = 0.9, 0.3, 0.1
"""Ink along the line, along the same rows within, where a mark or a stroke through the box goes on, and beside it."""
_THICK = 0.25
"""Sides; what is thicker is no line."""
_JOINED, _FEWEST = 2, 2
"""Sides with lines, and squares of one size with so many, from where on one line is enough for the others."""


def joined_by_lines(grey: Grey, boxes: Sequence[Found]) -> list[bool]:
    """For each box of a page, in its pixels, whether lines leave the middle of its sides, two at least.

    The first and the last of a row have one.
    """
    counts = [_lines(grey, box) for box in boxes]
    through = [box for box, count in zip(boxes, counts, strict=True) if count >= _JOINED]
    return [
        count >= _JOINED or (count > 0 and sum(is_like(box, other) for other in through) >= _FEWEST)
        for box, count in zip(boxes, counts, strict=True)
    ]


def _lines(grey: Grey, box: Found) -> int:
    left, top, right, bottom = (round(edge) for edge in box.extent)
    room = round(_REACH * box.side)
    if box.side < _LEAST_SIDE:
        return 0
    x0, y0, x1, y1 = left - room, top - room, right + room, bottom + room
    window = np.pad(
        grey[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)],
        ((max(0, -y0), max(0, y1 - grey.shape[0])), (max(0, -x0), max(0, x1 - grey.shape[1]))),
        mode="edge",
    )
    paper, darkest = (float(np.percentile(window, share)) for share in (80, 2))
    ink = window < (paper + darkest) / 2
    # Each side in turn is the right one.
    return sum(_leaves(np.rot90(ink, turns), room) for turns in range(4))


def _leaves(ink: Ink, room: int) -> bool:
    """Whether a line leaves the right side of the box in the middle of `ink`, with so much around it."""
    high, wide = (length - 2 * room for length in ink.shape)
    rows = slice(room + round(_MIDDLE * high), room + high - round(_MIDDLE * high))
    beyond = room + wide + max(3, round(_OFF * wide))
    along = ink[rows, beyond:].mean(axis=1)
    line = (along >= _WHOLE) & (ink[rows, room + wide :].mean(axis=1) >= _WHOLE)
    if not line.any() or line.sum() > _THICK * high:
        return False
    near = line.copy()
    near[1:] |= line[:-1]
    near[:-1] |= line[1:]
    inset = round(_INSIDE * wide)
    within = ink[rows, room + inset : room + wide - inset][line]
    return bool(within.mean() <= _MOST_INSIDE and (near.all() or along[~near].max() <= _BESIDE))
