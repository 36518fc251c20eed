"""What the classes of PP-OCRv6's recogniser mean, and its scores where only some characters may occur."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.catalog.ocr.language.ctc import BLANK
from models.runtimes.latest_answer import LatestAnswer
from models.runtimes.onnx import Network

_PROPERTY = "character"

Probabilities = npt.NDArray[np.float32]
"""(columns, classes)."""


class PrintedClasses:
    """The characters that the file of a network names; the space is the last class."""

    def __init__(self, network: Network | LatestAnswer) -> None:
        characters = network.properties[_PROPERTY].split("\n")
        self._alphabet = ["", *characters[: network.classes - 2], " "]
        self._classes_of: dict[frozenset[str], npt.NDArray[np.intp]] = {}

    @property
    def characters(self) -> list[str]:
        """By class; the first, the blank, is empty."""
        return self._alphabet

    def of(self, probabilities: Probabilities, alphabet: frozenset[str] | None) -> tuple[Probabilities, list[str]]:
        """The probabilities given that only the blank, `alphabet` and spaces occur, and what their classes mean.

        They are made to sum to 1 in each column, as if the last layer had no other classes.
        """
        if alphabet is None:
            return probabilities, self._alphabet
        classes = self._classes(alphabet)
        allowed = np.maximum(probabilities[:, classes], np.finfo(np.float32).tiny)
        allowed /= allowed.sum(axis=1, keepdims=True)
        return allowed, [self._alphabet[index] for index in classes]

    def _classes(self, alphabet: frozenset[str]) -> npt.NDArray[np.intp]:
        if alphabet not in self._classes_of:
            kept = [index for index, character in enumerate(self._alphabet) if character in alphabet]
            self._classes_of[alphabet] = np.array([BLANK, *kept, len(self._alphabet) - 1])
        return self._classes_of[alphabet]
