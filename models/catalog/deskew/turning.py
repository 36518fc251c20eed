"""Undoes turns of a page, as ink or as grey."""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

_Page = TypeVar("_Page", npt.NDArray[np.uint8], npt.NDArray[np.float32])


def turned_upright(page: _Page, turns: int) -> _Page:
    """`page` after `turns` clockwise quarter turns are undone."""
    return np.ascontiguousarray(np.rot90(page, turns))


def straightened(page: _Page, angle: float) -> _Page:
    """`page` after `angle` degrees counter-clockwise are undone, same size, new corners in the page's usual shade."""
    height, width = page.shape
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -angle, 1.0)
    paper = float(np.median(page))
    return np.asarray(cv2.warpAffine(page, matrix, (width, height), borderValue=paper), dtype=page.dtype)
