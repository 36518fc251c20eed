"""Regions as before, and more of what is easily taken for a signature, or for none.

Display type, crosses and arrows at a line to sign, flags, fibres and struck print are none; corners in place of loops
are one.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from schemas.prediction import SignatureKind
from synthesis.crops.signature_regions import Random, Region, RegionDrawer, inked_and_scanned, room, scanned
from synthesis.fonts import TRAINING_DISPLAY, UNSIGNED_DISPLAY, FontFolder
from synthesis.ink.crop_ink import Cover, draw_cover, transformed
from synthesis.ink.display_type import DisplayType
from synthesis.ink.pen_strokes import Part
from synthesis.ink.signature_ink import drawn_ink
from synthesis.ink.signature_print import sign_here_flag, stamp_on, typed_text
from synthesis.ink.signing_marks import fibre, pointing, struck
from synthesis.sheet import Pixels

_DISPLAY = 0.22
"""Share of the print that is one line of display type."""
_STRUCK, _POINTING, _FIBRES = 0.14, 0.4, 0.2
"""Share of the stray lines that strike out print; of the others, marks that say where to sign, and fibres."""
_FIBRE = (0.006, 0.03)
"""Least and largest width of a fibre, of its height."""
_SHARP = 0.08
"""Share of the signatures with corners in place of loops."""
_AT_LINE, _FLAGGED = 0.12, 0.35
"""Share of regions with a place to sign besides what else there is; of these, where a flag says so."""
_SMALLEST, _LARGEST = 18.0, 110.0
"""Height in pixels of its scan."""


class LookalikeDrawer(RegionDrawer):
    """Draws regions with lookalikes among them."""

    shares = {
        SignatureKind.SIGNATURE: 0.32,
        SignatureKind.INITIALS: 0.06,
        SignatureKind.PRINTED_TEXT: 0.25,
        SignatureKind.EMPTY: 0.05,
        SignatureKind.HANDWRITTEN_TEXT: 0.17,
        SignatureKind.STAMP: 0.04,
        SignatureKind.STRAY_LINE: 0.11,
    }

    def __init__(self, data: Path, fonts: FontFolder, cache: Path, part: Part) -> None:
        """As a RegionDrawer; display type comes in faces of its own for training and for choices."""
        super().__init__(data, fonts, cache, part)
        chosen_on = tuple(face for face in UNSIGNED_DISPLAY if face not in TRAINING_DISPLAY)
        learns = part is Part.TRAIN
        self._display = DisplayType(fonts, TRAINING_DISPLAY if learns else chosen_on, 1 if learns else 2)

    def draw(self, kind: SignatureKind, random: Random) -> Region:
        """A region of `kind`, some of them lookalikes."""
        if kind is SignatureKind.PRINTED_TEXT and random.random() < _DISPLAY:
            return self._displayed(random)
        if kind is SignatureKind.STRAY_LINE and random.random() < _STRUCK:
            return self._struck_print(random)
        return super().draw(kind, random)

    def _cover(self, kind: SignatureKind, random: Random) -> Cover | None:
        height, chance = _height(random), random.random()
        if kind is SignatureKind.SIGNATURE and chance < _SHARP:
            return drawn_ink(self._hand.sharp_signature(random), height, random)
        if kind is SignatureKind.STRAY_LINE and chance < _POINTING:
            return drawn_ink(pointing(random), height * random.uniform(0.4, 1), random)
        if kind is SignatureKind.STRAY_LINE and chance < _POINTING + _FIBRES:
            return drawn_ink(fibre(random), height, random, pen=height * random.uniform(*_FIBRE))
        return super()._cover(kind, random)

    def _backdrop(self, size: tuple[int, int], line: float, random: Random, *, bare: bool, signed: bool) -> Pixels:
        paper = super()._backdrop(size, line, random, bare=bare, signed=signed)
        if not bare and random.random() < _AT_LINE:
            self._signing_place(paper, line, random)
            if random.random() < _FLAGGED:
                sign_here_flag(paper, random, self._closings, line)
        return paper

    def _displayed(self, random: Random) -> Region:
        """A line of display type, on bare paper or among print."""
        ink = self._display.draw(random, _height(random))
        size, (top, left) = room(ink.shape, random)
        line = float(np.clip(ink.shape[0] * np.exp(random.uniform(np.log(0.15), np.log(0.6))), 6, 50))
        paper = self._backdrop(size, line, random, bare=random.random() < 0.5, signed=True)
        shade = float(random.uniform(0, 70) if random.random() < 0.7 else random.uniform(70, 160))
        stamp_on(paper, ink, left, top, shade)
        return Region(scanned(paper, random, edge=int(random.integers(0, 60))), SignatureKind.PRINTED_TEXT)

    def _struck_print(self, random: Random) -> Region:
        """Lines of print, one of which does not count any more."""
        line = float(np.exp(random.uniform(np.log(12), np.log(45))))
        size = round(line * random.uniform(1.3, 4.5)), round(line * random.uniform(3.5, 12))
        paper: Pixels = np.full(size, int(random.integers(225, 256)), np.uint8)
        typed_text(paper, self._print, random, line, float(random.integers(0, 90)))
        level, left = random.uniform(-0.1, 0.9) * (size[0] - line), random.uniform(-0.1, 0.3) * size[1]
        strokes = struck(random, random.uniform(0.4, 1.0) * size[1] / line)
        placed = transformed(strokes, np.eye(2) * line, (left, level))
        full = draw_cover(size, placed, max(0.8, line * random.uniform(0.04, 0.13)))
        return Region(inked_and_scanned(paper, full, random), SignatureKind.STRAY_LINE)


def _height(random: Random) -> float:
    return float(np.exp(random.uniform(np.log(_SMALLEST), np.log(_LARGEST))))
