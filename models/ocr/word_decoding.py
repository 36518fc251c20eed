"""From the scores of the handwriting network to text, and to how far it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, log1p

import numpy as np
import numpy.typing as npt

from models.ocr.character_prior import EDGE, CharacterPrior
from models.ocr.ctc import Scores, best_path, log_probability, probabilities_of
from models.ocr.lexicon import Lexicon
from models.ocr.prefix_beam import Search, search

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


class WordDecoder:
    """With the network's alphabet (its classes from 1 on), and the prior and lexicon that it was published with."""

    def __init__(self, alphabet: str, prior: CharacterPrior, lexicon: Lexicon, how: Search | None = None) -> None:
        self._alphabet = alphabet
        self.prior = prior
        self.lexicon = lexicon
        self._how = how or Search()

    def decode(self, scores: Scores, *, guess: bool = True) -> Decoded:
        """The text of (columns, classes) log-probabilities; `guess`: with what prior and lexicon expect."""
        if guess:
            labels = search(scores, self._alphabet, self.prior, self.lexicon, self._how)
        else:
            labels = [label for label, _ in best_path(scores)]
        text = "".join(self._alphabet[label - 1] for label in labels)
        probabilities = tuple(probabilities_of(scores, labels))
        return Decoded(text, probabilities, self._signs(scores, labels, text, probabilities))

    def _signs(
        self, scores: Scores, labels: list[int], text: str, probabilities: tuple[float, ...]
    ) -> npt.NDArray[np.float64]:
        """Log-probabilities of the text and of its least sure character; for texts with letters, how usual they are
        and 1; the share of known among words; length; and 1.
        """
        least = log(max(min(probabilities, default=0.0), _LEAST_PROBABILITY))
        # A number is never usual, however clear it is.
        words = any(sign.isalpha() for sign in text)
        usual = sum(self.prior.log_probability(text[:end], sign) for end, sign in enumerate(text + EDGE))
        known, count = self.lexicon.known(text)
        whole = max(log_probability(scores, labels), LEAST_LOG)
        of_words = (words * usual / (len(text) + 1), float(words), known / max(count, 1))
        return np.array([whole, least, *of_words, log1p(len(text)), 1.0])


def confidence_of(signs: npt.NDArray[np.float64], weights: list[float]) -> float:
    """Logistic regression, fitted on writers that the network was not trained on."""
    return float(1 / (1 + np.exp(-np.dot(signs, weights))))
