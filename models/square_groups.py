"""Small squares that stand free on a page, in groups of one size: boxes, where there are some.

Of a square of few pixels nothing but its shape can be told; two of a size in line with one another are hardly letters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.ink_sums import InkSums, Ints
from models.pieces import Mask, pieces_of

_SMALLEST = 5
"""Pixels of a side, border included; what is smaller is no shape that could be told."""
_ASPECT = 1.25
_SIDES, _CORNERS = 0.85, 0.5
"""Ink along each side and in the corners: letters are round, or open."""
_SOLID, _INSET, _MOST_INSIDE = 0.85, 0.3, 0.7
"""Share of a square that is ink, from where on it is a dot or a bullet; sides from the border of what is its middle,
and the ink there, of the smallest, which might be dots of which the corners are missing."""
_DOT = 6.0
"""Pixels up to which a dot has about as much ink as a box."""
_LEFT, _RIGHT, _BESIDE, _MOST_BESIDE = 0.6, 0.35, 0.3, 0.1
"""How far to the left, to the right, above and below nothing stands, in sides, and how much ink is nothing."""
_ALONE = 2.5
"""Times by which what stands alone stands farther from other things, but for its label."""
_LIKE_SIZE, _SLACK = 0.16, 0.3
"""Sides by which others may differ in size and stand off the line."""
_MOST_SIZES, _MOST = 2, 400

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SquareGroup:
    """Squares of one size, in pixels of the page."""

    side: float
    """Border included."""
    extent: tuple[int, int, int, int]
    """Of all together: left, top, and past the right and the bottom."""


def groups_of_squares(mask: Mask, largest: float, *, alone: bool = False) -> Iterator[SquareGroup]:
    """Of a page, ink as 1, the groups of squares up to that side; the one with most squares first.

    Where there are none, and `alone` is said, squares that stand alone.
    """
    if largest < _SMALLEST:
        return
    ink = InkSums(mask)
    squares = _squares(mask, ink, largest)
    for _ in range(_MOST_SIZES):
        group = _largest_group(squares)
        if not len(group) and alone:
            squares = squares[_stands_free(ink, squares, _ALONE)]
            group = squares[:1]
        if not len(group):
            return
        side = float(np.median(_sides(group)))
        left, top = (int(group[:, edge].min()) for edge in (0, 1))
        right, bottom = (int(group[:, edge].max()) + 1 for edge in (2, 3))
        yield SquareGroup(side, (left, top, right, bottom))
        squares = squares[~_like(squares, side)]


def _squares(mask: Mask, ink: InkSums, largest: float) -> Ints:
    """(n, 4): left, top, right and bottom, all within, of what has four straight sides and stands free."""
    pieces = pieces_of(mask)
    boxes = pieces.boxes[1:].astype(np.intp)
    wide, high = boxes[:, 2], boxes[:, 3]
    fits = (np.minimum(wide, high) >= _SMALLEST) & (np.maximum(wide, high) <= largest)
    fits &= (wide < _ASPECT * high) & (high < _ASPECT * wide) & (pieces.areas[1:] < _SOLID * wide * high)
    boxes = boxes[fits][:_MOST]
    squares = np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:] - 1], axis=1)
    return np.asarray(squares[_is_bordered(ink, squares) & _stands_free(ink, squares)])


def _is_bordered(ink: InkSums, squares: Ints) -> Flags:
    """Whether each has ink along its four sides, there or a pixel further inside, and in its corners."""
    left, top, right, bottom = squares.T
    rows = [
        np.maximum(*(ink.across(y + step, left, right + 1) for step in (0, way))) for y, way in ((top, 1), (bottom, -1))
    ]
    columns = [
        np.maximum(*(ink.down(x + step, top, bottom + 1) for step in (0, way))) for x, way in ((left, 1), (right, -1))
    ]
    corners = [ink.area(x, y, x + 2, y + 2) for x in (left, right - 1) for y in (top, bottom - 1)]
    inset = np.maximum(2, np.rint(_INSET * _sides(squares))).astype(np.intp)
    middle = ink.area(left + inset, top + inset, right + 1 - inset, bottom + 1 - inset)
    bordered = (np.min([*rows, *columns], axis=0) >= _SIDES) & (np.min(corners, axis=0) >= _CORNERS)
    return np.asarray(bordered & ((middle <= _MOST_INSIDE) | (_sides(squares) > _DOT)))


def _stands_free(ink: InkSums, squares: Ints, farther: float = 1.0) -> Flags:
    left, top, right, bottom = squares.T
    shares = (farther * _LEFT, _RIGHT, farther * _BESIDE)
    reaches = (np.maximum(2, np.rint(share * _sides(squares))).astype(np.intp) for share in shares)
    before, behind, beside = reaches
    around = [
        ink.area(left - 1 - before, top, left - 1, bottom + 1),
        ink.area(right + 2, top, right + 2 + behind, bottom + 1),
        ink.area(left, top - 1 - beside, right + 1, top - 1),
        ink.area(left, bottom + 2, right + 1, bottom + 2 + beside),
    ]
    return np.asarray(np.max(around, axis=0) <= _MOST_BESIDE)


def _largest_group(squares: Ints) -> Ints:
    """Those of one size that have another of it in their row or column, of the commonest size."""
    best = squares[:0]
    for side in np.unique(_sides(squares)).tolist():
        group = squares[_like(squares, side)]
        across, down = (np.abs(group[:, None, edge] - group[None, :, edge]) for edge in (0, 1))
        in_line = (np.minimum(across, down) <= max(1.0, _SLACK * side)) & (np.maximum(across, down) > side)
        group = group[in_line.any(axis=1)]
        if len(group) > len(best):
            best = group
    return best


def _sides(squares: Ints) -> npt.NDArray[np.float64]:
    return np.asarray((squares[:, 2:] - squares[:, :2]).mean(axis=1) + 1)


def _like(squares: Ints, side: float) -> Flags:
    return np.asarray(np.abs(_sides(squares) - side) <= max(1.0, _LIKE_SIZE * side))
