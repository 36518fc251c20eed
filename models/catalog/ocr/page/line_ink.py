"""The ink of a line at the height at which it is read."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.ocr.page.recognition import LINE_HEIGHT
from models.ink import grey_of
from models.pieces import Mask


def line_ink(crop: npt.NDArray[np.uint8]) -> Mask:
    """(LINE_HEIGHT, columns): ink as 1, of a crop (height, width) grey or (height, width, 3), dark on light or not."""
    grey = grey_of(crop)
    columns = max(1, round(grey.shape[1] * LINE_HEIGHT / grey.shape[0]))
    method = cv2.INTER_AREA if grey.shape[0] > LINE_HEIGHT else cv2.INTER_LINEAR
    grey = np.asarray(cv2.resize(grey, (columns, LINE_HEIGHT), interpolation=method), dtype=np.uint8)
    _, mask = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    return np.asarray(1 - mask if mask.mean() > 0.5 else mask, dtype=np.uint8)
