"""What the PP-OCRv6 recogniser sees along a line, before it decides on characters, and what it decides itself."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.catalog.ocr.field.ink_line import HEIGHT
from models.catalog.ocr.language.ctc import collapsed
from models.catalog.ocr.page.line_traits import TENSOR
from models.catalog.ocr.page.printed_classes import PrintedClasses
from models.runtimes.latest_answer import LatestAnswer
from models.runtimes.onnx import Network
from models.runtimes.onnx_file import beyond, until

COLUMN_WIDTH = 4
WIDTH_STEP = 8
"""Pixels: the layers behind look at pairs of columns."""
LEAST_WIDTH = 64
"""Narrower lines are read no better with more paper beside them, and cost more."""

Features = npt.NDArray[np.float32]
"""(CHANNELS, ROWS, columns)."""
Line = npt.NDArray[np.uint8]
"""(HEIGHT, width), as `ink_line` gives it."""


class LineFeatures:
    """The shipped recogniser, stopped before its last stage; it can be let run on from there."""

    def __init__(self, model: Path) -> None:
        self._first = LatestAnswer(Network(model, partial(until, tensor=TENSOR)))
        self._rest = LatestAnswer(Network(model, partial(beyond, tensor=TENSOR)))
        self._classes = PrintedClasses(self._rest)

    def of(self, line: Line) -> Features:
        """The features of a line."""
        width = line.shape[1]
        padded = max(LEAST_WIDTH, -(-width // WIDTH_STEP) * WIDTH_STEP)
        blob = np.zeros((1, 3, HEIGHT, padded), np.float32)
        blob[0, :, :, :width] = line / np.float32(127.5) - np.float32(1)
        found: Features = self._first(blob)[0]
        return found

    def printed(self, features: Features, alphabet: frozenset[str] | None) -> tuple[str, tuple[float, ...]]:
        """What PP-OCRv6 reads from the features of a line: its text and the probability of each character."""
        scores = self._rest(features[None])[0]
        allowed, characters = self._classes.of(scores, alphabet)
        best = allowed.argmax(axis=1)
        found = collapsed(best, allowed[np.arange(len(best)), best])
        return "".join(characters[label] for label, _ in found), tuple(probability for _, probability in found)
