"""Single characters as ink, from recorded strokes, faces and scans, each time a little different."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ImageFont

from synthesis.crops.fields import font_cover, stroke_cover
from synthesis.ink.crop_ink import Cover
from synthesis.ink.pen import Points
from synthesis.ink.waves import Wave, shift, shift_points

Random = np.random.Generator
Draw = Callable[[float, float, Random], Cover]
"""Ink of a character, cut to its bounds, for a height of capitals and a pen width in pixels."""

_TURN, _SHEAR, _BEND = 0.07, 0.12, 0.035
"""Spreads at `vary` 1: of turn and slant, tangents, and of the height of waves in heights of the character."""
_PACE = 3.0
"""Spread of the waves' angular frequency: letters of the same hand differ by long waves of small height."""
_FINER = 3
"""How much finer a scan is made before it is bent."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character somebody will write."""

    text: str
    draw: Draw


def stroke_glyph(text: str, strokes: Sequence[Points], vary: float = 0.0) -> Glyph:
    """A character of recorded pen strokes; with `vary` (1 is lively) turned, slanted and bent anew each time."""

    def draw(unit: float, pen: float, random: Random) -> Cover:
        varied = _varied(strokes, vary, random) if vary else strokes
        return stroke_cover(varied, unit, pen, random, most_rows=round(unit * 1.5))

    return Glyph(text, draw)


def _varied(strokes: Sequence[Points], vary: float, random: Random) -> list[Points]:
    turn, shear = random.normal(0, _TURN * vary), random.normal(0, _SHEAR * vary)
    linear = np.array([[np.cos(turn), -np.sin(turn) + shear], [np.sin(turn), np.cos(turn)]])
    paces, heights = random.normal(0, _PACE, (2, 2)).T, np.abs(random.normal(0, _BEND * vary, 2))
    waves = _waves(heights, paces, random)
    return [stroke @ linear.T + shift_points(stroke, *waves) for stroke in strokes]


def _waves(heights: NDArray[np.float64], paces: NDArray[np.float64], random: Random) -> tuple[list[Wave], list[Wave]]:
    """One across and one down, of these heights and (2, 2) paces."""
    across, down = (
        Wave(float(height), (float(pace[0]), float(pace[1])), float(phase))
        for height, pace, phase in zip(heights, paces, random.uniform(0, 2 * np.pi, 2), strict=True)
    )
    return [across], [down]


def font_glyph(text: str, face: Callable[[int], ImageFont.FreeTypeFont]) -> Glyph:
    """A character of a font; `face` answers it at a size in pixels."""
    return Glyph(text, lambda unit, pen, random: font_cover(text, face(max(8, round(unit * 1.4))), random, slant=0.1))


def scanned_glyph(text: str, ink: NDArray[np.uint8], vary: float = 0.0) -> Glyph:
    """A character that was scanned before; `ink` is 0 on paper. `vary` as in `stroke_glyph`."""

    def draw(unit: float, pen: float, random: Random) -> Cover:
        shown = _bent(ink, vary, random) if vary else ink
        left, top, width, height = cv2.boundingRect((shown > 60).astype(np.uint8))
        cut = shown[top : top + height, left : left + width]
        scale = unit / max(height, width * 0.8)
        size = max(2, round(width * scale * random.uniform(0.85, 1.15))), max(2, round(height * scale))
        large = cv2.resize(cut, size, interpolation=cv2.INTER_CUBIC).astype(np.float32) / 255
        # Where the ink ends decides how thick the pen was.
        edge = random.uniform(0.3, 0.65)
        return np.asarray(np.clip((large - edge) * 2.5 + 0.5, 0, 1), dtype=np.float32)

    return Glyph(text, draw)


def _bent(ink: NDArray[np.uint8], vary: float, random: Random) -> NDArray[np.uint8]:
    """Turned, slanted and bent smoothly, on paper large enough for it; a few times finer, so that edges stay soft."""
    rows, columns = (_FINER * side for side in ink.shape)
    pad = rows // 4
    y, x = np.mgrid[-pad : rows + pad, -pad : columns + pad].astype(np.float32)
    across, down = x - columns / 2, y - rows / 2
    turn, shear = random.normal(0, _TURN * vary), random.normal(0, _SHEAR * vary)
    heights = np.abs(random.normal(0, _BEND * vary, 2)) * rows
    shift_x, shift_y = shift(across, down, *_waves(heights, random.normal(0, _PACE, (2, 2)) / rows, random))
    from_x = columns / 2 + across + shift_x + (turn + shear) * down
    from_y = rows / 2 + down + shift_y - turn * across
    fine = cv2.resize(ink, (columns, rows), interpolation=cv2.INTER_CUBIC)
    bent = cv2.remap(fine, from_x.astype(np.float32), from_y.astype(np.float32), cv2.INTER_LINEAR)
    return np.asarray(bent, dtype=np.uint8)
