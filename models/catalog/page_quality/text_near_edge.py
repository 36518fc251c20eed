"""Whether the text along the top or bottom edge of a page goes on beyond it.

A knife that goes through a line leaves letters that touch the edge. One that passes between two lines leaves a block
of lines with next to no margin. That is told from print that was set close to the edge by what else is there: a footer,
a letterhead or a title stands alone, and on a slip with a narrow margin those at the sides are narrow too.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

Span = tuple[float, float]
"""From where to where along the edge, in pixels."""

TOUCH = 2
"""Pixels of the small page: what begins so near to the edge touches it. Straightening leaves a fringe of one."""
_NEAR, _NEAR_OF_A_PART = 1.0, 5.0
"""Distance from the edge, in letters' heights, up to which a line is near it; the second where the page may be the part
of one, and has much less margin at this edge than at the opposite one."""
_LESS_MARGIN = 2.0
_OF_SIDE_MARGIN = 0.3
"""What is left of a margin by a knife, of the page's narrower side margin."""
_BLOCK = ((0.6, 1), (_NEAR, 3), (_NEAR_OF_A_PART, 4))
"""Up to which distance of the first line from the edge, in letters' heights, it takes how many lines that follow each
other for a block of text; nothing is set nearer to an edge than the first of these."""
_FOLLOWS = 8.0
"""Letters' heights from one line to the next of a block."""
_LINE_LETTERS = 6
_SAME_LINE = 0.6
"""Distance of two letters' middles, in letters' heights, up to which they stand in one line."""


class TextNearEdge:
    """The letters in the strip along one edge, which is the strip's first row."""

    def __init__(self, things: npt.NDArray[np.int32], letter: float, length: int) -> None:
        """`things` are (n, 5) left, top, width, height and area of what hangs together; `length` is the edge's."""
        self._letter, self._length = letter, length
        _, top, width, height, area = things.T
        fits = (width > 0.15 * letter) & (width < 6 * letter) & (height < 3 * letter)
        self._touching = things[fits & (top < TOUCH) & (height > 0.25 * letter)]
        fits &= (height > 0.45 * letter) & (area > 0.1 * letter * letter) & (area < 0.9 * width * height)
        self._letters = things[fits]

    def cut(self, opposite: TextNearEdge, *, may_be_part: bool) -> list[Span]:
        """Where letters stand that say that the page goes on; `may_be_part`: it has the shape of a part of one."""
        part = may_be_part and _LESS_MARGIN * self.margin < opposite.margin
        reach = (_NEAR_OF_A_PART if part else _NEAR) * self._letter
        near = self._letters[self._letters[:, 1] < reach]
        if not (self._tops and self._is_block and self.margin < _OF_SIDE_MARGIN * self._side_margin):
            near = self._touching
        return [(float(left), float(left + width)) for left, _, width, *_ in near]

    @property
    def margin(self) -> float:
        """Pixels from the edge to its first line; infinite where there is none within the strip."""
        return self._tops[0] if self._tops else np.inf

    @cached_property
    def _tops(self) -> list[float]:
        """Where lines begin, nearest to the edge first."""
        middles = self._letters[:, 1] + self._letters[:, 3] / 2
        order = np.argsort(middles)
        breaks = np.flatnonzero(np.diff(middles[order]) > _SAME_LINE * self._letter) + 1
        lines = [self._letters[line, 1] for line in np.split(order, breaks)]
        return [float(np.median(line)) for line in lines if len(line) >= _LINE_LETTERS]

    @property
    def _is_block(self) -> bool:
        tops = np.array(self._tops) / self._letter
        gaps = np.flatnonzero(np.diff(tops) > _FOLLOWS)
        lines = int(gaps[0]) + 1 if gaps.size else len(tops)
        return any(tops[0] < reach and lines >= least for reach, least in _BLOCK)

    @property
    def _side_margin(self) -> float:
        lefts, rights = self._letters[:, 0], self._letters[:, 0] + self._letters[:, 2]
        return float(min(np.percentile(lefts, 2), self._length - np.percentile(rights, 98)))
