"""What people draw into boxes and around them: recorded pen strokes, and procedural ones for what was not recorded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from schemas.prediction import CheckboxState
from synthesis.ink.crop_ink import bounds
from synthesis.ink.marks import Strokes, varied_strokes
from synthesis.ink.pen_strokes import Part, PenStrokes

Random = np.random.Generator

_BY_STATE: Mapping[CheckboxState, frozenset[str]] = {
    CheckboxState.TICKED: frozenset("vV"),
    CheckboxState.CROSSED: frozenset("xX*+"),
    CheckboxState.MARKED: frozenset("/\\-oJ"),
}
_RECORDED = 0.4
"""Share of marks that are recorded characters, of the states that have some."""
_OVER = 0.35
"""Share of corrections that are a word written over a mark."""


class Ink:
    """Marks and writing by the writers of one part."""

    def __init__(self, data: Path, part: Part) -> None:
        """Reads the recorded strokes under `data`/handwriting."""
        self._characters = PenStrokes(data / "handwriting" / "unipen_chars.npz")
        self._words = PenStrokes(data / "handwriting" / "unipen_words.npz")
        own = self._characters.of(part)
        texts = np.array(self._characters.texts)[own]
        self._marks = {state: own[np.isin(texts, list(labels))] for state, labels in _BY_STATE.items()}
        self._letters = own
        self._short = np.array([i for i in self._words.of(part) if 2 <= len(self._words.texts[i]) <= 7])

    def mark(self, state: CheckboxState, random: Random, pen: float) -> Strokes:
        """Strokes in sides of the box, its middle at the origin, that bring it into `state`; `pen` wide."""
        if state in self._marks and random.random() < _RECORDED:
            wide, high = np.exp(random.normal(0.0, 0.28, 2)) * random.uniform(0.65, 1.5)
            shift = random.normal(0, 0.1 + 0.06 * max(wide, high), 2)
            if state is CheckboxState.TICKED:
                shift += (0.12, -0.12)
            return self._fitted(self._characters, self._marks[state], random, (wide, high), shift)
        strokes = varied_strokes(state, random, pen)
        if state is CheckboxState.SCRIBBLED_OUT and random.random() < _OVER:
            word = self._fitted(self._words, self._short, random, random.uniform(1.2, 1.9, 2), random.normal(0, 0.1, 2))
            return [*varied_strokes(CheckboxState.CROSSED, random, pen), *word, *strokes[-1:]]
        return strokes

    def writing(self, random: Random, high: float) -> Strokes:
        """A short word `high` sides high, its left end at the origin, its middle at y = 0."""
        strokes = self._words.strokes(int(random.choice(self._short)))
        if not strokes:
            return []
        left, top, _, bottom = bounds(strokes)
        scale = high / max(bottom - top, 0.5)
        return [(stroke - (left, (top + bottom) / 2)) * scale for stroke in strokes]

    def letter(self, random: Random) -> Strokes:
        """One character about as large as a box, around the origin; it marks no box."""
        size = random.uniform(0.6, 1.2, 2)
        return self._fitted(self._characters, self._letters, random, size, random.normal(0, 0.1, 2))

    @staticmethod
    def _fitted(
        source: PenStrokes,
        chosen: NDArray[np.int64],
        random: Random,
        size: tuple[float, float] | NDArray[np.float64],
        shift: NDArray[np.float64],
    ) -> Strokes:
        """A recorded segment stretched to `size` around `shift`, not by more than its own shape allows."""
        strokes = source.strokes(int(random.choice(chosen)))
        if not strokes:
            return []
        left, top, right, bottom = bounds(strokes)
        wide, high = max(right - left, 1e-3), max(bottom - top, 1e-3)
        # What is a line, as a dash, stays one.
        scale = np.array([size[0] / max(wide, 0.25 * high), size[1] / max(high, 0.25 * wide)])
        middle = np.array([(left + right) / 2, (top + bottom) / 2])
        return [(stroke - middle) * scale + shift for stroke in strokes]
