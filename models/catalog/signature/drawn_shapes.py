"""What is drawn on a page that no hand signs with: rings, charts, maps, logos, what shines through from the back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.signature.place_strokes import (
    Mask,
    axis_of,
    crossed_once,
    enclosed,
    framed_sides,
    ring_in_ring,
    roundest_hole,
    turns,
    widths,
)
from models.ink import FAINTEST, grey_page, relative_darkness
from models.pieces import Pieces, pieces_of
from schemas.prediction import Quad, bounds, box_quad

_LOOK_PIXELS = 1400
"""Longer side at which the page is looked at."""
_STROKE = 0.25
"""Darkness from which ink hangs together."""
_PALE, _OF_PALE = 0.5, 0.5
"""If no ink of a page is darker than that, all of it is pale: then strokes are darker than so much of the darkest."""
_DARKEST = 99
"""Percentile of the ink's darkness."""
_USUAL, _OF_PLACE = 60, 70
"""Percentiles of darkness: of all strokes of the page, and of the ink in a place, whose rims are pale."""
_FAINT = 0.5
"""Of the page's usual darkness; of signatures of the evaluation 1 in 100 is paler than 0.56."""
_ROUND = 0.85
"""Of the circle around a thing, its convex hull covers at least as much if it is a ring, a disc or a pie chart."""
_RULE = 0.08
"""Of the page's longer side: as long a level or upright run is a rule."""
_MOST_OUTSIDE, _WIDER = 0.6, 1.7
"""Less of a thing is inside of a place of which it is so much wider, if the place is a piece of a drawing."""
_LARGEST = (0.5, 0.08)
"""Width and height, of the page's longer side; signatures are smaller, even with the line they stand on."""
_ACROSS_PAGE = 0.6
"""Of the page's longer side: what is as wide is a torn edge or a crease, however low."""
_MOSTLY = 0.5
"""Of a place's width and height, a thing spans as much if it is what the place holds."""
_LONG_LINE, _FLAT = 0.5, 2.0
"""Of the side of a square as large as a place, which counts as so many times as wide as high at most where no name is
asked for: as long straight pieces are no strokes of a pen."""
_STRAIGHT = 0.75
"""Of the length of all edges in a place, as much is in such pieces; of real signatures 1 in 50 has more."""
_FRAMED, _TALL = 2, 0.09
"""Sides with a rule beside them, and height of the page's longer side: so are maps and plans, and no place to sign."""
_PENS, _HIGH = 0.4, 0.1
"""Spread of the strokes' widths, of their mean, in a place as high: roads and rivers, not one pen."""
_CLOSED, _WHOLE, _COMPACT = 0.18, 0.6, 0.55
"""A logo: of the place inside of strokes; of its ink in the largest thing; of the circle around that, its hull."""
_ENCLOSED, _SQUARE = 0.37, 1.6
"""Slices of a pie: of the place inside of strokes, and most of its width over height; frames to sign in are wider."""
_RING, _ACROSS = 0.82, 0.25
"""Of the circle around a hole, the hole, and its width, of the place's shorter side: a ring; no loop is above 0.7."""
_BEYOND_RING = 0.2
"""Of the ink of a place where a signature is asked for, what lies beyond a seal if somebody signed across it."""
_STROKES = 0.007
"""Height, or half the width, of the page's longer side: smaller pieces at a place to sign are no strokes."""
_CRUMB = 0.02
"""Of the largest piece in a place: less is grain."""
_IN_RING = 0.1
"""Of a hole, another one in it: heights on a map. Of 159 signatures of the evaluation none has any."""
_GRAPH, _WIDE_GRAPH, _WIDE = 0.92, 0.88, 0.2
"""Of the columns with ink, as many have one stroke, fewer in a place as wide, of the page's longer side: a graph or
a crease. Of real signatures 1 in 100 is above 0.72, none above 0.89, of drawn ones few above 0.91."""
_GRAPH_ON_AXIS, _THROUGH = 0.8, 0.7
"""The same where an axis goes through the middle of the place, over as much of its width."""
_BOLD, _BOLD_ASKED, _LARGE = 2.6, 6.0, 0.04
"""Width of strokes against the page's usual one, in a place as high: display type and logos, not a pen. Where words ask
for a signature it may be a felt pen's."""
_TURNS, _TURNS_ASKED = 10, 8
"""Fewer turns has an arrow, a dash, a hair: of signatures found on drawn pages 1 in 75, where words ask for a name 1
in 79 fewer than 8, of 247 on evaluation pages none fewer than 10."""


