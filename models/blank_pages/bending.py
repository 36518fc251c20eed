"""A smooth sheet through measured moves, however many of them are wrong.

Past the perspective, what paper does besides: a grid whose bending costs, as stiff as moves
that were left out want it (so a flat scan stays flat, and one bad corner bends nothing).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from models.blank_pages.blocks import Moves
from models.blank_pages.perspective import Values, believed, perspective, spreads
from models.blank_pages.placement import FLAT, Bend, Placement, Points, bend_at, through

NODES = (11, 9)
"""Rows and columns: about 3 cm apart on a letter or A4 page."""
_STIFFNESSES = (1000.0, 30.0, 1.0, 0.1)
_SOFT, _USUAL = 0.1, 1.0
_BETTER = 0.93
"""A softer sheet must leave so much less of the moves that were kept from it."""
_LEAST_MOVES = 12


@dataclass(frozen=True, slots=True)
class Sheet:
    """A placement that follows the moves, and what it leaves of them."""

    placement: Placement
    places: Points
    left: Values
    """(n,) how far, in pixels, each block lies from where a sheet that was made without it says."""
    weights: Values
    """(n,) 0..1: how much each was believed."""


def follow(
    placement: Placement, moves: Moves, size: tuple[int, int], noise: float, *, last: bool = False
) -> Sheet | None:
    """`placement` bettered by `moves` measured on it; None where they are too few.

    `size` is the blank page in pixels, `noise` how many pixels a good move may be wrong by. Only the `last`
    time it is worth finding out how stiff the sheet should be.
    """
    if len(moves.places) < _LEAST_MOVES:
        return None
    pixels = np.array(size, np.float64)
    places = moves.places * pixels
    total = moves.moves * pixels + bend_at(placement.bend, moves.places) * pixels
    shift = perspective(places, total, moves.certainty, pixels, noise)
    rest = through(np.asarray(np.linalg.inv(shift), np.float64), places + total) - places
    scale = np.diag([*pixels, 1.0])
    matrix = placement.matrix @ np.linalg.inv(scale) @ shift @ scale
    bend, left, weights = _bend(moves.places, rest, moves.certainty, noise, last)
    return Sheet(Placement(matrix / matrix[2, 2], bend / pixels), moves.places, left, weights)


def _bend(places: Points, rest: Values, certainty: Values, noise: float, last: bool) -> tuple[Bend, Values, Values]:
    """The nodes' moves in pixels, what each block says against a sheet made without it, and the weight of each."""
    basis, stiff = _basis(places), _stiffness()
    weights, grid = np.ones(len(places)), np.zeros((basis.shape[1], 2))
    for spread in spreads(noise)[::3]:
        sums = _sums(basis, rest, certainty * weights[:, None, None])
        grid = _solved(sums, (_SOFT if last else _USUAL) * stiff)
        weights = believed(rest - basis @ grid, certainty, spread)
    if not last:
        return (
            np.asarray(grid.reshape(*NODES, 2), np.float64),
            np.sqrt(_squares(rest - basis @ grid, certainty)),
            weights,
        )
    weighted = certainty * weights[:, None, None]
    # In squares, since a neighbour that is not left out tells nearly what the block itself would.
    fold = (np.floor(places[:, 0] * 10) + np.floor(places[:, 1] * 13)).astype(np.int64) % 2
    halves = [(used, _sums(basis[used], rest[used], weighted[used])) for used in (fold == 0, fold == 1)]
    chosen, left = None, _squares(rest, certainty)
    best = _loss(left, noise)
    for stiffness in _STIFFNESSES:
        outside = np.zeros_like(rest)
        for used, sums in halves:
            outside[~used] = basis[~used] @ _solved(sums, stiffness * stiff)
        squares = _squares(rest - outside, certainty)
        if _loss(squares, noise) < _BETTER * best:
            best, chosen, left = _loss(squares, noise), stiffness, squares
    if chosen is None:
        return FLAT, np.sqrt(left), believed(rest, certainty, noise)
    grid = _solved(_sums(basis, rest, weighted), chosen * stiff)
    bend = np.asarray(grid.reshape(*NODES, 2), dtype=np.float64)
    return bend, np.sqrt(left), believed(rest - basis @ grid, certainty, noise)


def _squares(rest: Values, certainty: Values) -> Values:
    return np.asarray(np.einsum("na,nab,nb->n", rest, certainty, rest), dtype=np.float64)


def _loss(squares: Values, noise: float) -> float:
    """What is far off counts 1, however far."""
    return float(np.mean(squares / (4 * noise * noise + squares)))


def _sums(basis: Values, rest: Values, weighted: Values) -> tuple[Values, Values]:
    """Of the normal equations, without stiffness: (2, nodes, 2, nodes) and (2, nodes)."""
    count = basis.shape[1]
    normal, target = np.zeros((2, count, 2, count)), np.zeros((2, count))
    for a in (0, 1):
        for b in (0, 1):
            part = weighted[:, a, b, None] * basis
            normal[a, :, b] = basis.T @ part
            target[a] += part.T @ rest[:, b]
    return normal, target


def _solved(sums: tuple[Values, Values], stiff: Values) -> Values:
    """(nodes, 2): the moves of the nodes by least squares."""
    normal, target = sums[0].copy(), sums[1]
    count = target.shape[1]
    for a in (0, 1):
        normal[a, :, a] += stiff
    solved = np.linalg.solve(normal.reshape(2 * count, 2 * count), target.ravel())
    return np.asarray(solved.reshape(2, count).T, dtype=np.float64)


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
