"""Places that share a wall with a like cell beside, above or below: combs of two cells are no row of boxes yet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.selection import Found
from models.ink import relative_darkness

Grey = npt.NDArray[np.uint8]
Ink = npt.NDArray[np.bool_]

_ROOM = 1.4
"""Sides around the place that are looked at."""
_INK = 0.1
_OFF, _END = 0.14, 0.18
"""Sides by which a wall may lie off where it is expected, and from its ends to where it is looked for."""
_WALL, _BESIDE = 0.88, 0.55
"""Ink along a wall, and along the lines within the neighbour, which is no solid ground."""
_LEAST_SIDE = 12
_INSIDE, _LEAST_RANGE = 0.2, 60
"""Sides from the walls to the middle of a cell, and grey levels between paper and what is written there."""


def cells_beside(grey: Grey, box: Found) -> list[Found]:
    """The like cells that the box, in pixels of the page, shares a wall with: two of its sides go on beyond it and end
    at a wall a side further on.
    """
    left, top, right, bottom = (round(edge) for edge in box.extent)
    room = round(_ROOM * box.side)
    x0, y0, x1, y1 = left - room, top - room, right + room, bottom + room
    if box.side < _LEAST_SIDE:
        return []
    window = np.pad(
        grey[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)],
        ((max(0, -y0), max(0, y1 - grey.shape[0])), (max(0, -x0), max(0, x1 - grey.shape[1]))),
        mode="edge",
    )
    ink = np.asarray(relative_darkness(window) > _INK)
    wide, high = box.right - box.left, box.bottom - box.top
    # A turn to the left brings what is below to the right, and so on.
    steps = ((wide, 0.0), (0.0, high), (-wide, 0.0), (0.0, -high))
    return [
        replace(box, left=box.left + x, top=box.top + y, right=box.right + x, bottom=box.bottom + y)
        for turns, (x, y) in enumerate(steps)
        if _has_neighbour(np.rot90(ink, turns), room)
    ]


def holds_something(grey: Grey, cell: Found) -> bool:
    """Whether there is ink in the middle of the cell: what is beside a box may be no more than paper between lines."""
    inset = _INSIDE * cell.side
    rows = slice(max(0, round(cell.top + inset)), max(0, round(cell.bottom - inset)))
    middle = grey[rows, max(0, round(cell.left + inset)) : max(0, round(cell.right - inset))]
    return middle.size > 0 and int(middle.max()) - int(middle.min()) >= _LEAST_RANGE


def _has_neighbour(ink: Ink, room: int) -> bool:
    """Whether a cell of the same size is right of the place in the middle of `ink`, with so much around it."""
    high, wide = (length - 2 * room for length in ink.shape)
    off, end = max(1, round(_OFF * wide)), round(_END * wide)
    right = room + wide
    along = ink[:, right + end : right + wide - end].mean(axis=1)
    level = [along[edge - off : edge + off + 1] for edge in (room, room + high)]
    upright = ink[room + end : room + high - end].mean(axis=0)
    walls = (upright[right - off : right + off + 1], upright[right + wide - 2 * off : right + wide + off])
    within = along[room + 2 * off : room + high - 2 * off]
    if not within.size:
        return False
    return all(float(wall.max()) >= _WALL for wall in (*level, *walls)) and float(within.mean()) <= _BESIDE
