"""Reads the pages that confidences are fitted on, with what truly stands on each line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from models.artifacts import locate
from models.catalog.ocr.page.accurate import AccurateReader, Reading
from models.registry import find_model
from synthesis.fonts import FontFolder
from synthesis.ink.pen_strokes import Part
from training.ocr.printed_pages import PrintedPage, TrueWord, printed_pages
from training.ocr.written_pages import SOURCES, TYPED, WrittenPages

PAGES, WRITTEN = 40, 12
SEED, WRITTEN_SEED = 4, 3
OWN = SOURCES
"""Sources of lines that were drawn for this; others are names of PDFs."""
WORDS = re.compile(r"[^\W_]+")
_MARGIN = 0.25


@dataclass(frozen=True, slots=True)
class ReadAndTrue:
    """A line as it was read, and the words, in small letters, that stand there."""

    source: str
    reading: Reading
    there: tuple[str, ...]

    @property
    def by_hand(self) -> bool:
        """Whether somebody, or a font after a hand, wrote it."""
        return self.source in SOURCES and self.source != TYPED


def all_pages(data: Path, fonts: FontFolder, pages: int = PAGES, written: int = WRITTEN) -> Iterator[PrintedPage]:
    """Pages of each source of handwriting, then of PDFs."""
    return chain(WrittenPages(data, fonts, Part.TRAIN).pages(written, WRITTEN_SEED), printed_pages(data, pages, SEED))


def read_lines(pages: Iterable[PrintedPage]) -> Iterator[ReadAndTrue]:
    """All lines of the pages but those that are unread."""
    reader = _reader()
    for page in pages:
        for reading in reader.readings(page.pixels):
            there = WORDS.findall(" ".join(word.text for word in _words_in(reading, page.words)).lower())
            yield ReadAndTrue(page.source, reading, tuple(there))


def _reader() -> AccurateReader:
    registered = find_model("ocr")
    paths = {artifact.name: locate(artifact, registered.folder) for artifact in registered.card.artifacts}
    detector, recogniser = paths["detector"], paths["recogniser"]
    assert detector is not None
    assert recogniser is not None
    return AccurateReader(detector, recogniser)


def _words_in(reading: Reading, words: Sequence[TrueWord]) -> list[TrueWord]:
    """True words whose middle is in the region, in the direction of reading."""
    corners = reading.corners.astype(np.float64)
    along, down = corners[1] - corners[0], corners[3] - corners[0]
    frame = np.linalg.inv(np.column_stack([along, down]))
    found = []
    for word in words:
        x, y = frame @ (np.array([word.x, word.y]) - corners[0])
        if -0.02 <= x <= 1.02 and 0.5 - _MARGIN <= y <= 0.5 + _MARGIN:
            found.append((x, word))
    return [word for _, word in sorted(found, key=lambda pair: pair[0])]
