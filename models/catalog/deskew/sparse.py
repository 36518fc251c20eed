"""The fine angle of a page with little on it: a line, a few words, rules, a stamp.

Every ink pixel is a point; at the right angle many points share a row (print, rules) or a column (rules, stems). With
few points each angle can be tried on all of them at full resolution, which profiles of strips cannot.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.catalog.deskew.profile import RANGE_DEGREES, Estimate, peak
from models.ink import Ink

MOST_POINTS = 12_000
_COARSE_STEP = 0.25
_FINE_STEP = 0.05
_FINE_REACH = 0.5
_SMOOTH = np.array([0.25, 0.5, 0.25])
_TILT = 0.013
"""Degrees; keeps points on the pixel grid from falling into the same bins at exactly 0."""


def sparse_angle(ink: Ink) -> Estimate:
    """The angle within +-20 degrees at which the points of `ink` gather in the fewest rows and columns.

    `contrast` is the best score over the best one more than two degrees away.
    """
    rows, columns = np.nonzero(ink)
    step = max(1, -(-len(rows) // MOST_POINTS))
    points = np.column_stack([columns[::step], rows[::step]]).astype(np.float64)
    if len(points) < 2:
        return Estimate(0.0, 1.0)
    points -= points.mean(axis=0)
    angles = np.arange(-RANGE_DEGREES - 1, RANGE_DEGREES + 1, _COARSE_STEP) + _TILT
    coarse = _gathering(points, angles, 2.0)
    best = float(angles[int(np.argmax(coarse))])
    elsewhere = coarse[np.abs(angles - best) > 2]
    near = best + np.arange(-_FINE_REACH, _FINE_REACH + _FINE_STEP / 2, _FINE_STEP)
    return Estimate(peak(near, _gathering(points, near, 1.0)), float(coarse.max() / max(elsewhere.max(), 1e-9)))


def _gathering(
    points: npt.NDArray[np.float64], angles: npt.NDArray[np.float64], bin_pixels: float
) -> npt.NDArray[np.float64]:
    """For each angle the sum of squared row and column counts, less what chance gives."""
    reach = int(np.ceil(np.hypot(points[:, 0], points[:, 1]).max() / bin_pixels)) + 2
    scores = np.empty(len(angles))
    for index, angle in enumerate(np.radians(angles)):
        cosine, sine = np.cos(angle), np.sin(angle)
        scores[index] = sum(
            np.square(np.convolve(np.bincount(places, minlength=2 * reach), _SMOOTH)).sum()
            for places in (
                ((points[:, 1] * cosine + points[:, 0] * sine) / bin_pixels + reach).astype(np.int64),
                ((points[:, 0] * cosine - points[:, 1] * sine) / bin_pixels + reach).astype(np.int64),
            )
        )
    return scores
