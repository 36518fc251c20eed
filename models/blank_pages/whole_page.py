"""Lays a straight page over a blank page by all of the print at once, where keypoints tell nothing.

On a densely filled form most keypoints are of writing, and those of combs and tables are all alike. All print together
fits in one place only.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from models.ink import Ink

SHRUNK = 0.25
"""Of the size of comparison: 200 pixels, at which rows of a form are still apart."""
GLANCE = 0.125
"""The same for a glance."""
CLOSE, REACH = 0.5, 6
"""The same for the closer look, and how far it looks, in its pixels."""
TURNS, FINE_TURN, STRETCHES = (-0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6), 0.1, (0.985, 0.99, 0.995, 1.0, 1.005, 1.01, 1.015)
"""Degrees and scales tried then."""
SCALES = np.arange(0.76, 1.141, 0.02)
"""Of the page's print to that of the blank page: photographs show the desk, cut scans fill more of the sheet."""
BEYOND = 0.25
"""Of the page's sides: by how much it may be moved."""
MOST = 2
"""Places worth a closer look."""
LEAST_FOUND = 0.25
"""Of the print: of all that fits nowhere less is found in the best place."""
LEAST_INK = 0.6
"""Of the blank page's: a copy on which enough is left to tell has more."""
_PRINT, _NEAR = 0.1, 3
_Fit = tuple[float, float, float, float]
"""Share of the print found, scale, and place in pixels of the page, x and y."""

Matrix = npt.NDArray[np.float64]


class LaidWhole(NamedTuple):
    """A way in which a page may lie on a blank page."""

    found: float
    """How much of the print is there, 1 for all of it."""
    matrix: Matrix
    """3 x 3, from pixels of the page to those of the blank page, both at the size of comparison."""


def laid_whole(page: Ink, blank: Ink) -> list[LaidWhole]:
    """The likeliest ways, likeliest first; none for a page with far less ink than the blank page."""
    found = sorted(_fits(page, blank, SHRUNK, SCALES), reverse=True)[:MOST]
    return [LaidWhole(part, _matrix(*place)) for part, *place in found if part >= LEAST_FOUND]


def _matrix(scale: float, x: float, y: float) -> Matrix:
    return np.array([[1 / scale, 0, -x / scale], [0, 1 / scale, -y / scale], [0, 0, 1]])


def sharpened(page: Ink, blank: Ink, matrix: Matrix) -> LaidWhole:
    """`matrix` with the turn and the scale that fit best: by a third of a degree print is off by its own thickness."""
    small, wanted = _shrunk(page, CLOSE), _shrunk(blank, CLOSE)
    kernel = _near_print(wanted)
    energy, shrink = float((kernel * wanted).sum()), np.diag([CLOSE, CLOSE, 1.0])
    size = wanted.shape[1] + 2 * REACH, wanted.shape[0] + 2 * REACH
    middle = np.array([wanted.shape[1] / 2, wanted.shape[0] / 2])

    def tried(degrees: float, scale: float) -> tuple[float, Matrix]:
        about = np.vstack([cv2.getRotationMatrix2D(tuple(middle), degrees, scale), [0.0, 0.0, 1.0]])
        way = about @ shrink @ matrix @ np.linalg.inv(shrink)
        way[:2, 2] += REACH
        laid = cv2.warpAffine(small, way[:2], size)
        _, best, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(laid, kernel, cv2.TM_CCORR))
        way[:2, 2] -= x, y
        return best / energy, np.linalg.inv(shrink) @ way @ shrink

    degrees = max(TURNS, key=lambda turn: tried(turn, 1.0)[0])
    scale = max(STRETCHES, key=lambda stretch: tried(degrees, stretch)[0])
    turns = [degrees - FINE_TURN, degrees, degrees + FINE_TURN]
    return LaidWhole(*max((tried(turn, scale) for turn in turns), key=lambda way: way[0]))


def likeness(page: Ink, blank: Ink) -> float:
    """How well all print fits at a glance, to choose which of many blank pages to lay a page on; 0 for far less ink."""
    return max((part for part, _, _, _ in _fits(page, blank, GLANCE, SCALES[::2])), default=0.0)


def _fits(page: Ink, blank: Ink, shrunk: float, scales: npt.NDArray[np.float64]) -> list[_Fit]:
    """Where the print fits best at each scale."""
    if page.sum() < LEAST_INK * blank.sum():
        return []
    small = _shrunk(page, shrunk)
    down, across = (round(BEYOND * side) for side in small.shape)
    found = []
    for scale in scales:
        print_ = _shrunk(blank, shrunk * float(scale))
        # Room for the larger of the two, however far they are apart.
        more = [max(0, side - other) for side, other in zip(print_.shape, small.shape, strict=True)]
        room = cv2.copyMakeBorder(small, down, down + more[0], across, across + more[1], cv2.BORDER_CONSTANT)
        kernel = _near_print(print_)
        energy = float((kernel * print_).sum())
        if energy <= 0:
            return []
        _, best, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(room, kernel, cv2.TM_CCORR))
        found.append((best / energy, float(scale), (x - across) / shrunk, (y - down) / shrunk))
    return found


def _shrunk(ink: Ink, scale: float) -> Ink:
    size = max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale))
    return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _near_print(ink: Ink) -> Ink:
    """The print less its mean around it, and nothing elsewhere: writing beside it counts neither way."""
    near = cv2.dilate((ink > _PRINT).astype(np.uint8), np.ones((_NEAR, _NEAR), np.uint8)) > 0
    return np.where(near, ink - ink[near].mean(), 0).astype(np.float32) if near.any() else np.zeros_like(ink)
