"""What is written into a place of a form: strokes that belong to it, also where they stray, and not its neighbour's."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.form_reader.laid_page import LaidPage, Mask
from models.catalog.form_reader.strokes import NOBODY, PixelBox, Strokes, Which

_AROUND_DOWN, _AROUND_ASIDE = (0.35, 12), (0.5, 16)
"""How much around the place is shown: a share of its height, and pixels, at most."""
_STRAYS_DOWN, _STRAYS_ASIDE = 45, 120
"""Pixels beyond the place up to which its strokes are followed: 6 and 15 mm."""
_CLOSE = 10
"""Pixels beyond the place: what is written there may be meant for it."""


@dataclass(frozen=True, slots=True)
class Written:
    """A place with what was written into it."""

    grey: npt.NDArray[np.uint8]
    """The place and a little around it, black on white."""
    ink: Mask
    """As `grey`, 1 where there is ink."""
    ink_box: PixelBox | None
    """In `grey`, of the strokes that are more than specks; None without any."""
    inside: PixelBox
    """The place in `grey`."""
    amount: float
    """Pixels of ink in strokes that are more than specks."""
    visible: float
    """How much of the place is free of print."""
    foreign: float
    """Pixels of ink inside the place or close to it in strokes, more than specks, that belong to another place."""
    loose: float
    """The same of strokes that belong to no place."""
    pale: float = 0.0
    """Pixels of strokes inside the place or close to it that are hardly darker than the paper: too pale to be read."""

    @property
    def share(self) -> float:
        """How much ink there is for the size of the place."""
        return self.amount / self.area

    @property
    def area(self) -> int:
        """Pixels of the place."""
        left, top, right, bottom = self.inside
        return max(1, (right - left) * (bottom - top))


def written_in(page: LaidPage, strokes: Strokes, number: int, place: PixelBox) -> Written:
    """What is in the place of that number among those that `strokes` were told of."""
    own = strokes.whole(number)
    limit = _grown(place, (_STRAYS_ASIDE, _STRAYS_DOWN), page.writing.shape)
    if own.any() and strokes.strays(number):
        own = own | _followers(strokes, own, limit)
    shown = _window(strokes, own, place, limit, page.writing.shape)
    left, top, right, bottom = shown
    inside = place[0] - left, place[1] - top, place[2] - left, place[3] - top
    labels, ink = (each[top:bottom, left:right] for each in (strokes.labels, strokes.ink))
    mine = np.asarray(own[labels], dtype=np.uint8)
    within = np.zeros_like(mine)
    within[inside[1] : inside[3], inside[0] : inside[2]] = 1
    mine |= np.asarray(strokes.shared(number)[labels] & within, dtype=np.uint8)
    darkness = page.writing[top:bottom, left:right]
    dark = np.where(cv2.dilate(mine, np.ones((3, 3), np.uint8)) > 0, darkness, 0) / max(2 * page.level, 0.4)
    grey = np.asarray(255 - 255 * np.clip(dark, 0, 1), dtype=np.uint8)
    mine &= ink
    long = np.asarray(mine & strokes.is_long[labels], dtype=np.uint8)
    hidden = page.near_print[place[1] : place[3], place[0] : place[2]]
    visible = 1 - float(hidden.mean()) if hidden.size else 0.0
    return Written(
        grey,
        mine,
        _line_box(long, mine),
        inside,
        float(np.count_nonzero(long)),
        visible,
        _beside(strokes, ~own & (strokes.owners != NOBODY), place),
        _beside(strokes, ~own & (strokes.owners == NOBODY), place),
        _beside(strokes, strokes.is_pale, place, strokes.faint),
    )


def _beside(strokes: Strokes, which: Which, place: PixelBox, ink: Mask | None = None) -> float:
    height = place[3] - place[1]
    left, top, right, bottom = _grown(place, (0, min(_CLOSE, height // 4)), strokes.labels.shape)
    inked = (strokes.ink if ink is None else ink)[top:bottom, left:right] > 0
    here = (strokes.is_long & which)[strokes.labels[top:bottom, left:right]] & inked
    return float(np.count_nonzero(here))


def _line_box(long: Mask, all_ink: Mask) -> PixelBox | None:
    """Around the strokes that are more than specks, and the specks beside them: full stops, the tails of commas."""
    box = _box_of(long)
    if box is None:
        return None
    left, top, right, bottom = box
    height = bottom - top
    first, above = max(0, left - height), max(0, top - height // 4)
    near = _box_of(np.ascontiguousarray(all_ink[above : bottom + height // 4, first : right + height]))
    if near is None:
        return box
    return (
        min(left, first + near[0]),
        min(top, above + near[1]),
        max(right, first + near[2]),
        max(bottom, above + near[3]),
    )


def _box_of(mask: Mask) -> PixelBox | None:
    points = cv2.findNonZero(mask)
    if points is None:
        return None
    left, top, width, height = cv2.boundingRect(points)
    return left, top, left + width, top + height


def _followers(strokes: Strokes, own: Which, limit: PixelBox) -> Which:
    """Strokes of nobody that stand in one line with those of the place: a full stop, a figure that strayed further."""
    left, top, width, height = strokes.boxes.T
    right, bottom = left + width, top + height
    first, last = int(top[own].min()), int(bottom[own].max())
    beside = last - first
    free = (strokes.owners == NOBODY) & (strokes.sizes > 0)
    near = (left >= max(limit[0], int(left[own].min()) - beside)) & (
        right <= min(limit[2], int(right[own].max()) + beside)
    )
    in_line = np.minimum(bottom, last) - np.maximum(top, first) >= 0.5 * height
    return np.asarray(free & near & in_line & (top >= limit[1]) & (bottom <= limit[3]))


def _window(strokes: Strokes, own: Which, place: PixelBox, limit: PixelBox, shape: tuple[int, ...]) -> PixelBox:
    """The place with a little around it, and with all of its strokes as far as `limit`."""
    height = place[3] - place[1]
    down, aside = (int(min(share * height, most)) for share, most in (_AROUND_DOWN, _AROUND_ASIDE))
    x0, y0, x1, y1 = _grown(place, (aside, down), shape)
    if own.any():
        left, top, width, tall = strokes.boxes[own].T
        x0, y0 = min(x0, max(limit[0], int(left.min()))), min(y0, max(limit[1], int(top.min())))
        x1 = max(x1, min(limit[2], int((left + width).max())))
        y1 = max(y1, min(limit[3], int((top + tall).max())))
    return x0, y0, x1, y1


def _grown(place: PixelBox, by: tuple[int, int], shape: tuple[int, ...]) -> PixelBox:
    return (
        max(0, place[0] - by[0]),
        max(0, place[1] - by[1]),
        min(shape[1], place[2] + by[0]),
        min(shape[0], place[3] + by[1]),
    )
