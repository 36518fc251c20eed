"""The accurate engine: PP-OCRv6 small detector and recogniser, run directly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.ocr.page.detection import TextDetector, TextRegion, is_in_share
from models.catalog.ocr.page.dots_below import dotted_letters
from models.catalog.ocr.page.line_confidence import LineConfidence
from models.catalog.ocr.page.line_kinds import UNKNOWN, LineKinds
from models.catalog.ocr.page.look_alikes import doubted
from models.catalog.ocr.page.recognition import LINE_HEIGHT, LineRecogniser, ReadLine
from models.catalog.ocr.page.ring_writing import rings_with_writing
from models.catalog.ocr.page.scripts import is_all_in, script_of
from models.catalog.ocr.page.unread import UNREAD, with_unread, without
from models.catalog.ocr.page.words import words_of
from models.contract import WHOLE, Share
from schemas.prediction import TextLine, TextState, corner_quad

MIN_CONFIDENCE = 0.5
"""Mean score of its characters; lines read with less are wrong more often than right: what they say is left out."""
CLEAR = 0.75
"""Mean score below which some words of a long line are wrong."""
LONG = 6
"""Letters."""
MOSTLY = 0.5
"""Of a line's letters, the share that has to be read for its text to be one."""
KNOWN = frozenset(("latin", "han", "hiragana", "katakana", UNKNOWN))
"""Scripts that the recogniser reads, of those that lines are told to be in; of Greek it lacks the accented letters."""
ALIKE = 0.95
"""Mean score from which on a reading counts though the line looks to be in a script that cannot be read. Below it, of
drawn Latin lines, 2 of 2,831 in print and 15 of 1,010 by hand are taken for another script; 4 of the 17 were right."""
AMONG_LACKING = 0.7
"""Of the words in a line with letters that the recogniser lacks, of those without any, as many are right."""
DOUBTFUL = 0.9
"""Mean score of its characters below which a line of several words is read once more, wider."""
APART = 8.0
"""Columns at LINE_HEIGHT between two letters that were passed over; nearer, they are one that was seen twice."""
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
    read: float = 1.0
    """Share of its letters that the line holds; those passed over are UNREAD in it."""
    lacking: bool = False
    """Whether it has letters that the recogniser lacks: there may be more of them than were seen."""
    foreign: str = ""
    """The script it looks to be in, if that is none the recogniser knows: then what it read is other letters alike."""

    @property
    def state(self) -> TextState:
        """Unread, partly or wholly read; words of what is unread are guesses nobody should see."""
        if self.foreign:
            return TextState.UNREAD
        text = self.line.text.replace(UNREAD, "").strip()
        # Beside clear letters, what else is there may be a dotted ground or a pattern.
        clear = self.line.confidence >= DOUBTFUL and len(text) >= LONG
        if not text or self.line.confidence < MIN_CONFIDENCE or (self.read < MOSTLY and not clear):
            return TextState.UNREAD
        doubtful = self.line.confidence < CLEAR and len(text) >= LONG
        return TextState.PARTLY_READ if self.read < 1 or doubtful else TextState.READ


