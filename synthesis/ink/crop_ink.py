"""Pen strokes as soft ink in a small grey picture, fast enough to be drawn while training."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from synthesis.ink.pen import Points
from synthesis.sheet import Pixels

Cover = NDArray[np.float32]
"""Height x width, 0 (paper) to 1 (ink)."""

_FINER = 2
_SUBPIXEL_BITS = 4


def bounds(strokes: Sequence[Points]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of all points. Raises ValueError when there are none."""
    points = np.concatenate(list(strokes))
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def transformed(strokes: Sequence[Points], linear: NDArray[np.float64], offset: Sequence[float]) -> list[Points]:
    """Each point p becomes `linear` (2x2) p + `offset`."""
    return [stroke @ linear.T + np.asarray(offset) for stroke in strokes]


def draw_cover(shape: tuple[int, int], strokes: Sequence[Points], width: float) -> Cover:
    """Strokes in pixels of `shape`, `width` pixels wide; a stroke of one point is a dot. Antialiased."""
    rows, columns = shape
    fine = np.zeros((rows * _FINER, columns * _FINER), dtype=np.uint8)
    thick = max(1, round(width * _FINER))
    for stroke in strokes:
        scaled = np.round(stroke * _FINER * 2**_SUBPIXEL_BITS).astype(np.int32).reshape(-1, 1, 2)
        if len(scaled) == 1:
            scaled = np.repeat(scaled, 2, axis=0)
        cv2.polylines(fine, [scaled], False, 255, thick, cv2.LINE_AA, _SUBPIXEL_BITS)
    small = cv2.resize(fine, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.float32) / np.float32(255)


def soak(paper: Pixels, cover: Cover, shade: float, random: np.random.Generator) -> Pixels:
    """`paper` (grey) with ink of grey level `shade` where `cover` is; pressure varies slowly along the strokes."""
    coarse = random.uniform(0.7, 1.05, (paper.shape[0] // 20 + 2, paper.shape[1] // 20 + 2)).astype(np.float32)
    pressure = cv2.resize(coarse, (paper.shape[1], paper.shape[0]), interpolation=cv2.INTER_LINEAR)
    strength = np.clip(cover * pressure, 0, 1)
    inked = np.minimum(paper, shade)
    return np.asarray(paper * (1 - strength) + inked * strength, dtype=np.uint8)
