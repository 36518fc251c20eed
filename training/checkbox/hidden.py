"""Boxes of which nobody can say whether they were marked: erased, stained, glared out, under a bar."""

from __future__ import annotations

import cv2
import numpy as np

from schemas.prediction import CheckboxState
from synthesis.crops.checkboxes import PATCH, SIDE
from synthesis.ink.crop_ink import Cover, draw_cover, soak
from synthesis.ink.marks import Strokes
from synthesis.sheet import Pixels
from training.checkbox.ink import Ink, Random

MIDDLE = PATCH / 2
_NEAR_MARKS = (CheckboxState.TICKED, CheckboxState.CROSSED, CheckboxState.FILLED, CheckboxState.MARKED)


def hidden(paper: Pixels, ink: Ink, pen: float, random: Random) -> Pixels:
    """The patch (PATCH pixels, the box SIDE wide in its middle) with its box made unreadable."""
    kind = int(random.integers(4))
    if kind == 0:
        return _erased(paper, ink, pen, random)
    page = paper.astype(np.float32)
    blob = _blob(random, random.uniform(0.9, 1.7))
    if kind == 1:
        page = page * (1 - blob) + random.uniform(15, 90) * blob
    elif kind == 2:
        page = page * (1 - blob) + 253 * blob
    else:
        level, half = int(MIDDLE + random.normal(0, 4)), int(SIDE * random.uniform(0.62, 1.0))
        start = 0 if random.random() < 0.6 else int(random.integers(0, 40))
        bar = np.s_[level - half : level + half, start : PATCH - start]
        if random.random() < 0.5:
            page[bar] = random.uniform(10, 60)
        else:
            page.T[bar] = random.uniform(10, 60)
    return np.clip(page, 0, 255).astype(np.uint8)


def some_mark(random: Random) -> CheckboxState:
    """As the marks of neighbours are spread: ticks mostly, since those have tails."""
    return _NEAR_MARKS[int(random.choice(4, p=(0.6, 0.25, 0.08, 0.07)))]


def in_pixels(strokes: Strokes) -> Strokes:
    """From sides around the box to pixels of the patch."""
    return [stroke * SIDE + MIDDLE for stroke in strokes]


def _erased(paper: Pixels, ink: Ink, pen: float, random: Random) -> Pixels:
    """A mark rubbed out: pieces of it are left in a grey smudge."""
    cover = draw_cover((PATCH, PATCH), in_pixels(ink.mark(some_mark(random), random, pen)), pen * SIDE)
    left = cv2.resize(random.random((7, 7), dtype=np.float32), (PATCH, PATCH), interpolation=cv2.INTER_CUBIC)
    cover = np.asarray(cover * np.clip(1.6 * left - 0.25, 0.2, 0.8), dtype=np.float32)
    smudge = _blob(random, random.uniform(0.6, 1.0)) * random.uniform(0.08, 0.25)
    return soak(np.asarray(paper * (1 - smudge), dtype=np.uint8), cover, 90.0, random)


def _blob(random: Random, reach: float) -> Cover:
    """A spot about the middle with a ragged soft edge, `reach` sides in radius."""
    steps = (np.arange(PATCH, dtype=np.float32) - MIDDLE) / SIDE
    rough = cv2.resize(random.random((9, 9), dtype=np.float32), (PATCH, PATCH), interpolation=cv2.INTER_CUBIC)
    x, y = random.normal(0, 0.12, 2)
    away = np.hypot(steps[None, :] - x, steps[:, None] - y) - 0.5 * (rough - 0.5)
    return np.asarray(np.clip((reach - away) / random.uniform(0.05, 0.3), 0, 1), dtype=np.float32)