class AccurateReader:
    """Detector and recogniser of one process; without `confidence`, mean character scores stand for it.

    Without `kinds` the script of what is unread is UNKNOWN, and as much may be by hand as not.
    """

    def __init__(
        self,
        detector: Path,
        recogniser: Path,
        kinds: LineKinds | None = None,
        confidence: LineConfidence | None = None,
    ) -> None:
        self._detector = TextDetector(detector)
        self._recogniser = LineRecogniser(recogniser)
        self._kinds = kinds
        self._confidence = confidence

    @property
    def recogniser(self) -> LineRecogniser:
        """For single lines that need no detector."""
        return self._recogniser

    def read(
        self, pixels: npt.NDArray[np.uint8], alphabet: frozenset[str] | None = None, share: Share = WHOLE
    ) -> list[TextLine]:
        """The lines of a grey or BGR page, in no order; quads in its pixels. `alphabet` as for `LineRecogniser`.

        With writing that cannot be read, unless an alphabet leaves out on purpose what else is written.
        """
        page = cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR) if pixels.ndim == 2 else pixels
        regions = self._detector.find(page, share)
        readings = (self._read_region(page, region, alphabet) for region in regions)
        if alphabet is not None:
            return [self._line(reading) for reading in readings if reading.state is not TextState.UNREAD]
        rings = rings_with_writing(page, [region.corners for region in regions])
        lines = doubted([self._line(reading) for reading in readings])
        return [*lines, *(_unread(ring) for ring in rings if is_in_share(ring, page, share))]

    def readings(self, pixels: npt.NDArray[np.uint8]) -> Iterator[Reading]:
        """What is read of a grey or BGR page, before confidences are computed."""
        page = cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR) if pixels.ndim == 2 else pixels
        for region in self._detector.find(page):
            reading = self._read_region(page, region, None)
            if reading.state is not TextState.UNREAD:
                yield reading

    def _read_region(self, page: npt.NDArray[np.uint8], region: TextRegion, alphabet: frozenset[str] | None) -> Reading:
        crop = _crop(page, region.corners)
        height, width = crop.shape[:2]
        if height < TALL * width:
            return self._checked(Reading(region, self._look_twice(crop, alphabet), region.corners), crop, alphabet)
        # A line that runs down the page may start at either end; what is read with more confidence decides.
        turned = [
            (Reading(region, self._recogniser.read(view, alphabet), np.roll(region.corners, -turns, axis=0)), view)
            for turns, view in ((turns, np.ascontiguousarray(np.rot90(crop, turns))) for turns in (1, 3))
        ]
        if height < SURELY_TALL * width:
            turned.append((Reading(region, self._recogniser.read(crop, alphabet), region.corners), crop))
        best, view = max(turned, key=lambda one: one[0].line.confidence)
        return self._checked(best, view, alphabet)

    def _checked(self, reading: Reading, view: npt.NDArray[np.uint8], alphabet: frozenset[str] | None) -> Reading:
        if alphabet is not None:
            return reading
        letters, passed = ([], []) if self._kinds is None else self._kinds.lacking(reading.line)
        dotted, between = dotted_letters(view, reading.line)
        letters = sorted({*letters, *dotted})
        columns = view.shape[1] * LINE_HEIGHT / view.shape[0]
        passed += [place for place in between if all(abs(place - other) * columns > APART for other in passed)]
        line, read = with_unread(view, without(reading.line, letters, passed))
        lacking = len(letters) + len(passed)
        read -= lacking / max(1, sum(not sign.isspace() for sign in line.text))
        return replace(reading, line=line, read=read, lacking=lacking > 0, foreign=self._foreign(reading.line))

    def _foreign(self, line: ReadLine) -> str:
        script = UNKNOWN if self._kinds is None else self._kinds.script(line.traits)
        if script in KNOWN or line.confidence >= ALIKE or is_all_in(line.text, script):
            return ""
        return script

    def _look_twice(self, crop: npt.NDArray[np.uint8], alphabet: frozenset[str] | None) -> ReadLine:
        first = self._recogniser.read(crop, alphabet)
        if first.confidence >= DOUBTFUL or crop.shape[1] < SEVERAL_WORDS * crop.shape[0]:
            return first
        second = self._recogniser.read(crop, alphabet, WIDER)
        return max(first, second, key=lambda line: line.confidence)

    def _line(self, reading: Reading) -> TextLine:
        line, score = reading.line, reading.region.score
        if reading.state is TextState.UNREAD:
            script = UNKNOWN if self._kinds is None else reading.foreign or self._kinds.script(line.traits)
            return _unread(reading.region.corners, script)
        by_hand = 0.0 if self._kinds is None else self._kinds.by_hand(line.traits)

        def sure_of_line() -> float:
            return line.confidence if self._confidence is None else self._confidence.of_line(line, score, by_hand)

        def sure_of(start: int, end: int) -> float:
            if UNREAD in line.text[start:end]:
                return 0.0
            known, worth = self._confidence, AMONG_LACKING if reading.lacking else 1.0
            return worth * (
                line.mean_confidence(start, end) if known is None else known.of_word(line, start, end, score, by_hand)
            )

        return TextLine(
            text=line.text.strip(),
            quad=corner_quad(reading.region.corners),
            confidence=0.0 if UNREAD in line.text else sure_of_line(),
            words=words_of(line, reading.corners, sure_of),
            state=reading.state,
            script=script_of(line.text),
        )


def _unread(corners: npt.NDArray[np.float32], script: str = UNKNOWN) -> TextLine:
    return TextLine("", corner_quad(corners), 0.0, state=TextState.UNREAD, script=script)


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
