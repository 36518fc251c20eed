"""Where characters to write come from: recorded strokes, handwriting fonts, scanned digits; one part of the split."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase, digits

import numpy as np
from PIL import ImageFont

from synthesis.fonts import TEST_HANDS, TRAINING_HANDS, TRAINING_PRINTS, FontFolder
from synthesis.ink.crop_ink import bounds
from synthesis.ink.glyph_ink import Glyph, font_glyph, scanned_glyph, stroke_glyph
from synthesis.ink.pen import Points
from synthesis.ink.pen_strokes import Part, PenStrokes
from synthesis.ink.scanned_digits import ScannedDigits

Random = np.random.Generator

_SIZES = 4
"""Faces are opened at multiples of so many pixels, since opening one takes longer than drawing with it."""
_LARGE = 48
_BAR, _LEAST_BAR = 6.0, 0.3
"""Width of a bar over its height, and in heights of the writing."""
LETTERS = digits + ascii_uppercase + ascii_lowercase


def only_bars(strokes: PenStrokes, part: Part) -> frozenset[int]:
    """Letters and figures of which only a bar was recorded, the cross stroke of a T or a 4: nobody can read them."""
    return frozenset(
        int(index)
        for index in strokes.of(part)
        if strokes.texts[index] in LETTERS and _is_bar(strokes.strokes(int(index)))
    )


def _is_bar(strokes: Sequence[Points]) -> bool:
    if not strokes:
        return False
    left, top, right, bottom = bounds(strokes)
    return right - left > max(_BAR * (bottom - top), _LEAST_BAR)


class StrokeGlyphs:
    """Characters by the writers of one part."""

    def __init__(self, strokes: PenStrokes, part: Part, texts: str, vary: float = 0.0) -> None:
        """Keeps the characters of `texts`; `vary` as in `stroke_glyph`."""
        self._strokes, self._vary = strokes, vary
        wanted = set(texts)
        self.indices = [int(i) for i in strokes.of(part) if strokes.texts[i] in wanted and strokes.strokes(int(i))]
        self._by_text: dict[str, list[int]] = {}
        for index in self.indices:
            self._by_text.setdefault(strokes.texts[index], []).append(index)

    def text(self, index: int) -> str:
        """The label of that segment."""
        return self._strokes.texts[index]

    def at(self, index: int) -> Glyph:
        """The character of that segment."""
        return stroke_glyph(self._strokes.texts[index], self._strokes.strokes(index), self._vary)

    def pick(self, texts: str, random: Random, excluded: frozenset[int] = frozenset()) -> Glyph:
        """Any recording of any of `texts`, each as likely; not one of the `excluded` segments."""
        while True:
            indices = self._by_text.get(texts[int(random.integers(len(texts)))], [])
            if indices and (index := indices[random.integers(len(indices))]) not in excluded:
                return self.at(index)


class FontGlyphs:
    """Characters of the hands (and, for training, faces of print) of one part."""

    def __init__(self, fonts: FontFolder, part: Part) -> None:
        self._fonts = fonts
        self._faces: tuple[str, ...] = TEST_HANDS if part is Part.TEST else (*TRAINING_HANDS, *TRAINING_PRINTS)

    def pick(self, texts: str, random: Random) -> Glyph:
        """Any of `texts` in any face that draws it."""
        while True:
            name, text = str(random.choice(self._faces)), texts[int(random.integers(len(texts)))]
            if self._draws(name, text):
                return font_glyph(text, partial(self._face, name))

    def _face(self, name: str, size: int) -> ImageFont.FreeTypeFont:
        return self._fonts.face(name, -(-size // _SIZES) * _SIZES)

    def _draws(self, name: str, text: str) -> bool:
        """Whether the face has ink for the text: some have signs of which nothing is drawn."""
        return self._fonts.face(name, _LARGE).getmask(text).getbbox() is not None

    def print_face(self, size: int) -> ImageFont.FreeTypeFont:
        """For guides printed into cells."""
        return self._fonts.face(TRAINING_PRINTS[0], size)


class DigitGlyphs:
    """Scanned digits of one part."""

    def __init__(self, folder: Path, part: Part, vary: float = 0.0) -> None:
        """`vary` as in `stroke_glyph`. Raises NpmPackageMissing."""
        self._digits, self._vary = ScannedDigits(folder, part), vary

    def count(self, digit: str) -> int:
        """How many there are of a digit."""
        return len(self._digits.by_digit[digit])

    def at(self, digit: str, index: int) -> Glyph:
        """A digit by its number."""
        return scanned_glyph(digit, self._digits.by_digit[digit][index], self._vary)

    def pick(self, random: Random) -> Glyph:
        """Any digit."""
        digit = str(random.integers(10))
        return self.at(digit, int(random.integers(self.count(digit))))
