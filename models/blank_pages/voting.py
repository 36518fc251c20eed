"""A quick look at all registered types at once, to say which are worth a proper comparison.

The strongest keypoints of each form look for their likes on the page and vote for where the page lies. Those of the
right form agree; others scatter over the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.blank_pages.features import Descriptors, PageFeatures

_VOTERS = 100
_ASKED = 600
_BITS = 128
_CLEAR = 0.95
_BIN = 60.0
"""Pixels; a vote counts for a window of two bins each way, so a page may be a tenth larger or smaller."""
_BINS = 32
_SIDE = _BIN * _BINS / 2


@dataclass(frozen=True, slots=True)
class Ballot:
    """The voters of one reference page."""

    bits: npt.NDArray[np.float32]
    """(n, 128) the first half of each descriptor's bits as -1 and 1: a product of matrices counts the equal ones."""
    points: npt.NDArray[np.float32]
    """(n, 2) in pixels at the size of comparison."""


def ballot_of(reference: PageFeatures) -> Ballot:
    """The strongest keypoints."""
    return Ballot(bits_of(reference.descriptors[:_VOTERS]), reference.points[:_VOTERS])


def votes(page: PageFeatures, ballots: Sequence[Ballot]) -> list[int]:
    """For each reference, how many of its voters agree on where the page lies, upright or upside down."""
    asked = bits_of(page.descriptors[:_ASKED])
    if not ballots or len(asked) < 2:
        return [0] * len(ballots)
    found = [nearest(ballot.bits, asked) for ballot in ballots]
    best, clear = (np.concatenate(each) for each in zip(*found, strict=True))
    who = np.repeat(np.arange(len(ballots)), [len(ballot.bits) for ballot in ballots])[clear]
    ours = np.concatenate([ballot.points for ballot in ballots])[clear]
    theirs = page.points[best[clear]]
    upright = _agreed(who, theirs - ours, len(ballots))
    turned = _agreed(who, theirs + ours - _SIDE, len(ballots))
    return [int(count) for count in np.maximum(upright, turned)]


def nearest(
    ours: npt.NDArray[np.float32], theirs: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """For each voter the likest keypoint of the page, and whether it is clearly so; one ballot fits a core's cache."""
    alike = ours @ theirs.T
    rows = np.arange(len(alike))
    best = alike.argmax(axis=1)
    nearest = _BITS - alike[rows, best]
    alike[rows, best] = -_BITS
    return best, nearest < _CLEAR * (_BITS - alike.max(axis=1))


def bits_of(descriptors: Descriptors) -> npt.NDArray[np.float32]:
    """(n, 128) the first half of each descriptor's bits as -1 and 1."""
    return np.unpackbits(descriptors[:, : _BITS // 8], axis=1).astype(np.float32) * 2 - 1


def _agreed(who: npt.NDArray[np.int64], moves: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.float64]:
    """For each of `count` references, most votes in any window; moves are within +-960 pixels."""
    places = np.clip(((moves + _SIDE) / _BIN).astype(np.int64), 0, _BINS - 1)
    flat = (who * _BINS + places[:, 1]) * _BINS + places[:, 0]
    cells = np.bincount(flat, minlength=count * _BINS * _BINS).reshape(count, _BINS, _BINS)
    windows = cells[:, :-1, :-1] + cells[:, 1:, :-1] + cells[:, :-1, 1:] + cells[:, 1:, 1:]
    return np.asarray(windows.reshape(count, -1).max(axis=1), dtype=np.float64)
