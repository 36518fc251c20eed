"""The light engine: Tesseract, for where 100 MB of memory and half the time matter more than accuracy."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from schemas.prediction import TextLine, Word, box_quad

TARGET_DPI = 220.0
"""Tesseract's language data is made for text of 200 to 300 dpi."""
PAGE_INCHES = 8.5
"""Assumed short side of a page whose resolution is unknown."""
MAX_PIXELS = 12_000_000
MAX_SCALE = 3.0
SECONDS = 60
MIN_CONFIDENCE = 0.2
"""Words with less are left out: mostly specks and rules."""


class LightReader:
    """One Tesseract instance; it must not be used by two threads at once."""

    def __init__(self, language: Path) -> None:
        # Must be set before the library starts its threads: parallel pages times threads is many times slower.
        os.environ["OMP_THREAD_LIMIT"] = "1"
        import tesserocr

        self._levels: Any = tesserocr.RIL
        self._iterate: Any = tesserocr.iterate_level
        self._api: Any = tesserocr.PyTessBaseAPI(
            path=str(language.parent), lang=language.stem, psm=tesserocr.PSM.AUTO, oem=tesserocr.OEM.LSTM_ONLY
        )

    def read(self, pixels: npt.NDArray[np.uint8], dpi: float | None) -> list[TextLine]:
        """The lines of a grey or BGR page; quads, upright boxes here, in its pixels.

        Raises TimeoutError when the page takes longer than SECONDS.
        """
        grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY) if pixels.ndim == 3 else pixels
        scale = _scale(grey.shape[1], grey.shape[0], dpi)
        if scale != 1.0:
            method = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
            grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=method)
        grey = np.ascontiguousarray(grey)
        height, width = grey.shape
        try:
            self._api.SetImageBytes(grey.tobytes(), width, height, 1, width)
            self._api.SetSourceResolution(round(TARGET_DPI))
            if not self._api.Recognize(SECONDS * 1000):
                raise TimeoutError(f"the light engine did not read the page within {SECONDS} s")
            return self._lines(pixels.shape[1] / width, pixels.shape[0] / height)
        finally:
            # What it learnt from this page must not change how the next one is read.
            self._api.Clear()
            self._api.ClearAdaptiveClassifier()

    def _lines(self, x_scale: float, y_scale: float) -> list[TextLine]:
        lines: list[list[Word]] = []
        for item in self._iterate(self._api.GetIterator(), self._levels.WORD):
            if item.Empty(self._levels.WORD):
                continue
            if not lines or item.IsAtBeginningOf(self._levels.TEXTLINE):
                lines.append([])
            text = item.GetUTF8Text(self._levels.WORD).strip()
            confidence = item.Confidence(self._levels.WORD) / 100
            if text and confidence >= MIN_CONFIDENCE:
                left, top, right, bottom = item.BoundingBox(self._levels.WORD)
                quad = box_quad(left * x_scale, top * y_scale, right * x_scale, bottom * y_scale)
                lines[-1].append(Word(text, quad, confidence))
        return [_line(words) for words in lines if words]


def _line(words: list[Word]) -> TextLine:
    xs = [x for word in words for x in word.quad[0::2]]
    ys = [y for word in words for y in word.quad[1::2]]
    characters = sum(len(word.text) for word in words)
    return TextLine(
        text=" ".join(word.text for word in words),
        quad=box_quad(min(xs), min(ys), max(xs), max(ys)),
        confidence=sum(word.confidence * len(word.text) for word in words) / characters,
        words=tuple(words),
    )


def _scale(width: int, height: int, dpi: float | None) -> float:
    """By how much to resize so that text is at TARGET_DPI; what images say of their dpi is trusted if sane."""
    short = min(width, height)
    by_size = short / PAGE_INCHES
    stated = dpi if dpi is not None and 0.5 * by_size <= dpi <= 2.5 * by_size else by_size
    scale = min(TARGET_DPI / stated, MAX_SCALE)
    if 0.9 <= scale <= 1.1:
        return 1.0
    return min(scale, math.sqrt(MAX_PIXELS / (width * height)))
