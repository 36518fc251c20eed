"""A form's print in tiles, and how well each is found on a page that was laid over the form.

Only what lies within two pixels of the form's own print is looked at, so writing beside it does no harm; what is
asked is whether the print is there, never whether something else is there too.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.blank_pages.near_print import LEAST_VARIANCE, Grid, NearPrint, agreements, near_print
from models.ink import Ink

TILE = 40
_TILE_INK = 0.012
_REACH = 2
"""Of the coarse search, in pixels of half the size: up to four pixels of paper stretch or curl."""
_ROUGH_REACH = 4
_LEAST_ROUGH = 0.45
_LEAST_LARGE_TILES = 8


@dataclass(frozen=True, slots=True)
class Print:
    """A blank page's print in tiles of 40 x 40 pixels."""

    fine: NearPrint
    coarse: NearPrint
    """At half the size."""
    rough: NearPrint
    """At a quarter of the size, in tiles of 80 x 80 pixels of the page."""
    weights: Grid
    """What each tile counts: its ink, 0 without print."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels that the tiles cover, from the top left."""
        rows, columns = self.weights.shape
        return columns * TILE, rows * TILE


@dataclass(frozen=True, slots=True)
class Found:
    """How well each tile's print was found on a page."""

    agreement: Grid
    """0..1, correlation of the page with the print near the print; 0 for tiles without print."""
    seen: npt.NDArray[np.bool_]
    """Tiles with print that lie on the page."""


def print_of(ink: Ink) -> Print:
    """The tiles of a blank page; at least one, however small it is."""
    rows, columns = max(1, ink.shape[0] // TILE), max(1, ink.shape[1] // TILE)
    height, width = rows * TILE, columns * TILE
    down, right = max(0, height - ink.shape[0]), max(0, width - ink.shape[1])
    cut = cv2.copyMakeBorder(ink, 0, down, 0, right, cv2.BORDER_CONSTANT)[:height, :width]
    cut = np.ascontiguousarray(cut)
    fine = near_print(cut, TILE, 5, 1, thinned=True)
    half = cv2.resize(cut, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    amount = _tile_means(fine.ink, TILE)
    weights = np.where((amount >= _TILE_INK) & (fine.grid(fine.variances) > LEAST_VARIANCE), amount, 0)
    coarse = near_print(np.asarray(half, dtype=np.float32), TILE // 2, 3, _REACH)
    rough = near_print(_quarter(cut), TILE // 2, 3, _ROUGH_REACH)
    return Print(fine, coarse, rough, weights.astype(np.float32))


def find(page: Ink, wanted: Print, matrix: npt.NDArray[np.float64]) -> Found:
    """Where `matrix` lays the page over the form, tile by tile, after each tile has found its place within 4 pixels."""
    width, height = wanted.size
    laid = cv2.warpPerspective(page, matrix, (width, height))
    half = np.asarray(cv2.resize(laid, (width // 2, height // 2), interpolation=cv2.INTER_AREA), dtype=np.float32)
    settled = _settle(np.asarray(laid, dtype=np.float32), 2 * _displacements(half, wanted.coarse))
    best = np.zeros(wanted.weights.shape, np.float32)
    for _, agreement in agreements(settled, wanted.fine, under=True):
        np.maximum(best, agreement, out=best)
    seen = _on_page(page.shape, matrix, wanted.weights.shape) & (wanted.weights > 0)
    return Found(np.where(seen, np.minimum(best, 1), 0).astype(np.float32), seen)


def refine(page: Ink, wanted: Print, matrix: npt.NDArray[np.float64]) -> npt.NDArray[np.float64] | None:
    """A better `matrix` from where the print of large tiles is found within 16 pixels; None where too few are.

    Keypoints that agree may all lie in one corner, and the page then drifts off towards the others.
    """
    laid = np.asarray(cv2.warpPerspective(page, matrix, wanted.size), dtype=np.float32)
    moves, agreement = _search(_quarter(laid), wanted.rough, _LEAST_ROUGH)
    rows, columns = np.nonzero((agreement > _LEAST_ROUGH) & (_tile_means(wanted.rough.ink, TILE // 2) >= _TILE_INK))
    if len(rows) < _LEAST_LARGE_TILES:
        return None
    centres = (np.stack([columns, rows], axis=1) + 0.5) * 2 * TILE
    found = cv2.perspectiveTransform(
        (centres + 4 * moves[rows, columns]).reshape(-1, 1, 2).astype(np.float64), np.linalg.inv(matrix)
    )
    better, _ = cv2.findHomography(found, centres.reshape(-1, 1, 2), cv2.RANSAC, 4.0)
    return None if better is None else np.asarray(better, dtype=np.float64)


def _quarter(ink: Ink) -> Ink:
    """At a quarter of the size, cut to whole large tiles; at least one."""
    height, width = (max(1, side // (2 * TILE)) * 2 * TILE for side in ink.shape)
    down, right = max(0, height - ink.shape[0]), max(0, width - ink.shape[1])
    whole = cv2.copyMakeBorder(ink, 0, down, 0, right, cv2.BORDER_CONSTANT)[:height, :width]
    return np.asarray(cv2.resize(whole, (width // 4, height // 4), interpolation=cv2.INTER_AREA), dtype=np.float32)


def _tile_means(values: Ink, tile: int) -> Grid:
    size = values.shape[1] // tile, values.shape[0] // tile
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _displacements(page: Ink, wanted: NearPrint) -> npt.NDArray[np.float32]:
    """(rows, columns, 2): where each tile's print is found best, x and y; smooth, as paper is."""
    found, _ = _search(page, wanted, 0.3)
    if min(wanted.shape) < 3:
        return found
    return np.stack([cv2.medianBlur(np.ascontiguousarray(found[:, :, axis]), 3) for axis in (0, 1)], axis=2)


def _search(page: Ink, wanted: NearPrint, least: float) -> tuple[npt.NDArray[np.float32], Grid]:
    """For each tile the move (x, y) by which its print agrees best, 0 where by no more than `least`; the agreement."""
    best = np.full(wanted.shape, least, np.float32)
    found = np.zeros((*wanted.shape, 2), np.float32)
    for (x, y), agreement in agreements(page, wanted):
        better = agreement > best
        best[better] = agreement[better]
        found[better] = x, y
    return found, best


def _settle(laid: Ink, displacements: npt.NDArray[np.float32]) -> Ink:
    """The laid page with each tile's print moved to where it should be."""
    height, width = laid.shape
    field = cv2.resize(displacements, (width, height), interpolation=cv2.INTER_LINEAR)
    x = field[:, :, 0] + np.arange(width, dtype=np.float32)
    y = field[:, :, 1] + np.arange(height, dtype=np.float32)[:, None]
    return np.asarray(cv2.remap(laid, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), dtype=np.float32)


def _on_page(page: tuple[int, ...], matrix: npt.NDArray[np.float64], grid: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Which tiles have all four corners on the page."""
    rows, columns = grid
    x, y = np.meshgrid(np.arange(columns + 1) * TILE, np.arange(rows + 1) * TILE)
    corners = np.stack([x, y], axis=2).astype(np.float64).reshape(-1, 1, 2)
    back = cv2.perspectiveTransform(corners, np.linalg.inv(matrix)).reshape(rows + 1, columns + 1, 2)
    inside = (back >= 0).all(axis=2) & (back[:, :, 0] <= page[1]) & (back[:, :, 1] <= page[0])
    return np.asarray(inside[:-1, :-1] & inside[1:, :-1] & inside[:-1, 1:] & inside[1:, 1:])
