"""Numbers with 95 % intervals and counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Z = 1.959964
RESAMPLES = 2000
SEED = 20260101


@dataclass(frozen=True, slots=True)
class Measured:
    """One metric of one set of pages."""

    value: float | None
    """None where nothing could be measured."""
    low: float | None = None
    high: float | None = None
    """Ends of the 95 % interval; None where there is none (a maximum, fewer than two pages)."""
    count: int = 0
    """Of the things measured."""
    remark: str = ""
    """Why there is no value, where there is none and the reason is not that nothing was there to measure."""


NOTHING = Measured(None)


def fraction(successes: int, total: int) -> Measured:
    """`successes` of `total` with the Wilson score interval, which stays honest near 0 and 1."""
    if total == 0:
        return NOTHING
    share = successes / total
    spread = Z * math.sqrt(share * (1 - share) / total + Z * Z / (4 * total * total))
    centre, scale = share + Z * Z / (2 * total), 1 + Z * Z / total
    return Measured(share, max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale), total)


def mean(values: Sequence[float]) -> Measured:
    """The mean with a bootstrap interval over `values`."""
    return ratio([(value, 1.0) for value in values])


def ratio(pages: Sequence[tuple[float, float]], count: int | None = None) -> Measured:
    """Sum of numerators over sum of denominators; the bootstrap draws whole pages, which keeps their words together.

    An F1 is the pair (2 x hits, found + true) of each page. `count` is of the things measured, by default the pages.
    """
    if not pages or sum(denominator for _, denominator in pages) == 0:
        return NOTHING
    parts = np.array(pages, dtype=np.float64)
    value = float(parts[:, 0].sum() / parts[:, 1].sum())
    number = len(pages) if count is None else count
    if len(pages) < 2:
        return Measured(value, None, None, number)
    draws = np.random.default_rng(SEED).integers(0, len(parts), size=(RESAMPLES, len(parts)))
    sums = parts[draws].sum(axis=1)
    kept = sums[sums[:, 1] > 0]
    low, high = np.percentile(kept[:, 0] / kept[:, 1], (2.5, 97.5))
    return Measured(value, float(low), float(high), number)


def largest(values: Sequence[float]) -> Measured:
    """The largest value; a maximum has no interval."""
    return Measured(max(values), None, None, len(values)) if values else NOTHING
