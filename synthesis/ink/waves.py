"""Smooth waves that bend ink: what is drawn moves a little, and its neighbours move along.

Elastic changes of this kind help most against too few writers (Simard and others, ICDAR 2003; Wigington and others,
ICDAR 2017). Strokes are moved point by point, scans pixel by pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Wave:
    """A sine of the place: of its height, once for each 2 pi / pace along x and along y, begun at `phase`."""

    height: float
    pace: tuple[float, float]
    phase: float

    def at(self, x: Floats, y: Floats) -> Floats:
        """How far the points move; unit: that of `height`."""
        along, down = self.pace
        found: Floats = self.height * np.sin(along * x + down * y + self.phase)
        return found


def shift(x: Floats, y: Floats, across: Sequence[Wave], down: Sequence[Wave]) -> tuple[Floats, Floats]:
    """How far the points (x, y) move in x, by some waves, and in y, by others."""
    nowhere = np.zeros_like(x)
    return sum((wave.at(x, y) for wave in across), nowhere), sum((wave.at(x, y) for wave in down), nowhere)


def shift_points(points: Floats, across: Sequence[Wave], down: Sequence[Wave]) -> NDArray[np.float64]:
    """The same for (n, 2) points, as (n, 2)."""
    return np.stack(shift(points[:, 0], points[:, 1], across, down), axis=1).astype(np.float64, copy=False)
