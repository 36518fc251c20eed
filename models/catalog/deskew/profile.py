"""The fine angle from how sharply rows of ink alternate: projection profiles (Postl 1986), on a small copy.

A shear stands in for the rotation: sums of columns are shifted against each other, so that an angle costs a
tenth of what turning the page does.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.ink import Ink

RANGE_DEGREES = 20.0
_COARSE_LONGEST = 500
_COARSE_STEP = 0.5
_COARSE_STRIP = 4
_FULL_ROW = 0.3


@dataclass(frozen=True, slots=True)
class Estimate:
    """One estimator's answer."""

    angle: float
    """Degrees, positive when the content is turned counter-clockwise."""
    contrast: float
    """How far the best angle stands out: best score over the median score; 1 means not at all."""


def profile_angle(ink: Ink) -> Estimate:
    """The angle within +-20 degrees at which the rows of `ink` are sharpest, good to about 0.2 degrees."""
    angles, scores = _coarse_sharpness(ink)
    contrast = float(scores.max() / max(float(np.median(scores)), 1e-9))
    return Estimate(peak(angles, scores), contrast)


def lines_are_vertical(ink: Ink) -> bool:
    """Columns of `ink` are much sharper than its rows, at whatever angle within +-20 degrees."""
    rows = _coarse_sharpness(ink)[1].max()
    columns = _coarse_sharpness(np.asarray(np.rot90(ink), dtype=np.float32))[1].max()
    return bool(columns > 2 * rows)


def _coarse_sharpness(ink: Ink) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Every half degree of the range, and the sharpness of a small copy there."""
    shrink = min(1.0, _COARSE_LONGEST / max(ink.shape))
    small = cv2.resize(np.ascontiguousarray(ink), None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    angles = np.arange(-RANGE_DEGREES - 1, RANGE_DEGREES + 1 + _COARSE_STEP / 2, _COARSE_STEP)
    return angles, sharpness(small, angles, _COARSE_STRIP)


def sharpness(ink: Ink, angles: npt.NDArray[np.float64], strip: int) -> npt.NDArray[np.float64]:
    """For each angle in degrees, the energy of differences between neighbouring rows when lines lie at that angle."""
    height, width = ink.shape
    strips = cv2.resize(ink, (max(1, round(width / strip)), height), interpolation=cv2.INTER_AREA)
    # Blurred first: else the angle that needs no interpolation would be the sharpest.
    strips = cv2.GaussianBlur(strips, (1, 5), sigmaX=0.01, sigmaY=1.0)
    columns = strips.shape[1]
    full = max(_FULL_ROW, 2 * float(cv2.mean(strips)[0]))
    scores = np.empty(len(angles))
    for index, angle in enumerate(angles):
        slope = -np.tan(np.radians(angle)) * width / columns
        shear = np.array([[1, 0, 0], [slope, 1, -slope * (columns - 1) / 2]], np.float32)
        sheared = cv2.warpAffine(strips, shear, (columns, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        # A row counts as full at a share of its width: else a few rules or a scanner's edge outvote the text.
        profile = np.minimum(cv2.reduce(sheared, 1, cv2.REDUCE_AVG).ravel(), full)
        scores[index] = float(np.sum(np.square(profile[2:] - profile[:-2]), dtype=np.float64))
    return scores


def peak(places: npt.NDArray[np.float64], scores: npt.NDArray[np.float64]) -> float:
    """Where a parabola through the best score and its neighbours is highest."""
    best = int(np.argmax(scores))
    if not 0 < best < len(scores) - 1:
        return float(places[best])
    left, middle, right = scores[best - 1], scores[best], scores[best + 1]
    bend = left - 2 * middle + right
    shift = 0.0 if bend == 0 else float(0.5 * (left - right) / bend)
    return float(places[best] + shift * (places[1] - places[0]))
