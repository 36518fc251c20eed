"""Other hands out of those that were recorded: strokes slanted, stretched and bent as other writers would.

There are a few hundred writers to train on, and a network that has seen each of them many times learns their slants
and proportions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synthesis.ink.crop_ink import bounds
from synthesis.ink.pen import Points
from synthesis.ink.waves import Wave, shift

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
    across = [_wave(random, along=False) for _ in range(WAVES)]
    down = [_wave(random, along=True) for _ in range(WAVES)]

    def rewritten(stroke: Points) -> Points:
        x, y = (stroke - middle).T
        larger = 1 + drift * np.clip(2 * x / max(right - left, 0.5), -1, 1)
        shift_x, shift_y = shift(x, y, across, down)
        bent_x, bent_y = x + shift_x, y * larger + shift_y
        placed = np.column_stack([stretch * bent_x - slant * bent_y, bent_y])
        return np.asarray(placed + middle + random.normal(0, STEP, 2), dtype=np.float64)

    return [rewritten(stroke) for stroke in strokes]


def _wave(random: Random, along: bool) -> Wave:
    """One that runs along the line, or down."""
    length = random.uniform(SHORTEST, LONGEST)
    height, pace = float(random.uniform(0, BEND)), 2 * np.pi / length
    return Wave(height, (pace, 0.0) if along else (0.0, pace), float(random.uniform(0, 2 * np.pi)))
