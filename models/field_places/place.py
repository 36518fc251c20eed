"""A place on a blank page where something may be written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""


class PlaceKind(StrEnum):
    """What it looks like."""

    BOX = "box"
    """To be marked."""
    RING = "ring"
    """To be marked, round: one of several as a rule."""
    COMB = "comb"
    CELL = "cell"
    """Free room with lines on all sides."""
    LINE = "line"
    """Free room above a line."""


@dataclass(frozen=True, slots=True)
class SeenPlace:
    """A place to write in."""

    kind: PlaceKind
    box: Rectangle
    cell: Rectangle
    """The box with what belongs to it on the page: the cell around it, caption included."""
    cells: int | None = None
    """Of a comb."""


@dataclass(frozen=True, slots=True)
class PrintedWord:
    """A word printed on the page, and where."""

    text: str
    box: Rectangle


def overlap(one: Rectangle, other: Rectangle) -> float:
    """Of the smaller of two rectangles, the share that lies in the other."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / max(1e-9, min(area(one), area(other)))


def area(box: Rectangle) -> float:
    """In square pixels."""
    return (box[2] - box[0]) * (box[3] - box[1])
