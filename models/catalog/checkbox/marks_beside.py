"""Ticks whose body lies outside of the box: they belong to the box that they touch or nearly touch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from models.catalog.checkbox.seen import Seen
from models.catalog.checkbox.verdict import MARKS
from schemas.prediction import CheckboxState

_SURE = 0.7
_NEAR = 2.0
"""Sides within which the mark of another box may reach over."""


def with_marks_beside(boxes: Sequence[Seen]) -> list[Seen]:
    """Empty boxes marked by what is beside them, unless it may be the tail of a mark in a box near by."""
    marked = [box for box in boxes if box.state is not CheckboxState.EMPTY]
    return [replace(box, states=box.beside) if _has_one(box, marked) else box for box in boxes]


def _has_one(box: Seen, marked: Sequence[Seen]) -> bool:
    if box.state is not CheckboxState.EMPTY or float(box.beside[MARKS].sum()) < _SURE:
        return False
    reach = _NEAR * box.place.side
    return not any(
        abs(box.place.left - other.place.left) <= reach and abs(box.place.top - other.place.top) <= reach
        for other in marked
    )