class DrawnShapes:
    """Looks at places of one page; the page is made ready when the first is asked about."""

    def __init__(self, grey: npt.NDArray[np.uint8]) -> None:
        self._page = grey

    def is_none_of_a_pen(self, quad: Quad, cued: bool = False) -> bool:
        """Whether an upright box, in pixels of the page, holds what no signature is.

        `cued`: words beside it ask for a signature; there it is no map or graph, whatever frames stand around a wave.
        """
        rows, columns = self._cut(quad)
        if self._grey[rows, columns].size == 0:
            return False
        return (
            self._is_faint(rows, columns)
            or self._is_of_a_drawing(rows, columns)
            or self._is_straight(rows, columns, cued)
            or self._is_printed_drawing(rows, columns, cued)
        )

    def hardly_turn(self, quad: Quad, asked: bool = False) -> bool:
        """Whether strokes in the box turn so seldom that they name nobody: an arrow, a hair.

        `asked`: words beside it ask for a name, or it is no more than initials; then fewer turns will do.
        """
        place = self._cut(quad)
        if min(self._grey[place].shape) < 3:
            return False
        return turns(np.ascontiguousarray(self._without_crumbs(place))) < (_TURNS_ASKED if asked else _TURNS)

    def strokes_in(self, window: Quad, read: Sequence[Quad]) -> Quad | None:
        """The upright box around the large strokes in a window but for rules and what lies in `read`; None if none."""
        things, counts = self._things, self._counts(*self._cut(window))
        scale = self._grey.shape[0] / self._page.shape[0]
        left, top, width, height = things.boxes.T.astype(np.float64) / scale
        size = np.maximum(height, width / 2)
        kept = (counts > _MOSTLY * things.areas) & (size >= _STROKES * max(self._page.shape))
        x, y = left + width / 2, top + height / 2
        for l2, t2, r2, b2 in map(bounds, read):
            kept &= ~((l2 <= x) & (x <= r2) & (t2 <= y) & (y <= b2))
        kept &= size >= _MOSTLY * size[kept].max(initial=0)
        if not kept.any():
            return None
        right, bottom = (left + width)[kept].max(), (top + height)[kept].max()
        return box_quad(float(left[kept].min()), float(top[kept].min()), float(right), float(bottom))

    @cached_property
    def _grey(self) -> npt.NDArray[np.uint8]:
        return grey_page(self._page, _LOOK_PIXELS)

    @cached_property
    def _darkness(self) -> npt.NDArray[np.float32]:
        return relative_darkness(self._grey)

    @cached_property
    def _stroke(self) -> float:
        """Darkness from which ink hangs together on this page."""
        ink = self._darkness[self._darkness > FAINTEST]
        darkest = float(np.percentile(ink, _DARKEST)) if ink.size else 1.0
        return _STROKE if darkest >= _PALE else max(FAINTEST, _OF_PALE * darkest)

    @cached_property
    def _usual(self) -> float:
        strokes = self._darkness[self._darkness > self._stroke]
        return float(np.percentile(strokes, _USUAL)) if strokes.size else 0.0

    @cached_property
    def _without_rules(self) -> tuple[Mask, Mask]:
        """All strokes but long level and upright ones, and those."""
        strokes = (self._darkness > self._stroke).astype(np.uint8)
        every, long = strokes.copy(), round(_RULE * max(strokes.shape))
        for side in ((1, long), (long, 1)):
            # A signature hangs together with the line it stands on, and so with a table.
            strokes -= np.asarray(cv2.morphologyEx(strokes, cv2.MORPH_OPEN, np.ones(side, np.uint8)), dtype=np.uint8)
        return strokes, every - strokes

    @cached_property
    def _usual_width(self) -> float:
        """Half the width of most strokes of the page."""
        found = widths(self._without_rules[0])
        return float(np.median(found)) if found.size else 0.0

    @cached_property
    def _things(self) -> Pieces:
        """What hangs together."""
        return pieces_of(self._without_rules[0])

    def _cut(self, quad: Quad) -> tuple[slice, slice]:
        scale = self._grey.shape[0] / self._page.shape[0]
        left, top, right, bottom = (max(0, round(value * scale)) for value in bounds(quad))
        return slice(top, bottom + 1), slice(left, right + 1)

    def _counts(self, rows: slice, columns: slice) -> npt.NDArray[np.intp]:
        """Of each thing, by number, its pixels in a place."""
        counts = np.bincount(self._things.labels[rows, columns].ravel(), minlength=len(self._things.areas))
        counts[0] = 0
        return counts

    def _is_faint(self, rows: slice, columns: slice) -> bool:
        part = self._darkness[rows, columns]
        ink = part[part > FAINTEST]
        return bool(ink.size) and float(np.percentile(ink, _OF_PLACE)) < _FAINT * self._usual

    def _is_of_a_drawing(self, rows: slice, columns: slice) -> bool:
        """Whether the largest thing that reaches into the place is round, or a whole of which the place is a part."""
        things, counts = self._things, self._counts(rows, columns)
        part = things.labels[rows, columns]
        largest = int(counts.argmax())
        (_, _, width, height), area = things.boxes[largest].tolist(), int(things.areas[largest])
        if not counts[largest] or width < _MOSTLY * part.shape[1] or height < _MOSTLY * part.shape[0]:
            return False
        if counts[largest] < _MOST_OUTSIDE * area and width > _WIDER * part.shape[1]:
            return True
        side = max(things.labels.shape)
        if width > _ACROSS_PAGE * side or (width > _LARGEST[0] * side and height > _LARGEST[1] * side):
            return True
        return self._roundness(largest) >= _ROUND

    def _is_printed_drawing(self, rows: slice, columns: slice, cued: bool) -> bool:
        """Whether the place is framed like a map, of several pens, closed like a logo or bold like display type."""
        strokes = np.ascontiguousarray(self._without_rules[0][rows, columns])
        high = strokes.shape[0] / max(self._grey.shape)
        if min(strokes.shape) < 3:
            return False
        if not strokes.any():
            # Paler than any stroke: it shines through.
            return self._usual > 0
        found = widths(strokes)
        if not cued and self._is_map_or_graph(strokes, found, (rows, columns)):
            return True
        inside = enclosed(strokes)
        whole, compact = self._largest(rows, columns)
        square = strokes.shape[1] <= _SQUARE * strokes.shape[0]
        if (square and inside > _ENCLOSED) or (inside > _CLOSED and whole > _WHOLE and compact > _COMPACT):
            return True
        round_hole, beyond = roundest_hole(self._whole(rows, columns), _ACROSS)
        # Who is asked to sign may do so across a seal.
        is_ring = round_hole > _RING and not (cued and beyond > _BEYOND_RING)
        if ring_in_ring(strokes) > _IN_RING or is_ring:
            return True
        # At a pixel or two widths say little.
        bold = _BOLD_ASKED if cued else _BOLD
        return high > _LARGE and float(np.median(found)) > bold * max(self._usual_width, 0.5)

    def _is_map_or_graph(self, strokes: Mask, found: npt.NDArray[np.float32], place: tuple[slice, slice]) -> bool:
        """Framed and tall, of several pens, or with one stroke in nearly every column; `found` are the widths."""
        side = max(self._grey.shape)
        high = strokes.shape[0] / side
        if high > _TALL and framed_sides(self._without_rules[1], place) >= _FRAMED:
            return True
        if high > _HIGH and float(found.std()) > _PENS * float(found.mean()):
            return True
        whole = self._without_crumbs(place)
        axis = axis_of(whole, self._without_rules[1][place])
        once = crossed_once(np.asarray(whole & ~axis & 1, dtype=np.uint8))
        # A line through the middle is no line to sign on.
        middle = axis[strokes.shape[0] // 4 : -(strokes.shape[0] // 4) or None]
        if float(middle.any(axis=0).mean()) >= _THROUGH:
            return once > _GRAPH_ON_AXIS
        return once > (_WIDE_GRAPH if strokes.shape[1] > _WIDE * side else _GRAPH)

    def _whole(self, rows: slice, columns: slice) -> Mask:
        """The strokes of a place, with the rest of what is in it for the most part: a ring may be cut by its edge."""
        things, counts = self._things, self._counts(rows, columns)
        left, top, width, height = things.boxes[np.flatnonzero(counts > _MOSTLY * things.areas)].T
        if not left.size:
            return np.ascontiguousarray(self._without_rules[0][rows, columns])
        down = slice(min(rows.start, int(top.min())), max(rows.stop, int((top + height).max())))
        across = slice(min(columns.start, int(left.min())), max(columns.stop, int((left + width).max())))
        return np.ascontiguousarray(self._without_rules[0][down, across])

    def _without_crumbs(self, place: tuple[slice, slice]) -> Mask:
        """The strokes of a place but for grain, the pieces of which are small beside the largest."""
        counts = self._counts(*place)
        kept = counts >= max(1.0, _CRUMB * float(counts.max()))
        return np.asarray(kept[self._things.labels[place]], dtype=np.uint8)

    def _largest(self, rows: slice, columns: slice) -> tuple[float, float]:
        """Of the ink in a place, the share of the largest thing; of the circle around that, the share of its hull."""
        counts = self._counts(rows, columns)
        largest = int(counts.argmax())
        if not counts[largest]:
            return 0.0, 0.0
        return float(counts[largest] / counts.sum()), self._roundness(largest)

    def _roundness(self, number: int) -> float:
        things = self._things
        left, top, width, height = things.boxes[number].tolist()
        thing = (things.labels[top : top + height, left : left + width] == number).view(np.uint8)
        hull = cv2.convexHull(np.asarray(cv2.findNonZero(thing)))
        _, radius = cv2.minEnclosingCircle(hull)
        return float(cv2.contourArea(hull) / max(np.pi * radius * radius, 1e-6))

    def _is_straight(self, rows: slice, columns: slice, cued: bool) -> bool:
        """Whether straight pieces make most of the place; of a low wave none is as long."""
        part = np.ascontiguousarray(self._grey[rows, columns])
        found = cv2.createLineSegmentDetector().detect(part)[0]
        if found is None:
            return False
        ends = found.reshape(-1, 4)
        lengths = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
        # In a flat place every stroke is long beside its height.
        wide = max(part.shape) if cued else min(max(part.shape), _FLAT * min(part.shape))
        side = float(np.sqrt(min(part.shape) * wide))
        return float(lengths[lengths > _LONG_LINE * side].sum()) > _STRAIGHT * float(lengths.sum())
