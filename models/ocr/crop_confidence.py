"""How sure a reading of a crop is, and how sure it has to be: fitted values and what is done with them."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.ocr.alphabets import CropKind
from models.ocr.line_choice import LineChoice, probability

CELLS = "cells"
"""Values for what the character network reads, by kind; beside them `line`, for whole lines."""
LINE = "line"


class CropConfidence:
    """The fitted values; `python -m models.ocr.train crops` writes the file.

    They come from writers who neither trained a network nor are in the evaluation.
    """

    def __init__(self, fitted: Path) -> None:
        self._fitted: dict[str, Any] = json.loads(fitted.read_text(encoding="utf-8"))

    @property
    def blank(self) -> float:
        """That a crop in which no ink was found is blank."""
        return float(self._fitted["blank"])

    def temperature(self, kind: CropKind) -> float:
        """By which the character network's scores are divided before softmax (Guo and others, arXiv 1706.04599)."""
        return float(self._fitted[CELLS][kind]["temperature"])

    def threshold(self, kind: CropKind, *, in_cells: bool) -> float:
        """Readings with less confidence are rejected."""
        return float(self._fitted[CELLS][kind]["threshold"] if in_cells else self._fitted[LINE]["threshold"])

    @property
    def choice(self) -> LineChoice:
        """Which of two readings of a line counts."""
        return LineChoice(self._fitted[LINE]["prefer"], self._fitted[LINE]["trust"])

    def printed(self, probabilities: Sequence[float]) -> float:
        """That a text of PP-OCRv6, whose characters have these probabilities, is right; 0 for none."""
        if not probabilities:
            return 0.0
        weights = self._fitted[LINE]["printed"]
        return probability(sum(w * sign for w, sign in zip(weights, printed_signs(probabilities), strict=True)))


def printed_signs(probabilities: Sequence[float]) -> tuple[float, float, float, float]:
    """What tells whether a reading of PP-OCRv6 is right: its log-probability, its least sure character, length, 1."""
    logs = [math.log(max(probability, 1e-6)) for probability in probabilities]
    return sum(logs), min(logs), math.log1p(len(logs)), 1.0
