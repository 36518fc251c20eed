"""Finds text lines on a page with a differentiable-binarisation network (DB, arXiv 1911.08947)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.ocr.page.scale import Strip, plan_strips
from models.contract import WHOLE, Share
from models.runtimes.onnx import Network

INK_THRESHOLD = 0.3
LINE_THRESHOLD = 0.5
GROW = 1.6
"""How far the shrunk text kernel is grown back: distance = area x GROW / perimeter (DB, section 3.4)."""
MIN_KERNEL_PX = 3
MAX_LINES = 2000


@dataclass(frozen=True, slots=True)
class TextRegion:
    """A text line's place."""

    corners: npt.NDArray[np.float32]
    """(4, 2) x, y in pixels of the page, clockwise from the top left."""
    score: float


class TextDetector:
    """A loaded detector."""

    def __init__(self, model: Path) -> None:
        self._network = Network(model)

    def find(self, page: npt.NDArray[np.uint8], share: Share = WHOLE) -> list[TextRegion]:
        """The text lines of a (height, width, 3) BGR page whose middles are in this share's strips, in no order."""
        regions: list[TextRegion] = []
        for strip in _strips(page, share):
            regions += self._find_in(page, strip)
        return regions[:MAX_LINES]

    def _find_in(self, page: npt.NDArray[np.uint8], strip: Strip) -> list[TextRegion]:
        part = page[strip.top : strip.bottom]
        shrinks = strip.input_height < part.shape[0]
        scaled = cv2.resize(
            part, (strip.input_width, strip.input_height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        )
        blob = np.ascontiguousarray(scaled.transpose(2, 0, 1)[None], dtype=np.float32)
        blob /= 127.5
        blob -= 1.0
        ink = self._network(blob)[0, 0]
        to_page = np.array([part.shape[1] / strip.input_width, part.shape[0] / strip.input_height], dtype=np.float32)
        found = []
        for corners, score in _kernels(ink):
            placed = corners * to_page + np.array([0, strip.top], dtype=np.float32)
            if strip.owns(float(placed[:, 1].mean())):
                found.append(TextRegion(_inside(placed, page.shape[1], page.shape[0]), score))
        return [region for region in found if _is_large_enough(region.corners)]


def is_in_share(corners: npt.NDArray[np.float32], page: npt.NDArray[np.uint8], share: Share) -> bool:
    """Whether the middle of a place on the page is in this share's strips."""
    return any(strip.owns(float(corners[:, 1].mean())) for strip in _strips(page, share))


def _strips(page: npt.NDArray[np.uint8], share: Share) -> list[Strip]:
    strips = plan_strips(page.shape[1], page.shape[0])
    first, end = (len(strips) * number // share.of for number in (share.number, share.number + 1))
    return strips[first:end]


def _kernels(ink: npt.NDArray[np.float32]) -> list[tuple[npt.NDArray[np.float32], float]]:
    mask = cv2.dilate((ink > INK_THRESHOLD).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    kernels = []
    for contour in contours:
        centre, (width, height), angle = cv2.minAreaRect(contour)
        if min(width, height) < MIN_KERNEL_PX:
            continue
        score = _mean_inside(ink, cv2.boxPoints((centre, (width, height), angle)))
        if score < LINE_THRESHOLD:
            continue
        # A rectangle offset outwards by d with round joints has, as its smallest enclosing rectangle, the
        # rectangle itself grown by 2 d each way: no polygon library is needed.
        distance = GROW * width * height / (2 * (width + height))
        grown = cv2.boxPoints((centre, (width + 2 * distance, height + 2 * distance), angle))
        kernels.append((_clockwise(grown), score))
    return kernels


def _mean_inside(ink: npt.NDArray[np.float32], corners: npt.NDArray[np.float32]) -> float:
    height, width = ink.shape
    left, top = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, (width - 1, height - 1))
    right, bottom = np.clip(np.ceil(corners.max(axis=0)).astype(int), 0, (width - 1, height - 1))
    mask = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
    cv2.fillPoly(mask, [(corners - (left, top)).astype(np.int32)], 1)
    return float(cv2.mean(ink[top : bottom + 1, left : right + 1], mask)[0])


def _clockwise(corners: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    by_x = corners[np.argsort(corners[:, 0], kind="stable")]
    left = by_x[:2][np.argsort(by_x[:2, 1], kind="stable")]
    right = by_x[2:][np.argsort(by_x[2:, 1], kind="stable")]
    return np.array([left[0], right[0], right[1], left[1]], dtype=np.float32)


def _inside(corners: npt.NDArray[np.float32], width: int, height: int) -> npt.NDArray[np.float32]:
    # In whole pixels an upright line is copied, not resampled, when it is cut out; small print needs that.
    return np.clip(np.round(corners), 0, (width, height)).astype(np.float32)


def _is_large_enough(corners: npt.NDArray[np.float32]) -> bool:
    return bool(
        np.linalg.norm(corners[0] - corners[1]) > MIN_KERNEL_PX
        and np.linalg.norm(corners[0] - corners[3]) > MIN_KERNEL_PX
    )
