"""Whether a place has a straight border on all four sides, whatever is in it: no letter has one, and a box scribbled
full looks to the network like a bold one.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.selection import Found

Grey = npt.NDArray[np.uint8]

_ROOM, _DEEP = 0.16, 0.2
"""Sides that are looked at beside the edge of a place, outside and inside."""
_WHOLE = 0.8
"""Share of each side that lies on one line; a mark that leaves the box hides a piece of one."""
_CORNER = 0.15
"""Share of a side that each of its ends is: letters are rounded there."""
_PAPER, _INK = 90, 5
"""Percentiles of the greys around and in a place."""
_LEAST_RANGE = 40
"""Grey levels between paper and ink; what is more even than that has no border."""
_LEAST_SIDE = 10
_OUTER, _INNER, _DIRECTIONS = 1.3, 0.5, 48
"""Radii between which the border of a round place is looked for, in so many directions from its middle."""
_LACKING, _BEYOND, _THIN, _OFF_ROUND = 0.15, 0.25, 0.1, 0.2
"""Shares of the directions in which no border is there, or a mark goes on; radii by which it may lie off one circle,
and that off the place."""


def has_whole_border(grey: Grey, box: Found) -> bool:
    """Whether the outermost ink of each side of the box, in pixels of the page, lies on one line up to the corners."""
    left, top, right, bottom = (round(edge) for edge in box.extent)
    room, deep = max(2, round(_ROOM * box.side)), max(3, round(_DEEP * box.side))
    if min(left, top) < room or bottom + room > len(grey) or right + room > grey.shape[1] or box.side < _LEAST_SIDE:
        return False
    window = grey[top - room : bottom + room, left - room : right + room]
    paper, dark = np.percentile(window, (_PAPER, _INK))
    if paper - dark < _LEAST_RANGE:
        return False
    ink = window < (paper + dark) / 2
    along, down = slice(room, room + right - left), slice(room, room + bottom - top)
    # Each side from the outside inwards, its lines lying.
    sides = (ink[:, along], ink[::-1, along], ink[down].T, ink[down].T[::-1])
    return all(_is_straight(side[: room + deep]) for side in sides)


def _is_straight(side: npt.NDArray[np.bool_]) -> bool:
    first = np.where(side.any(axis=0), side.argmax(axis=0), len(side))
    line = float(np.median(first))
    if line >= len(side):
        return False
    on_line = np.abs(first - line) <= 1
    end = max(2, round(_CORNER * len(first)))
    # The outermost pixel of a corner may be blurred away, or lie off by one where the place does.
    corners = on_line[1 : 1 + end].mean(), on_line[-1 - end : -1].mean()
    return bool(on_line.mean() >= _WHOLE and min(corners) >= 0.5)


def has_round_border(grey: Grey, box: Found) -> bool:
    """Whether the outermost ink of a round place, in pixels of the page, lies on one circle, or goes on beyond it."""
    radius, x, y = box.side / 2, (box.left + box.right) / 2, (box.top + box.bottom) / 2
    reach = _OUTER * radius
    if min(x, y) < reach or x + reach >= grey.shape[1] or y + reach >= len(grey) or box.side < _LEAST_SIDE:
        return False
    window = grey[round(y - reach) : round(y + reach) + 1, round(x - reach) : round(x + reach) + 1]
    paper, dark = np.percentile(window, (_PAPER, _INK))
    if paper - dark < _LEAST_RANGE:
        return False
    far = np.arange(reach, _INNER * radius, -0.5)
    angles = np.linspace(0, 2 * np.pi, _DIRECTIONS, endpoint=False)[:, None]
    columns, rows = np.rint(x + far * np.cos(angles)).astype(np.intp), np.rint(y + far * np.sin(angles)).astype(np.intp)
    ink = grey[rows, columns] < (paper + dark) / 2
    first = np.where(ink.any(axis=1), far[ink.argmax(axis=1)], 0.0)
    near = first[(first > 0) & (first <= (1 + _OFF_ROUND) * radius)]
    if not len(near):
        return False
    circle, slack = float(np.median(near)), max(1.0, _THIN * radius)
    # The arms of a mark end beyond it, and there it cannot be seen.
    lacking, beyond = float((first < circle - slack).mean()), float((first > circle + slack).mean())
    return lacking <= _LACKING and beyond <= _BEYOND and abs(circle - radius) <= _OFF_ROUND * radius
