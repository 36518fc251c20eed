"""Which places share ground, of many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

OVERLAP = 0.25
"""Share of the smaller from which two places are taken for one."""


class Place(Protocol):
    """Something with an extent."""

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""


def extents(places: Sequence[Place]) -> Floats:
    """(n, 4): left, top, right, bottom."""
    return np.array([place.extent for place in places], dtype=np.float64).reshape(-1, 4)


def sharing(boxes: Floats, other: Floats, share: float = OVERLAP) -> npt.NDArray[np.bool_]:
    """For each of `boxes` (n, 4) whether it and `other` (4,) share more than that of the smaller."""
    wide = np.minimum(boxes[:, 2], other[2]) - np.maximum(boxes[:, 0], other[0])
    high = np.minimum(boxes[:, 3], other[3]) - np.maximum(boxes[:, 1], other[1])
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    smaller = np.minimum(area, (other[2] - other[0]) * (other[3] - other[1]))
    return np.asarray((wide > 0) & (high > 0) & (wide * high > share * smaller))


def away_from(boxes: Floats, others: Floats, share: float = OVERLAP) -> npt.NDArray[np.bool_]:
    """For each of `boxes` (n, 4) whether it shares no more than that with any of `others` (m, 4)."""
    free = np.ones(len(boxes), np.bool_)
    for other in others:
        free &= ~sharing(boxes, other, share)
    return free


def first_apart(boxes: Floats, room: Floats | None = None, share: float = OVERLAP) -> npt.NDArray[np.intp]:
    """Indices of those of `boxes` (n, 4) that share no more than that with one kept before them.

    With `room` (n, 4) those kept count as that large.
    """
    taken = boxes if room is None else room
    free = np.ones(len(boxes), np.bool_)
    kept: list[int] = []
    for index in range(len(boxes)):
        if free[index]:
            kept.append(index)
            free[index + 1 :] &= ~sharing(boxes[index + 1 :], taken[index], share)
    return np.array(kept, dtype=np.intp)
