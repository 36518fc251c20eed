"""How far keypoints of a page lie beside where a placement says: a first idea of how the paper is bent."""

from __future__ import annotations

import cv2
import numpy as np

from models.blank_pages.blocks import Moves
from models.blank_pages.features import PageFeatures, matches
from models.blank_pages.placement import Matrix, Placement, through

_LEAST_ALIKE = 6
_FARTHEST = 0.022
"""Of the longer side: paper that curls moves print by no more from where it would be on a flat sheet."""


def keypoint_moves(page: PageFeatures, blank: PageFeatures, placement: Placement) -> Moves:
    """The moves of all keypoints that match within reach; some are wrong."""
    pairs = matches(page, blank)
    size, page_size = np.array(blank.ink.shape[::-1]), np.array(page.ink.shape[::-1])
    # The middle of a pixel is half a pixel from its corner.
    places = (blank.points[pairs[:, 0]] + 0.5) / size
    found = through(
        np.asarray(np.linalg.inv(placement.matrix), np.float64), (page.points[pairs[:, 1]] + 0.5) / page_size
    )
    moves = found - places
    near = np.hypot(*(moves * size).T) < _FARTHEST * size.max()
    count = int(near.sum())
    return Moves(places[near], moves[near], np.tile(np.eye(2), (count, 1, 1)))


def flat_by_few(page: PageFeatures, blank: PageFeatures) -> Matrix | None:
    """The page as a flat sheet (pixels of the page to those of the blank page) by as few as six keypoints.

    For pages of lines and little text; six agree by chance too, so the print has the last word.
    """
    pairs = matches(page, blank)
    if len(pairs) < _LEAST_ALIKE:
        return None
    source, target = page.points[pairs[:, 1]], blank.points[pairs[:, 0]]
    matrix, inliers = cv2.estimateAffinePartial2D(source, target, method=cv2.RANSAC, ransacReprojThreshold=4.0)
    if matrix is None or int(inliers.sum()) < _LEAST_ALIKE:
        return None
    return np.asarray(np.vstack([matrix, [0.0, 0.0, 1.0]]), dtype=np.float64)
