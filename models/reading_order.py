"""Puts text lines in the order a person reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from schemas.prediction import Quad, TextLine

_Placed = tuple[Quad, TextLine]
"""A line, and where it lies on a page whose lines are level."""


def in_reading_order(
    lines: Sequence[TextLine], on_page: Callable[[Quad], Quad] = lambda quad: quad
) -> tuple[TextLine, ...]:
    """Rows from top to bottom, each from left to right; `on_page` maps quads to where lines are level, if they are not.

    A line belongs to a row when its middle is within half a line height of the row's middle. Columns are not
    told apart: a row runs across the page.
    """
    rows: list[list[_Placed]] = []
    for placed in sorted(((on_page(line.quad), line) for line in lines), key=lambda placed: _middle(placed[0])):
        if rows and _same_row(rows[-1], placed):
            rows[-1].append(placed)
        else:
            rows.append([placed])
    return tuple(line for row in rows for _, line in sorted(row, key=lambda placed: _left(placed[0])))


def _same_row(row: Sequence[_Placed], placed: _Placed) -> bool:
    middle = median(_middle(quad) for quad, _ in row)
    height = min(_height(placed[0]), median(_height(quad) for quad, _ in row))
    return _middle(placed[0]) - middle <= 0.5 * height


def _middle(quad: Quad) -> float:
    return sum(quad[1::2]) / 4


def _left(quad: Quad) -> float:
    return min(quad[0::2])


def _height(quad: Quad) -> float:
    return max(quad[1::2]) - min(quad[1::2])
