"""Samples that are drawn while training, each from its own seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np
from torch.utils.data import Dataset

Sample = TypeVar("Sample")


class MadeSamples(Dataset[Sample], Generic[Sample]):
    """`count` samples; sample i is `draw(default_rng([seed, i]))` in every run, whichever process draws it.

    `draw` must be picklable where the loader has worker processes.
    """

    def __init__(self, draw: Callable[[np.random.Generator], Sample], count: int, seed: int) -> None:
        self._draw = draw
        self._count = count
        self._seed = seed

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Sample:
        if not 0 <= index < self._count:
            raise IndexError(index)
        return self._draw(np.random.default_rng([self._seed, index]))
