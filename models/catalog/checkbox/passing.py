"""Strokes that begin beside a box and end far off: they underline, point or strike out something else.

A tick beside its box ends near it. Whether so long a tail is a sign of haste nobody can tell from the stroke alone, so
nothing is said of such a box with certainty.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.crops import Extent
from models.catalog.checkbox.reader import STATES
from models.ink import relative_darkness
from schemas.prediction import CheckboxState

Grey = npt.NDArray[np.uint8]

_SIDE = 24
"""Pixels of the box's side where strokes are looked for."""
_REACH = 6.5
"""Sides around the middle of the box that are looked at."""
FAR = 5.0
"""Sides from the middle up to where a mark's tail goes at most."""
_NEAR = 0.5
"""Sides from the border within which what may be taken for the box's mark begins."""
_BORDER, _INSET = 0.1, 0.22
"""Sides outside and inside of the edge that the border may take."""
_INK, _INSIDE = 0.18, 0.015
"""How much darker than paper ink is, and the share of it within the border that is a mark of the box's own."""
_RULE = 5.0
"""Sides; level and upright lines of that length are rules of the form."""
_FEWEST, _THIN = 6, 0.13
"""Pixels of a piece of a stroke, and how far they lie off its middle line, in sides."""
_SURE = 0.7


@dataclass(frozen=True, slots=True)
class Passing:
    """What begins beside a box, in the middle of a window of the page, and ends far off."""

    left: int
    top: int
    window: Grey
    stroke: Grey
    """Reduced, 1 where it is."""
    inside: Grey
    """Ink within the border, reduced."""

    def is_all(self) -> bool:
        """Whether the box has nothing inside."""
        return float(self.inside.mean()) <= _INSIDE

    def may_go_through(self) -> bool:
        """Whether what is inside is no more than a piece of one stroke: what passes may be that."""
        rows, columns = np.nonzero(self.inside)
        if len(rows) < _FEWEST:
            return False
        spread = np.linalg.eigvalsh(np.cov(np.stack([rows, columns]).astype(np.float64)))
        return bool(np.sqrt(max(0.0, float(spread[0]))) <= _THIN * _SIDE)

    def without(self, grey: Grey) -> Grey:
        """The page without it."""
        stroke = cv2.dilate(self.stroke, np.ones((3, 3), np.uint8))
        high, wide = self.window.shape
        covered = cv2.resize(stroke, (wide, high), interpolation=cv2.INTER_NEAREST)
        out = grey.copy()
        out[self.top : self.top + high, self.left : self.left + wide][covered > 0] = np.percentile(self.window, 80)
        return out


def passing(grey: Grey, box: Extent, far: float = FAR) -> Passing | None:
    """Strokes that begin beside the box and end so many sides off its middle, or farther; None if there are none."""
    left, top, right, bottom = box
    side = (right - left + bottom - top) / 2
    reach = _REACH * side
    x, y = (left + right) / 2, (top + bottom) / 2
    x0, y0 = max(0, round(x - reach)), max(0, round(y - reach))
    window = grey[y0 : round(y + reach), x0 : round(x + reach)]
    scale = _SIDE / side
    small = np.asarray(cv2.resize(window, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    ink = np.asarray(relative_darkness(small) > _INK, dtype=np.uint8)
    u, v = (x - x0) * scale, (y - y0) * scale
    inside = ink[_square(u, v, (0.5 - _INSET) * _SIDE)].copy()
    ink[_square(u, v, (0.5 + _BORDER) * _SIDE)] = 0
    long = round(_RULE * _SIDE)
    for shape in ((1, long), (long, 1)):
        rules = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(shape, np.uint8))
        ink &= 1 - cv2.dilate(rules, np.ones((3, 3), np.uint8))
    _, pieces = cv2.connectedComponents(ink, connectivity=8)
    stroke = np.zeros_like(ink)
    for piece in np.unique(pieces[_square(u, v, (0.5 + _NEAR) * _SIDE)]):
        rows, columns = np.nonzero(pieces == piece)
        if piece and np.hypot(columns - u, rows - v).max() >= far * _SIDE:
            stroke[rows, columns] = 1
    return Passing(x0, y0, window, stroke, inside) if stroke.any() else None


def hardly(states: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Beliefs lowered to what can be told of a box beside which such a stroke is: that may be its mark, or is none."""
    empty, unknown = STATES.index(CheckboxState.EMPTY), STATES.index(CheckboxState.MARKED)
    marks = [index for index in range(len(STATES)) if index != empty]
    marked, lowered = float(states[marks].sum()), states.copy()
    if marked > _SURE:
        lowered[marks] *= _SURE / marked
        lowered[empty] = 1 - _SURE
    elif 1 - marked > _SURE:
        lowered[unknown] += 1 - marked - _SURE
        lowered[empty] = _SURE
    return lowered


def _square(x: float, y: float, half: float) -> tuple[slice, slice]:
    return slice(max(0, round(y - half)), round(y + half) + 1), slice(max(0, round(x - half)), round(x + half) + 1)
