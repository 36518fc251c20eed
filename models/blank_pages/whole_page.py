"""Lays a straight page over a blank page by all of the print at once, where keypoints tell nothing.

On a densely filled form most keypoints are of writing, and those of combs and tables are all alike. All print together
fits in one place only. Where writing covers most of it, its straight rules do: pens draw none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from models.blank_pages.rules import rules_of
from models.ink import Ink

SHRUNK = 0.25
"""Of the size of comparison: 200 pixels, at which rows of a form are still apart."""
GLANCE = 0.125
"""The same for a glance."""
REACH = 6
"""How far a closer look looks, in its pixels."""
SCALES = np.arange(0.76, 1.141, 0.01)
"""Of the page's print to that of the blank page: photographs show the desk, cut scans fill more of the sheet."""
BEYOND = 0.25
"""Of the page's sides: by how much it may be moved."""
MOST = 2
"""Places worth a closer look, by print and by rules each."""
LEAST_INK = 0.6
"""Of the blank page's: a copy on which enough is left to tell has more."""
LEAST_RULES = 0.004
"""Of the blank page: with less there is nothing to lay it by."""
LEAST_PRINT_FOUND, LEAST_RULES_FOUND = 0.33, 0.2
"""Three quarters of pages of other kinds have less in their best place, and nearly no copy of a form that fits."""
_PRINT, _NEAR = 0.1, 3
_Fit = tuple[float, float, float, float]
"""How much of the print is found, scale, and place in pixels of the page, x and y."""
_Measure = Callable[[Ink, Ink], npt.NDArray[np.float32]]
"""How well print (the second) fits at each place of a page."""

Matrix = npt.NDArray[np.float64]


class _Closer(NamedTuple):
    size: float
    """Of the size of comparison."""
    turns: tuple[float, ...]
    """Degrees."""
    stretches: tuple[float, ...]


_FLAT = (_Closer(0.5, (-0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6), (0.985, 0.99, 0.995, 1.0, 1.005, 1.01, 1.015)),)
_ASKEW = (
    _Closer(0.25, (-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0), (0.98, 0.99, 1.0, 1.01, 1.02)),
    _Closer(0.5, (-0.2, -0.1, 0.0, 0.1, 0.2), (0.99, 0.995, 1.0, 1.005, 1.01)),
)
"""A page full of writing is not always quite straight."""


class LaidWhole(NamedTuple):
    """A way in which a page may lie on a blank page."""

    found: float
    """How much of the print, or how well the rules are found, 1 for all; to be compared with ways of the same kind."""
    matrix: Matrix
    """3 x 3, from pixels of the page to those of the blank page, both at the size of comparison."""
    page: Ink
    blank: Ink
    """What laid it: the ink of both, or the rules of both."""

    @property
    def by_rules(self) -> bool:
        """Whether rules laid it, of which level and upright ones are apart."""
        return self.blank.ndim > 2


def laid_whole(page: Ink, blank: Ink) -> list[LaidWhole]:
    """The likeliest ways by print, then those by rules, likeliest first; none for a page with less ink."""
    if page.sum() < LEAST_INK * blank.sum():
        return []
    ways = []
    for by_rules in (False, True):
        seen, wanted = (rules_of(page), rules_of(blank)) if by_rules else (page, blank)
        if not by_rules or wanted.mean() >= LEAST_RULES:
            # Thin rules are beside each other by a scale that letters hardly notice.
            scales, least = (SCALES, LEAST_RULES_FOUND) if by_rules else (SCALES[::2], LEAST_PRINT_FOUND)
            fits = sorted(_fits(seen, wanted, SHRUNK, scales, _measure(by_rules)), reverse=True)[:MOST]
            ways += [LaidWhole(part, _matrix(*place), seen, wanted) for part, *place in fits if part >= least]
    return ways


def _matrix(scale: float, x: float, y: float) -> Matrix:
    return np.array([[1 / scale, 0, -x / scale], [0, 1 / scale, -y / scale], [0, 0, 1]])


def sharpened(way: LaidWhole) -> Matrix:
    """The way's matrix, turned and scaled as fits best: by a third of a degree print is off by its thickness."""
    matrix = way.matrix
    for closer in _ASKEW if way.by_rules else _FLAT:
        matrix = _sharpened(way.page, way.blank, matrix, closer, _measure(way.by_rules))
    return matrix


