"""A pen on paper: collects strokes and letters as ink, then soaks them into the page."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from synthesis.forms.layout import Colour
from synthesis.sheet import Pixels

Points = NDArray[np.float64]
"""N x 2: x, y."""

_SUBPIXEL_BITS = 4


class Pen:
    """Ink on a page of `shape` pixels; all places are in pixels of that page."""

    def __init__(self, shape: tuple[int, int], random: np.random.Generator) -> None:
        self._ink: Pixels = np.zeros(shape, dtype=np.uint8)
        self._random = random

    @property
    def cover(self) -> NDArray[np.float32]:
        """The ink so far, 0 (paper) to 1, of the page's shape."""
        return self._ink.astype(np.float32) / np.float32(255)

    def stroke(self, points: Points, width: float) -> None:
        """A smooth line through `points`, `width` pixels wide."""
        curve = _smooth(points)
        scaled = np.round((curve - 0.5) * 2**_SUBPIXEL_BITS).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(self._ink, [scaled], False, 255, max(1, round(width)), cv2.LINE_AA, _SUBPIXEL_BITS)

    def glyphs(
        self,
        text: str,
        face: ImageFont.FreeTypeFont,
        baseline: tuple[float, float],
        *,
        degrees: float = 0.0,
        shear: float = 0.0,
        width: float = 0.0,
    ) -> None:
        """Letters from the left end of their `baseline`, turned counter-clockwise, slanted, thickened by `width`."""
        pad = math.ceil(face.size)
        length = math.ceil(face.getlength(text))
        layer = Image.new("L", (length + 2 * pad, 3 * pad), 0)
        ImageDraw.Draw(layer).text((pad, 2 * pad), text, 255, face, "ls", stroke_width=width)
        self._stamp(np.asarray(layer), (pad, 2 * pad), baseline, degrees, shear)

    def _stamp(
        self, layer: Pixels, origin: tuple[float, float], place: tuple[float, float], degrees: float, shear: float
    ) -> None:
        turn = math.radians(degrees)
        linear = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
        linear = linear @ np.array([[1.0, -shear], [0.0, 1.0]])
        left, top = math.floor(place[0]) - 2 * layer.shape[0], math.floor(place[1]) - 2 * layer.shape[0]
        width, height = layer.shape[1] + 4 * layer.shape[0], 4 * layer.shape[0]
        offset = np.array(place) - (left, top) - linear @ np.array(origin)
        moved = cv2.warpAffine(layer, np.column_stack([linear, offset]), (width, height), flags=cv2.INTER_LINEAR)
        rows, columns = self._ink.shape
        upper, lower, start, end = max(0, top), min(rows, top + height), max(0, left), min(columns, left + width)
        if upper < lower and start < end:
            part = self._ink[upper:lower, start:end]
            np.maximum(part, moved[upper - top : lower - top, start - left : end - left], out=part)

    def soak(self, paper: Pixels, colour: Colour, strength: float = 0.92) -> Pixels:
        """`paper` (blue, green, red) with the ink in it; pressure varies slowly along the strokes."""
        rows, columns = self._ink.shape
        coarse = self._random.uniform(0.72, 1.0, (rows // 24 + 2, columns // 24 + 2)).astype(np.float32)
        pressure = cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_CUBIC)
        cover = (self._ink.astype(np.float32) / 255 * strength * np.clip(pressure, 0, 1))[:, :, None]
        ink = np.array(colour[::-1], dtype=np.float32)
        return np.asarray(paper * (1 - cover) + np.minimum(paper, ink) * cover, dtype=np.uint8)


def _smooth(points: Points, steps: int = 8) -> Points:
    """A Catmull-Rom curve through all points."""
    if len(points) < 3:
        return points
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    before, start, end, after = padded[:-3, None], padded[1:-2, None], padded[2:-1, None], padded[3:, None]
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    curve = 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )
    return np.vstack([curve.reshape(-1, 2), points[-1:]])
