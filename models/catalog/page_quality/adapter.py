"""The model: measures everything that costs a reader accuracy, and judges it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from models.catalog.page_quality.edges import most_cut_edge
from models.catalog.page_quality.frame import CELL, Frame, frame_of
from models.catalog.page_quality.grain import grain_of
from models.catalog.page_quality.letters import Ink, ink_of
from models.catalog.page_quality.sharpness import edge_blur
from models.catalog.page_quality.tiny_boxes import side_of_tiny_boxes
from models.catalog.page_quality.verdict import LIMITS, Measured, verdict
from models.catalog.page_quality.washed_out import glare_of
from models.contract import Model, PageImage
from schemas.prediction import Defect, PageQuality, Prediction, Skew

_NOISY = 12.0
"""Levels: from here on single pixels say nothing, and the median of their neighbours is looked at."""
_LINES = 90
_LEAST_LETTERS_ACROSS = 22
"""Higher letters are none on a page of usual text, but words or lines that have run together."""
_LETTER_OF_BOX = 0.75
"""Height of letters that are as hard to read as a mark in a box of side 1."""


class PageQualityModel(Model):
    """Rules on measures; nothing is learned and nothing is loaded."""

    def load(self, artifacts: Mapping[str, Path]) -> None:
        """There is nothing to load."""

    def predict(self, pages: Sequence[PageImage]) -> Sequence[Prediction]:
        """One `PageQuality` a page."""
        return [Prediction(quality=quality_of(page)) for page in pages]


def quality_of(page: PageImage) -> PageQuality:
    """The verdict on a page of any size, grey or BGR, straightened or not."""
    frame = frame_of(page.pixels)
    grain = grain_of(frame)
    depth = frame.depth if grain < _NOISY else np.asarray(cv2.medianBlur(frame.depth, 3), dtype=np.uint8)
    ink = ink_of(frame, depth, grain)
    measured = {
        Defect.TOO_DARK: Measured(float(np.percentile(frame.paper[::CELL, ::CELL], 75)) / 2.55),
        Defect.BLANK: Measured(100 * ink.share),
        Defect.NOT_STRAIGHT: Measured(max((skew.askew_degrees for skew in _skews(page)), default=0.0)),
    }
    if ink.contrast == 0 or LIMITS[Defect.BLANK].exceeded(100 * ink.share):
        return verdict(measured)
    measured[Defect.LOW_CONTRAST] = Measured(ink.contrast / 2.55)
    measured[Defect.NOISE] = Measured(100 * grain / ink.contrast)
    cut = most_cut_edge(frame, depth, ink.contrast, ink.letter_height, _angle(page))
    measured[Defect.CUT_OFF] = Measured(cut.lines, cut.quad)
    noisy = LIMITS[Defect.NOISE].exceeded(measured[Defect.NOISE].value)
    height = _credible_height(page, ink, noisy)
    side = None if noisy else side_of_tiny_boxes(frame)
    heights = [value for value in (height, None if side is None else _LETTER_OF_BOX * side) if value is not None]
    if heights:
        measured[Defect.LOW_RESOLUTION] = Measured(min(heights))
    if not noisy:
        # Grain looks like sharp edges and like faded ink: in noise neither can be told.
        measured |= _of_strokes(frame, depth, ink, grain)
    return verdict(measured)


def _credible_height(page: PageImage, ink: Ink, noisy: bool) -> float | None:
    """The letters' height in pixels; on tiny pages, where letters run together, that of a page of 90 lines."""
    side = math.sqrt(page.pixels.shape[0] * page.pixels.shape[1])
    height = None if noisy else ink.letter_height
    if height is not None and height < side / _LEAST_LETTERS_ACROSS:
        return height
    guess = side / _LINES
    return guess if LIMITS[Defect.LOW_RESOLUTION].exceeded(guess) else height


def _of_strokes(frame: Frame, depth: np.ndarray, ink: Ink, grain: float) -> Mapping[Defect, Measured]:
    light = glare_of(frame, depth, ink.contrast, ink.letter_height, grain)
    found = {Defect.GLARE: Measured(100 * light.share, light.quad)}
    blur = edge_blur(frame, ink.contrast, ink.letter_height)
    if blur is not None:
        found[Defect.BLUR] = Measured(100 * blur)
    return found


def _angle(page: PageImage) -> float:
    """By how many degrees the page was straightened."""
    return sum((skew.angle_degrees for skew in _skews(page) if skew.straightened), 0.0)


def _skews(page: PageImage) -> list[Skew]:
    return [one.skew for one in page.earlier.values() if one.skew is not None]
