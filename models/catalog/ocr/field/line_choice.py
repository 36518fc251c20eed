"""Two readings of one line, by the network for handwriting and by PP-OCRv6: which counts, and how sure it then is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_LEAST = 1e-4


@dataclass(frozen=True, slots=True)
class Pair:
    """How sure either reader is that it is right, and whether both say the same."""

    handwriting: float
    printed: float
    same: bool

    def against_handwriting(self) -> tuple[float, float, float]:
        """What tells which reading counts where they differ: the log-odds of both, and 1."""
        return logit(self.handwriting), logit(self.printed), 1.0

    def about(self, prefers_printed: bool) -> tuple[float, float, float, float]:
        """What tells whether the chosen reading is right: its log-odds, whether the other says the same, how sure that
        one is if it does, and 1. How sure it is of something else says next to nothing.
        """
        own, other = (self.printed, self.handwriting) if prefers_printed else (self.handwriting, self.printed)
        return logit(own), float(self.same), self.same * logit(other), 1.0


@dataclass(frozen=True, slots=True)
class LineChoice:
    """Weights of two logistic regressions, fitted by `python -m training.ocr.train crops`.

    Readers that err in different ways are worth most together: what both read alike is nearly always right.
    """

    prefer: Sequence[float]
    """For `Pair.against_handwriting`: the log-odds that PP-OCRv6 is the one to believe."""
    trust: Sequence[float]
    """For `Pair.about`: the log-odds that the chosen reading is right."""

    def prefers_printed(self, pair: Pair) -> bool:
        """Whether the reading of PP-OCRv6 counts."""
        return not pair.same and dot(self.prefer, pair.against_handwriting()) > 0

    def confidence(self, pair: Pair) -> float:
        """That the reading that counts is right."""
        return probability(dot(self.trust, pair.about(self.prefers_printed(pair))))


def logit(probability: float) -> float:
    """Log-odds, bounded."""
    bounded = min(max(probability, _LEAST), 1 - _LEAST)
    return math.log(bounded / (1 - bounded))


def probability(odds: float) -> float:
    """Of log-odds, which are bounded first."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


def dot(weights: Sequence[float], signs: Sequence[float]) -> float:
    """The log-odds that a logistic regression gives to signs, one weight for each."""
    return sum(weight * sign for weight, sign in zip(weights, signs, strict=True))
