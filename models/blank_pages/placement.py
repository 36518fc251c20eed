"""Where each point of a blank page lies on a page: a sheet in perspective, bent a little where paper is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
"""3 x 3, applied to (x, y, 1)."""
Points = npt.NDArray[np.float64]
"""(n, 2), x and y."""
Bend = npt.NDArray[np.float64]
"""(rows, columns, 2): moves in fractions of the blank page at nodes that are spread evenly from edge to edge."""

FLAT: Bend = np.zeros((2, 2, 2))


@dataclass(frozen=True, slots=True)
class Placement:
    """From fractions of the blank page to fractions of the page, both from 0 to 1 from the top left."""

    matrix: Matrix
    bend: Bend
    """Added to a point before `matrix`; beyond the edges as at the edge."""

    def map(self, points: Points) -> Points:
        """Where the points (n, 2) of the blank page are on the page."""
        return through(self.matrix, points + bend_at(self.bend, points))

    def flat(self) -> Placement:
        """The same sheet, unbent."""
        return replace(self, bend=FLAT)


def bend_at(bend: Bend, points: Points) -> Points:
    """The move at each point, linear between nodes."""
    if not bend.any():
        return np.zeros_like(points)
    last = np.array([bend.shape[1] - 1, bend.shape[0] - 1])
    place = np.clip(points, 0, 1) * last
    corner = np.minimum(place.astype(np.int64), last - 1)
    part = place - corner
    x, y = corner[:, 0], corner[:, 1]
    across, down = part[:, :1], part[:, 1:]
    above = bend[y, x] * (1 - across) + bend[y, x + 1] * across
    below = bend[y + 1, x] * (1 - across) + bend[y + 1, x + 1] * across
    return np.asarray(above * (1 - down) + below * down, dtype=np.float64)


def through(matrix: Matrix, points: Points) -> Points:
    """The points (n, 2) through the matrix."""
    return np.asarray(cv2.perspectiveTransform(points.reshape(-1, 1, 2), matrix).reshape(-1, 2), dtype=np.float64)


def pixels_of(size: tuple[int, int]) -> Matrix:
    """Fractions to pixels of a picture of (width, height); pixel i covers the interval from i to i + 1."""
    return np.diag([float(size[0]), float(size[1]), 1.0])


def turn_of(matrix: Matrix) -> int:
    """By how many degrees clockwise the page was turned: 0, 90, 180 or 270, the nearest."""
    middle, right = through(matrix, np.array([[0.5, 0.5], [0.6, 0.5]]))
    x, y = right - middle
    return round(float(np.degrees(np.arctan2(y, x))) / 90) % 4 * 90
