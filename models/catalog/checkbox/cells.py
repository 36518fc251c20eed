"""Boxes in a row, hardly apart, are the cells of a comb or a date: each is for a letter, none to mark."""

from __future__ import annotations

from collections.abc import Sequence

from models.catalog.checkbox.seen import Seen

_PITCH = 1.38
"""Sides from one cell to the next: labels want more room between boxes."""
_SLACK = 0.2
_FEWEST = 4


def without_rows_of_cells(boxes: Sequence[Seen]) -> list[Seen]:
    """The boxes that are not among four and more cells of a row, in their order.

    The cells of a date stand in groups of two: those of one size in one line count together.
    """
    groups = _groups(boxes)
    cells: set[int] = set()
    for group in groups:
        line = [index for other in groups if _in_line(boxes[group[0]], boxes[other[0]]) for index in other]
        if len(line) >= _FEWEST:
            cells.update(line)
    return [box for number, box in enumerate(boxes) if number not in cells]


def _groups(boxes: Sequence[Seen]) -> list[list[int]]:
    """Rows of two and more boxes that hardly stand apart, each from left to right."""
    following = [_right_of(boxes, index) for index in range(len(boxes))]
    groups = []
    for first in set(range(len(boxes))) - set(following):
        group, index = [first], following[first]
        while index is not None:
            group.append(index)
            index = following[index]
        if len(group) > 1:
            groups.append(group)
    return groups


def _in_line(box: Seen, other: Seen) -> bool:
    slack = _SLACK * box.place.side
    return (
        abs(box.place.top - other.place.top) <= slack
        and abs(box.place.bottom - other.place.bottom) <= slack
        and abs(box.place.side - other.place.side) <= slack
    )


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
