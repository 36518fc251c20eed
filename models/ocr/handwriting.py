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

from models.ocr.character_prior import CharacterPrior
from models.ocr.ctc import BLANK, Scores
from models.ocr.ink_line import Grey, wide_line
from models.ocr.lexicon import Lexicon
from models.ocr.line_features import Features, LineFeatures
from models.ocr.word_decoding import WordDecoder, confidence_of
from models.runtimes.onnx import open_session

ALPHABET_PROPERTY = "alphabet"
"""Of the head's file: JSON text with the characters of its classes from 1 on; class 0 is the blank."""
CONFIDENCE_PROPERTY = "confidence"
"""Of the head's file: JSON list of the weights for `confidence_of`."""
PRIOR_PROPERTY = "prior"
"""Of the head's file: a packed CharacterPrior."""
LEXICON_PROPERTY = "lexicon"
"""Of the head's file: a packed Lexicon."""
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
        prior = CharacterPrior.unpacked(properties[PRIOR_PROPERTY])
        self._decoder = WordDecoder(self.alphabet, prior, Lexicon.unpacked(properties[LEXICON_PROPERTY]))
        self._weights = [float(weight) for weight in json.loads(properties[CONFIDENCE_PROPERTY])]

    def read(self, crop: Grey, alphabet: Collection[str] | None = None) -> Reading:
        """The text of a (height, width) grey crop of one line. `alphabet`: the only characters that may stand there.

        Frames and rules are taken out first. With an alphabet the probabilities are those given that nothing else
        was written.
        """
        line = wide_line(crop)
        return NOTHING if line is None else self._read(self._features.of(line), alphabet)

    def read_both(self, crop: Grey, alphabet: Collection[str] | None = None) -> tuple[Reading, Reading]:
        """Our reading, and that of PP-OCRv6 of the same pass; the latter knows no alphabet, and its confidence is the
        mean of its characters' probabilities, not an estimate of being right.
        """
        line = wide_line(crop)
        if line is None:
            return NOTHING, NOTHING
        features, text, characters = self._features.with_reading(line)
        mean = sum(characters) / len(characters) if characters else 0.0
        return self._read(features, alphabet), Reading(text, mean, characters)

    def scores(self, crop: Grey) -> Scores | None:
        """Log-probabilities, (columns, classes); None without ink."""
        line = wide_line(crop)
        return None if line is None else self._scores(self._features.of(line))

    def _scores(self, features: Features) -> Scores:
        found: Scores = self._head.run(None, {"x": features[None]})[0][0]
        return found

    def _read(self, features: Features, alphabet: Collection[str] | None) -> Reading:
        scores = self._scores(features)
        if alphabet is not None:
            scores = limited(scores, [index + 1 for index, sign in enumerate(self.alphabet) if sign in alphabet])
        # Figures follow no spelling.
        guess = alphabet is None or any(sign.isalpha() for sign in alphabet)
        found = self._decoder.decode(scores, guess=guess)
        confidence = confidence_of(found.signs, self._weights) if found.text else 0.0
        return Reading(found.text, confidence, found.probabilities)


def limited(scores: Scores, labels: list[int]) -> Scores:
    """Scores given that only `labels` and the blank occur."""
    allowed = np.full(scores.shape[1], False)
    allowed[[BLANK, *labels]] = True
    kept = np.where(allowed, scores, np.float32(NEVER))
    return np.asarray(kept - np.logaddexp.reduce(kept, axis=1, keepdims=True), dtype=np.float32)
