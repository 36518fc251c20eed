"""How much a region looks like a signature: a logistic score fitted by `train.py`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.signature.regions import FEATURES

Floats = npt.NDArray[np.float64]


class Score:
    """The fitted score."""

    def __init__(self, path: Path) -> None:
        """Read the coefficients.

        Raises ValueError when they are for other features than this code measures.
        """
        stored = json.loads(path.read_text(encoding="utf-8"))
        if tuple(stored["features"]) != FEATURES:
            raise ValueError(f"{path.name} is for features {stored['features']}, not {list(FEATURES)}; run train.py")
        self._middle, self._spread = np.array(stored["middle"]), np.array(stored["spread"])
        self._weights = np.array(stored["weights"])

    def __call__(self, features: Floats) -> float:
        """Between 0 and 1; comparable between regions, not yet a probability on real pages."""
        standard = np.clip((features - self._middle) / self._spread, -3, 3)
        inputs = np.concatenate([standard, standard**2, [1.0]])
        return float(1 / (1 + np.exp(-np.clip(inputs @ self._weights, -30, 30))))
