"""From which score a page is accepted, chosen for a stated rate of false accepts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.catalog.document_type.types_registry import DEFAULT_THRESHOLD

_TAIL = 0.2
_LEAST_TAIL = 5
_HIGHEST = 0.95


@dataclass(frozen=True, slots=True)
class Chosen:
    """A threshold and what bears it out."""

    threshold: float
    supported_rate: float
    """So few counter pages exclude, at 95 %, only rates above this (1 - 0.05 ** (1 / n)); 1 without any."""
    tail: float | None
    """What the counter pages alone would ask for; None where they are too few to say."""


def choose(counter_scores: Sequence[float], rate: float) -> Chosen:
    """The threshold that pages of other kinds pass with probability `rate`.

    The highest fifth of the counter scores is continued as an exponential tail (peaks over threshold, the Gumbel
    domain). The threshold is that, but never below the default, which was chosen on many forms: a few strangers
    that score 0 say nothing about next year's edition.
    """
    scores = np.sort(np.asarray(counter_scores, dtype=np.float64))
    supported = 1.0 if scores.size == 0 else 1 - 0.05 ** (1 / scores.size)
    tail = _tail(scores, rate)
    threshold = DEFAULT_THRESHOLD if tail is None else float(np.clip(tail, DEFAULT_THRESHOLD, _HIGHEST))
    return Chosen(round(threshold, 4), supported, tail)


def _tail(scores: np.ndarray, rate: float) -> float | None:
    count = max(_LEAST_TAIL, int(_TAIL * scores.size))
    if scores.size < 2 * count:
        return None
    start, above = scores[-count - 1], scores[-count:]
    scale = float((above - start).mean())
    return float(start + scale * np.log(max(1.0, count / (scores.size * rate))))
