"""What the network that tells blank fields from written ones sees of a field: its ink at one height."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]

ROWS = 48
MOST_COLUMNS = 2048
"""Of a view; what is longer is squeezed."""
WIDEST_STROKE = 0.35
"""Of the crop's height: darkness is measured against the brightest so far around, so that a shadow is none."""
MOST_REACH = 61
"""Pixels; the same limit for large crops."""
DARKEST_PAPER = 48


def field_view(crop: Grey) -> Grey:
    """(3, ROWS, columns) of a (height, width) grey crop: darkness on average, at its most, and 255 all over.

    The second keeps strokes that are thinner than a pixel of the view; the third tells paper from what is beyond it.
    """
    rows, columns = crop.shape
    darkness = darkness_of(crop)
    darkness -= np.median(darkness)
    # Pale ink must not be lost beside black ink.
    strength = np.asarray(255 * np.sqrt(np.clip(darkness, 0, 1)), dtype=np.uint8)
    step = math.ceil(rows / ROWS)
    most = cv2.dilate(strength, np.ones((step, step), np.uint8)) if step > 1 else strength
    size = int(np.clip(round(columns * ROWS / rows), 8, MOST_COLUMNS)), ROWS
    method = cv2.INTER_AREA if rows > ROWS else cv2.INTER_LINEAR
    views = [cv2.resize(each, size, interpolation=method) for each in (strength, most)]
    return np.stack([*views, np.full_like(views[0], 255)])


def darkness_of(crop: Grey) -> npt.NDArray[np.float32]:
    """How much darker each pixel is than the paper around; thin strokes keep all of theirs, wide shades have none."""
    reach = min(MOST_REACH, max(9, round(WIDEST_STROKE * crop.shape[0]))) | 1
    around = cv2.morphologyEx(
        crop, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8), borderType=cv2.BORDER_REPLICATE
    ).astype(np.float32)
    return np.asarray((around - crop) / np.maximum(around, DARKEST_PAPER), dtype=np.float32)
