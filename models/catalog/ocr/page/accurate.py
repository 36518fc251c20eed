"""The accurate engine: PP-OCRv6 small detector and recogniser, run directly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.ocr.page.detection import TextDetector, TextRegion
from models.catalog.ocr.page.line_confidence import LineConfidence
from models.catalog.ocr.page.recognition import LineRecogniser, ReadLine
from models.catalog.ocr.page.words import words_of
from models.contract import WHOLE, Share
from schemas.prediction import TextLine, corner_quad

MIN_CONFIDENCE = 0.5
"""Mean score of its characters; lines read with less are noise more often than text, and are left out."""
DOUBTFUL = 0.9
"""Mean score of its characters below which a line of several words is read once more, wider."""
SEVERAL_WORDS = 5.0
"""Width over height from which a line is looked at twice."""
WIDER = 1.25
TALL = 1.5
"""Height over width from which a region may be a line that runs down the page."""
SURELY_TALL = 3.0
"""From here on it is one; between, a single narrow character is as likely and it is tried upright too."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What stands in a region."""

    region: TextRegion
    line: ReadLine
    corners: npt.NDArray[np.float32]
    """The region's, from the start of the text on."""


class AccurateReader:
    """Detector and recogniser of one process; without `confidence`, mean character scores stand for it."""

    def __init__(self, detector: Path, recogniser: Path, confidence: LineConfidence | None = None) -> None:
        self._detector = TextDetector(detector)
        self._recogniser = LineRecogniser(recogniser)
        self._confidence = confidence

    @property
    def recogniser(self) -> LineRecogniser:
        """For single lines that need no detector."""
        return self._recogniser

    def read(
        self, pixels: npt.NDArray[np.uint8], alphabet: frozenset[str] | None = None, share: Share = WHOLE
    ) -> list[TextLine]:
        """The lines of a grey or BGR page, in no order; quads in its pixels. `alphabet` as for `LineRecogniser`."""
        return [self._line(reading) for reading in self.readings(pixels, alphabet, share)]

    def readings(
        self, pixels: npt.NDArray[np.uint8], alphabet: frozenset[str] | None = None, share: Share = WHOLE
    ) -> Iterator[Reading]:
        """The same before confidences are computed."""
        page = cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR) if pixels.ndim == 2 else pixels
        for region in self._detector.find(page, share):
            reading = self._read_region(page, region, alphabet)
            if reading.line.text.strip() and reading.line.confidence >= MIN_CONFIDENCE:
                yield reading

    def _read_region(self, page: npt.NDArray[np.uint8], region: TextRegion, alphabet: frozenset[str] | None) -> Reading:
        crop = _crop(page, region.corners)
        height, width = crop.shape[:2]
        if height < TALL * width:
            return Reading(region, self._look_twice(crop, alphabet), region.corners)
        # A line that runs down the page may start at either end; what is read with more confidence decides.
        readings = [
            Reading(
                region,
                self._recogniser.read(np.ascontiguousarray(np.rot90(crop, turns)), alphabet),
                np.roll(region.corners, -turns, axis=0),
            )
            for turns in (1, 3)
        ]
        if height < SURELY_TALL * width:
            readings.append(Reading(region, self._recogniser.read(crop, alphabet), region.corners))
        return max(readings, key=lambda reading: reading.line.confidence)

    def _look_twice(self, crop: npt.NDArray[np.uint8], alphabet: frozenset[str] | None) -> ReadLine:
        first = self._recogniser.read(crop, alphabet)
        if first.confidence >= DOUBTFUL or crop.shape[1] < SEVERAL_WORDS * crop.shape[0]:
            return first
        second = self._recogniser.read(crop, alphabet, WIDER)
        return max(first, second, key=lambda line: line.confidence)

    def _line(self, reading: Reading) -> TextLine:
        line, score = reading.line, reading.region.score
        known = self._confidence
        return TextLine(
            text=line.text.strip(),
            quad=corner_quad(reading.region.corners),
            confidence=line.confidence if known is None else known.of_line(line, score),
            words=words_of(
                line,
                reading.corners,
                line.mean_confidence if known is None else lambda start, end: known.of_word(line, start, end, score),
            ),
        )


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
