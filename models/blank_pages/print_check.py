"""Whether a blank page's print is on a page that was laid over it, cell by cell at reading size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.blank_pages.hidden import Mask, covered_parts
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
_MOST_COVERED = 0.5
"""Of the print, more than this is never said to be covered: it is another form's."""

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
    def lost(self) -> Mask:
        """Cells of which nothing can be said: on the page is hardly any ink (torn, faded) or far too much (covered)."""
        gone = (self.inked < _EMPTY) | (self.inked > _COVERED)
        return np.asarray(gone & (self.weights > 0) & (self.agreement < _POOR))

    @property
    def told(self) -> Mask:
        """Cells with print of which something can be said."""
        return np.asarray((self.weights > 0) & ~self.lost)

    @property
    def contrary(self) -> Mask:
        """Cells that have other print than the blank page, measured by what this copy's others have.

        Of another edition much is as it should be and some is something else; of a poor copy all is a little worse.
        """
        usual = float(np.median(self.agreement[self.told])) if self.told.any() else 0.0
        return np.asarray(self.told & (self.agreement < _OTHER * usual))

    @property
    def covered(self) -> Mask:
        """Parts over which something lies: one sheet with other print on it, and whatever is torn off or without print.

        Another edition differs in several places; a sheet over most of a page may be another form.
        """
        printed = np.asarray(self.weights > 0)
        covered = np.zeros_like(printed)
        for part in covered_parts(self.lost, printed):
            covered |= part
        sheets = covered_parts(self.lost | self.contrary, printed)
        sheet = max(sheets, key=self._print_in, default=covered)
        return covered | sheet if self._print_in(sheet) <= _MOST_COVERED * self._print_in(printed) else covered

    def _print_in(self, part: Mask) -> float:
        return float(self.weights[part].sum())

    def judged(self) -> Judged:
        """What the print that can be seen says."""
        covered = self.covered
        told = self.told & ~covered
        weights = np.where(told, self.weights, 0)
        seen = float(weights.sum())
        return Judged(
            covered=covered,
            seen=seen / max(float(self.amount.sum()), 1e-6),
            agreement=float((weights * self.agreement).sum() / max(seen, 1e-6)),
            contrary=float(self.contrary[told].mean()) if told.any() else 1.0,
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """How far a page has the blank page's print, where it can be seen."""

    covered: Mask
    """Cells over which something lies, or that are torn off."""
    seen: float
    """The share of the blank page's print that lies on the page and is neither lost nor covered."""
    agreement: float
    """Mean agreement of what is seen."""
    contrary: float
    """The share of seen cells that have other print."""


def check(laid: Ink, visible: Mask, ways: Sequence[Ink]) -> Checked:
    """`laid` is the page over the blank page, `visible` says which cells lie on the page.

    Of several `ways` in which a copy may be printed each cell has the one it agrees with best; what only one of them
    has is not missed.
    """
    found = _check(laid, visible, ways[0])
    for way in ways[1:]:
        other = _check(laid, visible, way)
        better = other.agreement > found.agreement
        found = Checked(
            agreement=np.maximum(found.agreement, other.agreement),
            weights=np.minimum(found.weights, other.weights),
            amount=np.minimum(found.amount, other.amount),
            inked=np.where(better, other.inked, found.inked),
        )
    return found


def _check(laid: Ink, visible: Mask, wanted: Ink) -> Checked:
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
