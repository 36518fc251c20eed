"""Fills a printed form in by hand: writing, marks and a signature, the same for the same seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PIL import ImageFont

from schemas.prediction import CheckboxState
from synthesis.fonts import FontFolder
from synthesis.forms.form import FieldKind
from synthesis.forms.layout import Colour, Layout, PlacedField
from synthesis.geometry import Box
from synthesis.ink.marks import mark_strokes
from synthesis.ink.pen import Pen
from synthesis.sheet import Sheet

BLUE: Colour = (24, 44, 132)
BLACK: Colour = (26, 26, 32)


@dataclass(frozen=True, slots=True)
class Hand:
    """Who writes, and with what."""

    face: str
    signature_face: str
    colour: Colour = BLUE
    capital_height: float = 10.0
    """Of a capital letter, in points, where the field is wide enough."""
    pen: float = 1.0
    """Width of a pen stroke in points."""
    bold: float = 0.0
    """Points by which letters are thickened; for faces that are thinner than a pen."""
    spacing: float = 0.35
    """Points between letters, beyond what the face has."""
    restless: float = 1.0
    """Factor on all jitter; 0 writes like a machine."""


def fill_form(
    blank: Sheet, layout: Layout, values: Mapping[str, str], hand: Hand, fonts: FontFolder, seed: int
) -> Sheet:
    """The blank page with `values` (field name to text) written into it.

    A box takes the name of a `CheckboxState`, a signature the name to sign with; fields without a value stay blank.
    Expects an untouched, upright sheet in colour. Raises ValueError for a name that is no field of the form.
    """
    unknown = sorted(set(values) - set(layout.fields))
    if unknown:
        raise ValueError(f"form {layout.form.name!r} has no field {unknown[0]!r}; it has {sorted(layout.fields)}")
    random = np.random.default_rng(seed)
    writer = _Writer(blank, hand, fonts, random)
    for name, placed in layout.fields.items():
        if values.get(name):
            writer.field(placed, values[name])
    return blank.after(f"filled in by hand (seed {seed})", writer.pen.soak(blank.image, hand.colour))


class _Writer:
    def __init__(self, blank: Sheet, hand: Hand, fonts: FontFolder, random: np.random.Generator) -> None:
        rows, columns = blank.image.shape[:2]
        self.pen = Pen((rows, columns), random)
        self._scale = blank.dpi / 72
        self._hand, self._fonts, self._random = hand, fonts, random

    def field(self, placed: PlacedField, value: str) -> None:
        match placed.kind:
            case FieldKind.CHECKBOX | FieldKind.RADIO:
                self._mark(placed.box, CheckboxState(value))
            case FieldKind.COMB:
                self._comb(placed, value)
            case FieldKind.SIGNATURE:
                self._sign(placed.writing, value)
            case _:
                self._line(placed.writing, value)

    def _jitter(self, points: float) -> float:
        return float(self._random.normal(0, points * self._hand.restless * self._scale))

    def _face(self, capital_height: float) -> ImageFont.FreeTypeFont:
        probe = self._fonts.face(self._hand.face, 100)
        top, bottom = probe.getbbox("H", anchor="ls")[1::2]
        return self._fonts.face(self._hand.face, 100 * capital_height * self._scale / (bottom - top))

    def _line(self, area: Box, text: str) -> None:
        height = min(self._hand.capital_height, 0.62 * area.height)
        face = self._face(height)
        room = (area.width * 0.95 - self._hand.spacing * len(text)) * self._scale
        if face.getlength(text) > room:
            face = self._face(height * room / face.getlength(text))
        x = area.left * self._scale + abs(self._jitter(2.0))
        slack = min(area.height, 30.0)
        y = (area.bottom - 0.22 * slack) * self._scale + self._jitter(0.8)
        slope = float(self._random.normal(0, 0.006)) * self._hand.restless
        start = x
        for letter in text:
            level = y - slope * (x - start) + self._jitter(0.3)
            self._letter(letter, face, x, level)
            x += face.getlength(letter) + self._hand.spacing * self._scale + self._jitter(0.15)

    def _letter(self, letter: str, face: ImageFont.FreeTypeFont, x: float, y: float) -> None:
        turn = float(self._random.normal(0, 1.8)) * self._hand.restless
        shear = float(self._random.normal(0, 0.03)) * self._hand.restless
        self.pen.glyphs(letter, face, (x, y), degrees=turn, shear=shear, width=self._hand.bold * self._scale)

    def _comb(self, placed: PlacedField, value: str) -> None:
        letters = [letter for letter in value if not letter.isspace()]
        if len(letters) > len(placed.cells):
            raise ValueError(f"{len(letters)} characters do not fit the {len(placed.cells)} cells of {placed.name!r}")
        for letter, cell in zip(letters, placed.cells, strict=False):
            face = self._face(min(self._hand.capital_height, 0.58 * cell.height))
            x = cell.centre[0] * self._scale - face.getlength(letter) / 2 + self._jitter(0.5)
            y = (cell.bottom - 0.22 * cell.height) * self._scale + self._jitter(0.5)
            self._letter(letter, face, x, y)

    def _mark(self, box: Box, state: CheckboxState) -> None:
        centre = np.array(box.centre) * self._scale
        for stroke in mark_strokes(state, self._random):
            self.pen.stroke(centre + stroke * box.width * self._scale, self._hand.pen * self._scale)

    def _sign(self, area: Box, name: str) -> None:
        scale, random = self._scale, self._random
        face = self._fonts.face(self._hand.signature_face, 30 * scale)
        room = area.width * scale * random.uniform(0.62, 0.8)
        face = self._fonts.face(self._hand.signature_face, min(46 * scale, 30 * scale * room / face.getlength(name)))
        length = face.getlength(name)
        x = (area.left + random.uniform(4, 16)) * scale
        y = (area.bottom - random.uniform(9, 14)) * scale
        turn, shear = random.uniform(0, 5), random.uniform(-0.05, 0.25)
        self.pen.glyphs(name, face, (x, y), degrees=turn, shear=shear, width=0.35 * self._hand.pen * scale)
        if random.random() < 0.6:
            rise = np.tan(np.radians(turn)) * length
            line = [(0.95, 0.0), (0.5, 3.0), (0.02, 4.5), (0.1, 6.5), (0.6, 3.0), (1.08, 1.0)]
            flourish = [(x + along * length, y - rise * along + below * scale) for along, below in line]
            self.pen.stroke(np.array(flourish), self._hand.pen * scale)
