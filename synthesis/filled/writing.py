"""One line of text as ink, by a printer, by a handwriting font, or of the recorded characters of one writer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from synthesis.fonts import FontFolder
from synthesis.ink.crop_ink import Cover, bounds, draw_cover, transformed
from synthesis.ink.one_hand import Hands, OneHand, side_by_side
from synthesis.ink.pen import Pen, Points

Random = np.random.Generator

_PLAIN: dict[str, list[Points]] = {
    sign: [np.array(stroke, dtype=np.float64) for stroke in strokes]
    for sign, strokes in {
        "-": [[(0, 0.55), (0.4, 0.53)]],
        "/": [[(0.4, -0.05), (0, 1.1)]],
        ".": [[(0, 0.98), (0.03, 1.0)]],
        ",": [[(0.06, 0.93), (0.05, 1.0), (0, 1.15)]],
        "'": [[(0.05, 0.0), (0, 0.25)]],
        "(": [[(0.22, -0.1), (0.02, 0.3), (0.02, 0.75), (0.22, 1.15)]],
        ")": [[(0.0, -0.1), (0.2, 0.3), (0.2, 0.75), (0.0, 1.15)]],
        ":": [[(0, 0.5), (0.03, 0.52)], [(0, 0.95), (0.03, 0.97)]],
    }.items()
}
"""Signs that few writers recorded, in heights of the line."""
_LOW = ".,"
_WORDS_HEIGHT = 0.8
"""Of the letters of recorded words, in heights of capitals."""


@dataclass(frozen=True, slots=True)
class Written:
    """A line of ink, cut to its bounds."""

    cover: Cover
    baseline: float
    """Rows from the top to the line on which the letters stand."""

    def shrunk(self, scale: float) -> Written:
        """The same, smaller."""
        size = max(2, round(self.cover.shape[1] * scale)), max(2, round(self.cover.shape[0] * scale))
        cover = cv2.resize(self.cover, size, interpolation=cv2.INTER_AREA)
        return replace(self, cover=np.asarray(cover, dtype=np.float32), baseline=self.baseline * scale)


class UnwritableError(Exception):
    """An entry that this hand cannot write, or not so small."""


class Writer(Protocol):
    """Somebody, or something, that writes lines."""

    @property
    def ink(self) -> str:
        """As the truth names it."""

    def write(self, text: str, height: float, random: Random) -> Written:
        """`text` in one line with capitals `height` pixels high. Raises UnwritableError."""


class Printer:
    """Types, all letters alike."""

    ink = "print"

    def __init__(self, fonts: FontFolder, face: str) -> None:
        self._fonts, self._face = fonts, face

    def write(self, text: str, height: float, random: Random) -> Written:
        """See Writer."""
        face = _face_of(self._fonts, self._face, height)
        pad = math.ceil(face.size)
        layer = Image.new("L", (math.ceil(face.getlength(text)) + 2 * pad, 3 * pad), 0)
        ImageDraw.Draw(layer).text((pad, 2 * pad), text, 255, face, "ls")
        return _cut(np.asarray(layer, dtype=np.float32) / np.float32(255), 2 * pad)


@dataclass(frozen=True, slots=True)
class FontHand:
    """Writes with a handwriting font, each letter a little off."""

    fonts: FontFolder
    face: str
    restless: float = 1.0
    bold: float = 0.0
    """Pixels at a height of 30 by which the letters are thickened."""
    ink: str = "font"

    def write(self, text: str, height: float, random: Random) -> Written:
        """See Writer."""
        face = _face_of(self.fonts, self.face, height)
        pad, rise = math.ceil(2 * face.size), float(random.normal(0, 0.008)) * self.restless
        room = math.ceil(face.getlength(text) * 1.15) + 2 * pad
        pen = Pen((math.ceil(2.5 * pad + abs(rise) * room), room), random)
        x, baseline = float(pad), 1.5 * pad + max(0.0, rise) * room
        for letter in text:
            level = baseline - rise * (x - pad) + float(random.normal(0, 0.025 * height)) * self.restless
            if letter != " ":
                turn, shear = random.normal(0, 1.6, 2) * self.restless
                self._letter(pen, letter, face, (x, level), float(turn), float(shear) * 0.02)
            x += face.getlength(letter) + float(random.normal(0.02, 0.02)) * height
        return _cut(pen.cover, baseline)

    def _letter(
        self, pen: Pen, letter: str, face: ImageFont.FreeTypeFont, place: tuple[float, float], turn: float, shear: float
    ) -> None:
        pen.glyphs(letter, face, place, degrees=turn, shear=shear, width=self.bold * face.size / 42)


@dataclass(frozen=True, slots=True)
class StrokeHand:
    """Writes with the recorded characters of one writer, and with those of another what the first never wrote."""

    hand: OneHand
    hands: Hands
    pen: float
    """Width over the height of capitals."""
    slant: float
    width: float
    gap: float
    word_gap: float
    ink: str = "strokes"

    def write(self, text: str, height: float, random: Random) -> Written:
        """See Writer."""
        words = [self._word(word, random) for word in text.split()]
        if not words:
            raise UnwritableError("nothing to write")
        line = side_by_side(words, self.word_gap, random)
        return self.draw(line, height)

    def draw(self, strokes: Sequence[Points], height: float) -> Written:
        """Strokes, unit: height of capitals, that stand on y = 1."""
        linear = np.array([[self.width, -self.slant], [0, 1]]) * height
        placed = transformed(strokes, linear, (0, 0))
        left, top, right, bottom = bounds(placed)
        pen = max(1.0, self.pen * height)
        margin = pen / 2 + 1
        shape = math.ceil(bottom - top + 2 * margin), math.ceil(right - left + 2 * margin)
        cover = draw_cover(shape, transformed(placed, np.eye(2), (margin - left, margin - top)), pen)
        return Written(cover, height - top + margin)

    def _word(self, word: str, random: Random) -> list[Points]:
        letters = "".join(sign for sign in word if sign not in _PLAIN)
        hand = self._able(letters, random)
        signs = [
            hand.write(sign, random)
            if hand.known(sign)
            else [stroke + random.normal(0, 0.03, stroke.shape) for stroke in _PLAIN[sign]]
            for sign in word
        ]
        return _spaced(word, signs, self.gap, random)

    def _able(self, letters: str, random: Random) -> OneHand:
        if self.hand.known(letters) == letters:
            return self.hand
        try:
            return self.hands.pick(random, letters)
        except ValueError as error:
            raise UnwritableError(str(error)) from error


@dataclass(frozen=True, slots=True)
class WordsHand:
    """Words that somebody once wrote as a whole, joined letters included; it can write nothing else."""

    strokes: Sequence[Points]
    """On the base line y = 0, unit: the usual height of their letters."""
    hand: StrokeHand
    ink: str = "strokes"

    def write(self, text: str, height: float, random: Random) -> Written:
        """See Writer; `text` is what the strokes say."""
        return self.hand.draw([stroke * _WORDS_HEIGHT + np.array([0.0, 1.0]) for stroke in self.strokes], height)


def _spaced(word: str, signs: Sequence[Sequence[Points]], gap: float, random: Random) -> list[Points]:
    """The signs in a row; points and commas keep clear of their neighbours, or nobody could read an amount."""
    line: list[Points] = list(signs[0])
    for before, sign, strokes in zip(word[:-1], word[1:], signs[1:], strict=True):
        wide = gap + 0.22 if before in _LOW or sign in _LOW else gap
        line = side_by_side([line, strokes], wide, random)
    return line


def _face_of(fonts: FontFolder, name: str, height: float) -> ImageFont.FreeTypeFont:
    """The face with capitals of about that height; sizes are rounded, since opening a face takes long."""
    top, bottom = fonts.face(name, 100).getbbox("H", anchor="ls")[1::2]
    size = 100 * height / (bottom - top)
    return fonts.face(name, max(6.0, round(size * 2) / 2 if size < 40 else round(size)))


def _cut(cover: Cover, baseline: float) -> Written:
    left, top, width, height = cv2.boundingRect((cover > 0.02).astype(np.uint8))
    if not width:
        raise UnwritableError("the face draws nothing for this text")
    return Written(np.ascontiguousarray(cover[top : top + height, left : left + width]), baseline - top)
