"""What of a page is ink, whatever the paper's shade."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Ink = npt.NDArray[np.float32]
"""(height, width), 0 where there is paper, up to 1 where there is ink."""

FAINTEST = 0.12
"""What is less dark than this is taken for paper."""
_DARKEST_PAPER = 32
_BACKGROUND_SHRINK = 8


def grey_page(pixels: npt.NDArray[np.uint8], longest: int) -> npt.NDArray[np.uint8]:
    """The page as grey pixels whose longer side is at most `longest`."""
    grey = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    scale = longest / max(grey.shape)
    if scale >= 1:
        return np.ascontiguousarray(grey)
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def ink_of(grey: npt.NDArray[np.uint8], faintest: float = FAINTEST) -> Ink:
    """How much darker each pixel is than the paper around it, as a share of the paper's brightness.

    Large dark areas (scanner edges, photographs) have no bright paper around them and so are no ink.
    """
    height, width = grey.shape
    small_size = (max(1, width // _BACKGROUND_SHRINK), max(1, height // _BACKGROUND_SHRINK))
    small = cv2.resize(grey, small_size, interpolation=cv2.INTER_AREA)
    paper = cv2.GaussianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), (5, 5), 0)
    background = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    ink = (background - grey) / np.maximum(background, _DARKEST_PAPER)
    ink[ink < faintest] = 0
    return np.asarray(ink, dtype=np.float32)
