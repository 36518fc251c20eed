"""A sheet of paper as pixels, with the way back to its points."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synthesis.geometry import Box, Matrix, scaling, transform

Pixels = NDArray[np.uint8]
"""Height x width (grey) or height x width x 3 (blue, green, red)."""


def levels(values: NDArray[np.floating]) -> Pixels:
    """Computed tones as pixels: rounded, and cut off at black and white."""
    return np.asarray(np.clip(np.rint(values), 0, 255), dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Sheet:
    """An image of a page, and what was done to it since it was printed."""

    image: Pixels
    dpi: float
    matrix: Matrix
    """3x3, points of the printed page to pixels of `image`."""
    done: tuple[str, ...] = ()
    """The effects in order, with their drawn values."""

    def after(self, done: str, image: Pixels, matrix: Matrix | None = None) -> Sheet:
        """The sheet after an effect; `matrix` maps the pixels before to the pixels after, None where nothing moved."""
        moved = self.matrix if matrix is None else matrix @ self.matrix
        return replace(self, image=image, matrix=moved, done=(*self.done, done))

    def corners(self, box: Box) -> NDArray[np.float64]:
        """4x2 pixels: where the corners of a box in points are now, clockwise from its own top left."""
        return transform(self.matrix, box.corners)


def new_sheet(image: Pixels, dpi: float) -> Sheet:
    """An untouched page rendered at `dpi`."""
    return Sheet(image, dpi, scaling(dpi / 72, dpi / 72))
