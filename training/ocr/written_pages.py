"""Pages of lines by hand, as scans, with what was written: what OCR makes of handwriting is measured on them.

Four sources that have nothing in common but that people, or fonts after people, wrote: recorded words of one writer,
recorded lines, recorded single characters put together, and handwriting fonts. And, on the same paper, print.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from string import ascii_letters, digits

import cv2
import numpy as np

from synthesis.filled.page_ink import lay_ink, pressed
from synthesis.filled.writing import FontHand, Printer, StrokeHand, UnwritableError, WordsHand, Written
from synthesis.fonts import TRAINING_HANDS, TRAINING_PRINTS, FontFolder
from synthesis.forms import form_words
from synthesis.ink.one_hand import WIDEST, Hands
from synthesis.ink.pen_strokes import Part, PenStrokes
from synthesis.ink.signature_hand import SignatureHand
from synthesis.sheet import Pixels, new_sheet
from synthesis.wear import degrade
from training.ocr.printed_pages import PrintedPage, TrueWord

Random = np.random.Generator
Write = Callable[[float, Random], tuple[str, Written]]
"""A line with capitals as many pixels high, and what it says. Raises UnwritableError."""

SOURCES = ("recorded words", "recorded lines", "recorded characters", "handwriting fonts", "typed entries")
TYPED = SOURCES[-1]
"""The source that is print, on the same paper: what tells hands from print must not be the paper."""
DPI = 150.0
_SIZE = 1754, 1240
_LINES = 22
_RECIPES = (degrade.scan, degrade.scan, degrade.photocopy, degrade.fax)
_USUAL = "AEIORSTLN" + digits
_WORDS = (*form_words.FIRST, *form_words.LAST, *form_words.STREETS, *form_words.CITIES, *form_words.WORK)


class WrittenPages:
    """Draws pages of each of SOURCES by the writers of one part. Raises OSError, FontsMissingError."""

    def __init__(self, data: Path, fonts: FontFolder, part: Part) -> None:
        strokes = data / "handwriting"
        self._fonts, self._part = fonts, part
        self._recorded = SignatureHand(strokes, part)
        self._lines = PenStrokes(strokes / "unipen_text.npz")
        self._own_lines = self._lines.of(part)
        self._hands = Hands(
            PenStrokes(strokes / "unipen_chars.npz"), part, _USUAL, besides=ascii_letters + "/-.,:", widest=WIDEST
        )

    def pages(self, count: int, seed: int) -> Iterator[PrintedPage]:
        """`count` pages of each source."""
        for number, (source, write) in enumerate(self._sources().items()):
            for copy in range(count):
                random = np.random.default_rng([seed, number, copy])
                yield self._page(source, write, random)

    def _sources(self) -> Mapping[str, Write]:
        ways = self._of_words, self._of_lines, self._of_characters, self._of_fonts, self._of_print
        return dict(zip(SOURCES, ways, strict=True))

    def _page(self, source: str, write: Write, random: Random) -> PrintedPage:
        image: Pixels = np.full((*_SIZE, 3), 250, np.uint8)
        colour = ((26, 24, 24), (140, 60, 30), (70, 50, 50))[int(random.integers(3))]
        places: list[tuple[str, float, float]] = []
        y = 90.0
        while y < _SIZE[0] - 120 and len(places) < 200:
            height = float(random.uniform(24, 46))
            try:
                text, written = write(height, random)
            except UnwritableError:
                continue
            room = _SIZE[1] - 160
            if written.cover.shape[1] > room:
                written = written.shrunk(room / written.cover.shape[1])
            high, wide = written.cover.shape
            x, y = float(random.uniform(60, max(61, _SIZE[1] - 80 - wide))), y + float(random.uniform(14, 40))
            lay_ink(image, pressed(written.cover, random), (x, y), colour, 0.93)
            if random.random() < 0.3:
                level = round(y + written.baseline + 3)
                cv2.line(image, (50, level), (_SIZE[1] - 50, level), (120,) * 3, 1)
            places += _spread(text, x, wide, y + high / 2)
            y += high
        sheet = _RECIPES[int(random.integers(len(_RECIPES)))](new_sheet(image, DPI), int(random.integers(1 << 30)), 0.0)
        points = np.array([(px * 72 / DPI, py * 72 / DPI, 1.0) for _, px, py in places]) @ sheet.matrix.T
        moved = points[:, :2] / points[:, 2:]
        words = tuple(TrueWord(text, float(a), float(b)) for (text, _, _), (a, b) in zip(places, moved, strict=True))
        grey = sheet.image if sheet.image.ndim == 2 else np.asarray(cv2.cvtColor(sheet.image, cv2.COLOR_BGR2GRAY))
        return PrintedPage(source, np.asarray(grey, dtype=np.uint8), words)

    def _of_words(self, height: float, random: Random) -> tuple[str, Written]:
        text, strokes = self._recorded.words(random, int(random.integers(1, 6)))
        return text, WordsHand(strokes, self._hand(random)).write(text, height, random)

    def _of_lines(self, height: float, random: Random) -> tuple[str, Written]:
        at = int(random.choice(self._own_lines))
        strokes = self._lines.strokes(at)
        if not strokes:
            raise UnwritableError("an empty recording")
        return self._lines.texts[at], WordsHand(strokes, self._hand(random)).write("", height, random)

    def _of_characters(self, height: float, random: Random) -> tuple[str, Written]:
        text = _text(random)
        return text, self._hand(random).write(text, height, random)

    def _of_fonts(self, height: float, random: Random) -> tuple[str, Written]:
        text, face = _text(random), TRAINING_HANDS[int(random.integers(len(TRAINING_HANDS)))]
        return text, FontHand(self._fonts, face, 1.0, float(random.uniform(0, 1.2))).write(text, height, random)

    def _of_print(self, height: float, random: Random) -> tuple[str, Written]:
        text, face = _text(random), TRAINING_PRINTS[int(random.integers(len(TRAINING_PRINTS)))]
        return text, Printer(self._fonts, face).write(text, 0.7 * height, random)

    def _hand(self, random: Random) -> StrokeHand:
        pen, slant = float(random.uniform(0.05, 0.11)), float(random.normal(0.08, 0.1))
        return StrokeHand(
            self._hands.pick(random), self._hands, pen, slant, float(random.uniform(0.75, 1.0)), 0.2, 0.85
        )


def _text(random: Random) -> str:
    words = [_WORDS[int(at)] for at in random.integers(len(_WORDS), size=int(random.integers(1, 5)))]
    if random.random() < 0.3:
        words.append(str(int(random.integers(1, 99999))))
    if random.random() < 0.2:
        words.append(f"{random.integers(1, 29)}/{random.integers(1, 13)}/{random.integers(1950, 2026)}")
    text = " ".join(words)
    return text.upper() if random.random() < 0.25 else text


def _spread(text: str, left: float, wide: float, middle: float) -> list[tuple[str, float, float]]:
    """The words with about where they stand: by their share of the letters."""
    places, done = [], 0
    for word in text.split():
        places.append((word, left + wide * (done + len(word) / 2) / max(1, len(text)), middle))
        done += len(word) + 1
    return places
