"""Pen strokes, fonts and photographed names as ink of a given height, no two alike."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from synthesis.ink.crop_ink import Cover, bounds, draw_cover, transformed
from synthesis.ink.pen_strokes import Part
from synthesis.ink.signature_hand import Strokes
from synthesis.ink.waves import Wave, shift

Random = np.random.Generator

_WIDEST = 460
"""Pixels."""


class PhotographedNames:
    """Names people wrote on paper, tablets and phones (cross-media signatures, MIT)."""

    def __init__(self, path: Path, part: Part) -> None:
        with np.load(path) as stored:
            self._bits, self._offset = stored["bits"], stored["offset"].astype(np.int64)
            self._width, self._height = stored["width"].astype(int), int(stored["height"])
            tens = stored["writer"].astype(int) % 10
        chosen = {Part.TEST: tens == 9, Part.VALIDATION: tens == 8, Part.TRAIN: tens < 8}[part]
        self._own = np.flatnonzero(chosen)

    def draw(self, random: Random) -> Cover:
        """One name, 96 pixels high."""
        at = int(random.choice(self._own))
        stride, high = int(self._width[at] + 7) // 8, self._height
        packed = self._bits[self._offset[at] : self._offset[at] + stride * high].reshape(high, stride)
        bits = np.unpackbits(packed, axis=1)[:, : self._width[at]]
        ink = bits if bits.mean() < 0.5 else 1 - bits
        if random.random() < 0.4:
            ink = cv2.dilate(ink, np.ones((3, 3), np.uint8))
        return warped(ink.astype(np.float32), random)


def drawn_ink(strokes: Strokes, height: float, random: Random, pen: float | None = None) -> Cover:
    """Strokes `height` pixels high, but not too wide; thinner where the pen goes up, in half of all cases.

    `pen`: width in pixels, of strokes that are as wide everywhere.
    """
    left, top, right, bottom = bounds(strokes)
    scale = min(height / max(bottom - top, 0.25), _WIDEST / max(right - left, 0.25))
    even = pen is not None
    pen = max(0.8, pen if pen is not None else height * float(np.exp(random.uniform(np.log(0.015), np.log(0.065)))))
    pad = pen / 2 + 1
    placed = transformed(strokes, np.eye(2) * scale, (pad - left * scale, pad - top * scale))
    shape = int((bottom - top) * scale + 2 * pad) + 1, int((right - left) * scale + 2 * pad) + 1
    if even or random.random() < 0.5:
        return draw_cover(shape, placed, pen)
    thin = draw_cover(shape, placed, max(0.7, pen * random.uniform(0.35, 0.8)))
    down = [run for stroke in placed for run in _downward(stroke)]
    return np.maximum(thin, draw_cover(shape, down, pen)) if down else thin


def part_of_sheet(strokes: Strokes, random: Random) -> Cover:
    """A part of a written page, unit: the height of its letters, whose lines go on beyond all sides."""
    left, top, right, bottom = bounds(strokes)
    line = float(np.exp(random.uniform(np.log(10), np.log(42))))
    placed = transformed(strokes, np.eye(2) * line, (-left * line, -top * line))
    pen = max(0.8, line * float(np.exp(random.uniform(np.log(0.04), np.log(0.13)))))
    high = round(min((bottom - top) * line, line * random.uniform(1.3, 4.5)))
    wide = round(min((right - left) * line, high * random.uniform(1.5, 4.5), _WIDEST))
    down = random.uniform(0, max(1.0, (bottom - top) * line - high))
    across = random.uniform(0, max(1.0, (right - left) * line - wide))
    return draw_cover((max(12, high), max(16, wide)), transformed(placed, np.eye(2), (-across, -down)), pen)


def _downward(stroke: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    falls = np.concatenate([[False], np.diff(stroke[:, 1]) > 0, [False]])
    edges = np.flatnonzero(np.diff(falls.astype(np.int8)))
    return [stroke[start : end + 1] for start, end in zip(edges[::2], edges[1::2], strict=True) if end > start]


def fitted(cover: Cover, height: float) -> Cover:
    """The ink `height` pixels high, unless that is too wide."""
    scale = min(height / cover.shape[0], _WIDEST / cover.shape[1])
    size = max(4, round(cover.shape[1] * scale)), max(4, round(cover.shape[0] * scale))
    return np.asarray(cv2.resize(cover, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def warped(cover: Cover, random: Random) -> Cover:
    """Slanted and bent smoothly, as no two signatures of a hand are alike."""
    high, wide = cover.shape
    pad = high // 3
    rows, columns = np.mgrid[0 : high + 2 * pad, 0 : wide + 2 * pad].astype(np.float32)
    x, y = columns - pad, rows - pad
    phase, pace = random.uniform(0, 6.3, 3), random.uniform(0.5, 2.5, 3) / high
    bend = random.uniform(0, 0.13, 3) * high
    lean, climb = random.normal(0.1, 0.25), random.normal(0, 0.08)
    across = [Wave(bend[0], (pace[0], 0.0), phase[0]), Wave(bend[1], (0.0, 2 * pace[1]), 0.0)]
    shift_x, shift_y = shift(x, y, across, [Wave(bend[2], (pace[2], 0.0), phase[2])])
    from_x, from_y = x + shift_x + lean * (y - high / 2), y + shift_y + climb * (x - wide / 2)
    bent = cv2.remap(cover, from_x.astype(np.float32), from_y.astype(np.float32), cv2.INTER_LINEAR)
    ys, xs = np.nonzero(bent > 0.3)
    return np.asarray(bent[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]) if len(ys) else cover
