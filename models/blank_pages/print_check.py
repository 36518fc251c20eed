"""Whether a blank page's print is on a page that was laid over it, cell by cell at reading size."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.blank_pages.placement import Placement
from models.ink import Ink

CELL = 36
"""Pixels at reading size: 8 mm, a few words."""
_PRINT = 0.15
_DARK, _LEAST_DARK = 0.35, 0.3
_NEAR = 5
_LEAST_INK = 0.012
_BY_CHANCE = 0.5
_EMPTY, _COVERED = 0.35, 2.5
_POOR = 0.5
_OTHER = 0.6

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
    inked: Cells
    """How much ink the page has there, 1 for as much as the blank page has."""

    @property
    def lost(self) -> npt.NDArray[np.bool_]:
        """Cells of which nothing can be said: on the page is hardly any ink (torn, faded) or far too much (covered)."""
        gone = (self.inked < _EMPTY) | (self.inked > _COVERED)
        return np.asarray(gone & (self.weights > 0) & (self.agreement < _POOR), dtype=np.bool_)

    @property
    def seen(self) -> float:
        """The share of the print that lies on the page and is neither lost."""
        told = np.where(self.lost, 0, self.weights)
        return float(told.sum() / max(float(self.amount.sum()), 1e-6))

    @property
    def mean(self) -> float:
        """Mean agreement of what is seen."""
        told = np.where(self.lost, 0, self.weights)
        return float((told * self.agreement).sum() / max(float(told.sum()), 1e-6))

    @property
    def contrary(self) -> float:
        """The share of seen cells that have other print than the blank page, measured by what this copy's others have.

        Of another edition much is as it should be and some is something else; of a poor copy all is a little worse.
        """
        told = (self.weights > 0) & ~self.lost
        if not told.any():
            return 1.0
        usual = float(np.median(self.agreement[told]))
        return float((self.agreement[told] < _OTHER * usual).mean())


def check(laid: Ink, visible: npt.NDArray[np.bool_], wanted: Ink) -> Checked:
    """`laid` is the page over `wanted`, `visible` says which cells lie on the page."""
    # Pale print (boxes in a colour that scanners drop) may be missing from a good copy: it proves nothing.
    dark = wanted > _DARK
    dark = dark if wanted[dark].sum() > _LEAST_DARK * wanted.sum() else wanted > _PRINT
    near = cv2.dilate(dark.astype(np.uint8), np.ones((_NEAR, _NEAR), np.uint8)).astype(np.float32)
    wanted = wanted * near
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
    weights = np.where(visible, amount, 0)
    inked = _means(laid * near) / np.maximum(amount, 1e-6)
    parts = np.clip(agreement, 0, 1), weights, amount, inked
    return Checked(*(np.asarray(each, dtype=np.float32) for each in parts))


def on_page(placement: Placement, size: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Which cells of a blank page of `size` (width, height) have all four corners on the page."""
    columns, rows = (max(1, side // CELL) for side in size)
    x, y = np.meshgrid(np.arange(columns + 1) * CELL / size[0], np.arange(rows + 1) * CELL / size[1])
    there = placement.map(np.stack([x.ravel(), y.ravel()], axis=1))
    inside = ((there >= 0) & (there <= 1)).all(axis=1).reshape(rows + 1, columns + 1)
    return np.asarray(inside[:-1, :-1] & inside[1:, :-1] & inside[:-1, 1:] & inside[1:, 1:])


def _means(values: Ink) -> Cells:
    rows, columns = (max(1, side // CELL) for side in values.shape)
    cut = values[: rows * CELL, : columns * CELL]
    return np.asarray(cv2.resize(cut, (columns, rows), interpolation=cv2.INTER_AREA), dtype=np.float32)
