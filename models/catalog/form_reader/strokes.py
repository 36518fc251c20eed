"""Which place of a form each stroke on the page belongs to: the one that most of its ink lies in."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from forms.form import Box
from models.catalog.form_reader.laid_page import LaidPage, Mask
from models.pieces import pieces_of

Which = npt.NDArray[np.bool_]
"""(strokes,)."""
PixelBox = tuple[int, int, int, int]
"""Left, top, right, bottom."""

_FAINT = 0.6
"""Of the darkness of ink: thin parts of a stroke are as pale."""
_PALE = 0.3
"""Of what is faint in a stroke, less that is ink makes it pale."""
_STREAK = 0.2
"""Of its length, less wide is a streak."""
_OWN = 0.15
"""Of a stroke's ink, as much as must lie in the place that it belongs to."""
_SHARED = 0.25
"""A stroke with as much of its ink in another place too was written by two: each place has what is inside it."""
_WITHIN = 0.9
_EDGE = 2
"""Pixels: the very edge of a place is where its frame lies."""
_SPECK = 7
"""Pixels; a stroke less long proves no writing: 0.9 mm."""
NOBODY = -1


class Strokes:
    """The strokes on a laid page, and the places they belong to."""

    def __init__(self, page: LaidPage, places: Sequence[Box]) -> None:
        self.ink: Mask = np.asarray(page.writing > page.level, dtype=np.uint8)
        faint = np.asarray(page.writing > _FAINT * page.level, dtype=np.uint8)
        joined = cv2.dilate(faint, np.ones((3, 3), np.uint8))
        pieces = pieces_of(np.asarray(joined, dtype=np.uint8))
        count, labels = len(pieces.areas), pieces.labels
        self.labels = labels
        self.boxes = pieces.boxes
        """(count, 4): left, top, width, height of each stroke, one pixel larger on each side."""
        self.sizes = np.bincount(labels[self.ink > 0], minlength=count)
        """Pixels of ink of each stroke; 0 is the paper."""
        self.is_long = np.asarray(pieces.boxes[:, 2:].max(axis=1) - 2 >= _SPECK)
        self.is_long[0] = False
        self.faint = faint
        faint_sizes = np.bincount(labels[faint > 0], minlength=count)
        sides = np.sort(pieces.boxes[:, 2:] - 2, axis=1)
        self.is_pale = self.is_long & (self.sizes < _PALE * faint_sizes) & (sides[:, 0] >= _STREAK * sides[:, 1])
        """(count,): pencil, a pen that runs dry; not the streaks of a scanner."""
        self._inside = [self._counted(pixel_box(place, page.writing.shape), count) for place in places]
        shares = np.array(self._inside).reshape(len(self._inside), count)
        first = shares.argmax(axis=0) if self._inside else np.zeros(count, np.intp)
        self._most = shares.max(axis=0, initial=0.0)
        self._next = np.sort(shares, axis=0)[-2] if len(self._inside) > 1 else np.zeros(count)
        self.owners = np.where((self._most >= _OWN) & (self.sizes > 0), first, NOBODY)
        """(count,): the place that each stroke belongs to, or NOBODY."""

    def whole(self, place: int) -> Which:
        """Which strokes belong to a place alone, wherever they stray."""
        return np.asarray((self.owners == place) & (self._next < _SHARED))

    def shared(self, place: int) -> Which:
        """Of which strokes a place has what is inside it."""
        return np.asarray((self._inside[place] >= _SHARED) & (self._next >= _SHARED))

    def strays(self, place: int) -> bool:
        """Whether something that belongs to a place is partly outside it."""
        return bool((self._inside[place][self.whole(place)] < _WITHIN).any())

    def _counted(self, box: PixelBox, count: int) -> npt.NDArray[np.float64]:
        """Of each stroke, the share of its ink that is inside the place but for its very edge."""
        left, top, right, bottom = box
        rows, columns = slice(top + _EDGE, max(top, bottom - _EDGE)), slice(left + _EDGE, max(left, right - _EDGE))
        inside = self.labels[rows, columns][self.ink[rows, columns] > 0]
        return np.bincount(inside, minlength=count) / np.maximum(self.sizes, 1)


def pixel_box(place: Box, shape: tuple[int, ...]) -> PixelBox:
    """A place in fractions of the blank page in pixels of its laid page."""
    height, width = shape[:2]
    left, top = int(place[0] * width), int(place[1] * height)
    return left, top, max(left + 1, round(place[2] * width)), max(top + 1, round(place[3] * height))
