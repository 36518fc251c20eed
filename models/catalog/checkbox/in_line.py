"""Places in the columns and rows of sure boxes that are bordered as those are: forms set their boxes in one make."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.crossings import is_like, lines_of
from models.catalog.checkbox.overlaps import away_from, extents
from models.catalog.checkbox.selection import Found

Grey = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

_FEWEST = 2
"""Sure boxes of about one size: from there on one alone shows where others may stand."""
_MOST_LINES, _MOST_IN_LINE, _MOST = 12, 12, 64
_SPARSE = 4
"""Of so many rows one tells the grey of the paper."""
_SLACK = 0.08
"""Sides by which a border may lie beside its place."""
_INK = 0.4
"""Of the way from paper to the borders of the sure boxes, from where on something is ink."""
_BESIDE, _THIRD_BESIDE, _MOST_BESIDE = 0.2, 0.3, 0.65
"""How far beside a place is looked, in sides, and the ink there: next to a box is little on three sides at least."""
_LEAST_SIDE, _FEWEST_SIDES = 0.4, 2
"""Share of a side from which it counts as there, and how many have to be: what is white on a tint has none."""
_SIDE_LIKE, _ALIKE = 0.6, 0.85
"""Share of the ink of the sure boxes' sides: on the least like of them, and in the mean, which tells how sure it is."""
_SUREST = 0.95


def in_line_with(grey: Grey, sure: Sequence[Found], taken: Sequence[Found]) -> list[Found]:
    """Places in the columns and rows of the `sure` boxes, of their size and make; none that is `taken`."""
    known = [box for box in sure if sum(is_like(box, other) for other in sure) >= _FEWEST]
    columns = lines_of(known, lambda box: box.left)
    rows = [[_turned(box) for box in row] for row in lines_of(known, lambda box: box.top)]
    borders = _borders(grey, known)
    found = [place for line in _longest(columns) for place in _along(grey, line, borders)]
    found += [_turned(place) for line in _longest(rows) for place in _along(grey.T, line, borders)]
    free = away_from(extents(found), extents(taken), 0.0)
    return [place for place, is_free in zip(found, free, strict=True) if is_free][:_MOST]


def _longest(lines: Sequence[list[Found]]) -> list[list[Found]]:
    return sorted(lines, key=len, reverse=True)[:_MOST_LINES]


def _turned(box: Found) -> Found:
    return Found(box.top, box.left, box.bottom, box.right, box.confidence, box.radio)


def _borders(grey: Grey, known: Sequence[Found]) -> float:
    """How dark the borders of the boxes are."""
    parts = (grey[round(box.top) : round(box.bottom), round(box.left) : round(box.right)] for box in known[:_MOST])
    return float(np.median([float(np.percentile(part, 5)) for part in parts if part.size] or [0.0]))


def _along(grey: Grey, line: Sequence[Found], borders: float) -> list[Found]:
    """Down the page, between the left and the right of the boxes of the line."""
    edges = np.median(extents(line), axis=0)
    left, right = round(float(edges[0])), round(float(edges[2]))
    high = round(float(np.median([box.bottom - box.top for box in line])))
    slack = max(1, round(_SLACK * high))
    room = slack + max(2, round(_BESIDE * high))
    x0, x1 = left - room, right + room
    if x0 < 0 or x1 > grey.shape[1] or len(grey) < high + 4 * room or right - left < 6 * slack:
        return []
    strip = grey[:, x0:x1]
    paper = float(np.median(strip[::_SPARSE]))
    ink = strip < paper - _INK * (paper - borders)
    cover = _covers(ink[:, room - slack : slack - room], high, slack)
    beside = np.sort(_beside(ink, high, slack, room)[:, : cover.shape[1]], axis=0)
    tops = np.clip(np.rint([box.top for box in line]).astype(np.intp), 0, cover.shape[1] - 1)
    usual = np.median(cover[:, tops], axis=1)[:, None]
    there = usual[:, 0] >= _LEAST_SIDE
    if there.sum() < _FEWEST_SIDES:
        return []
    like = np.minimum(1.0, cover[there] / usual[there])
    fits = (like.min(axis=0) >= _SIDE_LIKE) & (like.mean(axis=0) >= _ALIKE)
    fits &= (beside[2] < _THIRD_BESIDE) & (beside[3] < _MOST_BESIDE)
    value = np.where(fits, like.sum(axis=0), 0.0)
    places: list[Found] = []
    while len(places) < _MOST_IN_LINE and value.max() > 0:
        # Of equals the middle one: a border is wide.
        best = np.flatnonzero(value == value.max())
        top = int(best[np.flatnonzero(np.append(np.diff(best), 0) != 1)[0] // 2])
        sure = min(_SUREST, float(like[:, top].mean()))
        places.append(Found(left, top, right, top + high, sure, line[0].radio))
        value[max(0, top - high) : top + high] = 0
    return places


def _covers(ink: npt.NDArray[np.bool_], high: int, slack: int) -> Floats:
    """(4, n): shares of the left, right, upper and lower side that are inked, for each place of the upper one."""
    wide = 2 * slack + 1
    sides = np.stack([ink[:, :wide].any(axis=1), ink[:, -wide:].any(axis=1)]).astype(np.float64)
    sums = np.concatenate([np.zeros((2, 1)), np.cumsum(sides, axis=1)], axis=1)
    upright = (sums[:, high:] - sums[:, :-high]) / high
    across = ink[:, wide:-wide].mean(axis=1)
    near = np.max([np.roll(across, step) for step in range(-slack, slack + 1)], axis=0)
    count = upright.shape[1] - 1
    return np.stack([upright[0, :count], upright[1, :count], near[:count], near[high - 1 : high - 1 + count]])


def _beside(ink: npt.NDArray[np.bool_], high: int, slack: int, room: int) -> Floats:
    """(4, n): shares of ink left, right, above and below of each place, by its upper side; `room` is around the ink."""
    sums = np.pad(np.cumsum(ink.sum(axis=1)), (1, 0))
    shares = np.stack([ink[:, : room - slack].mean(axis=1), ink[:, slack - room :].mean(axis=1)])
    upright = np.concatenate([np.zeros((2, 1)), np.cumsum(shares, axis=1)], axis=1)
    wide, deep = ink.shape[1], room - slack
    rows = np.arange(len(ink) - high)
    above = sums[np.maximum(rows - slack, 0)] - sums[np.maximum(rows - room, 0)]
    below = sums[np.minimum(rows + high + room, len(ink))] - sums[np.minimum(rows + high + slack, len(ink))]
    sides = (upright[:, high:] - upright[:, :-high])[:, : len(rows)] / high
    return np.stack([sides[0], sides[1], above / (wide * deep), below / (wide * deep)])
