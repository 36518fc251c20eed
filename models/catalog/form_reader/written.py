"""What is written into a place of a form: strokes that belong to it, also where they stray, and not its neighbour's."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from forms.form import Box
from models.catalog.form_reader.laid_page import LaidPage, Mask

_STRAYS_DOWN, _STRAYS_ASIDE = (0.35, 12), (0.5, 16)
"""How far beyond the place is looked: a share of its height, and pixels, at most."""
_BELONGS = 0.5
"""Of a stroke's ink, as much as must be inside the place."""
_SPECK = 7
"""Pixels; a stroke less long proves no writing: 0.9 mm."""
_EDGE = 2


@dataclass(frozen=True, slots=True)
class Written:
    """A place with what was written into it."""

    grey: npt.NDArray[np.uint8]
    """The place and a little around it, black on white."""
    ink: Mask
    """As `grey`, 1 where there is ink."""
    inside: tuple[int, int, int, int]
    """Left, top, right and bottom of the place in `grey`."""
    amount: float
    """Pixels of the place that are ink of strokes that are more than specks."""
    visible: float
    """How much of the place is free of print."""

    @property
    def share(self) -> float:
        """How much of the place is ink of such strokes."""
        return self.amount / self.area

    @property
    def area(self) -> int:
        """Pixels of the place."""
        left, top, right, bottom = self.inside
        return max(1, (right - left) * (bottom - top))


def written_in(page: LaidPage, box: Box) -> Written:
    """What is in a place, given in fractions of the blank page."""
    height, width = page.writing.shape
    left, top, right, bottom = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    down, aside = (min(share * (bottom - top), most) for share, most in (_STRAYS_DOWN, _STRAYS_ASIDE))
    x0, y0 = int(max(0, left - aside)), int(max(0, top - down))
    x1, y1 = int(min(width, np.ceil(right + aside))), int(min(height, np.ceil(bottom + down)))
    inside = int(left) - x0, int(top) - y0, max(int(left) + 1, round(right)) - x0, max(int(top) + 1, round(bottom)) - y0
    darkness = page.writing[y0:y1, x0:x1]
    ink = np.asarray(darkness > page.level, dtype=np.uint8)
    own, large = _own_strokes(ink, inside)
    shown = np.where(cv2.dilate(own, np.ones((3, 3), np.uint8)) > 0, darkness, 0) / max(2 * page.level, 0.4)
    hidden = page.near_print[int(top) : inside[3] + y0, int(left) : inside[2] + x0]
    visible = 1 - float(hidden.mean()) if hidden.size else 0.0
    return Written(np.asarray(255 - 255 * np.clip(shown, 0, 1), dtype=np.uint8), ink & own, inside, large, visible)


def _own_strokes(ink: Mask, inside: tuple[int, int, int, int]) -> tuple[Mask, float]:
    """The strokes that belong to the place, and how many pixels inside it are of more than specks."""
    joined = cv2.dilate(ink, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    place = np.zeros_like(ink)
    # The very edge is where the frame lies.
    place[max(0, inside[1] + _EDGE) : inside[3] - _EDGE, max(0, inside[0] + _EDGE) : inside[2] - _EDGE] = 1
    there = np.bincount(labels[(place & ink) > 0], minlength=count)
    whole = np.bincount(labels[ink > 0], minlength=count)
    belongs = (whole > 0) & (there >= _BELONGS * whole)
    belongs[0] = False
    long = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) - 2 >= _SPECK
    return np.asarray(belongs[labels], dtype=np.uint8), float(there[belongs & long].sum())
