"""Which of a PDF's characters can be seen: not those of hidden layers, in white, cut away, or under something else."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from documents.raster import Pixels
from schemas.pdf_content import PdfContent

_CONTRAST = 20
"""Levels between neighbouring pixels from which something is drawn there."""


def seen_text(content: PdfContent, pixels: Pixels) -> PdfContent:
    """`content`, in fractions of the page that `pixels` show, without characters where nothing at all is drawn."""
    known = np.isfinite(content.boxes).all(axis=1)
    if not known.any():
        return content
    height, width = pixels.shape[:2]
    boxes = content.boxes[known] * (width, height, width, height)
    low = np.clip(np.floor(boxes[:, :2]), 0, (width, height)).astype(np.intp)
    high = np.clip(np.ceil(boxes[:, 2:]), 0, (width, height)).astype(np.intp)
    sums = cv2.integral(_drawn(pixels))
    (left, top), (right, bottom) = low.T, high.T
    found = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    stays = np.array([character.isspace() for character in content.text], dtype=np.bool_) | ~known
    stays[np.flatnonzero(known)[found > 0]] = True
    if stays.all():
        return content
    text = "".join(character for character, stay in zip(content.text, stays.tolist(), strict=True) if stay)
    return replace(content, text=text, boxes=content.boxes[stays])


def _drawn(pixels: Pixels) -> Pixels:
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY) if pixels.ndim == 3 else pixels
    edges = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return np.asarray(edges >= _CONTRAST, dtype=np.uint8)
