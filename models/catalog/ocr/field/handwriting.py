"""Reads handwritten words and short lines with a network of our own on top of what PP-OCRv6 sees.

The first stages of the shipped PP-OCRv6 recogniser see more of handwriting than its last layers make of it. Ours were
trained on pen strokes and handwriting fonts from there on (`training/words.py`). Both readings share a pass through
the first stages, so that asking for both costs less than two readings.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from models.catalog.ocr.field.ink_line import Grey
from models.catalog.ocr.field.line_features import Features, LineFeatures
from models.catalog.ocr.language.ctc import BLANK, Scores
from models.catalog.ocr.language.expectations import Form, Spelling
from models.catalog.ocr.language.word_decoding import WordDecoder, confidence_of
from models.runtimes.latest_answer import LatestAnswer
from models.runtimes.onnx import Network

ALPHABET_PROPERTY = "alphabet"
"""Of the network's file: JSON text with the characters of its classes from 1 on; class 0 is the blank."""
CONFIDENCE_PROPERTY = "confidence"
"""Of the network's file: JSON list of the weights for `confidence_of`."""
NEVER = -30.0
"""Log-probability of what is not allowed."""


class Reading(NamedTuple):
    """What stands in a crop."""

    text: str
    confidence: float
    """Estimated probability that the text is right to the letter; 0 for a crop without ink."""
    characters: tuple[float, ...]
    """Probability of each character of the text."""
    others: tuple[tuple[str, float], ...] = ()
    """What else the reader thought of, with probabilities, likeliest first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What may stand in a crop."""

    alphabet: Collection[str] | None = None
    """The only characters that may; None: any."""
    usual: Callable[[str], bool] | None = None
    """Whether a text of figures has a form that is likelier than others; None: all are alike."""


ANYTHING = Asked()


class HandwritingReader:
    """The first stages of PP-OCRv6's recogniser and the network that goes on from there, of one process."""

    def __init__(self, recogniser: Path, network: Path, spelling: Spelling) -> None:
        self._features = LineFeatures(recogniser)
        self._network = LatestAnswer(Network(network))
        properties = self._network.properties
        self.alphabet: str = json.loads(properties[ALPHABET_PROPERTY])
        self._decoder = WordDecoder(self.alphabet, spelling)
        self._weights = [float(weight) for weight in json.loads(properties[CONFIDENCE_PROPERTY])]

    def read(self, line: Grey, asked: Asked = ANYTHING) -> Reading:
        """The text of a line as `ink_line` gives it.

        With an alphabet the probabilities are those given that nothing else was written.
        """
        return self._read(self._features.of(line), asked)

    def read_both(self, line: Grey, asked: Asked = ANYTHING, sure: float = 1.0) -> tuple[Reading, Reading | None]:
        """Our reading, and that of PP-OCRv6, which runs on from the same features.

        None instead of it where ours is as sure as `sure`. Its confidence is the mean of its characters' probabilities,
        not an estimate of being right.
        """
        features = self._features.of(line)
        ours = self._read(features, asked)
        if ours.confidence >= sure:
            return ours, None
        alphabet = None if asked.alphabet is None else frozenset(asked.alphabet)
        text, characters = self._features.printed(features, alphabet)
        mean = sum(characters) / len(characters) if characters else 0.0
        return ours, Reading(text, mean, characters)

    def scores(self, line: Grey) -> Scores:
        """Log-probabilities, (columns, classes), of a line as `ink_line` gives it."""
        return self._scores(self._features.of(line))

    def _scores(self, features: Features) -> Scores:
        found: Scores = self._network(features[None])[0]
        return found

    def _read(self, features: Features, asked: Asked) -> Reading:
        scores = self._scores(features)
        expected = None
        if asked.alphabet is not None:
            scores = limited(scores, [index + 1 for index, sign in enumerate(self.alphabet) if sign in asked.alphabet])
            if not any(sign.isalpha() for sign in asked.alphabet):
                expected = Form(asked.usual or _any)
        found = self._decoder.decode(scores, expected)
        confidence = confidence_of(found.signs, self._weights) if found.text else 0.0
        return Reading(found.text, confidence, found.probabilities, tuple((o.text, o.share) for o in found.others))


def _any(text: str) -> bool:
    return True


def limited(scores: Scores, labels: list[int]) -> Scores:
    """Scores given that only `labels` and the blank occur."""
    allowed = np.full(scores.shape[1], False)
    allowed[[BLANK, *labels]] = True
    kept = np.where(allowed, scores, np.float32(NEVER))
    return np.asarray(kept - np.logaddexp.reduce(kept, axis=1, keepdims=True), dtype=np.float32)
