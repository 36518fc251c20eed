"""Masks with eight pixels in a byte, on which windows of rows cost next to nothing."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.page_ink import Mask

Rows = npt.NDArray[np.uint8]
"""(height, width / 8 rounded up), the first pixel of eight in the highest bit."""
_ALL = 255


def packed(mask: Mask) -> Rows:
    """The rows of a mask of 0 and 1."""
    return np.packbits(mask, axis=1)


def unpacked(rows: Rows, width: int) -> Mask:
    """The mask of that width, of 0 and 1."""
    return np.unpackbits(rows, axis=1, count=width)


def turned(rows: Rows, width: int) -> Rows:
    """Columns as rows, of a mask of that width."""
    return packed(np.asarray(cv2.transpose(unpacked(rows, width)), dtype=np.uint8))


def opened(rows: Rows, size: int) -> Rows:
    """Ink that is at least `size` pixels high; what is outside of the page counts as ink.

    As OpenCV's, down to a shift by one pixel where `size` is even.
    """
    before, after = size // 2, (size - 1) // 2
    core = _over(np.bitwise_and, _padded(rows, before, after, _ALL), size)
    return _over(np.bitwise_or, _padded(core, before, after, 0), size)


def bridged(rows: Rows) -> Rows:
    """With gaps of a pixel in height closed."""
    grown = _over(np.bitwise_or, _padded(rows, 1, 1, 0), 3)
    return _over(np.bitwise_and, _padded(grown, 1, 1, _ALL), 3)


def widened(rows: Rows) -> Rows:
    """With each pixel of ink repeated to its right."""
    out = np.asarray(rows | (rows >> 1), dtype=np.uint8)
    out[:, 1:] |= rows[:, :-1] << 7
    return out


def _padded(rows: Rows, before: int, after: int, value: int) -> Rows:
    return np.pad(rows, ((before, after), (0, 0)), constant_values=value)


def _over(joined: Callable[[Rows, Rows], Rows], rows: Rows, size: int) -> Rows:
    """Each row joined with the `size` - 1 rows below it; without the last rows, which have fewer below."""
    done = 1
    while done < size:
        step = min(done, size - done)
        rows = joined(rows[:-step], rows[step:])
        done += step
    return rows
