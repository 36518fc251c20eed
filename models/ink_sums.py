"""Shares of ink along straight lines of a mask, from running sums."""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from models.pieces import Mask

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]


class InkSums:
    """Running sums of one mask; nothing outside of the page is ink."""

    def __init__(self, mask: Mask) -> None:
        self.sums = np.asarray(cv2.integral(mask))
        """(height + 1, width + 1): ink above and to the left."""
        self.height, self.width = mask.shape

    def across(self, row: Ints, start: Ints, end: Ints) -> Floats:
        """Share of ink in `row` from column `start` to before `end`."""
        inside = (row >= 0) & (row < self.height)
        row = np.clip(row, 0, self.height - 1)
        first, last = np.clip(start, 0, self.width), np.clip(end, 0, self.width)
        sums = self.sums
        inked = sums[row + 1, last] - sums[row, last] - sums[row + 1, first] + sums[row, first]
        return np.where(inside, inked / np.maximum(end - start, 1), 0.0)

    def down(self, column: Ints, start: Ints, end: Ints) -> Floats:
        """Share of ink in `column` from row `start` to before `end`."""
        inside = (column >= 0) & (column < self.width)
        column = np.clip(column, 0, self.width - 1)
        first, last = np.clip(start, 0, self.height), np.clip(end, 0, self.height)
        sums = self.sums
        inked = sums[last, column + 1] - sums[last, column] - sums[first, column + 1] + sums[first, column]
        return np.where(inside, inked / np.maximum(end - start, 1), 0.0)

    def area(self, left: Ints, top: Ints, right: Ints, bottom: Ints) -> Floats:
        """Share of ink from `left`, `top` to before `right`, `bottom`."""
        x0, x1 = np.clip(left, 0, self.width), np.clip(right, 0, self.width)
        y0, y1 = np.clip(top, 0, self.height), np.clip(bottom, 0, self.height)
        inked = self.sums[y1, x1] - self.sums[y0, x1] - self.sums[y1, x0] + self.sums[y0, x0]
        return np.asarray(inked / np.maximum((right - left) * (bottom - top), 1))


class PageSums:
    """The running sums that looking for frames needs, each made once for a mask, when it is needed."""

    def __init__(self, mask: Mask) -> None:
        self.mask = mask

    @cached_property
    def plain(self) -> InkSums:
        """Of the mask as it is."""
        return InkSums(self.mask)

    @cached_property
    def lying(self) -> InkSums:
        """Of the mask thickened upwards and downwards: for lines that lie, give or take a pixel."""
        return InkSums(cv2.dilate(self.mask, np.ones((3, 1), np.uint8)))

    @cached_property
    def upright(self) -> InkSums:
        """Of the mask thickened sideways: for upright lines, give or take a pixel."""
        return InkSums(cv2.dilate(self.mask, np.ones((1, 3), np.uint8)))
