"""The straight rules of a page, level and upright: of a densely filled page what pens do not draw."""

from __future__ import annotations

import cv2
import numpy as np

from models.ink import Ink

_PRINT = 0.12
_SHORTEST = 17
"""Pixels of the size of comparison: higher than capitals by hand are there."""
_BROKEN, _ASKEW = 5, 2
"""Pixels: gaps that faxes leave in a rule, and steps of one that is a little askew."""
_THICKEST = 8
"""Pixels: thicker things are shaded, or scribbled full."""


def rules_of(ink: Ink) -> Ink:
    """(height, width, 2): level and upright rules, 0..1, slightly blurred, of a page at the size of comparison."""
    dark = (ink > _PRINT).astype(np.uint8)
    level, upright = _level(dark), _level(np.ascontiguousarray(dark.T)).T
    return np.asarray(cv2.GaussianBlur(np.dstack([level, upright]).astype(np.float32), (0, 0), 1.0), dtype=np.float32)


def _level(dark: np.ndarray) -> np.ndarray:
    stepped = cv2.dilate(dark, np.ones((_ASKEW, 1), np.uint8))
    whole = cv2.morphologyEx(stepped, cv2.MORPH_CLOSE, np.ones((1, _BROKEN), np.uint8))
    runs = cv2.morphologyEx(whole, cv2.MORPH_OPEN, np.ones((1, _SHORTEST), np.uint8))
    return np.asarray(runs & ~cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones((_THICKEST, _THICKEST), np.uint8)))
