"""Writing around a stamp or seal: letters in a ring, which no detector of lines sees as one."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from models.ink import grey_of, relative_darkness
from models.pieces import Pieces, pieces_of

Corners = npt.NDArray[np.float32]
"""(4, 2): x, y in pixels of the page, clockwise from the top left."""
Floats = npt.NDArray[np.float64]

_MOST_PIXELS = 2_000_000
_FAINTEST = 0.2
"""How much darker than paper the ink of a stamp is at least."""
_SIDES = (48, 0.6)
"""Of a ring: pixels at least, and share of the page's shorter side at most."""
_ASPECT, _MOST_INK = 1.2, 0.4
_LINE, _ROUND = 0.86, 0.8
"""Radii from the middle from which on a ring has its ink, and the share of directions in which there is some."""
_FROM, _TO = 0.5, 1.35
"""Radii between which letters may stand: most within the ring, some around it."""
_LETTER = (0.07, 0.34)
"""Of the radius, the longer side of a letter."""
_SPREAD = 0.12
"""Radii by which letters of one ring differ in how far they are from the middle, mostly."""
_FEWEST, _DIRECTIONS, _FEWEST_DIRECTIONS = 8, 18, 6
_MOST_RINGS = 20


def rings_with_writing(page: npt.NDArray[np.uint8], lines: Sequence[Corners]) -> list[Corners]:
    """The squares around rings of letters on a grey or BGR page that are in none of the `lines`."""
    grey = grey_of(page)
    shrink = min(1.0, float(np.sqrt(_MOST_PIXELS / grey.size)))
    small = np.ascontiguousarray(grey)
    if shrink < 1:
        small = np.asarray(cv2.resize(grey, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    pieces = pieces_of((relative_darkness(small) > _FAINTEST).astype(np.uint8))
    rings = _rings(pieces, min(small.shape))
    if not rings:
        return []
    letters = _free_pieces(pieces, [corners * np.float32(shrink) for corners in lines])
    return [_square(*ring) / np.float32(shrink) for ring in rings if _has_letters(letters, *ring)]


def _rings(pieces: Pieces, shortest: int) -> list[tuple[float, float, float]]:
    """Middle and radius of each ring, the larger of two around one middle."""
    x, y, wide, high = pieces.boxes[1:].astype(np.float64).T
    fits = (np.minimum(wide, high) >= _SIDES[0]) & (np.maximum(wide, high) <= _SIDES[1] * shortest)
    fits &= (wide < _ASPECT * high) & (high < _ASPECT * wide) & (pieces.areas[1:] < _MOST_INK * wide * high)
    found: list[tuple[float, float, float]] = []
    for number in sorted(np.flatnonzero(fits).tolist(), key=lambda each: -wide[each])[:_MOST_RINGS]:
        middle = x[number] + wide[number] / 2, y[number] + high[number] / 2
        radius = (wide[number] + high[number]) / 4
        inner = any(np.hypot(middle[0] - other[0], middle[1] - other[1]) < 0.2 * other[2] for other in found)
        if not inner and _is_round(pieces, number + 1):
            found.append((*middle, radius))
    return found


def _is_round(pieces: Pieces, number: int) -> bool:
    left, top, wide, high = (int(value) for value in pieces.boxes[number])
    rows, columns = np.nonzero(pieces.labels[top : top + high, left : left + wide] == number)
    across, down = (columns + 0.5) / wide * 2 - 1, (rows + 0.5) / high * 2 - 1
    rim = np.hypot(across, down) >= _LINE
    directions = np.unique(_direction(across[rim], down[rim], 36))
    return bool(rim.mean() >= _ROUND and len(directions) >= _ROUND * 36)


def _free_pieces(pieces: Pieces, lines: Sequence[Corners]) -> Floats:
    """(n, 3): middle and longer side of each piece that is in no line."""
    boxes = pieces.boxes[1:].astype(np.float64)
    middles = boxes[:, :2] + boxes[:, 2:] / 2
    free = np.ones(len(boxes), np.bool_)
    for corners in lines:
        low, high = corners.min(axis=0), corners.max(axis=0)
        near = np.flatnonzero(((middles >= low) & (middles <= high)).all(axis=1) & free)
        for each in near.tolist():
            free[each] = cv2.pointPolygonTest(corners, middles[each].tolist(), False) < 0
    return np.column_stack([middles, boxes[:, 2:].max(axis=1)])[free]


def _has_letters(letters: Floats, x: float, y: float, radius: float) -> bool:
    across, down = letters[:, 0] - x, letters[:, 1] - y
    away = np.hypot(across, down) / radius
    size = letters[:, 2] / radius
    near = (away >= _FROM) & (away <= _TO) & (size >= _LETTER[0]) & (size <= _LETTER[1])
    if near.sum() < _FEWEST:
        return False
    usual = float(np.median(away[near]))
    near &= np.abs(away - usual) <= _SPREAD
    directions = np.unique(_direction(across[near], down[near], _DIRECTIONS))
    return bool(near.sum() >= _FEWEST and len(directions) >= _FEWEST_DIRECTIONS)


def _direction(across: Floats, down: Floats, count: int) -> npt.NDArray[np.intp]:
    return np.asarray((np.arctan2(down, across) / (2 * np.pi) % 1 * count).astype(np.intp))


def _square(x: float, y: float, radius: float) -> Corners:
    steps = ((-radius, -radius), (radius, -radius), (radius, radius), (-radius, radius))
    return np.array([(x + across, y + down) for across, down in steps], dtype=np.float32)
