"""What a line looks like: the recogniser's features before it decides on characters, as one row of numbers.

They come for nothing, as the network computes them anyway, and tell scripts and hands apart that it cannot read.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

TENSOR = "p2o.pd_op.add.52.0"
"""What the last stage of convolutions sees: (1, CHANNELS, ROWS, columns), one column for four pixels of the line."""
CHANNELS, ROWS = 192, 3
COUNT = (ROWS + 2) * CHANNELS
LETTER_COUNT, BESIDE = 2 * ROWS * CHANNELS, 2
"""Of a letter, and columns that belong to it to both sides of its middle."""

Traits = npt.NDArray[np.float32]
"""(COUNT,): means of each channel and row along the line; largest value and spread of each channel."""


def traits_of(features: npt.NDArray[np.float32], share: float) -> Traits:
    """Of the features, (CHANNELS, ROWS, columns), of a line that takes the first `share` of them."""
    used = features[:, :, : max(1, math.ceil(share * features.shape[2]))]
    parts = used.mean(axis=2).ravel(), used.max(axis=(1, 2)), used.std(axis=(1, 2))
    return np.concatenate(parts).astype(np.float32)


def letter_traits(features: npt.NDArray[np.float32], places: Sequence[float]) -> npt.NDArray[np.float32]:
    """(letters, LETTER_COUNT): means and largest values around each place, from 0 to 1 along the features' columns."""
    columns = features.shape[2]
    rows = []
    for place in places:
        near = features[:, :, max(0, int(place * columns - BESIDE)) : int(place * columns + BESIDE) + 1]
        rows.append(np.concatenate([near.mean(axis=2).ravel(), near.max(axis=2).ravel()]))
    return np.stack(rows).astype(np.float32)


def no_traits() -> Traits:
    """Of a line that nobody has looked at."""
    return np.zeros(COUNT, np.float32)
