"""The pixels near a form's print, tile by tile, and how well a page agrees with the print there.

Only these pixels are fetched from the page, for each move that is tried: half of a dense page, far less of others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.ink import Ink

_PRINT = 0.1
_BY_CHANCE = 0.5
_CLEAR_PRINT, _PALEST = 0.3, 1.5
LEAST_VARIANCE = 1e-6

Grid = npt.NDArray[np.float32]
"""(rows, columns), one number a tile."""
_Values = npt.NDArray[np.float32]
_Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class NearPrint:
    """A form's print at one size, and which pixels are near it, ordered by tile."""

    ink: Ink
    tile: int
    """Side of a tile in pixels."""
    reach: int
    """By how many pixels each way a page is moved to find its best place."""
    pixels: _Indices
    """Places in the page with a border of `reach`, row by row."""
    values: _Values
    """The print's own ink at those pixels."""
    starts: _Indices
    """Where in `pixels` each tile begins that has any."""
    tiles: _Indices
    """Which tiles those are, counted row by row."""
    sizes: _Values
    means: _Values
    variances: _Values

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of tiles."""
        return self.ink.shape[0] // self.tile, self.ink.shape[1] // self.tile

    def grid(self, values: _Values) -> Grid:
        """One value for each tile that has print, in its place; 0 elsewhere."""
        flat = np.zeros(self.shape[0] * self.shape[1], np.float32)
        flat[self.tiles] = values
        return flat.reshape(self.shape)


def near_print(ink: Ink, tile: int, width: int, reach: int, *, thinned: bool = False) -> NearPrint:
    """The pixels within `width // 2` of print; `thinned` to every other one, which of smooth ink tells enough.

    The sides of `ink` are multiples of `tile`.
    """
    near = cv2.dilate((ink > _PRINT).astype(np.uint8), np.ones((width, width), np.uint8))
    down, across = ink.shape[0] // tile, ink.shape[1] // tile
    found = np.nonzero(near.reshape(down, tile, across, tile).transpose(0, 2, 1, 3))
    if thinned:
        odd = (found[2] + found[3]) % 2
        found = tuple(each[odd == 0] for each in found)
    which, rows, columns = found[0] * across + found[1], found[0] * tile + found[2], found[1] * tile + found[3]
    starts = np.flatnonzero(np.diff(which, prepend=-1))
    values = ink[rows, columns]
    sizes = np.diff(starts, append=len(which)).astype(np.float32)
    means = _sums(values, starts) / sizes
    variances = np.maximum(_sums(values * values, starts) / sizes - means * means, 0)
    pixels = rows * (ink.shape[1] + 2 * reach) + columns
    return NearPrint(ink, tile, reach, pixels, values, starts, which[starts], sizes, means, variances)


def agreements(page: Ink, wanted: NearPrint, *, under: bool = False) -> Iterator[tuple[tuple[int, int], Grid]]:
    """For each move within reach: (x, y) from where in the page its top left then comes, and each tile's agreement.

    That is the correlation of page and print over the pixels near the print; with `under`, or how far the print is
    there under whatever is on top of it, if that is more.
    """
    reach = wanted.reach
    bordered = cv2.copyMakeBorder(page, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
    flat, width = bordered.ravel(), bordered.shape[1]
    stronger = _how_much_paler(flat[reach * width + reach :].take(wanted.pixels), wanted) if under else 1.0
    for y in range(2 * reach + 1):
        for x in range(2 * reach + 1):
            there = flat[y * width + x :].take(wanted.pixels)
            agreement = _correlation(there, wanted)
            if under:
                np.maximum(agreement, _overwritten(there * stronger, wanted), out=agreement)
            yield (x - reach, y - reach), wanted.grid(agreement)


def _correlation(there: _Values, wanted: NearPrint) -> _Values:
    means = _sums(there, wanted.starts) / wanted.sizes
    variances = _sums(there * there, wanted.starts) / wanted.sizes - means * means
    shared = _sums(there * wanted.values, wanted.starts) / wanted.sizes - means * wanted.means
    spread = np.sqrt(np.maximum(variances, 0) * wanted.variances)
    return np.where(spread > LEAST_VARIANCE, shared / np.maximum(spread, LEAST_VARIANCE), 0).astype(np.float32)


def _how_much_paler(there: _Values, wanted: NearPrint) -> np.float32:
    """By how much print is paler than on the blank page, as thin rules are beside a pen's black; 1 to 1.5."""
    print_ = wanted.values > _CLEAR_PRINT
    usual = float(np.median(there[print_] / wanted.values[print_])) if print_.any() else 1.0
    return np.float32(np.clip(1 / max(usual, LEAST_VARIANCE), 1, _PALEST))


def _overwritten(there: _Values, wanted: NearPrint) -> _Values:
    """How far the print is there, whatever is on top of it: correlation falls where somebody wrote across print.

    Other print in its place covers about half of it by chance, which counts nothing.
    """
    share = _sums(np.minimum(there, wanted.values), wanted.starts) / np.maximum(
        wanted.means * wanted.sizes, LEAST_VARIANCE
    )
    return np.asarray((share - _BY_CHANCE) / (1 - _BY_CHANCE), dtype=np.float32)


def _sums(values: _Values, starts: _Indices) -> _Values:
    return np.asarray(np.add.reduceat(values, starts) if len(starts) else values[:0], dtype=np.float32)
