"""A page as the measures see it: small and grey for what is everywhere, full size for what is fine."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from models.ink import grey_of

Grey = npt.NDArray[np.uint8]

LONGEST = 1300
"""Of the small page, in pixels, give or take half."""
CELL = 8
"""Side of the squares in which the paper's brightness is looked for, in pixels of the small page."""
_REACH = 5
"""Squares on a side of the neighbourhood whose brightest one is paper."""


@dataclass(frozen=True)
class Frame:
    """One page, small, with its paper told from its ink."""

    pixels: npt.NDArray[np.uint8]
    """As given: (height, width) grey or (height, width, 3) BGR."""
    small: Grey
    scale: int
    """Pixels of the page to one of `small`."""

    @cached_property
    def paper(self) -> Grey:
        """Brightness of the paper around each pixel of `small`."""
        height, width = self.small.shape
        size = max(1, width // CELL), max(1, height // CELL)
        cells = cv2.resize(self.small, size, interpolation=cv2.INTER_AREA)
        brightest = cv2.dilate(cells, np.ones((_REACH, _REACH), np.uint8))
        smooth = cv2.GaussianBlur(brightest, (5, 5), 0)
        return np.asarray(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)

    @cached_property
    def depth(self) -> Grey:
        """By how many levels each pixel of `small` is darker than the paper around it."""
        return np.asarray(cv2.subtract(self.paper, self.small), dtype=np.uint8)

    def full(self, left: int, top: int, side: int) -> Grey:
        """The square of `side` pixels of the page, from its pixel (left, top) on; smaller at the page's end."""
        part = self.pixels[top : top + side, left : left + side]
        return np.ascontiguousarray(grey_of(part))


def frame_of(pixels: npt.NDArray[np.uint8]) -> Frame:
    """The frame of a page of any size from 1 x 1 pixel on."""
    height, width = pixels.shape[:2]
    # Averaging whole pixels is ten times as fast as any other factor.
    scale = max(1, round(max(height, width) / LONGEST))
    small = pixels
    if scale > 1:
        size = max(1, width // scale), max(1, height // scale)
        whole = pixels[: size[1] * scale, : size[0] * scale]
        small = np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return Frame(pixels, np.ascontiguousarray(grey_of(small)), scale)
