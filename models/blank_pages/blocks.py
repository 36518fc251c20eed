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
    kept, tops, nines = [], [], []
    for number, ((x, y), kernel) in enumerate(zip(blocks.corners, blocks.kernels, strict=True)):
        answer = cv2.matchTemplate(bordered[y : y + span, x : x + span], kernel, cv2.TM_CCORR)
        _, best, _, (column, row) = cv2.minMaxLoc(answer)
        if best >= _LEAST_FOUND and 0 < column < 2 * reach and 0 < row < 2 * reach:
            kept.append(number)
            tops.append((column - reach, row - reach))
            nines.append(answer[row - 1 : row + 2, column - 1 : column + 2])
    moves, bows = _peaks(np.array(nines, np.float64).reshape(-1, 3, 3))
    usual = np.median(np.trace(bows, axis1=1, axis2=2)) / 2 if kept else 1.0
    fractions = (np.array(tops, np.float64).reshape(-1, 2) + moves) / np.array(blocks.size)
    return Moves(blocks.middles[kept], fractions, bows / max(usual, 1e-9))


def _peaks(nines: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """(n, 2) the tops of the parabolas through nine values each, at most a pixel away, and how they bow (n, 2, 2)."""
    middle, left, right, above, below = (nines[:, y, x] for y, x in ((1, 1), (1, 0), (1, 2), (0, 1), (2, 1)))
    xx, yy = np.maximum(2 * middle - left - right, 1e-6), np.maximum(2 * middle - above - below, 1e-6)
    xy = -(nines[:, 2, 2] - nines[:, 2, 0] - nines[:, 0, 2] + nines[:, 0, 0]) / 4
    xy = np.clip(xy, -0.9 * np.sqrt(xx * yy), 0.9 * np.sqrt(xx * yy))
    bows = np.stack([np.stack([xx, xy], axis=1), np.stack([xy, yy], axis=1)], axis=1)
    slopes = np.stack([right - left, below - above], axis=1) / 2
    return np.clip(np.linalg.solve(bows, slopes[:, :, None])[:, :, 0], -1, 1), bows
