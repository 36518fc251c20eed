"""Blocks of a blank page's print, and by how far each lies beside its place on a page that was laid over it.

A block is looked for by its print alone: the kernel is zero away from it, so writing beside print moves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.ink import Ink

_PRINT = 0.15
_NEAR = 5
_LEAST_INK = 0.006
_LEAST_FOUND = 0.3
"""Of a block's print; what is found less is another's."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of one size of picture."""

    size: tuple[int, int]
    """Width and height of the picture."""
    side: int
    corners: npt.NDArray[np.int64]
    """(n, 2) x and y of each block's top left."""
    kernels: tuple[Ink, ...]
    """(side, side) each: less its mean and divided by its energy, so that perfect print correlates to 1."""

    @property
    def middles(self) -> npt.NDArray[np.float64]:
        """(n, 2) fractions of the picture."""
        return np.asarray((self.corners + self.side / 2) / np.array(self.size), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Moves:
    """By how far blocks lie beside their place."""

    places: npt.NDArray[np.float64]
    """(n, 2) fractions of the blank page."""
    moves: npt.NDArray[np.float64]
    """(n, 2) fractions of the blank page."""
    certainty: npt.NDArray[np.float64]
    """(n, 2, 2) how steeply agreement falls around the place, of a median of 1: a line says nothing along itself."""
    found: npt.NDArray[np.float64]
    """(n,) how much of the print is there, about 1 for all."""


def blocks_of(ink: Ink, side: int) -> Blocks:
    """The blocks with print, side by side."""
    height, width = ink.shape
    corners, kernels = [], []
    near = cv2.dilate((ink > _PRINT).astype(np.uint8), np.ones((_NEAR, _NEAR), np.uint8))
    for y in range(0, height - side + 1, side):
        for x in range(0, width - side + 1, side):
            block, mask = ink[y : y + side, x : x + side], near[y : y + side, x : x + side] > 0
            if block.mean() < _LEAST_INK or not mask.any():
                continue
            kernel = np.where(mask, block - block[mask].mean(), 0).astype(np.float32)
            energy = float((kernel * block).sum())
            if energy > 0.1:
                corners.append((x, y))
                kernels.append(kernel / np.float32(energy))
    return Blocks((width, height), side, np.array(corners, np.int64).reshape(-1, 2), tuple(kernels))


def moves_of(laid: Ink, blocks: Blocks, reach: int) -> Moves:
    """Where on the laid page each block is found best within `reach` pixels; those found nowhere are left out."""
    bordered = cv2.copyMakeBorder(laid, reach, reach, reach, reach, cv2.BORDER_CONSTANT)
    span = blocks.side + 2 * reach
    kept, moves, certainty, found = [], [], [], []
    for number, ((x, y), kernel) in enumerate(zip(blocks.corners, blocks.kernels, strict=True)):
        answer = cv2.matchTemplate(bordered[y : y + span, x : x + span], kernel, cv2.TM_CCORR)
        _, best, _, (column, row) = cv2.minMaxLoc(answer)
        if best < _LEAST_FOUND or not (0 < column < 2 * reach and 0 < row < 2 * reach):
            continue
        move, bow = _peak(answer[row - 1 : row + 2, column - 1 : column + 2].astype(np.float64))
        kept.append(number)
        moves.append((column - reach + move[0], row - reach + move[1]))
        certainty.append(bow)
        found.append(best)
    steep = np.array(certainty).reshape(-1, 2, 2)
    usual = np.median(np.trace(steep, axis1=1, axis2=2)) / 2 if len(steep) else 1.0
    fractions = np.array(moves).reshape(-1, 2) / np.array(blocks.size)
    return Moves(blocks.middles[kept], fractions, steep / max(usual, 1e-9), np.array(found))


def _peak(nine: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The top of the parabola through nine values, at most a pixel away, and how it is bowed (2 x 2)."""
    down_x, down_y = (nine[1, 2] - nine[1, 0]) / 2, (nine[2, 1] - nine[0, 1]) / 2
    xx = max(2 * nine[1, 1] - nine[1, 0] - nine[1, 2], 1e-6)
    yy = max(2 * nine[1, 1] - nine[0, 1] - nine[2, 1], 1e-6)
    xy = -(nine[2, 2] - nine[2, 0] - nine[0, 2] + nine[0, 0]) / 4
    xy = float(np.clip(xy, -0.9 * np.sqrt(xx * yy), 0.9 * np.sqrt(xx * yy)))
    bow = np.array([[xx, xy], [xy, yy]])
    return np.clip(np.linalg.solve(bow, [down_x, down_y]), -1, 1), bow
