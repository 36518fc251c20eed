"""How sure a reading of a crop is, and how sure it has to be: fitted values and what is done with them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from models.catalog.ocr.field.comb_text import CombText
from models.catalog.ocr.field.formats import is_bare, is_usual
from models.catalog.ocr.field.line_choice import LineChoice, dot, logit, probability
from models.catalog.ocr.language.alphabets import CropKind

CELLS = "cells"
"""Values for what the character network reads, by kind; beside them `line`, for whole lines."""
LINE = "line"
BY_KIND = "kinds"
"""In `line`: what else was fitted for kinds of fewer characters than free text has."""


class CropConfidence:
    """The fitted values; `python -m training.ocr.train crops` writes the file.

    They come from writers who neither trained a network nor are in the evaluation.
    """

    def __init__(self, fitted: Mapping[str, Any]) -> None:
        self._fitted = fitted

    @classmethod
    def of(cls, file: Path) -> CropConfidence:
        """From the file. Raises OSError or ValueError where it cannot be read."""
        return cls(json.loads(file.read_text(encoding="utf-8")))

    @property
    def blank(self) -> float:
        """That a crop in which no ink was found is blank."""
        return float(self._fitted["blank"])

    def temperature(self, kind: CropKind) -> float:
        """By which the character network's scores are divided before softmax (Guo and others, arXiv 1706.04599)."""
        return float(self._fitted[CELLS][kind]["temperature"])

    def threshold(self, kind: CropKind, *, in_cells: bool) -> float:
        """Readings with less confidence are rejected."""
        fitted = self._fitted[CELLS][kind] if in_cells else self._of_kind(kind) or self._fitted[LINE]
        return float(fitted["threshold"])

    def of_line(self, kind: CropKind, text: str, confidence: float) -> float:
        """That the text of a line of this kind is right, of which the readers say so with `confidence`."""
        fitted = self._of_kind(kind)
        if fitted is None or not text:
            return confidence
        return probability(dot(fitted["weights"], kind_signs(kind, text, confidence)))

    def of_comb(self, kind: CropKind, reading: CombText) -> float:
        """That a comb's words, which were read with what is expected of words, are right."""
        return (
            probability(dot(self._fitted[CELLS][kind]["weights"], comb_signs(reading)))
            if reading.text
            else reading.likely
        )

    @property
    def choice(self) -> LineChoice:
        """Which of two readings of a line counts."""
        return LineChoice(self._fitted[LINE]["prefer"], self._fitted[LINE]["trust"])

    def printed(self, probabilities: Sequence[float]) -> float:
        """That a text of PP-OCRv6, whose characters have these probabilities, is right; 0 for none."""
        if not probabilities:
            return 0.0
        return probability(dot(self._fitted[LINE]["printed"], printed_signs(probabilities)))

    def _of_kind(self, kind: CropKind) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = self._fitted[LINE].get(BY_KIND, {}).get(kind)
        return found


def kind_signs(kind: CropKind, text: str, confidence: float) -> tuple[float, float, float, float]:
    """What tells whether a line of a kind is right: the log-odds the readers give it, whether its form is usual,
    whether a sign may be lost, 1.
    """
    return logit(confidence), float(is_usual(kind, text)), float(is_bare(kind, text)), 1.0


def comb_signs(reading: CombText) -> tuple[float, float, float, float]:
    """What tells whether a comb's words are right: the log-odds of the reading among others, what its characters say
    each by itself, the share of known words, 1.
    """
    alone = sum(math.log(max(chance, 1e-6)) for chance in reading.characters)
    return logit(reading.likely), alone, reading.known, 1.0


def printed_signs(probabilities: Sequence[float]) -> tuple[float, float, float, float]:
    """What tells whether a reading of PP-OCRv6 is right: its log-probability, its least sure character, length, 1."""
    logs = [math.log(max(probability, 1e-6)) for probability in probabilities]
    return sum(logs), min(logs), math.log1p(len(logs)), 1.0
