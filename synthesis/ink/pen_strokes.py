"""Recorded pen strokes with what they say (UNIPEN), split by writer.

The files are those of the training folder's `handwriting/`: UNIPEN train_r01_v07, CC-BY-4.0; I. Guyon, L. Schomaker,
R. Plamondon, M. Liberman, S. Janet: UNIPEN project of on-line data exchange and recognizer benchmarks, ICPR 1994.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synthesis.ink.pen import Points

UNIT = 64.0
"""Steps of the file in the median height of what its writer wrote."""


class Part(StrEnum):
    """Which writers: every use of the strokes keeps to this split."""

    TRAIN = "train"
    VALIDATION = "validation"
    """For choices and thresholds."""
    TEST = "test"
    """For numbers that are quoted; never looked at for a choice."""


class PenStrokes:
    """Segments (characters, words or lines) of one file."""

    def __init__(self, path: Path) -> None:
        """Reads the file. Raises OSError when it cannot be read, KeyError when it is of another make."""
        with np.load(path) as stored:
            self._steps = np.stack([stored["dx"], stored["dy"]], axis=1).astype(np.float64) / UNIT
            lengths, strokes = stored["stroke_len"].astype(np.int64), stored["seg_strokes"].astype(np.int64)
            self.writers: NDArray[np.int64] = stored["writer"].astype(np.int64)
            labels = stored["labels"].tobytes().decode()
        self._ends = np.concatenate([[0], np.cumsum(lengths)])
        self._firsts = np.concatenate([[0], np.cumsum(strokes)])
        self.texts: Sequence[str] = labels.split("\n")[: len(strokes)]

    def __len__(self) -> int:
        return len(self._firsts) - 1

    def of(self, part: Part) -> NDArray[np.int64]:
        """Indices of the segments by the writers of `part`."""
        tens = self.writers % 10
        chosen = {Part.TEST: tens == 9, Part.VALIDATION: tens == 8, Part.TRAIN: tens < 8}[part]
        return np.flatnonzero(chosen)

    def strokes(self, index: int) -> list[Points]:
        """The strokes of a segment; unit: median height of the writer's letters or lines, y down, start at (0, 0)."""
        first, last = self._firsts[index], self._firsts[index + 1]
        ends = self._ends[first : last + 1]
        # The step from the end of one stroke to the start of the next is part of the file.
        path = np.cumsum(self._steps[ends[0] : ends[-1]], axis=0)
        if len(path) == 0:
            return []
        path -= path[0]
        return [path[start - ends[0] : end - ends[0]] for start, end in pairwise(ends) if end > start]
