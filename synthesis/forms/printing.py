"""Draws laid-out print: the blank page as it leaves the printer."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw

from synthesis.fonts import FontFolder
from synthesis.forms.layout import PAGE_HEIGHT, PAGE_WIDTH, Frame, Print, Rule, Text
from synthesis.sheet import Sheet, new_sheet

_FINE = 500
"""Drawn at least this fine (dots an inch), then averaged down: hairlines and small print keep their weight."""


def print_page(
    prints: Sequence[Print],
    fonts: FontFolder,
    dpi: int = 200,
    size: tuple[float, float] = (PAGE_WIDTH, PAGE_HEIGHT),
) -> Sheet:
    """A page of `size` points, blue-green-red, at any `dpi`. Raises FontsMissingError."""
    scale = math.ceil(_FINE / dpi)
    width, height = round(size[0] * dpi / 72), round(size[1] * dpi / 72)
    canvas = Image.new("RGB", (width * scale, height * scale), "white")
    pen = _Pen(canvas, fonts, scale * dpi / 72)
    for item in prints:
        match item:
            case Frame():
                pen.frame(item)
            case Rule():
                pen.rule(item)
            case Text():
                pen.text(item)
    fine = np.asarray(canvas)[:, :, ::-1]
    image = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)
    return new_sheet(np.asarray(image, dtype=np.uint8), dpi)


class _Pen:
    def __init__(self, canvas: Image.Image, fonts: FontFolder, scale: float) -> None:
        self._draw = ImageDraw.Draw(canvas)
        self._fonts = fonts
        self._scale = scale

    def _pixels(self, *points: float) -> list[int]:
        return [round(value * self._scale) for value in points]

    def frame(self, item: Frame) -> None:
        box = item.box
        bounds = self._pixels(box.left, box.top, box.right, box.bottom)
        width = max(1, round(item.weight * self._scale))
        shape = self._draw.ellipse if item.round else self._draw.rectangle
        shape(bounds, fill=item.fill, outline=item.stroke, width=width if item.stroke else 0)

    def rule(self, item: Rule) -> None:
        width = max(1, round(item.weight * self._scale))
        self._draw.line(self._pixels(*item.start, *item.end), fill=item.colour, width=width)

    def text(self, item: Text) -> None:
        face = self._fonts.face(item.face, item.size * self._scale, item.weight)
        place = (item.x * self._scale, item.y * self._scale)
        self._draw.text(place, item.text, fill=item.colour, font=face, anchor=f"{item.anchor}s")
