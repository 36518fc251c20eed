"""Reads a field: a straightened crop of which the form says what kind of text it holds."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import partial

import cv2
import numpy as np
import numpy.typing as npt

from models.catalog.ocr.field.blank_fields import BlankFields, Ink
from models.catalog.ocr.field.characters import CharacterReader
from models.catalog.ocr.field.comb import cells_of
from models.catalog.ocr.field.comb_text import comb_spelling, in_cells, in_words
from models.catalog.ocr.field.crop_confidence import CropConfidence
from models.catalog.ocr.field.formats import is_usual
from models.catalog.ocr.field.handwriting import Asked, HandwritingReader
from models.catalog.ocr.field.handwriting import Reading as LineReading
from models.catalog.ocr.field.ink_line import ink_line
from models.catalog.ocr.field.line_choice import Pair
from models.catalog.ocr.language.alphabets import CropKind, allowed
from models.catalog.ocr.language.expectations import Spelling
from models.catalog.ocr.page.recognition import LINE_HEIGHT, LineRecogniser
from schemas.errors import DocbeamError, ErrorCode
from schemas.fields import Alternative, FieldState
from schemas.reading import Reading

Grey = npt.NDArray[np.uint8]

MOST_ROWS = 4 * LINE_HEIGHT
"""Taller crops are reduced first: no reader looks at more."""
MOST_COLUMNS = 6400
MOST_CELLS = 100
MOST_ALTERNATIVES = 3
MAYBE = 0.5
"""How sure a text can be of which it is doubtful whether it is any."""
LEAST_ALTERNATIVE = 0.01
"""Less likely ones are not worth a look."""
SURE = 0.9
"""From this confidence on no second reader is asked: on a line of handwriting it would never be the one to believe."""


class CropReaderName(StrEnum):
    """Who read a crop."""

    NOBODY = "nobody"
    """There was no ink, or none that makes a line."""
    CHARACTERS = "characters"
    """The network for single characters, cell by cell."""
    HANDWRITING = "handwriting"
    RECOGNISER = "recogniser"
    """PP-OCRv6."""


class CropReader:
    """The readers of fields, of one process. Without `handwriting` PP-OCRv6 reads alone what is not in cells."""

    def __init__(
        self,
        recogniser: LineRecogniser,
        blanks: BlankFields,
        characters: CharacterReader,
        confidence: CropConfidence,
        spelling: Spelling,
        handwriting: HandwritingReader | None = None,
    ) -> None:
        self._recogniser = recogniser
        self._blanks = blanks
        self._characters = characters
        self._confidence = confidence
        self._in_combs = comb_spelling(spelling)
        self._handwriting = handwriting

    def read(self, crop: npt.NDArray[np.uint8], kind: CropKind | str, cells: int | None = None) -> Reading:
        """What a (height, width) grey or (height, width, 3) BGR crop says, in the characters that `kind` allows.

        `cells`: how many boxes or comb cells of equal width the crop shows, one character in each; the kinds of
        single characters have one. Cells left empty between others are spaces.
        Raises DocbeamError(INVALID_REQUEST) for a kind there is none of, an impossible number of cells, or an array
        that is no picture.
        """
        kind, count = _asked(kind, cells)
        grey = _grey(crop)
        if count:
            return self._in_cells(cells_of(grey, count), kind)
        ink = self._blanks.look(grey)
        if ink is Ink.NONE:
            return Reading(FieldState.BLANK, confidence=self._confidence.blank, reader=CropReaderName.NOBODY)
        readings = self._on_a_line(grey, kind)
        if not readings:
            return Reading(FieldState.UNREADABLE, rejected=True, reader=CropReaderName.NOBODY)
        (reader, best), *others = readings
        sure = self._confidence.of_line(kind, best.text, best.confidence)
        if ink is Ink.DOUBTFUL:
            sure = min(sure, MAYBE)
        return Reading(
            state=FieldState.FILLED if best.text else FieldState.UNREADABLE,
            value=best.text,
            confidence=sure,
            raw_text=best.text,
            # Whether anything is written there at all is a person's to say where it is doubtful.
            rejected=ink is Ink.DOUBTFUL or sure < self._confidence.threshold(kind, in_cells=False),
            reader=reader,
            characters=best.characters,
            alternatives=_others([best, *(reading for _, reading in others)], sure),
        )

    def read_cells(self, cells: Sequence[npt.NDArray[np.uint8]], kind: CropKind | str) -> Reading:
        """As `read`, of cells cut out already. Raises as it does."""
        kind, _ = _asked(kind, len(cells))
        return self._in_cells([_grey(cell) for cell in cells], kind)

    def _in_cells(self, cells: Sequence[Grey], kind: CropKind) -> Reading:
        read = self._characters.read(cells, kind, self._confidence.temperature(kind))
        # Where words stand, they tell which of a cell's answers is meant.
        words = kind in (CropKind.CAPITALS, CropKind.TEXT)
        readings = in_words(read, self._in_combs) if words else in_cells(read)
        best, *others = readings
        confidence = self._confidence.of_comb(kind, best) if words else best.likely
        return Reading(
            state=FieldState.FILLED if best.text else FieldState.BLANK,
            value=best.text,
            confidence=confidence,
            raw_text=best.text,
            rejected=confidence < self._confidence.threshold(kind, in_cells=True),
            reader=CropReaderName.CHARACTERS if best.text else CropReaderName.NOBODY,
            characters=best.characters,
            alternatives=tuple(
                Alternative(one.text, min(one.likely, 1 - confidence, confidence)) for one in others[:MOST_ALTERNATIVES]
            ),
        )

    def _on_a_line(self, grey: Grey, kind: CropKind) -> list[tuple[CropReaderName, LineReading]]:
        """What the readers make of the line, the one that counts first; nothing where no line can be cut to its ink."""
        line = ink_line(grey)
        if line is None:
            return []
        signs = None if kind is CropKind.TEXT else frozenset(allowed(kind) + " ")
        if self._handwriting is None:
            return [(CropReaderName.RECOGNISER, self._recognised(line, signs))]
        ours, theirs = self._handwriting.read_both(line, Asked(signs, partial(is_usual, kind)), SURE)
        ours = _tidy(ours)
        if theirs is None:
            return [(CropReaderName.HANDWRITING, ours)]
        return self._chosen(ours, self._printed(theirs.text, theirs.characters))

    def _chosen(self, ours: LineReading, theirs: LineReading) -> list[tuple[CropReaderName, LineReading]]:
        choice = self._confidence.choice
        pair = Pair(ours.confidence, theirs.confidence, ours.text == theirs.text)
        found = [(CropReaderName.HANDWRITING, ours), (CropReaderName.RECOGNISER, theirs)]
        if choice.prefers_printed(pair):
            found.reverse()
        sure = choice.confidence(pair)
        (name, best), other = found
        return [(name, best._replace(confidence=sure)), other]

    def _recognised(self, line: Grey, signs: frozenset[str] | None) -> LineReading:
        read = self._recogniser.read(cv2.cvtColor(line, cv2.COLOR_GRAY2BGR), signs)
        return self._printed(read.text, read.confidences)

    def _printed(self, text: str, probabilities: tuple[float, ...]) -> LineReading:
        sure = self._confidence.printed(probabilities) if text.strip() else 0.0
        return _tidy(LineReading(text, sure, probabilities))


def _others(readings: Sequence[LineReading], sure: float) -> tuple[Alternative, ...]:
    """What the readers thought of beside the text of the first, likeliest first."""
    found: dict[str, float] = {}
    for reading in readings:
        for text, confidence in ((reading.text, reading.confidence), *reading.others):
            # Of two texts one at most is right, and none is likelier than the answer.
            found[text.strip()] = max(found.get(text.strip(), 0.0), min(confidence, 1 - sure, sure))
    found.pop(readings[0].text)
    ranked = sorted(found.items(), key=lambda one: -one[1])
    return tuple(
        Alternative(text, chance) for text, chance in ranked[:MOST_ALTERNATIVES] if chance >= LEAST_ALTERNATIVE
    )


def _asked(kind: CropKind | str, cells: int | None) -> tuple[CropKind, int]:
    """The kind, and the number of cells; 0 for a line."""
    try:
        kind = CropKind(kind)
    except ValueError:
        known = ", ".join(CropKind)
        raise DocbeamError(ErrorCode.INVALID_REQUEST, f"ocr reads no crops of kind {kind!r}; choose {known}") from None
    if cells is not None and not 1 <= cells <= MOST_CELLS:
        raise DocbeamError(ErrorCode.INVALID_REQUEST, f"{cells} cells in a crop; give 1 to {MOST_CELLS}, or none")
    return kind, (cells or 1) if kind.single else (cells or 0)


def _grey(crop: npt.NDArray[np.uint8]) -> Grey:
    colour = crop.ndim == 3 and crop.shape[2] == 3
    if crop.dtype != np.uint8 or not (crop.ndim == 2 or colour) or crop.size == 0:
        cure = "give uint8 pixels, (height, width) or (height, width, 3), at least one"
        raise DocbeamError(ErrorCode.INVALID_REQUEST, f"a crop of {crop.dtype} {crop.shape}; {cure}")
    scale = min(1.0, MOST_ROWS / crop.shape[0], MOST_COLUMNS / crop.shape[1])
    if scale < 1.0:
        size = max(1, round(crop.shape[1] * scale)), max(1, round(crop.shape[0] * scale))
        crop = np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY) if colour else crop
    return np.ascontiguousarray(grey, dtype=np.uint8)


def _tidy(reading: LineReading) -> LineReading:
    """Without spaces round the text."""
    text = reading.text.strip()
    start = len(reading.text) - len(reading.text.lstrip())
    return reading._replace(text=text, characters=reading.characters[start : start + len(text)])
