"""The perspective that explains most of the measured moves, however many of them are wrong."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.blank_pages.placement import Matrix, Points

_ROUNDS = 7

Values = npt.NDArray[np.float64]


def perspective(places: Points, total: Values, certainty: Values, pixels: Values, noise: float) -> Matrix:
    """The homography near none (in pixels) that carries places to places + total."""
    middle, reach = pixels / 2, float(pixels.max()) / 2
    x, y = ((places - middle) / reach).T
    one, none = np.ones_like(x), np.zeros_like(x)
    # To first order a homography near the identity moves (x, y) by this.
    basis = np.stack(
        [
            np.stack([one, x, y, none, none, none, x * x, x * y], axis=1),
            np.stack([none, none, none, one, x, y, x * y, y * y], axis=1),
        ],
        axis=1,
    )
    flat = basis.reshape(-1, 8)
    weights: Values = np.ones(len(places))
    solved = np.zeros(8)
    for spread in spreads(noise):
        # By hand rather than in one sum of three, which numpy would go through term by term.
        weighted = ((certainty * weights[:, None, None]) @ basis).reshape(-1, 8)
        normal = flat.T @ weighted + 1e-6 * np.eye(8)
        solved = np.linalg.solve(normal, weighted.T @ total.reshape(-1))
        weights = believed(total - basis @ solved, certainty, spread)
    a, b, c, d, e, f, g, h = solved / reach
    near = np.array([[1 + b, c, a], [e, 1 + f, d], [-g, -h, 1]])
    unit = np.array([[1 / reach, 0, -middle[0] / reach], [0, 1 / reach, -middle[1] / reach], [0, 0, 1]])
    return np.asarray(np.linalg.inv(unit) @ near @ unit, dtype=np.float64)


def spreads(noise: float) -> Values:
    """From forgiving to strict."""
    return np.asarray(noise * np.geomspace(8, 1, _ROUNDS), dtype=np.float64)


def believed(rest: Values, certainty: Values, spread: float) -> Values:
    """Geman-McClure weights of what is left."""
    squares = np.einsum("na,nab,nb->n", rest, certainty, rest) / (spread * spread)
    return np.asarray(1 / (1 + squares) ** 2, dtype=np.float64)
