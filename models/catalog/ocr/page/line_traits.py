"""What a line looks like: the recogniser's features before it decides on characters, as one row of numbers.

They come for nothing, as the network computes them anyway, and tell scripts and hands apart that it cannot read.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

TENSOR = "p2o.pd_op.add.52.0"
"""What the last stage of convolutions sees: (1, CHANNELS, ROWS, columns), one column for four pixels of the line."""
CHANNELS, ROWS = 192, 3
COUNT = (ROWS + 2) * CHANNELS
COLUMN_COUNT, BESIDE = 2 * ROWS * CHANNELS, 2
"""Of a column, and columns to both sides that belong to a letter whose middle it is."""

Traits = npt.NDArray[np.float32]
"""(COUNT,): means of each channel and row along the line; largest value and spread of each channel."""


def traits_of(features: npt.NDArray[np.float32], share: float) -> Traits:
    """Of the features, (CHANNELS, ROWS, columns), of a line that takes the first `share` of them."""
    used = features[:, :, : max(1, math.ceil(share * features.shape[2]))]
    parts = used.mean(axis=2).ravel(), used.max(axis=(1, 2)), used.std(axis=(1, 2))
    return np.concatenate(parts).astype(np.float32)


def column_traits(features: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """(columns, COLUMN_COUNT): what a letter in each column looks like, means and largest values around it.

    Of the features, (CHANNELS, ROWS, columns), of a line.
    """
    rows = features.reshape(-1, features.shape[2])
    padded = np.pad(rows, ((0, 0), (BESIDE, BESIDE)), mode="edge")
    around = np.stack([padded[:, start : start + rows.shape[1]] for start in range(2 * BESIDE + 1)])
    return np.vstack([around.mean(axis=0), around.max(axis=0)]).T.astype(np.float32)


def no_traits() -> Traits:
    """Of a line that nobody has looked at."""
    return np.zeros(COUNT, np.float32)
