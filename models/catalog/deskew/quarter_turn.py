"""How often a page is turned by 90 degrees: a small network's look at its middle, and a vote where that is unsure."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.deskew.turning import turned_upright
from models.runtimes.onnx import Network

SURE = 0.6
"""Least confidence that is acted upon."""
_PLAIN = 0.97
"""Least confidence at which one look is enough."""
_SCORES = (0.25, 0.5, 0.6, 0.7, 0.8, 0.88, 0.92, 0.94)
_RIGHT = (0.25, 0.35, 0.5, 0.62, 0.8, 0.97, 0.995, 0.999)
"""How often the network's best score is right: it ends at 0.94 on plain pages, and up to 0.8 is too sure on pages of a
few words or rules. From 360 turned pages, 140 of them nearly empty."""
_SHORT_SIDE = 256
_CROP = 224
_LONG_PAGE = 1.6
_MEAN = np.array([0.485, 0.456, 0.406], np.float32)[:, None, None]
_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)[:, None, None]


@dataclass(frozen=True, slots=True)
class QuarterTurn:
    """How often the page is turned clockwise from upright, 0 to 3, and how sure that is."""

    turns: int
    confidence: float

    @property
    def plain(self) -> bool:
        """No vote is needed."""
        return self.confidence >= _PLAIN

    @property
    def sure(self) -> bool:
        """The turn should be undone."""
        return self.confidence >= SURE


def first_look(network: Network, grey: npt.NDArray[np.uint8]) -> QuarterTurn:
    """What the network says of the page as it is."""
    return _best(scores(network, [grey])[0])


def vote(network: Network, straight: npt.NDArray[np.uint8]) -> QuarterTurn:
    """The mean of what all four turns of the page say about it; `straight` is the page without its fine angle.

    A page that is a few degrees askew is what most often misleads the network, by 180 degrees.
    """
    return _best(np.mean([_votes(network, part) for part in _parts(straight)], axis=0))


def _best(found: npt.NDArray[np.float64] | npt.NDArray[np.float32]) -> QuarterTurn:
    return QuarterTurn(int(found.argmax()), right_of(float(found.max())))


def right_of(score: float) -> float:
    """How often the network is right that gives its best answer this score."""
    return float(np.interp(score, _SCORES, _RIGHT))


def _votes(network: Network, grey: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """(4,) scores for each number of turns of `grey`, from looking at it turned four ways."""
    seen = scores(network, [turned_upright(grey, turns) for turns in range(4)])
    return np.asarray(np.mean([np.roll(row, turns) for turns, row in enumerate(seen)], axis=0))


def _parts(grey: npt.NDArray[np.uint8]) -> list[npt.NDArray[np.uint8]]:
    """The page, or of a long one its top, middle and bottom: the network sees only a square."""
    height, width = grey.shape
    short, long = min(height, width), max(height, width)
    if long < _LONG_PAGE * short:
        return [grey]
    starts = (0, (long - short) // 2, long - short)
    return [grey[s : s + short] if height > width else grey[:, s : s + short] for s in starts]


def scores(network: Network, pages: list[npt.NDArray[np.uint8]]) -> npt.NDArray[np.float32]:
    """(pages, 4) probabilities that each page is turned 0, 1, 2, 3 times clockwise."""
    batch = np.stack([_network_input(page) for page in pages])
    return network(batch)


def _network_input(grey: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """(3, 224, 224): the middle of the page, normalised as ImageNet is."""
    scale = _SHORT_SIDE / min(grey.shape)
    size = (max(_CROP, round(grey.shape[1] * scale)), max(_CROP, round(grey.shape[0] * scale)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    top, left = (size[1] - _CROP) // 2, (size[0] - _CROP) // 2
    middle = small[top : top + _CROP, left : left + _CROP].astype(np.float32) / 255
    return np.asarray((middle[None] - _MEAN) / _DEVIATION, dtype=np.float32)
