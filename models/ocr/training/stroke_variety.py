"""Other hands out of those that were recorded: strokes slanted, stretched and bent as other writers would.

There are a few hundred writers to train on, and a network that has seen each of them many times learns their slants
and proportions. Affine and smooth elastic changes are what helps most (Simard and others, ICDAR 2003; Wigington and
others, ICDAR 2017).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synthesis.crop_ink import bounds
from synthesis.pen import Points

Random = np.random.Generator

AS_WRITTEN = 0.15
"""Share of samples that stay as they are."""
SLANT, STRETCH, DRIFT = 0.2, 0.17, 0.08
"""Spreads of: the tangent of the slant, the logarithm of the width, how much larger one end is written."""
WAVES, SHORTEST, LONGEST, BEND = 2, 0.7, 4.0, 0.05
"""How many waves bend the strokes in each direction; their lengths and largest height in heights of the writing."""
STEP = 0.02
"""By which each stroke is set down beside its place."""


def varied(strokes: Sequence[Points], random: Random) -> list[Points]:
    """The strokes, unit: height of the writing, y down, as somebody else might have written them."""
    if random.random() < AS_WRITTEN:
        return list(strokes)
    left, top, right, bottom = bounds(strokes)
    middle = np.array([(left + right) / 2, (top + bottom) / 2])
    slant, stretch, drift = random.normal(0, SLANT), float(np.exp(random.normal(0, STRETCH))), random.normal(0, DRIFT)
    waves = [[_wave(random) for _ in range(WAVES)] for _ in range(2)]

    def moved(stroke: Points) -> Points:
        x, y = (stroke - middle).T
        larger = 1 + drift * np.clip(2 * x / max(right - left, 0.5), -1, 1)
        bent_x = x + sum(height * np.sin(length * y + start) for height, length, start in waves[0])
        bent_y = y * larger + sum(height * np.sin(length * x + start) for height, length, start in waves[1])
        placed = np.column_stack([stretch * bent_x - slant * bent_y, bent_y])
        return np.asarray(placed + middle + random.normal(0, STEP, 2), dtype=np.float64)

    return [moved(stroke) for stroke in strokes]


def _wave(random: Random) -> tuple[float, float, float]:
    """Height, angular frequency and phase."""
    length = random.uniform(SHORTEST, LONGEST)
    return float(random.uniform(0, BEND)), 2 * np.pi / length, float(random.uniform(0, 2 * np.pi))