def _sharpened(page: Ink, blank: Ink, matrix: Matrix, closer: _Closer, measure: _Measure) -> Matrix:
    small, wanted = _shrunk(page, closer.size), _shrunk(blank, closer.size)
    shrink = np.diag([closer.size, closer.size, 1.0])
    size = wanted.shape[1] + 2 * REACH, wanted.shape[0] + 2 * REACH
    middle = wanted.shape[1] / 2, wanted.shape[0] / 2

    def tried(degrees: float, scale: float) -> tuple[float, Matrix]:
        about = np.vstack([cv2.getRotationMatrix2D(middle, degrees, scale), [0.0, 0.0, 1.0]])
        way = about @ shrink @ matrix @ np.linalg.inv(shrink)
        way[:2, 2] += REACH
        laid = np.asarray(cv2.warpAffine(small, way[:2], size), dtype=np.float32)
        _, best, _, (x, y) = cv2.minMaxLoc(measure(laid, wanted))
        way[:2, 2] -= x, y
        return best, np.linalg.inv(shrink) @ way @ shrink

    degrees = max(closer.turns, key=lambda turn: tried(turn, 1.0)[0])
    scale = max(closer.stretches, key=lambda stretch: tried(degrees, stretch)[0])
    half = (closer.turns[1] - closer.turns[0]) / 2
    return max((tried(turn, scale) for turn in (degrees - half, degrees, degrees + half)), key=lambda way: way[0])[1]


def likeness(page: Ink, blank: Ink, *, by_rules: bool) -> float:
    """How well all print, or all rules, fit at a glance, to choose which of many blank pages to lay a page on.

    0 for less ink than the blank page's. `page` and `blank` are ink, or rules.
    """
    fits = _fits(page, blank, GLANCE, SCALES[::4], _measure(by_rules))
    return max((part for part, _, _, _ in fits), default=0.0)


def _fits(page: Ink, blank: Ink, shrunk: float, scales: npt.NDArray[np.float64], measure: _Measure) -> list[_Fit]:
    """Where the print fits best at each scale."""
    small = _shrunk(page, shrunk)
    down, across = (round(BEYOND * side) for side in small.shape[:2])
    found = []
    for scale in scales:
        print_ = _shrunk(blank, shrunk * float(scale))
        # Room for the larger of the two, however far they are apart.
        more = [max(0, side - other) for side, other in zip(print_.shape, small.shape, strict=True)]
        room = cv2.copyMakeBorder(small, down, down + more[0], across, across + more[1], cv2.BORDER_CONSTANT)
        _, best, _, (x, y) = cv2.minMaxLoc(measure(np.asarray(room, dtype=np.float32), print_))
        found.append((best, float(scale), (x - across) / shrunk, (y - down) / shrunk))
    return found


def _measure(by_rules: bool) -> _Measure:
    return _rules_found if by_rules else _print_found


def _print_found(page: Ink, print_: Ink) -> npt.NDArray[np.float32]:
    """The share of the print, less its mean around it, and nothing elsewhere: writing beside it counts neither way."""
    near = cv2.dilate((print_ > _PRINT).astype(np.uint8), np.ones((_NEAR, _NEAR), np.uint8)) > 0
    kernel = np.where(near, print_ - print_[near].mean(), 0) if near.any() else np.zeros_like(print_)
    energy = max(float((kernel * print_).sum()), 1e-6)
    return np.asarray(cv2.matchTemplate(page, kernel.astype(np.float32), cv2.TM_CCORR) / energy, dtype=np.float32)


def _rules_found(page: Ink, rules: Ink) -> npt.NDArray[np.float32]:
    """The correlation with the rules, level with level and upright with upright."""
    # Where there is nothing at all OpenCV divides by nothing.
    found = np.asarray(cv2.matchTemplate(page, rules, cv2.TM_CCOEFF_NORMED), dtype=np.float32)
    return np.asarray(np.nan_to_num(found, posinf=0, neginf=0), dtype=np.float32)


def _shrunk(ink: Ink, scale: float) -> Ink:
    size = max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale))
    return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
