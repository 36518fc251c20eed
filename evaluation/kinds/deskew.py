"""Deskew: the fine angle, and which side is up."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from documents.geometry import apply_steps, quarter_turn_step, straighten_step
from evaluation.folder import Case
from evaluation.kinds.kind import Kind
from evaluation.pages import EvaluationPage
from evaluation.sample import Answer, Sample, values
from evaluation.statistics import SEED, Measured, fraction, largest, mean
from models.contract import PageImage
from schemas.prediction import Skew

UPRIGHT = "upright"
TURNS_A_PAGE = 2
LARGEST_ANGLE = 15.0
CLOSE = 0.1
DEAD_BAND = 0.1
CONFIDENT = 0.6
SURE = 0.5
"""Confidence from which an angle in the dead band, which is not undone, is an answer."""


class DeskewKind(Kind):
    """Truth: the label is the angle in degrees, positive counter-clockwise.

    Pages of a subset called `upright` are turned by known angles and quarter turns on top of it.
    """

    wants_straight = False
    protocol = (
        f"Pages of subset upright: {TURNS_A_PAGE} seeded uniform turns each in +-{LARGEST_ANGLE:g} degrees, and all "
        "four quarter turns; others as found. aed_degrees: mean absolute angle error; an angle the model reports but "
        "abstains from undoing counts as 0. within_0_1: errors of at most 0.1 degrees. angle_answered: of turned "
        f"pages, those straightened, or left within the dead band with confidence of at least {SURE:g}; "
        "aed_of_answered, worst_of_answered: of these alone. orientation_answered: of "
        f"quarter-turned pages, those turned or said to be upright with confidence of at least {CONFIDENT:g}; "
        "orientation_accuracy: of those, right. angle_auroc: confidence against an angle within 0.1 degrees, "
        "turn_auroc: against the right quarter turn, abstentions included. ms_per_page: CPU. "
        "Intervals: Wilson for fractions, bootstrap for means."
    )

    def samples(self, case: Case, page: EvaluationPage) -> Iterator[Sample]:
        """The page as found, or an upright one at each of its turns."""
        angle = float(case.label)
        if case.subset != UPRIGHT:
            yield self._angle_sample(case, page.source, angle)
            return
        random = np.random.default_rng([SEED, zlib.crc32(case.name.encode())])
        for turn in random.uniform(-LARGEST_ANGLE, LARGEST_ANGLE, TURNS_A_PAGE):
            yield self._angle_sample(case, _turned(page.source, float(turn)), angle + float(turn))
        for turns in range(4 if getattr(self.model, "tells_quarter_turns", True) else 0):
            yield self._orientation_sample(case, _quarter_turned(page.source, turns), turns)

    def failed(self, case: Case) -> Sample:
        """A page without an answer keeps its whole angle."""
        numbers = {"error": abs(float(case.label or 0)), "angle answered": 0.0}
        return Sample(case, numbers, badness=90, remark="failed")

    def metrics(self, samples: Sequence[Sample]) -> Mapping[str, Measured]:
        """The angle's metrics (count: turned pages), orientation's (count: quarter-turned pages), ms_per_page."""
        errors = values(samples, "error")
        angles = values(samples, "angle answered")
        sure = [error for error, is_sure in zip(errors, angles, strict=True) if is_sure]
        answered = values(samples, "answered")
        right = values(samples, "right")
        return {
            "aed_degrees": mean(errors),
            "within_0_1": fraction(sum(error <= CLOSE for error in errors), len(errors)),
            "worst_degrees": largest(errors),
            "angle_answered": fraction(round(sum(angles)), len(angles)),
            "aed_of_answered": mean(sure),
            "worst_of_answered": largest(sure),
            "orientation_accuracy": fraction(round(sum(right)), len(right)),
            "orientation_answered": fraction(round(sum(answered)), len(answered)),
            "ms_per_page": mean([1000 * seconds for seconds in values(samples, "seconds")]),
        }

    def _angle_sample(self, case: Case, page: PageImage, angle: float) -> Sample:
        skew, seconds = self._skew(page)
        error = abs(_undone(skew) - angle)
        remark = f"true {angle:.2f}, undone {_undone(skew):.2f} degrees"
        right = abs(skew.angle_degrees - angle) <= CLOSE
        answer = Answer("angle", skew.angle_confidence, right, f"{angle:.2f}", f"{skew.angle_degrees:.2f}")
        numbers = {"error": error, "seconds": seconds, "angle answered": float(_is_answered(skew))}
        return Sample(case, numbers, error, remark=remark, answers=(answer,))

    def _orientation_sample(self, case: Case, page: PageImage, turns: int) -> Sample:
        skew, seconds = self._skew(page)
        answered = skew.turned or (skew.quarter_turns == 0 and skew.quarter_confidence >= CONFIDENT)
        right = answered and skew.quarter_turns % 4 == turns
        numbers = {"answered": float(answered), "seconds": seconds}
        if answered:
            numbers["right"] = float(right)
        remark = f"turned {turns} x 90, found {skew.quarter_turns} with confidence {skew.quarter_confidence:.2f}"
        said, is_right = skew.quarter_turns, skew.quarter_turns % 4 == turns
        answer = Answer("turn", skew.quarter_confidence, is_right, f"{turns} x 90", f"{said} x 90")
        badness = 0.0 if right else 45.0 if answered else 1.0
        return Sample(case, numbers, badness, remark=remark, answers=(answer,))

    def _skew(self, page: PageImage) -> tuple[Skew, float]:
        prediction, seconds = self.ask(page)
        if prediction.skew is None:
            return Skew(0, 0.0, 0.0, 0.0, turned=False, straightened=False), seconds
        return prediction.skew, seconds


def _undone(skew: Skew) -> float:
    """The angle that the product undoes; inside the dead band, the angle it left in knowingly."""
    if skew.straightened or abs(skew.angle_degrees) <= DEAD_BAND:
        return skew.angle_degrees
    return 0.0


def _is_answered(skew: Skew) -> bool:
    return skew.straightened or (abs(skew.angle_degrees) <= DEAD_BAND and skew.angle_confidence >= SURE)


def _turned(page: PageImage, degrees: float) -> PageImage:
    height, width = page.pixels.shape[:2]
    return replace(page, pixels=apply_steps(page.pixels, [straighten_step(width, height, -degrees)]))


def _quarter_turned(page: PageImage, turns: int) -> PageImage:
    """Turned clockwise `turns` times: undoing the remaining turns of a full circle does it."""
    height, width = page.pixels.shape[:2]
    return replace(page, pixels=apply_steps(page.pixels, [quarter_turn_step(width, height, -turns)]))
