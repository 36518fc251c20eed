"""From measures to a verdict: the limits, and what a person can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.prediction import MOST_ASKEW_DEGREES, Defect, DefectMeasure, PageQuality, Quad


@dataclass(frozen=True, slots=True)
class Limit:
    """Up to where a measure is no defect."""

    value: float
    more_is_worse: bool
    advice: str

    def exceeded(self, measured: float) -> bool:
        """Whether the measure lies beyond the limit on the worse side."""
        return measured > self.value if self.more_is_worse else measured < self.value


LIMITS: Mapping[Defect, Limit] = {
    Defect.BLANK: Limit(
        0.02, False, "The page is empty: leave it out, or turn it over if the wrong side lay on the glass."
    ),
    Defect.TOO_DARK: Limit(
        25.0, False, "Scan again with more brightness, or take the picture in better light and without a shadow."
    ),
    Defect.LOW_CONTRAST: Limit(
        12.0, False, "Scan again with more contrast, from the original rather than from a pale copy."
    ),
    Defect.NOISE: Limit(
        11.0, True, "Scan again on a clean glass and in grey; take pictures in better light; avoid fax and copies."
    ),
    Defect.LOW_RESOLUTION: Limit(
        4.9, False, "Scan again at 200 dpi or more, or take the picture from nearer so that the page fills it."
    ),
    Defect.BLUR: Limit(14.0, True, "Scan again with the page flat on the glass, or hold the camera still and focus."),
    Defect.GLARE: Limit(
        27.0, True, "Take the picture again without flash and away from lamps, so that no light is reflected."
    ),
    Defect.CUT_OFF: Limit(
        3.0, True, "Scan again with the whole page on the glass, or with all four corners in the picture."
    ),
    Defect.NOT_STRAIGHT: Limit(
        MOST_ASKEW_DEGREES, True, "Lay the page straight on the glass, or turn the picture before it is sent."
    ),
}
"""By defect, in the order in which a person would see to them; units as in `schemas.prediction.Defect`."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure, and where on the page it was taken if the defect has a place."""

    value: float
    quad: Quad | None = None


def verdict(measured: Mapping[Defect, Measured]) -> PageQuality:
    """The verdict over what could be measured on a page."""
    found = [_judged(defect, measured[defect]) for defect in LIMITS if defect in measured]
    found.sort(key=lambda one: not one.exceeded)
    return PageQuality(acceptable=not any(one.exceeded for one in found), defects=tuple(found))


def _judged(defect: Defect, measured: Measured) -> DefectMeasure:
    limit = LIMITS[defect]
    value = round(float(measured.value), 3)
    exceeded = limit.exceeded(value)
    return DefectMeasure(
        defect=defect,
        value=value,
        threshold=limit.value,
        exceeded=exceeded,
        advice=limit.advice if exceeded else "",
        quad=measured.quad if exceeded else None,
    )
