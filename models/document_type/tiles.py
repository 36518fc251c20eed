"""A form's print in tiles, and how well each is found on a page that was laid over the form.

Only what lies within two pixels of the form's own print is looked at, so writing beside it does no harm; what is
asked is whether the print is there, never whether something else is there too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.ink import Ink

TILE = 40
_TILE_INK = 0.012
_PRINT = 0.1
_REACH = 2
"""Of the coarse search, in pixels of half the size: up to four pixels of paper stretch or curl."""
_ROUGH_REACH = 4
_LEAST_ROUGH = 0.45
_LEAST_LARGE_TILES = 8
_LEAST_VARIANCE = 1e-6
_BY_CHANCE = 0.5

Grid = npt.NDArray[np.float32]
"""(rows, columns), one number a tile."""


@dataclass(frozen=True, slots=True)
class _Level:
    """The print at one size, with the sums over each tile that do not depend on the page."""

    ink: Ink
    near: Ink
    """1 near print, 0 elsewhere."""
    tile: int
    weight: Grid
    mean: Grid
    variance: Grid


@dataclass(frozen=True, slots=True)
class Print:
    """A blank page's print in tiles of 40 x 40 pixels."""

    fine: _Level
    coarse: _Level
    rough: _Level
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
    fine = _level(np.ascontiguousarray(cut), TILE, 5)
    half = cv2.resize(cut, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    amount = _tile_means(fine.ink, TILE)
    weights = np.where((amount >= _TILE_INK) & (fine.variance > _LEAST_VARIANCE), amount, 0)
    coarse = _level(np.asarray(half, dtype=np.float32), TILE // 2, 3)
    return Print(fine, coarse, _level(_quarter(cut), TILE // 2, 3), weights.astype(np.float32))


def find(page: Ink, wanted: Print, matrix: npt.NDArray[np.float64]) -> Found:
    """Where `matrix` lays the page over the form, tile by tile, after each tile has found its place within 4 pixels."""
    width, height = wanted.size
    laid = cv2.warpPerspective(page, matrix, (width, height))
    half = np.asarray(cv2.resize(laid, (width // 2, height // 2), interpolation=cv2.INTER_AREA), dtype=np.float32)
    settled = _settle(np.asarray(laid, dtype=np.float32), 2 * _displacements(half, wanted.coarse))
    best = np.zeros(wanted.weights.shape, np.float32)
    for _, moved in _shifted(settled, 1):
        np.maximum(best, _agreement(moved, wanted.fine), out=best)
        np.maximum(best, _overwritten(moved, wanted.fine), out=best)
    seen = _on_page(page.shape, matrix, wanted.weights.shape) & (wanted.weights > 0)
    return Found(np.where(seen, np.minimum(best, 1), 0).astype(np.float32), seen)


def refine(page: Ink, wanted: Print, matrix: npt.NDArray[np.float64]) -> npt.NDArray[np.float64] | None:
    """A better `matrix` from where the print of large tiles is found within 16 pixels; None where too few are.

    Keypoints that agree may all lie in one corner, and the page then drifts off towards the others.
    """
    laid = np.asarray(cv2.warpPerspective(page, matrix, wanted.size), dtype=np.float32)
    moves, agreement = _search(_quarter(laid), wanted.rough, _ROUGH_REACH, _LEAST_ROUGH)
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


def _level(ink: Ink, tile: int, reach: int) -> _Level:
    near = cv2.dilate((ink > _PRINT).astype(np.float32), np.ones((reach, reach), np.uint8))
    weight = np.maximum(_tile_means(near, tile), 1e-6)
    mean = _tile_means(near * ink, tile) / weight
    variance = np.maximum(_tile_means(near * ink * ink, tile) / weight - mean * mean, 0)
    return _Level(ink, np.asarray(near, dtype=np.float32), tile, *(_grid(each) for each in (weight, mean, variance)))


def _grid(values: npt.NDArray[np.floating]) -> Grid:
    return np.asarray(values, dtype=np.float32)


def _tile_means(values: Ink, tile: int) -> Grid:
    size = values.shape[1] // tile, values.shape[0] // tile
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _shifted(image: Ink, reach: int) -> Iterator[tuple[tuple[int, int], Ink]]:
    """The image moved by up to `reach` pixels each way; (x, y) is where in the image its top left now comes from."""
    height, width = image.shape
    padded = cv2.copyMakeBorder(image, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
    for y in range(2 * reach + 1):
        for x in range(2 * reach + 1):
            yield (x - reach, y - reach), padded[y : y + height, x : x + width]


def _agreement(page: Ink, level: _Level) -> Grid:
    """Correlation of page and print over the pixels near the print, tile by tile."""
    near = cv2.multiply(page, level.near)
    mean = _tile_means(near, level.tile) / level.weight
    variance = _tile_means(cv2.multiply(near, page), level.tile) / level.weight - mean * mean
    shared = _tile_means(cv2.multiply(near, level.ink), level.tile) / level.weight - mean * level.mean
    spread = np.sqrt(np.maximum(variance, 0) * level.variance)
    return np.where(spread > _LEAST_VARIANCE, shared / np.maximum(spread, _LEAST_VARIANCE), 0).astype(np.float32)


def _overwritten(page: Ink, level: _Level) -> Grid:
    """How far the print is there, whatever is on top of it: correlation falls where somebody wrote across print.

    Other print in its place covers about half of it by chance, which counts nothing.
    """
    there = _tile_means(cv2.min(page, level.ink), level.tile)
    share = there / np.maximum(_tile_means(level.ink, level.tile), _LEAST_VARIANCE)
    return np.asarray((share - _BY_CHANCE) / (1 - _BY_CHANCE), dtype=np.float32)


def _displacements(page: Ink, level: _Level) -> npt.NDArray[np.float32]:
    """(rows, columns, 2): where each tile's print is found best, x and y; smooth, as paper is."""
    found, _ = _search(page, level, _REACH, 0.3)
    if min(level.weight.shape) < 3:
        return found
    return np.stack([cv2.medianBlur(np.ascontiguousarray(found[:, :, axis]), 3) for axis in (0, 1)], axis=2)


def _search(page: Ink, level: _Level, reach: int, least: float) -> tuple[npt.NDArray[np.float32], Grid]:
    """For each tile the move (x, y) by which its print agrees best, 0 where by no more than `least`; the agreement."""
    best = np.full(level.weight.shape, least, np.float32)
    found = np.zeros((*level.weight.shape, 2), np.float32)
    for (x, y), moved in _shifted(page, reach):
        agreement = _agreement(moved, level)
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
