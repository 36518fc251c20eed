"""What of a page can be found again on another copy of it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from models.ink import FAINTEST, Ink, grey_page, ink_of

LONGEST_PIXELS = 800
_KEYPOINTS = 1200
_KEYPOINT_SCALE = 0.7
_STRONGEST = 200
_RATIO = 0.8
_FAINTEST_EVER = 0.02


@dataclass(frozen=True, slots=True)
class PageFeatures:
    """A page at the size of comparison."""

    ink: Ink
    """Its longer side at most 800 pixels; slightly blurred, so that a pixel's misplacement does no harm."""
    points: npt.NDArray[np.float32]
    """(n, 2) places of its keypoints, x and y in pixels of `ink`, strongest first."""
    descriptors: npt.NDArray[np.float32]
    """(n, 128) root-SIFT descriptors."""


def features_of(pixels: npt.NDArray[np.uint8]) -> PageFeatures:
    """The keypoints (SIFT, Lowe 2004) and ink of a grey or BGR page."""
    grey = grey_page(pixels, LONGEST_PIXELS)
    ink = _full_contrast(ink_of(grey, _FAINTEST_EVER))
    flat = np.asarray(255 - 255 * np.clip(ink, 0, 1), dtype=np.uint8)
    # SIFT doubles its image before it starts: at full size it would be three quarters of the whole cost.
    smaller = cv2.resize(flat, None, fx=_KEYPOINT_SCALE, fy=_KEYPOINT_SCALE, interpolation=cv2.INTER_AREA)
    found, raw = cv2.SIFT.create(nfeatures=_KEYPOINTS).detectAndCompute(smaller, None)
    order = np.argsort([-keypoint.response for keypoint in found], kind="stable") if found else np.empty(0, np.int64)
    points = np.array([found[index].pt for index in order], np.float32).reshape(-1, 2) / _KEYPOINT_SCALE
    descriptors = np.empty((0, 128), np.float32) if raw is None else _root(raw[order])
    return PageFeatures(np.asarray(cv2.GaussianBlur(ink, (0, 0), 1.0), dtype=np.float32), points, descriptors)


def _full_contrast(ink: Ink) -> Ink:
    """`ink` with its darkest print at 1, so that a pale copy compares like a crisp one."""
    darkest = float(np.clip(np.quantile(ink[::2, ::2], 0.999), _FAINTEST_EVER / FAINTEST, 1))
    stretched = np.minimum(ink / darkest, 1)
    stretched[stretched < FAINTEST] = 0
    return np.asarray(stretched, dtype=np.float32)


def matches(page: PageFeatures, reference: PageFeatures, strongest: bool = False) -> npt.NDArray[np.int64]:
    """(m, 2) indices of reference and page keypoints that are each other's clear best match.

    With `strongest` only the reference's strongest keypoints are looked at: a quick look rather than a proof.
    """
    ours = reference.descriptors[:_STRONGEST] if strongest else reference.descriptors
    if len(ours) < 2 or len(page.descriptors) < 2:
        return np.empty((0, 2), np.int64)
    # Unit vectors: the nearest has the largest product, and distance squared is 2 - 2 * product.
    products = ours @ page.descriptors.T
    best = products.argmax(axis=1)
    rows = np.arange(len(ours))
    nearest = 2 - 2 * products[rows, best]
    products[rows, best] = -1
    second = 2 - 2 * products.max(axis=1)
    clear = nearest < _RATIO**2 * second
    return np.stack([rows[clear], best[clear]], axis=1)


def _root(raw: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Descriptors compared by Hellinger distance (Arandjelovic and Zisserman 2012)."""
    total = np.maximum(raw.sum(axis=1, keepdims=True), 1e-6)
    return np.asarray(np.sqrt(raw / total), dtype=np.float32)
