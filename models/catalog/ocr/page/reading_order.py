"""Puts text lines in the order a person reads them."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from schemas.prediction import Quad, TextLine


def in_reading_order(lines: Sequence[TextLine]) -> tuple[TextLine, ...]:
    """Rows from top to bottom, each from left to right.

    A line belongs to a row when its middle is within half a line height of the row's middle. Columns are not
    told apart: a row runs across the page.
    """
    rows: list[list[TextLine]] = []
    for line in sorted(lines, key=lambda line: _middle(line.quad)):
        if rows and _same_row(rows[-1], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return tuple(line for row in rows for line in sorted(row, key=lambda line: _left(line.quad)))


def _same_row(row: Sequence[TextLine], line: TextLine) -> bool:
    middle = median(_middle(other.quad) for other in row)
    height = min(_height(line.quad), median(_height(other.quad) for other in row))
    return _middle(line.quad) - middle <= 0.5 * height


def _middle(quad: Quad) -> float:
    return sum(quad[1::2]) / 4


def _left(quad: Quad) -> float:
    return min(quad[0::2])


def _height(quad: Quad) -> float:
    return max(quad[1::2]) - min(quad[1::2])
