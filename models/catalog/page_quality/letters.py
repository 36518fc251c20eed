"""How high the letters of a page are, and how dark its ink is."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.page_quality.frame import Frame, Grey
from models.pieces import pieces_of

INK_SHARE = 0.45
"""Of the usual depth of ink: what is deeper is ink."""
_LEAST_DEPTH = 3.0
"""Levels; what is less dark than this is paper on any page."""
_GRAINS = 4.0
_MOST_GRAIN = 12.0
"""Levels; on pages with more the depth is a median, which leaves less."""
_FINE = 6.0
"""Letters lower than this, in pixels of the small page, are measured again on the page at twice its size."""
_HIGHEST = 90
_SPECK = 4
"""Pixels: what is nowhere as wide or high is dirt."""
_FEW_LETTERS, _FEW_WORDS = 20, 8


@dataclass(frozen=True, slots=True)
class Ink:
    """What the ink of a page is like."""

    contrast: float
    """Levels by which ink is usually darker than the paper around it; 0 where there is none."""
    share: float
    """Of the page that is ink, 0..1."""
    letter_height: float | None
    """The commonest height of letters in pixels of the page; None where nothing looks like letters."""


def ink_of(frame: Frame, depth: Grey, grain: float) -> Ink:
    """The ink on a page whose grain is `grain` levels; `depth` is the frame's, freed of specks where it is noisy."""
    # Averaging to the small page takes grain away in proportion.
    floor = int(max(_LEAST_DEPTH, _GRAINS * min(grain, _MOST_GRAIN) / frame.scale))
    counts = cv2.calcHist([depth], [0], None, [256], [0, 256]).ravel().astype(np.intp)
    counts[: floor + 1] = 0
    if counts.sum() < 20:
        return Ink(0.0, 0.0, None)
    contrast = _upper_median(counts)
    level = max(floor, INK_SHARE * contrast)
    strokes = _strokes(depth > level)
    share = float(strokes.areas.sum()) / depth.size
    height = _commonest_height(strokes)
    if frame.scale > 1 or (height is not None and height >= _FINE):
        return Ink(contrast, share, None if height is None else height * frame.scale)
    twice = cv2.resize(depth, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
    height = _commonest_height(_strokes(twice > level))
    return Ink(contrast, share, None if height is None else height / 2)


def _upper_median(counts: npt.NDArray[np.intp]) -> float:
    """Of the levels above Otsu's threshold, which parts strokes from their soft rims."""
    levels = np.arange(256)
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * levels)
    apart = sums / np.maximum(below, 1) - (sums[-1] - sums) / np.maximum(above, 1)
    level = int(np.argmax(below.astype(np.float64) * above * apart * apart))
    upper = counts.copy()
    upper[: level + 1] = 0
    chosen = np.cumsum(upper if upper.any() else counts)
    return float(np.searchsorted(chosen, chosen[-1] / 2))


@dataclass(frozen=True, slots=True)
class _Strokes:
    """Connected parts of the ink that are larger than a speck."""

    widths: npt.NDArray[np.float64]
    heights: npt.NDArray[np.float64]
    areas: npt.NDArray[np.float64]


def _strokes(mask: npt.NDArray[np.bool_]) -> _Strokes:
    pieces = pieces_of(mask.view(np.uint8))
    widths, heights = pieces.boxes[1:, 2:].astype(np.float64).T
    areas = pieces.areas[1:].astype(np.float64)
    whole = np.maximum(widths, heights) >= _SPECK
    return _Strokes(widths[whole], heights[whole], areas[whole])


def _commonest_height(strokes: _Strokes) -> float | None:
    """Of single letters; where they run into one another, of words; None where there are too few of both."""
    width, height, area = strokes.widths, strokes.heights, strokes.areas
    fitting = (height >= 3) & (height < _HIGHEST) & (width >= 2)
    letters = fitting & (width < 2.2 * height) & (height < 4 * width)
    letters &= (area > 0.15 * width * height) & (area < 0.9 * width * height)
    words = fitting & (width >= 2.2 * height) & (area > 0.3 * width * height)
    if np.count_nonzero(letters) >= _FEW_LETTERS and height[letters].sum() > 0.15 * width[words].sum():
        return _mode(height[letters], height[letters] ** 2)
    if np.count_nonzero(words) >= _FEW_WORDS:
        return _mode(height[words], width[words] * height[words])
    return None


def _mode(heights: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]) -> float:
    """The height around which most weight lies, per unit of the window, which widens with height.

    Weighted by area, since a page has more dots and specks than letters.
    """
    levels = np.arange(3, _HIGHEST, 0.5)
    reach = 0.12 * levels + 0.5
    near = np.abs(heights[None, :] - levels[:, None]) <= reach[:, None]
    return float(levels[int(np.argmax((near @ weights) / reach))])
