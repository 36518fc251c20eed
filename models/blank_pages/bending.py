"""A smooth sheet through measured moves, however many of them are wrong.

First the perspective that explains most, then what paper does besides: a grid whose bending costs, as stiff as moves
that were left out want it (so a flat scan stays flat, and one bad corner bends nothing).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from models.blank_pages.blocks import Moves
from models.blank_pages.placement import FLAT, Bend, Matrix, Placement, Points, bend_at, through

NODES = (11, 9)
"""Rows and columns: about 3 cm apart on a letter or A4 page."""
_STIFFNESSES = (1000.0, 30.0, 1.0, 0.1)
_BETTER = 0.93
"""A softer sheet must leave so much less of the moves that were kept from it."""
_LEAST_MOVES = 12
_ROUNDS = 8

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A placement that follows the moves, and what it leaves of them."""

    placement: Placement
    places: Points
    left: Values
    """(n,) how far, in pixels, each block lies from where a sheet that was made without it says."""
    weights: Values
    """(n,) 0..1: how much each was believed."""


def follow(placement: Placement, moves: Moves, size: tuple[int, int], noise: float) -> Sheet | None:
    """`placement` bettered by `moves` measured on it; None where they are too few.

    `size` is the blank page in pixels, `noise` how many pixels a good move may be wrong by.
    """
    if len(moves.places) < _LEAST_MOVES:
        return None
    pixels = np.array(size, np.float64)
    places = moves.places * pixels
    total = moves.moves * pixels + bend_at(placement.bend, moves.places) * pixels
    shift = _perspective(places, total, moves.certainty, pixels, noise)
    rest = through(np.linalg.inv(shift), places + total) - places
    scale = np.diag([*pixels, 1.0])
    matrix = placement.matrix @ np.linalg.inv(scale) @ shift @ scale
    bend, left, weights = _bend(moves.places, rest, moves.certainty, noise)
    return Sheet(Placement(matrix / matrix[2, 2], bend / pixels), moves.places, left, weights)


def _perspective(places: Points, total: Values, certainty: Values, pixels: Values, noise: float) -> Matrix:
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
    weights = np.ones(len(places))
    solved = np.zeros(8)
    for spread in _spreads(noise):
        weighted = certainty * weights[:, None, None]
        normal = np.einsum("nap,nab,nbq->pq", basis, weighted, basis) + 1e-6 * np.eye(8)
        solved = np.linalg.solve(normal, np.einsum("nap,nab,nb->p", basis, weighted, total))
        weights = _believed(total - basis @ solved, certainty, spread)
    a, b, c, d, e, f, g, h = solved / reach
    near = np.array([[1 + b, c, a], [e, 1 + f, d], [-g, -h, 1]])
    unit = np.array([[1 / reach, 0, -middle[0] / reach], [0, 1 / reach, -middle[1] / reach], [0, 0, 1]])
    return np.asarray(np.linalg.inv(unit) @ near @ unit, dtype=np.float64)


def _spreads(noise: float) -> Values:
    """From forgiving to strict."""
    return np.asarray(noise * np.geomspace(8, 1, _ROUNDS))


def _believed(rest: Values, certainty: Values, spread: float) -> Values:
    """Geman-McClure weights of what is left."""
    squares = np.einsum("na,nab,nb->n", rest, certainty, rest) / (spread * spread)
    return np.asarray(1 / (1 + squares) ** 2, dtype=np.float64)


def _bend(places: Points, rest: Values, certainty: Values, noise: float) -> tuple[Bend, Values, Values]:
    """The nodes' moves in pixels, what each block says against a sheet made without it, and the weight of each."""
    basis, stiff = _basis(places), _stiffness()
    weights = np.ones(len(places))
    for spread in _spreads(noise)[::2]:
        grid = _solved(basis, rest, certainty * weights[:, None, None], _STIFFNESSES[-1] * stiff)
        weights = _believed(rest - basis @ grid, certainty, spread)
    fold = (np.floor(places[:, 0] * 10) + np.floor(places[:, 1] * 13)).astype(np.int64) % 2
    best, left, chosen = np.inf, np.zeros(len(places)), None
    for stiffness in (None, *_STIFFNESSES):
        outside = np.zeros_like(rest)
        for side in (0, 1) if stiffness is not None else ():
            used, other = fold == side, fold != side
            weighted = certainty[used] * weights[used, None, None]
            outside[other] = basis[other] @ _solved(basis[used], rest[used], weighted, stiffness * stiff)
        squares = np.einsum("na,nab,nb->n", rest - outside, certainty, rest - outside)
        loss = float(np.mean(squares / (4 * noise * noise + squares)))
        if loss < _BETTER * best:
            best, chosen, left = loss, stiffness, np.sqrt(squares)
    if chosen is None:
        return FLAT, left, _believed(rest, certainty, noise)
    grid = _solved(basis, rest, certainty * weights[:, None, None], chosen * stiff)
    return grid.reshape(*NODES, 2), left, _believed(rest - basis @ grid, certainty, noise)


def _solved(basis: Values, rest: Values, weighted: Values, stiff: Values) -> Values:
    """(nodes, 2): the moves of the nodes by least squares."""
    count = basis.shape[1]
    normal, target = np.zeros((2, count, 2, count)), np.zeros((2, count))
    for a in (0, 1):
        for b in (0, 1):
            part = weighted[:, a, b, None] * basis
            normal[a, :, b] = basis.T @ part
            target[a] += part.T @ rest[:, b]
        normal[a, :, a] += stiff
    return np.linalg.solve(normal.reshape(2 * count, 2 * count), target.ravel()).reshape(2, count).T


def _basis(places: Points) -> Values:
    """(n, nodes): the share of each node at each place."""
    rows, columns = NODES
    down = np.maximum(0, 1 - np.abs(places[:, 1:] * (rows - 1) - np.arange(rows)))
    across = np.maximum(0, 1 - np.abs(places[:, :1] * (columns - 1) - np.arange(columns)))
    return np.asarray((down[:, :, None] * across[:, None, :]).reshape(len(places), -1), dtype=np.float64)


@cache
def _stiffness() -> Values:
    """(nodes, nodes): the thin plate's energy, by second differences; planes cost next to nothing."""
    rows, columns = NODES
    second = [np.diff(np.eye(count), 2, axis=0) for count in NODES]
    first = [np.diff(np.eye(count), axis=0) for count in NODES]
    down, across = np.kron(second[0], np.eye(columns)), np.kron(np.eye(rows), second[1])
    both = np.sqrt(2) * np.kron(first[0], first[1])
    energy = down.T @ down + across.T @ across + both.T @ both
    return np.asarray(energy + 1e-6 * np.eye(rows * columns), dtype=np.float64)
