"""Who fills a copy of a form, and with what: one part of the split of writers, hands and words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from string import ascii_letters, digits

import numpy as np

from synthesis.filled.page_ink import Colour
from synthesis.filled.person import Person, invent
from synthesis.filled.writing import FontHand, Printer, StrokeHand, WordsHand, Writer
from synthesis.fonts import (
    TEST_HANDS,
    TEST_SIGNATURE_HANDS,
    TRAINING_HANDS,
    TRAINING_PRINTS,
    TRAINING_SIGNATURE_HANDS,
    FontFolder,
)
from synthesis.ink.crop_ink import Cover
from synthesis.ink.one_hand import WIDEST, Hands
from synthesis.ink.pen_strokes import Part, PenStrokes
from synthesis.ink.signature_hand import SignatureHand
from synthesis.ink.signature_ink import PhotographedNames, drawn_ink, fitted

Random = np.random.Generator

_INKS: tuple[Colour, ...] = ((132, 44, 24), (150, 70, 30), (32, 26, 26), (40, 40, 44), (60, 40, 110))
_BLACK: Colour = (18, 18, 18)
_USUAL_LETTERS = "AEIORSTLN"


class InkKind(StrEnum):
    """How a copy is filled."""

    PRINT = "print"
    FONT = "font"
    STROKES = "strokes"


@dataclass(frozen=True, slots=True)
class Filler:
    """One person with one pen (or printer), and what is usual with them."""

    writer: Writer
    person: Person
    colour: Colour
    height: float
    """Of capitals in points, where the field is high enough."""
    pen: float
    """Width in points."""
    capitals: bool
    """Writes in capitals only."""
    share: float
    """Of the fields that are filled."""
    outside: float
    """Of the entries, share written off its place."""
    corrects: float
    """Of the entries, share struck out and written anew."""


class Studio:
    """Everything that is needed to fill forms in one process; loading it takes seconds."""

    def __init__(self, fonts: FontFolder, strokes: Path, signatures: Path | None, part: Part) -> None:
        """`strokes`: folder of unipen_chars.npz and its fellows; `signatures`: crossmedia_h96.npz. Raises OSError."""
        self.fonts, self.part = fonts, part
        characters = PenStrokes(strokes / "unipen_chars.npz")
        self._hands = Hands(
            characters, part, digits + _USUAL_LETTERS, besides=ascii_letters + "/-.,()$@&':#", widest=WIDEST
        )
        self._signatures = SignatureHand(strokes, part)
        self._names = PhotographedNames(signatures, part) if signatures is not None else None
        test = part is Part.TEST
        self._faces = TEST_HANDS if test else TRAINING_HANDS
        self._signature_faces = TEST_SIGNATURE_HANDS if test else TRAINING_SIGNATURE_HANDS

    def filler(self, kind: InkKind, random: Random) -> Filler:
        """Anybody."""
        typed = kind is InkKind.PRINT
        pen = float(random.uniform(0.7, 1.35))
        return Filler(
            self._writer(kind, pen, random),
            invent(self.part, random),
            _BLACK if typed else _INKS[random.integers(len(_INKS))],
            float(random.uniform(5.2, 7.2) if typed else random.uniform(7.2, 10.5)),
            pen,
            bool(random.random() < (0.2 if typed else 0.4)),
            float(np.clip(random.normal(0.62, 0.15), 0.2, 0.92)),
            0.01 if typed else float(random.uniform(0, 0.15)),
            0.0 if typed else float(random.uniform(0, 0.05)),
        )

    def signature(self, height: float, name: str, random: Random) -> Cover:
        """A signature `height` pixels high: of recorded words, a scanned name, or a signature font."""
        kind = random.random()
        if kind < 0.4:
            return drawn_ink(self._signatures.signature(random), height, random)
        if kind < 0.65 and self._names is not None:
            return fitted(self._names.draw(random), height)
        face = self._signature_faces[random.integers(len(self._signature_faces))]
        return FontHand(self.fonts, face, 0.0, 0.8).write(name, 0.6 * height, random).cover

    def words(self, hand: StrokeHand, random: Random) -> tuple[str, WordsHand]:
        """One or two words of the recorded ones, and who can write them."""
        text, strokes = self._signatures.words(random, int(random.integers(1, 3)))
        return text, WordsHand(strokes, hand)

    def _writer(self, kind: InkKind, pen: float, random: Random) -> Writer:
        if kind is InkKind.PRINT:
            return Printer(self.fonts, TRAINING_PRINTS[random.integers(len(TRAINING_PRINTS))])
        if kind is InkKind.FONT:
            face = self._faces[random.integers(len(self._faces))]
            return FontHand(self.fonts, face, float(random.uniform(0.5, 1.4)), float(random.uniform(0, 1.2)))
        slant, width = float(random.normal(0.08, 0.1)), float(random.uniform(0.72, 1.0))
        gaps = float(random.uniform(0.12, 0.3)), float(random.uniform(0.7, 1.0))
        return StrokeHand(self._hands.pick(random), self._hands, pen / 8, slant, width, *gaps)
