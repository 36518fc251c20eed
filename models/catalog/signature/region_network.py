"""What a region holds, as the network trained by `training.signature.train` sees it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.signature.region_input import HEIGHT, WIDTH, Grey, inked, network_input
from models.runtimes.onnx import Network
from schemas.prediction import Quad, SignatureKind, box_quad

KINDS = tuple(SignatureKind)
"""Order of the network's output."""
SIGNED = (SignatureKind.SIGNATURE, SignatureKind.INITIALS)

Shares = npt.NDArray[np.float32]
"""(regions, 7): probability of each kind, in the order of KINDS."""

_BATCH = 16
_STEP = 16
"""Pixels of the input between windows."""
_PAGE_SIDE = 880
"""Longer side of a page, in pixels of the input, where windows are looked for."""
_MOST_WINDOWS, _WORTH_A_LOOK = 8, 0.2
_SMALLEST = 4
"""Sides of a crop, in pixels, below which there is nothing to see."""


class RegionNetwork:
    """The network in onnxruntime."""

    def __init__(self, path: Path) -> None:
        """Raises OSError or an onnxruntime error when the file is no such network."""
        self._network = Network(path)

    def shares(self, crops: Sequence[Grey]) -> Shares:
        """Probability of each kind for each grey crop; a crop of hardly any pixels is empty for sure."""
        out = np.zeros((len(crops), len(KINDS)), np.float32)
        out[:, KINDS.index(SignatureKind.EMPTY)] = 1
        seen = [number for number, crop in enumerate(crops) if min(crop.shape) >= _SMALLEST]
        for start in range(0, len(seen), _BATCH):
            numbers = seen[start : start + _BATCH]
            inputs = np.stack([network_input(crops[number])[None] for number in numbers])
            found = self._network(inputs)
            out[numbers] = found[:, :, 0, 0]
        return out

    def windows(self, grey: Grey) -> list[Quad]:
        """Up to 8 windows on the page, in its pixels, that look most signed; none overlaps another much.

        The page is seen at one scale, where a window is a place of 7 % of its longer side in height.
        """
        high, wide = grey.shape
        scale = _PAGE_SIDE / max(high, wide)
        size = max(WIDTH, round(wide * scale)), max(HEIGHT, round(high * scale))
        small = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        found = self._network(inked(small)[None, None])
        scores = sum(found[0, KINDS.index(kind)] for kind in SIGNED)
        steps = _STEP * wide / size[0], _STEP * high / size[1]
        across, down = WIDTH * wide / size[0], HEIGHT * high / size[1]
        chosen: list[Quad] = []
        left_over = np.array(scores)
        while len(chosen) < _MOST_WINDOWS and left_over.max() > _WORTH_A_LOOK:
            row, column = np.unravel_index(int(left_over.argmax()), left_over.shape)
            left, top = column * steps[0], row * steps[1]
            chosen.append(box_quad(left, top, left + across, top + down))
            left_over[max(0, row - 2) : row + 3, max(0, column - 7) : column + 8] = 0
        return chosen


def share(shares: Shares, kind: SignatureKind) -> npt.NDArray[np.float32]:
    """The column of `kind`."""
    return np.asarray(shares[:, KINDS.index(kind)])
