"""Boxes in points and the matrices that carry them to pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
"""3x3, applied to column vectors (x, y, 1); pixel i covers the interval from i to i + 1."""


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle; y points down."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Right minus left."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Bottom minus top."""
        return self.bottom - self.top

    @property
    def centre(self) -> tuple[float, float]:
        """(x, y) of the middle."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def corners(self) -> NDArray[np.float64]:
        """4x2: clockwise from the top left."""
        points = ((self.left, self.top), (self.right, self.top), (self.right, self.bottom), (self.left, self.bottom))
        return np.array(points, dtype=np.float64)

    def inset(self, x: float, y: float | None = None) -> Box:
        """The box with `x` taken off left and right and `y` (by default the same) off top and bottom."""
        y = x if y is None else y
        return Box(self.left + x, self.top + y, self.right - x, self.bottom - y)


def scaling(x: float, y: float) -> Matrix:
    """Multiplies x and y."""
    return np.diag([x, y, 1.0])


def translation(x: float, y: float) -> Matrix:
    """Moves by (x, y)."""
    matrix = np.eye(3)
    matrix[:2, 2] = x, y
    return matrix


def transform(matrix: Matrix, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Maps N x 2 points through a 3x3 matrix, perspective division included."""
    homogeneous = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(homogeneous[:, :2] / homogeneous[:, 2:], dtype=np.float64)


def for_opencv(matrix: Matrix) -> Matrix:
    """The same map for OpenCV, which puts the centre (not the corner) of the first pixel at the origin."""
    return translation(-0.5, -0.5) @ matrix @ translation(0.5, 0.5)
