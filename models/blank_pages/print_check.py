"""Whether a blank page's print is on a page that was laid over it, cell by cell at reading size."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.ink import Ink

CELL = 48
"""Pixels at 150 dpi: 8 mm, a few words."""
_PRINT = 0.15
_NEAR = 7
_LEAST_INK = 0.012
_BY_CHANCE = 0.5

Cells = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Checked:
    """Cell by cell how much of the print is there."""

    agreement: Cells
    """0..1."""
    weights: Cells
    """0 for cells without print, or that are not on the page."""
    amount: Cells
    """As `weights`, wherever the page ends."""


def check(laid: Ink, visible: Ink, wanted: Ink) -> Checked:
    """`laid` is the page over `wanted`, `visible` is 1 where there is page."""
    near = cv2.dilate((wanted > _PRINT).astype(np.uint8), np.ones((_NEAR, _NEAR), np.uint8)).astype(np.float32)
    size = np.maximum(_means(near), 1e-6)
    amount = _means(wanted)
    ours, squares = _means(wanted * near) / size, _means(wanted * wanted * near) / size
    theirs, their_squares = _means(laid * near) / size, _means(laid * laid * near) / size
    both = _means(laid * wanted * near) / size
    spread = np.sqrt(np.maximum(squares - ours**2, 0) * np.maximum(their_squares - theirs**2, 0))
    correlation = np.where(spread > 1e-6, (both - ours * theirs) / np.maximum(spread, 1e-6), 0)
    covered = _means(np.minimum(laid, wanted)) / np.maximum(amount, 1e-6)
    agreement = np.maximum(correlation, (covered - _BY_CHANCE) / (1 - _BY_CHANCE))
    amount = np.where(amount >= _LEAST_INK, amount, 0)
    seen = cv2.resize(visible, (amount.shape[1], amount.shape[0]), interpolation=cv2.INTER_AREA) > 0.99
    weights = np.where(seen, amount, 0)
    return Checked(*(np.asarray(each, dtype=np.float32) for each in (np.clip(agreement, 0, 1), weights, amount)))


def _means(values: Ink) -> Cells:
    rows, columns = (max(1, side // CELL) for side in values.shape)
    cut = values[: rows * CELL, : columns * CELL]
    return np.asarray(cv2.resize(cut, (columns, rows), interpolation=cv2.INTER_AREA), dtype=np.float32)
