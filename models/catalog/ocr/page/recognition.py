"""Reads one text line with a CTC network: pixels of the line in, characters with their columns out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.ocr.page.line_traits import TENSOR, Traits, column_traits, no_traits, traits_of
from models.catalog.ocr.page.printed_classes import PrintedClasses
from models.runtimes.onnx import Network
from models.runtimes.onnx_file import showing

LINE_HEIGHT = 48
WIDTH_STEP = 32
MIN_WIDTH = 96
MAX_WIDTH = 3200
BLANK = 0


@dataclass(frozen=True, slots=True)
class ReadLine:
    """What stands on one line."""

    text: str
    confidences: tuple[float, ...]
    """One for each character."""
    centres: tuple[float, ...]
    """Of each character along the line, 0 at its start and 1 at its end; estimates."""
    traits: Traits = field(default_factory=no_traits, compare=False)
    """What the line looks like, whatever it says."""
    features: npt.NDArray[np.float32] | None = field(default=None, compare=False, repr=False)
    """What the recogniser saw, (channels, rows, columns), paper behind the line included."""
    stretch: float = 1.0
    """Columns of the features, of those that the line takes."""

    def column_traits(self) -> npt.NDArray[np.float32]:
        """(columns, traits) along the line, without the paper behind it. Raises ValueError where nobody has looked."""
        if self.features is None:
            raise ValueError("a line that no recogniser read has no columns to look at")
        return column_traits(self.features[:, :, : max(1, math.ceil(self.features.shape[2] / self.stretch))])

    @property
    def confidence(self) -> float:
        """Mean over the characters, those of confidence 0 left out, which were not read; 0 for an empty line."""
        read = [confidence for confidence in self.confidences if confidence > 0]
        return sum(read) / len(read) if read else 0.0

    def mean_confidence(self, start: int, end: int) -> float:
        """Mean over the characters from `start` to before `end`; 0 for none."""
        return sum(self.confidences[start:end]) / (end - start) if end > start else 0.0


class LineRecogniser:
    """A loaded recogniser.

    A line is read alone, in a width rounded up to a multiple of WIDTH_STEP: what is read never depends on the
    lines beside it (padding to the widest of a batch changes the text), and on one thread a batch is not faster.
    """

    def __init__(self, model: Path) -> None:
        self._network = Network(model, partial(showing, tensor=TENSOR))
        self._classes = PrintedClasses(self._network)

    @property
    def alphabet(self) -> frozenset[str]:
        """All characters it can answer."""
        return frozenset(self._classes.characters)

    def read(
        self, line: npt.NDArray[np.uint8], alphabet: frozenset[str] | None = None, stretch: float = 1.0
    ) -> ReadLine:
        """Text of a (height, width, 3) BGR crop of one upright line, in characters of `alphabet` and spaces.

        `stretch` widens the line: the network answers a character and the gap after it every 8 columns at best, too
        few for small, narrow print.

        The probabilities of the allowed characters are made to sum to 1 in each column; computing the whole layer costs
        less than a hundredth of a line.
        """
        height, width = line.shape[:2]
        used = min(MAX_WIDTH, max(1, round(width * stretch * LINE_HEIGHT / height)))
        shrinks = height > 2 * LINE_HEIGHT
        scaled = cv2.resize(line, (used, LINE_HEIGHT), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        padded = max(MIN_WIDTH, -(-used // WIDTH_STEP) * WIDTH_STEP)
        blob = np.zeros((1, 3, LINE_HEIGHT, padded), np.float32)
        blob[0, :, :, :used] = scaled.transpose(2, 0, 1) / np.float32(127.5) - np.float32(1)
        probabilities, features = (output[0] for output in self._network.outputs(blob))
        allowed, characters = self._classes.of(probabilities, alphabet)
        found = self._decode(allowed, characters, padded / used)
        return replace(found, traits=traits_of(features, used / padded), features=features, stretch=padded / used)

    def _decode(self, probabilities: npt.NDArray[np.float32], alphabet: Sequence[str], stretch: float) -> ReadLine:
        """Greedy CTC: the likeliest class of each column, repeats and blanks dropped."""
        best = probabilities.argmax(axis=1)
        new = np.ones(len(best), dtype=bool)
        new[1:] = best[1:] != best[:-1]
        columns = np.flatnonzero(new & (best != BLANK))
        centres = (columns + 0.5) / len(best) * stretch
        return ReadLine(
            text="".join(alphabet[best[column]] for column in columns),
            confidences=tuple(float(probabilities[column, best[column]]) for column in columns),
            centres=tuple(float(min(1.0, centre)) for centre in centres),
        )
