"""Which of many blank pages a page may be, at any quarter turn and of about the size or a quarter more or less.

As in `voting`, keypoints of each blank page look for their likes on the page and vote for where its middle lies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.blank_pages.features import PageFeatures
from models.blank_pages.voting import bits_of, nearest

_VOTERS = 128
_ASKED = 700
_SCALES = (0.8, 1.0, 1.25)
_QUARTERS = tuple(
    np.array(turn, np.float32) for turn in ([[1, 0], [0, 1]], [[0, -1], [1, 0]], [[-1, 0], [0, -1]], [[0, 1], [-1, 0]])
)
_BIN = 60.0
_BINS = 32


@dataclass(frozen=True, slots=True)
class Voters:
    """Keypoints of one blank page."""

    bits: npt.NDArray[np.float32]
    points: npt.NDArray[np.float32]
    """(n, 2) pixels from the middle of the page."""


def voters_of(blank: PageFeatures) -> Voters:
    """The strongest keypoints of each part of the page."""
    return Voters(bits_of(blank.descriptors[:_VOTERS]), blank.points[:_VOTERS] - _middle(blank))


def candidates(page: PageFeatures, all_voters: Sequence[Voters]) -> npt.NDArray[np.int64]:
    """For each blank page how many of its voters agree on how the page lies."""
    asked = bits_of(page.descriptors[:_ASKED])
    if not all_voters or len(asked) < 2:
        return np.zeros(len(all_voters), np.int64)
    found = [nearest(voters.bits, asked) for voters in all_voters]
    best, clear = (np.concatenate(each) for each in zip(*found, strict=True))
    who = np.repeat(np.arange(len(all_voters)), [len(voters.bits) for voters in all_voters])[clear]
    ours = np.concatenate([voters.points for voters in all_voters])[clear]
    theirs = page.points[best[clear]] - _middle(page)
    agreed = [
        _most(who, theirs - np.float32(scale) * ours @ turn.T, len(all_voters))
        for turn in _QUARTERS
        for scale in _SCALES
    ]
    return np.asarray(np.max(agreed, axis=0), dtype=np.int64)


def _middle(page: PageFeatures) -> npt.NDArray[np.float32]:
    return np.array([page.ink.shape[1] / 2, page.ink.shape[0] / 2], np.float32)


def _most(who: npt.NDArray[np.int64], moves: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.int64]:
    """For each blank page the most votes in any window of two bins each way; moves are within +-960 pixels."""
    places = np.clip((moves / _BIN + _BINS / 2).astype(np.int64), 0, _BINS - 1)
    flat = (who * _BINS + places[:, 1]) * _BINS + places[:, 0]
    cells = np.bincount(flat, minlength=count * _BINS * _BINS).reshape(count, _BINS, _BINS)
    windows = cells[:, :-1, :-1] + cells[:, 1:, :-1] + cells[:, :-1, 1:] + cells[:, 1:, 1:]
    return np.asarray(windows.reshape(count, -1).max(axis=1), dtype=np.int64)
