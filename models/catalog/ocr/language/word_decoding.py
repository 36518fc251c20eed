"""From the scores of the handwriting network to text, and to how far it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, log1p

import numpy as np
import numpy.typing as npt

from models.catalog.ocr.field.line_choice import logit
from models.catalog.ocr.language.character_prior import EDGE
from models.catalog.ocr.language.ctc import BLANK, Scores, probabilities_of
from models.catalog.ocr.language.expectations import Spelling
from models.catalog.ocr.language.prefix_beam import UNLIKELY, Expectation, Found, search

LEAST_LOG = -30.0
_LEAST_PROBABILITY = 1e-6


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text."""

    text: str
    probabilities: tuple[float, ...]
    """Of its characters."""
    signs: npt.NDArray[np.float64]
    """What tells whether it is right: see `_signs`."""
    others: tuple[Found, ...]
    """What else it could be, likeliest first."""


class WordDecoder:
    """With the network's alphabet: its classes from 1 on."""

    def __init__(self, alphabet: str, spelling: Spelling) -> None:
        self._alphabet = alphabet
        self._spelling = spelling

    def decode(self, scores: Scores, expected: Expectation | None = None) -> Decoded:
        """The text of (columns, classes) log-probabilities; by default with the spelling expected."""
        scores = _without_gaps(scores)
        best, *others = search(scores, self._alphabet, expected or self._spelling)
        labels = [self._alphabet.index(sign) + 1 for sign in best.text]
        probabilities = tuple(probabilities_of(scores, labels))
        return Decoded(best.text, probabilities, self._signs(best, probabilities), tuple(others))

    def _signs(self, found: Found, probabilities: tuple[float, ...]) -> npt.NDArray[np.float64]:
        """Log-probabilities of the text and of its least sure character; its log-odds among the other texts;
        for texts with letters, how usual they are and 1; the share of known among words; length; and 1.
        """
        text = found.text
        least = log(max(min(probabilities, default=0.0), _LEAST_PROBABILITY))
        # A number is never usual, however clear it is.
        words = any(sign.isalpha() for sign in text)
        usual = sum(self._spelling.prior.log_probability(text[:end], sign) for end, sign in enumerate(text + EDGE))
        known, count = self._spelling.lexicon.known(text)
        whole = max(found.seen, LEAST_LOG)
        of_words = (words * usual / (len(text) + 1), float(words), known / max(count, 1))
        return np.array([whole, least, logit(found.share), *of_words, log1p(len(text)), 1.0])


def _without_gaps(scores: Scores) -> Scores:
    """Of each run of columns that show nothing but blank the first: the others tell no texts apart and cost time."""
    blank = scores[:, BLANK + 1 :].max(axis=1) <= UNLIKELY
    blank[1:] &= blank[:-1].copy()
    blank[0] = False
    return np.asarray(scores[~blank], dtype=np.float32)


def confidence_of(signs: npt.NDArray[np.float64], weights: list[float]) -> float:
    """Logistic regression, fitted on writers that the network was not trained on."""
    return float(1 / (1 + np.exp(-np.dot(signs, weights))))
