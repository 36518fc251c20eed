"""What of a page can be found again on another copy of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.ink import FAINTEST, Ink, grey_page, ink_of

LONGEST_PIXELS = 800
_KEYPOINTS = 1000
_CANDIDATES = 4000
_CELL = 100.0
_SHARE = 20
_RATIO = 0.85
_FAINTEST_EVER = 0.02
_LEAST_PIXELS = 64
_SHADED, _DARKEST_SHADING = (7, 41), 0.35
"""Pixels, across and along, that shading has at least, and the darkest ink that is taken for such."""

Descriptors = npt.NDArray[np.uint8]
"""(n, 32) ORB descriptors of 256 bits."""


@dataclass(frozen=True, slots=True)
class PageFeatures:
    """A page at the size of comparison."""

    ink: Ink
    """Its longer side at most 800 pixels; slightly blurred, so that a pixel's misplacement does no harm."""
    points: npt.NDArray[np.float32]
    """(n, 2) places of its keypoints, x and y in pixels of `ink`, the strongest of each part of the page first."""
    descriptors: Descriptors


def features_of(pixels: npt.NDArray[np.uint8], longest: int = LONGEST_PIXELS, margin: int = 0) -> PageFeatures:
    """The keypoints (ORB, Rublee et al. 2011) and ink of a grey or BGR page of at most `longest` pixels.

    Within 31 pixels of the edge there are none, unless paper of `margin` pixels is put around the page first.

    ORB laid the drawn pages over their forms as well as SIFT, at a tenth of the time.
    """
    ink = full_contrast(ink_of(grey_page(pixels, longest), _FAINTEST_EVER))
    # Without the blur the strongest keypoints of a poor copy are its specks.
    flat = cv2.GaussianBlur(cv2.convertScaleAbs(ink, alpha=-255, beta=255), (0, 0), 1.2)
    if margin:
        flat = cv2.copyMakeBorder(flat, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=(255,))
    finder = cv2.ORB.create(nfeatures=_CANDIDATES, scaleFactor=1.2, nlevels=8, fastThreshold=10)
    # OpenCV fails on pages of a few pixels, and when asked to describe nothing.
    detected = finder.detect(flat, None) if min(flat.shape) >= _LEAST_PIXELS else ()
    found, raw = finder.compute(flat, _spread(detected)) if detected else ((), None)
    points = np.asarray(cv2.KeyPoint.convert(found), np.float32).reshape(-1, 2) - np.float32(margin)
    descriptors = np.empty((0, 32), np.uint8) if raw is None else np.asarray(raw, dtype=np.uint8)
    return PageFeatures(_without_shading(np.asarray(cv2.GaussianBlur(ink, (0, 0), 1.0))), points, descriptors)


def _without_shading(ink: npt.NDArray[np.float32]) -> Ink:
    """Less the pale ground of rows and headings, which half of all copies lose."""
    level, upright = (cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(s, np.uint8)) for s in (_SHADED, _SHADED[::-1]))
    ground = np.maximum(level, upright)
    return np.where(ground > _DARKEST_SHADING, ink, ink - ground).astype(np.float32)


def _spread(found: Sequence[cv2.KeyPoint]) -> list[cv2.KeyPoint]:
    """At most 1000, twenty of each cell first: a filled-in half must not outshout the rest of the page."""
    places = np.asarray(cv2.KeyPoint.convert(found), np.float32).reshape(-1, 2)
    strengths = np.array([keypoint.response for keypoint in found], np.float32)
    cells = (places // _CELL).astype(np.int64) @ np.array([1, 1000])
    order = np.lexsort((-strengths, cells))
    starts = np.flatnonzero(np.r_[True, np.diff(cells[order]) > 0]) if len(order) else np.empty(0, np.int64)
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order)) - np.repeat(starts, np.diff(np.r_[starts, len(order)]))
    return [found[index] for index in np.lexsort((-strengths, ranks // _SHARE))[:_KEYPOINTS]]


def full_contrast(ink: Ink) -> Ink:
    """`ink` with its darkest print at 1, so that a pale copy compares like a crisp one."""
    sample = ink[::3, ::3].ravel()
    place = min(sample.size - 1, int(0.999 * sample.size))
    darkest = float(np.clip(np.partition(sample, place)[place], _FAINTEST_EVER / FAINTEST, 1))
    stretched = np.minimum(ink * np.float32(1 / darkest), 1)
    _, kept = cv2.threshold(stretched, FAINTEST, 0, cv2.THRESH_TOZERO)
    return np.asarray(kept, dtype=np.float32)


def matches(page: PageFeatures, reference: PageFeatures) -> npt.NDArray[np.int64]:
    """(m, 2) indices of reference and page keypoints where the page's is clearly the best match."""
    best, clear = _clear_matches(reference.descriptors, page.descriptors)
    return np.stack([np.flatnonzero(clear), best[clear]], axis=1)


def _clear_matches(ours: Descriptors, theirs: Descriptors) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """For each of ours the nearest of theirs (Hamming), and whether it is clearly nearer than the second."""
    if len(ours) == 0 or len(theirs) < 2:
        return np.zeros(len(ours), np.int64), np.zeros(len(ours), np.bool_)
    distances, nearest = cv2.batchDistance(
        ours, theirs, dtype=cv2.CV_32S, normType=cv2.NORM_HAMMING, K=2, crosscheck=False
    )
    return nearest[:, 0].astype(np.int64), distances[:, 0] < _RATIO * distances[:, 1]
