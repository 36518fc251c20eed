"""The fine angle: measured in the spectrum, confirmed or not by estimators that fail differently.

Spectra are misled by pages of hardly anything and by shapes larger than text, profiles by slanted pictures, folds and
dark edges, single points by streaks of the scanner. Where the spectrum is unclear, points that gather in rows or
columns far better than at any other angle (rules on an empty page) decide.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from models.catalog.deskew.profile import RANGE_DEGREES, Estimate, profile_angle
from models.catalog.deskew.sparse import sparse_angle
from models.catalog.deskew.spectrum import spectrum_angle
from models.catalog.deskew.turning import straightened
from models.ink import Ink

AGREEMENT_DEGREES = 0.5
_WIDE_DEGREES = 45.0
_CERTAIN = 0.9
"""Confidence of an angle beside which none further out is looked for."""
DEAD_BAND_DEGREES = 0.1
SURE = 0.5
"""Least confidence of an angle that is undone."""
LEAST_INK = 3e-5
_CLEAR = 1.3
"""Contrast of a spectrum that needs no third opinion."""
_GATHERED = 3.0
"""Contrast of points that decide where the spectrum does not."""
_GATHERED_CONFIDENCE = 0.9
_HALF, _STEEPNESS, _AGREED = 1.15, 2.0, 1.5
"""A spectrum alone is right half the time at a contrast of _HALF; measured on 460 turned pages, many nearly empty."""
_UNCLEAR = 1.1
"""Below, two estimators agree only in what misleads both."""
_MOST_CONFIDENT = 0.995


@dataclass(frozen=True, slots=True)
class FineAngle:
    """The angle of the lines of a page, and whether to trust it."""

    angle: float
    """Degrees, positive when the content is turned counter-clockwise."""
    confidence: float
    """That the angle is right within half a degree."""

    @property
    def sure(self) -> bool:
        """The angle should be undone."""
        return self.confidence >= SURE


NO_ANGLE = FineAngle(0.0, 0.0)


def fine_angle(ink: Ink) -> FineAngle:
    """The angle within +-45 degrees of horizontal lines; 0 with confidence 0 on a page with hardly any ink.

    Beyond 20 degrees is looked only where nothing within is certain: pages lie so rarely, and the estimators compare
    neighbouring angles, so the page is turned by what the spectrum says of it and measured again.
    """
    if is_blank(ink):
        return NO_ANGLE
    near = _near_level(ink)
    if near.confidence >= _CERTAIN:
        return near
    far = spectrum_angle(ink, _WIDE_DEGREES).angle
    if abs(far) <= RANGE_DEGREES:
        return near
    again = _near_level(straightened(ink, far))
    return FineAngle(far + again.angle, again.confidence) if again.confidence > near.confidence else near


def _near_level(ink: Ink) -> FineAngle:
    """The angle within +-20 degrees."""
    spectrum, profile = spectrum_angle(ink), profile_angle(ink)
    agreed = spectrum.contrast >= _UNCLEAR and _agree(spectrum, profile)
    if spectrum.contrast < _CLEAR:
        points = sparse_angle(ink)
        agreed = agreed or (spectrum.contrast >= _UNCLEAR and _agree(spectrum, points))
        if points.contrast >= _GATHERED and not agreed:
            return _within_range(FineAngle(points.angle, _GATHERED_CONFIDENCE))
    return _within_range(FineAngle(spectrum.angle, _confidence(spectrum.contrast, agreed)))


def is_blank(ink: Ink) -> bool:
    """Less ink than a few characters have."""
    return min(ink.shape) < 32 or float(ink.mean()) < LEAST_INK


def _agree(first: Estimate, second: Estimate) -> bool:
    return abs(first.angle - second.angle) <= AGREEMENT_DEGREES


def _confidence(contrast: float, agreed: bool) -> float:
    """A logistic curve over the logarithm of the excess contrast."""
    excess = max(contrast - 1, 1e-3)
    odds = _STEEPNESS * math.log(excess / (_HALF - 1))
    if agreed:
        odds += _AGREED
    return min(_MOST_CONFIDENT, 1 / (1 + math.exp(-odds)))


def _within_range(found: FineAngle) -> FineAngle:
    return found if abs(found.angle) <= RANGE_DEGREES else NO_ANGLE
