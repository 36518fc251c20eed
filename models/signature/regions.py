"""Places on a page where pen strokes may be: large loose strokes and what belongs to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.signature.page_ink import Mask, PageInk

FEATURES = (
    "tall",
    "wide",
    "fill",
    "slanting",
    "letters",
    "thickness",
    "solid",
    "longest",
    "pieces",
    "top_heavy",
    "rows",
)
"""What `describe` measures, in order."""
Floats = npt.NDArray[np.float64]

_MOST_REGIONS = 60


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the working page: left, top, right, bottom, and its features."""

    box: tuple[int, int, int, int]
    features: npt.NDArray[np.float64]


def find_regions(page: PageInk) -> list[Region]:
    """Up to 60 places with large loose strokes, the largest first."""
    unit = page.unit
    _, labels, stats, _ = cv2.connectedComponentsWithStats(page.mask, connectivity=8)
    width, height, area = (stats[:, k].astype(np.float64) for k in (2, 3, 4))
    fill = area / np.maximum(1, width * height)
    large = (height >= 2.1 * unit) & (width >= 1.2 * unit) | (width >= 4 * unit) & (height >= 1.5 * unit)
    large &= (fill < 0.45) & (height < 16 * unit) & (width < 45 * unit) & (area > 0.5 * unit * unit)
    large[0] = False
    if not large.any():
        return []
    order = [int(i) for i in np.argsort(-np.hypot(width, height)) if large[i]]
    seeds = np.isin(labels, order[: 6 * _MOST_REGIONS]).astype(np.uint8)
    joined = cv2.dilate(seeds, np.ones((max(3, round(0.8 * unit)), max(3, round(2.2 * unit))), np.uint8))
    _, _, groups, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    boxes = []
    for left, top, wide, high, _ in groups[1:]:
        inner = seeds[top : top + high, left : left + wide]
        ys, xs = np.nonzero(inner)
        boxes.append((int(left + xs.min()), int(top + ys.min()), int(left + xs.max() + 1), int(top + ys.max() + 1)))
    boxes.sort(key=lambda box: -(box[2] - box[0]) * (box[3] - box[1]))
    return [Region(box, describe(page, box)) for box in boxes[:_MOST_REGIONS]]


def describe(page: PageInk, box: Sequence[int]) -> npt.NDArray[np.float64]:
    """The features of what is inside `box`; zeros where there is no ink."""
    left, top, right, bottom = box
    unit = page.unit
    ink = page.mask[top:bottom, left:right]
    total = float(ink.sum())
    if total < 4:
        return np.zeros(len(FEATURES))
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    width, height, area = (stats[1:, k].astype(np.float64) for k in (2, 3, 4))
    letter = (height < 1.9 * unit) & (width < 2.6 * unit)
    depth = cv2.distanceTransform(cv2.copyMakeBorder(ink, 1, 1, 1, 1, cv2.BORDER_CONSTANT), cv2.DIST_L2, 3)
    thickness = 4 * float(depth.sum()) / total
    core = max(3, round(0.75 * unit))
    solid = float(cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((core, core), np.uint8)).sum())
    profile = ink.sum(axis=1).astype(np.float64)
    biggest = int(np.argmax(np.hypot(width, height)))
    return np.array(
        [
            np.log((float(np.max(height)) + 1) / unit),
            np.log((right - left) / unit),
            total / ink.size,
            _slanting(page.grey[top:bottom, left:right], ink),
            float(area[letter].sum()) / total,
            thickness / unit,
            solid / total,
            np.log(area[biggest] / max(1.0, thickness) / unit + 0.1),
            np.log1p(float(np.sum(area > 0.1 * unit * unit))),
            float((profile * np.arange(len(profile))).sum() / total / len(profile)),
            _rows(profile, unit),
        ]
    )


def _slanting(grey: Mask, ink: Mask) -> float:
    """Share of edges that are neither upright nor level: about a third in print, half and more in loose writing."""
    across = cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=3)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, ksize=3)
    weight = np.hypot(across, down) * cv2.dilate(ink, np.ones((3, 3), np.uint8))
    angle = np.abs(np.degrees(np.arctan2(np.abs(down), np.abs(across))) - 45)
    return float(weight[angle < 25].sum() / max(1.0, float(weight.sum())))


def _rows(profile: npt.NDArray[np.float64], unit: float) -> float:
    """How many text lines the ink falls into."""
    if len(profile) < 3:
        return 1.0
    inked = (profile > 0.12 * profile.max()).astype(np.int8)
    return float(np.sum(np.diff(np.concatenate([[0], inked, [0]])) == 1)) + 0.05 * len(profile) / unit
