"""How much of a blank form's print is found on a page, each piece where it should be.

Shared keypoints lay the page over the form but do not prove it: forms of one house share logos, headings and
boxes. The proof is the print itself, piece by piece.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.document_type.features import PageFeatures, matches
from models.ink import Ink

_LEAST_MATCHES = 12
_OUTLIER_PIXELS = 4.0
_TILE = 40
_SLACK = 4
_TILE_INK = 0.012
_LEAST_SEEN = 0.5


@dataclass(frozen=True, slots=True)
class Tile:
    """A piece of the form that has print on it."""

    top: int
    left: int
    ink: Ink
    weight: float


@dataclass(frozen=True, slots=True)
class Reference:
    """A blank page, ready for comparison."""

    features: PageFeatures
    tiles: tuple[Tile, ...]


def reference_of(features: PageFeatures) -> Reference:
    """The tiles of 40 x 40 pixels that have print on them."""
    height, width = features.ink.shape
    tiles = []
    for top in range(_SLACK, height - _TILE - _SLACK + 1, _TILE):
        for left in range(_SLACK, width - _TILE - _SLACK + 1, _TILE):
            piece = features.ink[top : top + _TILE, left : left + _TILE]
            amount = float(piece.mean())
            if amount >= _TILE_INK and float(piece.std()) > 0:
                tiles.append(Tile(top, left, np.ascontiguousarray(piece), amount**0.5))
    return Reference(features, tuple(tiles))


def compare(page: PageFeatures, reference: Reference) -> float:
    """0..1: how well the form's print is found on the page; 0 where the page cannot be laid over the form."""
    matrix = lay_over(page, reference.features)
    return 0.0 if matrix is None else agreement(page, reference, matrix)


def lay_over(page: PageFeatures, reference: PageFeatures) -> npt.NDArray[np.float64] | None:
    """3 x 3 matrix from page pixels to reference pixels, or None where too little matches or the page would fold."""
    pairs = matches(page, reference)
    if len(pairs) < _LEAST_MATCHES:
        return None
    source, target = page.points[pairs[:, 1]], reference.points[pairs[:, 0]]
    matrix, inliers = cv2.findHomography(
        source, target, cv2.USAC_MAGSAC, _OUTLIER_PIXELS, maxIters=2000, confidence=0.999
    )
    if matrix is None or int(inliers.sum()) < _LEAST_MATCHES or not _plausible(matrix, page.ink):
        return None
    return np.asarray(matrix, dtype=np.float64)


def _plausible(matrix: npt.NDArray[np.float64], ink: Ink) -> bool:
    """The page stays a convex sheet, not mirrored, between a third and three times the size."""
    height, width = ink.shape
    corners = np.array([[[0, 0]], [[width, 0]], [[width, height]], [[0, height]]], np.float32)
    laid = cv2.perspectiveTransform(corners, matrix).astype(np.float32)
    area = cv2.contourArea(laid, oriented=True) / (width * height)
    return bool(cv2.isContourConvex(laid) and 1 / 9 < area < 9)


def agreement(page: PageFeatures, reference: Reference, matrix: npt.NDArray[np.float64]) -> float:
    """Weighted mean over the visible tiles of their best correlation within 4 pixels of where they should be."""
    height, width = reference.features.ink.shape
    laid = cv2.warpPerspective(page.ink, matrix, (width, height))
    seen = cv2.warpPerspective(np.ones_like(page.ink), matrix, (width, height))
    scores, weights, all_weight = [], [], 0.0
    for tile in reference.tiles:
        all_weight += tile.weight
        rows = slice(tile.top - _SLACK, tile.top + _TILE + _SLACK)
        columns = slice(tile.left - _SLACK, tile.left + _TILE + _SLACK)
        if float(seen[rows, columns].min()) < 1:
            continue
        place = laid[rows, columns]
        found = (
            0.0 if float(place.std()) < 1e-4 else float(cv2.matchTemplate(place, tile.ink, cv2.TM_CCOEFF_NORMED).max())
        )
        scores.append(found)
        weights.append(tile.weight)
    if not scores or sum(weights) < _LEAST_SEEN * all_weight:
        return 0.0
    return float(np.clip(np.average(scores, weights=weights), 0, 1))
