"""What a region holds, as the network trained by `train.py` sees it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.runtimes.onnx import open_session
from models.signature.region_input import network_input
from schemas.prediction import SignatureKind

KINDS = tuple(SignatureKind)
"""Order of the network's output."""
SIGNED = (SignatureKind.SIGNATURE, SignatureKind.INITIALS)

Shares = npt.NDArray[np.float32]
"""(regions, 7): probability of each kind, in the order of KINDS."""

_BATCH = 16
_SMALLEST = 4
"""Sides of a crop, in pixels, below which there is nothing to see."""


class RegionNetwork:
    """The network in onnxruntime."""

    def __init__(self, path: Path) -> None:
        """Raises OSError or an onnxruntime error when the file is no such network."""
        self._session = open_session(path)

    def shares(self, crops: Sequence[npt.NDArray[np.uint8]]) -> Shares:
        """Probability of each kind for each grey crop; a crop of hardly any pixels is empty for sure."""
        out = np.zeros((len(crops), len(KINDS)), np.float32)
        out[:, KINDS.index(SignatureKind.EMPTY)] = 1
        seen = [number for number, crop in enumerate(crops) if min(crop.shape) >= _SMALLEST]
        for start in range(0, len(seen), _BATCH):
            numbers = seen[start : start + _BATCH]
            inputs = np.stack([network_input(crops[number])[None] for number in numbers])
            (found,) = self._session.run(None, {"x": inputs})
            out[numbers] = found[:, :, 0, 0]
        return out


def share(shares: Shares, kind: SignatureKind) -> npt.NDArray[np.float32]:
    """The column of `kind`."""
    return np.asarray(shares[:, KINDS.index(kind)])
