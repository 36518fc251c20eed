"""Puts text lines in the order a person reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median

from schemas.prediction import Quad, TextLine

LEAST_LINES = 4
"""Of a column."""
LEAST_WORDS = 3
"""In most lines of a column: labels and values of forms, and cells of tables, have fewer."""
FILLED = 0.6
"""Of a column's width, how much most of its lines take."""
STEPS = 60
"""Places, evenly over the width of what is written, at which a gutter is looked for."""
_Placed = tuple[Quad, TextLine]
"""A line, and where it lies on a page whose lines are level."""


def in_reading_order(
    lines: Sequence[TextLine], on_page: Callable[[Quad], Quad] = lambda quad: quad
) -> tuple[TextLine, ...]:
    """Rows from top to bottom, each from left to right; `on_page` maps quads to where lines are level, if they are not.

    A line belongs to a row when its middle is within half a line height of the row's middle. A row runs across the
    page, as in tables and forms; columns of running text, with a gutter between them, are read one after the other.
    """
    placed = sorted(((on_page(line.quad), line) for line in lines), key=lambda one: _middle(one[0]))
    return tuple(line for _, line in _ordered(placed))


def _ordered(placed: Sequence[_Placed]) -> list[_Placed]:
    """Of lines from top to bottom: columns between what stands across them, or rows where there are none."""
    bands = max(_cuts(placed), key=_lines_in_columns, default=())
    if not _lines_in_columns(bands):
        return _in_rows(placed)
    ordered: list[_Placed] = []
    for band in bands:
        ordered += _ordered(band.left) + _ordered(band.right) if band.is_text else _in_rows(band.all)
    return ordered


@dataclass(frozen=True, slots=True)
class _Band:
    """Lines that follow one another from top to bottom, none of which stands across a gutter, or all of which do."""

    all: Sequence[_Placed]
    left: Sequence[_Placed] = ()
    right: Sequence[_Placed] = ()

    @property
    def is_text(self) -> bool:
        """Whether to the left of the gutter there is a column of running text, and to the right one or several."""
        return _fills(self.left) and _is_text(self.left) and _is_text(self.right)


def _cuts(placed: Sequence[_Placed]) -> Iterator[Sequence[_Band]]:
    """The lines in bands, for each place at which a gutter may be."""
    if len(placed) < 2 * LEAST_LINES:
        return
    start, end = min(_left(quad) for quad, _ in placed), max(_right(quad) for quad, _ in placed)
    for step in range(1, STEPS):
        yield _bands(placed, start + (end - start) * step / STEPS)


def _bands(placed: Sequence[_Placed], gutter: float) -> Sequence[_Band]:
    bands: list[_Band] = []
    for across, group in groupby(placed, key=lambda one: _left(one[0]) < gutter < _right(one[0])):
        lines = list(group)
        left, right = ([one for one in lines if (_left(one[0]) >= gutter) is side] for side in (False, True))
        bands.append(_Band(lines) if across else _Band(lines, left, right))
    return bands


def _lines_in_columns(bands: Sequence[_Band]) -> int:
    return sum(len(band.all) for band in bands if band.is_text)


def _is_text(lines: Sequence[_Placed]) -> bool:
    """Whether lines are running text: several of them, of several words."""
    return len(lines) >= LEAST_LINES and median(len(line.text.split()) for _, line in lines) >= LEAST_WORDS


def _fills(lines: Sequence[_Placed]) -> bool:
    """Whether most lines take most of the width that all take together, as in one column."""
    if not lines:
        return False
    width = max(_right(quad) for quad, _ in lines) - min(_left(quad) for quad, _ in lines)
    return median(_right(quad) - _left(quad) for quad, _ in lines) >= FILLED * width


def _in_rows(placed: Sequence[_Placed]) -> list[_Placed]:
    rows: list[list[_Placed]] = []
    for one in placed:
        if rows and _same_row(rows[-1], one):
            rows[-1].append(one)
        else:
            rows.append([one])
    return [one for row in rows for one in sorted(row, key=lambda one: _left(one[0]))]


def _same_row(row: Sequence[_Placed], placed: _Placed) -> bool:
    middle = median(_middle(quad) for quad, _ in row)
    height = min(_height(placed[0]), median(_height(quad) for quad, _ in row))
    return _middle(placed[0]) - middle <= 0.5 * height


def _middle(quad: Quad) -> float:
    return sum(quad[1::2]) / 4


def _left(quad: Quad) -> float:
    return min(quad[0::2])


def _right(quad: Quad) -> float:
    return max(quad[0::2])


def _height(quad: Quad) -> float:
    return max(quad[1::2]) - min(quad[1::2])
