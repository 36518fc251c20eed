"""A picture of what a trainer trains on: look at it before spending an hour."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

_CAPTION = 16
_GAP = 4


def write_sheet(tiles: Sequence[tuple[NDArray[np.uint8], str]], path: Path, columns: int = 8) -> None:
    """Writes the grey pictures with their captions in rows of `columns` to an image file, each at its own size."""
    width = max(picture.shape[1] for picture, _ in tiles) + _GAP
    height = max(picture.shape[0] for picture, _ in tiles) + _CAPTION + _GAP
    sheet = np.full((-(-len(tiles) // columns) * height, columns * width), 255, dtype=np.uint8)
    for number, (picture, caption) in enumerate(tiles):
        top, left = number // columns * height, number % columns * width
        rows, across = picture.shape
        sheet[top : top + rows, left : left + across] = picture
        cv2.rectangle(sheet, (left, top), (left + across, top + rows), 170, 1)
        cv2.putText(sheet, caption, (left + 1, top + rows + 12), cv2.FONT_HERSHEY_SIMPLEX, 0.38, 0, 1, cv2.LINE_AA)
    if not cv2.imwrite(str(path), sheet):
        raise OSError(f"{path}: cannot be written; give a name that ends in .png")
