"""Reads handwritten words and short lines with a network of our own on top of what PP-OCRv6 sees.

The convolutions of the shipped PP-OCRv6 recogniser see more of handwriting than its own last layers make of it. The
head (`training/words.py`) was trained on pen strokes and handwriting fonts, and reads those features; as both readings
come from one pass, asking for both costs little more than asking for one.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.ocr.ctc import BLANK, Scores, best_path, log_probability
from models.ocr.ink_line import Grey, ink_line
from models.ocr.line_features import Features, LineFeatures
from models.runtimes.onnx import open_session

ALPHABET_PROPERTY = "alphabet"
"""Of the head's file: JSON text with the characters of its classes from 1 on; class 0 is the blank."""
CONFIDENCE_PROPERTY = "confidence"
"""Of the head's file: JSON list of the weights for `confidence_of`."""
NEVER = -30.0
"""Log-probability of what is not allowed."""


class Reading(NamedTuple):
    """What stands in a crop."""

    text: str
    confidence: float
    """Estimated probability that the text is right to the letter; 0 for a crop without ink."""
    characters: tuple[float, ...]
    """Probability of each character of the text."""


NOTHING = Reading("", 0.0, ())


class HandwritingReader:
    """The recogniser's convolutions and the head, of one process."""

    def __init__(self, recogniser: Path, head: Path) -> None:
        self._features = LineFeatures(recogniser)
        self._head = open_session(head)
        properties = self._head.get_modelmeta().custom_metadata_map
        self.alphabet: str = json.loads(properties[ALPHABET_PROPERTY])
        self._weights = [float(weight) for weight in json.loads(properties[CONFIDENCE_PROPERTY])]

    def read(self, crop: Grey, alphabet: Collection[str] | None = None) -> Reading:
        """The text of a (height, width) grey crop of one line. `alphabet`: the only characters that may stand there.

        Frames and rules are taken out first. With an alphabet the probabilities are those given that nothing else
        was written.
        """
        line = ink_line(crop)
        return NOTHING if line is None else self._read(self._features.of(line), alphabet)

    def read_both(self, crop: Grey, alphabet: Collection[str] | None = None) -> tuple[Reading, Reading]:
        """Our reading, and that of PP-OCRv6 of the same pass; the latter knows no alphabet, and its confidence is the
        mean of its characters' probabilities, not an estimate of being right.
        """
        line = ink_line(crop)
        if line is None:
            return NOTHING, NOTHING
        features, text, characters = self._features.with_reading(line)
        mean = sum(characters) / len(characters) if characters else 0.0
        return self._read(features, alphabet), Reading(text, mean, characters)

    def scores(self, crop: Grey) -> Scores | None:
        """Log-probabilities, (columns, classes); None without ink."""
        line = ink_line(crop)
        return None if line is None else self._scores(self._features.of(line))

    def _scores(self, features: Features) -> Scores:
        found: Scores = self._head.run(None, {"x": features[None]})[0][0]
        return found

    def _read(self, features: Features, alphabet: Collection[str] | None) -> Reading:
        scores = self._scores(features)
        if alphabet is not None:
            scores = limited(scores, [index + 1 for index, sign in enumerate(self.alphabet) if sign in alphabet])
        found = best_path(scores)
        text = "".join(self.alphabet[label - 1] for label, _ in found)
        probabilities = tuple(probability for _, probability in found)
        confidence = confidence_of(signs_of_trust(scores, [label for label, _ in found], probabilities), self._weights)
        return Reading(text, confidence if text else 0.0, probabilities)


def limited(scores: Scores, labels: list[int]) -> Scores:
    """Scores given that only `labels` and the blank occur."""
    allowed = np.full(scores.shape[1], False)
    allowed[[BLANK, *labels]] = True
    kept = np.where(allowed, scores, np.float32(NEVER))
    return np.asarray(kept - np.logaddexp.reduce(kept, axis=1, keepdims=True), dtype=np.float32)


def signs_of_trust(scores: Scores, labels: list[int], probabilities: tuple[float, ...]) -> npt.NDArray[np.float64]:
    """What tells whether a reading is right: its log-probability, that of its least sure character, its length, 1."""
    least = np.log(max(min(probabilities, default=1e-6), 1e-6))
    return np.array([max(log_probability(scores, labels), NEVER), least, np.log1p(len(labels)), 1.0])


def confidence_of(signs: npt.NDArray[np.float64], weights: list[float]) -> float:
    """Logistic regression, fitted on writers that the head was not trained on."""
    return float(1 / (1 + np.exp(-np.dot(signs, weights))))
