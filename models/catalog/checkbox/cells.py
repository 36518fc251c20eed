"""Boxes in a row, hardly apart, are the cells of a comb: each is for a letter, none to mark."""

from __future__ import annotations

from collections.abc import Sequence

from models.catalog.checkbox.seen import Seen

_PITCH = 1.28
"""Sides from one cell to the next: labels want more room between boxes."""
_SLACK = 0.2
_FEWEST = 4


def without_rows_of_cells(boxes: Sequence[Seen]) -> list[Seen]:
    """The boxes that are in no row of four and more such neighbours, in their order."""
    cells: set[int] = set()
    for start in range(len(boxes)):
        row = [start]
        while (following := _right_of(boxes, row[-1])) is not None:
            row.append(following)
        if len(row) >= _FEWEST:
            cells.update(row)
    return [box for number, box in enumerate(boxes) if number not in cells]


def _right_of(boxes: Sequence[Seen], index: int) -> int | None:
    """The square box of the same size close to the right."""
    box = boxes[index].place
    if box.radio:
        return None
    slack = _SLACK * box.side
    for number, other in enumerate(boxes):
        one = other.place
        near = one.left > box.left + 0.5 * box.side and one.left - box.left <= _PITCH * box.side
        if near and not one.radio and abs(one.top - box.top) <= slack and abs(one.bottom - box.bottom) <= slack:
            return number
    return None
