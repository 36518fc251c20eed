"""What the network says of each box: how likely each state is, and that there is a box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.crops import Extent, cut
from models.runtimes.onnx import Network
from schemas.prediction import CheckboxState

STATES = (
    CheckboxState.EMPTY,
    CheckboxState.TICKED,
    CheckboxState.CROSSED,
    CheckboxState.FILLED,
    CheckboxState.SCRIBBLED_OUT,
    CheckboxState.MARKED,
    CheckboxState.UNREADABLE,
)
"""In the order of the network's answers; the last answer is that there is a box."""
_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Beliefs:
    """Of n boxes."""

    states: npt.NDArray[np.float32]
    """(n, 7): of STATES, each row sums to 1."""
    box: npt.NDArray[np.float32]
    """(n,): that there is a box."""


class BoxReader:
    """The network, loaded."""

    def __init__(self, path: Path) -> None:
        """Raises OSError when the file cannot be read, an onnxruntime error when it is no model it can run."""
        self._network = Network(path)

    def read(self, grey: npt.NDArray[np.uint8], boxes: Sequence[Extent]) -> Beliefs:
        """The beliefs about `boxes` (pixels of the grey page), in order."""
        found = [np.zeros((0, len(STATES) + 1), np.float32)]
        for start in range(0, len(boxes), _AT_ONCE):
            crops = cut(grey, boxes[start : start + _AT_ONCE])
            found.append(self._network(crops))
        answers = np.concatenate(found)
        return Beliefs(answers[:, : len(STATES)], answers[:, len(STATES)])
