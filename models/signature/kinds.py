"""From the score and the features of a region to what is in it."""

from __future__ import annotations

import cv2
import numpy as np

from models.signature.page_ink import PageInk
from models.signature.regions import FEATURES, Floats
from schemas.prediction import SignatureKind

_AT = {name: index for index, name in enumerate(FEATURES)}
_LEAST_INK = 1.2
"""Ink of a mark worth looking at, in square units."""


def kind_of_ink(
    page: PageInk, box: tuple[int, int, int, int], features: Floats, score: float, threshold: float
) -> SignatureKind:
    """What is in `box`, where a score at or above `threshold` is a signature."""
    left, top, right, bottom = box
    ink = float(page.mask[top:bottom, left:right].sum())
    if ink < _LEAST_INK * page.unit**2:
        ruled = float(page.rules[top:bottom, left:right].sum())
        return SignatureKind.STRAY_LINE if ink > 0.4 * page.unit**2 and ruled == 0 else SignatureKind.EMPTY
    if _is_line(features):
        return SignatureKind.STRAY_LINE
    if _is_ring(page, box, features):
        return SignatureKind.STAMP
    if score >= threshold:
        return SignatureKind.INITIALS if features[_AT["wide"]] < np.log(5) else SignatureKind.SIGNATURE
    if features[_AT["letters"]] > 0.6 or features[_AT["slanting"]] < 0.42:
        return SignatureKind.PRINTED_TEXT
    return SignatureKind.HANDWRITTEN_TEXT


def _is_line(features: Floats) -> bool:
    return bool(
        features[_AT["tall"]] < np.log(1.2) and features[_AT["wide"]] > np.log(6) and features[_AT["pieces"]] < 0.8
    )


def _is_ring(page: PageInk, box: tuple[int, int, int, int], features: Floats) -> bool:
    """Whether the outline is a large circle or closed frame, as of a stamp."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    if min(width, height) < 6 * page.unit or not 0.5 < width / height < 2:
        return False
    contours, _ = cv2.findContours(page.mask[top:bottom, left:right], cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    largest = max((float(cv2.contourArea(contour)) for contour in contours), default=0.0)
    return largest > 0.62 * width * height and features[_AT["fill"]] < 0.4
