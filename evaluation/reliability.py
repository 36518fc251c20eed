"""Whether confidences sort right from wrong, and whether 0.9 is right nine times in ten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from evaluation.sample import Answer, Sample
from evaluation.statistics import NOTHING, RESAMPLES, SEED, Measured, fraction

EDGES = (0.0, 0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95, 0.99, 1.0)
"""Bins about 0.1, 0.2, ... 0.9, and the top, where most answers are, in two."""
NINE_IN_TEN = (0.85, 0.95)
LEAST_ANSWERS = 10
"""Fewer in a bin do not tell whether the confidence fits."""
_MOST_PAGES_DRAWN = 400_000
"""Answers times draws in one go; bounds the memory of the bootstrap."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers whose confidence is in [low, high); the last bin has its upper end in."""

    low: float
    high: float
    count: int
    mean_confidence: float
    share_right: Measured

    @property
    def verdict(self) -> str:
        """`fits`, `too sure`, `too modest`, or `too few` to tell."""
        if self.count < LEAST_ANSWERS or self.share_right.low is None or self.share_right.high is None:
            return "too few"
        if self.mean_confidence > self.share_right.high:
            return "too sure"
        return "too modest" if self.mean_confidence < self.share_right.low else "fits"


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far the confidences of the answers to one question can be believed."""

    auroc: Measured
    """Chance that a right answer is more confident than a wrong one (ties count half); bootstrap over pages."""
    calibration_error: Measured
    """Mean distance of confidence and share right over the bins, weighted by answers. It has no interval: a
    bootstrap of it is biased upwards."""
    share_right: Measured
    mean_confidence: float
    bins: tuple[Bin, ...]
    """Those with answers, lowest first."""
    nine_in_ten: Bin | None
    """The answers with a confidence from 0.85 to below 0.95; None when there are none."""

    @property
    def sentence(self) -> str:
        """The answer to "is 0.9 right nine times in ten?"."""
        chosen = self.nine_in_ten
        if chosen is None:
            return "no answer was given with a confidence about 0.9"
        right = chosen.share_right
        return (
            f"of {chosen.count} answers given with {NINE_IN_TEN[0]} to {NINE_IN_TEN[1]} (mean "
            f"{chosen.mean_confidence:.3f}) {right.value:.3f} are right ({right.low:.3f} - {right.high:.3f}): "
            f"{chosen.verdict}"
        )


def reliability(samples: Sequence[Sample]) -> Mapping[str, Reliability]:
    """By question, in the order in which they first appear."""
    questions = dict.fromkeys(answer.question for sample in samples for answer in sample.answers)
    return {question: _of_question(samples, question) for question in questions}


def reliability_metrics(found: Mapping[str, Reliability]) -> Mapping[str, Measured]:
    """`<question>_auroc` and `<question>_ece` (count: answers)."""
    metrics: dict[str, Measured] = {}
    for question, measured in found.items():
        metrics[f"{question}_auroc"] = measured.auroc
        metrics[f"{question}_ece"] = measured.calibration_error
    return metrics


def _of_question(samples: Sequence[Sample], question: str) -> Reliability:
    answers: list[Answer] = []
    pages: list[int] = []
    names: dict[str, int] = {}
    for sample in samples:
        page = names.setdefault(sample.case.name, len(names))
        chosen = [answer for answer in sample.answers if answer.question == question]
        answers += chosen
        pages += [page] * len(chosen)
    confidence = np.array([answer.confidence for answer in answers], dtype=np.float64)
    right = np.array([answer.right for answer in answers], dtype=bool)
    bins = _bins(confidence, right, EDGES)
    error = sum(b.count * abs(b.mean_confidence - (b.share_right.value or 0.0)) for b in bins) / len(answers)
    nine = _bins(confidence, right, NINE_IN_TEN, closed=False)
    return Reliability(
        auroc=area_under_curve(confidence, right, np.array(pages)),
        calibration_error=Measured(error, None, None, len(answers)),
        share_right=fraction(int(right.sum()), len(right)),
        mean_confidence=float(confidence.mean()),
        bins=bins,
        nine_in_ten=nine[0] if nine else None,
    )


def _bins(
    confidence: Floats, right: npt.NDArray[np.bool_], edges: Sequence[float], *, closed: bool = True
) -> tuple[Bin, ...]:
    bins = []
    for low, high in pairwise(edges):
        inside = (confidence >= low) & ((confidence < high) | (closed and high == edges[-1]))
        count = int(inside.sum())
        if count:
            share = fraction(int(right[inside].sum()), count)
            bins.append(Bin(low, high, count, float(confidence[inside].mean()), share))
    return tuple(bins)


def area_under_curve(confidence: Floats, right: npt.NDArray[np.bool_], pages: npt.NDArray[np.int64]) -> Measured:
    """AUROC of `confidence` for `right`, with a bootstrap interval that draws whole pages.

    Without a value, and with the reason, where nothing is wrong or nothing is right.
    """
    count = len(right)
    if count == 0:
        return NOTHING
    if right.all():
        return Measured(None, count=count, remark="no answer is wrong")
    if not right.any():
        return Measured(None, count=count, remark="no answer is right")
    order = np.argsort(confidence, kind="stable")
    levels = np.unique(confidence[order], return_inverse=True)[1].reshape(-1)
    right, pages = right[order], np.unique(pages[order], return_inverse=True)[1].reshape(-1)
    value = _area(np.ones((1, count)), levels, right)[0]
    number = int(pages.max()) + 1
    if number < 2:
        return Measured(float(value), None, None, count)
    random = np.random.default_rng(SEED)
    areas: list[float] = []
    at_once = max(1, _MOST_PAGES_DRAWN // count)
    for start in range(0, RESAMPLES, at_once):
        draws = random.multinomial(number, np.full(number, 1 / number), size=min(at_once, RESAMPLES - start))
        areas += _area(draws[:, pages].astype(np.float64), levels, right).tolist()
    kept = [area for area in areas if not np.isnan(area)]
    low, high = np.percentile(kept, (2.5, 97.5))
    return Measured(float(value), float(low), float(high), count)


def _area(weights: Floats, levels: npt.NDArray[np.int64], right: npt.NDArray[np.bool_]) -> Floats:
    """AUROC for each row of weights of the answers, which come sorted by level; NaN where one side is empty."""
    starts = np.flatnonzero(np.r_[True, np.diff(levels) > 0])
    right_at = np.add.reduceat(weights * right, starts, axis=1)
    wrong_at = np.add.reduceat(weights * ~right, starts, axis=1)
    wrong_below = np.cumsum(wrong_at, axis=1) - wrong_at
    won = (right_at * (wrong_below + wrong_at / 2)).sum(axis=1)
    pairs = right_at.sum(axis=1) * wrong_at.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(won / pairs, dtype=np.float64)
