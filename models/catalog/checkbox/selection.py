"""From many overlapping candidates to the boxes of a page: one for each place, and none among letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.checkbox.frames import Frames
from models.catalog.checkbox.overlaps import OVERLAP, extents, first_apart
from models.catalog.checkbox.page_ink import Mask

Floats = npt.NDArray[np.float64]

_MOST_CANDIDATES = 700
_LIKE_SIZE = 0.16
_MANY, _FEW_OF_MANY = 6, 0.2
_MOST_CELLS = 1_000
_CELL = 0.5
"""Taken from the score of what shares a wall with a cell."""


@dataclass(frozen=True, slots=True)
class Found:
    """One box; in working pixels where nothing else is said."""

    left: float
    top: float
    right: float
    bottom: float
    confidence: float
    radio: bool = False
    cornered: bool = False
    """Nothing but its corners is known of its border."""

    @property
    def side(self) -> float:
        """Mean of width and height."""
        return (self.right - self.left + self.bottom - self.top) / 2

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return self.left, self.top, self.right, self.bottom

    def overlaps(self, other: Found, share: float = OVERLAP) -> bool:
        """Whether the two share more than that of the smaller."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        if width <= 0 or height <= 0:
            return False
        smaller = min(
            (self.right - self.left) * (self.bottom - self.top), (other.right - other.left) * (other.bottom - other.top)
        )
        return width * height > share * smaller


def choose_frames(frames: Sequence[Frames], masks: Sequence[Mask], least: float) -> list[Found]:
    """The frames of confidence `least` and above that do not overlap, surest first."""
    rated: list[Found] = []
    for found, mask in zip(frames, masks, strict=True):
        boxes, scores = found.boxes, found.scores - _CELL * shares_a_wall(found.boxes, [one.cells for one in frames])
        order = np.argsort(-scores, kind="stable")
        rated += [rate(boxes[i], float(scores[i]), mask) for i in order[: 2 * _MOST_CANDIDATES]]
    chosen = without_overlaps(rated)[:_MOST_CANDIDATES]
    return [box for box in _in_company(chosen) if box.confidence >= least]


def shares_a_wall(boxes: Floats, cells: Sequence[Floats]) -> npt.NDArray[np.bool_]:
    """For each of `boxes` whether one of `cells` is right beside, above or below it, as in a comb."""
    shared = np.zeros(len(boxes), np.bool_)
    for group in cells:
        others = group[:_MOST_CELLS]
        for near, far, low, high in ((0, 2, 1, 3), (1, 3, 0, 2)):
            slack = 0.14 * (boxes[:, 2] - boxes[:, 0])[:, None]
            beside = np.abs(boxes[:, far, None] - others[None, :, near]) <= slack
            beside |= np.abs(boxes[:, near, None] - others[None, :, far]) <= slack
            beside &= np.abs(boxes[:, low, None] - others[None, :, low]) <= slack
            beside &= np.abs(boxes[:, high, None] - others[None, :, high]) <= slack
            shared |= beside.any(axis=1)
    return shared


def without_overlaps(found: Sequence[Found]) -> list[Found]:
    """The surest of every set that overlaps."""
    ranked = sorted(found, key=lambda box: -box.confidence)
    return [ranked[index] for index in first_apart(extents(ranked))]


def rate(box: Floats, score: float, mask: Mask) -> Found:
    """The box with the confidence that its border alone gives; `score` is about 0.8 to 1."""
    left, top, right, bottom = (int(v) for v in box)
    side = min(right - left, bottom - top)
    whole = share_of_one_piece(mask, left, top, right, bottom)
    crowd = _crowd(mask, left, top, right, bottom)
    lopsided = abs(float(np.log((right - left) / (bottom - top))))
    value = 14 * (score - 0.86) + 7 * (whole - 0.72) - 5 * max(0.0, crowd - 0.08) - 5 * max(0.0, lopsided - 0.06)
    value += 0.6 if side >= 20 else -0.6
    if _cornerless(mask, left, top, right, bottom):
        value -= 4
    return Found(left, top, right, bottom, 1 / (1 + float(np.exp(-value))))


def share_of_one_piece(mask: Mask, left: int, top: int, right: int, bottom: int) -> float:
    """Share of the border that the largest connected piece of it makes up; letters that line up come in pieces."""
    band = max(2, min(right - left, bottom - top) // 9)
    y0, x0 = max(0, top - band), max(0, left - band)
    crop = mask[y0 : bottom + band + 1, x0 : right + band + 1].copy()
    crop[top - y0 + band + 1 : bottom - y0 - band, left - x0 + band + 1 : right - x0 - band] = 0
    count, labels = cv2.connectedComponents(crop, connectivity=8)
    if count < 2:
        return 0.0
    ys, xs = np.arange(top - y0, bottom - y0 + 1), np.arange(left - x0, right - x0 + 1)
    best = 0.0
    sizes = np.bincount(labels.ravel(), minlength=count)[1:]
    for label in np.argsort(-sizes)[:3] + 1:
        own = labels == label
        across = own[: 2 * band + 1].any(axis=0)[xs].mean() + own[-2 * band - 1 :].any(axis=0)[xs].mean()
        along = own[:, : 2 * band + 1].any(axis=1)[ys].mean() + own[:, -2 * band - 1 :].any(axis=1)[ys].mean()
        best = max(best, float(across + along) / 4)
    return best


def _cornerless(mask: Mask, left: int, top: int, right: int, bottom: int) -> bool:
    """Whether two or more corners have hardly any ink, as of a letter O; rounded boxes still have some."""
    patch = max(2, round(0.14 * min(right - left, bottom - top)))
    shares = [
        float(mask[y : y + patch, x : x + patch].mean()) if mask[y : y + patch, x : x + patch].size else 0.0
        for y in (max(0, top - 1), bottom + 2 - patch)
        for x in (max(0, left - 1), right + 2 - patch)
    ]
    return sorted(shares)[1] < 0.12


def _crowd(mask: Mask, left: int, top: int, right: int, bottom: int) -> float:
    """The lesser share of ink close to the left and to the right; both are inked only inside a word."""
    side = right - left
    near, far = max(3, side // 9), max(5, side // 3)
    rows = slice(top + side // 6, max(top + side // 6 + 1, bottom - side // 6))
    beside = (mask[rows, max(0, left - far) : max(0, left - near)], mask[rows, right + near + 1 : right + far + 1])
    return min(float(part.mean()) if part.size else 0.0 for part in beside)


def _in_company(found: Sequence[Found]) -> list[Found]:
    """Raise boxes that have sure boxes of their size on the page, lower the odd ones out."""
    sure = np.array([box.side for box in found if box.confidence > 0.8])
    commonest = max((int(np.sum(np.abs(sure - side) <= _LIKE_SIZE * side)) for side in sure), default=0)
    result: list[Found] = []
    for box in found:
        like = int(np.sum(np.abs(sure - box.side) <= _LIKE_SIZE * np.maximum(sure, box.side))) - (box.confidence > 0.8)
        logit = float(np.log(box.confidence / (1 - box.confidence + 1e-9) + 1e-9))
        logit += 0.45 * min(like, 4) if like else -0.3
        if commonest >= _MANY and like + 1 < _FEW_OF_MANY * commonest:
            logit = min(logit, 3.0) - 3.5
        confidence = min(0.98, 1 / (1 + float(np.exp(-logit))))
        result.append(Found(box.left, box.top, box.right, box.bottom, confidence, box.radio))
    return result
