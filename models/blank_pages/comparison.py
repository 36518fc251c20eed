"""How much of a blank form's print is found on a page, each piece where it should be.

Shared keypoints lay the page over the form but do not prove it: forms of one house share logos, headings and
boxes, and next year's edition nearly everything. The proof is the print itself, piece by piece.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.blank_pages.features import PageFeatures, matches
from models.blank_pages.tiles import Found, Print, find, print_of, refine
from models.blank_pages.whole_page import LaidWhole, laid_whole, sharpened
from models.ink import Ink

_LEAST_MATCHES = 12
_OUTLIER_PIXELS = 2.0
_LEAST_SEEN = 0.5
_WEAKEST = 0.1
_SETTLED = 4
"""How often a page laid by its print as a whole is settled by its large tiles: perspective takes two or three."""
_BY_RULES = 2
"""Of these times, the first: writing draws tiles of print away from their place."""
_SURE = 0.8
"""No lower score can be told from one that is low only because the page lies badly."""

Matrix = npt.NDArray[np.float64]
Points = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reference:
    """A blank page, ready for comparison."""

    features: PageFeatures
    print: Print


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing a page with a reference gave."""

    score: float
    """0..1: the mean of how well the print is found, and of how well its weakest tenth is found.

    The first falls with the copy's quality, the second when a part of the form is another: a new edition.
    """
    found: Found | None = None
    """Tile by tile; None where the page cannot be laid over the form."""
    matrix: Matrix | None = None
    """3 x 3, pixels of the page at the size of comparison to pixels of the reference at that size."""


NOTHING_ALIKE = Comparison(0.0)


def reference_of(features: PageFeatures) -> Reference:
    """The page with its print cut into tiles."""
    return Reference(features, print_of(features.ink))


def compare(page: PageFeatures, reference: Reference, *, thorough: bool = True) -> Comparison:
    """Lay the page over the form and look for the form's print.

    Where that leaves doubt, and `thorough` is asked for, the page is laid anew as a flat sheet (turn, scale and move
    only: keypoints that agree may all lie in one corner, and a perspective then drifts off towards the others), and
    settled by its large tiles.
    """
    pairs = _paired(page, reference.features)
    best = NOTHING_ALIKE
    for lay in (_in_perspective, _flat) if thorough else (_in_perspective,):
        matrix = None if pairs is None else lay(*pairs)
        for _ in range(3 if thorough else 1):
            if matrix is None or best.score >= _SURE or not _plausible(matrix, page.ink):
                break
            best = max(best, _looked(page, reference, matrix), key=lambda comparison: comparison.score)
            matrix = refine(page.ink, reference.print, matrix) if thorough and best.score < _SURE else None
    return best


def compare_whole(page: PageFeatures, reference: Reference) -> Comparison:
    """As `compare`, of a straightened page on which keypoints tell nothing: laid by all of the print at once."""
    best = NOTHING_ALIKE
    for way in laid_whole(page.ink, reference.features.ink):
        if best.score < _SURE:
            best = max(best, settled(page, reference, way), key=lambda comparison: comparison.score)
    return best


def settled(page: PageFeatures, reference: Reference, way: LaidWhole) -> Comparison:
    """The page laid in about this way, and settled by its large tiles: first of what laid it, then of all print."""
    best, matrix = NOTHING_ALIKE, sharpened(way)
    rules = (_both_ways(way.page), print_of(_both_ways(way.blank))) if way.by_rules else None
    for number in range(1 + _SETTLED):
        if best.score >= _SURE or not _plausible(matrix, page.ink):
            break
        best = max(best, _looked(page, reference, matrix), key=lambda comparison: comparison.score)
        better = refine(*rules, matrix) if rules is not None and number < _BY_RULES else None
        better = refine(page.ink, reference.print, matrix) if better is None else better
        if better is None:
            break
        matrix = better
    return best


def _both_ways(rules: Ink) -> Ink:
    return np.asarray(rules.max(axis=2), dtype=np.float32)


def _looked(page: PageFeatures, reference: Reference, matrix: Matrix) -> Comparison:
    found = find(page.ink, reference.print, matrix)
    return Comparison(score_of(found, reference.print), found, matrix)


def score_of(found: Found, wanted: Print) -> float:
    """Mean of the weighted mean over the visible tiles and of the mean of their weakest tenth; 0 if half is unseen."""
    seen = found.seen
    if wanted.weights[seen].sum() < _LEAST_SEEN * wanted.weights.sum() or not seen.any():
        return 0.0
    order = np.argsort(found.agreement[seen], kind="stable")
    values, weights = found.agreement[seen][order], wanted.weights[seen][order]
    weakest = np.cumsum(weights) - weights < _WEAKEST * weights.sum()
    mean = np.average(values, weights=weights)
    return float(0.5 * mean + 0.5 * np.average(values[weakest], weights=weights[weakest]))


def _paired(page: PageFeatures, reference: PageFeatures) -> tuple[Points, Points] | None:
    """Keypoints of the page and of the reference that match, or None where too few do."""
    pairs = matches(page, reference)
    return None if len(pairs) < _LEAST_MATCHES else (page.points[pairs[:, 1]], reference.points[pairs[:, 0]])


def _in_perspective(source: Points, target: Points) -> Matrix | None:
    """MAGSAC (Barath et al. 2019)."""
    matrix, inliers = cv2.findHomography(
        source, target, cv2.USAC_MAGSAC, _OUTLIER_PIXELS, maxIters=2000, confidence=0.999
    )
    return np.asarray(matrix, np.float64) if matrix is not None and int(inliers.sum()) >= _LEAST_MATCHES else None


def _flat(source: Points, target: Points) -> Matrix | None:
    matrix, inliers = cv2.estimateAffinePartial2D(source, target, method=cv2.RANSAC, ransacReprojThreshold=6.0)
    if matrix is None or int(inliers.sum()) < _LEAST_MATCHES:
        return None
    return np.vstack([matrix, [0.0, 0.0, 1.0]]).astype(np.float64)


def _plausible(matrix: Matrix, ink: Ink) -> bool:
    """The page stays a convex sheet, not mirrored, between a third and three times the size."""
    height, width = ink.shape
    corners = np.array([[[0, 0]], [[width, 0]], [[width, height]], [[0, height]]], np.float32)
    laid = cv2.perspectiveTransform(corners, matrix).astype(np.float32)
    area = cv2.contourArea(laid, oriented=True) / (width * height)
    return bool(cv2.isContourConvex(laid) and 1 / 9 < area < 9)
