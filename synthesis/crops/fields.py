"""A form field with handwriting in it, cut out of a scan: a word or line on a rule, in a frame or on plain paper.

Ink comes as a `Cover`: from recorded strokes (`stroke_cover`) or from a hand's font (`font_cover`). `FieldPainter` puts
it on a field and scans it, in a few milliseconds a crop.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from synthesis.fonts import TRAINING_PRINTS, FontFolder
from synthesis.ink.crop_ink import Cover, bounds, draw_cover, soak, transformed
from synthesis.ink.pen import Points
from synthesis.sheet import Pixels
from synthesis.wear.crop_wear import tilt, wear

Random = np.random.Generator

LEAST_ROWS, MOST_ROWS = 40, 100
"""Height of a field in pixels: 6 to 9 mm at 150 to 300 dpi."""
MOST_COLUMNS = 2400
LABELS = (
    *("Name", "Last name", "First name", "Date", "City", "Street", "ZIP", "Signature", "Phone number", "Amount"),
    *("Date of birth (MM/DD/YYYY)", "Address", "State", "Total", "Employer", "(see instructions)", "1a", "12.", "$"),
)
"""Print whose remnants stand in the corner of a crop."""


def stroke_cover(strokes: Sequence[Points], unit: float, pen: float, random: Random, most_rows: int = 400) -> Cover:
    """Strokes as ink, cut to its bounds: `unit` pixels for each unit of the strokes, the pen `pen` pixels wide.

    Slant and proportions vary a little; what is higher than `most_rows` or wider than MOST_COLUMNS is drawn smaller.
    Raises ValueError without strokes.
    """
    linear = np.array([[random.uniform(0.85, 1.15), random.normal(0, 0.08)], [0, 1]]) * unit
    placed = transformed(strokes, linear, (0, 0))
    left, top, right, bottom = bounds(placed)
    shrink = min(1.0, most_rows / max(bottom - top, 1), MOST_COLUMNS / max(right - left, 1))
    margin = pen / 2 + 1
    offset = (margin - left * shrink, margin - top * shrink)
    shape = math.ceil((bottom - top) * shrink + 2 * margin), math.ceil((right - left) * shrink + 2 * margin)
    return draw_cover(shape, transformed(placed, np.eye(2) * shrink, offset), pen)


def font_cover(text: str, face: ImageFont.FreeTypeFont, random: Random, slant: float = 0.08) -> Cover:
    """Text in a face as ink, cut to its bounds, slanted a little. Raises ValueError when the face draws nothing."""
    pad = math.ceil(face.size)
    size = math.ceil(face.getlength(text)) + 2 * pad, 3 * pad
    layer = Image.new("L", size, 0)
    ImageDraw.Draw(layer).text((pad, 2 * pad), text, 255, face, "ls")
    shear = random.normal(0, slant)
    matrix = np.array([[random.uniform(0.9, 1.1), -shear, shear * 2 * pad], [0, 1, 0]])
    moved = cv2.warpAffine(np.asarray(layer), matrix, (round(size[0] * 1.1), size[1]), flags=cv2.INTER_LINEAR)
    left, top, width, height = cv2.boundingRect(cv2.findNonZero(moved)) if moved.any() else (0, 0, 0, 0)
    if not width:
        raise ValueError("the face draws nothing for this text")
    return np.asarray(moved[top : top + height, left : left + width], dtype=np.float32) / np.float32(255)


class FieldPainter:
    """Draws fields as scans; with `fonts`, also remnants of their printed labels."""

    def __init__(self, fonts: FontFolder | None = None, prints: Sequence[str] = TRAINING_PRINTS) -> None:
        self._fonts = fonts
        self._prints = tuple(prints)

    def strokes(self, strokes: Sequence[Points], random: Random) -> Pixels:
        """A grey crop with a word or line of pen strokes, unit: height of the writing (as `PenStrokes` gives them)."""
        rows = _rows(random)
        unit = rows * random.uniform(0.4, 0.85)
        pen = float(np.clip(rows * random.uniform(0.02, 0.065), 1.0, 4.5))
        cover = stroke_cover(strokes, unit, pen, random, most_rows=rows)
        return self.scan(self.field(cover, rows, random), random)

    def text(self, text: str, hand: str, random: Random) -> Pixels:
        """A grey crop with `text` in the face `hand`. Raises FontsMissingError, ValueError (no fonts, no glyphs)."""
        if self._fonts is None:
            raise ValueError("drawing text needs the font folder")
        rows = _rows(random)
        face = self._fonts.face(hand, round(rows * random.uniform(0.5, 0.95)))
        cover = font_cover(text, face, random)
        if cover.shape[0] > rows or cover.shape[1] > MOST_COLUMNS:
            shrink = min(rows / cover.shape[0], MOST_COLUMNS / cover.shape[1])
            size = max(1, int(cover.shape[1] * shrink)), max(1, int(cover.shape[0] * shrink))
            cover = np.asarray(cv2.resize(cover, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
        return self.scan(self.field(cover, rows, random), random)

    def blank(self, random: Random) -> Pixels:
        """A grey crop of a field that nobody filled in."""
        rows = _rows(random)
        nothing = np.zeros((rows // 2, round(rows * random.uniform(1, 12))), dtype=np.float32)
        return self.scan(self.field(nothing, rows, random), random)

    def field(self, cover: Cover, rows: int, random: Random) -> Pixels:
        """The ink on a field of `rows` rows, before the scan."""
        height, width = cover.shape
        free_left, free_right = random.uniform(0.08, 0.9) * rows, random.exponential(0.9) * rows + 0.08 * rows
        columns = max(rows // 2, round(width + free_left + free_right))
        # Writing crosses the border of its field by a little, not by so much that nobody could read it.
        free = (rows - height) / 2 + 0.05 * rows
        top = round((rows - height) / 2 + np.clip(random.normal(0, 0.1) * rows, -free, free))
        paper = np.full((rows, columns), 255, dtype=np.uint8)
        if random.random() < 0.15:
            paper[:] = random.integers(205, 250)
        self._furnish(paper, top + height, random)
        ink = _placed(cover, paper.shape, top, round(min(free_left, columns - width)))
        if random.random() < 0.12:
            _leak(ink, random)
        return soak(paper, ink, float(random.choice((20, 50, 80, 110)) + random.uniform(-15, 15)), random)

    def scan(self, field: Pixels, random: Random) -> Pixels:
        """As it is cut out of a straightened scan: turned a little, worn, now and then cut tight."""
        tilted = tilt(field, random, degrees=0.8)
        worn = wear(tilted, random)
        # A bilevel scanner that turned plain paper into black dust would be adjusted.
        while _dark(worn) > 0.05 + 1.5 * _dark(tilted):
            worn = wear(tilted, random)
        cut = random.integers(0, 3, 4)
        return np.ascontiguousarray(worn[cut[0] : worn.shape[0] - cut[1], cut[2] : worn.shape[1] - cut[3]])

    def _furnish(self, paper: Pixels, bottom: int, random: Random) -> None:
        kind = random.choice(5, p=(0.25, 0.3, 0.25, 0.1, 0.1))
        shade, weight = int(random.integers(0, 150)), int(random.integers(1, 1 + max(2, paper.shape[0] // 25)))
        if kind in (1, 3):
            below = bottom - random.uniform(-0.05, 0.3) * paper.shape[0]
            row = int(np.clip(below, paper.shape[0] * 0.6, paper.shape[0] - weight))
            draw_rule(paper, row, weight, shade, dotted=kind == 3)
        elif kind in (2, 4):
            draw_frame(paper, weight, shade, random, sides=4 if kind == 2 else 2)
        if self._fonts is not None and random.random() < 0.25:
            self._label(paper, random)

    def _label(self, paper: Pixels, random: Random) -> None:
        rows, columns = paper.shape
        name = self._prints[random.integers(len(self._prints))]
        assert self._fonts is not None
        face = self._fonts.face(name, int(rows * random.uniform(0.16, 0.28)))
        picture = Image.fromarray(paper)
        # Often only the feet of the letters are in the crop: labels stand above the field.
        baseline = rows * random.uniform(0.04, 0.24) if random.random() < 0.7 else rows + rows * random.uniform(0, 0.12)
        left = rows * random.uniform(0.02, 0.2) if random.random() < 0.7 else random.uniform(0, columns)
        text = LABELS[random.integers(len(LABELS))]
        ImageDraw.Draw(picture).text((left, baseline), text, int(random.integers(0, 140)), face, "ls")
        paper[:] = np.asarray(picture)


def draw_rule(paper: Pixels, row: int, weight: int, shade: int, *, dotted: bool = False) -> None:
    """A horizontal rule across `paper`, from `row` down, in place."""
    band = paper[row : row + weight]
    if dotted:
        step = max(3, 3 * weight)
        columns = np.arange(paper.shape[1]) % step < max(1, step // 2)
        band[:, columns] = np.minimum(band[:, columns], shade)
    else:
        np.minimum(band, shade, out=band)


def draw_frame(paper: Pixels, weight: int, shade: int, random: Random, sides: int = 4) -> None:
    """Sides of a box near the borders of `paper`, each partly inside it, in place."""
    rows, columns = paper.shape
    inset = random.integers(-weight, max(1, rows // 14), 4)
    chosen = random.permutation(4)[:sides]
    for side in range(4):
        if side not in chosen:
            continue
        start, end = max(0, int(inset[side])), int(inset[side]) + weight
        if end <= start:
            continue
        band = (
            paper[start:end],
            paper[rows - end : rows - start],
            paper[:, start:end],
            paper[:, columns - end : columns - start],
        )[side]
        np.minimum(band, shade, out=band)


def _dark(crop: Pixels) -> float:
    return float((crop < int(np.percentile(crop, 90)) - 60).mean())


def _rows(random: Random) -> int:
    return int(random.integers(LEAST_ROWS, MOST_ROWS + 1))


def _placed(cover: Cover, shape: tuple[int, int], top: int, left: int) -> Cover:
    """`cover` at a place of an empty sheet, cut at its borders."""
    sheet: NDArray[np.float32] = np.zeros(shape, dtype=np.float32)
    up, start = max(0, top), max(0, left)
    part = cover[up - top : up - top + shape[0] - up, start - left : start - left + shape[1] - start]
    sheet[up : up + part.shape[0], start : start + part.shape[1]] = part
    return sheet


def _leak(ink: Cover, random: Random) -> None:
    """Feet or heads of the writing in the next row, at the upper or lower border, in place."""
    rows, columns = ink.shape
    most = max(2, rows // 8)
    for _ in range(int(random.integers(1, 4))):
        height, place = int(random.integers(2, most + 1)), random.uniform(0, columns)
        lean = random.normal(0, 0.3) * height
        start, end = (-1, height) if random.random() < 0.5 else (rows, rows - height)
        stroke = np.array([(place, start), (place + lean, end)], dtype=np.float64)
        np.maximum(ink, draw_cover(ink.shape, [stroke], rows * 0.04), out=ink)
