"""Places cut out of shading that goes on beyond them (blocked cells of tables, bands), and what is dark inside."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.selection import Found

Grey = npt.NDArray[np.uint8]

_OFF = 15
"""Grey levels by which shading is darker than paper, and a border darker than the shading."""
_SAME = 8
"""Grey levels that are taken for one."""
_LINE = 0.7
"""Share of a side that a line between covers: the number of a section, set on a bar, covers less."""
_EDGE, _FAR = 0.14, 0.34
"""Sides from the edge of a place: what is nearer may be its border, and what is beside it ends there."""
_TINT = 0.75
"""Of the grey of the paper beside, below which what is inside is no paper: the colours of a legend."""
_LEAST_SIDE = 14
"""Pixels; in smaller boxes the border is as wide as what is inside."""
_PAPER = 75
"""Percentile of the greys of an area that its ground has: print and marks are darker."""


def is_cut_from_shading(grey: Grey, box: Found) -> bool:
    """Whether the box is shaded, and so is what is beside it on a side, with no line between."""
    left, top, right, bottom = (round(edge) for edge in box.extent)
    near, far = max(2, round(_EDGE * box.side)), max(4, round(_FAR * box.side))
    if min(left, top) < far or right + far > grey.shape[1] or bottom + far > grey.shape[0] or box.side < 3 * near:
        return False
    middle = _ground(grey[top + near : bottom - near, left + near : right - near])
    # Each side from the inside outwards, its lines lying.
    rows, columns = slice(left + near, right - near), slice(top + near, bottom - near)
    sides = (
        grey[top - far : top + near, rows][::-1],
        grey[bottom - near : bottom + far, rows],
        grey[columns, left - far : left + near].T[::-1],
        grey[columns, right - near : right + far].T,
    )
    beside = [_ground(side[2 * near :]) for side in sides]
    if middle > max(beside) - _OFF:
        return False
    return any(
        abs(ground - middle) <= _SAME and float((side[: 2 * near] < middle - _OFF).mean(axis=1).max()) < _LINE
        for side, ground in zip(sides, beside, strict=True)
    )


def is_dark_inside(grey: Grey, box: Found) -> bool:
    """Whether the box is darker inside than the paper around it on all sides: of one that is empty there is no such."""
    left, top, right, bottom = (round(edge) for edge in box.extent)
    near, far = max(2, round(_EDGE * box.side)), max(4, round(_FAR * box.side))
    if box.side < _LEAST_SIDE or min(left, top) < far or right + far > grey.shape[1] or bottom + far > grey.shape[0]:
        return False
    beside = (
        grey[top - far : top - near, left:right],
        grey[bottom + near : bottom + far, left:right],
        grey[top:bottom, left - far : left - near],
        grey[top:bottom, right + near : right + far],
    )
    inside = _ground(grey[top + near : bottom - near, left + near : right - near])
    return inside < _TINT * min(_ground(part) for part in beside)


def _ground(part: Grey) -> float:
    greys = part[::2, ::2].ravel()
    place = len(greys) * _PAPER // 100
    return float(np.partition(greys, place)[place])
