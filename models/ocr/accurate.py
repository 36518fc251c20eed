"""The accurate engine: PP-OCRv6 small detector and recogniser, run directly."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from models.ocr.detection import TextDetector
from models.ocr.recognition import LineRecogniser, ReadLine
from models.ocr.words import words_of
from schemas.prediction import Quad, TextLine

MIN_CONFIDENCE = 0.5
"""Lines read with less are noise more often than text, and are left out."""
TALL = 1.5
"""Height over width from which a region may be a line that runs down the page."""
SURELY_TALL = 3.0
"""From here on it is one; between, a single narrow character is as likely and it is tried upright too."""


class AccurateReader:
    """Detector and recogniser of one process."""

    def __init__(self, detector: Path, recogniser: Path) -> None:
        self._detector = TextDetector(detector)
        self._recogniser = LineRecogniser(recogniser)

    def read(self, pixels: npt.NDArray[np.uint8], dpi: float | None = None) -> list[TextLine]:
        """The lines of a grey or BGR page, in no order; quads in its pixels. `dpi` is not needed."""
        page = cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR) if pixels.ndim == 2 else pixels
        lines = []
        for region in self._detector.find(page):
            read, corners = self._read_region(page, region.corners)
            if read.text.strip() and read.confidence >= MIN_CONFIDENCE:
                lines.append(
                    TextLine(
                        text=read.text.strip(),
                        quad=_quad(region.corners),
                        confidence=read.confidence,
                        words=words_of(read, corners),
                    )
                )
        return lines

    def _read_region(
        self, page: npt.NDArray[np.uint8], corners: npt.NDArray[np.float32]
    ) -> tuple[ReadLine, npt.NDArray[np.float32]]:
        """What the region says, and its corners from the start of the text on."""
        crop = _crop(page, corners)
        height, width = crop.shape[:2]
        if height < TALL * width:
            return self._recogniser.read(crop), corners
        # A line that runs down the page may start at either end; what is read with more confidence decides.
        readings = [
            (self._recogniser.read(np.ascontiguousarray(np.rot90(crop, turns))), np.roll(corners, -turns, axis=0))
            for turns in (1, 3)
        ]
        if height < SURELY_TALL * width:
            readings.append((self._recogniser.read(crop), corners))
        return max(readings, key=lambda reading: reading[0].confidence)


def _crop(page: npt.NDArray[np.uint8], corners: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    width = max(1, round(float(max(_length(corners, 0, 1), _length(corners, 3, 2)))))
    height = max(1, round(float(max(_length(corners, 0, 3), _length(corners, 1, 2)))))
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    crop: npt.NDArray[np.uint8] = cv2.warpPerspective(
        page, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return crop


def _length(corners: npt.NDArray[np.float32], start: int, end: int) -> float:
    return float(np.linalg.norm(corners[start] - corners[end]))


def _quad(corners: npt.NDArray[np.float32]) -> Quad:
    x1, y1, x2, y2, x3, y3, x4, y4 = (float(value) for value in corners.reshape(-1))
    return (x1, y1, x2, y2, x3, y3, x4, y4)
