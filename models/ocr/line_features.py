"""What the PP-OCRv6 recogniser sees along a line, before it decides on characters, and what it decides itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from models.ocr.ctc import collapsed
from models.ocr.ink_line import HEIGHT
from models.runtimes.onnx import open_session

TENSOR = "p2o.pd_op.add.64.0"
"""Output of the last convolution in the graph: (1, CHANNELS, 3, columns), one column for COLUMN_WIDTH pixels."""
CHANNELS = 384
COLUMN_WIDTH = 4
WIDTH_STEP = 32
LEAST_WIDTH = 96

Features = npt.NDArray[np.float32]
"""(columns, CHANNELS)."""
Line = npt.NDArray[np.uint8]
"""(HEIGHT, width), as `ink_line` gives it."""


class LineFeatures:
    """The shipped recogniser with one of its inner tensors as a further output; its file is as it was."""

    def __init__(self, model: Path) -> None:
        self._session = open_session(model, [TENSOR])
        self._input = self._session.get_inputs()[0].name
        self._scores = self._session.get_outputs()[0].name
        characters = self._session.get_modelmeta().custom_metadata_map["character"].split("\n")
        classes = self._session.get_outputs()[0].shape[-1]
        self._alphabet = ["", *characters[: classes - 2], " "]
        # Otherwise the layers behind the tensor run too.
        self._options = ort.RunOptions()
        self._options.only_execute_path_to_fetches = True

    def of(self, line: Line) -> Features:
        """The features of a line."""
        (seen,) = self._run([TENSOR], line)
        return _along(seen, line)

    def with_reading(self, line: Line) -> tuple[Features, str, tuple[float, ...]]:
        """The features, and what PP-OCRv6 reads: its text and the probability of each character."""
        seen, scores = self._run([TENSOR, self._scores], line)
        best = scores[0].argmax(axis=1)
        found = collapsed(best, scores[0][np.arange(len(best)), best])
        text = "".join(self._alphabet[label] for label, _ in found)
        return _along(seen, line), text, tuple(probability for _, probability in found)

    def _run(self, wanted: Sequence[str], line: Line) -> list[npt.NDArray[np.float32]]:
        width = line.shape[1]
        padded = max(LEAST_WIDTH, -(-width // WIDTH_STEP) * WIDTH_STEP)
        blob = np.zeros((1, 3, HEIGHT, padded), np.float32)
        blob[0, :, :, :width] = line / np.float32(127.5) - np.float32(1)
        found: list[npt.NDArray[np.float32]] = self._session.run(wanted, {self._input: blob}, self._options)
        return found


def _along(seen: npt.NDArray[np.float32], line: Line) -> Features:
    # Even: the layers behind look at pairs of columns.
    columns = max(2, -(-line.shape[1] // COLUMN_WIDTH) // 2 * 2)
    return np.ascontiguousarray(seen[0].mean(axis=1).T[:columns])
